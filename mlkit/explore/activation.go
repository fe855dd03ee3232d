package explore

import (
	"fmt"

	"gopherlens/mlkit/internal/notebook"
	"gopherlens/mlkit/sketch"
)

// Activation is the curve of an activation function, with its slope at one place. The learner picks another function
// of [Functions], and moves the place.
type Activation struct {
	Name string  // the function that it begins with: "tanh"
	X    float64 // the place that it begins at, from −4 to 4
}

// String says what the picture shows.
func (a Activation) String() string {
	f, found := function(a.Name)
	if !found {
		return noFunction(a.Name)
	}
	return fmt.Sprintf("The curve of %s from −4 to 4. At x = %s it is %s, and its slope is %s.",
		a.Name, number(a.X), number(f.At(a.X)), number(f.Slope(a.X)))
}

// HTML returns the explorable.
func (a Activation) HTML() string {
	f, found := function(a.Name)
	if !found {
		return "<p>" + notebook.Escape(a.String()) + "</p>"
	}
	plane := sketch.Plane{
		X: sketch.Axis{From: -4, To: 4, Start: 50, End: 450, Label: "the sum that comes in, x"},
		Y: sketch.Axis{From: -2, To: 4, Start: 330, End: 40, Label: "what goes out, f(x)"},
	}
	s := sketch.New(480, 380, a.String())
	s.Plane(plane)
	curves := map[string]string{}
	for _, f := range Functions {
		x, y := f.Trace(-4, 4)
		curves[f.Name] = plane.Path(x, y)
	}
	y, slope := f.At(a.X), f.Slope(a.X)
	s.Named("curve", func() { s.Path("bold blue", curves[a.Name]) })
	s.Named("tangent", func() {
		left, right := clamp(a.X-1.2, plane.X), clamp(a.X+1.2, plane.X)
		s.Line("line orange dashed", plane.X.At(left), plane.Y.At(y+(left-a.X)*slope), plane.X.At(right), plane.Y.At(y+(right-a.X)*slope))
	})
	s.Named("place", func() { s.Circle("orange ringed", plane.X.At(a.X), plane.Y.At(y), 8) })
	formulas := map[string]string{}
	var names []string
	for _, f := range Functions {
		names = append(names, f.Name)
		formulas[f.Name] = f.Formula
	}
	return render("activation", s, "An activation function: the dashed line shows its slope.", map[string]any{
		"name": a.Name, "x": a.X, "names": names, "formulas": formulas, "curves": curves,
		"plane": [][4]float64{axis(plane.X), axis(plane.Y)},
	})
}
