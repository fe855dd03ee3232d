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
