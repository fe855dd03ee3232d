package scenes

import (
	"image"
	"image/draw"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"gopherlens/mlkit/internal/golden"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
)

// TestGolden holds twelve scenes against the picture in testdata, which somebody has looked at. Run it with -update to
// replace it, and look at it again.
func TestGolden(t *testing.T) {
	const size, across, down = 160, 4, 3
	sheet := image.NewRGBA(image.Rect(0, 0, across*size, down*size))
	set := New(1, across*down, size)
	for i := range set.Len() {
		sample, err := set.Sample(i)
		if err != nil {
			t.Fatal(err)
		}
		var boxes []detection.Detection
		for _, o := range sample.Objects {
			boxes = append(boxes, detection.Detection{Class: o.Class, Name: set.Names()[o.Class], Score: 1, Box: o.Box})
		}
		drawn := detection.Draw(sample.Image, boxes, detection.DrawOptions{LineWidth: 1, TextSize: 8})
		at := image.Pt(i%across*size, i/across*size)
		draw.Draw(sheet, drawn.Rect.Add(at), drawn, image.Point{}, draw.Src)
	}
	golden.Picture(t, "scenes", sheet, 4)
}

// TestRules holds many scenes against what New promises.
func TestRules(t *testing.T) {
	for _, size := range []int{64, 160, 161} {
		const n = 300
		set := New(7, n, size)
		classes := make([]int, len(set.Names()))
		shortest, longest := 1., 0.
		for i := range n {
			sample, err := set.Sample(i)
			if err != nil {
				t.Fatal(err)
			}
			if sample.Image.Rect != image.Rect(0, 0, size, size) || !sample.Image.Opaque() {
				t.Fatalf("picture %d has the bounds %v, opaque %v", i, sample.Image.Rect, sample.Image.Opaque())
			}
			if n := len(sample.Objects); n < 1 || n > 6 {
				t.Errorf("picture %d of %d pixels shows %d objects", i, size, n)
			}
			for k, o := range sample.Objects {
				classes[o.Class]++
				longer := max(o.Box.Width(), o.Box.Height()) / float64(size)
				shortest, longest = min(shortest, longer), max(longest, longer)
				if o.Box != o.Box.Clip(size, size) || o.Box.Area() == 0 {
					t.Errorf("picture %d of %d pixels has the box %v", i, size, o.Box)
				}
				for _, other := range sample.Objects[:k] {
					if shared := o.Box.Intersect(other.Box).Area() / min(o.Box.Area(), other.Box.Area()); shared > .3 {
						t.Errorf("picture %d of %d pixels: %v and %v share %.2f of the smaller one", i, size, o, other, shared)
					}
				}
			}
		}
		for class, count := range classes {
			if count < 30 { // of about 70
				t.Errorf("%d of %d scenes show %q", count, n, set.Names()[class])
			}
		}
		if pixel := 3 / float64(size); shortest < minSide-pixel || shortest > minSide+pixel || longest < .45 || longest > maxSide+pixel {
			t.Errorf("objects' longer sides are %.3f to %.3f of %d pixels", shortest, longest, size)
		}
	}
}

// TestDraw sees that a picture that is no square is drawn to its edges, with objects sized by its shorter side.
func TestDraw(t *testing.T) {
	for seed := range uint64(60) {
		width, height := 192, 96
		if seed%2 == 1 {
			width, height = height, width
		}
		s := Draw(seed, width, height)
		if s.Image.Rect != image.Rect(0, 0, width, height) || !s.Image.Opaque() || len(s.Objects) == 0 {
			t.Fatalf("seed %d: %v with %d objects, opaque %v", seed, s.Image.Rect, len(s.Objects), s.Image.Opaque())
		}
		for _, o := range s.Objects {
			if longer := max(o.Box.Width(), o.Box.Height()); o.Box != o.Box.Clip(width, height) || longer > maxSide*96+3 {
				t.Errorf("seed %d has the box %v", seed, o.Box)
			}
		}
	}
	for _, s := range Samples() {
		if s.Image.Rect != image.Rect(0, 0, 640, 480) || len(s.Objects) < 4 {
			t.Errorf("a sample is %v, with %d objects", s.Image.Rect, len(s.Objects))
		}
	}
}

// TestTight presses objects on an even ground: what changes a little is hardly beyond the box, and what changes much
// reaches its edges.
func TestTight(t *testing.T) {
	for i := range 200 {
		p := newPainter(rand.New(rand.NewPCG(5, uint64(i))), 160, 160)
		for k := range p.img.Pix {
			p.img.Pix[k] = 255
		}
		var s stamp
		if i%2 == 0 {
			s = p.shape(i / 2 % len(outlines))
		} else {
			_, s = p.digit()
		}
		if !p.place(&s, nil) {
			t.Fatal("no room in an empty picture")
		}
		for _, mask := range []*image.Alpha{s.inside, s.edge} {
			if mask != nil {
				p.fill(mask, plain(rgb{}, 1))
			}
		}
		var dark image.Rectangle
		for y := range 160 {
			for x := range 160 {
				if p.img.RGBAAt(x, y).G < 128 {
					dark = dark.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if dark != s.box {
			t.Errorf("object %d is %v, its box %v", i, dark, s.box)
		}
	}
}

// A picture is the same whoever draws it, in whatever order, and in a longer set.
func TestDeterminism(t *testing.T) {
	const n = 16
	short, long := New(3, n, 96), New(3, 10*n, 96)
	samples := make([]dataset.Sample, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { samples[i], _ = long.Sample(i) })
	}
	group.Wait()
	for i := n - 1; i >= 0; i-- {
		sample, err := short.Sample(i)
		if err != nil || !reflect.DeepEqual(sample, samples[i]) {
			t.Errorf("picture %d comes out otherwise, %v", i, err)
		}
		other, err := New(4, n, 96).Sample(i)
		if err != nil || reflect.DeepEqual(other, sample) {
			t.Errorf("picture %d is that of another seed, %v", i, err)
		}
	}
	for _, i := range []int{-1, n} {
		if _, err := short.Sample(i); err == nil {
			t.Errorf("there is a picture %d of %d", i, n)
		}
	}
}

func BenchmarkSample(b *testing.B) {
	set := New(1, 1_000_000, 160)
	i := 0
	for b.Loop() {
		if _, err := set.Sample(i); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
