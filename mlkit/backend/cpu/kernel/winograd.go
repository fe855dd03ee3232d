package kernel

import "gopherlens/mlkit/internal/fault"

// Winograd's F(4×4, 3×3) computes 4×4 outputs of a 3×3 convolution with stride 1 from 6×6 inputs with 36
// multiplications a channel instead of 144: with the matrices A, B and G of Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks" (2016),
//
//	Y = Aᵀ ((G g Gᵀ) ⊙ (Bᵀ d B)) A
//
// for weights g and inputs d. ⊙ is a matrix product over the channels for each of the 36 positions,
// which is [Brgemm]'s: U[p] = [tiles, inputs], V[p] = [inputs, outputs]. Rounding errors are some ten
// times those of the direct convolution, below 10⁻⁴ of the sum of the terms' magnitudes.

// Rectangle is the part of a tile that lies in the image: rows Top to Bottom−1, columns Left to Right−1.
type Rectangle struct{ Top, Bottom, Left, Right int }

// WinogradWeights sets dst[p·plane + i] = (G g_i Gᵀ)[p] for n filters g of 3×3 taps, g_i[tap] at
// w[tap·tapStride + i] and p = 6·row + column.
func WinogradWeights(dst []float32, plane int, w []float32, tapStride, n int) {
	if n <= 0 {
		return
	}
	inside("the transformed filters", len(dst), 0, 35*plane+n-1, plane, 0)
	inside("the filters", len(w), 0, 8*tapStride+n-1, tapStride, 0)
	if winogradWeights(dst, plane, w, tapStride, n) {
		return
	}
	for i := range n {
		var rows [3][6]float32
		for y := range 3 {
			rows[y] = filter6(w[3*y*tapStride+i], w[(3*y+1)*tapStride+i], w[(3*y+2)*tapStride+i])
		}
		for x := range 6 {
			for y, t := range filter6(rows[0][x], rows[1][x], rows[2][x]) {
				dst[(6*y+x)*plane+i] = t
			}
		}
	}
}

// filter6 is G·g.
func filter6(g0, g1, g2 float32) [6]float32 {
	outer, inner := -(g0+g2)/6, g1/6
	far, near := g0/24+g2/6, g1/12
	return [6]float32{g0 / 4, outer - inner, outer + inner, far + near, far - near, g2}
}

// WinogradInput sets dst[p·plane + c] = (Bᵀ d_c B)[p] for the 6×6 pixels d that begin at src[at], pixel
// (y, x) at at + y·rowStride + x·pixelStride, channels side by side. Only the pixels in the rectangle
// are read, the others are zero; at itself may be outside of src. p = 6·row + column.
func WinogradInput(dst []float32, plane int, src []float32, at, rowStride, pixelStride, channels int, in Rectangle) {
	if channels <= 0 {
		return
	}
	if in.Top < 0 || in.Bottom > 6 || in.Left < 0 || in.Right > 6 {
		fault.Panicf("kernel: %+v is not in a tile of 6×6 pixels", in)
	}
	inside("the transformed tile", len(dst), 0, 35*plane+channels-1, plane, 0)
	empty := in.Top >= in.Bottom || in.Left >= in.Right
	if !empty {
		inside("the image", len(src), at+in.Top*rowStride+in.Left*pixelStride, at+(in.Bottom-1)*rowStride+(in.Right-1)*pixelStride+channels-1, rowStride, pixelStride)
	}
	if in == (Rectangle{0, 6, 0, 6}) {
		winogradInput(dst, src[at:], rowStride, pixelStride, plane, channels)
		return
	}
	var tile [36 * 16]float32
	for c := 0; c < channels; c += 16 {
		n := min(16, channels-c)
		if !empty {
			for y := in.Top; y < in.Bottom; y++ {
				for x := in.Left; x < in.Right; x++ {
					copy(tile[(6*y+x)*16:][:n], src[at+y*rowStride+x*pixelStride+c:])
				}
			}
		}
		winogradInput(dst[c:], tile[:], 6*16, 16, plane, n)
	}
}

func winogradInputGeneric(dst, src []float32, rowStride, pixelStride, plane, channels int) {
	for c := range channels {
		var t [6][6]float32
		for x := range 6 {
			var d [6]float32
			for y := range 6 {
				d[y] = src[y*rowStride+x*pixelStride+c]
			}
			for y, v := range input6(d) {
				t[y][x] = v
			}
		}
		for y := range 6 {
			for x, v := range input6(t[y]) {
				dst[(6*y+x)*plane+c] = v
			}
		}
	}
}

// input6 is Bᵀ·d.
func input6(d [6]float32) [6]float32 {
	a, b, c, e := d[4]-4*d[2], d[3]-4*d[1], d[4]-d[2], 2*(d[3]-d[1])
	return [6]float32{4*d[0] - 5*d[2] + d[4], a + b, a - b, c + e, c - e, 4*d[1] - 5*d[3] + d[5]}
}

// WinogradOutput sets rows × columns of the 4×4 pixels Y = Aᵀ m A + bias, m[p] at src[p·plane + c], and
// multiplies those below zero by the slope: 1 leaves them, 0 is the rectifier. Pixel (y, x) goes to
// dst[y·rowStride + x·pixelStride + c]. A nil bias is zero.
func WinogradOutput(dst []float32, rowStride, pixelStride int, src []float32, plane, channels int, bias []float32, slope float32, rows, columns int) {
	if channels <= 0 || rows <= 0 || columns <= 0 {
		return
	}
	rows, columns = min(rows, 4), min(columns, 4)
	inside("the transformed tile", len(src), 0, 35*plane+channels-1, plane, 0)
	inside("the image", len(dst), 0, (rows-1)*rowStride+(columns-1)*pixelStride+channels-1, rowStride, pixelStride)
	block := channels
	whole := rows == 4 && columns == 4
	if !whole {
		block = 16
	} else if bias == nil {
		block = len(zeros)
	}
	if bias != nil {
		bias = operand(bias, channels)
	}
	var tile [16 * 16]float32
	for c := 0; c < channels; c += block {
		n, b := min(block, channels-c), zeros[:]
		if bias != nil {
			b = bias[c:]
		}
		if whole {
			winogradOutput(dst[c:], src[c:], b, rowStride, pixelStride, plane, n, slope)
			continue
		}
		winogradOutput(tile[:], src[c:], b, 4*16, 16, plane, n, slope)
		for y := range rows {
			for x := range columns {
				copy(dst[y*rowStride+x*pixelStride+c:][:n], tile[(4*y+x)*16:])
			}
		}
	}
}

// zeros stand for a bias that is nil.
var zeros [256]float32

func winogradOutputGeneric(dst, src, bias []float32, rowStride, pixelStride, plane, channels int, slope float32) {
	for c := range channels {
		var t [6][4]float32
		for y := range 6 {
			var m [6]float32
			for x := range 6 {
				m[x] = src[(6*y+x)*plane+c]
			}
			t[y] = output4(m)
		}
		for x := range 4 {
			for y, v := range output4([6]float32{t[0][x], t[1][x], t[2][x], t[3][x], t[4][x], t[5][x]}) {
				dst[y*rowStride+x*pixelStride+c] = leaky(v+bias[c], slope)
			}
		}
	}
}

// output4 is Aᵀ·m.
func output4(m [6]float32) [4]float32 {
	s, d, s2, d2 := m[1]+m[2], m[1]-m[2], m[3]+m[4], m[3]-m[4]
	return [4]float32{m[0] + s + s2, d + 2*d2, s + 4*s2, d + 8*d2 + m[5]}
}

// leaky is x, times the slope where negative; 0 even for −Inf if the slope is 0.
func leaky(x, slope float32) float32 {
	switch {
	case !(x < 0):
		return x
	case slope == 0:
		return 0
	}
	return x * slope
}
