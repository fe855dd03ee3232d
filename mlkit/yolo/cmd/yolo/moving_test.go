package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/photo"
	"gopherlens/mlkit/yolo/video"
)

// dogs is the dog, at each frame further to the left.
func dogs(t *testing.T, photos string, n int) (frames []*image.RGBA) {
	t.Helper()
	dog, err := photo.Open(filepath.Join(photos, "dog.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		to := image.NewRGBA(image.Rect(0, 0, 640, 480))
		draw.Draw(to, to.Rect, dog, image.Pt(20*i, 80), draw.Src)
		frames = append(frames, to)
	}
	return frames
}

// Every frame of a GIF is drawn on, for as long as before.
func TestDetectGIF(t *testing.T) {
	photos := withNetwork(t)
	t.Chdir(t.TempDir())
	want := gif.GIF{LoopCount: 5, Delay: []int{20, 0, 7}}
	for _, frame := range dogs(t, photos, 3) {
		want.Image = append(want.Image, paletted(frame))
	}
	f, err := os.Create("dogs.gif")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(gif.EncodeAll(f, &want), f.Close()); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--only=dog", "dogs.gif"); err != nil {
		t.Fatal(err)
	}
	f, err = os.Open("output.gif")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := gif.DecodeAll(f)
	if err != nil || len(got.Image) != 3 || got.LoopCount != 5 || got.Delay[0] != 20 || got.Delay[1] != 0 || got.Delay[2] != 7 {
		t.Fatalf("%d frames, %d times, delays %v, %v", len(got.Image), got.LoopCount, got.Delay, err)
	}
	for i, frame := range got.Image {
		changed := 0
		for at := range want.Image[i].Pix {
			x, y := at%640, at/640
			if frame.At(x, y) != want.Image[i].At(x, y) {
				changed++
			}
		}
		if changed < 1000 || i == 0 && frame.Rect.Size() != image.Pt(640, 480) {
			t.Errorf("frame %d: %d pixels are drawn on", i, changed)
		}
	}

	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--only=dog", "--json=dogs.json", "--text=text", "dogs.gif"); err != nil {
		t.Fatal(err)
	}
	checkLines(t, "dogs.json", 0, 0.2, 0.2)
	if labels, err := os.ReadFile("text/dogs_3.txt"); err != nil || !strings.HasPrefix(string(labels), "16 ") {
		t.Errorf("labels %q, %v", labels, err)
	}
	// Where a still picture is asked for, it is the first.
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--output=first.jpg", "--json=first.json", "dogs.gif"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile("first.json"); err != nil || text[0] != '[' {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := photo.Open("first.jpg"); err != nil {
		t.Error(err)
	}
}

// checkLines checks that each line of a file has a dog, and its time.
func checkLines(t *testing.T, path string, times ...float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var line struct {
			Frame      int
			Time       float64
			Detections []struct{ Name string }
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || n >= len(times) || line.Frame != n+1 || line.Time != times[n] ||
			len(line.Detections) == 0 || line.Detections[0].Name != "dog" {
			t.Errorf("line %d is %s, %v", n+1, lines.Text(), err)
		}
	}
	if n != len(times) {
		t.Errorf("%d lines", n)
	}
}

func TestDetectVideo(t *testing.T) {
	photos := withNetwork(t)
	t.Chdir(t.TempDir())
	rate := video.Rate{Num: 10, Den: 1}
	w, err := video.Create("dogs.mp4", 640, 480, rate, "")
	if errors.Is(err, video.ErrNoFFmpeg) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range dogs(t, photos, 3) {
		err = errors.Join(err, w.Write(frame))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--only=dog", "--json=dogs.json", "--output=drawn.avi", "--output_format=MJPG", "--video=dogs.mp4"); err != nil {
		t.Fatal(err)
	}
	checkLines(t, "dogs.json", 0, 0.1, 0.2)
	r, err := video.Open(t.Context(), "drawn.avi")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Width != 640 || r.Height != 480 || r.Rate != rate || r.Length != 3 {
		t.Errorf("the drawing is %+v", r)
	}
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "dogs.mp4", filepath.Join(photos, "dog.jpg")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"detections/dogs.mp4", "detections/dog.jpg"} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}

	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--only=unicorn", "--output=failed.mp4", "dogs.mp4"); err == nil || !strings.Contains(err.Error(), "unicorn") {
		t.Errorf("unicorns: %v", err)
	}
	if left, err := filepath.Glob("*failed*"); err != nil || len(left) > 0 {
		t.Errorf("a failure left %v, %v", left, err)
	}
	if left, err := filepath.Glob(".video*"); err != nil || len(left) > 0 {
		t.Errorf("a failure left %v, %v", left, err)
	}

	// Motion JPEG on the standard input.
	var files [2]*os.File
	if files[0], files[1], err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	os.Stdin = files[0]
	defer func() { os.Stdin = stdin }()
	go func() {
		for _, frame := range dogs(t, photos, 2) {
			jpeg.Encode(files[1], frame, nil)
		}
		files[1].Close()
	}()
	if err := runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--only=dog", "--json=stream.json", "--video", "-"); err != nil {
		t.Fatal(err)
	}
	checkLines(t, "stream.json", 0, 0.04)
}

// A photo on the standard input, and detections on the standard output.
func TestDetectStdin(t *testing.T) {
	photos := withNetwork(t)
	t.Chdir(t.TempDir())
	dog, err := os.Open(filepath.Join(photos, "dog.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer dog.Close()
	out, err := os.Create("out.json")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	stdin, stdout := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = dog, out
	err = runYOLO(t, "detect", "--model=yolo-fastest-1.1", "--only=dog", "--json", "-", "-")
	os.Stdin, os.Stdout = stdin, stdout
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile("out.json"); err != nil || !strings.HasPrefix(string(text), `[{"class": 16, "name": "dog"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestPaletted(t *testing.T) {
	few, many := image.NewRGBA(image.Rect(0, 0, 32, 16)), image.NewRGBA(image.Rect(0, 0, 32, 16))
	for i := range 32 * 16 {
		few.SetRGBA(i%32, i/32, color.RGBA{byte(i), 9, 3, 255})
		many.SetRGBA(i%32, i/32, color.RGBA{byte(i), byte(i / 2), byte(i / 2), 255})
	}
	for name, img := range map[string]*image.RGBA{"256 colours": few, "512 colours": many} {
		got := paletted(img)
		least := map[string]int{"256 colours": 0, "512 colours": 8}[name]
		for i := range 32 * 16 {
			is, want := color.RGBAModel.Convert(got.At(i%32, i/32)).(color.RGBA), img.RGBAAt(i%32, i/32)
			if d := int(is.R) - int(want.R); d < -least || d > least {
				t.Fatalf("of %s, pixel %d is %v, was %v", name, i, is, want)
			}
		}
	}
}
