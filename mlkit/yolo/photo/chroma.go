package photo

import (
	"image"

	"gopherlens/mlkit/internal/parallel"
)

// smoothChroma gives a JPEG, as jpeg.Decode returns it, chroma of the luma's resolution, to the bit as
// libjpeg-turbo's "fancy upsampling" (jdsample.c) does, with which OpenCV, Pillow and TensorFlow read. Where the
// chroma has half the columns or half the rows, each sample is 3/4 of the nearest and 1/4 of the next nearest one
// in that direction; on the edges these are the same. Chroma of a quarter of the columns stays as it is, there and
// here, and so does chroma of half of them that has only one or two. The luma is shared.
func smoothChroma(img *image.YCbCr) *image.YCbCr {
	var wide, high bool // which direction is halved
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		wide = true
	case image.YCbCrSubsampleRatio420:
		wide, high = true, true
	case image.YCbCrSubsampleRatio440:
		high = true
	default:
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cw, ch := w, h // of the chroma
	if wide {
		cw = (w + 1) / 2
	}
	if high {
		ch = (h + 1) / 2
	}
	if wide && cw <= 2 {
		return img
	}
	smooth := *img
	smooth.SubsampleRatio = image.YCbCrSubsampleRatio444
	smooth.CStride = w
	if wide {
		smooth.CStride = 2 * cw // a column more where w is odd
	}
	size := smooth.CStride * h
	planes := make([]byte, 2*size)
	smooth.Cb, smooth.Cr = planes[:size:size], planes[size:]
	parallel.Do(2*h, func(first, end int) {
		sums := make([]uint16, cw+1) // of a row: the two that it is made of
		for y := first; y < end; y++ {
			from, to, y := img.Cb, smooth.Cb, y
			if y >= h {
				from, to, y = img.Cr, smooth.Cr, y-h
			}
			near, next := y, y
			if high {
				near = y / 2
				next = min(max(0, near-1+y%2*2), ch-1)
			}
			row, other := from[near*img.CStride:][:cw], from[next*img.CStride:][:cw]
			out := to[y*smooth.CStride:][:smooth.CStride]
			switch {
			case !wide:
				bias := uint(1 + y%2) // so that halves are rounded down and up in turn, here and in widen
				for x, v := range row {
					out[x] = byte((3*uint(v) + uint(other[x]) + bias) >> 2)
				}
			case !high:
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
	})
	return &smooth
}

// widen makes two of each number but the last, which is room for the edge, and shifts them right.
func widen(out []byte, row []uint16, evenBias, oddBias, shift uint) {
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
