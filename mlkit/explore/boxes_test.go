package explore_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/explore"
	"gopherlens/mlkit/yolo/detection"
)

func ExampleOverlap() {
	fmt.Println(explore.Overlap{A: detection.Box{X1: 20, Y1: 20, X2: 120, Y2: 120}, B: detection.Box{X1: 70, Y1: 20, X2: 170, Y2: 120}})
	// Output: Two boxes. They share 5000 pixels and cover 15000 together: IoU = 0.33.
}

func TestOverlapInBrowser(t *testing.T) {
	o := explore.Overlap{A: detection.Box{X1: 60, Y1: 40, X2: 220, Y2: 160}, B: detection.Box{X1: 200, Y1: 100, X2: 360, Y2: 220}}
	page := labtest.HTML(t, o.HTML())
	check := func(b detection.Box) {
		t.Helper()
		o.B = b
		shared := o.A.Intersect(b).Area()
		want := []float64{shared, o.A.Area() + b.Area() - shared, o.A.IoU(b)}
		got := numbers(says(page, 0))
		if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || math.Abs(got[2]-want[2]) > 0.0051 {
			t.Errorf("for b at %v it says %q, by Go's count the numbers are %v", b, says(page, 0), want)
		}
	}
	check(o.B)
	page.Drag(part(0, "b"), -100, -40)
	check(detection.Box{X1: 100, Y1: 60, X2: 260, Y2: 180})
	page.Screenshot("overlap-light")
	page.TabTo(control(0, "input", 0))
	page.Press(kb.ArrowLeft, 40)
	page.TabTo(control(0, "input", 1))
	page.Press(kb.ArrowLeft, 20)
	check(o.A)
	if got := numbers(says(page, 0)); got[2] != 1 {
		t.Errorf("one box upon the other has an IoU of %v", got[2])
	}
	page.TabTo(control(0, "input", 2))
	page.Press(kb.ArrowLeft, 10) // 50 %
	check(detection.Box{X1: 60, Y1: 40, X2: 140, Y2: 100})
	page.Drag(part(0, "b"), 500, 500) // no further than the edge
	check(detection.Box{X1: 320, Y1: 180, X2: 400, Y2: 240})
	labtest.Accessible(t, page, "html")
}

// someProposals are many, around a few things, as a detector makes them.
func someProposals(n int) (list []detection.Detection) {
	rng := rand.New(rand.NewPCG(1, 2))
	names := []string{"bus", "car", "stop sign"}
	for range n {
		class := rng.IntN(len(names))
		x, y, w := float64(60+170*class)+30*rng.NormFloat64(), 100+20*rng.NormFloat64(), 120+30*rng.Float64()
		list = append(list, detection.Detection{Class: class, Name: names[class], Score: math.Round(1e5*math.Pow(rng.Float64(), 2)) / 1e5,
			Box: detection.Box{X1: x, Y1: y, X2: x + w, Y2: y + w}})
	}
	return list
}

func aPhoto(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.NewUniform(color.RGBA{143, 184, 222, 255}), image.Point{}, draw.Src)
	return img
}

func TestThresholdsInBrowser(t *testing.T) {
	value := explore.Thresholds{Photo: aPhoto(1200, 800), Proposals: someProposals(120), Score: .25, IoU: .45}
	page := labtest.HTML(t, value.HTML())
	check := func(score, iou float64) {
		t.Helper()
		value.Score, value.IoU = score, iou
		kept := value.Kept()
		got := numbers(says(page, 0)) // of 120 proposals, n are surer than s %; d overlap, k are left
		if len(got) != 5 || got[0] != 120 || math.Abs(got[2]-100*score) > .51 || got[4] != float64(len(kept)) || got[1]-got[3] != got[4] {
			t.Fatalf("at %v and %v it says %q; by Go's rule %d are left", score, iou, says(page, 0), len(kept))
		}
		// The boxes themselves: those kept are bold, the best last.
		var labels string
		page.Evaluate(fmt.Sprintf(`[...%s.querySelectorAll("text")].map((t) => t.textContent).reverse().join("|")`, part(0, "boxes")), &labels)
		var want []string
		for _, d := range kept {
			want = append(want, fmt.Sprintf("%s %.0f %%", d.Name, math.Round(100*d.Score)))
		}
		if labels != strings.Join(want, "|") {
			t.Errorf("at %v and %v the boxes are\n%s\nwant\n%s", score, iou, labels, strings.Join(want, "|"))
		}
	}
	check(.25, .45)
	set := func(which int, v float64) {
		page.Evaluate(fmt.Sprintf(`(() => { const i = %s; i.value = %v; i.dispatchEvent(new Event("input")); return true })()`, control(0, "input", which), v), new(bool))
	}
	for _, score := range []float64{.02, .1, .33, .5, .8, .98} {
		for _, iou := range []float64{.05, .3, .45, .7, .95, 1} {
			set(0, score)
			set(1, iou)
			check(score, iou)
		}
	}
	set(0, .25)
	set(1, .45)
	page.TabTo(control(0, "input", 0))
	page.Press(kb.ArrowRight, 5)
	check(.30, .45)
	page.TabTo(control(0, "input", 1))
	page.Press(kb.ArrowLeft, 3)
	check(.30, .30)
	page.Screenshot("thresholds-light")
	labtest.Accessible(t, page, "html")
}

func TestThresholdsRefuses(t *testing.T) {
	for _, v := range []explore.Thresholds{{}, {Photo: image.NewGray(image.Rect(0, 0, 0, 5))},
		{Photo: aPhoto(8, 8), Proposals: []detection.Detection{{Score: math.NaN()}}}} {
		if got := v.HTML(); strings.Contains(got, "<script") || !strings.HasPrefix(got, "<p>") {
			t.Errorf("%v shows %.80s", v, got)
		}
	}
	if got := (explore.Thresholds{Photo: aPhoto(8, 8)}).HTML(); !strings.Contains(got, "<script") {
		t.Errorf("a photo without proposals shows %.80s", got)
	}
}
