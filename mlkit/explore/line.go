package explore

import (
	"fmt"
	"math"
	"slices"

	"gopherlens/mlkit/sketch"
)

// Line is a line over points: y = Weight·x + Bias. The learner drags either, and sees how far the points are from
// the line, each one and on average.
type Line struct {
	X, Y         []float64 // the points
	Weight, Bias float64   // where the line begins
}

// MeanSquaredError is the mean of the squares of what lies, upwards or downwards, between each point and the line.
func (l Line) MeanSquaredError() float64 {
	sum := 0.0
	for i, x := range l.X {
		miss := l.Weight*x + l.Bias - l.Y[i]
		sum += miss * miss
	}
	return sum / float64(len(l.X))
}

// mistake says what is wrong with the points.
func (l Line) mistake() string {
	if len(l.X) != len(l.Y) || len(l.X) == 0 {
		return fmt.Sprintf("explore.Line needs as many values in X as in Y: there are %d and %d.", len(l.X), len(l.Y))
	}
	return ""
}

// String says what the picture shows.
func (l Line) String() string {
	if mistake := l.mistake(); mistake != "" {
		return mistake
	}
	return fmt.Sprintf("%d points and the line y = %.2f·x + %.2f. The mean squared error is %.2f.",
		len(l.X), l.Weight, l.Bias, l.MeanSquaredError())
}

// HTML returns the explorable.
func (l Line) HTML() string {
	if mistake := l.mistake(); mistake != "" {
		return "<p>" + mistake + "</p>"
	}
	plane := sketch.Plane{
		X: sketch.Axis{From: -roundUp(-slices.Min(l.X)), To: roundUp(slices.Max(l.X)), Start: 50, End: 500, Label: "x"},
		Y: sketch.Axis{From: -roundUp(-1.2 * slices.Min(l.Y)), To: roundUp(1.2 * slices.Max(l.Y)), Start: 320, End: 40, Label: "y"},
	}
	for _, a := range []*sketch.Axis{&plane.X, &plane.Y} {
		if a.To == 0 {
			a.To = 1
		}
	}
	at := func(x float64) float64 { return plane.Y.At(l.Weight*x + l.Bias) }
	s := sketch.New(520, 370, l.String())
	s.Plane(plane)
	s.Named("errors", func() {
		for i, x := range l.X {
			s.Line("thin orange dashed", plane.X.At(x), plane.Y.At(l.Y[i]), plane.X.At(x), at(x))
		}
	})
	s.Named("line", func() {
		s.Line("bold blue", plane.X.At(plane.X.From), at(plane.X.From), plane.X.At(plane.X.To), at(plane.X.To))
	})
	for i, x := range l.X {
		s.Circle("orange ringed", plane.X.At(x), plane.Y.At(l.Y[i]), 4.5)
	}
	s.Named("bias", func() { s.Circle("blue ringed", plane.X.At(0), at(0), 8) })
	s.Named("weight", func() { s.Circle("blue ringed", plane.X.End, at(plane.X.To), 8) })
	return render("line", s, "A line over points: the dashed lines are its errors.", map[string]any{
		"x": l.X, "y": l.Y, "weight": l.Weight, "bias": l.Bias, "plane": [][4]float64{axis(plane.X), axis(plane.Y)},
	})
}

// roundUp is the next round number, of 0, 0.5, 1, 1.5 … 5, 10, 15 …: where an axis ends that has 0 and v on it.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))) / 2
	return math.Ceil(v/unit) * unit
}
