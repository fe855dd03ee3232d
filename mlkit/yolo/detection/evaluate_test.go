package detection

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

func truthOf(boxes ...Box) (list []Truth) {
	for _, b := range boxes {
		list = append(list, Truth{Detection: Detection{Box: b}})
	}
	return list
}

// TestEvaluate works out a small case by hand. Photo 0 has the objects A and B, photo 1 has C.
//
//	score  detection          right  precision  recall
//	 .9    A, exactly         yes    1/1        1/3
//	 .8    in photo 1, none   no     1/2        1/3
//	 .7    B, with an IoU of
//	       8.2 in 10 = .82    yes    2/3        2/3
//	 .6    A once more        no     2/4        2/3
//
// C is not found. The area is 1/3 · 1 + 1/3 · 2/3 = 5/9. Of COCO's recalls, .00 to .33 (34 of them) have
// the precision 1, .34 to .66 (33) 2/3, and the rest 0: (34 + 33 · 2/3)/101 = 56/101. That is so for the
// 7 thresholds from .5 to .8. For .85, .9 and .95 B is not found, and it is 34/101: on average
// (7 · 56 + 3 · 34)/1010 = 494/1010.
func TestEvaluate(t *testing.T) {
	a, b, c := Box{0, 0, 10, 10}, Box{20, 0, 30, 10}, Box{5, 5, 20, 20}
	found := [][]Detection{
		{{0, "dog", .6, a}, {0, "dog", .7, Box{20, 0, 30, 8.2}}, {0, "dog", .9, a}},
		{{0, "dog", .8, Box{50, 50, 60, 60}}},
	}
	truth := [][]Truth{truthOf(a, b), truthOf(c)}
	got, err := Evaluate(found, truth)
	if err != nil || len(got.Classes) != 1 {
		t.Fatal(got, err)
	}
	curve := []Point{{.9, 1, 1. / 3}, {.8, 1. / 2, 1. / 3}, {.7, 2. / 3, 2. / 3}, {.6, 2. / 4, 2. / 3}}
	if class := got.Classes[0]; class.Truths != 3 || !reflect.DeepEqual(class.Curve, curve) {
		t.Errorf("%d objects and the curve %v, want 3 and %v", class.Truths, class.Curve, curve)
	}
	for name, v := range map[string][3]float64{
		"MAP50":     {got.MAP50, got.Classes[0].AP50, 5. / 9},
		"MAP50COCO": {got.MAP50COCO, got.Classes[0].AP50COCO, 56. / 101},
		"MAP":       {got.MAP, got.Classes[0].AP, 494. / 1010},
	} {
		if math.Abs(v[0]-v[2]) > 1e-12 || math.Abs(v[1]-v[2]) > 1e-12 {
			t.Errorf("%s is %v, and of the class %v; want %v", name, v[0], v[1], v[2])
		}
	}
}

func TestEvaluateCases(t *testing.T) {
	a, b := Box{0, 0, 10, 10}, Box{20, 0, 30, 10}
	at := func(boxes ...Box) (list []Detection) {
		for i, box := range boxes {
			list = append(list, Detection{0, "dog", 1 - float64(i)/100, box})
		}
		return list
	}
	difficult, crowd := truthOf(a, b), truthOf(a, Box{20, 0, 120, 100})
	difficult[1].Difficult = true
	crowd[1].Crowd = true
	tests := []struct {
		name             string
		found            []Detection
		truth            []Truth
		ap50, coco50, ap float64
		points           int
	}{
		{"all", at(a, b), truthOf(b, a), 1, 1, 1, 2},
		{"nothing found", nil, truthOf(a), 0, 0, 0, 0},
		{"nothing to be found", at(a), nil, 0, 0, 0, 1},
		{"difficult: not needed", at(a), difficult, 1, 1, 1, 1},
		{"difficult: neither right nor wrong", at(b, a), difficult, 1, 1, 1, 1},
		{"crowd: as often as you like", at(Box{30, 10, 40, 20}, Box{50, 50, 70, 80}, a, Box{20, 0, 120, 100}), crowd, 1, 1, 1, 1},
		// Before the only object something wrong: the precision is 1/2 at every recall.
		{"crowd: but in it", at(Box{110, 10, 140, 20}, a), crowd, .5, .5, .5, 2},
		// The second box is A once more: of two objects one is found, with the precision 1 up to the recall 1/2.
		{"the same object", at(a, Box{0, 0, 10, 9}), truthOf(a, b), .5, 51. / 101, 51. / 101, 2},
		// The second box has an IoU of 1 with A, which is taken, and of .6 with the other. COCO gives it the
		// other at .5, .55 and .6, and all is found; else 51/101, as before. VOC does not.
		{"the next best", at(a, a), truthOf(a, Box{0, 0, 10, 6.01}), .5, 1, (3 + 7*51./101) / 10, 2},
	}
	for _, test := range tests {
		got, err := Evaluate([][]Detection{test.found}, [][]Truth{test.truth})
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string][2]float64{"mAP@0.5": {got.MAP50, test.ap50}, "COCO's mAP@0.5": {got.MAP50COCO, test.coco50}, "mAP": {got.MAP, test.ap}} {
			if !(math.Abs(v[0]-v[1]) < 1e-12) {
				t.Errorf("%s: %s is %v, want %v", test.name, name, v[0], v[1])
			}
		}
		if n := len(got.Classes[0].Curve); n != test.points {
			t.Errorf("%s: the curve has %d points, want %d", test.name, n, test.points)
		}
	}

	// A class that is only found does not count in the means.
	got, err := Evaluate([][]Detection{{{1, "cat", .5, b}, {0, "dog", .5, a}}}, [][]Truth{truthOf(a)})
	if err != nil || got.MAP50 != 1 || got.MAP != 1 || len(got.Classes) != 2 || got.Classes[1].Name != "cat" || got.Classes[1].Truths != 0 {
		t.Errorf("a class that is only found: %+v, %v", got, err)
	}
	if got, err := Evaluate(nil, nil); err != nil || got.MAP != 0 || got.Classes != nil {
		t.Errorf("no photos: %+v, %v", got, err)
	}
	if _, err := Evaluate(make([][]Detection, 2), make([][]Truth, 3)); err == nil {
		t.Error("2 photos are compared with 3")
	}
}

// TestPycocotools holds a case of 8 photos, 3 classes, crowds, equal scores and more than 100 detections in
// a photo against what pycocotools 2.0 gives for it.
func TestPycocotools(t *testing.T) {
	state := uint32(7)
	next := func(n int) int {
		state = state*1664525 + 1013904223
		return int(state>>16) % n
	}
	box := func(x, y, w, h int) Box { return Box{float64(x), float64(y), float64(x + w), float64(y + h)} }
	found, truth := make([][]Detection, 8), make([][]Truth, 8)
	for photo := range truth {
		find := func(class int, b Box) {
			found[photo] = append(found[photo], Detection{Class: class, Score: float64(next(50)) / 50, Box: b})
		}
		for range 12 {
			class, x, y := next(3), next(300), next(300)
			w, h := 20+next(80), 20+next(80)
			truth[photo] = append(truth[photo], Truth{Detection: Detection{Class: class, Box: box(x, y, w, h)}, Crowd: next(8) == 0})
			for range next(4) {
				dx, dy := next(13)-6, next(13)-6
				dw, dh := next(13)-6, next(13)-6
				of := class
				if next(6) == 0 {
					of = next(3)
				}
				find(of, box(x+dx, y+dy, w+dw, h+dh))
			}
		}
		others := 5
		if photo == 0 {
			others = 450
		}
		for range others {
			class, x, y := next(3), next(300), next(300)
			w, h := 20+next(80), 20+next(80)
			find(class, box(x, y, w, h))
		}
	}
	got, err := Evaluate(found, truth)
	if err != nil || len(got.Classes) != 3 {
		t.Fatal(got, err)
	}
	figures := []float64{got.MAP, got.MAP50COCO}
	for _, class := range got.Classes {
		figures = append(figures, class.AP, class.AP50COCO)
	}
	want := []float64{
		0.06347352177736082, 0.12338673502667832,
		0.06016520595309098, 0.13139502184398055, // class 0
		0.0633848931972674, 0.13169456406376148,
		0.06687046618172408, 0.10707061917229296,
	}
	for i, v := range figures {
		if math.Abs(v-want[i]) > 1e-9 {
			t.Errorf("figures %v, want %v", figures, want)
			break
		}
	}
	// The order of the detections within a photo says nothing, except for those of one score.
	for _, list := range found {
		slices.SortStableFunc(list, func(a, b Detection) int { return a.Class - b.Class })
	}
	if again, err := Evaluate(found, truth); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("in another order: %v, %v", again, err)
	}
}
