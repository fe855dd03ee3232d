// Package array has n-dimensional arrays of numbers that print, slice, reshape and calculate as
// NumPy's do.
//
//	images := array.From(pixels, 6000, 28, 28)       // []uint8, shared and not copied
//	fmt.Println(images.Shape())                      // [6000 28 28]
//	deep := images.Reshape(-1, 28, 28, 1)            // a view: the same numbers in another shape
//	low, high := deep.Min(), deep.Max()
//	normal := deep.Sub(low).Div(high - low)          // float32, from 0 to 1
//	fmt.Println(normal.Slice(0, 16))                 // the first 16 images, summarised with ...
//
// # What an array holds
//
// All numbers of an array are of one [DType]: uint8, int, float32 or float64. They lie in row-major
// order, that is, the last axis varies fastest, without gaps.
//
// [From], [Values], Reshape, Slice and Index share memory: no number is copied, and whoever writes to
// the slice that From was given changes the array. Everything that calculates makes a new array.
//
// # Which type a calculation gives
//
// Add, Sub, Mul and Div take a number or another array, whose shape is broadcast as NumPy does. The
// types decide what comes out, never the values:
//
//	whole numbers (uint8, int) with whole numbers            int
//	the same, divided, or with a float32 or a Go float       float32
//	float32 with any of these                                float32
//	float64 with anything                                    float64
//
// So a number written in Go never makes a result wider than float32, be it a float64 like the result
// of Min: float32 is what networks compute with. NumPy differs in two ways that surprise beginners: its
// uint8 wraps around (200 + 100 is 44; here it is the int 300), and its whole numbers become float64
// when divided. A float32 holds seven digits; where that is too few, begin with the method Float64.
//
// # Mistakes
//
// Shapes that do not fit, an index that is out of range and the like are mistakes of the caller: they
// panic with one sentence that names the operation and the shapes.
package array

import (
	"strconv"
	"strings"

	"gopherlens/mlkit/internal/fault"
)

// A DType is the type of the numbers in an array.
type DType uint8

// The types of numbers, narrow to wide.
const (
	Uint8   DType = iota // 0 to 255, as the pixels of images are
	Int                  // Go's int
	Float32              // seven digits; what networks compute with
	Float64              // fifteen digits
)

func (d DType) String() string {
	switch d {
	case Uint8:
		return "uint8"
	case Int:
		return "int"
	case Float32:
		return "float32"
	case Float64:
		return "float64"
	}
	return "DType(" + strconv.Itoa(int(d)) + ")"
}

// A Number is a Go type that an array can hold.
type Number interface {
	uint8 | int | float32 | float64
}

// An Array is numbers of one type in a shape. It is made by From, Zeros, and the methods of another.
type Array struct {
	shape []int
	data  vector
	todo  string // the name that TODO gave it
}

// From makes an array of the given shape from values in row-major order, which it shares. Without a
// shape the array has one axis, as long as values. One length may be −1: it is worked out from the
// others.
func From[T Number](values []T, shape ...int) *Array {
	a := &Array{shape: []int{len(values)}, data: numbers[T](values)}
	if len(shape) == 0 {
		return a
	}
	dims, problem := fit(shape, len(values))
	if problem != "" {
		fault.Panicf("From: %d values cannot take the shape %s: %s", len(values), tuple(shape), problem)
	}
	a.shape = dims
	return a
}

// Zeros makes an array of zeros. Without a shape it holds one number and has no axis.
func Zeros(dtype DType, shape ...int) *Array {
	n := size("Zeros", shape)
	a := &Array{shape: append([]int(nil), shape...)}
	switch dtype {
	case Uint8:
		a.data = make(numbers[uint8], n)
	case Int:
		a.data = make(numbers[int], n)
	case Float32:
		a.data = make(numbers[float32], n)
	case Float64:
		a.data = make(numbers[float64], n)
	default:
		fault.Panicf("Zeros: there is no %v; an array holds Uint8, Int, Float32 or Float64", dtype)
	}
	return a
}

// TODO stands for an array that the learner has not made yet, so that its cell compiles. It can be
// printed and asked IsTODO; any other use is a mistake that names it.
func TODO(name string) *Array { return &Array{todo: name} }

// IsTODO tells whether the array is a TODO, and the name it was given.
func (a *Array) IsTODO() (name string, yes bool) {
	if a == nil || a.data != nil {
		return "", false
	}
	return a.todo, true
}

// Shape is the length of each axis. The slice is the caller's own.
func (a *Array) Shape() []int {
	a.mustBe("Shape")
	return append([]int{}, a.shape...)
}

// Dims is the number of axes.
func (a *Array) Dims() int {
	a.mustBe("Dims")
	return len(a.shape)
}

// Len is the number of elements: the product of the shape.
func (a *Array) Len() int {
	a.mustBe("Len")
	return a.data.len()
}

// DType is the type of the numbers.
func (a *Array) DType() DType {
	a.mustBe("DType")
	return a.data.dtype()
}

// mustBe reports the use of an array that is not there.
func (a *Array) mustBe(operation string) {
	if a == nil {
		fault.Panicf("%s: there is no array here, the variable is nil", operation)
	}
	if a.data == nil {
		fault.Panicf("%s", a.missing())
	}
}

// missing says which array is still to be made.
func (a *Array) missing() string {
	if a.todo == "" {
		return "this array holds nothing yet: make one with array.From or array.Zeros"
	}
	return a.todo + " is still a TODO: fill in its cell and run it first"
}

// most is how many numbers we make room for, 4 GiB of float32. A shape that asks for more is a slip,
// such as broadcasting (60000, 1) with (60000,), and would take the machine down with it.
const most = 1 << 30

// size is the number of elements of an array to be made.
func size(operation string, shape []int) int {
	for _, d := range shape {
		if d < 0 {
			fault.Panicf("%s: the shape %s has a negative length", operation, tuple(shape))
		}
	}
	n := product(shape)
	if n > most {
		fault.Panicf("%s: an array of shape %s would not fit in memory; are these the lengths you mean?", operation, tuple(shape))
	}
	return n
}

// tuple writes a shape as NumPy does: (6000, 28, 28), and (6000,) where there is one axis.
func tuple(shape []int) string {
	if len(shape) == 1 {
		return "(" + list(shape) + ",)"
	}
	return "(" + list(shape) + ")"
}

// list writes numbers as the arguments of a call.
func list(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}
