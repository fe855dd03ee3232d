package main

import "gopherlens/mlkit/sketch"

// line is y = 0.45x + 8 with some points around it, and what it predicts for 7.
func line() *sketch.Sketch {
	s := sketch.New(520, 370, "Six points, a straight line through them, and the line's answer for the input 7, which is 11.15.")
	plane := sketch.Plane{
		X: sketch.Axis{From: 0, To: 20, Start: 50, End: 500, Label: "input x"},
		Y: sketch.Axis{From: 0, To: 20, Start: 320, End: 40, Label: "output y"},
	}
	s.Plane(plane)
	s.Curve("bold blue", plane, []float64{0, 20}, []float64{8, 17})
	for _, p := range [][2]float64{{1, 8.8}, {4, 9.2}, {8, 12.1}, {11, 12.6}, {15, 14.9}, {19, 16.2}} {
		s.Circle("orange ringed", plane.X.At(p[0]), plane.Y.At(p[1]), 4.5)
	}
	s.Curve("line grey dashed", plane, []float64{7, 7, 0}, []float64{0, 11.15, 11.15})
	s.Circle("white ringed", plane.X.At(7), plane.Y.At(11.15), 5)
	s.Text("", plane.X.At(7)+10, plane.Y.At(1.2), "7")
	s.Text("", plane.X.At(0)+10, plane.Y.At(11.15)-12, "11.15")
	s.Text("blue strong", plane.X.At(11), plane.Y.At(10.5), "y = 0.45 · x + 8")
	return s
}
