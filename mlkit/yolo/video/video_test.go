package video

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func needFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("there is no ffmpeg on this computer")
	}
}

// picture is of one colour, brighter from frame to frame.
func picture(width, height, frame int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(img.Pix); i += 4 {
		copy(img.Pix[i:], []byte{200, byte(40 + 10*frame), 90, 255})
	}
	return img
}

// film makes a video of 12 frames.
func film(t *testing.T, path string, width, height int, rate Rate, fourCC string) {
	t.Helper()
	w, err := Create(path, width, height, rate, fourCC)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		if err := w.Write(picture(width, height, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("beside %s there are %v, %v", path, files, err)
	}
}

// What was written is read again: sizes, rates and colours.
func TestThereAndBack(t *testing.T) {
	needFFmpeg(t)
	for i, test := range []struct {
		name, fourCC  string
		width, height int
		rate          Rate
	}{
		{"a.mp4", "", 64, 48, Rate{25, 1}},
		{"-b%d:c.mov", "", 65, 33, Rate{30000, 1001}}, // a name that is an option, a pattern and a protocol
		{"a.mkv", "avc1", 64, 48, Rate{12, 1}},
		{"a.avi", "", 64, 48, Rate{12, 1}},
		{"a.avi", "MJPG", 64, 48, Rate{12, 1}},
		{"a.mp4", "XVID", 64, 48, Rate{12, 1}},
	} {
		t.Run(fmt.Sprint(i, " ", test.name, " ", test.fourCC), func(t *testing.T) {
			t.Chdir(t.TempDir())
			film(t, test.name, test.width, test.height, test.rate, test.fourCC)
			r, err := Open(t.Context(), test.name)
			if err != nil {
				t.Fatal(err)
			}
			even := func(n int) int { return (n + 1) / 2 * 2 }
			if r.Width != even(test.width) || r.Height != even(test.height) || r.Rate != test.rate || r.Length < 11 || r.Length > 13 {
				t.Errorf("%d × %d pixels, %v frames a second, about %d", r.Width, r.Height, r.Rate, r.Length)
			}
			n := 0
			for img, err := range r.Frames() {
				if err != nil {
					t.Fatal(err)
				}
				is, want := color.RGBAModel.Convert(img.At(20, 20)).(color.RGBA), picture(1, 1, n).RGBAAt(0, 0)
				for _, d := range []int{int(is.R) - int(want.R), int(is.G) - int(want.G), int(is.B) - int(want.B)} {
					if d < -12 || d > 12 {
						t.Errorf("frame %d is %v, was %v", n, is, want)
						break
					}
				}
				n++
			}
			if n != 12 {
				t.Errorf("%d frames", n)
			}
		})
	}
}

func TestRead(t *testing.T) {
	needFFmpeg(t)
	var stream bytes.Buffer
	for i := range 5 {
		if err := jpeg.Encode(&stream, picture(32, 16, i), nil); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Read(t.Context(), &stream, "a stream")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range r.Frames() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 5 || r.Width != 32 || r.Height != 16 || r.Length != 0 {
		t.Errorf("%d frames of %+v", n, r)
	}
}

// Reading can be given up: by leaving the loop, and by the context.
func TestGiveUp(t *testing.T) {
	needFFmpeg(t)
	path := filepath.Join(t.TempDir(), "a.mp4")
	film(t, path, 640, 480, Rate{25, 1}, "")
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range r.Frames() {
			if n++; err != nil {
				break
			}
			cancel()
		}
		if n > 12 {
			t.Errorf("%d frames", n)
		}
	}
	w, err := Create(filepath.Join(filepath.Dir(path), "b.mp4"), 64, 48, Rate{25, 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	w.Discard()
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("what was given up left %v, %v", files, err)
	}
}

func TestHostile(t *testing.T) {
	needFFmpeg(t)
	folder := t.TempDir()
	film(t, filepath.Join(folder, "good.mp4"), 64, 48, Rate{25, 1}, "")
	good, err := os.ReadFile(filepath.Join(folder, "good.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"page.mp4":     "<html><body>403</body></html>",
		"empty.mp4":    "",
		"cut.mp4":      string(good[:40]),
		"playlist.mp4": "#EXTM3U\n#EXTINF:1,\nfile:" + folder + "/good.mp4\n#EXT-X-ENDLIST\n",
		"list.mp4":     "ffconcat version 1.0\nfile good.mp4\n",
		"picture.mp4":  "P6\n60000 60000\n255\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), name+" cannot be read as a video: ffmpeg says") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := Open(t.Context(), "http://localhost/a.mp4"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an address: %v", err)
	}
	if _, err := Open(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	for want, create := range map[string]func() (*Writer, error){
		`not ".gif"`:        func() (*Writer, error) { return Create(filepath.Join(folder, "a.gif"), 2, 2, Rate{1, 1}, "") },
		`compressed as "?"`: func() (*Writer, error) { return Create(filepath.Join(folder, "a.mp4"), 2, 2, Rate{1, 1}, "?") },
	} {
		if _, err := create(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	w, err := Create(filepath.Join(folder, "b.mp4"), 2, 2, Rate{1, 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	if err := w.Write(picture(4, 4, 0)); err == nil {
		t.Error("a frame of another size is written")
	}
}

func TestNoFFmpeg(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.mp4")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	_, reading := Open(t.Context(), path)
	_, writing := Create(path, 2, 2, Rate{1, 1}, "")
	if !errors.Is(reading, ErrNoFFmpeg) || !errors.Is(writing, ErrNoFFmpeg) {
		t.Errorf("reading: %v, writing: %v", reading, writing)
	}
}

func TestRate(t *testing.T) {
	if at := (Rate{30000, 1001}).At(30); at != 1001*time.Millisecond {
		t.Errorf("frame 30 is at %v", at)
	}
}

func TestHeader(t *testing.T) {
	for _, line := range []string{"YUV4MPEG2", "YUV4MPEG2 W0 H2 F25:1", "YUV4MPEG2 W99999 H99999 F25:1", "YUV4MPEG2 Wx H2 F25:1", "YUV4MPEG2 W2 H2 F0:0", ""} {
		if err := new(Reader).header(line); err == nil {
			t.Errorf("%q is a header", line)
		}
	}
}
