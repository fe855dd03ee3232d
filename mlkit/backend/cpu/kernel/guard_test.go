package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// numbers returns n guarded values in [-1, 1), which side by the seed.
func numbers(t testing.TB, n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := guarded[float32](t, n, seed%2 == 0)
	for i := range x {
		x[i] = 2*r.Float32() - 1
	}
	return x
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// eachLevel runs a subtest for every level of the machine.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	EachLevel(func(l Level) { t.Run(l.String(), f) })
}

// near tells whether got is want within a relative error of the sum's magnitude.
func near(got float32, want, magnitude, tolerance float64) bool {
	if math.IsNaN(want) {
		return got != got
	}
	if math.IsInf(want, 0) {
		return float64(got) == want
	}
	return math.Abs(float64(got)-want) <= tolerance*max(magnitude, 1e-30)
}
