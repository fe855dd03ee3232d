// Command train trains the network of package digitnet on MNIST's 60,000 training digits, as they are and slightly
// turned, moved and stretched, and on synthetic ones, which other pens wrote; and writes its weights. It runs at the
// root of the repository, takes some minutes, and needs the real MNIST.
//
//	go run ./mlkit/digitnet/train
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/nn"
)

func main() {
	if err := train(filepath.Join("mlkit", "digitnet", "weights.bin")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func train(path string) error {
	digits, err := mnist.Load()
	if err != nil {
		return err
	}
	compiled := func(rate float64) *nn.Model {
		return nn.Sequential("",
			nn.Conv2D{Filters: 32, KernelSize: nn.Size{3, 3}, Activation: nn.ReLU, InputShape: nn.Shape{28, 28, 1}},
			nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
			nn.Conv2D{Filters: 64, KernelSize: nn.Size{2, 2}, Activation: nn.ReLU},
			nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
			nn.Flatten{},
			nn.Dense{Units: 128, Activation: nn.ReLU},
			nn.Dropout{Rate: 0.4},
			nn.Dense{Units: 10, Activation: nn.Softmax},
		).Compile(nn.Adam{LearningRate: rate}, nn.CategoricalCrossentropy, nn.Accuracy)
	}
	names := []string{"conv2d", "conv2d_1", "dense", "dense_1"}
	var learnt [4][]*array.Array
	for _, phase := range []struct {
		rate   float64
		rounds int
	}{{1e-3, 5}, {2e-4, 3}} {
		model := compiled(phase.rate)
		for i, weights := range learnt {
			if weights != nil {
				if err := model.SetWeights(names[i], weights...); err != nil {
					return err
				}
			}
		}
		for round := range phase.rounds {
			seed := uint64(1e6*phase.rate) + uint64(round)
			images, labels := mnist.Synthetic(20_000, seed)
			x := append(varied(array.Values[uint8](digits.TrainImages), seed), array.Values[uint8](images)...)
			y := append(array.Values[uint8](digits.TrainLabels), array.Values[uint8](labels)...)
			_, err := model.Fit(array.From(x, -1, 28, 28, 1).Div(255), nn.ToCategorical(array.From(y), 10), nn.FitOptions{
				Seed: int64(seed), Continue: learnt[0] != nil,
				ValidationX: digits.TestImages.Reshape(-1, 28, 28, 1).Div(255), ValidationY: nn.ToCategorical(digits.TestLabels, 10),
			})
			if err != nil {
				return err
			}
			for i, name := range names {
				if learnt[i], err = model.Weights(name); err != nil {
					return err
				}
			}
		}
	}
	var layers [4]digitnet.Weights
	for i, weights := range learnt {
		layers[i] = digitnet.Weights{Kernel: array.Values[float32](weights[0]), Bias: array.Values[float32](weights[1])}
	}
	file, err := digitnet.Encode(layers)
	if err != nil {
		return err
	}
	return os.WriteFile(path, file, 0o644)
}

// varied are the pictures, each slightly turned, moved, slanted and stretched; every fourth stays as it is.
func varied(pictures []uint8, seed uint64) []uint8 {
	rng := rand.New(rand.NewPCG(seed, 0))
	around := func(spread float64) float64 { return spread * (2*rng.Float64() - 1) }
	const side = digitnet.Side
	result := make([]uint8, len(pictures))
	for start := 0; start < len(pictures); start += side * side {
		from, to := pictures[start:][:side*side], result[start:][:side*side]
		if rng.IntN(4) == 0 {
			copy(to, from)
			continue
		}
		sin, cos := math.Sincos(around(.2))
		wide, high, slant := 1+around(.15), 1+around(.15), around(.2)
		dx, dy := around(2), around(2)
		for i := range to {
			x, y := float64(i%side)-side/2+.5-dx, float64(i/side)-side/2+.5-dy
			x, y = (x*cos-y*sin)*wide+slant*y, (x*sin+y*cos)*high
			to[i] = between(from, x+side/2-.5, y+side/2-.5)
		}
	}
	return result
}

// between is the picture's value at a place between pixels.
func between(picture []uint8, x, y float64) uint8 {
	const side = digitnet.Side
	left, top := math.Floor(x), math.Floor(y)
	sum := 0.0
	for i := range 4 {
		px, py := left+float64(i%2), top+float64(i/2)
		if px >= 0 && px < side && py >= 0 && py < side {
			sum += (1 - math.Abs(x-px)) * (1 - math.Abs(y-py)) * float64(picture[int(py)*side+int(px)])
		}
	}
	return uint8(math.Round(sum))
}
