package detection

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// one is a candidate whose best class is 1 of 2, with the score.
func one(score float64, b Box) Candidate {
	return Candidate{b, score, []float32{.5, 1}}
}

func TestDarknet(t *testing.T) {
	a := Box{0, 0, 10, 10}
	overlapping := Box{0, 0, 10, 8} // IoU .8 with a
	touched := Box{0, 0, 10, 4.5}   // IoU .45 with a, not above it
	tests := []struct {
		name       string
		candidates []Candidate
		options    Options
		want       string
	}{
		{"nothing", nil, Options{}, ``},
		{"one entry per class", []Candidate{{a, .8, []float32{.9, .1, .5}}}, Options{}, `A.72 C.40`},
		{"objectness not above", []Candidate{{a, .25, []float32{1, 1, 1}}}, Options{}, ``},
		{"score not above", []Candidate{{a, .5, []float32{.5, .52, 0}}}, Options{}, `B.26`},
		{"the better suppresses", []Candidate{{overlapping, .8, []float32{.9, 0, 0}}, {a, .9, []float32{.9, 0, 0}}}, Options{}, `A.81@1`},
		{"not another class", []Candidate{{overlapping, .8, []float32{.9, 0, 0}}, {a, .9, []float32{0, .9, 0}}}, Options{}, `B.81 A.72`},
		{"not at the threshold", []Candidate{{a, .9, []float32{.9}}, {touched, .8, []float32{.9}}}, Options{}, `A.81 A.72`},
		{"IoU", []Candidate{{a, .9, []float32{.9}}, {touched, .8, []float32{.9}}}, Options{IoU: .4}, `A.81`},
		{"equals: the first", []Candidate{{overlapping, .8, []float32{.5}}, {a, .8, []float32{.5}}}, Options{}, `A.40@0`},
		{"the suppressed do not suppress", []Candidate{ // 0–10, 4–14 and 8–18: each overlaps the next by 6 of 14
			{Box{0, 0, 10, 1}, .9, []float32{1}}, {Box{4, 0, 14, 1}, .8, []float32{1}}, {Box{8, 0, 18, 1}, .7, []float32{1}},
		}, Options{IoU: .4}, `A.90@0 A.70@2`},
		{"score", []Candidate{{a, .8, []float32{.9, .1, .5}}}, Options{Score: .05}, `A.72 C.40 B.08`},
		{"max", []Candidate{{a, .8, []float32{.9, .1, .5}}}, Options{Max: 1}, `A.72`},
		{"by name and number", []Candidate{{a, .8, []float32{.9, .8, .5}}}, Options{Classes: []string{"c", " 1"}}, `B.64 C.40`},
		{"no class", []Candidate{{a, .8, []float32{.9, .8, .5}}}, Options{Classes: []string{}}, ``},
		{"not numbers", []Candidate{
			{a, math.NaN(), []float32{1}},
			{a, math.Inf(1), []float32{1}},
			{a, 1, []float32{float32(math.NaN()), float32(math.Inf(1)), .5}},
			{Box{0, 0, math.NaN(), 1}, 1, []float32{1}},
			{Box{0, math.Inf(-1), 1, 1}, 1, []float32{1}},
		}, Options{}, `C.50`},
	}
	for _, test := range tests {
		list, err := Suppress(test.candidates, []string{"A", "B", "C"}, test.options)
		if err != nil || list == nil {
			t.Errorf("%s: %v, %v", test.name, list, err)
			continue
		}
		var got []string
		for _, d := range list {
			s := d.Name + fmt.Sprintf("%.2f", d.Score)[1:]
			if strings.Contains(test.want, "@") {
				for i, c := range test.candidates {
					if c.Box == d.Box {
						s += fmt.Sprintf("@%d", i)
						break
					}
				}
			}
			got = append(got, s)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// What TensorFlow 2.21 gives for these boxes with soft_nms_sigma=0.5, and without it at an IoU of 0.45.
func TestTensorFlow(t *testing.T) {
	candidates := []Candidate{
		one(.83, Box{52, 29, 84, 72}), one(.54, Box{68, 49, 100, 87}), one(.78, Box{136, 79, 190, 100}), one(.61, Box{29, 27, 68, 74}),
		one(.78, Box{49, 39, 97, 89}), one(.78, Box{133, 89, 200, 114}), one(.2, Box{40, 43, 89, 88}), one(.45, Box{37, 57, 92, 100}),
		one(.57, Box{117, 84, 181, 116}), one(.76, Box{33, 48, 72, 86}), one(.72, Box{56, 44, 94, 82}), one(.7, Box{126, 90, 197, 113}),
		one(.77, Box{34, 27, 74, 83}), one(.72, Box{59, 31, 100, 87}), one(.54, Box{122, 76, 175, 114}), one(.28, Box{53, 37, 89, 96}),
	}
	tests := []struct {
		options Options
		boxes   []int
		scores  []float64 // nil: those of the candidates
	}{
		{Options{Rule: YOLOv3TF2}, []int{0, 2, 9, 5, 4}, []float64{.83, .78, .72966, .72588, .61655}},
		{Options{Rule: YOLOv3TF2, Score: .25}, []int{0, 2, 9, 5, 4, 3, 1, 8, 10, 12, 14, 7},
			[]float64{.83, .78, .72966, .72588, .61655, .47394, .43211, .41734, .3221, .28213, .26932, .25592}},
		{Options{Rule: YOLOv3TF2, Score: .1, Max: 4}, []int{0, 2, 9, 5}, []float64{.83, .78, .72966, .72588}},
		{Options{Rule: Darknet, Classes: []string{"1"}}, []int{0, 2, 4, 5, 12, 1, 14, 7}, nil},
	}
	for _, test := range tests {
		list, err := Suppress(candidates, nil, test.options)
		if err != nil || len(list) != len(test.boxes) {
			t.Fatalf("%+v: %v, %v", test.options, list, err)
		}
		for i, d := range list {
			want := candidates[test.boxes[i]]
			score := want.Objectness
			if test.scores != nil {
				score = test.scores[i]
			}
			if d.Class != 1 || d.Box != want.Box || math.Abs(d.Score-score) > 1e-5 {
				t.Errorf("%+v: detection %d is %v, want %g in %v", test.options, i, d, score, want.Box)
			}
		}
	}
}

func TestYOLOv3TF2(t *testing.T) {
	a, b := Box{0, 0, 10, 10}, Box{0, 0, 10, 8} // their IoU is .8
	soft := .9 * math.Exp(-.64)                 // what a leaves of b
	tests := []struct {
		name       string
		candidates []Candidate
		options    Options
		want       []Detection
	}{
		{"the best class, and the first of equals", []Candidate{{a, .9, []float32{.1, .75, .75}}}, Options{}, []Detection{{1, "1", .675, a}}},
		{"a single class has the objectness", []Candidate{{a, .9, []float32{.1}}}, Options{}, []Detection{{0, "0", .9, a}}},
		{"classes compete", []Candidate{{a, 1, []float32{1, 0}}, {b, .9, []float32{0, 1}}}, Options{Score: .3},
			[]Detection{{0, "0", 1, a}, {1, "1", soft, b}}},
		{"below the threshold", []Candidate{{a, 1, []float32{1, 0}}, {b, .9, []float32{0, 1}}}, Options{}, []Detection{{0, "0", 1, a}}},
		{"IoU drops at once", []Candidate{{a, 1, []float32{1, 0}}, {b, .9, []float32{0, 1}}}, Options{Score: .3, IoU: .5},
			[]Detection{{0, "0", 1, a}}},
		{"other classes take no part", []Candidate{{a, 1, []float32{1, 0}}, {b, .9, []float32{0, 1}}}, Options{Classes: []string{"1"}},
			[]Detection{{1, "1", .9, b}}},
		{"not numbers", []Candidate{{a, 1, []float32{float32(math.NaN()), .75}}, {a, math.NaN(), []float32{1}}, {a, math.Inf(1), []float32{1}}}, Options{},
			[]Detection{{1, "1", .75, a}}},
	}
	for _, test := range tests {
		test.options.Rule = YOLOv3TF2
		if got, err := Suppress(test.candidates, nil, test.options); err != nil || !slices.EqualFunc(got, test.want, near) {
			t.Errorf("%s: %v, %v; want %v", test.name, got, err, test.want)
		}
	}
	var many []Candidate
	for i := range 200 {
		many = append(many, one(.9, Box{float64(10 * i), 0, float64(10*i + 5), 5}))
	}
	if got, err := Suppress(many, nil, Options{Rule: YOLOv3TF2}); err != nil || len(got) != 100 {
		t.Errorf("%d boxes, %v; want 100", len(got), err)
	}
}

func TestSuppressErrors(t *testing.T) {
	for want, options := range map[string]Options{
		"Rule: there is no rule 7": {Rule: 7},
		"Score: -1 is no number":   {Score: -1},
		"IoU: NaN is no number":    {IoU: math.NaN()},
		"Max: there cannot be -1":  {Max: -1},
		`Classes: no class is called "dgo": they are person, bicycle, car, motorbike, aeroplane, bus, train, truck, … (80 in all), or 0 to 79`: {Classes: []string{"Dog", "dgo"}},
		`no class is called "80"`: {Classes: []string{"80"}},
		`no class is called "-1"`: {Classes: []string{"-1"}},
	} {
		_, err := Suppress(nil, COCO(), options)
		var option *OptionError
		if !errors.As(err, &option) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v; want %q", options, err, want)
		}
	}
	if _, err := Suppress(nil, nil, Options{Classes: []string{"dog"}}); err == nil || !strings.Contains(err.Error(), "no names here") {
		t.Errorf("a name where there are none: %v", err)
	}
}

// hostile are as many candidates as YOLOv3 has at 416 × 416, sure of all classes and far from each other.
func hostile(classes int) []Candidate {
	sure := make([]float32, classes)
	for i := range sure {
		sure[i] = 1
	}
	candidates := make([]Candidate, 10647)
	for i := range candidates {
		x := float64(2 * i)
		candidates[i] = Candidate{Box{x, 0, x + 1, 1}, 1 - float64(i)/1e5, sure}
	}
	return candidates
}

// TestMaxCandidates holds that the best of too many candidates take part.
func TestMaxCandidates(t *testing.T) {
	for options, want := range map[*Options]int{{}: 3 * MaxCandidates, {Rule: YOLOv3TF2, Max: 5000}: MaxCandidates} {
		list, err := Suppress(hostile(3), nil, *options)
		if err != nil || len(list) != want {
			t.Fatalf("%+v: %d boxes, %v; want %d", options, len(list), err, want)
		}
		if last := list[want-1]; last.Box.X1 != 2*(MaxCandidates-1) {
			t.Errorf("%+v: the last is %v", options, last)
		}
	}
}

// TestGolden decodes the heads of yolo-fastest-1.1, computed by OpenCV from a photo, and holds what
// Suppress finds against OpenCV's detections and two more.
func TestGolden(t *testing.T) {
	var golden struct {
		Width, Height int
		Detections    struct {
			Want []struct {
				Class int `json:"cls"`
				Score float64
				Box   [4]float64
			} `json:"opencv_resize"`
		}
	}
	file, err := os.ReadFile(sharedData(t, "golden/yolo-fastest-1.1__dog.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &golden); err != nil {
		t.Fatal(err)
	}
	var candidates []Candidate
	for head, anchors := range [][3][2]float64{{{115, 73}, {119, 199}, {242, 238}}, {{12, 18}, {37, 49}, {52, 132}}} {
		file, err := os.ReadFile(sharedData(t, fmt.Sprintf("golden/yolo-fastest-1.1__dog_opencv_blob__head%d.npy", head)))
		if err != nil {
			t.Fatal(err)
		}
		side := 10 << head
		values := make([]float32, 255*side*side) // [anchor and x, y, w, h, objectness, classes; row; column]
		if err := binary.Read(bytes.NewReader(file[len(file)-4*len(values):]), binary.LittleEndian, values); err != nil {
			t.Fatal(err)
		}
		sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
		for a, anchor := range anchors {
			for cell := range side * side {
				at := func(i int) float64 { return float64(values[(85*a+i)*side*side+cell]) }
				w, h := float64(golden.Width), float64(golden.Height)
				x, y := (float64(cell%side)+sigmoid(at(0)))/float64(side)*w, (float64(cell/side)+sigmoid(at(1)))/float64(side)*h
				w, h = w*anchor[0]/320*math.Exp(at(2)), h*anchor[1]/320*math.Exp(at(3))
				c := Candidate{Box{x - w/2, y - h/2, x + w/2, y + h/2}, sigmoid(at(4)), make([]float32, 80)}
				for i := range c.Classes {
					c.Classes[i] = float32(sigmoid(at(5 + i)))
				}
				candidates = append(candidates, c)
			}
		}
	}
	got, err := Suppress(candidates, COCO(), Options{})
	if err != nil || len(got) != len(golden.Detections.Want) {
		t.Fatalf("%v, %v; want %v", got, err, golden.Detections.Want)
	}
	for i, want := range golden.Detections.Want {
		box := Box{want.Box[0], want.Box[1], want.Box[2], want.Box[3]}
		if d := got[i]; d.Class != want.Class || math.Abs(d.Score-want.Score) > 1e-3 || d.Box.IoU(box) < .998 {
			t.Errorf("detection %d is %v, want %v", i, d, want)
		}
	}
}

func FuzzSuppress(f *testing.F) {
	f.Add([]byte{200, 10, 10, 30, 40, 100, 250, 200, 12, 9, 30, 44, 250, 90}, false)
	f.Fuzz(func(t *testing.T, data []byte, tf bool) {
		// Seven bytes are a candidate; 255 is not a number.
		v := func(i int) float64 {
			if data[i] == 255 {
				return math.NaN()
			}
			return float64(data[i]) / 254
		}
		var candidates []Candidate
		for ; len(data) >= 7; data = data[7:] {
			candidates = append(candidates, Candidate{Box{v(1), v(2), v(3), v(4)}, v(0), []float32{float32(v(5)), float32(v(6))}})
		}
		options := Options{}
		if tf {
			options.Rule = YOLOv3TF2
		}
		list, err := Suppress(candidates, nil, options)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range list {
			if !(d.Score > .25 && d.Score <= 1) || !d.Box.finite() || i > 0 && d.Score > list[i-1].Score {
				t.Fatalf("detection %d of %v", i, list)
			}
			for _, better := range list[:i] {
				if !tf && d.Class == better.Class && d.Box.IoU(better.Box) > .45 {
					t.Fatalf("%v and %v", better, d)
				}
			}
		}
	})
}

func BenchmarkSuppress(b *testing.B) {
	// A usual photo: 40 candidates around 8 objects.
	usual := hostile(80)
	classes := make([]float32, 80)
	classes[3], classes[7] = .9, .2
	for i := range usual {
		usual[i].Objectness, usual[i].Classes = .01, classes
		if i%266 == 0 {
			x := float64(i%8) * 50
			usual[i] = Candidate{Box{x, x, x + 40, x + 60 + float64(i%9)}, .9, classes}
		}
	}
	for name, candidates := range map[string][]Candidate{"usual": usual, "hostile": hostile(80)} {
		for _, rule := range []Rule{Darknet, YOLOv3TF2} {
			b.Run(fmt.Sprintf("%s/rule=%d", name, rule), func(b *testing.B) {
				for b.Loop() {
					if _, err := Suppress(candidates, nil, Options{Rule: rule}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
