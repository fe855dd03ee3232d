package main

import (
	"fmt"
	"math"

	"gopherlens/mlkit/sketch"
)

// families is a gallery of kinds of networks.
func families() *sketch.Sketch {
	s := sketch.New(680, 400, "Six families of networks. Perceptron: inputs lead to one neuron. Feed-forward: layer after layer. Convolutional: a picture becomes smaller and smaller maps, then an answer. "+
		"Recurrent: a neuron hands its output back to itself. Autoencoder: many neurons, few, and many again. Transformer: every word is connected to every other.")
	neuron := func(class string, x, y float64) { s.Circle(class+" ringed", x, y, 7) }
	column := func(class string, x, y float64, n int) (places [][2]float64) {
		for i := range n {
			places = append(places, [2]float64{x, y + 22*(float64(i)-float64(n-1)/2)})
			neuron(class, x, places[i][1])
		}
		return places
	}
	connect := func(x1 float64, n1 int, x2 float64, n2 int, y float64) {
		for i := range n1 {
			for k := range n2 {
				s.Line("thin grey", x1, y+22*(float64(i)-float64(n1-1)/2), x2, y+22*(float64(k)-float64(n2-1)/2))
			}
		}
	}
	chain := func(y, left, gap float64, sizes ...int) {
		for i := range len(sizes) - 1 {
			connect(left+gap*float64(i), sizes[i], left+gap*float64(i+1), sizes[i+1], y)
		}
		for i, n := range sizes {
			column([]string{"blue", "box", "orange"}[min(i, 1)+i/(len(sizes)-1)*1], left+gap*float64(i), y, n)
		}
	}
	for i, f := range []struct{ name, what, more string }{
		{"Perceptron", "one neuron that says yes or no", "1958, the beginning"},
		{"Feed-forward", "layer after layer, one way", "numbers in a table"},
		{"Convolutional", "filters that scan a picture", "pictures: this notebook"},
		{"Recurrent", "remembers what came before", "speech, series of measurements"},
		{"Autoencoder", "squeezes, and unfolds again", "removing noise, compressing"},
		{"Transformer", "each word looks at all others", "language, and pictures too"},
	} {
		x, y := 20+218*float64(i%3), 16+190*float64(i/3)
		s.Rect("thin pale", x, y, 204, 178)
		s.Text("strong", x+12, y+18, f.name)
		s.Text("small", x+12, y+144, f.what)
		s.Text("small grey", x+12, y+162, f.more)
		middle := y + 80
		switch i {
		case 0:
			chain(middle, x+50, 100, 3, 1)
		case 1:
			chain(middle, x+36, 44, 3, 4, 4, 2)
		case 2:
			for k, side := range []float64{60, 44, 26} {
				left := x + []float64{14, 84, 138}[k]
				for d := range k + 1 {
					s.Rect("box", left+4*float64(d), middle-side/2+4*float64(d), side, side)
				}
			}
			s.Rect("bold orange", x+22, middle-22, 16, 16)
			s.Line("thin orange", x+38, middle-22, x+96, middle-2)
			s.Line("thin orange", x+38, middle-6, x+96, middle-2)
			column("orange", x+188, middle, 3)
		case 3:
			connect(x+40, 2, x+102, 2, middle)
			connect(x+102, 2, x+164, 1, middle)
			column("blue", x+40, middle, 2)
			for _, p := range column("box", x+102, middle, 2) {
				up := math.Copysign(1, p[1]-middle)
				s.Path("line ink", fmt.Sprintf("M%g %gC%g %g %g %g %g %g", x+107, p[1]+5*up, x+124, p[1]+32*up, x+80, p[1]+32*up, x+96, p[1]+9*up))
			}
			column("orange", x+164, middle, 1)
		case 4:
			chain(middle, x+28, 37, 4, 3, 1, 3, 4)
		case 5:
			for a := range 5 {
				for b := range a {
					from, to := x+28+37*float64(b), x+28+37*float64(a)
					s.Path("thin grey", fmt.Sprintf("M%g %gQ%g %g %g %g", from, middle+24, (from+to)/2, middle+24-18*float64(a-b), to, middle+24))
				}
			}
			for a := range 5 {
				neuron("blue", x+28+37*float64(a), middle+24)
			}
		}
	}
	return s
}

// features is what the layers of a network find: edges, parts, things.
func features() *sketch.Sketch {
	s := sketch.New(680, 204, "From left to right: edges, such as upright, level and slanted lines and bends; parts put together from them, such as an ear, an eye, a wheel and a handle; "+
		"and things put together from parts: a cat, a car, a cup.")
	tile := func(x, y float64, draw func()) {
		s.Rect("thin grey", x, y, 48, 48)
		s.At(x, y, draw)
	}
	for i, title := range []string{"edges", "parts", "things"} {
		x := []float64{24, 236, 448}[i]
		s.Text("strong", x, 24, title)
		s.Text("small grey", x, 182, []string{"first layers", "middle layers", "last layers"}[i])
	}
	s.Arrow("line ink", 186, 110, 222, 110)
	s.Arrow("line ink", 398, 110, 434, 110)
	for i, d := range []string{"M24 8V40", "M8 24H40", "M10 38L38 10", "M10 10L38 38", "M10 38Q10 10 38 10", "M10 10Q38 10 38 38"} {
		tile(24+54*float64(i%3), 50+54*float64(i/3), func() { s.Path("bold ink", d) })
	}
	for i, part := range []func(){
		func() { s.Path("bold ink", "M8 40L18 8L40 34") },
		func() { s.Path("bold ink", "M6 24Q24 4 42 24Q24 44 6 24Z"); s.Circle("ink", 24, 24, 6) },
		func() { s.Circle("bold ink", 24, 24, 17); s.Circle("bold ink", 24, 24, 6) },
		func() { s.Path("bold ink", "M14 10Q42 8 38 26Q34 40 14 38") },
		func() { s.Path("bold ink", "M6 30L42 24M6 20L42 20M6 10L42 16") },
		func() { s.Path("bold ink", "M6 38L16 12L40 12L44 38Z") },
	} {
		tile(236+54*float64(i%3), 50+54*float64(i/3), part)
	}
	face(s, 486, 104, 0.62, "#c98a4b")
	s.At(540, 56, func() {
		s.Path("line ink", "M4 44L10 28L24 26L36 12L66 12L78 27L94 30L96 44Z")
		s.Circle("ink", 26, 46, 9)
		s.Circle("ink", 74, 46, 9)
	})
	s.At(556, 124, func() {
		s.Path("line ink", "M6 4L12 44L44 44L50 4Z")
		s.Path("line ink", "M49 10Q72 10 66 24Q62 34 46 34")
	})
	return s
}

// whole is the digit network, with the shapes of all that flows through it.
func whole() *sketch.Sketch {
	s := sketch.New(720, 300, "A convolutional network for digits. A picture of 28 by 28 by 1 goes through two pairs of convolution and pooling: 26 by 26 by 32, 13 by 13 by 32, 12 by 12 by 64, 6 by 6 by 64. "+
		"Flattened it is a list of 2304 numbers. A dense layer of 128 neurons follows, and ten probabilities, of which that of 7 is the largest.")
	const middle = 150
	for _, b := range []struct {
		x, side float64
		sheets  int
		shape   string
	}{{20, 70, 1, "28 × 28 × 1"}, {116, 65, 4, "26 × 26 × 32"}, {214, 34, 4, "13 × 13 × 32"}, {296, 32, 6, "12 × 12 × 64"}, {380, 18, 6, "6 × 6 × 64"}} {
		for i := range b.sheets {
			d := 4 * float64(i)
			s.Rect("box", b.x+d, middle-b.side/2-2*float64(b.sheets)+d, b.side, b.side)
		}
		s.Text("small middle", b.x+b.side/2+2*float64(b.sheets-1), middle+62, b.shape)
	}
	s.Path("bold ink", "M36 126L74 126L52 176")
	for _, a := range [][3]float64{{94, 112}, {198, 210}, {266, 292}, {354, 376}, {426, 466}, {492, 518}, {556, 582}} {
		s.Arrow("line ink", a[0], middle, a[1], middle)
	}
	for _, l := range []struct {
		x    float64
		name string
		what string
	}{{56, "picture", ""}, {152, "convolution", "32 filters 3 × 3"}, {238, "max pooling", "2 × 2"}, {326, "convolution", "64 filters 2 × 2"}, {410, "max pooling", "2 × 2"}, {482, "flatten", ""}, {538, "dense", "relu"}, {640, "dense", "softmax"}} {
		s.Text("small strong middle", l.x, 62, l.name)
		s.Text("small grey middle", l.x, 78, l.what)
	}
	for i, x := range []float64{112, 286} {
		w := []float64{164, 150}[i]
		s.Path("line grey", fmt.Sprintf("M%g 46V38H%gV46", x, x+w))
		s.Text("small grey middle", x+w/2, 26, "a convolution–pooling pair")
	}
	s.Rect("box", 472, middle-52, 14, 104)
	for i := range 12 {
		s.Line("thin grey", 472, middle-52+8.66*float64(i), 486, middle-52+8.66*float64(i))
	}
	s.Text("small middle", 479, middle+66, "2304")
	for i := range 6 {
		y := middle + 17*(float64(i)-2.5)
		s.Circle("blue ringed", 538, y, 6.5)
	}
	s.Text("small middle", 538, middle+62, "128")
	for digit, p := range []float64{0.3, 0.1, 2, 1, 0.1, 0.1, 0.1, 64, 0.4, 3} {
		y := middle - 58 + 14*float64(digit)
		s.Text("small middle", 602, y, fmt.Sprint(digit))
		s.Rect("orange", 612, y-4.5, p+0.8, 9)
	}
	s.Text("small middle", 640, middle+86, "10 probabilities")
	s.Line("thin pale", 20, 256, 700, 256)
	s.Text("small", 20, 275, "finds features: where is what?")
	s.Text("small end", 700, 275, "draws conclusions: which digit is it?")
	s.Arrow("thin ink", 190, 275, 440, 275)
	return s
}
