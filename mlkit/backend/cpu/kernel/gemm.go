package kernel

import (
	"sync"
)

// Gemm is a matrix product, C[m, n] = Σ_k A[m, k]·B[k, n], all row-major in memory.
type Gemm struct {
	M, N, K int
	// A is [M, K] with rows LDA apart, or [K, M] if TransA.
	A      []float32
	LDA    int
	TransA bool
	// B is [K, N] with rows LDB apart, or [N, K] if TransB, or Packed by [PackB].
	B      []float32
	LDB    int
	TransB bool
	Packed bool
	// C is [M, N] with rows LDC apart. If Accumulate, the product is added to it.
	C          []float32
	LDC        int
	Accumulate bool

	// The epilogue, as [Brgemm] has it.
	Bias       []float32
	Activation Activation
	Slope      float32
}

// nBlock is the most columns of B that a block of a large product has: they stay in the L3 cache.
const nBlock = 2048

// blocks returns the most rows of B and of A that a block of a large product has: a panel of B and all of A stay in the
// L2 cache. AVX-512's tiles ask for the panels ahead, and gain by fewer and longer sums. m is a multiple of the level's
// rows of a tile.
func blocks() (k, m int) {
	if active == AVX512 {
		return 1024, 140
	}
	return 512, 168
}

// gemmWork is what a product packs its blocks into.
type gemmWork struct {
	a, b []float32
}

var gemmWorks = sync.Pool{New: func() any { return new(gemmWork) }}

// Run computes the product on the calling goroutine. It panics if a matrix reaches outside of its slice.
func (g *Gemm) Run() {
	if g.M <= 0 || g.N <= 0 {
		return
	}
	ams, aks, bks, bns := g.strides()
	if g.K > 0 {
		inside("A", len(g.A), 0, (g.M-1)*ams+(g.K-1)*aks, ams, aks)
		if g.Packed {
			inside("B", len(g.B), 0, PackedLen(g.K, g.N)-1, 0, 0)
		} else {
			inside("B", len(g.B), 0, (g.K-1)*bks+(g.N-1)*bns, bks, bns)
		}
	}
	inside("C", len(g.C), 0, (g.M-1)*g.LDC+g.N-1, g.LDC, 0)
	p := Brgemm{M: g.M, N: g.N, K: g.K, A: g.A, AMS: ams, AKS: aks, B: g.B, BKS: bks, C: g.C, LDC: g.LDC, Accumulate: g.Accumulate, Bias: g.Bias, Activation: g.Activation, Slope: g.Slope}
	plain := g.Bias == nil && g.Activation == Identity && !g.Packed
	switch {
	case plain && g.M == 1 && g.TransB && aks == 1: // products of B's rows with A
		p = Brgemm{M: g.N, N: 1, K: g.K, A: g.B, AMS: g.LDB, AKS: 1, B: g.A, BKS: 1, C: g.C, LDC: 1, Accumulate: g.Accumulate}
		p.Run()
		return
	case plain && g.N == 1 && g.TransA && g.LDC == 1: // A's rows, weighted by B
		p = Brgemm{M: 1, N: g.M, K: g.K, A: g.B, AMS: 1, AKS: bks, B: g.A, BKS: g.LDA, C: g.C, LDC: g.M, Accumulate: g.Accumulate}
		p.Run()
		return
	case g.N == 1 && bks == 1 && !g.Packed || g.small():
		p.Run()
		return
	}
	w := gemmWorks.Get().(*gemmWork)
	kb, mb := blocks()
	kb, mb = even(max(g.K, 1), kb), even(g.M, mb)
	for n := 0; n < g.N; n += nBlock {
		nb := min(nBlock, g.N-n)
		if g.Packed { // a block of C stays in the L2 cache until it is finished
			for m := 0; m < g.M; m += mb {
				for k := 0; k < max(g.K, 1); k += kb {
					g.block(w, g.B[n*g.K+k*nr:], max(g.K*nr, nr), m, n, k, min(mb, g.M-m), nb, min(kb, g.K-k))
				}
			}
			continue
		}
		for k := 0; k < max(g.K, 1); k += kb {
			kb := min(kb, g.K-k)
			if kb > 0 {
				w.b = atLeast(w.b, PackedLen(kb, nb))
				PackB(w.b, g.B[k*bks+n*bns:], kb, nb, bks, bns)
			}
			for m := 0; m < g.M; m += mb {
				g.block(w, w.b, max(kb*nr, nr), m, n, k, min(mb, g.M-m), nb, kb)
			}
		}
	}
	gemmWorks.Put(w)
}

func (g *Gemm) strides() (ams, aks, bks, bns int) {
	ams, aks, bks, bns = g.LDA, 1, g.LDB, 1
	if g.TransA {
		ams, aks = 1, g.LDA
	}
	if g.TransB {
		bks, bns = 1, g.LDB
	}
	return
}

// small tells whether packing costs more than it gains: few rows use a packed panel of B too seldom.
func (g *Gemm) small() bool {
	return !g.Packed && !g.TransB && (g.M <= 2*mr || g.K*g.N <= 32*32)
}

// even is the size of the fewest equal parts of n, the last one apart, that are no larger than most.
func even(n, most int) int {
	parts := (n + most - 1) / most
	return (n + parts - 1) / parts
}

// atLeast returns a slice of n elements, x if it is long enough.
func atLeast(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}

// block adds the product of an mb×kb block of A and a kb×nb block of B, in panels, to C.
func (g *Gemm) block(w *gemmWork, b []float32, panel, m, n, k, mb, nb, kb int) {
	p := Brgemm{M: mb, N: nb, K: kb, B: b, BKS: nr, BPanel: panel, ahead: true, LDC: g.LDC, Accumulate: g.Accumulate || k > 0}
	if k+kb >= g.K {
		p.Activation, p.Slope = g.Activation, g.Slope
		if g.Bias != nil {
			p.Bias = g.Bias[n:]
		}
	}
	p.C = g.C[m*g.LDC+n:]
	if g.TransA {
		p.transposedA(w, g.A[k*g.LDA+m:], g.LDA)
	} else {
		// Rows side by side, a little apart so that they fall into different sets of the cache.
		stride := kb + 16
		w.a = atLeast(w.a, mb*stride)
		for i := range mb {
			copy(w.a[i*stride:][:kb], g.A[(m+i)*g.LDA+k:])
		}
		p.A, p.AMS, p.AKS = w.a, stride, 1
	}
	p.Run()
}

// transposedA packs the block at a, whose columns lie side by side and whose rows are lda apart, into
// panels as wide as tiles are high.
func (p *Brgemm) transposedA(w *gemmWork, a []float32, lda int) {
	tiles := (p.M + mr - 1) / mr
	h := (p.M + tiles - 1) / tiles
	w.a = atLeast(w.a, tiles*h*p.K+16)
	p.A, p.AMS, p.AKS, p.aPanel, p.aRows = w.a, 1, h, h*p.K, h
	for m := 0; m < p.M; m += h {
		rows, panel := min(h, p.M-m), w.a[m*p.K:]
		if p.K > 0 && rows == h && packRows(panel, a[m:], p.K, lda, h) {
			continue
		}
		for k := range p.K {
			copy(panel[k*h:][:rows], a[k*lda+m:])
		}
	}
}
