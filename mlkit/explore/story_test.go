package explore_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/array"
	"gopherlens/mlkit/explore"
)

func ExampleNeuron() {
	n := explore.Neuron{Inputs: [3]float64{1, 0.5, -1}, Weights: [4]float64{0.1, 0.8, -0.4, 0.3}}
	fmt.Printf("%.2f %.2f\n", n.Sum(), n.Output())
	// Output: 0.40 0.38
}

func ExampleThrow() {
	throw := explore.Throw{Direction: -25, Strength: 9, Rate: 0.5}
	for range 6 {
		x, y := throw.Lands()
		fmt.Printf("%.0f cm\n", 100*math.Hypot(x, y))
		throw = throw.Next()
	}
	// Output:
	// 493 cm
	// 211 cm
	// 121 cm
	// 46 cm
	// 11 cm
	// 2 cm
}

// near tells whether a number that is shown with some decimals is another one.
func near(shown, want float64, decimals int) bool {
	return math.Abs(shown-want) <= 0.5001*math.Pow10(-decimals)
}

func TestNeuronInBrowser(t *testing.T) {
	n := explore.Neuron{Inputs: [3]float64{1, 0.5, -1}, Weights: [4]float64{0.1, 0.8, -0.4, 0.3}, Activation: "sigmoid"}
	page := labtest.HTML(t, n.HTML()+n.HTML())
	agrees := func() {
		t.Helper()
		text := says(page, 0)
		shown := numbers(text)
		if len(shown) != 9 || !near(shown[7], n.Sum(), 2) || !near(shown[8], n.Output(), 2) {
			t.Errorf("it says %q; by Go's count the sum is %.4f and the output %.4f", text, n.Sum(), n.Output())
		}
		if !strings.Contains(n.String(), strings.Replace(fmt.Sprintf("sum is %.2f", n.Sum()), "-", "−", 1)) {
			t.Errorf("the static picture says %s", n)
		}
	}
	agrees()
	for i := range 7 { // three inputs, then four weights, by keyboard
		page.TabTo(control(0, "input", i))
		page.Press(kb.ArrowLeft, i+1)
		if i < 3 {
			n.Inputs[i] -= 0.05 * float64(i+1)
		} else {
			n.Weights[i-3] -= 0.05 * float64(i+1)
		}
		agrees()
	}
	page.TabTo(control(0, "select", 0))
	page.Press("r", 1) // relu
	n.Activation = "relu"
	agrees()
	page.Click(control(0, "input", 3)) // into the middle
	if n.Weights[0] = numbers(says(page, 0))[0]; math.Abs(n.Weights[0]) > 0.1 {
		t.Errorf("a click into the middle makes the bias %v", n.Weights[0])
	}
	agrees()
	page.Screenshot("neuron")
	labtest.Accessible(t, page, "html")
}

func TestActivationInBrowser(t *testing.T) {
	page := labtest.HTML(t, explore.Activation{Name: "tanh", X: 0.5}.HTML()+explore.Activation{Name: "relu", X: -1}.HTML())
	page.Drag(part(0, "place"), 75, -10)
	page.TabTo(part(0, "place"))
	for i, f := range explore.Functions {
		page.Evaluate(fmt.Sprintf(`{ const select = %s; select.value = %q; select.dispatchEvent(new Event("change")) }`, control(0, "select", 0), f.Name), nil)
		page.Press(kb.ArrowLeft, 9*i)
		text := says(page, 0)
		_, text, _ = strings.Cut(text, "At x") // the formula has numbers, too
		shown := numbers(text)
		if len(shown) != 3 || !near(shown[1], f.At(shown[0]), 2) || !near(shown[2], f.Slope(shown[0]), 2) {
			t.Errorf("%s: it says %q; by Go's count it is %v and its slope %v", f.Name, text, f.At(shown[0]), f.Slope(shown[0]))
		}
	}
	if got := numbers(says(page, 1)); got[len(got)-3] != -1 {
		t.Errorf("the second one says %q", says(page, 1))
	}
	page.Screenshot("activation")
	labtest.Accessible(t, page, "html")
}

// Each function's slope is the slope of its curve.
func TestSlopes(t *testing.T) {
	for _, f := range explore.Functions {
		for x := -3.95; x < 4; x += 0.1 {
			const h = 1e-5
			if got, want := f.Slope(x), (f.At(x+h)-f.At(x-h))/(2*h); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: the slope at %.2f is %v, and between its neighbours %v", f.Name, x, got, want)
			}
		}
	}
}

func TestThrowInBrowser(t *testing.T) {
	throw := explore.Throw{Direction: -25, Strength: 9, Rate: 0.5}
	page := labtest.HTML(t, throw.HTML()+throw.HTML())
	thrown := 0
	agrees := func() {
		t.Helper()
		thrown++
		page.Wait(10*time.Second, fmt.Sprintf(`%s.querySelector(".says").textContent.startsWith("Throw %d:")`, root(0), thrown))
		// "Throw 2: 1.20 m to the left and 34.0 cm too short, …", which Go says in the same words.
		text := says(page, 0)
		_, landing, _ := strings.Cut(text, ": ")
		landing, _, _ = strings.Cut(landing, " from the middle")
		if !strings.Contains(throw.String(), landing) {
			t.Errorf("it says %q; by Go's count: %s", text, throw)
		}
	}
	const hit, learn, ten, over = 0, 1, 2, 3
	press := func(button int) { page.Click(control(0, "button", button)) }
	press(hit)
	agrees()
	for range 4 {
		throw = throw.Next()
		press(learn)
		agrees()
	}
	// By keyboard, with a learning rate that is far too large: the fourth throw lands beyond Mars.
	press(over)
	page.TabTo(control(0, "input", 2))
	page.Press(kb.End, 1)
	thrown, throw = 0, explore.Throw{Direction: -25, Strength: 9, Rate: 3}
	for i := range 4 {
		page.TabTo(control(0, "button", learn))
		page.Press("\r", 1)
		agrees()
		if mars := strings.Contains(says(page, 0), "Mars"); mars != (i == 3) {
			t.Errorf("throw %d: %s", i+1, says(page, 0))
		}
		throw = throw.Next()
	}
	page.Screenshot("throw-diverging")
	// With no animation, and a rate of 0.2: in after ten throws.
	page.Media("prefers-reduced-motion", "reduce")
	press(over)
	page.TabTo(control(0, "input", 2))
	page.Press(kb.ArrowLeft, 4)
	press(ten)
	page.Wait(10*time.Second, root(0)+`.querySelector(".says").textContent.startsWith("Throw 10:")`)
	if !strings.HasSuffix(says(page, 0), "In!") {
		t.Errorf("after ten throws it says %q", says(page, 0))
	}
	if got := says(page, 1); got != "No throw yet." {
		t.Errorf("the second one says %q", got)
	}
	page.Screenshot("throw")
	labtest.Accessible(t, page, "html")
}

// A step of gradient descent follows the slope of the loss, (x² + y²)/2, with the direction in steps of 20°.
func TestThrowGradient(t *testing.T) {
	loss := func(t explore.Throw) float64 {
		x, y := t.Lands()
		return (x*x + y*y) / 2
	}
	for _, throw := range []explore.Throw{{-25, 9, 1}, {10, 5, 1}, {3, -2, 1}, {100, 7, 1}} {
		const h = 1e-6
		turned, harder := throw, throw
		turned.Direction += 20 * h
		harder.Strength += h
		next := throw.Next()
		if got, want := (throw.Direction-next.Direction)/20, (loss(turned)-loss(throw))/h; math.Abs(got-want) > 1e-3 {
			t.Errorf("%v: the direction changes by %v, and the slope is %v", throw, got, want)
		}
		if got, want := throw.Strength-next.Strength, (loss(harder)-loss(throw))/h; math.Abs(got-want) > 1e-3 {
			t.Errorf("%v: the strength changes by %v, and the slope is %v", throw, got, want)
		}
	}
}

func TestFitInBrowser(t *testing.T) {
	fit := explore.Fit{X: []float64{-1, 0, 1}, Y: []float64{0, 1, 0.5}}
	if got := fit.HTML(); strings.Contains(got, "<script") || !strings.Contains(got, "no curve yet") {
		t.Errorf("without a curve it shows %.80s", got)
	}
	losses := []float64{0.5, 0.25, 0.125}
	for i, loss := range losses {
		fit.Add(100*i, loss, array.From([]float32{0, float32(i) / 2, 0.5}, 3, 1))
	}
	page := labtest.HTML(t, fit.HTML()+fit.HTML())
	agrees := func(i int) {
		t.Helper()
		if got, want := says(page, 0), fmt.Sprintf("Epoch %d: loss %.4f", 100*i, losses[i]); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
		var d string
		page.Evaluate(part(0, "curve")+`.firstElementChild.getAttribute("d")`, &d)
		// The y axis goes from −0.2 to 1.2, and from pixel 320 to 40.
		if shown := numbers(d); math.Abs(shown[3]-(320-280*(float64(i)/2+0.2)/1.4)) > 1e-6 {
			t.Errorf("after epoch %d the curve is %s", 100*i, d)
		}
	}
	agrees(2)
	page.TabTo(control(0, "input", 0))
	page.Press(kb.ArrowLeft, 1)
	agrees(1)
	page.Press(kb.Home, 1)
	agrees(0)
	page.Click(control(0, "button", 0))
	page.Wait(10*time.Second, root(0)+`.querySelector(".says").textContent.startsWith("Epoch 200") && `+control(0, "button", 0)+`.textContent == "Play"`)
	agrees(2)
	page.Screenshot("fit")
	labtest.Accessible(t, page, "html")
}
