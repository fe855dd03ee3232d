package kernel

import (
	"fmt"
	"math"
	"testing"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// specials are the values that kernels get wrong.
var specials = []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, nan, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-39, -1e-39, math.MaxFloat32, -math.MaxFloat32, 0.5, 1.5, 2.5, -0.5, -1.5, 8388609, 3e9, -3e9}

// lengths are those around a vector's, and around the rounds of the kernels.
var lengths = []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 67, 100, 127, 131, 257}

// spread puts the special values into the random ones, shifted by k.
func spread(x []float32, k int) []float32 {
	for i := range x {
		if (i+k)%3 == 0 {
			x[i] = specials[(i*7+k*5)%len(specials)]
		}
	}
	return x
}

// same tells whether two results are the same number, or both NaN; zeros must have one sign.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// within tells whether got is at most so many units in the last place of want away from it.
func within(got float32, want float64, units float64) bool {
	w := float32(want)
	if w != w || math.IsInf(float64(w), 0) || math.IsInf(float64(got), 0) {
		return same(got, w)
	}
	ulp := math.Max(math.Ldexp(1, -149), math.Abs(math.Ldexp(1, math.Ilogb(want)-23)))
	if want == 0 {
		ulp = math.Ldexp(1, -149)
	}
	return math.Abs(float64(got)-want) <= units*ulp
}

func TestBinary(t *testing.T) {
	subScalar := func(dst, a []float32, s float32) { scalar(opSubScalar, dst, a, s) }
	mulScalar := func(dst, a []float32, s float32) { scalar(opMulScalar, dst, a, s) }
	for _, f := range []struct {
		name   string
		run    func(dst, a, b []float32)
		scalar func(dst, a []float32, s float32)
		want   func(a, b float32) float32
	}{
		{"Add", Add, nil, func(a, b float32) float32 { return a + b }},
		{"Sub", Sub, subScalar, func(a, b float32) float32 { return a - b }},
		{"Mul", Mul, mulScalar, func(a, b float32) float32 { return a * b }},
		{"Div", Div, nil, func(a, b float32) float32 { return a / b }},
		{"Max", Max, MaxScalar, func(a, b float32) float32 { return max(a, b) }},
		{"Min", Min, nil, func(a, b float32) float32 { return min(a, b) }},
		{"Axpy", func(dst, a, b []float32) { copy(dst, a); Axpy(dst, 1, b) }, nil, func(a, b float32) float32 { return a + b }},
		{"ReLUGrad", ReLUGrad, nil, func(a, b float32) float32 {
			if a > 0 {
				return b
			}
			return 0
		}},
	} {
		t.Run(f.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T) {
				for k, n := range lengths {
					a, b := spread(numbers(t, n, uint64(n)), k), spread(numbers(t, n, uint64(n+1)), k+1)
					dst := guarded[float32](t, n, k%2 == 0)
					check := func(how string, b func(i int) float32) {
						t.Helper()
						for i, x := range dst {
							if want := f.want(a[i], b(i)); !same(x, want) {
								t.Fatalf("%s of %v and %v = %v, want %v (element %d of %d)", how, a[i], b(i), x, want, i, n)
							}
						}
					}
					f.run(dst, a, b)
					check("vector", func(i int) float32 { return b[i] })
					copy(dst, a)
					f.run(dst, dst, b)
					check("in place", func(i int) float32 { return b[i] })
					if f.scalar != nil {
						for _, s := range specials {
							f.scalar(dst, a, s)
							check("scalar", func(int) float32 { return s })
						}
					}
				}
			})
		})
	}
}

// unaries are the functions of one operand, with the error that they may have.
var unaries = []struct {
	name  string
	run   func(dst, a []float32)
	want  func(x float64) float64
	units float64
}{
	{"Neg", Neg, func(x float64) float64 { return -x }, 0},
	{"Abs", Abs, math.Abs, 0},
	{"Sqrt", Sqrt, math.Sqrt, 0.5},
	{"Rsqrt", Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 1.5},
	{"Floor", Floor, math.Floor, 0},
	{"Ceil", Ceil, math.Ceil, 0},
	{"Round", Round, math.RoundToEven, 0},
	{"Exp", Exp, math.Exp, 2},
	{"Log", Log, math.Log, 2},
	{"Tanh", Tanh, math.Tanh, 4},
	{"Logistic", Logistic, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 4},
	{"Erf", Erf, math.Erf, 4},
}

// TestUnary goes through all exponents and signs, some 65,000 values spread evenly over the bit
// patterns of float32, and the range around the functions' switches more closely.
func TestUnary(t *testing.T) {
	var a []float32
	for i := range uint32(1 << 16) {
		a = append(a, math.Float32frombits(i<<16|i*40503&0xffff))
	}
	for x := float32(-110); x < 110; x += 0.00731 {
		a = append(a, x)
	}
	for x := float32(-5); x < 5; x += 0.000371 {
		a = append(a, x)
	}
	a = append(a, specials...)
	for _, f := range unaries {
		t.Run(f.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T) {
				dst := make([]float32, len(a))
				f.run(dst, a)
				worst, at := 0.0, float32(0)
				for i, x := range a {
					want := f.want(float64(x))
					if !within(dst[i], want, f.units) {
						t.Fatalf("%s(%v) = %v, want %v", f.name, x, dst[i], want)
					}
					if d := math.Abs(float64(dst[i])-want) / math.Ldexp(1, math.Ilogb(want)-23); d > worst && math.Abs(want) > 1.2e-38 && math.Abs(want) < math.MaxFloat32 {
						worst, at = d, x
					}
				}
				t.Logf("worst error %.2f units in the last place at %v", worst, at)
			})
		})
	}
}

func TestUnaryLengths(t *testing.T) {
	for _, f := range unaries {
		t.Run(f.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T) {
				for k, n := range lengths {
					a, dst := spread(numbers(t, n, uint64(n)), k), guarded[float32](t, n, k%2 == 0)
					f.run(dst, a)
					for i, x := range a {
						if !within(dst[i], f.want(float64(x)), f.units) {
							t.Fatalf("%v of %d: %s(%v) = %v", i, n, f.name, x, dst[i])
						}
					}
				}
			})
		})
	}
}

func TestMulAdd(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for k, n := range lengths {
			a, b, c := spread(numbers(t, n, uint64(n)), k), numbers(t, n, uint64(n+1)), numbers(t, n, uint64(k))
			dst := guarded[float32](t, n, k%2 == 0)
			check := func(want func(i int) float64) {
				t.Helper()
				for i, x := range dst {
					if w := want(i); !within(x, w, 1) && math.Abs(float64(x)-w) > 2e-7 {
						t.Fatalf("element %d of %d: %v, want %v", i, n, x, w)
					}
				}
			}
			MulAdd(dst, a, b, c)
			check(func(i int) float64 { return float64(a[i])*float64(b[i]) + float64(c[i]) })
			copy(dst, c)
			Axpy(dst, 0.7, b)
			check(func(i int) float64 { return float64(float32(0.7))*float64(b[i]) + float64(c[i]) })
		}
	})
}

func TestAdam(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, n := range lengths {
			var x [4][]float32
			for i := range x {
				x[i] = numbers(t, n, uint64(n+i))
			}
			Abs(x[2], x[2])
			var want [3][]float32
			for i := range want {
				want[i] = append([]float32(nil), x[i]...)
			}
			adamGeneric(want[0], want[1], want[2], x[3], 0.001, 1-0.9, 1-0.999, 1e-7)
			Adam(x[0], x[1], x[2], x[3], 0.001, 0.1, 0.001, 1e-7)
			for i := range want {
				for k, w := range want[i] {
					if math.Abs(float64(x[i][k]-w)) > 3e-7 {
						t.Fatalf("operand %d element %d of %d: %v, want %v", i, k, n, x[i][k], w)
					}
				}
			}
		}
	})
}

func TestReductions(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for k, n := range append(lengths, 4095, 4097, 100003) {
			a, b := numbers(t, n, uint64(n)), numbers(t, n, uint64(n+1))
			var sum, dot, magnitude float64
			lo, hi := inf, -inf
			for i, x := range a {
				sum += float64(x)
				dot += float64(x) * float64(b[i])
				magnitude += math.Abs(float64(x))
				lo, hi = min(lo, x), max(hi, x)
			}
			if got := Sum(a); math.Abs(float64(got)-sum) > 1e-5*magnitude {
				t.Errorf("the sum of %d is %v, want %v", n, got, sum)
			}
			if got := Dot(a, b); math.Abs(float64(got)-dot) > 1e-5*magnitude {
				t.Errorf("the product of %d is %v, want %v", n, got, dot)
			}
			if MinOf(a) != lo || MaxOf(a) != hi {
				t.Errorf("extremes of %d: %v %v, want %v %v", n, MinOf(a), MaxOf(a), lo, hi)
			}
			for i, x := range a {
				b[i] = -x - 5
			}
			if got, want := MaxOf(b), -lo-5; got != want {
				t.Errorf("the maximum of %d negative numbers is %v, want %v", n, got, want)
			}
			for i, x := range specials {
				if x != x {
					a[(i*k)%n] = x
					if !same(MaxOf(a), nan) || !same(MinOf(a), nan) || !same(Sum(a), nan) {
						t.Errorf("NaN is lost among %d", n)
					}
				}
			}
		}
		if MaxOf(nil) != -inf || MinOf(nil) != inf || Sum(nil) != 0 {
			t.Error("reductions of nothing")
		}
		zeros := []float32{float32(math.Copysign(0, -1)), 0, float32(math.Copysign(0, -1))}
		if !same(MaxOf(zeros), 0) || !same(MinOf(zeros), float32(math.Copysign(0, -1))) {
			t.Error("signs of zeros")
		}
	})
}

func TestSoftmax(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, n := range lengths {
			a, dst := numbers(t, n, uint64(n)), guarded[float32](t, n, n%2 == 0)
			scalar(opMulScalar, a, a, 100)
			Softmax(dst, a)
			var total float64
			top := float64(MaxOf(a))
			for _, x := range a {
				total += math.Exp(float64(x) - top)
			}
			for i, x := range a {
				if want := math.Exp(float64(x)-top) / total; math.Abs(float64(dst[i])-want) > 1e-5*want+1e-40 {
					t.Fatalf("element %d of %d: %v, want %v", i, n, dst[i], want)
				}
			}
		}
	})
}

func TestCompare(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for k, n := range lengths {
			a, b := spread(numbers(t, n, uint64(n)), k), spread(numbers(t, n, uint64(n+1)), k)
			b[n/2] = a[n/2]
			got, c := guarded[bool](t, n, k%2 == 0), guarded[float32](t, n, k%2 == 0)
			for op := range comparisons {
				Compare(op, got, a, b)
				Select(c, got, a, b)
				for i, x := range got {
					if x != op.holds(a[i], b[i]) {
						t.Fatalf("comparison %d of %v and %v is %v (element %d of %d)", op, a[i], b[i], x, i, n)
					}
					if want := map[bool]float32{true: a[i], false: b[i]}[x]; !same(c[i], want) {
						t.Fatalf("Select chose %v, not %v", c[i], want)
					}
				}
			}
		}
	})
}

func TestVectorsAllocateNothing(t *testing.T) {
	a, b := make([]float32, 100), make([]bool, 100)
	eachLevel(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(10, func() {
			Add(a, a, a)
			Exp(a, a)
			Compare(Less, b, a, a)
			Select(a, b, a, a)
			Softmax(a, a)
			Dot(a, a)
			MinOf(a)
			Adam(a, a, a, a, 1, 1, 1, 1)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestOperandTooShort(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Add(make([]float32, 3), make([]float32, 3), make([]float32, 2))
}

func BenchmarkVectors(b *testing.B) {
	const n = 1024
	x, y, z, m := make([]float32, n), make([]float32, n), make([]float32, n), make([]bool, n)
	for i := range x {
		x[i], y[i] = float32(i%7)-3.3, 1
	}
	EachLevel(func(l Level) {
		for _, f := range []struct {
			name string
			run  func()
		}{
			{"Add", func() { Add(z, x, y) }},
			{"MaxScalar", func() { MaxScalar(z, x, 0) }},
			{"Div", func() { Div(z, x, y) }},
			{"Sqrt", func() { Sqrt(z, x) }},
			{"Exp", func() { Exp(z, x) }},
			{"Log", func() { Log(z, y) }},
			{"Tanh", func() { Tanh(z, x) }},
			{"Logistic", func() { Logistic(z, x) }},
			{"Erf", func() { Erf(z, x) }},
			{"Sum", func() { Sum(x) }},
			{"MaxOf", func() { MaxOf(x) }},
			{"Compare", func() { Compare(Greater, m, x, y) }},
			{"Select", func() { Select(z, m, x, y) }},
			{"Adam", func() { Adam(z, x, y, y, 0, 0.9, 0.9, 1) }},
		} {
			b.Run(fmt.Sprintf("%s/%s", l, f.name), func(b *testing.B) {
				for b.Loop() {
					f.run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	})
}
