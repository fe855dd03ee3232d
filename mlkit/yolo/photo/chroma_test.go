package photo

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// TestSmoothChroma holds the filter against numbers worked out by hand. Planes are larger than the picture, as
// jpeg.Decode makes them, and what is beyond it must not be read.
func TestSmoothChroma(t *testing.T) {
	for _, test := range []struct {
		ratio      image.YCbCrSubsampleRatio
		w, h       int
		from, want [][]byte
	}{
		// 10, (3·10+20+2)/4, (3·20+10+1)/4, (3·20+40+2)/4, (3·40+20+1)/4, 40
		{image.YCbCrSubsampleRatio422, 6, 2, [][]byte{{10, 20, 40}, {7, 7, 7}}, [][]byte{{10, 13, 17, 25, 35, 40}, {7, 7, 7, 7, 7, 7}}},
		{image.YCbCrSubsampleRatio422, 5, 1, [][]byte{{10, 20, 40}}, [][]byte{{10, 13, 17, 25, 35}}},
		{image.YCbCrSubsampleRatio440, 1, 6, [][]byte{{10}, {20}, {40}}, [][]byte{{10}, {13}, {17}, {25}, {35}, {40}}},
		{image.YCbCrSubsampleRatio440, 2, 5, [][]byte{{10, 7}, {20, 7}, {40, 7}}, [][]byte{{10, 7}, {13, 7}, {17, 7}, {25, 7}, {35, 7}}},
		{image.YCbCrSubsampleRatio440, 3, 1, [][]byte{{10, 0, 255}}, [][]byte{{10, 0, 255}}},
		// Three times a row and the next nearest one: 40 80 160, 80 60 375, 160 20 805, 200 0 1020. Across then, as
		// (4·40+8)/16, (3·40+80+7)/16, (3·80+40+8)/16, (3·80+160+7)/16, (3·160+80+8)/16, (4·160+7)/16 in the first.
		{image.YCbCrSubsampleRatio420, 6, 4, [][]byte{{10, 20, 40}, {50, 0, 255}},
			[][]byte{{10, 12, 18, 25, 35, 40}, {20, 19, 16, 35, 74, 94}, {40, 31, 14, 54, 152, 201}, {50, 37, 13, 64, 191, 255}}},
		{image.YCbCrSubsampleRatio420, 5, 3, [][]byte{{10, 20, 40}, {50, 0, 255}},
			[][]byte{{10, 12, 18, 25, 35}, {20, 19, 16, 35, 74}, {40, 31, 14, 54, 152}}},
		// Too narrow, and quarters: the nearest.
		{image.YCbCrSubsampleRatio422, 4, 1, [][]byte{{10, 20}}, [][]byte{{10, 10, 20, 20}}},
		{image.YCbCrSubsampleRatio420, 3, 3, [][]byte{{10, 20}, {50, 0}}, [][]byte{{10, 10, 20}, {10, 10, 20}, {50, 50, 0}}},
		{image.YCbCrSubsampleRatio420, 1, 3, [][]byte{{10}, {50}}, [][]byte{{10}, {10}, {50}}},
		{image.YCbCrSubsampleRatio411, 5, 1, [][]byte{{10, 20}}, [][]byte{{10, 10, 10, 10, 20}}},
		{image.YCbCrSubsampleRatio444, 3, 1, [][]byte{{10, 20, 40}}, [][]byte{{10, 20, 40}}},
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 16, 16), test.ratio)
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = 99, 99
		}
		for y, row := range test.from {
			for x, v := range row {
				img.Cb[y*img.CStride+x], img.Cr[y*img.CStride+x] = v, 255-v
			}
		}
		for i := range img.Y {
			img.Y[i] = byte(i)
		}
		before := slices.Concat(img.Y, img.Cb, img.Cr)
		img = img.SubImage(image.Rect(0, 0, test.w, test.h)).(*image.YCbCr)
		smooth := smoothChroma(img)
		inverted := *img
		inverted.Cb, inverted.Cr = img.Cr, img.Cb
		swapped := smoothChroma(&inverted)
		if smooth.Rect != img.Rect {
			t.Fatalf("%v: bounds %v, want %v", test.ratio, smooth.Rect, img.Rect)
		}
		for y, row := range test.want {
			for x, v := range row {
				got := smooth.YCbCrAt(x, y)
				if got.Y != byte(16*y+x) || got.Cb != v {
					t.Errorf("%v, %d×%d: (%d, %d) is %v, want luma %d, blue %d", test.ratio, test.w, test.h, x, y, got, 16*y+x, v)
				}
				if other := swapped.YCbCrAt(x, y); other.Cb != got.Cr || other.Cr != got.Cb {
					t.Errorf("%v, %d×%d: (%d, %d) is %v, but %v with the planes swapped", test.ratio, test.w, test.h, x, y, got, other)
				}
			}
		}
		if after := slices.Concat(img.Y, img.Cb, img.Cr); !bytes.Equal(before, after) {
			t.Errorf("%v, %d×%d: the picture itself has changed", test.ratio, test.w, test.h)
		}
	}
}

// A JPEG's colours are smooth, and a part of it looks as it does in the whole.
func TestDecodedChroma(t *testing.T) {
	ramp := image.NewRGBA(image.Rect(0, 0, 35, 23)) // from red to blue, then to green
	for i := range 35 * 23 {
		x, y := i%35, i/35
		ramp.SetRGBA(x, y, color.RGBA{byte(255 - 7*x), byte(11 * y), byte(7 * x), 255})
	}
	img, err := Decode(bytes.NewReader(written(t, encodeJPEG, image.Image(ramp))), "ramp")
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := Prepare(img, 35, 23, Stretch, TF)
	for i, got := range whole {
		x, y := i/3%35, i/3/35
		// The edges have no neighbour to be made of.
		if want := ramp.Pix[4*(i/3)+i%3]; x > 0 && x < 33 && y > 0 && y < 21 && math.Abs(float64(got)*255-float64(want)) > 4 {
			t.Fatalf("(%d, %d)[%d] is %g, want %d", x, y, i%3, got*255, want)
		}
	}
	r := image.Rect(3, 5, 34, 22)
	part, _ := Prepare(img.(*image.YCbCr).SubImage(r), r.Dx(), r.Dy(), Stretch, TF)
	for y := range r.Dy() {
		if from := 3 * ((r.Min.Y+y)*35 + r.Min.X); !slices.Equal(part[3*r.Dx()*y:][:3*r.Dx()], whole[from:][:3*r.Dx()]) {
			t.Errorf("row %d of a part is another than in the whole", y)
		}
	}
}

// Colours are JFIF's, rounded to the nearest.
func TestRGB(t *testing.T) {
	for y := 0; y < 256; y += 3 {
		for i := range 1 << 16 {
			cb, cr := byte(i>>8), byte(i)
			r, g, b := rgbOf(byte(y), cb, cr)
			luma, blue, red := float64(y), float64(cb)-128, float64(cr)-128
			for c, want := range [3]float64{luma + 1.402*red, luma - 0.34414*blue - 0.71414*red, luma + 1.772*blue} {
				if got := [3]byte{r, g, b}[c]; math.Abs(float64(got)-min(max(want, 0), 255)) > .502 {
					t.Fatalf("YCbCr %d, %d, %d: number %d of its colour is %d, want %g", y, cb, cr, c, got, want)
				}
			}
		}
	}
}
