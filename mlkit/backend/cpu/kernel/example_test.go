package kernel_test

import (
	"fmt"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// A dense layer: two rows of three features, three-by-two weights, a bias and the rectifier.
func ExampleBrgemm() {
	x := []float32{1, 2, 3, -1, 0, 1}
	w := []float32{1, -1, 0, 2, 1, 0}
	y := make([]float32, 4)
	g := kernel.Brgemm{
		M: 2, N: 2, K: 3,
		A: x, AMS: 3, AKS: 1,
		B: w, BKS: 2,
		C: y, LDC: 2,
		Bias: []float32{0, -4}, Activation: kernel.ReLU,
	}
	g.Run()
	fmt.Println(y)
	// Output: [4 0 0 0]
}

// A convolution of a row of four pixels with two channels: three taps, each a term of the sum, and
// weights [tap, input, output] packed once.
func ExamplePackB() {
	x := []float32{1, 0, 2, 0, 3, 0, 4, 1}
	w := []float32{1, 0, 10, 0, 100, 5}
	const taps, inputs, outputs = 3, 2, 1
	_, nr := kernel.Tile()
	packed := make([]float32, kernel.PackedLen(taps*inputs, outputs))
	kernel.PackB(packed, w, taps*inputs, outputs, outputs, 1)
	g := kernel.Brgemm{
		M: 2, N: outputs, K: inputs,
		A: x, AMS: inputs, AKS: 1, AOff: []int32{0, inputs, 2 * inputs},
		B: packed, BKS: nr, BPanel: taps * inputs * nr, BOff: []int32{0, int32(inputs * nr), int32(2 * inputs * nr)},
		C: make([]float32, 2), LDC: outputs,
	}
	g.Run()
	fmt.Println(g.C)
	// Output: [321 437]
}

func ExampleGemm() {
	// C = A·Bᵀ
	g := kernel.Gemm{
		M: 2, N: 2, K: 3,
		A: []float32{1, 2, 3, 4, 5, 6}, LDA: 3,
		B: []float32{1, 0, 1, 0, 1, 0}, LDB: 3, TransB: true,
		C: make([]float32, 4), LDC: 2,
	}
	g.Run()
	fmt.Println(g.C)
	// Output: [4 2 10 5]
}

func ExampleSoftmax() {
	p := make([]float32, 2)
	kernel.Softmax(p, []float32{1000, 1000})
	fmt.Println(p)
	// Output: [0.5 0.5]
}

func ExampleMaxPool2x2() {
	above, below := []float32{1, 2, 3, 4}, []float32{5, 6, 0, 1}
	y := make([]float32, 2)
	kernel.MaxPool2x2(y, above, below, 2, 1)
	fmt.Println(y)
	dAbove, dBelow := make([]float32, 4), make([]float32, 4)
	kernel.MaxPool2x2Grad(dAbove, dBelow, above, below, []float32{10, 20}, 2, 1)
	fmt.Println(dAbove, dBelow)
	// Output:
	// [6 4]
	// [0 0 0 20] [0 10 0 0]
}
