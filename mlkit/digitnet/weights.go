package digitnet

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"sync"
)

// weights are the trained network's: see Encode.
//
//go:embed weights.bin
var weights []byte

// Trained returns the network that was trained on MNIST.
var Trained = sync.OnceValue(func() *Network {
	layers, err := Decode(weights)
	if err != nil {
		panic(err) // the file in this package is damaged
	}
	n, err := New(layers)
	if err != nil {
		panic(err)
	}
	return n
})

// magic begins a file of weights, with the version of its layout.
const magic = "digitnet 1\n"

// Encode makes a file of weights. Each filter's become whole numbers from −127 to 127 and a scale: a quarter of the size,
// and the network reads as well. After a first line, layer by layer:
//
//	scale   float32 [filters], little-endian
//	bias    float32 [filters], little-endian
//	kernel  int8 [height, width, channels, filters]; times the filter's scale, these are the weights
func Encode(layers [4]Weights) ([]byte, error) {
	if err := check(layers); err != nil {
		return nil, err
	}
	file := []byte(magic)
	for i, s := range shapes {
		w := layers[i]
		scales := make([]float32, s.filters, 2*s.filters)
		for j, v := range w.Kernel {
			scales[j%s.filters] = max(scales[j%s.filters], float32(math.Abs(float64(v)))/127)
		}
		for _, v := range append(scales, w.Bias...) {
			file = binary.LittleEndian.AppendUint32(file, math.Float32bits(v))
		}
		for j, v := range w.Kernel {
			whole := 0.0
			if scale := scales[j%s.filters]; scale > 0 {
				whole = math.Round(float64(v / scale))
			}
			file = append(file, byte(int8(whole)))
		}
	}
	return file, nil
}

// Decode reads a file that Encode made.
func Decode(file []byte) ([4]Weights, error) {
	var layers [4]Weights
	size := len(magic)
	for _, s := range shapes {
		size += 8*s.filters + s.weights()
	}
	if len(file) != size || string(file[:len(magic)]) != magic {
		return layers, errors.New("these are no weights of a digit network: want " + strconv.Itoa(size) + " bytes that begin with " + strconv.Quote(magic))
	}
	file = file[len(magic):]
	for i, s := range shapes {
		scales, w := make([]float32, s.filters), Weights{make([]float32, s.weights()), make([]float32, s.filters)}
		for _, list := range [][]float32{scales, w.Bias} {
			for j := range list {
				list[j] = math.Float32frombits(binary.LittleEndian.Uint32(file))
				file = file[4:]
			}
		}
		for j := range w.Kernel {
			w.Kernel[j] = scales[j%s.filters] * float32(int8(file[j]))
		}
		file = file[s.weights():]
		layers[i] = w
	}
	return layers, check(layers)
}
