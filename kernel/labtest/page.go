package labtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"gopherlens/kernel/internal/lab"
)

// Page is a notebook that is open in a browser: in JupyterLab, or in Notebook 7.
type Page struct {
	Context context.Context // in which chromedp's actions run
	t       testing.TB
}

// Open opens a page of a server, as "/lab/tree/hello.ipynb" or "/notebooks/hello.ipynb", and waits until
// the notebook is there.
func Open(t testing.TB, server *lab.Server, page string) *Page {
	t.Helper()
	p := &Page{Browser(t), t}
	p.run(time.Minute, chromedp.Navigate(server.URL(page)))
	p.Wait(2*time.Minute, `document.querySelectorAll(".jp-CodeCell .cm-content").length > 0`)
	return p
}

// Type replaces the source of code cell n, counting from 0.
func (p *Page) Type(n int, source string) {
	p.t.Helper()
	p.focus(n)
	p.run(10*time.Second,
		chromedp.KeyEvent("a", chromedp.KeyModifiers(input.ModifierCtrl)),
		// Key by key, the editor would add brackets and indentation of its own.
		chromedp.ActionFunc(func(ctx context.Context) error { return input.InsertText(source).Do(ctx) }),
	)
}

// Execute executes code cell n, counting from 0, waits until it has ended, and returns what it shows.
func (p *Page) Execute(n int, most time.Duration) string {
	p.t.Helper()
	p.Begin(n, most)
	return p.Ended(n, most)
}

// Begin begins to execute code cell n.
func (p *Page) Begin(n int, most time.Duration) {
	p.t.Helper()
	before, until := p.prompt(n), time.Now().Add(most)
	for pressed := (time.Time{}); p.prompt(n) == before; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			p.t.Fatalf("code cell %d has not begun after %v; its prompt is %s", n, most, before)
		}
		// A page that is still loading swallows the first key presses.
		if time.Since(pressed) > 5*time.Second {
			p.focus(n)
			p.run(10*time.Second, shiftEnter(input.KeyRawDown), shiftEnter(input.KeyUp))
			pressed = time.Now()
		}
	}
}

// Ended waits until code cell n, which was begun, has ended, and returns what it shows.
func (p *Page) Ended(n int, most time.Duration) string {
	p.t.Helper()
	for until := time.Now().Add(most); strings.Contains(p.prompt(n), "*"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			p.Screenshot("late")
			p.t.Fatalf("code cell %d has not ended after %v", n, most)
		}
	}
	return p.Output(n)
}

// shiftEnter is the key that executes a cell. It carries no text, which would go into the next cell.
func shiftEnter(kind input.KeyType) chromedp.Action {
	return input.DispatchKeyEvent(kind).WithKey("Enter").WithCode("Enter").
		WithWindowsVirtualKeyCode(13).WithModifiers(input.ModifierShift)
}

// Complete types code into code cell n, presses Tab, waits for what could follow, and returns it.
func (p *Page) Complete(n int, code string) (text string) {
	p.t.Helper()
	p.Type(n, code)
	p.Press("\t", 1)
	return p.popup(".jp-Completer:not(.lm-mod-hidden)")
}

// Inspect types code into code cell n, presses Shift-Tab, waits for what is known of it, and returns that.
func (p *Page) Inspect(n int, code string) (text string) {
	p.t.Helper()
	p.Type(n, code)
	p.run(10*time.Second, chromedp.KeyEvent("\t", chromedp.KeyModifiers(input.ModifierShift)))
	return p.popup(".jp-Tooltip")
}

// popup waits for what pops up at the cursor and returns its text.
func (p *Page) popup(selector string) (text string) {
	p.t.Helper()
	element := fmt.Sprintf("document.querySelector(%q)", selector)
	p.Wait(time.Minute, element+"?.innerText.trim()")
	p.Evaluate(element+".innerText", &text)
	return text
}

// Output is the text that code cell n shows below itself.
func (p *Page) Output(n int) string {
	p.t.Helper()
	var text string
	p.Evaluate(cell(n)+`.querySelector(".jp-OutputArea").innerText`, &text)
	return text
}

// Dialogs counts the dialogs and pop-ups that are open.
func (p *Page) Dialogs() int {
	p.t.Helper()
	var n int
	p.Evaluate(`document.querySelectorAll(".jp-Dialog, .Toastify__toast").length`, &n)
	return n
}

// Screenshot writes a picture of the window to the folder $GOPHERLENS_SCREENSHOTS, if that is set.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	dir := os.Getenv("GOPHERLENS_SCREENSHOTS")
	if dir == "" {
		return
	}
	var picture []byte
	p.run(time.Minute, chromedp.CaptureScreenshot(&picture))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		p.t.Error(err)
	}
}

// cell is a JavaScript expression for code cell n.
func cell(n int) string {
	return fmt.Sprintf(`document.querySelectorAll(".jp-Notebook .jp-CodeCell")[%d]`, n)
}

// prompt is the text left of code cell n: "[ ]:" before it is executed, "[*]:" while, "[3]:" after.
func (p *Page) prompt(n int) string {
	p.t.Helper()
	var text string
	p.Evaluate(cell(n)+`.querySelector(".jp-InputPrompt").textContent`, &text)
	return text
}

// focus puts the cursor into code cell n.
func (p *Page) focus(n int) {
	p.t.Helper()
	p.Evaluate(cell(n)+`.scrollIntoView({block: "nearest"}); `+cell(n)+`.querySelector(".cm-content").focus(); true`, nil)
}

// Evaluate waits until a JavaScript expression has a value: while a page loads, parts of it come and go.
func (p *Page) Evaluate(expression string, value any) {
	p.t.Helper()
	var err error
	for range 100 {
		if err = chromedp.Run(p.Context, chromedp.Evaluate(expression, value)); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatalf("%s: %v", expression, err)
}

// Wait waits until a JavaScript expression is true.
func (p *Page) Wait(most time.Duration, expression string) {
	p.t.Helper()
	for until := time.Now().Add(most); ; time.Sleep(100 * time.Millisecond) {
		var is bool
		p.Evaluate("(() => { try { return Boolean("+expression+") } catch { return false } })()", &is) // false while something is not there yet
		if is {
			return
		}
		if time.Now().After(until) {
			p.Screenshot("late")
			p.t.Fatalf("after %v it is still not so that %s", most, expression)
		}
	}
}

// run runs chromedp's actions with a time limit.
func (p *Page) run(most time.Duration, actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Context, most)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}
