package array

import (
	"fmt"
	"math"
	"slices"

	"gopherlens/mlkit/internal/fault"
)

// Reshape is a view of the same numbers, in the same order, in another shape. One length may be −1: it
// is worked out from the others.
func (a *Array) Reshape(dims ...int) *Array {
	a.mustBe("Reshape")
	shape, problem := fit(dims, a.data.len())
	if problem != "" {
		fault.Panicf("Reshape: an array of shape %s cannot take the shape %s: %s", tuple(a.shape), tuple(dims), problem)
	}
	return &Array{shape: shape, data: a.data}
}

// Slice is a view of the rows from, from+1, …, to−1 along the first axis: x.Slice(0, 6000) is NumPy's
// x[0:6000].
func (a *Array) Slice(from, to int) *Array {
	a.mustBe("Slice")
	if len(a.shape) == 0 {
		fault.Panicf("Slice: an array of shape () is a single number and has no axis to slice")
	}
	if from < 0 || from > to || to > a.shape[0] {
		fault.Panicf("Slice(%d, %d) of an array of shape %s: the first axis goes from 0 to %d", from, to, tuple(a.shape), a.shape[0])
	}
	row := product(a.shape[1:])
	shape := append([]int{to - from}, a.shape[1:]...)
	return &Array{shape: shape, data: a.data.slice(from*row, to*row)}
}

// Index is a view of the element i of the first axis, with one axis less: of images
// [n, height, width], the image i, [height, width].
func (a *Array) Index(i int) *Array {
	a.mustBe("Index")
	if len(a.shape) == 0 {
		fault.Panicf("Index: an array of shape () is a single number; read it with At()")
	}
	if i < 0 || i >= a.shape[0] {
		fault.Panicf("Index(%d) of an array of shape %s: the first axis has %d, counted from 0", i, tuple(a.shape), a.shape[0])
	}
	row := product(a.shape[1:])
	return &Array{shape: append([]int{}, a.shape[1:]...), data: a.data.slice(i*row, (i+1)*row)}
}

// At is the number at a position, which takes an index for each axis.
func (a *Array) At(index ...int) float64 {
	a.mustBe("At")
	if len(index) != len(a.shape) {
		fault.Panicf("At(%s) of an array of shape %s: it takes %d indices, one for each axis", list(index), tuple(a.shape), len(a.shape))
	}
	at := 0
	for axis, i := range index {
		if i < 0 || i >= a.shape[axis] {
			fault.Panicf("At(%s) of an array of shape %s: axis %d has %d, counted from 0", list(index), tuple(a.shape), axis, a.shape[axis])
		}
		at = at*a.shape[axis] + i
	}
	return a.data.at(at)
}

// fit gives n numbers a shape, with at most one −1 worked out; or it says why that cannot be.
func fit(dims []int, n int) (shape []int, problem string) {
	shape = append([]int{}, dims...)
	unknown := -1
	for i, d := range dims {
		switch {
		case d == -1 && unknown < 0:
			unknown, shape[i] = i, 1
		case d == -1:
			return nil, "only one length can be -1"
		case d < 0:
			return nil, "a length cannot be negative"
		}
	}
	known := product(shape)
	if unknown < 0 {
		if known != n {
			return nil, fmt.Sprintf("that is %d numbers in place of %d", known, n)
		}
		return shape, ""
	}
	if known == 0 {
		return nil, "beside a length of 0, the -1 could be anything"
	}
	if n%known != 0 {
		return nil, fmt.Sprintf("%d numbers cannot be shared out among %d", n, known)
	}
	shape[unknown] = n / known
	return shape, ""
}

// product multiplies lengths that are not negative. Where an int cannot hold the product, it is the
// largest int.
func product(lengths []int) int {
	if slices.Contains(lengths, 0) {
		return 0
	}
	n := 1
	for _, d := range lengths {
		if d > math.MaxInt/n {
			return math.MaxInt
		}
		n *= d
	}
	return n
}
