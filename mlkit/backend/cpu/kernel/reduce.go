package kernel

import "math"

// sumBlock is how many elements are added up in float32 before the sum goes on in float64. With at
// least 32 partial sums a block, no element goes through more than 128 + 31 additions, so that the
// error of a sum of any length is below 160·2⁻²⁴·Σ|x|.
const sumBlock = 4096

// partials takes what a fold leaves of a block: one vector.
type partials [16]float32

// The folds that leave partial results.
const (
	opSum = iota
	opMaxOf
	opMinOf
	opDot
)

// Sum returns Σ a, with an error below 10⁻⁵·Σ|a|, however many there are.
func Sum(a []float32) float32 {
	var total float64
	var p partials
	for len(a) > 0 {
		n := min(len(a), sumBlock)
		if fold(opSum, &p, a[:n], nil) {
			total += sum64(p[:])
		} else {
			total += sum64(a[:n])
		}
		a = a[n:]
	}
	return float32(total)
}

// Dot returns Σ a·b over len(a) elements, with an error below 10⁻⁵·Σ|a·b|.
func Dot(a, b []float32) float32 {
	b = operand(b, len(a))
	var total float64
	var p partials
	for len(a) > 0 {
		n := min(len(a), sumBlock)
		if fold(opDot, &p, a[:n], b[:n]) {
			total += sum64(p[:])
		} else {
			for i, x := range a[:n] {
				total += float64(x) * float64(b[i])
			}
		}
		a, b = a[n:], b[n:]
	}
	return float32(total)
}

// MaxOf returns the maximum of a as Go's max does, −Inf of none.
func MaxOf(a []float32) float32 {
	m := float32(math.Inf(-1))
	if p := lowest; len(a) > 0 && fold(opMaxOf, &p, a, nil) {
		for _, x := range p {
			m = max(m, x)
		}
		return m
	}
	for _, x := range a {
		m = max(m, x)
	}
	return m
}

// MinOf returns the minimum of a as Go's min does, +Inf of none.
func MinOf(a []float32) float32 {
	m := float32(math.Inf(1))
	if p := highest; len(a) > 0 && fold(opMinOf, &p, a, nil) {
		for _, x := range p {
			m = min(m, x)
		}
		return m
	}
	for _, x := range a {
		m = min(m, x)
	}
	return m
}

// What partials hold before: narrower vectors than theirs leave some as they were.
var lowest, highest = func() (lo, hi partials) {
	for i := range lo {
		lo[i], hi[i] = float32(math.Inf(-1)), float32(math.Inf(1))
	}
	return
}()

// Softmax sets dst = e^(a−m) / Σ e^(a−m) with m the maximum of a: a row of logits to probabilities.
func Softmax(dst, a []float32) {
	n := len(dst)
	a = operand(a, n)
	scalar(opSubScalar, dst, a, MaxOf(a))
	Exp(dst, dst)
	scalar(opMulScalar, dst, dst, 1/Sum(dst))
}

func sum64(a []float32) (total float64) {
	for _, x := range a {
		total += float64(x)
	}
	return total
}
