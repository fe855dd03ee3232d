package explore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gopherlens/mlkit/sketch"
)

// Dropout is a small network of which each sample switches off hidden neurons at random. The learner asks for the next
// sample, or switches neurons off by hand, and sees what is left and what it answers.
type Dropout struct {
	Rate float64 // how likely a sample switches a neuron off: 0.4 if it is 0
	Off  []int   // the hidden neurons that are off at first: 0 to 4 are the first layer, 5 to 9 the second
}

// The network: inputs, two hidden layers, and one answer.
var (
	dropoutSizes  = []int{3, 5, 5, 1}
	dropoutInputs = []float64{0.9, 0.4, 0.7}
)

const hiddenNeurons = 10

// dropoutWeights are the weights that the network learnt, as it were: those to each neuron of each layer, the bias
// last.
func dropoutWeights() (layers [][][]float64) {
	rng := rand.New(rand.NewPCG(82, 3))
	for i, n := range dropoutSizes[1:] {
		layer := make([][]float64, n)
		for k := range layer {
			for range dropoutSizes[i] {
				layer[k] = append(layer[k], math.Round(100*(0.2+0.5*rng.NormFloat64()))/100)
			}
			layer[k] = append(layer[k], 0.1)
		}
		layers = append(layers, layer)
	}
	return layers
}

// Values are those of all neurons, layer by layer: of the inputs, of the hidden neurons (relu; 0 where one is off, and
// of the others 1/(1−Rate) times as much, as in training), and the answer, from 0 to 1 (sigmoid).
func (d Dropout) Values() [][]float64 {
	values := [][]float64{dropoutInputs}
	for i, layer := range dropoutWeights() {
		var next []float64
		for k, weights := range layer {
			sum := weights[len(weights)-1]
			for j, v := range values[i] {
				sum += v * weights[j]
			}
			switch {
			case i == len(dropoutSizes)-2:
				sum = 1 / (1 + math.Exp(-sum))
			case slices.Contains(d.Off, i*dropoutSizes[1]+k):
				sum = 0
			default:
				sum = max(0, sum) / (1 - d.rate())
			}
			next = append(next, sum)
		}
		values = append(values, next)
	}
	return values
}

func (d Dropout) rate() float64 {
	switch {
	case d.Rate == 0:
		return 0.4
	case d.Rate < 0: // nothing is dropped, nothing made up for
		return 0
	}
	return d.Rate
}

// Answer is how sure the network is that it sees a cat.
func (d Dropout) Answer() float64 { return d.Values()[len(dropoutSizes)-1][0] }

// Connections counts the connections between neurons that are not off, and all of them.
func (d Dropout) Connections() (left, all int) {
	for i, n := range dropoutSizes[1:] {
		for k := range n * dropoutSizes[i] {
			all++
			if !d.off(i, k/n) && !d.off(i+1, k%n) {
				left++
			}
		}
	}
	return left, all
}

// off tells whether neuron k of a layer is switched off; the inputs are layer 0.
func (d Dropout) off(layer, k int) bool {
	return layer > 0 && layer < len(dropoutSizes)-1 && slices.Contains(d.Off, (layer-1)*dropoutSizes[1]+k)
}

// String says what the picture shows.
func (d Dropout) String() string {
	left, all := d.Connections()
	return fmt.Sprintf("A network with two hidden layers. %d of its %d hidden neurons are switched off, %d of %d connections are left. "+
		"It answers: cat, %.0f %%; with all of them, %.0f %%.", len(d.Off), hiddenNeurons, left, all, 100*d.Answer(), 100*Dropout{Rate: -1}.Answer())
}

// HTML returns the explorable.
func (d Dropout) HTML() string {
	if !(d.rate() < 1) || slices.ContainsFunc(d.Off, func(k int) bool { return k < 0 || k >= hiddenNeurons }) {
		return fmt.Sprintf("<p>explore.Dropout needs a rate below 1, and neurons to switch off from 0 to %d.</p>", hiddenNeurons-1)
	}
	const radius = 18
	at := func(layer, k int) (x, y float64) {
		return 70 + 140*float64(layer), 175 + 58*(float64(k)-float64(dropoutSizes[layer]-1)/2)
	}
	s := sketch.New(560, 345, d.String())
	for i, title := range []string{"input", "hidden", "hidden", "answer"} {
		x, _ := at(i, 0)
		s.Text("middle small", x, 16, title)
	}
	weights, values := dropoutWeights(), d.Values()
	s.Named("connections", func() {
		for i, layer := range weights {
			for k := range layer {
				for j := range dropoutSizes[i] {
					x1, y1 := at(i, j)
					x2, y2 := at(i+1, k)
					opacity := 1.0
					if d.off(i, j) || d.off(i+1, k) {
						opacity = 0.08
					}
					s.Styled(fmt.Sprintf("opacity:%v", opacity), func() {
						s.Connection("grey", 0.5+2*math.Abs(layer[k][j]), x1, y1, x2, y2)
					})
				}
			}
		}
	})
	for i, n := range dropoutSizes {
		for k := range n {
			x, y := at(i, k)
			name := fmt.Sprintf("neuron-%d-%d", i, k)
			s.Named(name, func() {
				s.Circle("white", x, y, radius)
				switch {
				case d.off(i, k):
					s.Circle("line dashed grey", x, y, radius)
				default:
					s.Circle("line ink", x, y, radius)
				}
				words := short(values[i][k])
				if d.off(i, k) {
					words = "✕"
				}
				s.Text("small middle", x, y, words)
			})
		}
	}
	x, y := at(3, 0)
	s.Text("", x+radius+8, y, "cat?")
	return render("dropout", s, d.String(), map[string]any{
		"sizes": dropoutSizes, "inputs": dropoutInputs, "weights": weights, "rate": d.rate(), "off": append([]int{}, d.Off...),
	})
}
