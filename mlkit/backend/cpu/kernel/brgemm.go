package kernel

import (
	"unsafe"

	"gopherlens/mlkit/internal/fault"
)

// Activation is a function applied to the finished sums of [Brgemm].
type Activation uint8

// The activations of [Brgemm].
const (
	Identity  Activation = iota
	ReLU                 // max(x, 0)
	LeakyReLU            // x, or Slope·x where x is negative
)

// Brgemm is a batch-reduce matrix product,
//
//	C[m, n] = epilogue(Σ_t Σ_k A_t[m, k] · B_t[k, n]),  m < M, n < N, k < K,
//
// with A_t[m, k] = A[AOff[t] + m·AMS + k·AKS]
// and  B_t[k, n] = B[BOff[t] + k·BKS + n]. The table of terms makes it a dense layer (one term), a
// convolution (a term for each tap of the filter, M the pixels of an output row, K the input
// channels, N the output channels) and the gradients of both, without copying A. All strides and
// offsets count elements.
//
// It runs on the calling goroutine and allocates nothing. It does not block over K and t: the caller
// keeps a panel of B, Σ_t K×[Tile] columns, in the L1 or L2 cache.
type Brgemm struct {
	M, N, K int

	// A and its strides: from one row of C to the next, and from one k to the next.
	A        []float32
	AMS, AKS int
	// AOff and BOff have the same length: the number of terms. Both nil is one term at offset 0.
	AOff, BOff []int32

	// B's rows are BKS apart. If BPanel is 0 a row's N elements lie side by side. Otherwise B is
	// packed in panels of nr columns ([Tile]): column n is in panel n/nr, which begins at
	// n/nr·BPanel, and BKS is nr, as [PackB] packs it.
	B           []float32
	BKS, BPanel int

	// C's rows are LDC apart. If Accumulate, the sums are added to what is there.
	C          []float32
	LDC        int
	Accumulate bool

	// The epilogue: x = Σ (+ C); x += Bias[n] unless nil; x = Activation(x); x += Residual[m·LDR+n]
	// unless nil. ResidualFirst adds the residual before the activation. Residual may be C.
	Bias          []float32
	Activation    Activation
	Slope         float32
	Residual      []float32
	LDR           int
	ResidualFirst bool

	// Gemm packs a transposed A: if aPanel is not 0, every aRows rows begin a panel of so many elements.
	aPanel, aRows int
	// Its panels of B come from memory: each is asked for while the one before is used.
	ahead bool
}

// tile is what a micro-kernel is told; the assembly knows its layout. Strides and the offsets a0 and
// b0 are bytes, so that no pointer to outside of A and B is ever made.
type tile struct {
	a, b, c        unsafe.Pointer
	bias, residual unsafe.Pointer
	aOff, bOff     unsafe.Pointer // int32 element offsets, terms of them
	lanes          unsafe.Pointer // AVX2: the lanes of the last vector
	a0, b0         int
	terms, k       int
	ams, aks, bks  int
	ldc, ldr       int
	flags          uint32
	slope          float32
	mask           uint64 // AVX-512: the lanes of all vectors
	// AVX-512: where to ask for memory that later tiles read, and how many bytes of it with every k.
	ahead   uintptr
	aheadBy int
}

const (
	flagAccumulate = 1 << iota
	flagReLU
	flagLeaky
	flagResidualFirst
)

var noOffset [1]int32

// Run computes the product. It panics if a matrix reaches outside of its slice.
func (g *Brgemm) Run() {
	if g.M <= 0 || g.N <= 0 {
		return
	}
	g.check()
	var t tile
	t.terms, t.k = len(g.AOff), g.K
	if t.terms == 0 {
		t.terms = 1
		t.aOff, t.bOff = unsafe.Pointer(&noOffset), unsafe.Pointer(&noOffset)
	} else {
		t.aOff, t.bOff = unsafe.Pointer(&g.AOff[0]), unsafe.Pointer(&g.BOff[0])
	}
	if g.K <= 0 {
		t.terms = 0
	}
	t.a, t.b = unsafe.Pointer(unsafe.SliceData(g.A)), unsafe.Pointer(unsafe.SliceData(g.B))
	t.ams, t.aks, t.bks, t.ldc, t.ldr = 4*g.AMS, 4*g.AKS, 4*g.BKS, 4*g.LDC, 4*g.LDR
	t.slope = g.Slope
	t.flags = g.flags()
	n := 0
	switch {
	case g.Residual != nil: // may be C, which the ways below write before the end
	case g.M == 1 && g.BPanel == 0 && g.N >= 32:
		n = g.row(&t)
	case g.N == 1 && g.BPanel == 0 && g.K >= 16 && g.AKS == 1 && g.BKS == 1:
		n = g.column(&t)
	}
	g.tiles(&t, n, g.N)
}

// row computes a single row of C: it streams through B, all columns side by side. It returns how many
// columns are done.
func (g *Brgemm) row(t *tile) int {
	n := g.N / 16 * 16
	c := g.C[:n]
	if !g.Accumulate {
		clear(c)
	}
	if t.terms > 0 && !vecmat(g, t, c) {
		return 0
	}
	g.finish(t, n)
	return n
}

// column computes a single column of C: products of A's rows with B, both of them in one piece.
func (g *Brgemm) column(t *tile) int {
	if active == Generic {
		return 0
	}
	for m := range g.M {
		if !g.Accumulate {
			g.C[m*g.LDC] = 0
		}
	}
	for i := range t.terms {
		ao, bo := g.offsets(i)
		dots(g.C, g.LDC, g.A[ao:], g.AMS, g.B[bo:bo+g.K], g.M)
	}
	g.finish(t, 1)
	return 1
}

// offsets returns where term i begins.
func (g *Brgemm) offsets(i int) (a, b int) {
	if len(g.AOff) == 0 {
		return 0, 0
	}
	return int(g.AOff[i]), int(g.BOff[i])
}

// finish applies the epilogue to the sums in the first n columns of C: a tile without terms.
func (g *Brgemm) finish(t *tile, n int) {
	if g.Bias == nil && g.Activation == Identity && g.Residual == nil {
		return
	}
	e := *t
	e.terms = 0
	e.flags |= flagAccumulate
	g.tiles(&e, 0, n)
}

func (g *Brgemm) flags() (f uint32) {
	if g.Accumulate {
		f |= flagAccumulate
	}
	switch g.Activation {
	case ReLU:
		f |= flagReLU
	case LeakyReLU:
		f |= flagLeaky
	}
	if g.Residual != nil && g.ResidualFirst {
		f |= flagResidualFirst
	}
	return f
}

// tiles runs the micro-kernel over the columns from n to end, panels of columns outside, so that a panel of B stays
// in the cache while the rows of A pass by.
func (g *Brgemm) tiles(t *tile, n, end int) {
	wide := nr
	if g.BPanel == 0 {
		wide = wideTile(g.M, end-n)
	}
	for ; n < end; n += wide {
		if end-n < wide && wide > nr {
			wide = nr
		}
		t.b0 = 4 * n
		if g.BPanel != 0 {
			t.b0 = 4 * (n / nr) * g.BPanel
		}
		if g.Bias != nil {
			t.bias = unsafe.Pointer(&g.Bias[n])
		}
		columns := min(wide, end-n)
		for m, left := 0, (g.M+mr-1)/mr; m < g.M; left-- {
			rows := (g.M - m + left - 1) / left // as even as can be: 7 and 6, not 12 and 1
			t.a0 = m * t.ams
			if g.aPanel != 0 {
				rows = min(g.aRows, g.M-m)
				t.a0 = 4 * (m / g.aRows) * g.aPanel
			}
			t.c = unsafe.Pointer(&g.C[m*g.LDC+n])
			if g.Residual != nil {
				t.residual = unsafe.Pointer(&g.Residual[m*g.LDR+n])
			}
			if g.ahead { // the tile's share of the next panel
				next := t.b0
				if n+nr < end {
					next += 4 * g.BPanel
				}
				t.ahead = uintptr(t.b) + uintptr(next+4*nr*t.k*t.terms*m/g.M)
				t.aheadBy = (4*nr*rows + g.M - 1) / g.M
			}
			runTile(t, rows, columns)
			m += rows
		}
	}
}

// check panics unless every element that the product touches lies in its slice.
func (g *Brgemm) check() {
	if len(g.AOff) != len(g.BOff) {
		fault.Panicf("kernel: a batch-reduce product has %d offsets for A but %d for B", len(g.AOff), len(g.BOff))
	}
	if g.K > 0 {
		lo, hi := span(g.AOff)
		inside("A", len(g.A), lo, hi+(g.M-1)*g.AMS+(g.K-1)*g.AKS, g.AMS, g.AKS)
		lo, hi = span(g.BOff)
		last := g.N - 1
		if g.BPanel != 0 {
			if g.BKS < nr || g.BPanel < nr {
				fault.Panicf("kernel: packed B has rows of %d elements in panels of %d; the micro-kernel's panels are %d columns wide", g.BKS, g.BPanel, nr)
			}
			last = last/nr*g.BPanel + nr - 1
		}
		inside("B", len(g.B), lo, hi+(g.K-1)*g.BKS+last, g.BKS, g.BPanel)
	}
	inside("C", len(g.C), 0, (g.M-1)*g.LDC+g.N-1, g.LDC, 0)
	if g.Bias != nil {
		inside("the bias", len(g.Bias), 0, g.N-1, 0, 0)
	}
	if g.Residual != nil {
		inside("the residual", len(g.Residual), 0, (g.M-1)*g.LDR+g.N-1, g.LDR, 0)
	}
}

// span returns the least and the greatest offset.
func span(offsets []int32) (lo, hi int) {
	if len(offsets) == 0 {
		return 0, 0
	}
	l, h := offsets[0], offsets[0]
	for _, o := range offsets[1:] {
		l, h = min(l, o), max(h, o)
	}
	return int(l), int(h)
}

func inside(what string, length, first, last, stride1, stride2 int) {
	if first < 0 || last >= length || stride1 < 0 || stride2 < 0 {
		fault.Panicf("kernel: %s has %d elements, but the product reaches elements %d to %d of it (strides %d and %d)", what, length, first, last, stride1, stride2)
	}
}
