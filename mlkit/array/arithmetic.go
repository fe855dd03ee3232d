package array

import (
	"math"
	"reflect"
	"slices"

	"gopherlens/mlkit/internal/fault"
)

// Add is a + x, element by element. x is a number, or an array that is broadcast with a.
func (a *Array) Add(x any) *Array { return calculate("Add", a, x) }

// Sub is a − x, element by element. x is a number, or an array that is broadcast with a.
func (a *Array) Sub(x any) *Array { return calculate("Sub", a, x) }

// Mul is a · x, element by element. x is a number, or an array that is broadcast with a.
func (a *Array) Mul(x any) *Array { return calculate("Mul", a, x) }

// Div is a / x, element by element. x is a number, or an array that is broadcast with a. The result is
// never whole numbers; dividing by 0 gives an infinity, and 0/0 is NaN.
func (a *Array) Div(x any) *Array { return calculate("Div", a, x) }

// Equal tells whether b has the same shape and equal numbers, whatever their types. NaN equals nothing.
func (a *Array) Equal(b *Array) bool {
	a.mustBe("Equal")
	b.mustBe("Equal")
	return slices.Equal(a.shape, b.shape) && a.data.equal(b.data)
}

func (v numbers[T]) equal(other vector) bool {
	if w, same := other.(numbers[T]); same {
		return slices.Equal(v, w)
	}
	var x, y [block]float64
	for from := 0; from < len(v); from += block {
		n := min(block, len(v)-from)
		convert(x[:n], v, from)
		convert(y[:n], other, from)
		if !slices.Equal(x[:n], y[:n]) {
			return false
		}
	}
	return true
}

func calculate(operation string, a *Array, x any) *Array {
	a.mustBe(operation)
	b, weight := operand(operation, x)
	weight = max(weight, a.data.dtype(), Int)
	if operation == "Div" {
		weight = max(weight, Float32)
	}
	switch weight {
	case Int:
		return apply[int](operation, a, b)
	case Float32:
		return apply[float32](operation, a, b)
	}
	return apply[float64](operation, a, b)
}

// operand makes an array of x, and says how narrow a result it allows. A Go number is an array without
// axes; a whole one allows any result, and one with a fraction any floating-point result.
func operand(operation string, x any) (*Array, DType) {
	if b, ok := x.(*Array); ok {
		b.mustBe(operation)
		return b, b.data.dtype()
	}
	switch v := reflect.ValueOf(x); {
	case v.CanInt():
		return scalar(int(v.Int())), Int
	case v.CanUint() && v.Uint() <= math.MaxInt:
		return scalar(int(v.Uint())), Int
	case v.CanFloat():
		return scalar(v.Float()), Float32
	}
	if reflect.ValueOf(x).Kind() == reflect.Func {
		fault.Panicf("%s takes a number or an array, and was given a function that is not called: parentheses behind its name call it", operation)
	}
	fault.Panicf("%s takes a number or an array, and was given %#v", operation, x)
	return nil, 0
}

func scalar[T Number](x T) *Array { return &Array{data: numbers[T]{x}} }

// apply calculates in the type R, block by block, so that converted and broadcast operands stay in the
// cache.
func apply[R Number](operation string, a, b *Array) *Array {
	shape := broadcast(operation, a.shape, b.shape)
	result := room[R](size(operation, shape))
	x, y := newReader[R](a, shape), newReader[R](b, shape)
	inParallel(len(result), func(from, to int) {
		x, y := x.forOneCore(), y.forOneCore()
		for ; from < to; from += block {
			out := result[from:min(from+block, to)]
			x, y := x.read(from, len(out))[:len(out)], y.read(from, len(out))[:len(out)] // spares checks below
			switch operation {
			case "Add":
				for i := range out {
					out[i] = x[i] + y[i]
				}
			case "Sub":
				for i := range out {
					out[i] = x[i] - y[i]
				}
			case "Mul":
				for i := range out {
					out[i] = x[i] * y[i]
				}
			case "Div":
				for i := range out {
					out[i] = x[i] / y[i]
				}
			}
		}
	})
	return &Array{shape: shape, data: numbers[R](result)}
}
