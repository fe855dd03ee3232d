package explore

import (
	"fmt"
	"math"
	"strings"

	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/internal/notebook"
	"gopherlens/mlkit/sketch"
)

// Neuron is a neuron with three inputs and four weights, the first of which is the bias: it adds them up as
// θ₀ + x₁θ₁ + x₂θ₂ + x₃θ₃ and puts the sum through its activation function. The learner moves all seven.
type Neuron struct {
	Inputs     [3]float64 // x₁, x₂ and x₃, from −2 to 2
	Weights    [4]float64 // θ₀ to θ₃, from −2 to 2
	Activation string     // the name of one of Functions; "tanh" if left out
}

// Sum is θ₀ + x₁θ₁ + x₂θ₂ + x₃θ₃.
func (n Neuron) Sum() float64 {
	sum := n.Weights[0]
	for i, x := range n.Inputs {
		sum += x * n.Weights[i+1]
	}
	return sum
}

// Output is the activation function of the sum.
func (n Neuron) Output() float64 {
	f, found := function(n.activation())
	if !found {
		fault.Panicf("%s", noFunction(n.Activation))
	}
	return f.At(n.Sum())
}

func (n Neuron) activation() string {
	if n.Activation == "" {
		return "tanh"
	}
	return n.Activation
}

var (
	inputNames  = [3]string{"x₁", "x₂", "x₃"}
	weightNames = [4]string{"θ₀", "θ₁", "θ₂", "θ₃"}
)

// String says what the picture shows.
func (n Neuron) String() string {
	if _, found := function(n.activation()); !found {
		return noFunction(n.Activation)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A neuron whose bias θ₀ is %s", number(n.Weights[0]))
	for i, x := range n.Inputs {
		fmt.Fprintf(&b, ", whose input %s is %s with the weight %s", inputNames[i], number(x), number(n.Weights[i+1]))
	}
	fmt.Fprintf(&b, ". The sum is %s, and %s makes %s of it.", number(n.Sum()), n.activation(), number(n.Output()))
	return b.String()
}

// HTML returns the explorable.
func (n Neuron) HTML() string {
	if _, found := function(n.activation()); !found {
		return "<p>" + notebook.Escape(n.String()) + "</p>"
	}
	const sumX, outX, middle = 290, 420, 152
	s := sketch.New(560, 288, n.String())
	values := append([]float64{1}, n.Inputs[:]...)
	s.Text("small grey middle", 60, 20, "inputs")
	s.Text("small grey middle", 170, 20, "weights")
	s.Text("small grey middle", sumX, 20, "sum")
	s.Text("small grey middle", outX, 20, "activation")
	s.Text("small grey middle", 520, 20, "output")
	for i, weight := range n.Weights {
		y := 58 + 63*float64(i)
		s.Named(fmt.Sprint("connection", i), func() {
			s.Connection(connectionClass(weight), connectionWidth(weight), 88, y, sumX-34, middle+(y-middle)*0.2)
		})
		s.Circle("box", 60, y, 27)
		s.Rect("white", 132, y+(middle-y)*0.36-11, 82, 22)
		s.Named(fmt.Sprint("weight", i), func() {
			s.Text("middle strong", 173, y+(middle-y)*0.36, weightNames[i]+" = "+number(weight))
		})
		if i == 0 {
			s.Text("middle strong", 60, y, "+1")
			continue
		}
		s.Text("small middle", 60, y-9, inputNames[i-1])
		s.Named(fmt.Sprint("input", i), func() { s.Text("middle strong", 60, y+6, number(values[i])) })
	}
	s.Circle("box", sumX, middle, 34)
	s.Text("large middle", sumX, middle-13, "Σ")
	s.Named("sum", func() { s.Text("middle strong", sumX, middle+9, number(n.Sum())) })
	s.Arrow("line ink", sumX+34, middle, outX-44, middle)
	s.Rect("box", outX-42, middle-24, 84, 48)
	s.Named("activation", func() { s.Text("middle", outX, middle, n.activation()) })
	s.Arrow("line ink", outX+42, middle, 494, middle)
	s.Named("output", func() { s.Text("large strong middle", 522, middle, number(n.Output())) })
	var names []string
	for _, f := range Functions {
		names = append(names, f.Name)
	}
	return render("neuron", s, "A neuron: each input times its weight, added up with the bias, then the activation function.", map[string]any{
		"inputs": n.Inputs, "weights": n.Weights, "name": n.activation(), "names": names,
		"inputNames": inputNames, "weightNames": weightNames,
	})
}

// A connection is as wide as its weight is large; a negative one is dashed.
func connectionWidth(weight float64) float64 { return 0.75 + 2.5*math.Abs(weight) }

func connectionClass(weight float64) string {
	if weight < 0 {
		return "orange dashed"
	}
	return "blue"
}

// number writes a number with two decimals and a real minus sign.
func number(v float64) string {
	text := fmt.Sprintf("%.2f", v)
	if strings.Trim(text, "-0.") == "" {
		return "0.00"
	}
	return strings.Replace(text, "-", "−", 1)
}
