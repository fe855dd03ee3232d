// Package detection is what a detector found in a photo: boxes, each with a class and a score.
//
//	found, err := detection.Suppress(candidates, detection.COCO(), detection.Options{})
//	…
//	picture := detection.Draw(photo, found, detection.DrawOptions{})
//	detection.WriteJSON(os.Stdout, found)
//
// Suppress picks the detections among the thousands of boxes that a network proposes. Draw draws them,
// WriteJSON and WriteText write them for other programs, and Evaluate says how good they are where the
// truth is known. All of it works without a network: boxes may come from anywhere.
package detection

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Detection is an object in a photo.
type Detection struct {
	Class int     // the number of its class, from 0
	Name  string  // the name of its class
	Score float64 // how sure the detector is, from 0 to 1; 1 where somebody has drawn the box
	Box   Box
}

// String is for people: "dog 65 % (123, 221)–(365, 515)".
func (d Detection) String() string {
	return fmt.Sprintf("%s (%.0f, %.0f)–(%.0f, %.0f)", d.caption(), d.Box.X1, d.Box.Y1, d.Box.X2, d.Box.Y2)
}

// caption is the name and the score, if it is one: "dog 65 %".
func (d Detection) caption() string {
	name := cmp.Or(strings.TrimSpace(d.Name), strconv.Itoa(d.Class))
	if d.Score >= 0 && d.Score <= 1 {
		return fmt.Sprintf("%s %.0f %%", name, 100*d.Score)
	}
	return name
}

// A Box is a rectangle in pixels of the photo: X grows to the right and Y downwards, (0, 0) is the
// upper left corner of the upper left pixel. A box may reach beyond the photo; see Clip.
type Box struct{ X1, Y1, X2, Y2 float64 }

// Width is 0 for a box that is the wrong way round.
func (b Box) Width() float64 { return max(0, b.X2-b.X1) }

// Height is 0 for a box that is the wrong way round.
func (b Box) Height() float64 { return max(0, b.Y2-b.Y1) }

// Area is in square pixels.
func (b Box) Area() float64 { return b.Width() * b.Height() }

// Intersect is the part that two boxes share. Its area is 0 if they share none.
func (b Box) Intersect(c Box) Box {
	return Box{max(b.X1, c.X1), max(b.Y1, c.Y1), min(b.X2, c.X2), min(b.Y2, c.Y2)}
}

// Clip is the part of the box within a photo of that size.
func (b Box) Clip(width, height int) Box {
	return b.Intersect(Box{0, 0, float64(width), float64(height)})
}

// IoU is the intersection over the union of two boxes: 0 if they share nothing, 1 if they are the same.
func (b Box) IoU(c Box) float64 {
	w := min(b.X2, c.X2) - max(b.X1, c.X1)
	if !(w > 0) { // told at once, as it is so for most pairs in a photo
		return 0
	}
	h := min(b.Y2, c.Y2) - max(b.Y1, c.Y1)
	if !(h > 0) {
		return 0
	}
	shared := w * h
	if iou := shared / (b.Area() + c.Area() - shared); iou > 0 { // not so if an area is infinite
		return iou
	}
	return 0
}

func (b Box) finite() bool {
	for _, v := range [...]float64{b.X1, b.Y1, b.X2, b.Y2} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// check says what no file can hold.
func (d Detection) check() error {
	switch {
	case d.Class < 0 || d.Class >= maxClasses:
		return fmt.Errorf("its class is %d, not a number from 0 to %d", d.Class, maxClasses-1)
	case !(d.Score >= 0 && d.Score <= 1):
		return fmt.Errorf("its score is %g, not a number from 0 to 1", d.Score)
	case !d.Box.finite():
		return fmt.Errorf("its box %v has a corner that is no finite number", d.Box)
	case d.Box.X2 < d.Box.X1 || d.Box.Y2 < d.Box.Y1:
		return fmt.Errorf("its box is the wrong way round: (%g, %g) is not above and to the left of (%g, %g)",
			d.Box.X1, d.Box.Y1, d.Box.X2, d.Box.Y2)
	}
	return nil
}

// FormatError says what is wrong with a file.
type FormatError struct {
	Form   string // what the file should hold: "YOLO text"
	Line   int    // where, counted from 1; 0 if it is not about a line
	Reason string
}

func (e *FormatError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d of the %s: %s", e.Line, e.Form, e.Reason)
	}
	return e.Form + ": " + e.Reason
}
