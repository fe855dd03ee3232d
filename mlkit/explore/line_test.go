package explore_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/explore"
)

var points = explore.Line{X: []float64{1, 4, 8, 11, 15, 19}, Y: []float64{8.8, 9.2, 12.1, 12.6, 14.9, 16.2}, Weight: 0.2, Bias: 3}

func ExampleLine() {
	line := explore.Line{X: []float64{0, 1, 2}, Y: []float64{8, 9, 8}, Weight: 0.5, Bias: 8}
	fmt.Println(line)
	// Output: 3 points and the line y = 0.50·x + 8.00. The mean squared error is 0.42.
}

// root is a JavaScript expression for the live part of the nth explorable on a page.
func root(n int) string {
	return fmt.Sprintf(`document.querySelectorAll("[data-explore]")[%d].shadowRoot`, n)
}

// part is one for a part of the picture that has a name.
func part(n int, name string) string { return root(n) + `.querySelector("[data-name=` + name + `]")` }

// control is one for the nth control of a kind.
func control(n int, selector string, which int) string {
	return fmt.Sprintf(`%s.querySelectorAll("%s")[%d]`, root(n), selector, which)
}

func says(page *labtest.Page, n int) (text string) {
	page.Evaluate(root(n)+`.querySelector(".says").textContent`, &text)
	return text
}

var decimal = regexp.MustCompile(`[-−]?\d+(\.\d+)?`)

// numbers are the numbers in a sentence.
func numbers(text string) (all []float64) {
	for _, s := range decimal.FindAllString(text, -1) {
		v, _ := strconv.ParseFloat(strings.Replace(s, "−", "-", 1), 64)
		all = append(all, v)
	}
	return all
}

// agrees fails the test unless the line's numbers on the page are Go's.
func agrees(t *testing.T, page *labtest.Page, n int, l explore.Line) explore.Line {
	t.Helper()
	text := says(page, n)
	shown := numbers(text)
	if len(shown) != 3 {
		t.Fatalf("it says %q", text)
	}
	l.Weight, l.Bias = shown[0], shown[1]
	if want := l.MeanSquaredError(); math.Abs(shown[2]-want) > 0.0051 {
		t.Errorf("it says %q; by Go's count the error is %.4f", text, want)
	}
	return l
}

func TestLineInBrowser(t *testing.T) {
	other := points
	other.Weight, other.Bias = -0.1, 12
	page := labtest.HTML(t, points.HTML()+other.HTML()+points.HTML())
	if got := agrees(t, page, 0, points); got.Weight != 0.2 || got.Bias != 3 {
		t.Errorf("it begins with %v", got)
	}
	if got := agrees(t, page, 1, other); got.Weight != -0.1 || got.Bias != 12 {
		t.Errorf("the second begins with %v", got)
	}
	// By mouse: the left dot is the bias, the right one the weight.
	page.Drag(part(0, "bias"), 0, -70)
	after := agrees(t, page, 0, points)
	if after.Bias < 7 || after.Bias > 9 || after.Weight != 0.2 {
		t.Errorf("dragging the bias up by 70 pixels makes it %v", after)
	}
	page.Drag(part(0, "weight"), 0, -56)
	after = agrees(t, page, 0, points)
	if after.Weight < 0.4 || after.Weight > 0.5 {
		t.Errorf("dragging the weight up by 56 pixels makes it %v", after)
	}
	page.Screenshot("line-light")
	// By finger, which does not scroll the page instead.
	page.Touch(part(0, "weight"), [2]float64{.5, .5}, [2]float64{.5, 1}, [2]float64{.5, 2}, [2]float64{.5, 4})
	touched := agrees(t, page, 0, points)
	if touched.Weight > after.Weight-0.1 {
		t.Errorf("a finger that goes down makes the weight %v from %v", touched.Weight, after.Weight)
	}
	page.Touch(part(0, "weight"), [2]float64{.5, .5}, [2]float64{.5, 0}, [2]float64{.5, -1}, [2]float64{.5, -3})
	after = agrees(t, page, 0, points)
	// By keyboard: the dots, then the sliders.
	page.TabTo(part(0, "weight"))
	page.Press(kb.ArrowUp, 2)
	page.Press(kb.PageDown, 1)
	if got := agrees(t, page, 0, points); math.Abs(got.Weight-(after.Weight-0.08)) > 1e-9 {
		t.Errorf("two steps up and ten down make the weight %v from %v", got.Weight, after.Weight)
	}
	page.Screenshot("line-focus")
	page.TabTo(control(0, "input", 1))
	before := agrees(t, page, 0, points)
	page.Press(kb.ArrowLeft, 3)
	if got := agrees(t, page, 0, points); math.Abs(got.Bias-(before.Bias-0.3)) > 1e-9 {
		t.Errorf("three steps make the bias %v from %v", got.Bias, before.Bias)
	}
	// The others stay as they are.
	if got := agrees(t, page, 1, other); got.Weight != -0.1 || got.Bias != 12 {
		t.Errorf("the second has become %v", got)
	}
	labtest.Accessible(t, page, "html")
	page.Media("media", "print")
	var live, static float64
	page.Evaluate(root(0)+`.querySelector("figure").getBoundingClientRect().height`, &live)
	page.Evaluate(`document.querySelector("[data-explore] figure").getBoundingClientRect().height`, &static)
	if live != 0 || static < 100 {
		t.Errorf("in print the live picture is %v high and the static one %v", live, static)
	}
}

// What cannot be shown is told in a sentence.
func TestRefusals(t *testing.T) {
	for _, v := range []interface {
		HTML() string
		String() string
	}{
		explore.Line{}, explore.Line{X: []float64{1}}, explore.Line{X: []float64{1}, Y: []float64{math.NaN()}},
		explore.Neuron{Activation: "<b>"}, explore.Activation{Name: "step"},
	} {
		if got := v.HTML(); strings.Contains(got, "<script") || !strings.HasPrefix(got, "<p>") || strings.Contains(got, "<b>") || v.String() == "" {
			t.Errorf("%v shows %.80s", v, got)
		}
	}
}
