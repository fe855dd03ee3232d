package labtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// HTML opens a page of its own, with no server behind it, that shows a piece of HTML.
func HTML(t testing.TB, body string) *Page {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	document := "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A page</title></head><body><main><h1>A page</h1>" + body + "</main></body></html>"
	if err := os.WriteFile(path, []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	p := Blank(t)
	p.Visit("file://" + filepath.ToSlash(path))
	return p
}

// Blank opens an empty page.
func Blank(t testing.TB) *Page { return &Page{Browser(t), t} }

// Visit goes to an address, and waits until the page there has loaded.
func (p *Page) Visit(address string) {
	p.t.Helper()
	p.run(time.Minute, chromedp.Navigate(address))
}

// Drag drags the middle of an element by a number of pixels, with the mouse. The element is a JavaScript expression.
func (p *Page) Drag(element string, dx, dy float64) {
	p.t.Helper()
	x, y, width, height := p.place(element)
	x, y = x+width/2, y+height/2
	p.mouse([][2]float64{{x, y}, {x + dx/2, y + dy/2}, {x + dx, y + dy}})
}

// Draw presses the mouse upon an element, moves it along a way, and lets it go. The way's points are parts of the
// element's width and height.
func (p *Page) Draw(element string, way ...[2]float64) {
	p.t.Helper()
	p.mouse(p.within(element, way))
}

// Touch does what Draw does, with a finger.
func (p *Page) Touch(element string, way ...[2]float64) {
	p.t.Helper()
	var actions []chromedp.Action
	kind := input.TouchStart
	for _, at := range p.within(element, way) {
		actions = append(actions, input.DispatchTouchEvent(kind, []*input.TouchPoint{{X: at[0], Y: at[1]}}))
		kind = input.TouchMove
	}
	p.run(time.Minute, append(actions, input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))...)
}

// mouse moves the pressed mouse along a way.
func (p *Page) mouse(way [][2]float64) {
	p.t.Helper()
	event := func(kind input.MouseType, at [2]float64) chromedp.Action {
		return input.DispatchMouseEvent(kind, at[0], at[1]).WithButton(input.Left).WithButtons(1).WithClickCount(1)
	}
	actions := []chromedp.Action{event(input.MouseMoved, way[0]), event(input.MousePressed, way[0])}
	for _, at := range way[1:] {
		actions = append(actions, event(input.MouseMoved, at))
	}
	p.run(time.Minute, append(actions, event(input.MouseReleased, way[len(way)-1]))...)
}

// within is a way through an element in pixels of the window.
func (p *Page) within(element string, way [][2]float64) (pixels [][2]float64) {
	p.t.Helper()
	x, y, width, height := p.place(element)
	for _, at := range way {
		pixels = append(pixels, [2]float64{x + at[0]*width, y + at[1]*height})
	}
	return pixels
}

// place is where an element is in the window, which scrolls to it if need be.
func (p *Page) place(element string) (x, y, width, height float64) {
	p.t.Helper()
	var box struct{ X, Y, Width, Height float64 }
	p.Evaluate(`(() => { const e = `+element+`; e.scrollIntoView({block: "nearest"});
		const r = e.getBoundingClientRect(); return {X: r.x, Y: r.y, Width: r.width, Height: r.height} })()`, &box)
	return box.X, box.Y, box.Width, box.Height
}

// Click clicks on an element with the mouse.
func (p *Page) Click(element string) { p.Drag(element, 0, 0) }

// TabTo presses Tab until an element has the focus, and fails the test if it is not reached.
func (p *Page) TabTo(element string) {
	p.t.Helper()
	for range 60 {
		p.Press("\t", 1)
		var reached bool
		p.Evaluate(`(() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement;
			return a === `+element+` && a.matches(":focus-visible") })()`, &reached)
		if reached {
			return
		}
	}
	p.Screenshot("unreached")
	p.t.Fatalf("%s is not reached by pressing Tab", element)
}

// Choose goes to a button by Tab, presses Enter there, and chooses files in the dialogue that opens.
func (p *Page) Choose(button string, files []string) {
	p.t.Helper()
	opened := make(chan *page.EventFileChooserOpened, 1)
	listening, stop := context.WithCancel(p.Context)
	defer stop()
	chromedp.ListenTarget(listening, func(event any) {
		if event, ok := event.(*page.EventFileChooserOpened); ok {
			opened <- event
		}
	})
	p.run(10*time.Second, page.SetInterceptFileChooserDialog(true))
	p.TabTo(button)
	p.Press("\r", 1)
	select {
	case event := <-opened:
		p.run(time.Minute, dom.SetFileInputFiles(files).WithBackendNodeID(event.BackendNodeID))
	case <-time.After(30 * time.Second):
		p.Screenshot("no-dialog")
		p.t.Fatalf("Enter on %s opens no dialogue", button)
	}
}

// Press presses a key, of chromedp's package kb, several times.
func (p *Page) Press(key string, times int) {
	p.t.Helper()
	for range times {
		p.run(10*time.Second, chromedp.KeyEvent(key))
	}
}

// Media makes the page believe something of its reader and its medium: Media("prefers-reduced-motion", "reduce"). The
// medium itself is Media("media", "print").
func (p *Page) Media(name, value string) {
	p.t.Helper()
	media := emulation.SetEmulatedMedia()
	if name == "media" {
		media = media.WithMedia(value)
	} else {
		media = media.WithFeatures([]*emulation.MediaFeature{{Name: name, Value: value}})
	}
	p.run(10*time.Second, media)
}
