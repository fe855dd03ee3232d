package assets_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"gopherlens/assets"
	"gopherlens/kernel/labtest"
)

var update = flag.Bool("update", false, "draw the sample pictures anew")

// TestSamples holds each sample picture against the SVG that it is drawn from. With -update it draws it.
func TestSamples(t *testing.T) {
	sources, err := filepath.Glob("samples/*.svg")
	if err != nil || len(sources) == 0 {
		t.Fatalf("there are no sources: %v", err)
	}
	browser := labtest.Browser(t)
	for _, source := range sources {
		name := strings.TrimSuffix(source, ".svg") + ".jpg"
		drawn := draw(t, browser, source)
		if *update {
			if err := os.WriteFile(name, drawn, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		kept, err := assets.Samples.ReadFile(filepath.ToSlash(name))
		if err != nil {
			t.Fatal(err)
		}
		if far := distance(t, kept, drawn); far > 2 { // fonts differ from machine to machine
			t.Errorf("%s is %.1f levels a pixel from its source: run go test ./assets -update, and look at it", name, far)
		}
	}
}

func draw(t *testing.T, browser context.Context, source string) (picture []byte) {
	t.Helper()
	path, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Run(browser,
		emulation.SetDeviceMetricsOverride(960, 640, 1, false),
		chromedp.Navigate(fmt.Sprint("file://", filepath.ToSlash(path))),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			picture, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatJpeg).WithQuality(90).Do(ctx)
			return err
		})); err != nil {
		t.Fatal(err)
	}
	return picture
}

// distance is by how many of 255 levels two pictures differ on average.
func distance(t *testing.T, a, b []byte) float64 {
	t.Helper()
	x, err := jpeg.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	y, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if x.Bounds() != y.Bounds() {
		return 255
	}
	sum := 0.0
	for py := range x.Bounds().Dy() {
		for px := range x.Bounds().Dx() {
			r, g, b, _ := x.At(px, py).RGBA()
			u, v, w, _ := y.At(px, py).RGBA()
			for _, d := range [...]int{int(r) - int(u), int(g) - int(v), int(b) - int(w)} {
				sum += float64(max(d, -d)) / 257 / 3
			}
		}
	}
	return sum / float64(x.Bounds().Dx()*x.Bounds().Dy())
}
