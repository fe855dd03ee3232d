package sketch

import (
	"math"
	"strconv"
	"strings"
)

// A Plane is a part of a sketch with axes, on which points have coordinates of their own.
type Plane struct {
	X, Y Axis
}

// An Axis goes from one value to another, and from one pixel to another: X from left to right, Y from its lower end
// to its upper end.
type Axis struct {
	From, To   float64
	Start, End float64 // pixels
	Label      string
}

// At is where a value lies, in pixels.
func (a Axis) At(value float64) float64 {
	return a.Start + (value-a.From)/(a.To-a.From)*(a.End-a.Start)
}

// Ticks are round values on the axis, about five.
func (a Axis) Ticks() []float64 {
	step := math.Pow(10, math.Floor(math.Log10((a.To-a.From)/4)))
	for _, factor := range []float64{5, 2} {
		if (a.To-a.From)/(factor*step) >= 4 {
			step *= factor
			break
		}
	}
	var ticks []float64
	for i := math.Ceil(a.From/step - 1e-9); i*step <= a.To+1e-9*step; i++ {
		ticks = append(ticks, i*step+0) // + 0 makes −0 0
	}
	return ticks
}

// Plane draws the axes of a plane, with ticks and a pale grid.
func (s *Sketch) Plane(p Plane) {
	for _, v := range p.X.Ticks() {
		s.Line("thin pale", p.X.At(v), p.Y.Start, p.X.At(v), p.Y.End)
		s.Text("small middle", p.X.At(v), p.Y.Start+13, tick(v))
	}
	for _, v := range p.Y.Ticks() {
		s.Line("thin pale", p.X.Start, p.Y.At(v), p.X.End, p.Y.At(v))
		s.Text("small end", p.X.Start-7, p.Y.At(v), tick(v))
	}
	zero := func(a Axis) float64 { return a.At(min(max(0, a.From), a.To)) }
	s.Line("thin grey", p.X.Start, zero(p.Y), p.X.End, zero(p.Y))
	s.Line("thin grey", zero(p.X), p.Y.Start, zero(p.X), p.Y.End)
	s.Text("end", p.X.End, p.Y.Start+30, p.X.Label)
	s.Text("", p.X.Start-20, p.Y.End-14, p.Y.Label)
}

// Curve draws a line through points of a plane.
func (s *Sketch) Curve(class string, p Plane, x, y []float64) { s.Path(class, p.Path(x, y)) }

// Path is the path data of a line through points of the plane.
func (p Plane) Path(x, y []float64) string {
	var path strings.Builder
	for i := range x {
		path.WriteString("ML"[min(i, 1):][:1] + number(p.X.At(x[i])) + " " + number(p.Y.At(y[i])))
	}
	return path.String()
}

func tick(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'g', 6, 64), "-", "−", 1)
}
