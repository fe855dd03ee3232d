package explore

import (
	"fmt"

	"gopherlens/mlkit/sketch"
	"gopherlens/mlkit/yolo/detection"
)

// Overlap is two boxes of which the learner moves the second over the first, and sees their intersection over union.
// The boxes lie within 400 × 240 pixels.
type Overlap struct{ A, B detection.Box }

const overlapWidth, overlapHeight, overlapMargin = 400, 240, 20

// String says what the picture shows.
func (o Overlap) String() string {
	shared := o.A.Intersect(o.B).Area()
	return fmt.Sprintf("Two boxes. They share %.0f pixels and cover %.0f together: IoU = %.2f.",
		shared, o.A.Area()+o.B.Area()-shared, o.A.IoU(o.B))
}

// HTML returns the explorable.
func (o Overlap) HTML() string {
	s := sketch.New(overlapWidth+2*overlapMargin, overlapHeight+2*overlapMargin, o.String())
	s.At(overlapMargin, overlapMargin, func() {
		rect := func(class string, b detection.Box) { s.Rect(class, b.X1, b.Y1, b.Width(), b.Height()) }
		s.Rect("thin pale", 0, 0, overlapWidth, overlapHeight)
		s.Styled("fill:#00795c;fill-opacity:.35", func() {
			s.Named("shared", func() { rect("", o.A.Intersect(o.B)) })
		})
		rect("bold blue", o.A)
		s.Text("blue strong", o.A.X1+8, o.A.Y1+14, "a")
		s.Named("b", func() {
			s.Styled("fill:transparent", func() { rect("", o.B) }) // all of it can be grasped
			rect("bold orange", o.B)
			s.Text("orange strong", o.B.X2-16, o.B.Y2-12, "b")
		})
	})
	return render("overlap", s, o.String(), map[string]any{
		"a": corners(o.A), "b": corners(o.B), "size": [2]int{overlapWidth, overlapHeight}, "margin": overlapMargin,
	})
}

// corners are a box as the scripts take it.
func corners(b detection.Box) [4]float64 { return [4]float64{b.X1, b.Y1, b.X2, b.Y2} }
