package kernel

// MaxPool2x2 reduces a row of 2×2 windows with stride 2 to their maxima, NaN where one is in the window:
//
//	dst[w, c] = max(a[2w, c], a[2w+1, c], b[2w, c], b[2w+1, c]),
//
// with rows a and b of an image [height, width, channels] and dst [windows, channels]. The sign of a
// zero is that of one of the maxima.
func MaxPool2x2(dst, a, b []float32, windows, channels int) {
	if windows <= 0 || channels <= 0 {
		return
	}
	n := windows * channels
	dst, a, b = operand(dst, n), operand(a, 2*n), operand(b, 2*n)
	if maxPool(dst, a, b, windows, channels) {
		return
	}
	for w := range windows {
		y := dst[w*channels:][:channels]
		for i, row := range [...][]float32{a[2*w*channels:], a[(2*w+1)*channels:], b[2*w*channels:], b[(2*w+1)*channels:]} {
			if i == 0 {
				copy(y, row)
				continue
			}
			for c, x := range row[:channels] {
				y[c] = max(y[c], x)
			}
		}
	}
}

// MaxPool2x2Grad is the gradient of [MaxPool2x2]: it sets da and db, rows as a and b, to dy at the
// first maximum of each window, a before b and left before right, and to 0 elsewhere. The last NaN
// of a window counts as its maximum.
func MaxPool2x2Grad(da, db, a, b, dy []float32, windows, channels int) {
	if windows <= 0 || channels <= 0 {
		return
	}
	n := windows * channels
	da, db, a, b, dy = operand(da, 2*n), operand(db, 2*n), operand(a, 2*n), operand(b, 2*n), operand(dy, n)
	if maxPoolGrad(da, db, a, b, dy, windows, channels) {
		return
	}
	clear(da)
	clear(db)
	for w := range windows {
		for c := range channels {
			i, j := 2*w*channels+c, (2*w+1)*channels+c
			best, at := a[i], &da[i]
			for k, x := range [...]float32{a[j], b[i], b[j]} {
				if x > best || x != x {
					best, at = x, [...]*float32{&da[j], &db[i], &db[j]}[k]
				}
			}
			*at = dy[w*channels+c]
		}
	}
}

// MaxWindowGrad adds dy[c] to dx[offset+c] at the first maximum of x in the window; the last NaN of a
// window counts as its maximum. The window, of any shape, is given by the offsets in x of the pixels
// that lie in it, in row-major order; every pixel has as many channels as dy.
func MaxWindowGrad(dx, x, dy []float32, offsets []int32) {
	if len(offsets) == 0 {
		return
	}
	for c, g := range dy {
		at := int(offsets[0]) + c
		best := x[at]
		for _, o := range offsets[1:] {
			if v := x[int(o)+c]; v > best || v != v {
				best, at = v, int(o)+c
			}
		}
		dx[at] += g
	}
}
