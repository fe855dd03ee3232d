package array_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gopherlens/mlkit/array"
)

var nan, inf = math.NaN(), math.Inf(1)

func TestConversions(t *testing.T) {
	floats := []float64{0, 0.9, -0.9, 1.5, 254.99, 255, 256, 1e10, -1, 1e30, -1e30, inf, -inf, nan}
	wantBytes := []uint8{0, 0, 0, 1, 254, 255, 255, 255, 0, 255, 0, 255, 0, 0}
	wantInts := []int{0, 0, 0, 1, 254, 255, 256, 1e10, -1, math.MaxInt, math.MinInt, math.MaxInt, math.MinInt, 0}
	a := array.From(floats)
	narrow := array.From([]float32{0, 0.9, -0.9, 1.5, 254.99, 255, 256, 1e10, -1, 1e30, -1e30, float32(inf), float32(-inf), float32(nan)})
	for _, a := range []*array.Array{a, narrow} {
		if got := array.Values[uint8](a); !slices.Equal(got, wantBytes) {
			t.Errorf("%v as uint8: got %v, want %v", a.DType(), got, wantBytes)
		}
		if got := array.Values[int](a); !slices.Equal(got, wantInts) {
			t.Errorf("%v as int: got %v, want %v", a.DType(), got, wantInts)
		}
	}
	ints := array.From([]int{-5, 0, 7, 255, 256, math.MaxInt, math.MinInt})
	if got, want := array.Values[uint8](ints), []uint8{0, 0, 7, 255, 255, 255, 0}; !slices.Equal(got, want) {
		t.Errorf("int as uint8: got %v, want %v", got, want)
	}
	bytes := array.From([]uint8{0, 1, 255})
	for _, a := range []*array.Array{bytes, bytes.Int(), bytes.Float32(), bytes.Float64()} {
		for _, b := range []*array.Array{a.Uint8(), a.Int(), a.Float32(), a.Float64()} {
			if !b.Equal(bytes) {
				t.Errorf("%v as %v: %v", a.DType(), b.DType(), b)
			}
		}
	}
	if got := array.From([]float64{0.1}).Float32().At(0); got != float64(float32(0.1)) {
		t.Errorf("0.1 as float32 is %v", got)
	}
}

func TestReductions(t *testing.T) {
	for _, c := range []struct {
		a                   *array.Array
		min, max, sum, mean float64
		argMax              int
	}{
		{array.From([]uint8{3, 200, 7, 200}), 3, 200, 410, 102.5, 1},
		{array.From([]uint8{0, 255, 7}), 0, 255, 262, 262.0 / 3, 1},
		{array.From([]int{-3, -1, -2}), -3, -1, -6, -2, 1},
		{array.From([]float32{0.5}), 0.5, 0.5, 0.5, 0.5, 0},
		{array.From([]float64{-inf, 1}), -inf, 1, -inf, -inf, 1},
		{array.From([]float64{1, nan, 2, nan}), nan, nan, nan, nan, 1},
		{array.From([]float32{float32(nan), 2}), nan, nan, nan, nan, 0},
		{count(2, 3).Reshape(3, 2), 0, 5, 15, 2.5, 5},
		{array.Zeros(array.Float64), 0, 0, 0, 0, 0},
	} {
		got := []float64{c.a.Min(), c.a.Max(), c.a.Sum(), c.a.Mean(), float64(c.a.ArgMax())}
		want := []float64{c.min, c.max, c.sum, c.mean, float64(c.argMax)}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("Min, Max, Sum, Mean, ArgMax of %v: got %v, want %v", c.a, got, want)
		}
	}
	if got := count(0).Sum(); got != 0 {
		t.Errorf("the sum of nothing is %v", got)
	}
}

// TestSumsInFloat64 adds numbers up that a float32 would lose count of.
func TestSumsInFloat64(t *testing.T) {
	ones := make([]float32, 20_000_000)
	for i := range ones {
		ones[i] = 1
	}
	a := array.From(ones)
	if a.Sum() != 20_000_000 || a.Mean() != 1 {
		t.Errorf("got %v, on average %v", a.Sum(), a.Mean())
	}
}

// TestLargeReductions puts the one number that counts at each end and in the middle of arrays that are
// shared out among cores.
func TestLargeReductions(t *testing.T) {
	const n = 200_001
	for _, at := range []int{0, 1, 65535, 65536, 100_000, n - 1} {
		values := make([]float32, n)
		values[at] = 2
		a := array.From(values)
		if a.Max() != 2 || a.Min() != 0 || a.ArgMax() != at || a.Sum() != 2 {
			t.Errorf("2 at %d: max %v, min %v, arg max %v, sum %v", at, a.Max(), a.Min(), a.ArgMax(), a.Sum())
		}
		values[at] = -2
		if a.Max() != 0 || a.Min() != -2 {
			t.Errorf("-2 at %d: max %v, min %v", at, a.Max(), a.Min())
		}
		values[at] = float32(nan)
		if !math.IsNaN(a.Max()) || !math.IsNaN(a.Min()) || a.ArgMax() != at {
			t.Errorf("NaN at %d: max %v, min %v, arg max %v", at, a.Max(), a.Min(), a.ArgMax())
		}
		bytes := slices.Repeat([]uint8{7}, n)
		bytes[at] = 9
		if b := array.From(bytes); b.Min() != 7 || b.Max() != 9 || b.ArgMax() != at {
			t.Errorf("9 at %d: max %v, min %v, arg max %v", at, b.Max(), b.Min(), b.ArgMax())
		}
	}
}

func TestArgMaxAxis(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		shape := []int{1 + rng.IntN(4), 1 + rng.IntN(4), 1 + rng.IntN(4)}
		values := make([]int, shape[0]*shape[1]*shape[2])
		for i := range values {
			values[i] = rng.IntN(5) - 2 // so that several are largest
		}
		a := array.From(values, shape...)
		for axis := range 3 {
			got := a.ArgMaxAxis(axis)
			if !got.Equal(a.ArgMaxAxis(axis-3)) || got.DType() != array.Int {
				t.Fatalf("axis %d and axis %d differ", axis, axis-3)
			}
			for i := range shape[0] {
				for j := range shape[1] {
					for k := range shape[2] {
						at := []int{i, j, k}
						where := int(got.At(append(slices.Clone(at[:axis]), at[axis+1:]...)...))
						v := a.At(at...)
						at[axis] = where
						if best := a.At(at...); v > best || v == best && []int{i, j, k}[axis] < where {
							t.Fatalf("axis %d of\n%v\ngives\n%v", axis, a, got)
						}
					}
				}
			}
		}
	}
}

func TestEqual(t *testing.T) {
	long := count(5000)
	other := count(5000).Float32()
	array.Values[float32](other)[4999] = 0
	for _, c := range []struct {
		a, b *array.Array
		want bool
	}{
		{count(6), count(6), true},
		{count(6), count(2, 3), false},
		{count(6), count(6).Float32(), true},
		{count(6), count(6).Add(0.5), false},
		{count(0), count(0, 2), false},
		{long, long.Float64(), true},
		{long, other, false},
		{other, other, true},
		{array.From([]float64{nan}), array.From([]float64{nan}), false},
		{array.From([]float64{0.1}), array.From([]float32{0.1}), false},
		{array.From([]int{1<<53 + 1}), array.From([]int{1 << 53}), false},
	} {
		if got := c.a.Equal(c.b); got != c.want || c.b.Equal(c.a) != c.want {
			t.Errorf("%v and %v: got %v", c.a, c.b, got)
		}
	}
}
