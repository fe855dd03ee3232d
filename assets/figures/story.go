package main

import "gopherlens/mlkit/sketch"

// recognition is a street, with what a computer finds in it.
func recognition() *sketch.Sketch {
	s := sketch.New(640, 300, "A drawn street with a tree, a car, a person and a dog. A box with a name and a percentage is around each of the last three: car 97 %, person 94 %, dog 88 %.")
	s.Rect("pale", 16, 208, 608, 76) // the street
	s.Line("line grey dashed", 30, 262, 612, 262)
	// A tree.
	s.Rect("grey", 60, 150, 14, 66)
	s.Circle("green", 67, 116, 42)
	s.Circle("green", 42, 138, 26)
	s.Circle("green", 92, 138, 26)
	// A car.
	s.Path("blue", "M168 214L176 178L212 172L240 140L318 140L346 174L382 182L386 214Z")
	s.Path("white", "M228 172L248 150L274 150L274 172Z")
	s.Path("white", "M284 172L284 150L312 150L330 172Z")
	for _, x := range []float64{218, 340} {
		s.Circle("ink", x, 216, 20)
		s.Circle("pale", x, 216, 8)
	}
	// A person.
	s.Circle("orange", 452, 116, 15)
	s.Path("orange", "M434 138L470 138L474 186L462 186L462 240L452 240L452 194L450 194L450 240L440 240L440 186L430 186Z")
	// A dog.
	s.Path("ink", "M520 200L566 200L572 184L588 182L602 194L590 202L580 206L578 240L570 240L568 218L536 218L532 240L524 240L522 214L508 190Z")
	box := func(class, label string, x, y, width, height float64) {
		s.Rect("bold "+class, x, y, width, height)
		s.Rect(class, x-1.5, y-22, 8.6*float64(len(label))+4, 22)
		s.Text("white strong", x+5, y-11, label)
	}
	box("blue", "car 97 %", 158, 130, 238, 112)
	box("orange", "person 94 %", 420, 92, 66, 156)
	box("green", "dog 88 %", 500, 172, 110, 76)
	return s
}

// throws is three throws at a hoop, from above, with the errors of the first two.
func throws() *sketch.Sketch {
	s := sketch.New(560, 330, "A hoop from above and three throws. The first lands 34 cm to the right and 22 cm too short, 40.5 cm from the middle; "+
		"the second 18 cm to the right and 15 cm too far, 23.4 cm from the middle; the third goes in.")
	plane := sketch.Plane{ // 5 pixels a centimetre
		X: sketch.Axis{From: -30, To: 70, Start: 30, End: 530},
		Y: sketch.Axis{From: -32, To: 28, Start: 312, End: 12},
	}
	at := func(x, y float64) (float64, float64) { return plane.X.At(x), plane.Y.At(y) }
	x, y := at(0, 0)
	s.Circle("line bold orange", x, y, 22.5*5)
	s.Line("thin pale", plane.X.Start, y, plane.X.End, y)
	s.Line("thin pale", x, plane.Y.Start, x, plane.Y.End)
	for i, t := range [][2]float64{{34, -22}, {18, 15}} {
		tx, ty := at(t[0], t[1])
		s.Line("line blue dashed", x, ty, tx, ty)
		s.Line("line blue dashed", x, y, x, ty)
		s.Line("line ink", x, y, tx, ty)
		s.Circle("blue ringed", tx, ty, 9)
		s.Text("strong", tx+16, ty, []string{"1st throw: (34, −22)", "2nd throw: (18, 15)"}[i])
		s.Text("", tx+16, ty+18, []string{"40.5 cm from the middle", "23.4 cm from the middle"}[i])
	}
	s.Circle("green ringed", x, y, 9)
	s.Text("strong end", x-14, y-14, "3rd throw:")
	s.Text("strong end", x-14, y+14, "in!")
	s.Text("small grey", plane.X.Start, 302, "you stand below, 4 m away")
	return s
}

// loop is the steps of learning, around and around.
func loop() *sketch.Sketch {
	s := sketch.New(640, 190, "A loop of three steps: feed a sample through the network, compute the error of its answer, adjust the weights by it; then again, with the next sample.")
	for i, words := range [][2]string{{"Feed", "a sample goes through"}, {"Compute the error", "answer − right answer"}, {"Adjust", "each weight, a little"}} {
		x := 24 + 210*float64(i)
		s.Rect("box", x, 40, 172, 70)
		s.Text("strong middle", x+86, 64, words[0])
		s.Text("small middle", x+86, 88, words[1])
		if i < 2 {
			s.Arrow("line ink", x+172, 75, x+208, 75)
		}
	}
	s.Path("line ink", "M530 110L530 150L110 150L110 118")
	s.Arrow("line ink", 110, 130, 110, 112)
	s.Text("small middle", 320, 166, "again, with the next sample, thousands of times")
	return s
}
