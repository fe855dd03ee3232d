package array

import "math"

// A vector is the numbers of an array: a slice of one of the four types.
type vector interface {
	dtype() DType
	len() int
	slice(from, to int) vector
	at(i int) float64
	pick(at []int) vector
	min() float64
	max() float64
	sum() float64
	argMax(start, n, step int) int
	equal(other vector) bool
}

type numbers[T Number] []T

func (v numbers[T]) dtype() DType {
	switch any(v).(type) {
	case numbers[uint8]:
		return Uint8
	case numbers[int]:
		return Int
	case numbers[float32]:
		return Float32
	}
	return Float64
}

func (v numbers[T]) len() int                  { return len(v) }
func (v numbers[T]) slice(from, to int) vector { return v[from:to:to] }
func (v numbers[T]) at(i int) float64          { return float64(v[i]) }

func (v numbers[T]) pick(at []int) vector {
	picked := make(numbers[T], len(at))
	for k, i := range at {
		picked[k] = v[i]
	}
	return picked
}

// Values are the elements in row-major order. Where the array holds numbers of type T they are the
// array's own, so that writing to them changes it; otherwise they are converted as by the methods
// Uint8, Int, Float32 and Float64.
func Values[T Number](a *Array) []T {
	a.mustBe("Values")
	if v, same := a.data.(numbers[T]); same {
		return v[:len(v):len(v)]
	}
	values := room[T](a.data.len())
	inParallel(len(values), func(from, to int) { convert(values[from:to], a.data, from) })
	return values
}

// room makes place for the n numbers of a new array.
func room[T Number](n int) []T {
	values := make([]T, n)
	inLargePages(values)
	return values
}

// Uint8 is the array as uint8. What does not fit becomes the nearest that does, fractions are dropped,
// and NaN is 0: 300 becomes 255, and −1 becomes 0, where NumPy wraps around.
func (a *Array) Uint8() *Array { return to[uint8]("Uint8", a) }

// Int is the array as int. Fractions are dropped, what does not fit becomes the nearest that does, and
// NaN is 0.
func (a *Array) Int() *Array { return to[int]("Int", a) }

// Float32 is the array as float32, rounded to about seven digits.
func (a *Array) Float32() *Array { return to[float32]("Float32", a) }

// Float64 is the array as float64.
func (a *Array) Float64() *Array { return to[float64]("Float64", a) }

// to converts an array; one that has the type already is returned as it is.
func to[T Number](operation string, a *Array) *Array {
	a.mustBe(operation)
	if _, same := a.data.(numbers[T]); same {
		return a
	}
	return &Array{shape: a.shape, data: numbers[T](Values[T](a))}
}

// convert fills dst with the numbers of src from position from on.
func convert[D Number](dst []D, src vector, from int) {
	switch s := src.(type) {
	case numbers[uint8]:
		widen(dst, s[from:])
	case numbers[int]:
		if dst, narrow := any(dst).([]uint8); narrow {
			clamp(dst, s[from:], 0, math.MaxUint8)
			return
		}
		widen(dst, s[from:])
	case numbers[float32]:
		fromFloat(dst, s[from:])
	case numbers[float64]:
		fromFloat(dst, s[from:])
	}
}

func fromFloat[D Number, S float32 | float64](dst []D, src []S) {
	switch dst := any(dst).(type) {
	case []uint8:
		clamp(dst, src, 0, math.MaxUint8)
	case []int:
		clamp(dst, src, math.MinInt, math.MaxInt)
	case []float32:
		widen(dst, src)
	case []float64:
		widen(dst, src)
	}
}

func widen[D, S Number](dst []D, src []S) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = D(v)
	}
}

// clamp converts to whole numbers, between what they can hold at least and at most.
func clamp[D uint8 | int, S Number](dst []D, src []S, least, most D) {
	src = src[:len(dst)]
	for i, s := range src {
		switch v := float64(s); {
		case v != v:
			dst[i] = 0
		case v <= float64(least):
			dst[i] = least
		case v >= float64(most):
			dst[i] = most
		default:
			dst[i] = D(s)
		}
	}
}
