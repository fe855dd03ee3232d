package kernel

import "unsafe"

// maskTable holds 8 set lanes, then 8 clear ones; the mask of n lanes begins at 8-n.
var maskTable = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// runTile computes a tile of at most mr rows and nr columns, or what wideTile said.
func runTile(t *tile, rows, columns int) {
	switch active {
	case AVX512:
		vecs := (columns + 15) / 16
		t.mask = 1<<columns - 1
		runAVX512(t, rows, vecs, vecs <= 2)
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

// vecmat adds the products of as many elements of a and rows of b, and of as many columns, as the
// level's kernel takes at a time. It returns those numbers of rows and columns.
func vecmat(t *tile, c, b, a unsafe.Pointer, k, n int) (rows, columns int) {
	var wide int
	switch active {
	case AVX512:
		wide = 16
	case AVX2:
		wide = 8
	default:
		return 0, 0
	}
	rows, columns = k&^7, n&^(wide-1)
	if rows == 0 || columns == 0 {
		return 0, 0
	}
	for i := 0; i < rows; i += 8 {
		cp, bp, ap := (*float32)(c), at(b, i*t.bks), at(a, i*t.aks)
		if active == AVX512 {
			vecmat8AVX512(cp, bp, ap, columns, t.bks, t.aks)
		} else {
			vecmat8AVX2(cp, bp, ap, columns, t.bks, t.aks)
		}
	}
	return rows, columns
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
