package array

import (
	"bytes"
	"slices"

	"gopherlens/mlkit/internal/fault"
)

// Min is the smallest element, or NaN where there is one.
func (a *Array) Min() float64 {
	a.mustHold("Min")
	return a.data.min()
}

// Max is the largest element, or NaN where there is one.
func (a *Array) Max() float64 {
	a.mustHold("Max")
	return a.data.max()
}

// Sum adds up all elements, in float64 whatever their type.
func (a *Array) Sum() float64 {
	a.mustBe("Sum")
	return a.data.sum()
}

// Mean is the sum, in float64, divided by the number of elements.
func (a *Array) Mean() float64 {
	a.mustHold("Mean")
	return a.data.sum() / float64(a.data.len())
}

// ArgMax is the position of the largest element, counted in row-major order. It is the first one where
// several are largest, and that of the first NaN where there is one.
func (a *Array) ArgMax() int {
	a.mustHold("ArgMax")
	return a.data.argMax(0, a.data.len(), 1)
}

// ArgMaxAxis finds the position of the largest element along an axis, which is counted from the end
// where it is negative. The result, an array of int, has that axis less: of probabilities
// [samples, classes], ArgMaxAxis(-1) is the likeliest class of each sample, [samples].
func (a *Array) ArgMaxAxis(axis int) *Array {
	a.mustBe("ArgMaxAxis")
	if axis < -len(a.shape) || axis >= len(a.shape) {
		fault.Panicf("ArgMaxAxis(%d) of an array of shape %s: it has %d axes, counted from 0", axis, tuple(a.shape), len(a.shape))
	}
	if axis < 0 {
		axis += len(a.shape)
	}
	n := a.shape[axis]
	if n == 0 {
		fault.Panicf("ArgMaxAxis(%d) of an array of shape %s: that axis is empty", axis, tuple(a.shape))
	}
	shape := slices.Concat(a.shape[:axis], a.shape[axis+1:])
	step := product(a.shape[axis+1:])
	positions := make(numbers[int], product(shape))
	inParallel(len(positions), func(from, to int) {
		for i := from; i < to; i++ {
			start := i/step*step*n + i%step
			positions[i] = a.data.argMax(start, n, step)
		}
	})
	return &Array{shape: shape, data: positions}
}

func (a *Array) mustHold(operation string) {
	a.mustBe(operation)
	if a.data.len() == 0 {
		fault.Panicf("%s of an array of shape %s: it is empty", operation, tuple(a.shape))
	}
}

func (v numbers[T]) min() float64 {
	if pixels, ok := any(v).(numbers[uint8]); ok && bytes.IndexByte(pixels, 0) >= 0 {
		return 0 // the background of most pictures: no need to look any further
	}
	return float64(reduce(v, least))
}

func (v numbers[T]) max() float64 {
	if pixels, ok := any(v).(numbers[uint8]); ok && bytes.IndexByte(pixels, 255) >= 0 {
		return 255
	}
	return float64(reduce(v, greatest))
}

// reduce applies of, which makes one number of many, to chunks, and to what it made of them.
func reduce[T Number](v []T, of func(part []T) T) T {
	partial := make([]T, (len(v)+chunk-1)/chunk)
	inParallel(len(v), func(from, to int) { partial[from/chunk] = of(v[from:to]) })
	return of(partial)
}

func least[T Number](part []T) T {
	m := part[0]
	for _, x := range part {
		if !(x >= m) { // so that NaN gets here too
			if x != x {
				return x
			}
			m = x
		}
	}
	return m
}

func greatest[T Number](part []T) T {
	m := part[0]
	for _, x := range part {
		if !(x <= m) {
			if x != x {
				return x
			}
			m = x
		}
	}
	return m
}

func (v numbers[T]) sum() float64 {
	// The partial sums are added in order, so that the result does not depend on the number of cores.
	partial := make([]float64, (len(v)+chunk-1)/chunk)
	inParallel(len(v), func(from, to int) {
		var a, b, c, d float64 // four, as an addition has to wait for the one before it
		rest := v[from:to]
		for len(rest) >= 4 {
			a += float64(rest[0])
			b += float64(rest[1])
			c += float64(rest[2])
			d += float64(rest[3])
			rest = rest[4:]
		}
		for _, x := range rest {
			a += float64(x)
		}
		partial[from/chunk] = (a + b) + (c + d)
	})
	total := 0.0
	for _, p := range partial {
		total += p
	}
	return total
}

// argMax is which of the n elements at start, start+step, … is the largest.
func (v numbers[T]) argMax(start, n, step int) int {
	best, m := 0, v[start]
	for k := range n {
		if x := v[start+k*step]; !(x <= m) {
			best, m = k, x
			if x != x {
				break
			}
		}
	}
	return best
}
