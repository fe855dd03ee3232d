package main

import (
	"math"

	"gopherlens/mlkit/sketch"
)

// scattered are the lesson's points around y = 0.45x + 8.
var scattered = [][2]float64{{1, 8.8}, {4, 9.2}, {8, 12.1}, {11, 12.6}, {15, 14.9}, {19, 16.2}}

// line is y = 0.45x + 8 with some points around it, and what it predicts for 7.
func line() *sketch.Sketch {
	s := sketch.New(520, 370, "Six points, a straight line through them, and the line's answer for the input 7, which is 11.15.")
	plane := sketch.Plane{
		X: sketch.Axis{From: 0, To: 20, Start: 50, End: 500, Label: "input x"},
		Y: sketch.Axis{From: 0, To: 20, Start: 320, End: 40, Label: "output y"},
	}
	s.Plane(plane)
	s.Curve("bold blue", plane, []float64{0, 20}, []float64{8, 17})
	for _, p := range scattered {
		s.Circle("orange ringed", plane.X.At(p[0]), plane.Y.At(p[1]), 4.5)
	}
	s.Curve("line grey dashed", plane, []float64{7, 7, 0}, []float64{0, 11.15, 11.15})
	s.Circle("white ringed", plane.X.At(7), plane.Y.At(11.15), 5)
	s.Text("", plane.X.At(7)+10, plane.Y.At(1.2), "7")
	s.Text("", plane.X.At(0)+10, plane.Y.At(11.15)-12, "11.15")
	s.Text("blue strong", plane.X.At(11), plane.Y.At(10.5), "y = 0.45 · x + 8")
	return s
}

// bent is, side by side, points along a line and points that no line fits.
func bent() *sketch.Sketch {
	s := sketch.New(640, 260, "On the left, points close to a straight line. On the right, points that rise and fall; the best straight line misses most of them.")
	left, right := small(30, 0, 20, 0, 20), small(350, -2, 2, -1.6, 1.6)
	s.Text("strong", left.X.Start, 24, "A line fits")
	s.Text("strong", right.X.Start, 24, "No line fits")
	frame(s, left)
	frame(s, right)
	s.Curve("bold blue", left, []float64{0, 20}, []float64{8, 17})
	for _, p := range scattered {
		s.Circle("orange ringed", left.X.At(p[0]), left.Y.At(p[1]), 4)
	}
	s.Curve("line blue dashed", right, []float64{-2, 2}, []float64{-0.5, 0.5})
	for x := -1.9; x < 2; x += 0.2 {
		s.Circle("orange ringed", right.X.At(x), right.Y.At(math.Sin(2.2*x)+0.08*math.Sin(40*x)), 4)
	}
	return s
}

// combination is three bent lines and their sum, which rises and falls.
func combination() *sketch.Sketch {
	s := sketch.New(640, 190, "Three bent lines, each flat and then sloped. Added up they make one curve that rises, falls and rises again.")
	relu := func(x float64) float64 { return max(0, x) }
	parts := []func(x float64) float64{
		func(x float64) float64 { return relu(x + 2) },
		func(x float64) float64 { return -2.2 * relu(x+0.6) },
		func(x float64) float64 { return 2.4 * relu(x-0.8) },
		func(x float64) float64 { return relu(x+2) - 2.2*relu(x+0.6) + 2.4*relu(x-0.8) },
	}
	for i, f := range parts {
		left := 20 + 160*float64(i)
		p := sketch.Plane{
			X: sketch.Axis{From: -2, To: 2, Start: left, End: left + 116},
			Y: sketch.Axis{From: -4, To: 4, Start: 160, End: 20},
		}
		frame(s, p)
		class := "bold blue"
		if i == 3 {
			class = "bold orange"
		}
		x := []float64{-2, -0.6, 0.8, 2}
		y := make([]float64, len(x))
		for k := range x {
			y[k] = min(max(f(x[k]), -4), 4)
		}
		if i == 1 { // it leaves the picture below
			x[3], y[3] = 4/2.2-0.6, -4
		}
		s.Curve(class, p, x, y)
		if i < 3 {
			s.Text("large strong middle", left+138, 90, []string{"+", "+", "="}[i])
		}
	}
	return s
}

// small is a plane of 260 by 190 pixels without ticks.
func small(left, fromX, toX, fromY, toY float64) sketch.Plane {
	return sketch.Plane{
		X: sketch.Axis{From: fromX, To: toX, Start: left, End: left + 260},
		Y: sketch.Axis{From: fromY, To: toY, Start: 235, End: 45},
	}
}

// frame draws the two axes of a plane, at its left and lower edges.
func frame(s *sketch.Sketch, p sketch.Plane) {
	s.Line("thin grey", p.X.Start, p.Y.Start, p.X.End, p.Y.Start)
	s.Line("thin grey", p.X.Start, p.Y.Start, p.X.Start, p.Y.End)
}
