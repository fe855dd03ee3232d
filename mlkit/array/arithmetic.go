package array

import (
	"slices"

	"gopherlens/mlkit/internal/fault"
)

// Add is a + x, element by element. x is a number or an array, broadcast to a's shape or a to x's.
func (a *Array) Add(x any) *Array { return calculate("Add", a, x) }

// Sub is a − x, element by element. x is a number or an array, broadcast to a's shape or a to x's.
func (a *Array) Sub(x any) *Array { return calculate("Sub", a, x) }

// Mul is a · x, element by element. x is a number or an array, broadcast to a's shape or a to x's.
func (a *Array) Mul(x any) *Array { return calculate("Mul", a, x) }

// Div is a / x, element by element. x is a number or an array, broadcast to a's shape or a to x's. The
// result is never whole numbers; dividing by 0 gives an infinity, or NaN for 0/0.
func (a *Array) Div(x any) *Array { return calculate("Div", a, x) }

// Equal tells whether b has the same shape and equal numbers, whatever their types. NaN equals nothing.
func (a *Array) Equal(b *Array) bool {
	a.mustBe("Equal")
	b.mustBe("Equal")
	if !slices.Equal(a.shape, b.shape) {
		return false
	}
	if a.DType() == Int && b.DType() == Int { // a float64 would round the large ones
		return slices.Equal(Values[int](a), Values[int](b))
	}
	for i := range a.data.len() {
		if a.data.at(i) != b.data.at(i) {
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
	switch x := x.(type) {
	case *Array:
		x.mustBe(operation)
		return x, x.data.dtype()
	case int:
		return scalar(x), Int
	case uint8:
		return scalar(x), Int
	case int32:
		return scalar(int(x)), Int
	case int64:
		return scalar(int(x)), Int
	case float64:
		return scalar(x), Float32
	case float32:
		return scalar(x), Float32
	}
	fault.Panicf("%s takes a number or an array, and was given a %T", operation, x)
	return nil, 0
}

func scalar[T Number](x T) *Array { return From([]T{x}).Reshape() }

// apply calculates in the type R, block by block, so that converted and broadcast operands stay in the
// cache.
func apply[R Number](operation string, a, b *Array) *Array {
	shape := broadcast(operation, a.shape, b.shape)
	result := make([]R, size(operation, shape))
	x, y := newReader[R](a, shape), newReader[R](b, shape)
	inParallel(len(result), func(from, to int) {
		x, y := x.forOneCore(), y.forOneCore()
		for ; from < to; from += block {
			out := result[from:min(from+block, to)]
			switch x, y := x.read(from, len(out)), y.read(from, len(out)); operation {
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
