package yolo

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// shared is a file of the data that lies beside the repository; the test is skipped where it is absent.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not here", filepath.Join(elem...))
	}
	return path
}

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

// networks are those whose heads are known, with where their weights are: in a file, or in one that a variable
// names, made with random numbers from the seed 1 by the peers' gen_weights.py.
var networks = []struct{ golden, config, weights, variable string }{
	{"raw__yolo-fastest-1.1.json", "yolo-fastest-1.1.cfg", "yolo-fastest-1.1.weights", ""},
	{"raw__yolov3-tiny-rand.json", "yolov3-tiny.cfg", "", "GOPHERLENS_YOLOV3_TINY_WEIGHTS"},
	{"raw__yolov3-rand-416.json", "yolov3-416.cfg", "", "GOPHERLENS_YOLOV3_WEIGHTS"},
}

// The heads are those of a float64 reference, on an input that no decoder had a hand in.
func TestHeads(t *testing.T) {
	for _, n := range networks {
		t.Run(n.config, func(t *testing.T) {
			weights := os.Getenv(n.variable)
			if n.variable == "" {
				weights = shared(t, "darknet", n.weights)
			} else if weights == "" {
				t.Skipf("%s names no weights", n.variable)
			}
			m, err := Open(shared(t, "darknet", n.config), weights, detection.COCO(), DarknetEpsilon)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			var golden struct {
				Input struct {
					Heads []struct {
						Shape   []int
						Samples map[string]float64
					}
				} `json:"lcg_input"`
			}
			readJSON(t, shared(t, "golden", n.golden), &golden)
			checkHeads := func(batch int) {
				heads, err := m.Forward(pattern(m, batch), batch)
				if err != nil {
					t.Fatal(err)
				}
				if len(heads) != len(golden.Input.Heads) {
					t.Fatalf("%d heads, want %d", len(heads), len(golden.Input.Heads))
				}
				for h, want := range golden.Input.Heads {
					channels, plane := want.Shape[0], want.Shape[1]*want.Shape[2]
					if len(heads[h]) != batch*channels*plane {
						t.Fatalf("head %d has %d numbers, want %d of shape %v", h, len(heads[h]), batch, want.Shape)
					}
					for at, w := range want.Samples {
						i, _ := strconv.Atoi(at)
						// [channels, height, width] there, [batch, height, width, channels] here.
						got := heads[h][(batch-1)*channels*plane+i%plane*channels+i/plane]
						if math.Abs(float64(got)-w) > 1e-4 {
							t.Errorf("batch %d, head %d, number %d is %v, want %v", batch, h, i, got, w)
						}
					}
				}
			}
			checkHeads(1)
			if n.variable == "" {
				checkHeads(2)
			}
		})
	}
}

// pattern is a batch of one picture: x[i] = ((i·2654435761) mod 2³²) / 2³², i counting [channels, height, width].
func pattern(m *Model, batch int) []float32 {
	plane, channels := m.Config.Height*m.Config.Width, m.Config.Channels
	x := make([]float32, batch*plane*channels)
	for b := range batch {
		for i := range plane * channels {
			x[b*plane*channels+i%plane*channels+i/plane] = float32(float64(uint32(i)*2654435761) / (1 << 32))
		}
	}
	return x
}

// The detections of three photos are those of other engines, prepared as those prepare them. Go's JPEG decoder
// rounds otherwise than theirs: scores differ a little, and boxes near the threshold come and go.
func TestPhotos(t *testing.T) {
	m, err := Open(shared(t, "darknet", "yolo-fastest-1.1.cfg"), shared(t, "darknet", "yolo-fastest-1.1.weights"), detection.COCO(), DarknetEpsilon)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, name := range []string{"dog", "person", "street"} {
		img, err := photo.Open(shared(t, "images", name+".jpg"))
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Detections map[string][]struct {
				Class int `json:"cls"`
				Name  string
				Score float64
				Box   [4]float64
			}
		}
		readJSON(t, shared(t, "golden", "yolo-fastest-1.1__"+name+".json"), &golden)
		for engine, options := range map[string]Options{
			"opencv_resize":    {Fit: photo.Stretch, Resampling: photo.HalfPixel},
			"opencv_letter":    {Fit: photo.Letterbox, Resampling: photo.HalfPixel},
			"alexey_resize":    {Fit: photo.Stretch, Resampling: photo.Darknet},
			"ref64_darkletter": {Fit: photo.Letterbox, Resampling: photo.Darknet},
		} {
			found, err := m.Detect(img, options)
			if err != nil {
				t.Fatal(err)
			}
			want := golden.Detections[engine]
			if len(want) == 0 {
				t.Fatalf("%s has nothing of %s", name, engine)
			}
			taken := make([]bool, len(want))
			for _, f := range found {
				matched := false
				for i, w := range want {
					box := detection.Box{X1: w.Box[0], Y1: w.Box[1], X2: w.Box[2], Y2: w.Box[3]}
					if !taken[i] && w.Class == f.Class && math.Abs(w.Score-f.Score) <= 0.02 && f.Box.IoU(box) > 0.9 {
						if w.Name != f.Name {
							t.Errorf("%s, %s: class %d is called %q, want %q", name, engine, f.Class, f.Name, w.Name)
						}
						taken[i], matched = true, true
						break
					}
				}
				if !matched && f.Score > 0.28 {
					t.Errorf("%s as %s: found %+v, which is not there", name, engine, f)
				}
			}
			for i, w := range want {
				if !taken[i] && w.Score > 0.28 {
					t.Errorf("%s as %s: did not find %+v", name, engine, w)
				}
			}
		}
	}
}
