package cell_test

import (
	"fmt"
	"strconv"
	"time"

	"gopherlens/mlkit/cell"
)

// Outside a notebook, as here, everything is printed as text.
func Example() {
	images := cell.Must(strconv.Atoi("60000")) // a value, or the end of the cell with a sentence
	cell.Show("MNIST:", cell.Table(
		[]string{"for", "images"},
		[][]string{{"training", fmt.Sprint(images)}, {"testing", "10000"}},
	))
	// Output:
	// MNIST:
	// for       images
	// training  60000
	// testing   10000
}

func ExampleShow() {
	cell.Show("text", 42, []string{"a", "slice"}, 3*time.Second, fmt.Errorf("an error's sentence"))
	// Output:
	// text
	// 42
	// [a slice]
	// 3s
	// an error's sentence
}

// In a notebook the second line takes the place of the first.
func ExampleLive() {
	loss := cell.NewLive()
	for epoch, l := range []float64{0.41, 0.12} {
		loss.Show(fmt.Sprintf("epoch %d: loss %.2f", epoch+1, l))
	}
	// Output:
	// epoch 1: loss 0.41
	// epoch 2: loss 0.12
}

// In a notebook the second line takes the place of all that was shown before it.
func ExampleClear() {
	for _, step := range []string{"reading …", "ready"} {
		cell.Clear()
		cell.Show(step)
	}
	// Output:
	// reading …
	// ready
}

func ExampleTable() {
	t := cell.Table([]string{"layer", "output"}, [][]string{{"Flatten", "(1152)"}, {"Dense", "(128)"}})
	fmt.Println(t)
	// Output:
	// layer    output
	// Flatten  (1152)
	// Dense    (128)
}
