// Package digitnet reads handwritten digits with a small network that was trained already: the digit lesson's, in
// direct loops of plain Go, so that it runs anywhere Go does, in a browser too.
//
//	var maps digitnet.Maps
//	digitnet.Ink(strokes, maps.Layer(0)) // what was drawn, as MNIST's pictures are
//	digitnet.Trained().Forward(&maps)
//	digit, probability := maps.Digit()
//
// All that the network computes on the way is kept: every layer's feature maps are there to be looked at.
//
// The layers are mlkit/nn's
//
//	Conv2D{Filters: 32, KernelSize: {3, 3}, Activation: ReLU}, MaxPooling2D{},
//	Conv2D{Filters: 64, KernelSize: {2, 2}, Activation: ReLU}, MaxPooling2D{},
//	Flatten{}, Dense{Units: 128, Activation: ReLU}, Dropout{}, Dense{Units: 10, Activation: Softmax}
//
// with 304,906 weights, which were trained by
//
//	go run ./mlkit/digitnet/train
package digitnet

import (
	"errors" // fmt would make the module for browsers a third larger
	"math"
	"strconv"
)

// Side is the number of pixels in a row and in a column of a picture.
const Side = 28

// A Layer is a layer's output: maps that are as wide as they are high.
type Layer struct {
	Name     string
	Channels int
	Side     int
}

// Layers are the network's, the picture itself before them.
var Layers = [...]Layer{
	{"picture", 1, Side},
	{"convolution 1", 32, 26},
	{"pooling 1", 32, 13},
	{"convolution 2", 64, 12},
	{"pooling 2", 64, 6},
	{"dense", 128, 1},
	{"probabilities", 10, 1},
}

// Len is the number of values of all its maps.
func (l Layer) Len() int { return l.Channels * l.Side * l.Side }

// Maps are what the network makes of a picture: the maps of all Layers, one after another.
type Maps [Side*Side + 32*26*26 + 32*13*13 + 64*12*12 + 64*6*6 + 128 + 10]float32

// Layer returns the maps of one of Layers, [channels, side, side]. Layer(0) is the picture that Forward takes: 0 is the
// paper, 1 ink.
func (m *Maps) Layer(i int) []float32 {
	start := 0
	for _, l := range Layers[:i] {
		start += l.Len()
	}
	return m[start:][:Layers[i].Len():Layers[i].Len()]
}

// Map returns one channel of Layer(i), [side, side].
func (m *Maps) Map(i, channel int) []float32 {
	size := Layers[i].Side * Layers[i].Side
	return m.Layer(i)[channel*size:][:size:size]
}

// Probabilities are those of the digits 0 to 9.
func (m *Maps) Probabilities() []float32 { return m.Layer(len(Layers) - 1) }

// Digit is the likeliest digit, and how likely it is.
func (m *Maps) Digit() (digit int, probability float32) {
	for d, p := range m.Probabilities() {
		if p > probability {
			digit, probability = d, p
		}
	}
	return digit, probability
}

// A Network is a trained one. Several goroutines may use it at once, each with its own Maps.
type Network struct {
	conv1, conv2, dense, output convolution
}

// Weights are those of a layer, as Keras and mlkit/nn have them: the kernel is [height, width, channels, filters], or
// [inputs, units] where the layer is dense.
type Weights struct{ Kernel, Bias []float32 }

// New returns a network with the weights of the four layers that have some.
func New(layers [4]Weights) (*Network, error) {
	if err := check(layers); err != nil {
		return nil, err
	}
	n := new(Network)
	for i, c := range [...]*convolution{&n.conv1, &n.conv2, &n.dense, &n.output} {
		*c = newConvolution(shapes[i], layers[i])
	}
	return n, nil
}

// check says what is wrong with weights.
func check(layers [4]Weights) error {
	for i, s := range shapes {
		w := layers[i]
		if len(w.Kernel) != s.weights() || len(w.Bias) != s.filters {
			return errors.New("layer " + strconv.Itoa(i+1) + " of the digit network needs " + strconv.Itoa(s.weights()) + " weights and " +
				strconv.Itoa(s.filters) + " biases; there are " + strconv.Itoa(len(w.Kernel)) + " and " + strconv.Itoa(len(w.Bias)))
		}
		for _, list := range [][]float32{w.Kernel, w.Bias} {
			for _, v := range list {
				if !(math.Abs(float64(v)) <= math.MaxFloat32) {
					return errors.New("layer " + strconv.Itoa(i+1) + " of the digit network has a weight that is not a finite number")
				}
			}
		}
	}
	return nil
}

// Forward computes all maps from the picture in m.Layer(0). It allocates nothing.
func (n *Network) Forward(m *Maps) {
	n.conv1.forward(m.Layer(0), m.Layer(1))
	relu(m.Layer(1))
	pool(m.Layer(1), m.Layer(2), 26)
	n.conv2.forward(m.Layer(2), m.Layer(3))
	relu(m.Layer(3))
	pool(m.Layer(3), m.Layer(4), 12)
	n.dense.forward(m.Layer(4), m.Layer(5))
	relu(m.Layer(5))
	n.output.forward(m.Layer(5), m.Layer(6))
	softmax(m.Layer(6))
}

// pool takes the maximum of each 2 × 2 pixels.
func pool(from, to []float32, side int) {
	half := side / 2
	for i := range to {
		y, x := i/half, i%half // y counts on through the channels
		upper := from[2*y*side+2*x:][:2]
		lower := from[(2*y+1)*side+2*x:][:2]
		to[i] = max(upper[0], upper[1], lower[0], lower[1])
	}
}

func relu(values []float32) {
	for i, v := range values {
		values[i] = max(0, v)
	}
}

func softmax(values []float32) {
	highest := values[0]
	for _, v := range values {
		highest = max(highest, v)
	}
	sum := 0.0
	for _, v := range values {
		sum += math.Exp(float64(v - highest))
	}
	for i, v := range values {
		values[i] = float32(math.Exp(float64(v-highest)) / sum)
	}
}
