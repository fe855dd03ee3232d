package explore

import (
	"fmt"
	"math"
	"slices"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/sketch"
)

// Fit is how a network's answers come nearer to points while it learns: a curve for some of its epochs. The learner
// goes back and forth between them.
type Fit struct {
	X, Y   []float64 // the points, from left to right
	epochs []int
	losses []float64
	curves [][]float64
}

// Add adds the answers that the network gives for X after an epoch, and its loss then.
func (f *Fit) Add(epoch int, loss float64, answers *array.Array) {
	curve := array.Values[float64](answers.Float64())
	if len(curve) != len(f.X) {
		fault.Panicf("Fit.Add needs an answer for each of the %d points, and there are %d", len(f.X), len(curve))
	}
	for i, v := range curve { // more digits are not to be seen, and weigh
		curve[i] = math.Round(v*1000) / 1000
	}
	f.epochs, f.losses, f.curves = append(f.epochs, epoch), append(f.losses, math.Round(loss*1e4)/1e4), append(f.curves, curve)
}

// String says what the picture shows.
func (f Fit) String() string {
	last := len(f.epochs) - 1
	if last < 0 {
		return fmt.Sprintf("%d points, and no curve yet.", len(f.X))
	}
	return fmt.Sprintf("%d points and the network's curve through them after epoch %d, when its loss is %.4f.",
		len(f.X), f.epochs[last], f.losses[last])
}

func (f Fit) plane() sketch.Plane {
	if len(f.X) != len(f.Y) || len(f.X) < 2 {
		fault.Panicf("explore.Fit needs as many values in X as in Y, two or more: there are %d and %d", len(f.X), len(f.Y))
	}
	low, high := slices.Min(f.Y), slices.Max(f.Y)
	room := max(0.2*(high-low), 1e-3)
	return sketch.Plane{
		X: sketch.Axis{From: f.X[0], To: f.X[len(f.X)-1], Start: 50, End: 500, Label: "input x"},
		Y: sketch.Axis{From: low - room, To: high + room, Start: 320, End: 40, Label: "output y"},
	}
}

// Picture is the latest curve over the points, without anything to play with.
func (f Fit) Picture() *sketch.Sketch {
	plane := f.plane()
	s := sketch.New(520, 370, f.String())
	s.Plane(plane)
	for i, x := range f.X {
		s.Circle("orange ringed", plane.X.At(x), plane.Y.At(f.Y[i]), 3.5)
	}
	s.Named("curve", func() {
		if last := len(f.curves) - 1; last >= 0 {
			s.Curve("bold blue", plane, f.X, f.curves[last])
		}
	})
	return s
}

// HTML returns the explorable.
func (f Fit) HTML() string {
	if len(f.curves) == 0 {
		return f.Picture().HTML()
	}
	plane := f.plane()
	return render("fit", f.Picture(), "What the network has learnt.", map[string]any{
		"x": f.X, "epochs": f.epochs, "losses": f.losses, "curves": f.curves, "plane": [][4]float64{axis(plane.X), axis(plane.Y)},
	})
}
