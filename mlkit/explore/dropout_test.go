package explore_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/explore"
)

func ExampleDropout() {
	fmt.Println(explore.Dropout{Rate: 0.5, Off: []int{0, 3, 7}})
	// Output: A network with two hidden layers. 3 of its 10 hidden neurons are switched off, 25 of 45 connections are left. It answers: cat, 93 %; with all of them, 75 %.
}

func TestDropoutInBrowser(t *testing.T) {
	d := explore.Dropout{Rate: 0.4, Off: []int{1, 4, 6}}
	page := labtest.HTML(t, d.HTML())
	sample := 1.0
	check := func() {
		t.Helper()
		var off []bool
		page.Evaluate(`[...`+root(0)+`.querySelectorAll("[role=switch]")].map((n) => n.getAttribute("aria-checked") === "false")`, &off)
		d.Off = nil
		for i, is := range off {
			if is {
				d.Off = append(d.Off, i)
			}
		}
		left, all := d.Connections()
		want := []float64{sample, float64(len(d.Off)), 10, float64(left), float64(all), 100 * d.Answer(), 100 * explore.Dropout{Rate: -1}.Answer()}
		got := numbers(says(page, 0))
		for i, w := range want {
			if len(got) != len(want) || math.Abs(got[i]-w) > .501 {
				t.Fatalf("with %v off it says %q; Go's numbers are %v", d.Off, says(page, 0), want)
			}
		}
		for layer, values := range d.Values() {
			for k, v := range values {
				var text string
				page.Evaluate(part(0, fmt.Sprintf("neuron-%d-%d", layer, k))+`.querySelector("text").textContent`, &text)
				if text == "✕" && v != 0 || text != "✕" && math.Abs(numbers(text)[0]-v) > .0051 {
					t.Errorf("neuron %d of layer %d shows %q, and has %v", k, layer, text, v)
				}
			}
		}
	}
	check()
	if len(d.Off) != 3 {
		t.Errorf("it begins with %v off", d.Off)
	}
	page.Screenshot("dropout-light")
	page.Click(part(0, "neuron-1-1"))
	check()
	page.TabTo(part(0, "neuron-2-2"))
	page.Press(" ", 1)
	page.Press("\t", 1)
	page.Press(kb.Enter, 1)
	check()
	if got := fmt.Sprint(d.Off); got != "[4 6 7 8]" {
		t.Errorf("now %v are off", got)
	}
	counts := map[int]bool{}
	for range 8 {
		page.Click(control(0, "button", 0))
		sample++
		check()
		counts[len(d.Off)] = true
	}
	if len(counts) < 2 {
		t.Errorf("each sample switches off %v neurons", counts)
	}
	page.TabTo(control(0, "input", 0))
	page.Press(kb.ArrowLeft, 4)
	page.Click(control(0, "button", 0))
	sample++
	d.Rate = -1
	check()
	if len(d.Off) != 0 {
		t.Errorf("at a rate of 0, %v are off", d.Off)
	}
	labtest.Accessible(t, page, "html")
}

func TestDropoutRefuses(t *testing.T) {
	for _, d := range []explore.Dropout{{Rate: 1}, {Rate: math.NaN()}, {Off: []int{10}}, {Off: []int{-1}}} {
		if got := d.HTML(); strings.Contains(got, "<script") || !strings.HasPrefix(got, "<p>") {
			t.Errorf("%+v shows %.80s", d, got)
		}
	}
}
