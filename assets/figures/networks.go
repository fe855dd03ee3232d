package main

import (
	"gopherlens/mlkit/explore"
	"gopherlens/mlkit/sketch"
)

// network is layers of neurons, with every connection between them.
func network() *sketch.Sketch {
	s := sketch.New(640, 320, "A network: an input layer of three neurons, two hidden layers of four, and an output layer of two. "+
		"Every neuron is connected to all of the next layer. A neuron that always says +1 stands above each layer but the last; its connections are the biases.")
	layers := []struct {
		name    string
		neurons int
		class   string
	}{{"input layer", 3, "box"}, {"hidden layer", 4, "blue"}, {"hidden layer", 4, "blue"}, {"output layer", 2, "orange"}}
	place := func(layer, neuron int) (x, y float64) {
		return 90 + 153*float64(layer), 178 + 54*(float64(neuron)-float64(layers[layer].neurons-1)/2)
	}
	bias := func(layer int) (x, y float64) { return 90 + 153*float64(layer), 58 }
	for l := range len(layers) - 1 {
		for to := range layers[l+1].neurons {
			x2, y2 := place(l+1, to)
			for from := range layers[l].neurons {
				x1, y1 := place(l, from)
				s.Line("thin grey", x1, y1, x2, y2)
			}
			x1, y1 := bias(l)
			s.Line("thin grey dashed", x1, y1, x2, y2)
		}
	}
	for l, layer := range layers {
		for n := range layer.neurons {
			x, y := place(l, n)
			s.Circle(layer.class+" ringed", x, y, 15)
		}
		if l < len(layers)-1 {
			x, y := bias(l)
			s.Rect("box", x-16, y-14, 32, 28)
			s.Text("small strong middle", x, y, "+1")
		}
		x, _ := place(l, 0)
		s.Text("middle", x, 298, layer.name)
	}
	s.Text("small grey middle", 319, 24, "each line has a weight; the dashed ones are the biases")
	return s
}

// neurons is a neuron of the brain beside one of ours.
func neurons() *sketch.Sketch {
	s := sketch.New(680, 330, "Side by side: a neuron of the brain, whose dendrites bring signals to the cell body, which sends a pulse down the axon; "+
		"and one of ours, where inputs times weights are added up and go through an activation function.")
	s.Text("strong", 24, 26, "In the brain")
	s.Text("strong", 364, 26, "In the computer")
	s.Line("thin pale", 340, 16, 340, 314)

	// Dendrites, branching, that end at the cell body.
	for _, d := range []string{
		"M34 92C60 100 66 118 100 138", "M52 66C58 90 72 112 100 138", "M30 160C56 150 74 152 96 152", "M40 226C62 206 70 182 102 166", "M28 206C46 200 58 192 70 186",
	} {
		s.Path("bold green", d)
	}
	s.Circle("green ringed", 122, 152, 34)
	s.Circle("white ringed", 122, 152, 12)
	s.Path("bold green", "M156 152C190 152 200 150 248 150")
	for i := range 3 { // the myelin sheath
		s.Rect("box", 166+27*float64(i), 143, 22, 15)
	}
	for _, d := range []string{"M248 150C268 144 274 126 300 118", "M248 150C270 150 280 152 306 152", "M248 150C268 158 276 176 300 184"} {
		s.Path("bold green", d)
	}
	for _, end := range [][2]float64{{303, 117}, {309, 152}, {303, 185}} {
		s.Circle("green ringed", end[0], end[1], 5)
	}
	s.Text("small", 24, 256, "dendrites: signals come in")
	s.Text("small", 92, 106, "cell body: adds up")
	s.Text("small", 170, 216, "axon: a pulse goes out")
	s.Text("small grey", 24, 290, "Enough together: one pulse. Too little: none.")
	s.Text("small grey", 24, 306, "All or nothing.")

	for i, name := range []string{"+1", "x₁", "x₂", "x₃"} {
		y := 74 + 52*float64(i)
		s.Line("line blue", 400, y, 490, 152+(y-152)*0.2)
		s.Circle("box", 384, y, 17)
		s.Text("middle", 384, y, name)
		s.Text("small strong middle", 440, y+(152-y)*0.36-10, []string{"θ₀", "θ₁", "θ₂", "θ₃"}[i])
	}
	s.Circle("box", 518, 152, 30)
	s.Text("large middle", 518, 152, "Σ")
	s.Arrow("line ink", 548, 152, 574, 152)
	s.Rect("box", 576, 130, 44, 44)
	s.Text("middle", 598, 152, "f")
	s.Arrow("line ink", 620, 152, 658, 152)
	s.Text("small", 364, 262, "inputs × weights")
	s.Text("small middle", 518, 200, "sum")
	s.Text("small middle", 602, 192, "activation")
	s.Text("small", 630, 136, "output")
	s.Text("small grey", 364, 290, "More in, more out: how strong the answer is")
	s.Text("small grey", 364, 306, "comes in all shades.")
	return s
}

// activations is the common activation functions in one picture.
func activations() *sketch.Sketch {
	s := sketch.New(680, 370, "Six activation functions. Threshold jumps from 0 to 1. Sigmoid rises smoothly from 0 to 1, tanh from −1 to 1. "+
		"Relu is 0 on the left and rises on the right. Leaky relu rises a little on the left, too. Elu bends softly to −1 on the left.")
	i := 0
	for _, f := range explore.Functions {
		if f.Name == "linear" {
			continue
		}
		left, top := 24+218*float64(i%3), 20+172*float64(i/3)
		p := sketch.Plane{
			X: sketch.Axis{From: -3, To: 3, Start: left, End: left + 196},
			Y: sketch.Axis{From: -1.4, To: 2.2, Start: top + 146, End: top + 22},
		}
		s.Text("strong", left, top+6, f.Name)
		for _, y := range []float64{-1, 1} {
			s.Line("thin pale", left, p.Y.At(y), left+196, p.Y.At(y))
			s.Text("small grey end", p.X.At(0)-5, p.Y.At(y), map[float64]string{-1: "−1", 1: "1"}[y])
		}
		s.Line("thin grey", left, p.Y.At(0), left+196, p.Y.At(0))
		s.Line("thin grey", p.X.At(0), p.Y.Start, p.X.At(0), p.Y.End)
		x, y := f.Trace(-3, min(3, 2.2/max(f.At(2.2)/2.2, 0.5)))
		s.Curve("bold blue", p, x, y)
		i++
	}
	return s
}
