package photo

import "image"

// smoothChroma gives a JPEG, as jpeg.Decode returns it, chroma of the luma's resolution, to the bit as
// libjpeg-turbo's "fancy upsampling" (jdsample.c) does, with which OpenCV, Pillow and TensorFlow read. Where the
// chroma has half the columns or half the rows, each sample is made 3/4 of the nearest and 1/4 of the next
// nearest one in that direction; on the edges these are the same. What is halved in other ways, and what is too
// narrow for libjpeg-turbo, stays as it is. The luma is shared.
func smoothChroma(img *image.YCbCr) *image.YCbCr {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cw, ch := w, h // of the chroma
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		cw = (w + 1) / 2
	case image.YCbCrSubsampleRatio420:
		cw, ch = (w+1)/2, (h+1)/2
	case image.YCbCrSubsampleRatio440:
		ch = (h + 1) / 2
	default:
		return img
	}
	if cw < w && cw <= 2 {
		return img
	}
	smooth := *img
	smooth.SubsampleRatio = image.YCbCrSubsampleRatio444
	smooth.CStride = w
	if cw < w {
		smooth.CStride = 2 * cw // a column more where w is odd
	}
	size := smooth.CStride * h
	planes := make([]byte, 2*size)
	smooth.Cb, smooth.Cr = planes[:size:size], planes[size:]
	sums := make([]uint16, cw+1) // of a row: the two that it is made of
	for _, plane := range [][2][]byte{{img.Cb, smooth.Cb}, {img.Cr, smooth.Cr}} {
		from, to := plane[0], plane[1]
		for y := range h {
			near, next := y, y
			if ch < h {
				near = y / 2
				next = min(max(0, near-1+y%2*2), ch-1)
			}
			row, other := from[near*img.CStride:][:cw], from[next*img.CStride:][:cw]
			out := to[y*smooth.CStride:][:smooth.CStride]
			switch {
			case cw == w:
				bias := uint(1 + y%2) // below a half and above it in turn, here and in widen
				for x, v := range row {
					out[x] = byte((3*uint(v) + uint(other[x]) + bias) >> 2)
				}
			case ch == h:
				for x, v := range row {
					sums[x] = uint16(v)
				}
				widen(out, sums, 1, 2, 2)
			default:
				for x, v := range row {
					sums[x] = 3*uint16(v) + uint16(other[x])
				}
				widen(out, sums, 8, 7, 4)
			}
		}
	}
	return &smooth
}

// widen makes two of each number, and shifts them right. There is room for one number after the last.
func widen(out []byte, row []uint16, evenBias, oddBias uint, shift uint) {
	n := len(row) - 1
	row[n] = row[n-1]
	last := uint(row[0])
	this := last
	out = out[:2*n]
	for i, v := range row[1:] {
		next := uint(v)
		pair := out[2*i:][:2]
		pair[0] = byte((3*this + last + evenBias) >> (shift & 7))
		pair[1] = byte((3*this + next + oddBias) >> (shift & 7))
		last, this = this, next
	}
}
