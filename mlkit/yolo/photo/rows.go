package photo

import (
	"image"
	"image/draw"
)

// rows are a photo's, of one of the kinds that are read fast. The fields of the others are nil.
type rows struct {
	bounds image.Rectangle
	ycbcr  *image.YCbCr
	shiftX int // of the chroma's columns
	rgba   *image.RGBA
	nrgba  *image.NRGBA
	gray   *image.Gray
}

func rowsOf(img image.Image) rows {
	s := rows{bounds: img.Bounds()}
	switch img := img.(type) {
	case *image.YCbCr:
		switch img.SubsampleRatio {
		case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
			s.shiftX = 1
		case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
			s.shiftX = 2
		}
		if s.bounds.Min.X >= 0 { // where a shift and COffset's division agree
			s.ycbcr = img
			return s
		}
	case *image.RGBA:
		s.rgba = img
		return s
	case *image.NRGBA:
		s.nrgba = img
		return s
	case *image.Gray:
		s.gray = img
		return s
	}
	s.rgba = image.NewRGBA(s.bounds)
	draw.Draw(s.rgba, s.bounds, image.White, image.Point{}, draw.Src)
	draw.Draw(s.rgba, s.bounds, img, s.bounds.Min, draw.Over)
	return s
}

// read reads row y, counted from the upper edge, at some columns, counted from the left one, as red, green and blue.
func (s *rows) read(to []byte, y int, columns []int) {
	left := s.bounds.Min.X
	y += s.bounds.Min.Y
	switch {
	case s.ycbcr != nil:
		img := s.ycbcr
		luma := img.Y[img.YOffset(left, y):]
		at := img.COffset(left, y)
		cb, cr := img.Cb[at:], img.Cr[at:]
		cb = cb[:len(cr)]
		first := left >> s.shiftX
		for i, x := range columns {
			c := (left+x)>>s.shiftX - first
			to := to[3*i:][:3]
			to[0], to[1], to[2] = rgbOf(luma[x], cb[c], cr[c])
		}
	case s.rgba != nil:
		pixels := s.rgba.Pix[s.rgba.PixOffset(left, y):]
		for i, x := range columns {
			p, to := pixels[4*x:][:4], to[3*i:][:3]
			white := 255 - p[3]
			to[0], to[1], to[2] = p[0]+white, p[1]+white, p[2]+white
		}
	case s.nrgba != nil:
		pixels := s.nrgba.Pix[s.nrgba.PixOffset(left, y):]
		for i, x := range columns {
			p, to := pixels[4*x:][:4], to[3*i:][:3]
			if p[3] == 255 {
				to[0], to[1], to[2] = p[0], p[1], p[2]
				continue
			}
			a := uint32(p[3])
			for k := range to {
				to[k] = byte((uint32(p[k])*a + 255*(255-a) + 127) / 255)
			}
		}
	case s.gray != nil:
		pixels := s.gray.Pix[s.gray.PixOffset(left, y):]
		for i, x := range columns {
			v, to := pixels[x], to[3*i:][:3]
			to[0], to[1], to[2] = v, v, v
		}
	}
}

// rgbOf is a colour as libjpeg-turbo converts it (jdcolor.c): as color.YCbCrToRGB does, but rounded to the nearest.
func rgbOf(y, cb, cr byte) (r, g, b byte) {
	const bias = 256<<16 + 1<<15 // so that none is negative, and half of a level; the last 16 bits are behind the point
	luma, blue, red := int32(y)<<16+bias, int32(cb)-128, int32(cr)-128
	return clamped[uint32(luma+91881*red)>>16&1023],
		clamped[uint32(luma-22554*blue-46802*red)>>16&1023],
		clamped[uint32(luma+116130*blue)>>16&1023]
}

// clamped are the numbers from -256 on, made bytes.
var clamped = func() (to [1024]byte) {
	for i := range to {
		to[i] = byte(min(max(i-256, 0), 255))
	}
	return to
}()
