package array

import (
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
	return a.data.argMax()
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
	shape := append(append([]int{}, a.shape[:axis]...), a.shape[axis+1:]...)
	inner := product(a.shape[axis+1:])
	result := make([]int, product(shape))
	for i := range result {
		start := i/inner*inner*n + i%inner
		best := a.data.at(start)
		for k := 1; k < n; k++ {
			if v := a.data.at(start + k*inner); v > best || v != v && best == best {
				result[i], best = k, v
			}
		}
	}
	return From(result, shape...).Reshape(shape...)
}

func (a *Array) mustHold(operation string) {
	a.mustBe(operation)
	if a.data.len() == 0 {
		fault.Panicf("%s of an array of shape %s: it is empty", operation, tuple(a.shape))
	}
}

func (v numbers[T]) min() float64 {
	least := v[0]
	for _, x := range v {
		least = min(least, x)
	}
	return float64(least)
}

func (v numbers[T]) max() float64 {
	most := v[0]
	for _, x := range v {
		most = max(most, x)
	}
	return float64(most)
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

func (v numbers[T]) argMax() int {
	best := 0
	for i, x := range v {
		if x > v[best] || x != x && v[best] == v[best] {
			best = i
		}
	}
	return best
}
