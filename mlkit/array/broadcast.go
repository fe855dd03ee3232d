package array

import "gopherlens/mlkit/internal/fault"

// broadcast is the shape that two arrays have together: their axes are matched from the last one
// backwards, and a length of 1, or an axis that is not there, repeats along the other's.
//
// See https://numpy.org/doc/stable/user/basics.broadcasting.html for the rule.
func broadcast(operation string, a, b []int) []int {
	shape := make([]int, max(len(a), len(b)))
	for back := 1; back <= len(shape); back++ {
		m, n := 1, 1
		if back <= len(a) {
			m = a[len(a)-back]
		}
		if back <= len(b) {
			n = b[len(b)-back]
		}
		if m != n && m != 1 && n != 1 {
			fault.Panicf("%s: the shapes %s and %s do not fit together: axis -%d, counted from the end, is %d in one and %d in the other; they have to be equal, or one of them 1",
				operation, tuple(a), tuple(b), back, m, n)
		}
		if m == 1 {
			m = n
		}
		shape[len(shape)-back] = m
	}
	return shape
}

// block is how many numbers are calculated at a time.
const block = 1024

// A reader gives the numbers of an array as type R, broadcast to a shape, a block at a time.
type reader[R Number] struct {
	whole  vector // the array, where it has as many numbers as the shape
	few    []R    // the array, where it is repeated,
	repeat []axis // and how
	buffer []R
}

// An axis of a broadcast array: its length in the result, and how far apart its elements lie, 0 where
// one is repeated.
type axis struct{ length, stride int }

func newReader[R Number](a *Array, shape []int) reader[R] {
	if a.data.len() == product(shape) {
		return reader[R]{whole: a.data}
	}
	var repeat []axis // from the last axis to the first
	step := 1
	for back := 1; back <= len(shape); back++ {
		length, own := shape[len(shape)-back], 1
		if back <= len(a.shape) {
			own = a.shape[len(a.shape)-back]
		}
		if length == 1 {
			continue
		}
		next := axis{length, step}
		if own == 1 {
			next.stride = 0
		}
		step *= own
		// Where an axis goes on as the one after it does, the two are one.
		if n := len(repeat) - 1; n >= 0 && next.stride == repeat[n].stride*repeat[n].length && (next.stride == 0) == (repeat[n].stride == 0) {
			repeat[n].length *= length
			continue
		}
		repeat = append(repeat, next)
	}
	return reader[R]{few: Values[R](a), repeat: repeat}
}

// forOneCore is the reader with a buffer of its own.
func (r reader[R]) forOneCore() reader[R] {
	if _, direct := r.whole.(numbers[R]); direct {
		return r
	}
	r.buffer = make([]R, block)
	if len(r.few) == 1 {
		for i := range r.buffer {
			r.buffer[i] = r.few[0]
		}
	}
	return r
}

// read is the n numbers from position from on, n at most block. They are good until the next read.
func (r reader[R]) read(from, n int) []R {
	if v, direct := r.whole.(numbers[R]); direct {
		return v[from : from+n]
	}
	out := r.buffer[:n]
	if r.whole != nil {
		convert(out, r.whole, from)
		return out
	}
	if len(r.few) == 1 {
		return out
	}
	index := make([]int, len(r.repeat))
	at, rest := 0, from
	for k, ax := range r.repeat {
		index[k] = rest % ax.length
		rest /= ax.length
		at += index[k] * ax.stride
	}
	inner := r.repeat[0]
	for i := 0; i < n; {
		run := min(inner.length-index[0], n-i)
		if inner.stride == 0 {
			v := r.few[at]
			for k := range run {
				out[i+k] = v
			}
		} else {
			copy(out[i:i+run], r.few[at:])
		}
		i += run
		at += run * inner.stride
		index[0] += run
		for k := 0; k < len(index)-1 && index[k] == r.repeat[k].length; k++ {
			at += r.repeat[k+1].stride - r.repeat[k].length*r.repeat[k].stride
			index[k] = 0
			index[k+1]++
		}
	}
	return out
}
