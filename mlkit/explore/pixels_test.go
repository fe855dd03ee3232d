package explore_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/array"
	"gopherlens/mlkit/explore"
)

func ExamplePixels() {
	pixels := explore.Pixels{Picture: array.From([]uint8{255, 200, 0, 10, 20, 30}, 1, 2, 3), Column: 1}
	fmt.Println(pixels)
	// Output: A picture, and its three layers as pictures of their own. The pixel in row 0, column 1 has red 10, green 20, blue 30.
}

func ExampleGrey() {
	fmt.Println(explore.Grey(array.From([]uint8{255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255}, 1, 4, 3)))
	// Output: [[255  76 150  29]]
}

func ExampleConvolution_Map() {
	picture := array.From([]uint8{
		0, 0, 9, 9,
		0, 0, 9, 9,
		0, 0, 9, 9,
	}, 3, 4)
	filter := array.From([]int{-1, 0, 1, -1, 0, 1, -1, 0, 1}, 3, 3)
	fmt.Println(explore.Convolution{Pictures: []*array.Array{picture}, Filter: filter}.Map())
	fmt.Println(explore.Convolution{Pictures: []*array.Array{picture}, Filter: filter, Padding: true, Stride: 2}.Map())
	// Output:
	// [[27. 27.]]
	// [[ 0. 18.]
	//  [ 0. 18.]]
}

// painted is the picture that an <image> of the nth explorable shows.
func painted(t *testing.T, page *labtest.Page, n int, name string) image.Image {
	t.Helper()
	var href string
	page.Evaluate(part(n, name)+`.querySelector("image").getAttribute("href")`, &href)
	return pixelsOf(t, href)
}

// pixelsOf is the picture that is in a data URL.
func pixelsOf(t *testing.T, url string) image.Image {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(url, "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestPixelsInBrowser(t *testing.T) {
	photo := explore.Photo()
	page := labtest.HTML(t, explore.Pixels{Picture: photo, Row: 60, Column: 100}.HTML())
	check := func(row, column float64) {
		t.Helper()
		want := []float64{row, column}
		for layer := range 3 {
			want = append(want, photo.At(int(row), int(column), layer))
		}
		if got := numbers(says(page, 0)); !slices.Equal(got, want) {
			t.Errorf("it says %q, and Go's numbers are %v", says(page, 0), want)
		}
	}
	check(60, 100)
	page.Click(part(0, "picture")) // its middle
	got := numbers(says(page, 0))
	if math.Abs(got[0]-64) > 1 || math.Abs(got[1]-96) > 1 {
		t.Errorf("a click on the middle leads to row %v, column %v", got[0], got[1])
	}
	check(got[0], got[1])
	page.TabTo(part(0, "place"))
	page.Press(kb.ArrowDown, 3)
	page.Press(kb.ArrowLeft, 2)
	page.Press(kb.PageUp, 1)
	check(got[0]-7, got[1]-2)
	page.Screenshot("pixels-light")
	page.Press(kb.PageUp, 20) // no further than the rim
	check(0, got[1]-2)
	page.TabTo(control(0, "input", 1))
	page.Press(" ", 1)
	if !strings.Contains(says(page, 0), "(off)") {
		t.Errorf("without green it says %q", says(page, 0))
	}
	picture := painted(t, page, 0, "picture")
	for y := range 128 {
		for x := range 192 {
			r, g, b, _ := picture.At(x, y).RGBA()
			if float64(r>>8) != photo.At(y, x, 0) || g != 0 || float64(b>>8) != photo.At(y, x, 2) {
				t.Fatalf("without green, row %d, column %d is %d %d %d", y, x, r>>8, g>>8, b>>8)
			}
		}
	}
	page.Screenshot("pixels-magenta")
	labtest.Accessible(t, page, "html")
}

func filter(numbers ...float64) *array.Array { return array.From(numbers, 3, 3) }

func TestConvolutionInBrowser(t *testing.T) {
	digit := array.Zeros(array.Uint8, 28, 28)
	for i := range 20 {
		for k := range 3 {
			array.Values[uint8](digit)[(i+4)*28+8+k+i/2] = uint8(255 - 80*k)
		}
	}
	grey := explore.Grey(explore.Photo())
	c := explore.Convolution{Pictures: []*array.Array{digit, grey}, Filter: filter(-1, 0, 1, -1, 0, 1, -1, 0, 1)}
	page := labtest.HTML(t, c.HTML()+c.HTML())
	check := func(c explore.Convolution) {
		t.Helper()
		m := c.Map()
		rows, columns := m.Shape()[0], m.Shape()[1]
		got := numbers(says(page, 0)) // rows, columns, smallest, largest, row, column, value
		want := []float64{float64(rows), float64(columns), m.Min(), m.Max()}
		if len(got) != 7 || !slices.EqualFunc(got[:4], want, func(a, b float64) bool { return math.Abs(a-b) < .0051 }) ||
			math.Abs(got[6]-m.At(int(got[4]), int(got[5]))) > .0051 {
			t.Fatalf("it says %q; Go's numbers are %v", says(page, 0), want)
		}
		picture := painted(t, page, 0, "map")
		if picture.Bounds().Size() != image.Pt(columns, rows) {
			t.Fatalf("the map is painted as %v", picture.Bounds())
		}
		low, high := m.Min(), m.Max()
		for y := range rows {
			for x := range columns {
				r, _, _, _ := picture.At(x, y).RGBA()
				if v := 255 * (m.At(y, x) - low) / max(high-low, 1e-9); math.Abs(v-float64(r>>8)) > .51 {
					t.Fatalf("in row %d, column %d the map is painted %d, and %f by Go", y, x, r>>8, v)
				}
			}
		}
		// The tables add up.
		var products []string
		page.Evaluate(`[...`+part(0, "products")+`.querySelectorAll("text")].map((t) => t.textContent)`, &products)
		sum := 0.0
		for _, p := range products {
			sum += numbers(p)[0]
		}
		if math.Abs(sum-got[6]) > .05 {
			t.Errorf("the products %v add up to %v, and it says %v", products, sum, got[6])
		}
	}
	check(c)
	page.Screenshot("convolution-light")
	// Each preset, with strides and padding, on both pictures.
	presets := [][]float64{{0, 0, 0, 0, 1, 0, 0, 0, 0}, {-1, 0, 1, -1, 0, 1, -1, 0, 1}, {-1, -1, -1, 0, 0, 0, 1, 1, 1},
		{-1, -1, -1, -1, 8, -1, -1, -1, -1}, {.0625, .125, .0625, .125, .25, .125, .0625, .125, .0625}, {0, -1, 0, -1, 5, -1, 0, -1, 0}, {-2, -1, 0, -1, 1, 1, 0, 1, 2}}
	for i, numbers := range presets {
		page.Click(control(0, "button", i))
		c.Filter = filter(numbers...)
		check(c)
	}
	page.TabTo(control(0, "input[type=range]", 0))
	page.Press(kb.ArrowRight, 1)
	c.Stride = 2
	check(c)
	page.TabTo(control(0, "input[type=checkbox]", 0))
	page.Press(" ", 1)
	c.Padding = true
	check(c)
	page.Click(control(0, "button", 3))
	c.Filter = filter(presets[3]...)
	check(c)
	page.Evaluate(`(() => { const s = `+control(0, "select", 0)+`; s.selectedIndex = 1; s.dispatchEvent(new Event("change")); return true })()`, new(bool))
	c.Pictures = []*array.Array{grey}
	check(c)
	page.TabTo(control(0, "input[type=range]", 0))
	page.Press(kb.ArrowLeft, 1)
	c.Stride = 1
	check(c)
	// A filter of one's own.
	page.TabTo(control(0, "input[type=number]", 4))
	page.Press(kb.Backspace, 3)
	page.Press("5", 1)
	c.Filter = filter(-1, -1, -1, -1, 5, -1, -1, -1, -1)
	check(c)
	// The place: by the arrow keys, and by pointing at the picture.
	page.TabTo(part(0, "map-place"))
	before := numbers(says(page, 0))
	page.Press(kb.ArrowUp, 4)
	page.Press(kb.ArrowRight, 3)
	check(c)
	if after := numbers(says(page, 0)); after[4] != before[4]-4 || after[5] != before[5]+3 {
		t.Errorf("the arrow keys lead from %v to %v", before, after)
	}
	page.Screenshot("convolution-photo")
	page.Click(part(0, "picture"))
	check(c)
	if after := numbers(says(page, 0)); math.Abs(after[4]-64) > 1 || math.Abs(after[5]-96) > 1 {
		t.Errorf("pointing at the middle of the picture leads to %v", after)
	}
	if other := says(page, 1); !strings.Contains(other, "26 × 26") {
		t.Errorf("the other one says %q", other)
	}
	labtest.Accessible(t, page, "html")
}

func TestPicturesAreRefused(t *testing.T) {
	small, floats := array.Zeros(array.Uint8, 2, 5), array.Zeros(array.Float32, 9, 9)
	good := array.Zeros(array.Uint8, 3, 3)
	one := func(p, filter *array.Array) explore.Convolution {
		return explore.Convolution{Pictures: []*array.Array{p}, Filter: filter}
	}
	for _, v := range []interface{ HTML() string }{
		explore.Pixels{}, explore.Pixels{Picture: good}, explore.Pixels{Picture: explore.Photo(), Row: 128}, explore.Pixels{Picture: array.Zeros(array.Uint8, 0, 4, 3)},
		explore.Convolution{}, one(small, good), one(floats, good), one(good, small), one(good, nil), one(good, filter(0, 0, 0, 0, math.NaN(), 0, 0, 0, 0)),
		explore.Convolution{Pictures: []*array.Array{good}, Filter: good, Stride: 9},
	} {
		if got := v.HTML(); strings.Contains(got, "<script") || !strings.HasPrefix(got, "<p>") {
			t.Errorf("%+v shows %.80s", v, got)
		}
	}
	if got := one(good, good).HTML(); !strings.Contains(got, "<script") {
		t.Errorf("the smallest picture shows %.80s", got)
	}
}
