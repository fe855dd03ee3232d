package kernel

import "gopherlens/mlkit/internal/fault"

// PackedLen is the number of elements that [PackB] writes for k rows of n columns.
func PackedLen(k, n int) int { return (n + nr - 1) / nr * nr * k }

// PackB packs the matrix whose element (k, n) is b[k·kStride + n·nStride] for [Brgemm]:
//
//	dst[p·K·nr + k·nr + j] = B[k, p·nr+j], zero beyond column N,
//
// so that BKS is nr and BPanel is K·nr, with the nr of [Tile]. A convolution's weights of T taps and
// I input channels are a matrix of K = T·I rows, and term t of its Brgemm begins at BOff[t] = t·I·nr.
func PackB(dst, b []float32, k, n, kStride, nStride int) {
	if k <= 0 || n <= 0 {
		return
	}
	inside("a matrix to pack", len(b), 0, (k-1)*kStride+(n-1)*nStride, kStride, nStride)
	if len(dst) < PackedLen(k, n) {
		fault.Panicf("kernel: %d rows of %d columns need %d elements packed, not %d", k, n, PackedLen(k, n), len(dst))
	}
	for n0 := 0; n0 < n; n0 += nr {
		columns := min(nr, n-n0)
		panel := dst[:k*nr]
		dst = dst[k*nr:]
		if columns < nr {
			clear(panel)
		}
		if nStride == 1 && columns == nr && packPanel(panel, b[n0:], k, kStride) {
			continue
		}
		if nStride == 1 {
			for i := range k {
				copy(panel[i*nr:][:columns], b[i*kStride+n0:])
			}
			continue
		}
		j := 0
		if kStride == 1 {
			for ; j+8 <= columns; j += 8 {
				rows := b[(n0+j)*nStride:]
				for i := transpose8(panel[j:], rows, k, nr, nStride); i < k; i++ {
					for r := range 8 {
						panel[i*nr+j+r] = rows[r*nStride+i]
					}
				}
			}
		}
		for ; j < columns; j++ {
			column := b[(n0+j)*nStride:]
			for i := range k {
				panel[i*nr+j] = column[i*kStride]
			}
		}
	}
}
