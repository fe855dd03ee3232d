package photo

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// pattern is an opaque picture with no smooth place.
func pattern(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := x*73 + y*151 + x*y*29
			img.SetRGBA(x, y, color.RGBA{byte(v), byte(v + 57), byte(v + 114), 255})
		}
	}
	return img
}

// TestOpenCV holds HalfPixel against what opencv-python-headless 4.12.0.88 makes of pattern:
// cv2.resize(img, (w, h), interpolation=cv2.INTER_LINEAR).
func TestOpenCV(t *testing.T) {
	for _, test := range []struct {
		w, h, toW, toH int
		want           string
	}{
		{7, 5, 4, 3, "516a6e8da6493d568faeb2605f9871447d964a839c6fa881629b9f91354e568fa8903e77"},
		{7, 5, 9, 6, "003972316aa369a26aa2a214db144d4d4d864c85be85bea2b6ef2871aa23b06962a5738f84848bce0740505089619a68aba347ea635c5a9361a99b4d94917762839bbe8d3054758d77b05ba2b7468e5c956da67485be705f987e407979afe8215891918e8c72a89a6f5d96cfabe45d70a9a147649d505758a1da135b9495814f88a74a83968fc85c95ce2f68a16d346dc7393993cc055f98982b649d4c2f68ca033c"},
		{8, 6, 4, 3, "777069a65f58558e87c47d7682bb74659e5788817a6ba49d8d467fa49d563b74ad924b84"},
		{8, 6, 4, 4, "4e6780ae67404f88a1cf8861869f587e977075ae678da67f7eb7906d863f7b548d6a83bcb730699cb56e427bb4874079"},
		{3, 1, 5, 2, "0039721d568f4982bb75ae4d92cb040039721d568f4982bb75ae4d92cb04"},
		{5, 4, 5, 4, "0039724982bb92cb04db144d245d9697d009fd366f639cd5c9023b2f68a12e67a0b1ea23346da6b7f0293a73acc5fe37659ed7053e77a5de17457eb7"},
	} {
		want, err := hex.DecodeString(test.want)
		if err != nil {
			t.Fatal(err)
		}
		pixels, _ := Prepare(pattern(test.w, test.h), test.toW, test.toH, Stretch, HalfPixel)
		for i, v := range want {
			if pixels[i] != float32(v)*float32(1./255) {
				t.Fatalf("%d×%d to %d×%d: number %d is %g of 255, want %d", test.w, test.h, test.toW, test.toH, i, pixels[i]*255, v)
			}
		}
	}
}

// TestReference holds all resamplings against their definitions in float64.
func TestReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		w, h, toW, toH := 1+rng.IntN(50), 1+rng.IntN(50), 2+rng.IntN(50), 2+rng.IntN(50)
		img := pattern(w, h)
		for _, r := range []Resampling{Darknet, HalfPixel, TF} {
			tolerance := 2e-5
			if r == HalfPixel {
				if w == 2*toW && h == 2*toH {
					continue
				}
				tolerance = 1.01 / 255 // a rounding at the end, and weights of 11 bits
			}
			place := func(i, in, out int) (low, high int, t float64) {
				at := (float64(i)+.5)*float64(in)/float64(out) - .5
				if r == Darknet {
					at = float64(i) * float64(in-1) / float64(out-1)
				}
				floor := math.Floor(at)
				return max(0, int(floor)), min(in-1, int(floor)+1), at - floor
			}
			pixels, _ := Prepare(img, toW, toH, Stretch, r)
			for y := range toH {
				top, bottom, v := place(y, h, toH)
				if step := float32(h-1) / float32(toH-1); r == Darknet && y == toH-1 && float32(y)*step < float32(h-1) {
					continue // Darknet's almost black row
				}
				for x := range toW {
					left, right, u := place(x, w, toW)
					for c := range 3 {
						p := func(x, y int) float64 { return float64(img.Pix[img.PixOffset(x, y)+c]) / 255 }
						want := (1-v)*((1-u)*p(left, top)+u*p(right, top)) + v*((1-u)*p(left, bottom)+u*p(right, bottom))
						if got := pixels[3*(y*toW+x)+c]; math.Abs(float64(got)-want) > tolerance {
							t.Fatalf("resampling %d, %d×%d to %d×%d: (%d, %d)[%d] is %g, want %g", r, w, h, toW, toH, x, y, c, got, want)
						}
					}
				}
			}
		}
	}
}

// resizeImage is Darknet's resize_image as it stands in src/image.c, for one channel.
func resizeImage(im []float32, imW, imH, w, h int) []float32 {
	resized, part := make([]float32, w*h), make([]float32, w*imH)
	wScale, hScale := float32(imW-1)/float32(w-1), float32(imH-1)/float32(h-1)
	for r := range imH {
		for c := range w {
			if c == w-1 || imW == 1 {
				part[r*w+c] = im[r*imW+imW-1]
			} else {
				sx := float32(float32(c) * wScale)
				ix := int(sx)
				dx := sx - float32(ix)
				part[r*w+c] = float32((1-dx)*im[r*imW+ix]) + float32(dx*im[r*imW+ix+1])
			}
		}
	}
	for r := range h {
		sy := float32(float32(r) * hScale)
		iy := int(sy)
		dy := sy - float32(iy)
		for c := range w {
			resized[r*w+c] = float32((1 - dy) * part[iy*w+c])
		}
		if r == h-1 || imH == 1 {
			continue
		}
		for c := range w {
			resized[r*w+c] += float32(dy * part[(iy+1)*w+c])
		}
	}
	return resized
}

// TestDarknet holds Darknet's resampling against its own code, to the bit.
func TestDarknet(t *testing.T) {
	dark := 0
	for w := 1; w < 30; w++ {
		for to := 2; to < 40; to++ {
			img := pattern(w, w+3)
			pixels, _ := Prepare(img, to, to+1, Stretch, Darknet)
			red := make([]float32, w*(w+3))
			for i := range red {
				red[i] = float32(float64(img.Pix[4*i]) / 255)
			}
			want := resizeImage(red, w, w+3, to, to+1)
			for i, v := range want {
				if pixels[3*i] != v {
					t.Fatalf("%d×%d to %d×%d: red pixel %d is %g, want %g", w, w+3, to, to+1, i, pixels[3*i], v)
				}
			}
			if slices.Max(want[to*to:]) < .001 {
				dark++
			}
		}
	}
	if dark == 0 {
		t.Error("no last row that is almost black")
	}
}

func TestLetterbox(t *testing.T) {
	for _, test := range []struct {
		w, h, netW, netH int
		inner            image.Rectangle
	}{
		{768, 576, 416, 416, image.Rect(0, 52, 416, 364)},
		{576, 768, 416, 416, image.Rect(52, 0, 364, 416)},
		{100, 100, 64, 32, image.Rect(16, 0, 48, 32)},
		{7, 5, 13, 12, image.Rect(0, 1, 13, 10)},
		{1000, 1, 10, 10, image.Rect(0, 4, 10, 5)},
		{1, 1000, 10, 10, image.Rect(4, 0, 5, 10)},
	} {
		img := image.NewGray(image.Rect(0, 0, test.w, test.h)) // black
		for _, r := range []Resampling{Darknet, HalfPixel, TF} {
			pixels, m := Prepare(img, test.netW, test.netH, Letterbox, r)
			if want := (Mapping{test.w, test.h, test.netW, test.netH, test.inner}); m != want {
				t.Fatalf("%+v, want %+v", m, want)
			}
			for i, v := range pixels {
				want := float32(.5)
				if (image.Pt(i/3%test.netW, i/3/test.netW)).In(test.inner) {
					want = 0
				}
				if v != want {
					t.Fatalf("%v: number %d is %g, want %g", test, i, v, want)
				}
			}
			in := test.inner
			x1, y1, x2, y2 := m.Box(float64(in.Min.X)/float64(test.netW), float64(in.Min.Y)/float64(test.netH),
				float64(in.Max.X)/float64(test.netW), float64(in.Max.Y)/float64(test.netH))
			for i, d := range []float64{x1, y1, x2 - float64(test.w), y2 - float64(test.h)} {
				if math.Abs(d) > 1e-9 {
					t.Errorf("%v: side %d of the whole photo's box is off by %g", test, i, d)
				}
			}
		}
	}
	if x1, y1, x2, y2 := Map(200, 100, 50, 50, Stretch).Box(.5, .5, 1, 1.5); x1 != 100 || y1 != 50 || x2 != 200 || y2 != 150 {
		t.Error(x1, y1, x2, y2)
	}
}

// TestKinds holds every kind of image against its own colours, on white; parts of images too.
func TestKinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	fill := func(all ...[]byte) {
		for _, p := range all {
			for i := range p {
				p[i] = byte(rng.Uint32())
			}
		}
	}
	bounds := image.Rect(-3, 2, 14, 13)
	rgba, nrgba, gray, gray16 := image.NewRGBA(bounds), image.NewNRGBA(bounds), image.NewGray(bounds), image.NewGray16(bounds)
	cmyk, nrgba64 := image.NewCMYK(bounds), image.NewNRGBA64(bounds)
	paletted := image.NewPaletted(bounds, color.Palette{color.White, color.Black, color.NRGBA{255, 0, 0, 100}, color.Transparent})
	fill(nrgba.Pix, gray.Pix, gray16.Pix, cmyk.Pix, nrgba64.Pix)
	for i := range paletted.Pix {
		paletted.Pix[i] = byte(rng.IntN(4))
	}
	draw.Draw(rgba, bounds, nrgba, bounds.Min, draw.Src)
	type image2 interface {
		image.Image
		SubImage(image.Rectangle) image.Image
	}
	images := []image2{rgba, nrgba, gray, gray16, cmyk, nrgba64, paletted}
	for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
		img := image.NewYCbCr(image.Rect(0, 0, 17, 11), ratio)
		fill(img.Y, img.Cb, img.Cr)
		images = append(images, img)
	}
	for _, whole := range images {
		b := whole.Bounds()
		for _, img := range []image.Image{whole, whole.SubImage(image.Rect(b.Min.X+3, b.Min.Y+5, b.Max.X-2, b.Max.Y-1))} {
			b := img.Bounds()
			pixels, _ := Prepare(img, b.Dx(), b.Dy(), Stretch, TF)
			for i, got := range pixels {
				red, green, blue, a := img.At(b.Min.X+i/3%b.Dx(), b.Min.Y+i/3/b.Dx()).RGBA()
				if img, ok := img.(*image.YCbCr); ok {
					c := img.YCbCrAt(b.Min.X+i/3%b.Dx(), b.Min.Y+i/3/b.Dx())
					r, g, b := rgbOf(c.Y, c.Cb, c.Cr)
					red, green, blue, _ = color.RGBA{r, g, b, 255}.RGBA()
				}
				want := float64([]uint32{red, green, blue}[i%3]+0xffff-a) / 0xffff
				if math.Abs(float64(got)-want) > 1.01/255 {
					t.Fatalf("%T %v: number %d is %g, want %g", img, b, i, got, want)
				}
			}
		}
	}
}

func TestIntoAllocatesLittle(t *testing.T) {
	dst := make([]float32, 3*32*32)
	b := image.Rect(0, 0, 60, 40)
	for _, img := range []image.Image{image.NewRGBA(b), image.NewNRGBA(b), image.NewGray(b), image.NewYCbCr(b, image.YCbCrSubsampleRatio420)} {
		for _, r := range []Resampling{Darknet, HalfPixel, TF} {
			if n := testing.AllocsPerRun(20, func() { Into(dst, img, 32, 32, Letterbox, r) }); n > float64(5+3*runtime.GOMAXPROCS(0)) {
				t.Errorf("%T, resampling %d: %g allocations", img, r, n)
			}
		}
	}
}

func TestIntoRefuses(t *testing.T) {
	img := pattern(2, 2)
	for want, f := range map[string]func(){
		"room for 11 numbers: an input of 2 × 2 pixels needs 12": func() { Into(make([]float32, 11), img, 2, 2, Stretch, TF) },
		"a net's input of 0 × 2 pixels":                          func() { Prepare(img, 0, 2, Stretch, TF) },
		"a net's input of -1 × -2 pixels":                        func() { Prepare(img, -1, -2, Stretch, TF) },
		"the photo has 0 × 5 pixels":                             func() { Prepare(image.NewRGBA(image.Rect(1, 1, 1, 6)), 2, 2, Stretch, TF) },
		"there is no Fit(2)":                                     func() { Prepare(img, 2, 2, 2, TF) },
		"there is no Resampling(3)":                              func() { Prepare(img, 2, 2, Stretch, 3) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "photo: "+want) {
					t.Errorf("%q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

// golden finds shared test data beside the repository.
func golden(t testing.TB, path ...string) string {
	p := filepath.Join(append([]string{"..", "..", "..", "..", "shared", "data"}, path...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skip("no shared data beside the repository")
	}
	return p
}

// TestGolden compares with what OpenCV's blobFromImage makes of photos. libjpeg-turbo's inverse DCT rounds
// otherwise than Go's.
func TestGolden(t *testing.T) {
	for _, name := range []string{"dog", "person", "street"} {
		var summary struct {
			Net          [2]int
			InputSummary struct {
				Mean, Std float64
				First8    []float64
			} `json:"input_summary"`
		}
		text, err := os.ReadFile(golden(t, "golden", "yolo-fastest-1.1__"+name+".json"))
		if err == nil {
			err = json.Unmarshal(text, &summary)
		}
		if err != nil {
			t.Fatal(err)
		}
		img, err := Open(golden(t, "images", name+".jpg"))
		if err != nil {
			t.Fatal(err)
		}
		pixels, _ := Prepare(img, summary.Net[0], summary.Net[1], Stretch, HalfPixel)
		var sum, squares float64
		for _, v := range pixels {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		mean := sum / float64(len(pixels))
		std := math.Sqrt(squares/float64(len(pixels)) - mean*mean)
		want := summary.InputSummary
		if math.Abs(mean-want.Mean) > 1e-4 || math.Abs(std-want.Std) > 1e-4 {
			t.Errorf("%s: mean %g, std %g; want %g, %g", name, mean, std, want.Mean, want.Std)
		}
		for i, v := range want.First8 {
			if math.Abs(float64(pixels[3*i])-v) > 1.01/255 {
				t.Errorf("%s: red pixel %d is %g, want %g", name, i, pixels[3*i], v)
			}
		}
	}
}

// The pool's memory fits whatever comes next.
func TestSizesInTurn(t *testing.T) {
	small, large := pattern(3, 4), pattern(90, 80)
	alone, _ := Prepare(small, 5, 6, Letterbox, TF)
	Prepare(large, 70, 75, Stretch, TF)
	if again, _ := Prepare(small, 5, 6, Letterbox, TF); !slices.Equal(alone, again) {
		t.Error("another result after a larger photo")
	}
}

func BenchmarkInto(b *testing.B) {
	dst := make([]float32, 3*416*416)
	for _, size := range []image.Point{{768, 576}, {4000, 3000}} {
		r := image.Rectangle{Max: size}
		for _, img := range []image.Image{image.NewYCbCr(r, image.YCbCrSubsampleRatio420), image.NewRGBA(r)} {
			for name, resampling := range map[string]Resampling{"Darknet": Darknet, "HalfPixel": HalfPixel, "TF": TF} {
				b.Run(fmt.Sprintf("%T/%d/%s", img, size.X, name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						Into(dst, img, 416, 416, Letterbox, resampling)
					}
				})
			}
		}
	}
}
