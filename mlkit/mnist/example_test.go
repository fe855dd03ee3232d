package mnist_test

import (
	"bytes"
	"fmt"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/mnist"
)

// Digits drawn here look like MNIST's, and come in the same arrays.
func ExampleSynthetic() {
	images, labels := mnist.Synthetic(1000, 1)
	fmt.Println(images.Shape(), images.DType(), images.Min(), images.Max())
	fmt.Println(labels.Slice(0, 10))
	for y := 4; y < 24; y += 2 { // two rows to a line
		for x := 4; x < 24; x++ {
			fmt.Print(string(" .:#"[int(images.At(2, y, x))/64]))
		}
		fmt.Println("|")
	}
	// Output:
	// [1000 28 28] uint8 0 255
	// [5 9 7 5 1 5 7 5 5 8]
	//                     |
	//            .:##     |
	//     :##########     |
	//   .##:    .###      |
	//           ###       |
	//          .##:       |
	//          .##:       |
	//          .###       |
	//           ###       |
	//           ###       |
}

// A lesson loads the digits in every cell: the real ones, if they are here.
func ExampleLoadOrSynthetic() {
	digits := mnist.LoadOrSynthetic()
	fmt.Println(digits)
	xTrain := digits.TrainImages.Slice(0, 6000) // [6000, 28, 28]
	fmt.Println(xTrain.Shape())
}

// Decode reads MNIST's file format from wherever it comes.
func ExampleDecode() {
	file := []byte{
		0, 0, 8, 1, // bytes, one axis
		0, 0, 0, 5, // five of them
		7, 2, 1, 0, 4,
	}
	labels, err := mnist.Decode(bytes.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(labels, array.Values[uint8](labels))

	_, err = mnist.Decode(bytes.NewReader(file[:10]))
	fmt.Println(err)
	// Output:
	// [7 2 1 0 4] [7 2 1 0 4]
	// not an IDX file of bytes: it announces 5 elements, in the shape [5], and has 2
}
