package explore_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/explore"
)

func ExampleWalk() {
	fmt.Println(explore.Walk{Digit: 7})
	fmt.Println(explore.Walk{Digit: 12}.HTML())
	// Output:
	// The way of a handwritten 7 through a network, in ten stages: the picture, a filter, the map that it makes, all 32 maps, pooling, a map of the second convolution, pooling, flattening, 128 neurons, and ten probabilities: 7 has 100.0 %.
	// <p>explore.Walk needs a digit from 0 to 9; 12 is none.</p>
}

// walksAsGo fails the test unless the numbers told in a stage are Go's, at the place that is told.
func walksAsGo(t *testing.T, page *labtest.Page, n int, maps *digitnet.Maps) (stage int) {
	t.Helper()
	text := says(page, n)
	fmt.Sscanf(text, "%d.", &stage)
	_, slide, _ := strings.Cut(text, " Row ")
	got := numbers(slide) // row, column, …, the map's number
	if len(got) == 0 {
		return stage
	}
	row, column, last := int(got[0]), int(got[1]), got[len(got)-1]
	// anywhere is whether one of a layer's maps has the number there: the test does not know which one is shown.
	anywhere := func(layer int, is func(channel int) bool) bool {
		for channel := range digitnet.Layers[layer].Channels {
			v := maps.Map(layer, channel)[row*digitnet.Layers[layer].Side+column]
			if math.Abs(float64(v)-last) < .0051 && is(channel) {
				return true
			}
		}
		return false
	}
	always := func(int) bool { return true }
	right := false
	switch stage {
	case 3:
		right = anywhere(1, func(channel int) bool {
			weights, sum := digitnet.Trained().Filter(channel)
			for i, w := range weights {
				sum += w * maps.Layer(0)[(row+i/3)*28+column+i%3]
			}
			return math.Abs(float64(sum)-got[2]) < .0051
		})
	case 5:
		right = anywhere(2, func(channel int) bool {
			for i, v := range got[2:6] {
				if math.Abs(float64(maps.Map(1, channel)[(2*row+i/2)*26+2*column+i%2])-v) > .0051 {
					return false
				}
			}
			return true
		})
	case 6:
		right = anywhere(3, always)
	case 7:
		right = anywhere(4, always) && last == max(got[2], got[3], got[4], got[5])
	}
	if !right {
		t.Errorf("it says %q, which are not Go's numbers", text)
	}
	return stage
}

func TestWalkInBrowser(t *testing.T) {
	page := labtest.HTML(t, explore.Walk{Digit: 3}.HTML()+explore.Walk{Digit: 8}.HTML())
	three, eight := explore.Read(3), explore.Read(8)
	if got := walksAsGo(t, page, 0, three); got != 10 {
		t.Errorf("it begins with stage %d", got)
	}
	page.Screenshot("walk-light")
	button := func(which int) string { return control(0, "button", which) }
	page.Click(button(3)) // to the start
	if got := walksAsGo(t, page, 0, three); got != 1 {
		t.Errorf("the start is stage %d", got)
	}
	page.TabTo(button(2))
	for want := 2; want <= 10; want++ {
		page.Press(kb.Enter, 1)
		if got := walksAsGo(t, page, 0, three); got != want {
			t.Errorf("Next leads to stage %d, want %d", got, want)
		}
		if want == 5 {
			page.Screenshot("walk-next")
		}
	}
	page.Click(button(1))
	if got := walksAsGo(t, page, 0, three); got != 9 {
		t.Errorf("Back leads to stage %d", got)
	}
	// Played from the second stage, the third begins at once.
	page.Click(button(3))
	page.Click(button(2))
	page.Click(button(0))
	page.Wait(20*time.Second, root(0)+`.querySelector(".says").textContent.match(/^3.*Row [1-9]/)`+` !== null`)
	page.Click(button(0))
	if got := walksAsGo(t, page, 0, three); got != 3 {
		t.Errorf("paused at stage %d", got)
	}
	page.Evaluate(`scrollTo(0, 0), true`, nil)
	page.Screenshot("walk-paused")
	paused := says(page, 0)
	time.Sleep(100 * time.Millisecond)
	if says(page, 0) != paused {
		t.Error("it goes on after Pause")
	}
	if got := walksAsGo(t, page, 1, eight); got != 10 {
		t.Errorf("the second is at stage %d", got)
	}
	labtest.Accessible(t, page, "html")
}

func TestWalkWithoutMotion(t *testing.T) {
	page := labtest.HTML(t, "")
	page.Media("prefers-reduced-motion", "reduce")
	page.Evaluate(fmt.Sprintf(`(() => { const range = document.createRange(); document.querySelector("main").append(range.createContextualFragment(%q)); return true })()`,
		explore.Walk{Digit: 3}.HTML()), nil)
	page.Wait(10*time.Second, `document.querySelector("[data-explore]").shadowRoot != null`)
	var buttons []string
	page.Evaluate(`[...`+root(0)+`.querySelectorAll("button")].map((b) => b.textContent)`, &buttons)
	if strings.Join(buttons, ", ") != "Back, Next, To the start" {
		t.Errorf("there are the buttons %q", buttons)
	}
}
