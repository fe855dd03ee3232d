package exercise

import (
	"fmt"
	"math"
	"slices"

	"gopherlens/mlkit/yolo/detection"
)

func init() { Register(boxes(), iou(), sure(), nms()) }

// boxes asks how many boxes YOLOv3 proposes for pictures of 416 × 416 pixels.
func boxes() Exercise {
	const hint = "A grid of 2 × 2 cells with 3 boxes each has 2*2*3 boxes. Add up the three grids: 13, 26 and 52 cells wide and high."
	whole := func(answer any) (n int, ok bool) {
		if x, isFloat := answer.(float64); isFloat { // as 3.0 makes it
			return int(x), x == math.Trunc(x)
		}
		n, ok = answer.(int)
		return n, ok
	}
	n := func(answer any) int { n, _ := whole(answer); return n }
	return Exercise{"boxes", []Rule{
		{"it is a whole number", func(answer any) string {
			if _, ok := whole(answer); !ok {
				return "yours is " + kind(answer)
			}
			return ""
		}, hint},
		{"it counts the cells of all three grids", func(answer any) string {
			cells := 13*13 + 26*26 + 52*52
			if n(answer) == 0 {
				return "yours is 0"
			}
			if n(answer)%cells != 0 {
				return fmt.Sprintf("yours is %d", n(answer))
			}
			return ""
		}, hint},
		{"it counts three boxes for each cell", func(answer any) string {
			if n(answer) != (13*13+26*26+52*52)*3 {
				return fmt.Sprintf("yours is %d", n(answer))
			}
			return ""
		}, hint},
	}}
}

func box(x1, y1, x2, y2 float64) detection.Box {
	return detection.Box{X1: x1, Y1: y1, X2: x2, Y2: y2}
}

// aFunction is the rule that the answer is a function of a type.
func aFunction[F any](what string) Rule {
	return Rule{"it is a function " + what, func(answer any) string {
		if _, ok := answer.(F); !ok {
			return "yours is " + kind(answer)
		}
		return ""
	}, "Change only what is between the braces of the function."}
}

type iouFunc = func(a, b detection.Box) float64

// iou asks for the intersection over the union of two boxes.
func iou() Exercise {
	const hint = "The shared area is a.Intersect(b).Area(). Both boxes together cover a.Area() + b.Area(), but what they share is counted twice in that."
	is := func(what string, a, b detection.Box) Rule {
		return Rule{what, func(answer any) string {
			if got := answer.(iouFunc)(a, b); !(math.Abs(got-a.IoU(b)) < 1e-6) {
				return fmt.Sprintf("yours gives %.4g for boxes that share %g and have %g and %g pixels", got, a.Intersect(b).Area(), a.Area(), b.Area())
			}
			return ""
		}, hint}
	}
	square := box(0, 0, 10, 10)
	return Exercise{"iou", []Rule{
		aFunction[iouFunc]("of two boxes"),
		is("it is 1 for two boxes that are the same", square, square),
		is("it is 0 for two boxes that share nothing", square, box(20, 20, 30, 40)),
		is("it is right for two boxes of one size", square, box(5, 0, 15, 10)),
		is("it is right for a small box in a large one", square, box(2, 2, 6, 7)),
		is("it is the same whichever box is the first", box(2, 2, 6, 7), square),
		is("it is right for boxes anywhere", box(100, 50, 180, 130), box(120, 20, 260, 90)),
	}}
}

type (
	detections = []detection.Detection
	filterFunc = func(detections, float64) detections
)

// someDetections are proposals as a network makes them, the best first.
func someDetections() detections {
	bus, car := box(50, 100, 250, 300), box(300, 200, 400, 260)
	return detections{
		{Class: 5, Name: "bus", Score: .9, Box: bus},
		{Class: 5, Name: "bus", Score: .8, Box: box(60, 110, 260, 310)}, // IoU 0.82 with the first
		{Class: 2, Name: "car", Score: .7, Box: car},
		{Class: 7, Name: "truck", Score: .6, Box: bus},
		{Class: 2, Name: "car", Score: .5, Box: box(300, 200, 400, 240)},    // 0.67 with the car
		{Class: 2, Name: "car", Score: .4, Box: box(360, 200, 460, 260)},    // 0.25 with the car: another one
		{Class: 5, Name: "bus", Score: .3, Box: box(140, 110, 340, 310)},    // 0.36 with the first, 0.43 with the second
		{Class: 0, Name: "person", Score: .2, Box: box(500, 100, 540, 200)}, // alone
	}
}

// passes is the rule that a filter lets the right ones through, for a number that it is given.
func passes(what, hint string, given float64, want func(detections) detections) Rule {
	return Rule{what, func(answer any) string {
		list := someDetections()
		right, got := want(slices.Clone(list)), answer.(filterFunc)(slices.Clone(list), given)
		if slices.Equal(got, right) {
			return ""
		}
		for _, d := range got {
			if !slices.Contains(right, d) {
				return fmt.Sprintf("of %d boxes yours keeps %d, also the %s of %.0f %% (there should be %d)", len(list), len(got), d.Name, 100*d.Score, len(right))
			}
		}
		for _, d := range right {
			if !slices.Contains(got, d) {
				return fmt.Sprintf("of %d boxes yours keeps %d, and loses the %s of %.0f %% (there should be %d)", len(list), len(got), d.Name, 100*d.Score, len(right))
			}
		}
		return "yours keeps some twice, or in another order"
	}, hint}
}

// sure asks for the detections above a threshold.
func sure() Exercise {
	const hint = "Each proposal p has a p.Score. Append p to list only if p.Score > threshold."
	want := func(threshold float64) func(detections) detections {
		return func(list detections) detections {
			return slices.DeleteFunc(list, func(d detection.Detection) bool { return d.Score <= threshold })
		}
	}
	return Exercise{"sure", []Rule{
		aFunction[filterFunc]("of proposals and a threshold"),
		passes("with a threshold of 0.25 it keeps what is surer than 25 %", hint, .25, want(.25)),
		passes("with a threshold of 0.65 it keeps what is surer than 65 %", hint, .65, want(.65)),
		passes("with a threshold of 0.95 it keeps nothing", hint, .95, want(.95)),
	}}
}

// nms asks for non-maximum suppression, class by class, as Darknet does it.
func nms() Exercise {
	const hint = "A better box makes p superfluous if both are of one class (better.Class == p.Class) and their iou is above the limit."
	// The library does it; its threshold is below all scores.
	want := func(limit float64) func(detections) detections {
		return func(list detections) detections {
			var candidates []detection.Candidate
			var names []string
			for _, d := range list {
				for len(names) <= d.Class {
					names = append(names, "")
				}
				names[d.Class] = d.Name
				c := detection.Candidate{Box: d.Box, Objectness: 1, Classes: make([]float32, d.Class+1)}
				c.Classes[d.Class] = float32(d.Score)
				candidates = append(candidates, c)
			}
			kept, _ := detection.Suppress(candidates, names, detection.Options{Score: 1e-9, IoU: limit})
			return slices.DeleteFunc(list, func(d detection.Detection) bool {
				return !slices.ContainsFunc(kept, func(k detection.Detection) bool { return k.Class == d.Class && k.Box == d.Box })
			})
		}
	}
	return Exercise{"nms", []Rule{
		aFunction[filterFunc]("of proposals and a limit"),
		passes("with a limit of 0.45 it keeps one box of each thing", hint, .45, want(.45)),
		passes("with a limit of 0.3 it keeps fewer", hint, .3, want(.3)),
		passes("with a limit of 0.9 it keeps all", hint, .9, want(.9)),
	}}
}
