package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

func TestTileLayout(t *testing.T) {
	var x tile
	for name, want := range map[string][2]uintptr{
		"a": {unsafe.Offsetof(x.a), 0}, "b": {unsafe.Offsetof(x.b), 8}, "c": {unsafe.Offsetof(x.c), 16},
		"bias": {unsafe.Offsetof(x.bias), 24}, "residual": {unsafe.Offsetof(x.residual), 32},
		"aOff": {unsafe.Offsetof(x.aOff), 40}, "bOff": {unsafe.Offsetof(x.bOff), 48},
		"lanes": {unsafe.Offsetof(x.lanes), 56}, "a0": {unsafe.Offsetof(x.a0), 64}, "b0": {unsafe.Offsetof(x.b0), 72},
		"terms": {unsafe.Offsetof(x.terms), 80}, "k": {unsafe.Offsetof(x.k), 88},
		"ams": {unsafe.Offsetof(x.ams), 96}, "aks": {unsafe.Offsetof(x.aks), 104}, "bks": {unsafe.Offsetof(x.bks), 112},
		"ldc": {unsafe.Offsetof(x.ldc), 120}, "ldr": {unsafe.Offsetof(x.ldr), 128},
		"flags": {unsafe.Offsetof(x.flags), 136}, "slope": {unsafe.Offsetof(x.slope), 140}, "mask": {unsafe.Offsetof(x.mask), 144},
		"ahead": {unsafe.Offsetof(x.ahead), 152}, "aheadBy": {unsafe.Offsetof(x.aheadBy), 160},
	} {
		if unsafe.Sizeof(uintptr(0)) == 8 && want[0] != want[1] {
			t.Errorf("the assembly expects tile.%s at %d, but it is at %d", name, want[1], want[0])
		}
	}
}

// naive computes what g asks for in float64, and the sum of the terms' magnitudes for the tolerance.
// B is given as it was before packing, its element (t, k, n) at boff[t] + k·bks + n.
func naive(g *Brgemm, b []float32, boff []int32, bks int) (want, magnitude []float64) {
	want, magnitude = make([]float64, len(g.C)), make([]float64, len(g.C))
	for m := range g.M {
		for n := range g.N {
			var x, mag float64
			for t := range max(len(g.AOff), 1) {
				var ao, bo int
				if len(g.AOff) > 0 {
					ao, bo = int(g.AOff[t]), int(boff[t])
				}
				for k := range g.K {
					p := float64(g.A[ao+m*g.AMS+k*g.AKS]) * float64(b[bo+k*bks+n])
					x += p
					mag += math.Abs(p)
				}
			}
			if g.Accumulate {
				x += float64(g.C[m*g.LDC+n])
			}
			if g.Bias != nil {
				x += float64(g.Bias[n])
			}
			var r float64
			if g.Residual != nil {
				r = float64(g.Residual[m*g.LDR+n])
			}
			if g.ResidualFirst {
				x += r
			}
			switch {
			case g.Activation == ReLU && x < 0:
				x = 0
			case g.Activation == LeakyReLU && x < 0:
				x *= float64(g.Slope)
			}
			if !g.ResidualFirst {
				x += r
			}
			want[m*g.LDC+n] = x
			magnitude[m*g.LDC+n] = mag + 4
		}
	}
	return want, magnitude
}

// tolerance bounds the relative error of a sum of n products in float32, n·2⁻²⁴, and of the epilogue.
func tolerance(n int) float64 { return float64(n+4) / (1 << 24) }

// checkBrgemm runs g and compares all of C, what lies between its rows included.
func checkBrgemm(t *testing.T, g *Brgemm, b []float32, boff []int32, bks int) {
	t.Helper()
	want, magnitude := naive(g, b, boff, bks)
	before := append([]float32(nil), g.C...)
	g.Run()
	for i, c := range g.C {
		if m, n := i/g.LDC, i%g.LDC; n >= g.N {
			if c != before[i] {
				t.Fatalf("row %d column %d of %d: written", m, n, g.N)
			}
		} else if !near(c, want[i], magnitude[i], tolerance(g.K*max(1, len(g.AOff)))) {
			t.Fatalf("C[%d, %d] = %v, want %v", m, n, c, want[i])
		}
	}
}

func TestBrgemmShapes(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for m := 1; m <= 2*mr+1; m++ {
			for _, n := range []int{1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 24, 31, 32, 33, 47, 48, 63, 64, 65, 100, 130} {
				for _, k := range []int{1, 2, 5, 16, 37} {
					a := numbers(t, m*k, uint64(m+n))
					b := numbers(t, k*n, uint64(m+n+k))
					c := numbers(t, (m-1)*(n+3)+n, uint64(m))
					checkBrgemm(t, &Brgemm{M: m, N: n, K: k, A: a, AMS: k, AKS: 1, B: b, BKS: n, C: c, LDC: n + 3}, b, nil, n)
				}
			}
		}
	})
}

// TestBrgemmRandom draws terms, strides, epilogues and the packing.
func TestBrgemmRandom(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for seed := range uint64(600) {
			r := rand.New(rand.NewPCG(seed, 2))
			m, n, k, terms := 1+r.IntN(40), 1+r.IntN(140), r.IntN(40), 1+r.IntN(9)
			g := &Brgemm{M: m, N: n, K: k, Slope: 0.1, Activation: Activation(r.IntN(3)), Accumulate: r.IntN(2) == 0, ResidualFirst: r.IntN(2) == 0}
			if r.IntN(2) == 0 {
				g.AMS, g.AKS = k+r.IntN(4), 1
			} else {
				g.AMS, g.AKS = 1, m+r.IntN(4)
			}
			asize := (m-1)*g.AMS + max(k-1, 0)*g.AKS + 1
			g.A = numbers(t, asize*2, seed)
			for range terms {
				g.AOff = append(g.AOff, int32(r.IntN(asize+1)))
			}
			bks := n + r.IntN(3)
			boff := make([]int32, terms)
			for i := range boff {
				boff[i] = int32(i * k * bks)
			}
			b := numbers(t, max(1, terms*k*bks), seed+1)
			if r.IntN(2) == 0 {
				g.B, g.BKS, g.BOff = b, bks, boff
			} else {
				g.B = guarded[float32](t, PackedLen(terms*k, n), seed%2 == 0)
				PackB(g.B, b, terms*k, n, bks, 1)
				g.BKS, g.BPanel = nr, max(1, terms*k)*nr
				g.BOff = make([]int32, terms)
				for i := range boff {
					g.BOff[i] = int32(i * k * nr)
				}
			}
			g.LDC = n + r.IntN(5)
			g.C = numbers(t, (m-1)*g.LDC+n, seed+2)
			if r.IntN(2) == 0 {
				g.Bias = numbers(t, n, seed+3)
			}
			if r.IntN(2) == 0 {
				g.LDR = n + r.IntN(5)
				g.Residual = numbers(t, (m-1)*g.LDR+n, seed+4)
			}
			t.Run(fmt.Sprint(seed), func(t *testing.T) { checkBrgemm(t, g, b, boff, bks) })
		}
	})
}

// TestBrgemmSpecial checks that NaN and infinities go through sums and activations as IEEE 754 says.
func TestBrgemmSpecial(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachLevel(t, func(t *testing.T) {
		for _, act := range []Activation{Identity, ReLU, LeakyReLU} {
			a := []float32{nan, inf, -inf, 1, -1}
			c := make([]float32, 5*20)
			b := make([]float32, 20)
			fill(b, 1)
			checkBrgemm(t, &Brgemm{M: 5, N: 20, K: 1, A: a, AMS: 1, AKS: 1, B: b, BKS: 20, C: c, LDC: 20, Activation: act, Slope: 0.25}, b, nil, 20)
		}
	})
}

// TestBrgemmResidualIsC adds a product to C by the residual, after the activation.
func TestBrgemmResidualIsC(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, s := range [][2]int{{1, 64}, {64, 1}, {7, 40}} {
			m, n, k := s[0], s[1], 20
			a, b, c := numbers(t, m*k, 1), numbers(t, k*n, 2), numbers(t, m*n, 3)
			before := append([]float32(nil), c...)
			g := &Brgemm{M: m, N: n, K: k, A: a, AMS: k, AKS: 1, B: b, BKS: n, C: c, LDC: n, Residual: c, LDR: n, Activation: ReLU}
			want, magnitude := naive(&Brgemm{M: m, N: n, K: k, A: a, AMS: k, AKS: 1, C: before, LDC: n, Residual: before, LDR: n, Activation: ReLU}, b, nil, n)
			g.Run()
			for i := range c {
				if !near(c[i], want[i], magnitude[i], tolerance(k)) {
					t.Fatalf("%d×%d: element %d is %v, want %v", m, n, i, c[i], want[i])
				}
			}
		}
	})
}

func TestBrgemmAllocatesNothing(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		g := benchProblem(13, 64, 32, 9)
		if n := testing.AllocsPerRun(10, g.Run); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestBrgemmOutside(t *testing.T) {
	for name, change := range map[string]func(*Brgemm){
		"A":        func(g *Brgemm) { g.A = g.A[:len(g.A)-1] },
		"AOff":     func(g *Brgemm) { g.AOff[0] = -1 },
		"B":        func(g *Brgemm) { g.B = g.B[:len(g.B)-1] },
		"offsets":  func(g *Brgemm) { g.BOff = g.BOff[1:] },
		"C":        func(g *Brgemm) { g.C = g.C[:len(g.C)-1] },
		"bias":     func(g *Brgemm) { g.Bias = g.Bias[:len(g.Bias)-1] },
		"residual": func(g *Brgemm) { g.LDR++ },
	} {
		t.Run(name, func(t *testing.T) {
			g := benchProblem(5, 16, 3, 2)
			g.Bias, g.Residual, g.LDR = make([]float32, 16), make([]float32, 5*16), 16
			g.Run()
			change(g)
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			g.Run()
		})
	}
}

// benchProblem is a row of a convolution with packed weights.
func benchProblem(m, n, k, terms int) *Brgemm {
	g := &Brgemm{M: m, N: n, K: k, AMS: k, AKS: 1, BKS: nr, BPanel: terms * k * nr, LDC: n}
	g.A, g.C = make([]float32, (m+terms-1)*k), make([]float32, m*n)
	g.B = make([]float32, PackedLen(terms*k, n))
	for i := range terms {
		g.AOff, g.BOff = append(g.AOff, int32(i*k)), append(g.BOff, int32(i*k*nr))
	}
	return g
}

func BenchmarkBrgemm(b *testing.B) {
	EachLevel(func(l Level) {
		for _, p := range [][4]int{{56, 64, 64, 9}, {13, 256, 128, 9}, {11, 64, 32, 9}, {26, 32, 3, 3}, {32, 10, 128, 1}} {
			g := benchProblem(p[0], p[1], p[2], p[3])
			b.Run(fmt.Sprintf("%s/m%dn%dk%dt%d", l, p[0], p[1], p[2], p[3]), func(b *testing.B) {
				for b.Loop() {
					g.Run()
				}
				b.ReportMetric(2*float64(g.M*g.N*g.K*len(g.AOff))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	})
}
