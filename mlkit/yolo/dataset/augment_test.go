package dataset

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

var colours = [4]color.RGBA{{200, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 200, 255}, {200, 200, 0, 255}}

// rectangles is a black picture with a rectangle for each class. Its upper left corner is not at (0, 0).
func rectangles(width, height int, where map[int]image.Rectangle) Sample {
	corner := image.Pt(7, -3)
	s := Sample{Image: image.NewRGBA(image.Rect(0, 0, width, height).Add(corner))}
	draw.Draw(s.Image, s.Image.Rect, image.Black, image.Point{}, draw.Src)
	for class := range colours {
		r, ok := where[class]
		if !ok {
			continue
		}
		draw.Draw(s.Image, r.Add(corner), image.NewUniform(colours[class]), image.Point{}, draw.Src)
		s.Objects = append(s.Objects, Object{Class: class, Difficult: class == 2, Box: boxOf(r)})
	}
	return s
}

func boxOf(r image.Rectangle) detection.Box {
	return detection.Box{X1: float64(r.Min.X), Y1: float64(r.Min.Y), X2: float64(r.Max.X), Y2: float64(r.Max.Y)}
}

// seen is where a class's colour is, and how many pixels have it.
func seen(img *image.RGBA, class int) (where image.Rectangle, count int) {
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			got, want := img.RGBAAt(x, y), colours[class]
			if got.R > 99 == (want.R > 99) && got.G > 99 == (want.G > 99) && got.B > 99 == (want.B > 99) {
				where = where.Union(image.Rect(x, y, x+1, y+1))
				count++
			}
		}
	}
	return where, count
}

// holds tells whether a sample's boxes are where the colours are, to a pixel.
func holds(t *testing.T, s Sample, areas map[int]float64) {
	t.Helper()
	boxes := map[int]detection.Box{}
	for _, o := range s.Objects {
		if _, twice := boxes[o.Class]; twice || o.Difficult != (o.Class == 2) {
			t.Errorf("object %v is there twice or has become difficult", o)
		}
		boxes[o.Class] = o.Box
		if o.Box != o.Box.Clip(s.Image.Rect.Dx(), s.Image.Rect.Dy()) {
			t.Errorf("box %v reaches beyond the picture", o.Box)
		}
		where, _ := seen(s.Image, o.Class)
		got := boxOf(where)
		if d := max(math.Abs(got.X1-o.Box.X1), math.Abs(got.Y1-o.Box.Y1), math.Abs(got.X2-o.Box.X2), math.Abs(got.Y2-o.Box.Y2)); d > 1 {
			t.Errorf("class %d is at %v, its box is %v", o.Class, got, o.Box)
		}
	}
	for class := range colours {
		if _, ok := boxes[class]; !ok {
			// A row and a column of pixels may be rounded up.
			where, count := seen(s.Image, class)
			if float64(count-where.Dx()-where.Dy()) > minVisible*areas[class] {
				t.Errorf("%d pixels of class %d are left of %.0f, and no box", count, class, areas[class])
			}
		}
	}
}

func TestApplyGeometry(t *testing.T) {
	where := map[int]image.Rectangle{
		0: image.Rect(2, 3, 42, 23), 1: image.Rect(60, 10, 90, 60), 2: image.Rect(10, 40, 30, 79), 3: image.Rect(100, 20, 118, 70),
	}
	s := rectangles(120, 80, where)
	before := bytes.Clone(s.Image.Pix)
	for name, a := range map[string]Augment{
		"none":    {},
		"stretch": {Fit: photo.Stretch},
		"flip":    {Flip: true},
		"crop":    {Crop: .3},
		"all":     {Crop: .4, Flip: true, Fit: photo.Stretch},
	} {
		t.Run(name, func(t *testing.T) {
			dropped, flipped := 0, 0
			for seed := range uint64(40) {
				for _, size := range []image.Point{{120, 80}, {101, 131}, {160, 64}} {
					got, err := a.Apply(rand.New(rand.NewPCG(seed, 1)), s, nil, size.X, size.Y)
					if err != nil {
						t.Fatal(err)
					}
					if got.Image.Rect != (image.Rectangle{Max: size}) || !got.Image.Opaque() {
						t.Fatalf("the picture has the bounds %v", got.Image.Rect)
					}
					areas := map[int]float64{}
					for class, r := range where { // no picture is shown smaller than this
						areas[class] = float64(r.Dx() * r.Dy())
						if a.Crop > 0 {
							areas[class] *= 100 // cut pictures have any scale
						}
					}
					holds(t, got, areas)
					dropped += len(colours) - len(got.Objects)
					if len(got.Objects) == len(colours) && got.Objects[0].Box.X1 > got.Objects[3].Box.X1 {
						flipped++
					}
				}
			}
			if (dropped > 0) != (a.Crop > 0) || (flipped > 0) != a.Flip {
				t.Errorf("%d objects dropped, %d pictures flipped", dropped, flipped)
			}
		})
	}
	if !bytes.Equal(before, s.Image.Pix) || s.Objects[0].Box != boxOf(where[0]) {
		t.Error("the sample has changed")
	}
}

// By hand: a picture of 100 × 50 pixels.
func TestApplyByHand(t *testing.T) {
	s := rectangles(100, 50, map[int]image.Rectangle{0: image.Rect(10, 10, 30, 20)})
	for _, test := range []struct {
		a             Augment
		width, height int
		want          detection.Box
	}{
		{Augment{}, 100, 50, detection.Box{X1: 10, Y1: 10, X2: 30, Y2: 20}},
		{Augment{}, 100, 100, detection.Box{X1: 10, Y1: 35, X2: 30, Y2: 45}},
		{Augment{}, 200, 200, detection.Box{X1: 20, Y1: 70, X2: 60, Y2: 90}},
		{Augment{}, 150, 50, detection.Box{X1: 35, Y1: 10, X2: 55, Y2: 20}},
		{Augment{Fit: photo.Stretch}, 50, 100, detection.Box{X1: 5, Y1: 20, X2: 15, Y2: 40}},
	} {
		got, err := test.a.Apply(rand.New(rand.NewPCG(1, 1)), s, nil, test.width, test.height)
		if err != nil || len(got.Objects) != 1 || got.Objects[0].Box != test.want {
			t.Errorf("%+v to %d × %d: %v, %v; want %v", test.a, test.width, test.height, got.Objects, err, test.want)
		}
	}
	got, err := Augment{}.Apply(nil, s, nil, 100, 50)
	if err != nil {
		t.Fatal("the zero value needs no rng:", err)
	}
	for i, v := range s.Image.Pix {
		if got.Image.Pix[i] != v {
			t.Fatalf("byte %d of the picture is %d, was %d", i, got.Image.Pix[i], v)
		}
	}
}

func TestQuarter(t *testing.T) {
	object := func(x1, y1, x2, y2, area float64) whole {
		return whole{Object{Box: detection.Box{X1: x1, Y1: y1, X2: x2, Y2: y2}}, area}
	}
	part := image.Rect(10, 10, 50, 50)
	for _, test := range []struct {
		o    whole
		want []Object
	}{
		{object(0, 20, 20, 30, 200), []Object{{Box: detection.Box{X1: 10, Y1: 20, X2: 20, Y2: 30}}}},
		{object(-20, 20, 20, 30, 400), []Object{{Box: detection.Box{X1: 10, Y1: 20, X2: 20, Y2: 30}}}}, // just a quarter
		{object(-21, 20, 20, 30, 410), nil},
		{object(20, 20, 30, 30, 401), nil}, // the rest was cut off before
		{object(60, 60, 70, 70, 100), nil},
		{object(20, 20, 20, 30, 0), nil}, // nothing to see
	} {
		if got := left([]whole{test.o}, part, image.Point{}, nil); !reflect.DeepEqual(got, test.want) {
			t.Errorf("of %v there is left %v, want %v", test.o, got, test.want)
		}
	}
	if got := left([]whole{object(0, 0, 10, 10, 100)}, part, image.Pt(15, 45), nil); len(got) != 1 || got[0].Box != (detection.Box{X1: 15, Y1: 45, X2: 25, Y2: 50}) {
		t.Errorf("moved: %v", got)
	}
}

func TestMosaic(t *testing.T) {
	var counts [5]int
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		class := 0
		next := func() (Sample, error) {
			class++
			return rectangles(90, 60, map[int]image.Rectangle{class - 1: image.Rect(20, 10, 70, 45)}), nil
		}
		first, _ := next()
		got, err := Augment{Mosaic: 1, Flip: true, Fit: photo.Stretch}.Apply(rng, first, next, 90, 60)
		if err != nil || class != 4 {
			t.Fatal(class, err)
		}
		all := 50. * 35
		holds(t, got, map[int]float64{0: all, 1: all, 2: all, 3: all})
		counts[len(got.Objects)]++
	}
	if counts[2]+counts[3] == 0 || counts[4] == 60 {
		t.Errorf("none to four objects are left so often: %v", counts)
	}

	s := rectangles(9, 9, nil)
	if _, err := (Augment{Mosaic: 1}).Apply(rand.New(rand.NewPCG(1, 1)), s, nil, 9, 9); err == nil {
		t.Error("there are no others, and no error")
	}
	broken := errors.New("broken")
	if _, err := (Augment{Mosaic: 1}).Apply(rand.New(rand.NewPCG(1, 1)), s, func() (Sample, error) { return Sample{}, broken }, 9, 9); !errors.Is(err, broken) {
		t.Errorf("others' error comes out as %v", err)
	}
}

func TestRecolour(t *testing.T) {
	for _, test := range []struct {
		pixel                     [3]float32
		hue, saturation, exposure float32
		want                      [3]float32
	}{
		{[3]float32{.8, .2, .2}, 0, 1, 1, [3]float32{.8, .2, .2}},
		{[3]float32{.8, .2, .2}, 1. / 3, 1, 1, [3]float32{.2, .8, .2}}, // red to green
		{[3]float32{.8, .2, .2}, -1. / 3, 1, 1, [3]float32{.2, .2, .8}},
		{[3]float32{.2, .4, .8}, .5, 1, 1, [3]float32{.8, .6, .2}},
		{[3]float32{.8, .2, .2}, 0, .5, 1, [3]float32{.8, .5, .5}},
		{[3]float32{.8, .4, .4}, 0, 10, 1, [3]float32{.8, 0, 0}},
		{[3]float32{.2, .4, .1}, 0, 1, 2, [3]float32{.4, .8, .2}},
		{[3]float32{.5, .5, .5}, .3, 2, 4, [3]float32{1, 1, 1}},
		{[3]float32{}, .3, 2, 2, [3]float32{}},
	} {
		got := test.pixel
		recolour(&got, test.hue, test.saturation, test.exposure)
		for k := range got {
			if math.Abs(float64(got[k]-test.want[k])) > 1e-5 {
				t.Errorf("%v by %g, %g, %g is %v, want %v", test.pixel, test.hue, test.saturation, test.exposure, got, test.want)
				break
			}
		}
	}

	// In a whole picture: the padding stays grey, and boxes stay.
	s := rectangles(40, 20, map[int]image.Rectangle{0: image.Rect(10, 5, 30, 15)})
	var reds []uint8
	for seed := range uint64(20) {
		got, err := Augment{Hue: .05, Saturation: 1.5, Exposure: 1.5}.Apply(rand.New(rand.NewPCG(seed, 3)), s, nil, 40, 40)
		if err != nil || got.Objects[0].Box != (detection.Box{X1: 10, Y1: 15, X2: 30, Y2: 25}) {
			t.Fatal(got.Objects, err)
		}
		if pad := got.Image.RGBAAt(20, 3); pad != (color.RGBA{128, 128, 128, 255}) {
			t.Errorf("the padding is %v", pad)
		}
		red := got.Image.RGBAAt(20, 20)
		if red.R < 132 || red.G > red.R/2 || red.B > red.R/2 {
			t.Errorf("red has become %v", red)
		}
		reds = append(reds, red.R)
	}
	if reflect.DeepEqual(reds[1:], reds[:19]) {
		t.Error("the light is always the same")
	}
}

func TestApplyDeterminism(t *testing.T) {
	s := rectangles(50, 40, map[int]image.Rectangle{0: image.Rect(10, 5, 30, 25)})
	a := Augment{Flip: true, Crop: .2, Hue: .1, Saturation: 1.5, Exposure: 1.5, Mosaic: .5}
	apply := func(seed uint64) Sample {
		got, err := a.Apply(rand.New(rand.NewPCG(seed, 0)), s, func() (Sample, error) { return s, nil }, 64, 64)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for seed := range uint64(10) {
		if !reflect.DeepEqual(apply(seed), apply(seed)) || reflect.DeepEqual(apply(seed), apply(seed+1)) {
			t.Errorf("seed %d gives two pictures, or seed %d the same", seed, seed+1)
		}
	}
}

func TestApplyErrors(t *testing.T) {
	s := rectangles(5, 4, nil)
	for _, a := range []Augment{
		{Crop: -.1}, {Crop: .5}, {Crop: math.NaN()}, {Hue: 1}, {Saturation: .5}, {Saturation: math.Inf(1)}, {Exposure: -1}, {Mosaic: 2}, {Fit: 7},
	} {
		if _, err := a.Apply(rand.New(rand.NewPCG(1, 1)), s, nil, 8, 8); err == nil {
			t.Errorf("%+v: no error", a)
		}
	}
	if _, err := (Augment{}).Apply(nil, s, nil, 0, 8); err == nil {
		t.Error("a picture of no width: no error")
	}
	if _, err := (Augment{}).Apply(nil, Sample{Image: new(image.RGBA)}, nil, 8, 8); err == nil {
		t.Error("a sample without pixels: no error")
	}
	// The smallest pictures there are.
	for seed := range uint64(50) {
		for _, size := range []image.Point{{1, 1}, {1, 5}, {2, 3}} {
			s := rectangles(size.X, size.Y, map[int]image.Rectangle{0: image.Rect(0, 0, 1, 1)})
			a := Augment{Flip: true, Crop: .4, Mosaic: .5}
			if _, err := a.Apply(rand.New(rand.NewPCG(seed, 1)), s, func() (Sample, error) { return s, nil }, size.Y, size.X); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAnchors(t *testing.T) {
	// Three kinds of objects, each a little different in size.
	rng := rand.New(rand.NewPCG(1, 1))
	kinds := [][2]float64{{10, 30}, {60, 50}, {200, 300}}
	var sizes [][2]float64
	for range 300 {
		for _, kind := range kinds {
			f := .95 + .1*rng.Float64()
			sizes = append(sizes, [2]float64{f * kind[0], f * kind[1]})
		}
	}
	for seed := range int64(20) {
		got := Anchors(sizes, 3, seed)
		for i, kind := range kinds {
			if math.Abs(got[i][0]/kind[0]-1) > .01 || math.Abs(got[i][1]/kind[1]-1) > .01 {
				t.Errorf("seed %d: %v, want %v", seed, got, kinds)
			}
		}
	}
	if got, want := Anchors([][2]float64{{1, 2}, {3, 2}, {2, 2}}, 1, 5), [][2]float64{{2, 2}}; !reflect.DeepEqual(got, want) {
		t.Errorf("one anchor is %v, the mean is %v", got, want)
	}
	if got := Anchors([][2]float64{{4, 5}, {0, 3}, {math.NaN(), 1}, {math.Inf(1), 1}, {-1, -1}}, 3, 5); !reflect.DeepEqual(got, [][2]float64{{4, 5}, {4, 5}, {4, 5}}) {
		t.Errorf("of one size: %v", got)
	}
	if !reflect.DeepEqual(Anchors(sizes, 9, 1), Anchors(sizes, 9, 1)) {
		t.Error("the same seed gives other anchors")
	}
	for _, call := range []func(){func() { Anchors(sizes, 0, 1) }, func() { Anchors(nil, 3, 1) }, func() { Anchors([][2]float64{{0, 0}}, 3, 1) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		}()
	}
}
