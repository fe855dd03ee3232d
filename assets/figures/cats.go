package main

import (
	"fmt"
	"math"

	"gopherlens/mlkit/sketch"
)

// face is a cat seen from the front, around a place; at a scale of 1 it is about 88 pixels wide.
func face(s *sketch.Sketch, x, y, scale float64, fur string) {
	p := placer(x, y, scale)
	s.Styled("fill:"+fur, func() {
		s.Path("ringed", p("M%g %gL%g %gL%g %gZ", -38, -6, -34, -48, -6, -30))
		s.Path("ringed", p("M%g %gL%g %gL%g %gZ", 38, -6, 34, -48, 6, -30))
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ",
			0, -34, 28, -34, 42, -16, 42, 6, 42, 26, 24, 38, 0, 38, -24, 38, -42, 26, -42, 6, -42, -16, -28, -34, 0, -34))
	})
	for _, side := range []float64{-1, 1} {
		s.Circle("white ringed", x+17*side*scale, y-4*scale, 8.5*scale)
		s.Path("ink", p("M%g %gQ%g %g %g %gQ%g %g %g %gZ", 17*side, -12, 17*side+4, -4, 17*side, 4, 17*side-4, -4, 17*side, -12))
		for i := range 3 {
			lift := 6 * float64(i-1)
			s.Path("thin ink", p("M%g %gL%g %g", 14*side, 18+lift/3, 46*side, 16+lift*1.6))
		}
	}
	s.Path("ink", p("M%g %gL%g %gL%g %gZ", -5, 10, 5, 10, 0, 16))
	s.Path("thin ink", p("M%g %gQ%g %g %g %gM%g %gQ%g %g %g %g", 0, 16, -2, 24, -11, 23, 0, 16, 2, 24, 11, 23))
}

// placer makes path data of coordinates around a place.
func placer(x, y, scale float64) func(format string, at ...float64) string {
	return func(format string, at ...float64) string {
		values := make([]any, len(at))
		for i, v := range at {
			values[i] = math.Round(10*([]float64{x, y}[i%2]+scale*v)) / 10
		}
		return fmt.Sprintf(format, values...)
	}
}

// behind is a sitting cat that looks away.
func behind(s *sketch.Sketch, x, y, scale float64, fur string) {
	p := placer(x, y, scale)
	s.Styled("fill:"+fur, func() {
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ",
			20, 42, 66, 48, 66, 4, 46, -2, 38, -4, 36, 6, 42, 8, 52, 12, 50, 32, 24, 32, 20, 32, 18, 40, 20, 42))
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ", -32, 42, -40, 2, -20, -14, 0, -14, 20, -14, 40, 2, 32, 42))
		s.Path("ringed", p("M%g %gL%g %gL%g %gL%g %gL%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ",
			-22, -24, -20, -48, -7, -39, 7, -39, 20, -48, 24, -30, 24, -10, 0, -8, -24, -10, -24, -28, -21, -34))
	})
	s.Path("thin ink", p("M%g %gL%g %g", 0, 4, 0, 28))
}

// lying is a cat that sleeps, curled up.
func lying(s *sketch.Sketch, x, y, scale float64, fur string) {
	p := placer(x, y, scale)
	s.Styled("fill:"+fur, func() {
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ", -48, 20, -50, -22, -10, -28, 12, -24, 48, -18, 56, 14, 46, 30, 30, 40, -44, 42, -48, 20))
		s.Path("ringed", p("M%g %gL%g %gL%g %gL%g %gL%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ",
			-46, 10, -50, -8, -36, 0, -26, -2, -14, -12, -10, 4, -8, 20, -18, 28, -30, 28, -42, 28, -48, 20, -46, 10))
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ", 46, 30, 30, 46, -6, 44, -22, 36, -8, 34, 22, 36, 40, 20))
	})
	s.Path("line ink", p("M%g %gQ%g %g %g %gM%g %gQ%g %g %g %g", -40, 12, -36, 16, -33, 12, -26, 12, -22, 16, -19, 12))
	s.Path("ink", p("M%g %gL%g %gL%g %gZ", -32, 18, -27, 18, -29.5, 21))
}

// cats is what a network has seen, all from the front, and what it makes of others.
func cats() *sketch.Sketch {
	s := sketch.New(680, 330, "Above, five cats that a network learnt from, all from the front. Below, three that it is asked about: one from the front, which it calls a cat; "+
		"one that looks away and one that sleeps, neither of which it calls a cat.")
	s.Text("strong", 24, 26, "It has learnt from these:")
	for i, fur := range []string{"#e0a05a", "#9a9a9a", "#f0e6d8", "#8a6a4a", "#c9c2b6"} {
		x := 82 + 129*float64(i)
		s.Rect("thin grey", x-56, 44, 112, 106)
		face(s, x, 104, 0.9, fur)
	}
	s.Text("strong", 24, 180, "Now it is asked:")
	for i, draw := range []func(s *sketch.Sketch, x, y, scale float64, fur string){face, behind, lying} {
		x := 82 + 222*float64(i)
		s.Rect("thin grey", x-56, 198, 112, 106)
		draw(s, x, 254, 0.9, []string{"#d8b48a", "#9a9a9a", "#e0a05a"}[i])
		s.Text("large strong "+[]string{"green", "orange", "orange"}[i], x+66, 240, []string{"✓", "✗", "✗"}[i])
		s.Text("small", x+66, 264, []string{"“A cat.”", "“No cat.”", "“No cat.”"}[i])
	}
	return s
}

// sitting is a whole cat, seen from the front.
func sitting(s *sketch.Sketch, x, y, scale float64, fur string) {
	p := placer(x, y, scale)
	s.Styled("fill:"+fur, func() {
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ",
			30, 88, 84, 96, 86, 48, 62, 38, 52, 34, 50, 46, 58, 50, 68, 56, 64, 78, 36, 76, 30, 76, 26, 84, 30, 88))
		s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ", -34, 90, -48, 50, -26, 16, 0, 16, 26, 16, 48, 50, 34, 90))
		for _, side := range []float64{-1, 1} {
			s.Path("ringed", p("M%g %gC%g %g %g %g %g %gC%g %g %g %g %g %gZ", 3*side, 92, 0, 76, 26*side, 76, 25*side, 92, 24*side, 96, 4*side, 96, 3*side, 92))
			s.Path("thin ink", p("M%g %gL%g %gM%g %gL%g %g", 10*side, 86, 10*side, 92, 17*side, 86, 17*side, 92))
		}
	})
	face(s, x, y, scale, fur)
}

// cropped is a network that looks at two features, and a photo in which they are cut off.
func cropped() *sketch.Sketch {
	s := sketch.New(680, 240, "On the left, a sitting cat, and how much the network listens to each feature: much to ears and whiskers, hardly to eyes, fur, paws and tail. "+
		"On the right, a photo of the same cat without its head: the network does not call it a cat.")
	const fur = "#e0a05a"
	sitting(s, 488, 58, 1.15, fur)
	// What lies outside of the photo is covered.
	s.Rect("white", 408, 2, 200, 87)
	s.Rect("line grey", 418, 89, 160, 89)
	s.Text("strong", 408, 22, "A photo that cuts them off")
	s.Text("large strong orange", 592, 116, "✗")
	s.Text("small", 592, 140, "“No cat.”")

	s.Line("thin pale", 384, 16, 384, 224)
	s.Rect("thin grey", 24, 40, 124, 138)
	sitting(s, 80, 88, 0.86, fur)
	s.Text("strong", 24, 22, "It listens to")
	for i, f := range []struct {
		name   string
		weight float64
	}{{"ears", 118}, {"whiskers", 96}, {"eyes", 9}, {"fur", 6}, {"paws", 4}, {"tail", 3}} {
		y := 54 + 22*float64(i)
		s.Text("small end", 222, y, f.name)
		s.Rect("blue", 230, y-6, f.weight, 12)
	}
	s.Text("small grey", 24, 200, "Two features were enough for all the cats it learnt from,")
	s.Text("small grey", 24, 216, "so it never had a reason to look at the others.")
	s.Text("small grey", 408, 200, "Fur, paws and a tail: you see a cat at once.")
	return s
}
