package detection

import (
	"cmp"
	"container/heap"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Candidate is a box that a network proposes, one for each anchor of each of its cells.
type Candidate struct {
	Box
	Objectness float64   // how likely it is that the box holds an object, from 0 to 1
	Classes    []float32 // for each class, how likely the object is of that class, from 0 to 1
}

// A Rule says which candidates are detections.
type Rule int

const (
	// Darknet's rule. Each class is on its own: a box may be found as a dog and as a cat. Of the
	// candidates with an objectness and an objectness · class above the threshold (0.25), the one with
	// the best score suppresses all others of its class that overlap it with an IoU above 0.45, then the
	// best of the rest does, and so on.
	Darknet Rule = iota

	// YOLOv3TF2 is the rule of github.com/zzh8829/yolov3-tf2. Each box is of its best class only, and
	// boxes of all classes compete. Nothing is suppressed at once: each box that is chosen lowers the
	// scores of the rest by exp(−IoU²), until none is above the threshold (0.5) or 100 are chosen. With
	// a single class, the score is the objectness alone.
	//
	// It is soft-NMS with a sigma of 0.5 (N. Bodla et al., "Soft-NMS: Improving Object Detection With One
	// Line of Code", 2017) as TensorFlow's non_max_suppression_with_scores has it. TensorFlow once also
	// dropped boxes above an IoU of 0.5, and does no more: set Options.IoU to have that.
	YOLOv3TF2
)

// MaxCandidates is how many candidates of a class take part at most, and how many of all classes
// together by YOLOv3TF2's rule: those with the best scores. It keeps the time bounded when a network
// that is not trained is sure of everything.
const MaxCandidates = 1000

// Options say what Suppress lets through. The zero value has Darknet's.
type Options struct {
	Rule    Rule
	Score   float64  // scores must be above it, from 0 to 1; 0 stands for the rule's: 0.25 or 0.5
	IoU     float64  // a box that overlaps a better one by more is dropped, from 0 to 1; 0 stands for the rule's: 0.45 or none
	Classes []string // only these, each a name or a number; nil for all. Others take no part
	Max     int      // at most so many, the best; 0 for the rule's: no limit or 100
}

// Threshold is what the objectness and the score of a detection must be above: Score or the rule's. Who makes
// candidates can leave out those that are not.
func (o Options) Threshold() float64 {
	if o.Rule == YOLOv3TF2 {
		return cmp.Or(o.Score, 0.5)
	}
	return cmp.Or(o.Score, 0.25)
}

// OptionError says which option cannot be, and why.
type OptionError struct {
	Option string
	Reason string
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Reason }

// Suppress picks the detections among candidates: non-maximum suppression. The names are those of the
// classes; a class without one is called by its number. The best score comes first; of equals, the one
// whose candidate comes first. Candidates with numbers that are not finite are left out. The error is
// an *OptionError.
func Suppress(candidates []Candidate, names []string, options Options) ([]Detection, error) {
	score, iou, limit := options.Threshold(), options.IoU, options.Max
	switch options.Rule {
	case Darknet:
		iou = cmp.Or(iou, 0.45)
	case YOLOv3TF2:
		iou, limit = cmp.Or(iou, 1), cmp.Or(limit, 100)
	default:
		return nil, &OptionError{"Rule", fmt.Sprintf("there is no rule %d", options.Rule)}
	}
	for name, v := range map[string]float64{"Score": score, "IoU": iou} {
		if !(v >= 0 && v <= 1) {
			return nil, &OptionError{name, fmt.Sprintf("%g is no number from 0 to 1", v)}
		}
	}
	if limit < 0 {
		return nil, &OptionError{"Max", fmt.Sprintf("there cannot be %d boxes", limit)}
	}
	wanted, err := classSet(options.Classes, names)
	if err != nil {
		return nil, err
	}
	var chosen []proposal
	if options.Rule == Darknet {
		chosen = greedy(candidates, score, iou, wanted)
	} else {
		chosen = soft(candidates, score, iou, wanted, limit)
	}
	if limit > 0 && len(chosen) > limit {
		chosen = chosen[:limit]
	}
	list := make([]Detection, len(chosen))
	for i, p := range chosen {
		list[i] = Detection{p.class, className(names, p.class), p.score, candidates[p.index].Box}
	}
	return list, nil
}

// classSet is the set of classes that are meant by their names or numbers: nil for all.
func classSet(classes, names []string) (map[int]bool, error) {
	if classes == nil {
		return nil, nil
	}
	set := map[int]bool{}
	for _, class := range classes {
		class = strings.TrimSpace(class)
		found := false
		for i, name := range names {
			if strings.EqualFold(name, class) {
				set[i], found = true, true
			}
		}
		if found {
			continue
		}
		i, err := strconv.Atoi(class)
		if err != nil || i < 0 || names != nil && i >= len(names) {
			return nil, &OptionError{"Classes", fmt.Sprintf("no class is called %q: %s", class, which(names))}
		}
		set[i] = true
	}
	return set, nil
}

// which says what classes there are.
func which(names []string) string {
	const some = 8
	switch {
	case names == nil:
		return "the classes have no names here, only numbers from 0"
	case len(names) <= some:
		return fmt.Sprintf("they are %s, or 0 to %d", strings.Join(names, ", "), len(names)-1)
	}
	return fmt.Sprintf("they are %s, … (%d in all), or 0 to %d", strings.Join(names[:some], ", "), len(names), len(names)-1)
}

// A proposal is a candidate as one of its classes.
type proposal struct {
	index, class int
	score        float64
	met          int // soft: by how many of the chosen its score is lowered already
}

// better puts the best score first, and of equals the first candidate and class.
func better(a, b proposal) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.index, b.index), cmp.Compare(a.class, b.class))
}

// greedy is Darknet's rule.
func greedy(candidates []Candidate, score, iou float64, wanted map[int]bool) (chosen []proposal) {
	var all []proposal
	for i := range candidates {
		c := &candidates[i]
		// Nearly all candidates end here: a photo has a dozen objects, and a network 10,647 boxes.
		if !(c.Objectness > score) || !c.Box.finite() {
			continue
		}
		for class, p := range c.Classes {
			s := c.Objectness * float64(p)
			if s > score && s <= math.MaxFloat64 && (wanted == nil || wanted[class]) {
				all = append(all, proposal{index: i, class: class, score: s})
			}
		}
	}
	slices.SortFunc(all, func(a, b proposal) int { return cmp.Or(cmp.Compare(a.class, b.class), better(a, b)) })
	kept := make([]Box, 0, 64) // of the class, side by side as each is met by many
	for len(all) > 0 {
		kept = kept[:0]
		n := 1
		for n < len(all) && all[n].class == all[0].class {
			n++
		}
	next:
		for _, p := range all[:min(n, MaxCandidates)] {
			box := candidates[p.index].Box
			for _, better := range kept {
				if better.IoU(box) > iou {
					continue next
				}
			}
			chosen, kept = append(chosen, p), append(kept, box)
		}
		all = all[n:]
	}
	slices.SortFunc(chosen, better)
	return chosen
}

// soft is YOLOv3TF2's rule, which chooses up to limit.
func soft(candidates []Candidate, score, iou float64, wanted map[int]bool, limit int) (chosen []proposal) {
	var left proposals
	for i := range candidates {
		c := &candidates[i]
		best := proposal{index: i, class: -1}
		if len(c.Classes) == 1 {
			best.class, best.score = 0, c.Objectness
		} else if c.Objectness > score { // no class is likelier than 1
			for class, p := range c.Classes {
				if s := c.Objectness * float64(p); s > best.score {
					best.class, best.score = class, s
				}
			}
		}
		if best.score > score && best.score <= math.MaxFloat64 && c.Box.finite() && (wanted == nil || wanted[best.class]) {
			left = append(left, best)
		}
	}
	slices.SortFunc(left, better) // which makes it a heap
	left = left[:min(len(left), MaxCandidates)]
	for len(left) > 0 && len(chosen) < limit {
		p := &left[0]
		before := p.score
		for j := len(chosen) - 1; j >= p.met && p.score > score; j-- {
			overlap := candidates[p.index].IoU(candidates[chosen[j].index].Box)
			if overlap > iou {
				p.score = 0
				break
			}
			p.score *= math.Exp(-overlap * overlap)
		}
		p.met = len(chosen)
		switch {
		case p.score == before:
			chosen = append(chosen, *p)
			heap.Pop(&left)
		case p.score > score:
			heap.Fix(&left, 0)
		default:
			heap.Pop(&left)
		}
	}
	return chosen
}

// proposals are a heap with the best on top.
type proposals []proposal

func (h proposals) Len() int           { return len(h) }
func (h proposals) Less(i, j int) bool { return better(h[i], h[j]) < 0 }
func (h proposals) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *proposals) Push(any)          {} // nothing is added
func (h *proposals) Pop() any          { *h = (*h)[:len(*h)-1]; return nil }
