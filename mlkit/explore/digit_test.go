package explore_test

import (
	"fmt"
	"image"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/explore"
)

func ExampleDigit() {
	fmt.Println(explore.Digit{})
	// Output: A handwritten 3, the maps that each layer of a trained network makes of it, and the probabilities of the ten digits: 3 has 100.0 %.
}

var lineTo = regexp.MustCompile(`([ML])([-\d.e]+) ([-\d.e]+)`)

// strokesOn are the strokes that the nth explorable shows.
func strokesOn(t *testing.T, page *labtest.Page, n int) (strokes [][]digitnet.Point) {
	t.Helper()
	var path string
	page.Evaluate(part(n, "strokes")+`.firstElementChild.getAttribute("d")`, &path)
	for _, match := range lineTo.FindAllStringSubmatch(path, -1) {
		var x, y float64
		if _, err := fmt.Sscan(match[2], &x); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(match[3], &y); err != nil {
			t.Fatal(err)
		}
		if match[1] == "M" {
			strokes = append(strokes, nil)
		}
		last := &strokes[len(strokes)-1]
		*last = append(*last, digitnet.Point{X: x / 196, Y: y / 196})
	}
	return strokes
}

// readsAsGo fails the test unless the probabilities and the maps are those that Go computes natively of the same strokes.
// It returns the digit, and how many strokes there are.
func readsAsGo(t *testing.T, page *labtest.Page, n int) (digit, strokes int) {
	t.Helper()
	var shown []string
	page.Evaluate(`window.settled = false; requestAnimationFrame(() => requestAnimationFrame(() => { window.settled = true })); true`, nil)
	page.Wait(10*time.Second, `window.settled`)
	drawn := strokesOn(t, page, n)
	maps := new(digitnet.Maps)
	digitnet.Ink(drawn, maps.Layer(0))
	digitnet.Trained().Forward(maps)
	page.Evaluate(fmt.Sprintf(`[...%s.querySelectorAll(".end")].map((e) => e.textContent)`, part(n, "answers")), &shown)
	if len(shown) != 10 {
		t.Fatalf("there are %d probabilities", len(shown))
	}
	for d, p := range maps.Probabilities() {
		if got := numbers(shown[d]); len(got) != 1 || math.Abs(got[0]-100*float64(p)) > .0501 {
			t.Errorf("a %d has %q, by Go's count %.3f %%", d, shown[d], 100*p)
		}
	}
	digit, p := maps.Digit()
	if text := says(page, n); !strings.Contains(text, fmt.Sprintf("ost likely a %d, with %.1f %%; then a ", digit, 100*p)) {
		t.Errorf("it says %q, and Go %d with %.1f %%", text, digit, 100*p)
	}
	for i, columns := range []int{1, 16, 32, 32, 32, 64} {
		want := explore.FeatureMaps(maps, i, columns)
		got := canvas(t, page, n, i)
		if got.Bounds() != want.Bounds() {
			t.Fatalf("the canvas of layer %d is %v, want %v", i, got.Bounds(), want.Bounds())
		}
		for k, v := range want.Pix {
			r, _, _, _ := got.At(k%want.Stride, k/want.Stride).RGBA()
			if d := int(r>>8) - int(v); d < -1 || d > 1 {
				t.Fatalf("layer %d has %d at (%d, %d), want %d", i, r>>8, k%want.Stride, k/want.Stride, v)
			}
		}
	}
	return digit, len(drawn)
}

// canvas is what the nth explorable shows on a canvas.
func canvas(t *testing.T, page *labtest.Page, n, which int) image.Image {
	t.Helper()
	var url string
	page.Evaluate(control(n, "canvas", which)+`.toDataURL()`, &url)
	return pixelsOf(t, url)
}

func TestDigitInBrowser(t *testing.T) {
	page := labtest.HTML(t, explore.Digit{}.HTML()+explore.Digit{}.HTML())
	page.Wait(30*time.Second, root(0)+`?.querySelector(".says").textContent != "" && `+root(1)+`?.querySelector(".says").textContent != ""`)
	if digit, _ := readsAsGo(t, page, 0); digit != 3 {
		t.Errorf("it begins with a %d", digit)
	}
	page.Screenshot("digit-light")
	var off float64 // of a canvas from the static picture below it, in pixels
	page.Evaluate(fmt.Sprintf(`Math.max(...[...%[1]s.querySelectorAll("image")].flatMap((image, i) => {
		const a = image.getBoundingClientRect(), b = %[1]s.querySelectorAll("canvas")[i].getBoundingClientRect();
		return ["x", "y", "width", "height"].map((k) => Math.abs(a[k] - b[k]));
	}))`, root(0)), &off)
	if off > 1 {
		t.Errorf("a canvas is %.1f pixels from its place", off)
	}
	for digit := range 10 {
		page.Click(control(0, "[role=group] button", digit))
		if got, _ := readsAsGo(t, page, 0); got != digit {
			t.Errorf("the sample of a %d is read as a %d", digit, got)
		}
	}
	// By mouse: a 7 in two strokes.
	button := func(which int) string { return control(0, ".controls > button", which) }
	page.Click(button(0))
	if _, strokes := readsAsGo(t, page, 0); strokes != 0 || !strings.HasPrefix(says(page, 0), "Nothing is drawn") {
		t.Errorf("after Clear there are %d strokes, and it says %q", strokes, says(page, 0))
	}
	paper := part(0, "paper") + `.querySelector("rect")`
	page.Draw(paper, [2]float64{.3, .2}, [2]float64{.7, .2}, [2]float64{.6, .5}, [2]float64{.45, .9})
	if digit, strokes := readsAsGo(t, page, 0); digit != 7 || strokes != 1 {
		t.Errorf("%d strokes of a 7 are read as a %d", strokes, digit)
	}
	page.Draw(paper, [2]float64{.4, .55}, [2]float64{.7, .5})
	if digit, strokes := readsAsGo(t, page, 0); digit != 7 || strokes != 2 {
		t.Errorf("%d strokes of a 7 are read as a %d", strokes, digit)
	}
	page.Screenshot("digit-drawn")
	page.Click(button(1))
	if _, strokes := readsAsGo(t, page, 0); strokes != 1 {
		t.Errorf("after one was taken back there are %d strokes", strokes)
	}
	// A dot.
	page.Click(button(0))
	page.Draw(paper, [2]float64{.5, .5})
	readsAsGo(t, page, 0)
	// By finger, which does not scroll the page instead: a 1.
	page.Click(button(0))
	page.Touch(paper, [2]float64{.5, .2}, [2]float64{.5, .3}, [2]float64{.5, .5}, [2]float64{.5, .8})
	if digit, _ := readsAsGo(t, page, 0); digit != 1 {
		t.Errorf("a 1 by finger is read as a %d", digit)
	}
	if strokes := strokesOn(t, page, 0); len(strokes) != 1 || len(strokes[0]) != 4 {
		t.Errorf("a 1 by finger is %v", strokes)
	}
	// By keyboard: a 1, turned to lie down.
	page.Click(button(0))
	page.TabTo(part(0, "paper"))
	page.Press(kb.ArrowUp, 8)
	page.Press(" ", 1)
	page.Press(kb.ArrowDown, 16)
	page.Press(" ", 1)
	page.Press(kb.ArrowLeft, 3)
	page.Screenshot("digit-keyboard")
	if digit, strokes := readsAsGo(t, page, 0); digit != 1 || strokes != 1 {
		t.Errorf("a 1 by keyboard is read as a %d; there are %d strokes", digit, strokes)
	}
	page.TabTo(control(0, "input", 0))
	page.Press(kb.ArrowRight, 18)
	if digit, _ := readsAsGo(t, page, 0); digit == 1 {
		t.Error("lying down, it is still a 1")
	}
	lying := strokesOn(t, page, 0)
	if dy := lying[0][0].Y - lying[0][len(lying[0])-1].Y; math.Abs(dy) > 1e-6 {
		t.Errorf("turned by 90°, the stroke goes up by %v", dy)
	}
	// What is drawn now joins what lies turned.
	page.Draw(paper, [2]float64{.5, .2}, [2]float64{.5, .8})
	if _, strokes := readsAsGo(t, page, 0); strokes != 2 {
		t.Errorf("there are %d strokes", strokes)
	}
	// The other one is as it was.
	if digit, strokes := readsAsGo(t, page, 1); digit != 3 || strokes != 1 {
		t.Errorf("the second shows a %d", digit)
	}
	labtest.Accessible(t, page, "html")
	t.Logf("from a movement of the pen to what it changes: %.1f ms, the median of 20", latency(page))
}

// latency is how long it takes from a movement of the pen until what is to be seen has changed, in milliseconds.
func latency(page *labtest.Page) (ms float64) {
	page.Evaluate(`(async () => {
		const root = `+root(0)+`, paper = root.querySelector("[data-name=paper]"), box = paper.querySelector("rect").getBoundingClientRect();
		const send = (kind, i) => paper.dispatchEvent(new PointerEvent(kind, { pointerId: 1, isPrimary: true, button: 0, bubbles: true,
			clientX: box.x + box.width * (.3 + .02 * i), clientY: box.y + box.height * (.3 + .2 * Math.sin(i)) }));
		paper.setPointerCapture = () => {};
		paper.hasPointerCapture = () => true;
		send("pointerdown", 0);
		const times = [];
		for (let i = 1; i <= 20; i++) {
			await new Promise(requestAnimationFrame);
			const begun = performance.now();
			send("pointermove", i);
			await new Promise(requestAnimationFrame); // after the explorable's own
			times.push(performance.now() - begun);
		}
		window.digitLatency = times.sort((a, b) => a - b)[10];
	})(), true`, new(bool))
	page.Wait(20*time.Second, `window.digitLatency > 0`)
	page.Evaluate(`window.digitLatency`, &ms)
	return ms
}
