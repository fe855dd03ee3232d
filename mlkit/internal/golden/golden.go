// Package golden holds what tests draw against pictures that somebody has looked at. It is for tests only.
package golden

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures that the tests draw to testdata")

// Picture fails the test unless got is the picture testdata/NAME.png, but for a rounding of each colour: edges differ
// a little where the processor rounds otherwise. With -update it writes the picture; look at it then.
func Picture(t *testing.T, name string, got *image.RGBA, rounding int) {
	t.Helper()
	path := filepath.Join("testdata", name+".png")
	if *update {
		var file bytes.Buffer
		if err := png.Encode(&file, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Rect {
		t.Fatalf("it has the bounds %v, %s %v", got.Rect, path, want.Bounds())
	}
	for y := got.Rect.Min.Y; y < got.Rect.Max.Y; y++ {
		for x := got.Rect.Min.X; x < got.Rect.Max.X; x++ {
			a, b := got.RGBAAt(x, y), color.RGBAModel.Convert(want.At(x, y)).(color.RGBA)
			for _, d := range [...]int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
				if d < -rounding || d > rounding {
					t.Fatalf("pixel (%d, %d) is %v, in %s %v", x, y, a, path, b)
				}
			}
		}
	}
}
