package kernel

import (
	"fmt"
	"math"
	"testing"
)

func checkGemm(t *testing.T, g *Gemm) {
	t.Helper()
	before := append([]float32(nil), g.C...)
	g.Run()
	ams, aks, bks, bns := g.strides()
	for i, c := range g.C {
		m, n := i/g.LDC, i%g.LDC
		if n >= g.N {
			if c != before[i] {
				t.Fatalf("%+v: wrote between the rows", g)
			}
			continue
		}
		var want, magnitude float64
		for k := range g.K {
			p := float64(g.A[m*ams+k*aks]) * float64(g.B[k*bks+n*bns])
			want += p
			magnitude += math.Abs(p)
		}
		if g.Accumulate {
			want += float64(before[i])
		}
		if !near(c, want, magnitude+1, tolerance(g.K)) {
			t.Fatalf("M %d N %d K %d trans %v %v: C[%d, %d] = %v, want %v", g.M, g.N, g.K, g.TransA, g.TransB, m, n, c, want)
		}
	}
}

func TestGemm(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for i, s := range [][3]int{{1, 1, 1}, {1, 100, 37}, {1, 7, 300}, {1, 130, 41}, {37, 1, 100}, {6, 1, 17}, {1, 1, 64}, {2, 65, 9}, {3, 64, 64}, {5, 3, 2}, {13, 17, 19}, {32, 10, 128}, {31, 33, 47}, {100, 1, 50}, {64, 64, 64}, {173, 97, 301}, {40, 2100, 5}, {3, 4, 0}} {
			for mode := range 8 {
				g := &Gemm{M: s[0], N: s[1], K: s[2], TransA: mode&1 != 0, TransB: mode&2 != 0, Accumulate: mode&4 != 0}
				rows, columns := g.M, g.K
				if g.TransA {
					rows, columns = columns, rows
				}
				g.LDA = columns + i%3
				g.A = numbers(t, max(0, (rows-1)*g.LDA+columns), uint64(i+mode))
				rows, columns = g.K, g.N
				if g.TransB {
					rows, columns = columns, rows
				}
				g.LDB = columns + i%2
				g.B = numbers(t, max(0, (rows-1)*g.LDB+columns), uint64(i+mode+1))
				g.LDC = g.N + i%4
				g.C = numbers(t, (g.M-1)*g.LDC+g.N, uint64(i))
				checkGemm(t, g)
			}
		}
	})
}

func TestGemmPackedAndEpilogue(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for i, s := range [][3]int{{1, 1, 1}, {5, 40, 3}, {31, 33, 47}, {173, 97, 601}, {40, 2100, 5}, {150, 97, 1100}, {3, 70, 0}} {
			g := Gemm{M: s[0], N: s[1], K: s[2], LDA: s[2], LDB: s[1], LDC: s[1]}
			g.A, g.B = numbers(t, g.M*g.K, uint64(i)), numbers(t, g.K*g.N, uint64(i+1))
			g.C, g.Bias = numbers(t, g.M*g.N, uint64(i)), numbers(t, g.N, uint64(i+2))
			want := g
			want.C, want.Bias = append([]float32(nil), g.C...), nil
			want.Run()
			g.Activation, g.Packed = ReLU, true
			packed := make([]float32, PackedLen(g.K, g.N))
			PackB(packed, g.B, g.K, g.N, g.LDB, 1)
			g.B = packed
			g.Run()
			for j, c := range g.C {
				if w := max(0, want.C[j]+g.Bias[j%g.N]); !near(c, float64(w), 100, tolerance(g.K)) {
					t.Fatalf("%v: C[%d] = %v, want %v", s, j, c, w)
				}
			}
		}
	})
}

func TestGemmAllocatesNothing(t *testing.T) {
	g := squareGemm(200)
	g.Run()
	if n := testing.AllocsPerRun(10, g.Run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func squareGemm(n int) *Gemm {
	return &Gemm{M: n, N: n, K: n, A: make([]float32, n*n), LDA: n, B: make([]float32, n*n), LDB: n, C: make([]float32, n*n), LDC: n}
}

func BenchmarkPeak(b *testing.B) {
	EachLevel(func(l Level) {
		b.Run(l.String(), func(b *testing.B) {
			var operations int
			for b.Loop() {
				operations += FMA(10000)
			}
			b.ReportMetric(float64(operations)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	})
}

func BenchmarkGemm(b *testing.B) {
	EachLevel(func(l Level) {
		for _, p := range []struct {
			g    Gemm
			name string
		}{
			{Gemm{M: 1024, N: 1024, K: 1024}, "1024"},
			{Gemm{M: 1024, N: 1024, K: 1024, TransA: true}, "1024ta"},
			{Gemm{M: 1024, N: 1024, K: 1024, TransB: true}, "1024tb"},
			{Gemm{M: 1, N: 1024, K: 1024}, "vecmat1024"},
			{Gemm{M: 4, N: 1024, K: 1024}, "4x1024"},
			{Gemm{M: 32, N: 128, K: 2304}, "dense32"},
			{Gemm{M: 32, N: 10, K: 128}, "logits"},
		} {
			if l == Generic && p.g.M*p.g.N*p.g.K > 1<<24 {
				continue
			}
			g := p.g
			g.A, g.B, g.C = make([]float32, g.M*g.K), make([]float32, g.N*g.K), make([]float32, g.M*g.N)
			g.LDA, g.LDB, g.LDC = g.K, g.N, g.N
			if g.TransA {
				g.LDA = g.M
			}
			if g.TransB {
				g.LDB = g.K
			}
			b.Run(fmt.Sprintf("%s/%s", l, p.name), func(b *testing.B) {
				for b.Loop() {
					g.Run()
				}
				b.ReportMetric(2*float64(g.M*g.N*g.K)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	})
}
