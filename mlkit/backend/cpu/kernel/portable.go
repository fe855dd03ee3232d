//go:build !amd64

package kernel

// What only x86 has kernels for; those that return false leave the work to portable Go.

func wideTile(m, n int) int { return nr }

func packPanel(dst, src []float32, k, stride int) bool { return false }

func packRows(dst, src []float32, k, stride, width int) bool { return false }

func transpose8(dst, src []float32, columns, dstStride, srcStride int) int { return 0 }

func vecmat(g *Brgemm, t *tile, c []float32) bool { return false }

func dots(c []float32, ldc int, a []float32, stride int, x []float32, rows int) {
	for m := range rows {
		c[m*ldc] += Dot(x, a[m*stride:])
	}
}

func maxPool(dst, a, b []float32, windows, channels int) bool { return false }

func maxPoolGrad(da, db, a, b, dy []float32, windows, channels int) bool { return false }

func winogradInput(dst, src []float32, rowStride, pixelStride, plane, channels int) {
	winogradInputGeneric(dst, src, rowStride, pixelStride, plane, channels)
}

func winogradOutput(dst, src, bias []float32, rowStride, pixelStride, plane, channels int, slope float32) {
	winogradOutputGeneric(dst, src, bias, rowStride, pixelStride, plane, channels, slope)
}

func winogradWeights(dst []float32, plane int, w []float32, tapStride, n int) bool { return false }

func depthwise(d *Depthwise, c, n int, bias []float32, slope float32) bool { return false }
