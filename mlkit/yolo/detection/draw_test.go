package detection

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"gopherlens/mlkit/internal/golden"
)

// backdrop is a picture to draw on.
func backdrop(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			grey := uint8(110 + 40*(x/20%2^y/20%2))
			img.SetRGBA(x, y, color.RGBA{grey, grey, grey, 255})
		}
	}
	return img
}

// TestDraw holds what is drawn against the pictures in testdata, which somebody has looked at. Run it
// with -update to replace them, and look at them again.
func TestDraw(t *testing.T) {
	var classes []Detection // a patch of colour for each class
	for i, name := range COCO()[:20] {
		x, y := float64(10+i%5*125), float64(20+i/5*28)
		classes = append(classes, Detection{i, name, .5, Box{x, y, x + 110, y + 22}})
	}
	for name, test := range map[string]struct {
		width, height int
		list          []Detection
		options       DrawOptions
	}{
		"usual": {400, 300, []Detection{
			{16, "dog", .654, Box{60, 110, 180, 270}},
			{15, "cat", .567, Box{58, 108, 182, 271}}, // the same box: the label makes way
			{2, "car", .9, Box{250, 40, 380, 90}},
			{7, "truck", .31, Box{252, 42, 381, 92}},
			{1, "bicycle", 1, Box{150, 100, 300, 240}},
		}, DrawOptions{}},
		"edges": {400, 300, []Detection{
			{0, "person", .9, Box{-20, -30, 60, 80}},      // beyond the upper left corner
			{58, "pottedplant", .8, Box{370, 5, 420, 70}}, // the label must move left
			{60, "diningtable", .7, Box{300, 280, 500, 310}},
			{62, "tvmonitor", .6, Box{2, 250, 12, 299}},
			{73, "book", .5, Box{200, 150, 200.2, 150.2}}, // less than a pixel
			{74, "clock", .4, Box{500, 500, 600, 600}},    // outside
			{75, "vase", math.NaN(), Box{200, 200, 240, 250}},
			{76, "scissors", .4, Box{math.NaN(), 0, 10, 10}},
			{77, "a bear of so long a name that this picture is far too narrow for all of it, or for half of it", .3, Box{100, 50, 160, 90}},
		}, DrawOptions{}},
		"small":   {48, 32, []Detection{{16, "dog", .65, Box{10, 12, 40, 30}}}, DrawOptions{}},
		"options": {200, 150, []Detection{{16, "dog", .65, Box{40, 60, 160, 140}}}, DrawOptions{LineWidth: 8, TextSize: 24}},
		"classes": {640, 130, classes, DrawOptions{LineWidth: 8, TextSize: 11}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Draw(backdrop(test.width, test.height), test.list, test.options)
			golden.Picture(t, name, got, 3)
		})
	}
}

// TestDrawSizes draws on the smallest and the largest pictures: a box in the photo leaves its colour
// there, and nothing goes wrong.
func TestDrawSizes(t *testing.T) {
	for _, size := range []image.Point{{}, {1, 0}, {1, 1}, {1, 500}, {500, 1}, {3, 3}, {15, 15}, {8000, 6000}} {
		for _, options := range []DrawOptions{{}, {LineWidth: 1000, TextSize: 2000}} {
			img := image.NewGray(image.Rectangle{Max: size}.Add(image.Pt(-7, 5)))
			got := Draw(img, []Detection{
				{16, "dog", .65, Box{0, 0, float64(size.X), float64(size.Y)}},
				{3, strings.Repeat("long ", 1000), .65, Box{-1e300, -1e300, 1e300, 1e300}},
			}, options)
			if got.Rect != (image.Rectangle{Max: size}) {
				t.Errorf("%v: the result has the bounds %v", size, got.Rect)
			}
			if c := got.RGBAAt(size.X-1, size.Y-1); size.X > 0 && size.Y > 0 && c != Color(16) {
				t.Errorf("%v, %+v: the corner is %v, want %v", size, options, c, Color(16))
			}
		}
	}
	many := make([]Detection, 100000)
	for i := range many {
		many[i] = Detection{Class: i % 80, Score: float64(i) / 1e5, Box: Box{0, 0, 20, 20}}
	}
	if got := Draw(image.NewGray(image.Rect(0, 0, 20, 20)), many, DrawOptions{TextSize: 100}); got.RGBAAt(19, 19) != Color((len(many)-1)%80) {
		t.Error("the best of many boxes is not on top")
	}
}

// TestLabels holds that labels lie within the picture and off one another where there is room.
func TestLabels(t *testing.T) {
	w := newWriter(image.NewRGBA(image.Rect(0, 0, 400, 300)), 12)
	defer w.face.Close()
	for i := range 8 {
		w.label(Detection{i, "aeroplane", .5, Box{100, 100, 200, 200}})
	}
	if len(w.taken) != 8 {
		t.Fatalf("%d labels, want 8", len(w.taken))
	}
	for i, at := range w.taken {
		if !at.In(w.out.Rect) {
			t.Errorf("label %d is at %v", i, at)
		}
		for _, other := range w.taken[:i] {
			if at.Overlaps(other) {
				t.Errorf("labels at %v and %v", at, other)
			}
		}
	}
}

func TestColor(t *testing.T) {
	seen := map[color.RGBA]int{}
	for class := range 80 {
		c := Color(class)
		if other, ok := seen[c]; ok {
			t.Errorf("classes %d and %d have one colour, %v", other, class, c)
		}
		seen[c] = class
		light := func(c color.RGBA) float64 {
			linear := func(v uint8) float64 {
				if s := float64(v) / 255; s > .04045 {
					return math.Pow((s+.055)/1.055, 2.4)
				} else {
					return s / 12.92
				}
			}
			return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B) + .05
		}
		a, b := light(c), light(ink(c))
		if contrast := max(a, b) / min(a, b); contrast < 4.5 { // WCAG 2's for text
			t.Errorf("class %d: the text has a contrast of %.2f on %v", class, contrast, c)
		}
	}
	if Color(-1) == (color.RGBA{}) { // no class has that number, and it is no reason to fail
		t.Error("class -1 has no colour")
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, size := range []image.Point{{768, 576}, {8000, 6000}} {
		photo := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420) // as from a JPEG
		var list []Detection
		for i := range 7 {
			x, y := float64(size.X*i/8), float64(size.Y*(i*3%7)/9)
			list = append(list, Detection{i, COCO()[i], .6, Box{x, y, x + float64(size.X)/3, y + float64(size.Y)/3}})
		}
		b.Run(fmt.Sprintf("%dx%d", size.X, size.Y), func(b *testing.B) {
			for b.Loop() {
				Draw(photo, list, DrawOptions{})
			}
		})
	}
}
