package main

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/zoo"
)

// runYOLO runs the command as on a command line.
func runYOLO(t *testing.T, arguments ...string) error {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Exit(func(int) { t.Fatal("exit") }), kong.BindTo(t.Context(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(arguments)
	if err != nil {
		return err
	}
	return parsed.Run()
}

// withNetwork lets the zoo find yolo-fastest where the shared data is.
func withNetwork(t *testing.T) (photos string) {
	t.Helper()
	data, err := filepath.Abs(filepath.Join("..", "..", "..", "..", "..", "shared", "data"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Skip("the networks are not here")
	}
	t.Setenv(zoo.Variable, filepath.Join(data, "darknet"))
	t.Setenv(cache.Variable, t.TempDir())
	return filepath.Join(data, "images")
}

func TestDetect(t *testing.T) {
	photos, out := withNetwork(t), t.TempDir()
	err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--output="+out+"/drawn", "--json="+out+"/json", "--text="+out+"/text", "--only=dog", "--only=0", photos)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "json", "dog.json"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := detection.ReadJSON(bytes.NewReader(text))
	if err != nil || len(found) != 1 || found[0].Name != "dog" {
		t.Errorf("of dogs and people on dog.jpg: %+v, %v", found, err)
	}
	labels, err := os.ReadFile(filepath.Join(out, "text", "dog.txt"))
	if err != nil || !strings.HasPrefix(string(labels), "16 ") {
		t.Errorf("the labels are %q, %v", labels, err)
	}
	f, err := os.Open(filepath.Join(out, "drawn", "dog.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size, format, err := image.DecodeConfig(f); err != nil || format != "jpeg" || size.Width != 768 || size.Height != 576 {
		t.Errorf("the drawing is %+v, %s, %v", size, format, err)
	}
}

func TestErrors(t *testing.T) {
	photos := withNetwork(t)
	page := filepath.Join(t.TempDir(), "page.jpg")
	if err := os.WriteFile(page, []byte("<html><body>403</body></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want      string
		arguments []string
	}{
		{"no photo", []string{"detect"}},
		{"no such file", []string{"detect", "--model=yolo-fastest-1.1", "absent.jpg"}},
		{"page.jpg", []string{"detect", "--model=yolo-fastest-1.1", page}},
		{"there is no network \"yolov9\" in the zoo", []string{"detect", "--model=yolov9", photos}},
		{"weights can be read from", []string{"detect", "--weights=" + page, photos}},
		{"tells 80 classes apart, not 20", []string{"detect", "--tiny", "--weights=" + page, "--num_classes=20", photos}},
		{"--cfg needs --weights", []string{"detect", "--cfg=" + page, photos}},
		{"page.jpg", []string{"summary", "--cfg=" + page}},
		{"no class is called", []string{"detect", "--model=yolo-fastest-1.1", "--only=unicorn", filepath.Join(photos, "dog.jpg")}},
		{"drawings are .jpg or .png", []string{"detect", "--model=yolo-fastest-1.1", "--output=" + page + ".doc", filepath.Join(photos, "dog.jpg")}},
		{"multiples of 32", []string{"detect", "--model=yolo-fastest-1.1", "--size=100", filepath.Join(photos, "dog.jpg")}},
	} {
		if err := runYOLO(t, test.arguments...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.arguments, err, test.want)
		}
	}
}

// Photos of the same name do not replace one another's results.
func TestSameNames(t *testing.T) {
	photos := withNetwork(t)
	t.Chdir(t.TempDir())
	dog := filepath.Join(photos, "dog.jpg")
	picture, err := os.ReadFile(dog)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("dog, my.jpg", picture, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--json=found", dog, filepath.Join(photos, "..", "images", "dog.jpg"), "--image=dog, my.jpg"); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "."); err != nil { // a folder has a folder's results, with one photo, too
		t.Fatal(err)
	}
	for _, path := range []string{"found/dog.json", "found/dog (2).json", "found/dog, my.json", "detections/dog, my.jpg"} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// The flags of yolov3-tf2's detect.py, and weights that the zoo has the network for.
func TestOriginalFlags(t *testing.T) {
	photos := withNetwork(t)
	names := filepath.Join(os.Getenv(zoo.Variable), "coco.names")
	t.Chdir(t.TempDir())
	if err := runYOLO(t, "convert", "--model=yolo-fastest-1.1", "--output=own.safetensors"); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--weights", "own.safetensors", "--image", filepath.Join(photos, "dog.jpg"), "--json", "found.json",
		"--size", "320", "--classes", names, "--num_classes", "80", "--output", "out.png",
		"--yolo_score_threshold", "0.3", "--yolo_iou_threshold", "0.4", "--yolo_max_boxes", "2"); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("found.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if found, err := detection.ReadJSON(f); err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
	if _, err := os.Stat("out.png"); err != nil {
		t.Error(err)
	}
}
