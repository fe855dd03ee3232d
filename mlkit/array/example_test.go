package array_test

import (
	"fmt"

	"gopherlens/mlkit/array"
)

// What happens to the pictures of digits before a network sees them.
func Example() {
	pixels := []uint8{
		0, 128, 255,
		0, 255, 51,
		255, 0, 0,
		128, 255, 0,
	}
	images := array.From(pixels, 2, 2, 3) // two images of 2×3
	fmt.Println(images.Shape(), images.DType())
	fmt.Println(images)

	deep := images.Reshape(-1, 2, 3, 1) // a depth of 1, for the convolution
	low, high := deep.Min(), deep.Max()
	normal := deep.Sub(low).Div(high - low)
	fmt.Println(normal.Shape(), normal.DType(), normal.Min(), normal.Max())
	fmt.Println(normal.Index(0).Reshape(2, 3))
	// Output:
	// [2 2 3] uint8
	// [[[  0 128 255]
	//   [  0 255  51]]
	//
	//  [[255   0   0]
	//   [128 255   0]]]
	// [2 2 3 1] float32 0 1
	// [[0.        0.5019608 1.       ]
	//  [0.        1.        0.2      ]]
}

func ExampleFrom() {
	values := []int{1, 3, 5}
	a := array.From(values)
	values[0] = 7 // the array shares them
	fmt.Println(a)
	fmt.Println(array.From([]float64{1, 2, 3, 4, 5, 6}, 2, -1))
	// Output:
	// [7 3 5]
	// [[1. 2. 3.]
	//  [4. 5. 6.]]
}

func ExampleZeros() {
	image := array.Zeros(array.Float32, 2, 3)
	array.Values[float32](image)[4] = 0.5 // the array's own values: row 1, column 1
	fmt.Println(image)
	// Output:
	// [[0.  0.  0. ]
	//  [0.  0.5 0. ]]
}

// A large array is summarised.
func ExampleArray_String() {
	fmt.Println(array.Zeros(array.Uint8, 6000, 28, 28))
	// Output:
	// [[[0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   ...
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]]
	//
	//  [[0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   ...
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]]
	//
	//  [[0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   ...
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]]
	//
	//  ...
	//
	//  [[0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   ...
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]]
	//
	//  [[0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   ...
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]]
	//
	//  [[0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   ...
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]
	//   [0 0 0 ... 0 0 0]]]
}

// Whole numbers stay whole and never wrap around at 255, until a fraction comes in.
func ExampleArray_Add() {
	pixels := array.From([]uint8{200, 100})
	for _, a := range []*array.Array{pixels.Add(100), pixels.Add(pixels), pixels.Mul(0.5), pixels.Div(100), pixels.Mul(2).Uint8()} {
		fmt.Println(a, a.DType())
	}
	// Output:
	// [300 200] int
	// [400 200] int
	// [100.  50.] float32
	// [2. 1.] float32
	// [255 200] uint8
}

// A column and a row make a table: each is repeated along the other.
func ExampleArray_Mul_broadcast() {
	column := array.From([]int{1, 2, 3}, 3, 1)
	row := array.From([]int{1, 10, 100, 1000})
	fmt.Println(column.Mul(row))
	// Output:
	// [[   1   10  100 1000]
	//  [   2   20  200 2000]
	//  [   3   30  300 3000]]
}

// The likeliest class of each sample.
func ExampleArray_ArgMaxAxis() {
	probabilities := array.From([]float32{
		0.1, 0.7, 0.2,
		0.8, 0.1, 0.1,
	}, 2, 3)
	fmt.Println(probabilities.ArgMaxAxis(-1))
	// Output: [1 0]
}

func ExampleArray_Slice() {
	a := array.From([]int{1, 2, 3, 4, 5, 6}, 3, 2)
	fmt.Println(a.Slice(1, 3))
	fmt.Println(a.Index(1), a.At(1, 0))
	// Output:
	// [[3 4]
	//  [5 6]]
	// [3 4] 3
}

// A mistake panics with a sentence.
func ExampleArray_Reshape_mistake() {
	defer func() { fmt.Println(recover()) }()
	array.Zeros(array.Uint8, 10, 28, 28).Reshape(10, 28, 82, 1)
	// Output: Reshape: an array of shape (10, 28, 28) cannot take the shape (10, 28, 82, 1): that is 22960 numbers in place of 7840
}

func ExampleTODO() {
	xTrain4D := array.TODO("xTrain4D")
	fmt.Println(xTrain4D)
	fmt.Println(xTrain4D.IsTODO())
	// Output:
	// xTrain4D is still a TODO: fill in its cell and run it first
	// xTrain4D true
}
