package kernel

import "unsafe"

// maskTable holds 8 set lanes, then 8 clear ones; the mask of n lanes begins at 8-n.
var maskTable = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// fullRows is the number of rows from which on AVX-512 has micro-kernels of 32 columns without a mask; asm writes them.
const fullRows = 7

// aheadRows is the number of rows from which on these come in a version that asks for memory ahead; asm writes them.
const aheadRows = 10

// runTile computes a tile of at most mr rows and nr columns, or what wideTile said.
func runTile(t *tile, rows, columns int) {
	switch active {
	case AVX512:
		vecs := (columns + 15) / 16
		t.mask = 1<<columns - 1
		masked := vecs <= 2 && (columns < 32 || rows < fullRows)
		runAVX512(t, rows, vecs, masked, t.aheadBy != 0 && rows >= aheadRows && !masked)
	case AVX2:
		vecs := (columns + 7) / 8
		last := columns - 8*(vecs-1)
		t.lanes = unsafe.Pointer(&maskTable[8-last])
		runAVX2(t, rows, vecs, last < 8)
	default:
		runGeneric(t, rows, columns)
	}
}

// wideTile returns the columns of a tile for a product of m rows with a B that is not packed: few
// rows leave registers for more columns.
func wideTile(m, n int) int {
	switch {
	case active == AVX512 && m >= 2 && m <= 6 && n >= 64:
		return 64
	case active == AVX2 && m >= 2 && m <= 3 && n >= 32:
		return 32
	}
	return nr
}

// packPanel copies k rows of nr columns if the level has a kernel for it.
func packPanel(dst, src []float32, k, stride int) bool {
	switch active {
	case AVX512:
		packPanelAVX512(&dst[0], &src[0], k, 4*stride)
	case AVX2:
		packPanelAVX2(&dst[0], &src[0], k, 4*stride)
	default:
		return false
	}
	return true
}

// vecmat adds the single row of the product to c, whose columns are a multiple of 16. It is false where the level has
// no kernel for it.
func vecmat(g *Brgemm, t *tile, c []float32) bool {
	if active == Generic {
		return false
	}
	for i := range t.terms {
		ao, bo := g.offsets(i)
		k := 0
		for ; k+8 <= g.K; k += 8 {
			a, b := &g.A[ao+k*g.AKS], &g.B[bo+k*g.BKS]
			if active == AVX512 {
				vecmat8AVX512(&c[0], b, a, len(c), t.bks, t.aks)
			} else {
				vecmat8AVX2(&c[0], b, a, len(c), t.bks, t.aks)
			}
		}
		for ; k < g.K; k++ {
			Axpy(c, g.A[ao+k*g.AKS], g.B[bo+k*g.BKS:])
		}
	}
	return true
}

// dots adds the products of rows of a, stride apart, with x to every ldc-th element of c.
func dots(c []float32, ldc int, a []float32, stride int, x []float32, rows int) {
	var sums [4]float32
	m := 0
	for ; m+4 <= rows; m += 4 {
		if active == AVX512 {
			dots4AVX512(&sums[0], &a[m*stride], &x[0], len(x), 4*stride)
		} else {
			dots4AVX2(&sums[0], &a[m*stride], &x[0], len(x), 4*stride)
		}
		for i, s := range sums {
			c[(m+i)*ldc] += s
		}
	}
	for ; m < rows; m++ {
		c[m*ldc] += Dot(x, a[m*stride:])
	}
}

// packRows copies k rows of width elements side by side, if the level has a kernel for it. It
// writes up to 16 elements more.
func packRows(dst, src []float32, k, stride, width int) bool {
	switch active {
	case AVX512:
		packRowsAVX512(&dst[0], &src[0], k, 4*stride, width)
	case AVX2:
		packRowsAVX2(&dst[0], &src[0], k, 4*stride, width)
	default:
		return false
	}
	return true
}

// transpose8 turns 8 rows into columns as far as the level's kernel can, and returns how far that is.
func transpose8(dst, src []float32, columns, dstStride, srcStride int) int {
	columns &^= 7
	if active == Generic || columns == 0 {
		return 0
	}
	transpose8AVX2(&dst[0], &src[0], columns, 4*dstStride, 4*srcStride)
	return columns
}

// FMA runs rounds of independent fused multiply-adds, as vectors at the active level, and returns
// how many floating-point operations these were: the peak that the other kernels are measured against.
func FMA(rounds int) (operations int) {
	switch active {
	case AVX512:
		peakAVX512(rounds)
		return rounds * 120 * 16 * 2
	case AVX2:
		peakAVX2(rounds)
		return rounds * 120 * 8 * 2
	}
	return peakGeneric(rounds)
}

func maxPool(dst, a, b []float32, windows, channels int) bool {
	switch active {
	case AVX512:
		maxPoolAVX512(&dst[0], &a[0], &b[0], windows, channels)
	case AVX2:
		maxPoolAVX2(&dst[0], &a[0], &b[0], windows, channels)
	default:
		return false
	}
	return true
}

func maxPoolGrad(da, db, a, b, dy []float32, windows, channels int) bool {
	switch active {
	case AVX512:
		maxPoolGradAVX512(&da[0], &db[0], &a[0], &b[0], &dy[0], windows, channels)
	case AVX2:
		maxPoolGradAVX2(&da[0], &db[0], &a[0], &b[0], &dy[0], windows, channels)
	default:
		return false
	}
	return true
}
