package explore

import (
	"fmt"
	"math"

	"gopherlens/mlkit/sketch"
)

// Throw is somebody who throws balls at a hoop, 4 m away and as high as their hands, and learns from where they come
// down. Direction and Strength are the weights: the learner sets them and throws, or lets gradient descent adjust
// them after each throw, with a learning rate to choose.
type Throw struct {
	Direction float64 // degrees to the right of the hoop, from −45 to 45
	Strength  float64 // the ball's speed as it leaves the hands, at an angle of 45°, in metres a second, from 3 to 12
	Rate      float64 // the learning rate, one of 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5 and 3; 0.2 if left out
}

const (
	hoopDistance = 4.0  // metres
	gravity      = 9.81 // metres a second, each second
	// turn is how many degrees count as one step of direction, so that a step of either weight moves the ball by
	// about as much.
	turn = 20
)

// rates are the learning rates to choose from.
var rates = []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 3}

// Lands returns where the ball comes down, in metres from the middle of the hoop: x to the right, y beyond it. A ball
// that leaves at 45° flies strength²/9.81 metres until it is as high as at first.
func (t Throw) Lands() (x, y float64) {
	far := t.Strength * math.Abs(t.Strength) / gravity
	angle := t.Direction * math.Pi / 180
	return far * math.Sin(angle), far*math.Cos(angle) - hoopDistance
}

// Next is the throw after this one: both weights are adjusted by one step of gradient descent on the loss (x² + y²)/2.
func (t Throw) Next() Throw {
	x, y := t.Lands()
	angle := t.Direction * math.Pi / 180
	t.Direction -= t.Rate * hoopDistance * x * turn * turn * math.Pi / 180
	t.Strength -= t.Rate * (x*math.Sin(angle) + y*math.Cos(angle)) * 2 * math.Abs(t.Strength) / gravity
	return t
}

// String says where the throw lands.
func (t Throw) String() string {
	x, y := t.Lands()
	side, depth := "to the right", "too far"
	if x < 0 {
		side = "to the left"
	}
	if y < 0 {
		depth = "too short"
	}
	return fmt.Sprintf("A throw with the direction %s° and the strength %s m/s lands %s %s and %s %s, %s from the middle of the hoop.",
		number(t.Direction), number(t.Strength), distance(x), side, distance(y), depth, distance(math.Hypot(x, y)))
}

// distance writes metres as one says them.
func distance(m float64) string {
	switch m = math.Abs(m); {
	case m < 1:
		return fmt.Sprintf("%.1f cm", 100*m)
	case m < 1000:
		return fmt.Sprintf("%.2f m", m)
	case m < 1e9:
		return fmt.Sprintf("%.0f km", m/1000)
	}
	return fmt.Sprintf("%.0f million km", m/1e9)
}

// HTML returns the explorable.
func (t Throw) HTML() string {
	if t.Rate == 0 {
		t.Rate = 0.2
	}
	court := sketch.Plane{
		X: sketch.Axis{From: -2, To: 2, Start: 20, End: 260},
		Y: sketch.Axis{From: -0.4, To: 6, Start: 400, End: 16},
	}
	errors := sketch.Plane{
		X: sketch.Axis{From: 0, To: 30, Start: 330, End: 570},
		Y: sketch.Axis{From: 0, To: 5, Start: 360, End: 60},
	}
	x, y := t.Lands()
	s := sketch.New(590, 416, "Seen from above: you, a hoop 4 m away, and where the ball lands. "+t.String())
	s.Rect("box", court.X.Start, court.Y.End, court.X.End-court.X.Start, court.Y.Start-court.Y.End)
	s.Circle("orange line", court.X.At(0), court.Y.At(hoopDistance), 0.225*60)
	s.Circle("ink", court.X.At(0), court.Y.At(0), 7)
	s.Text("small", court.X.At(0)+12, court.Y.At(0), "you")
	s.Text("small end", court.X.At(0)-18, court.Y.At(hoopDistance), "hoop")
	s.Named("aim", func() {
		s.Line("thin grey dashed", court.X.At(0), court.Y.At(0), court.X.At(clamp(x, court.X)), court.Y.At(clamp(y+hoopDistance, court.Y)))
	})
	s.Named("balls", func() {
		s.Circle("blue ringed", court.X.At(clamp(x, court.X)), court.Y.At(clamp(y+hoopDistance, court.Y)), 7)
	})
	s.Text("", 300, 30, "how far from the middle, in metres")
	for v := range 6 {
		s.Line("thin pale", errors.X.Start, errors.Y.At(float64(v)), errors.X.End, errors.Y.At(float64(v)))
		s.Text("small end", errors.X.Start-8, errors.Y.At(float64(v)), fmt.Sprint(v))
	}
	s.Text("end", errors.X.End, errors.Y.Start+18, "throw by throw")
	s.Named("errors", func() { s.Path("line blue", "M0 0") })
	return render("throw", s, "Throwing at a hoop.", map[string]any{
		"direction": t.Direction, "strength": t.Strength, "rate": t.Rate, "rates": rates,
		"court": [][4]float64{axis(court.X), axis(court.Y)}, "errors": [][4]float64{axis(errors.X), axis(errors.Y)},
	})
}

// clamp moves a value into an axis.
func clamp(v float64, a sketch.Axis) float64 { return min(max(v, a.From), a.To) }
