package gallery

import (
	"encoding/base64"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

func TestSamples(t *testing.T) {
	t.Chdir(t.TempDir())
	for network, want := range map[string]string{
		"yolov3": "samples/street.jpg samples/room.jpg samples/table.jpg",
		"shapes": "samples/scene-1.png samples/scene-2.png samples/scene-3.png",
	} {
		for range 2 { // the second time they are there
			paths, err := Samples(network)
			if got := filepath.ToSlash(strings.Join(paths, " ")); err != nil || got != want {
				t.Errorf("%s: %s, %v", network, got, err)
			}
			for _, path := range paths {
				if _, err := photo.Open(path); err != nil {
					t.Error(err)
				}
			}
		}
	}
	// A teacher's own picture under that name stays.
	if err := os.WriteFile("samples/room.jpg", []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	Samples("yolov3")
	if text, err := os.ReadFile("samples/room.jpg"); err != nil || string(text) != "another" {
		t.Errorf("%q, %v", text, err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("samples", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Samples("yolov3"); err == nil {
		t.Error("there is no error where there cannot be a folder")
	}
}

func TestAlbum(t *testing.T) {
	t.Chdir(t.TempDir())
	photos, err := Samples("yolov3")
	if err != nil {
		t.Fatal(err)
	}
	found := [][]detection.Detection{
		{{Class: 5, Name: "bus <b>", Score: .5, Box: detection.Box{X1: -20.6, Y1: 140, X2: 640, Y2: 560}},
			{Class: 2, Name: "car", Score: .512, Box: detection.Box{X1: 610, Y1: 388, X2: 872, Y2: 544}}},
		nil,
		{},
	}
	album := Album(photos, found)
	if got, want := album.String(), "street.jpg, with 2 boxes: bus <b> 50 %, car 51 %.\ntable.jpg, with nothing found."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	page := album.HTML()
	for _, want := range []string{
		`alt="street.jpg, with 2 boxes: bus &lt;b&gt; 50 %, car 51 %."`, `<th scope="row">bus &lt;b&gt;</th><td>50 %</td><td>-21</td><td>140</td><td>661</td><td>420</td>`,
		"<figcaption>table.jpg</figcaption><p>Nothing found.</p>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "<b>") || strings.Contains(page, "room.jpg") {
		t.Error("the page has what it should not")
	}
	pictures := regexp.MustCompile(`base64,([^"]+)`).FindAllStringSubmatch(page, -1)
	if len(pictures) != 2 {
		t.Fatalf("%d pictures, want 2", len(pictures))
	}
	img, err := jpeg.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(pictures[0][1])))
	if err != nil {
		t.Fatal(err)
	}
	// The box of the car has its colour.
	want := detection.Color(2)
	if r, g, b, _ := img.At(611, 460).RGBA(); distance(r, want.R)+distance(g, want.G)+distance(b, want.B) > 90 {
		t.Errorf("at the edge of a box the colour is %d %d %d, want %v", r>>8, g>>8, b>>8, want)
	}
}

func distance(a uint32, b uint8) int {
	d := int(a>>8) - int(b)
	return max(d, -d)
}

// A photo from a camera is shown smaller, with its boxes where they were.
func TestShrink(t *testing.T) {
	t.Chdir(t.TempDir())
	photos, err := Samples("yolov3")
	if err != nil {
		t.Fatal(err)
	}
	img, err := photo.Open(photos[0])
	if err != nil {
		t.Fatal(err)
	}
	small, scale := shrink(img, 480)
	if size := small.Bounds().Size(); size.X != 480 || size.Y != 320 || scale != .5 {
		t.Errorf("%v, a factor of %g", size, scale)
	}
	got := resize([]detection.Detection{{Box: detection.Box{X1: 10, Y1: 20, X2: 30, Y2: 41}}}, scale)[0].Box
	if want := (detection.Box{X1: 5, Y1: 10, X2: 15, Y2: 20.5}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// A table of hundreds of boxes helps nobody.
func TestLongTable(t *testing.T) {
	page := table(make([]detection.Detection, 42))
	if n := strings.Count(page, "<tr>"); n != 31 || !strings.HasSuffix(page, "<p>… and 12 more.</p>") {
		t.Errorf("%d rows, %s", n, page[len(page)-40:])
	}
}
