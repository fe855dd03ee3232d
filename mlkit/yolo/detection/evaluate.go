package detection

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// A Truth is an object that somebody has marked in a photo. Its score means nothing.
type Truth struct {
	Detection

	// Difficult objects need not be found, as in Pascal VOC: what finds one is neither right nor wrong.
	Difficult bool

	// A Crowd is many objects in one box, as in COCO: they need not be found either, and all that lies
	// in the box finds some of them.
	Crowd bool
}

// Result says how well the objects in photos were found. The means are over the classes of which there
// is something to be found.
type Result struct {
	MAP50     float64 // mean of AP50: mAP@0.5 as Pascal VOC has it
	MAP50COCO float64 // mean of AP50COCO: AP at an IoU of 0.5 as COCO has it
	MAP       float64 // mean of AP: mAP@[.5:.95], COCO's first figure
	Classes   []ClassResult
}

// ClassResult says how well the objects of a class were found. The average precisions go from 0 to 1,
// and are 0 for a class of which there is nothing to be found.
type ClassResult struct {
	Class  int
	Name   string
	Truths int // objects to be found

	// AP50 is Pascal VOC's average precision at an IoU of 0.5: the area under the curve, where each
	// precision is the best at that recall or a higher one.
	// Source: M. Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective" (2015).
	AP50 float64

	// AP50COCO and AP are COCO's average precision at an IoU of 0.5, and its mean over 0.5, 0.55, … 0.95:
	// the mean precision at the recalls 0, 0.01, … 1, of the best 100 detections in each photo.
	// Source: pycocotools' cocoeval.py, whose numbers these are.
	AP50COCO, AP float64

	// Curve has precision and recall at an IoU of 0.5 for every number of detections, the best first.
	Curve []Point
}

// A Point says how good the detections with that score or a better one are.
type Point struct {
	Score     float64
	Precision float64 // part of the detections that are right
	Recall    float64 // part of the objects that are found
}

// Evaluate compares what was found in photos with the truth: found[i] and truth[i] are about photo i.
// Detections should have a low threshold, such as 0.001, as the curve ends at it.
func Evaluate(found [][]Detection, truth [][]Truth) (*Result, error) {
	if len(found) != len(truth) {
		return nil, fmt.Errorf("there are detections for %d photos, and the truth of %d", len(found), len(truth))
	}
	classes := map[int]*ClassResult{}
	scenes := map[int][]scene{} // of each class, those in which it is found or to be found
	for i := range found {
		inPhoto := map[int]*scene{}
		at := func(d Detection) *scene {
			if classes[d.Class] == nil {
				classes[d.Class] = &ClassResult{Class: d.Class}
			}
			if classes[d.Class].Name == "" {
				classes[d.Class].Name = d.Name
			}
			if inPhoto[d.Class] == nil {
				inPhoto[d.Class] = new(scene)
			}
			return inPhoto[d.Class]
		}
		for _, t := range truth[i] {
			s := at(t.Detection)
			s.truth = append(s.truth, t)
			if !t.ignored() {
				classes[t.Class].Truths++
			}
		}
		for _, d := range found[i] {
			s := at(d)
			s.found = append(s.found, d)
		}
		for class, s := range inPhoto {
			slices.SortStableFunc(s.found, func(a, b Detection) int { return cmp.Compare(b.Score, a.Score) })
			scenes[class] = append(scenes[class], *s)
		}
	}

	result := new(Result)
	n := 0.
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		c := classes[class]
		c.evaluate(scenes[class])
		result.Classes = append(result.Classes, *c)
		if c.Truths > 0 {
			n++
			result.MAP50 += c.AP50
			result.MAP50COCO += c.AP50COCO
			result.MAP += c.AP
		}
	}
	if n > 0 {
		result.MAP50 /= n
		result.MAP50COCO /= n
		result.MAP /= n
	}
	return result, nil
}

// evaluate is for the scenes with a class.
func (c *ClassResult) evaluate(scenes []scene) {
	var voc []verdict
	for _, s := range scenes {
		voc = append(voc, s.voc()...)
	}
	c.Curve = curve(voc, c.Truths)
	if c.Truths == 0 {
		return
	}
	recall := 0.
	for _, p := range envelope(c.Curve) {
		c.AP50 += (p.Recall - recall) * p.Precision
		recall = p.Recall
	}

	overlaps := make([][][]float64, len(scenes))
	for i := range scenes {
		overlaps[i] = scenes[i].prepare()
	}
	const thresholds = 10
	for i := range thresholds {
		// As NumPy's linspace(.5, .95, 10) rounds them.
		step := .049999999999999996
		least := float64(float64(i)*step) + .5
		var coco []verdict
		for k := range scenes {
			coco = append(coco, scenes[k].coco(overlaps[k], least)...)
		}
		ap := averageCOCO(curve(coco, c.Truths))
		c.AP += ap
		if i == 0 {
			c.AP50COCO = ap
		}
	}
	c.AP /= thresholds
}

// A scene is what there is of a class in a photo. What was found is in order of score.
type scene struct {
	found []Detection
	truth []Truth
}

// A verdict is whether a detection is right.
type verdict struct {
	score float64
	right bool
}

func (t Truth) ignored() bool { return t.Difficult || t.Crowd }

// overlap is the IoU of a box with an object; with a crowd, the part of the box that is in it.
func (t Truth) overlap(b Box) float64 {
	if !t.Crowd {
		return t.Box.IoU(b)
	}
	if area := b.Area(); area > 0 {
		return t.Box.Intersect(b).Area() / area
	}
	return 0
}

// voc judges as Pascal VOC does: a detection is of the object that it overlaps most, by half at least, and
// the first of an object is right.
func (s *scene) voc() (verdicts []verdict) {
	taken := make([]bool, len(s.truth))
	for _, d := range s.found {
		best, most := -1, 0.
		for i, t := range s.truth {
			if o := t.overlap(d.Box); o > most {
				best, most = i, o
			}
		}
		switch {
		case most < .5:
			verdicts = append(verdicts, verdict{d.Score, false})
		case !s.truth[best].ignored():
			verdicts = append(verdicts, verdict{d.Score, !taken[best]})
			taken[best] = true
		}
	}
	return verdicts
}

// prepare puts a scene in order for coco, and returns the overlap of each detection with each object.
func (s *scene) prepare() [][]float64 {
	const most = 100
	s.found = s.found[:min(len(s.found), most)]
	slices.SortStableFunc(s.truth, func(a, b Truth) int { // the ignored at the end
		switch {
		case a.ignored() == b.ignored():
			return 0
		case b.ignored():
			return -1
		}
		return 1
	})
	overlaps := make([][]float64, len(s.found))
	for i, d := range s.found {
		overlaps[i] = make([]float64, len(s.truth))
		for k, t := range s.truth {
			overlaps[i][k] = t.overlap(d.Box)
		}
	}
	return overlaps
}

// coco judges as COCO does: a detection is of the object that it overlaps most among those that no
// better detection has found, and of an ignored one only if there is no other.
func (s *scene) coco(overlaps [][]float64, least float64) (verdicts []verdict) {
	taken := make([]bool, len(s.truth))
	for i, d := range s.found {
		best, most := -1, least
		for k, t := range s.truth {
			if taken[k] && !t.Crowd {
				continue
			}
			if best >= 0 && !s.truth[best].ignored() && t.ignored() {
				break
			}
			if overlaps[i][k] >= most { // of equals, COCO takes the last
				best, most = k, overlaps[i][k]
			}
		}
		if best >= 0 {
			taken[best] = true
		}
		if best < 0 || !s.truth[best].ignored() {
			verdicts = append(verdicts, verdict{d.Score, best >= 0})
		}
	}
	return verdicts
}

// curve is what the verdicts come to, one after another.
func curve(verdicts []verdict, truths int) []Point {
	slices.SortStableFunc(verdicts, func(a, b verdict) int { return cmp.Compare(b.score, a.score) })
	points := make([]Point, len(verdicts))
	right := 0
	for i, v := range verdicts {
		if v.right {
			right++
		}
		points[i] = Point{Score: v.score, Precision: float64(right) / float64(i+1)}
		if truths > 0 {
			points[i].Recall = float64(right) / float64(truths)
		}
	}
	return points
}

// envelope is a curve whose precisions are the best at their recall or a higher one.
func envelope(curve []Point) []Point {
	points := slices.Clone(curve)
	for i := len(points) - 2; i >= 0; i-- {
		points[i].Precision = max(points[i].Precision, points[i+1].Precision)
	}
	return points
}

// Interpolated is the best precision at an IoU of 0.5 with at least each of the recalls 0, 0.01, … 1; 0 where so many
// are not found. AP50COCO is its mean.
func (c ClassResult) Interpolated() [101]float64 { return interpolated(c.Curve) }

func interpolated(curve []Point) (precisions [101]float64) {
	points, i := envelope(curve), 0
	for r := range precisions {
		for i < len(points) && points[i].Recall < float64(r)*.01 {
			i++
		}
		if i == len(points) {
			break
		}
		precisions[r] = points[i].Precision
	}
	return precisions
}

// averageCOCO is the mean precision at those recalls.
func averageCOCO(curve []Point) float64 {
	sum := 0.
	for _, precision := range interpolated(curve) {
		sum += precision
	}
	return sum / 101
}
