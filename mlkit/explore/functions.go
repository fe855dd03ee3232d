package explore

import (
	"fmt"
	"math"
	"strings"
)

// A Function is an activation function.
type Function struct {
	Name, Formula string
	At            func(x float64) float64
	Slope         func(x float64) float64 // its derivative; at a corner, the slope on the left
}

// Functions are the common activation functions; those that package nn has, too, are the same as there.
var Functions = []Function{
	{"linear", "f(x) = x",
		func(x float64) float64 { return x },
		func(x float64) float64 { return 1 }},
	{"threshold", "f(x) = 1 if x > 0, else 0",
		func(x float64) float64 { return choose(x, 1, 0) },
		func(x float64) float64 { return 0 }},
	{"sigmoid", "f(x) = 1 / (1 + e⁻ˣ)",
		sigmoid,
		func(x float64) float64 { return sigmoid(x) * (1 - sigmoid(x)) }},
	{"tanh", "f(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
		math.Tanh,
		func(x float64) float64 { return 1 - math.Tanh(x)*math.Tanh(x) }},
	{"relu", "f(x) = x if x > 0, else 0",
		func(x float64) float64 { return choose(x, x, 0) },
		func(x float64) float64 { return choose(x, 1, 0) }},
	{"leaky relu", "f(x) = x if x > 0, else 0.2 · x",
		func(x float64) float64 { return choose(x, x, 0.2*x) },
		func(x float64) float64 { return choose(x, 1, 0.2) }},
	{"elu", "f(x) = x if x > 0, else eˣ − 1",
		func(x float64) float64 { return choose(x, x, math.Expm1(x)) },
		func(x float64) float64 { return choose(x, 1, math.Exp(x)) }},
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func choose(x, positive, otherwise float64) float64 {
	if x > 0 {
		return positive
	}
	return otherwise
}

// function finds a function by its name.
func function(name string) (Function, bool) {
	for _, f := range Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// noFunction says so of a name, and names those that there are.
func noFunction(name string) string {
	var names []string
	for _, f := range Functions {
		names = append(names, f.Name)
	}
	return fmt.Sprintf("There is no activation function %q, only %s.", name, strings.Join(names, ", "))
}

// Trace is a function's curve between two values, as a list of points. Its corners, all at 0, are sharp.
func (f Function) Trace(from, to float64) (x, y []float64) {
	const steps = 60
	for i := 0; i <= steps; i++ {
		v := from + (to-from)*float64(i)/steps
		if len(x) > 0 && x[len(x)-1] < 0 && v >= 0 {
			x, y = append(x, 0), append(y, f.At(0))
			if just := math.Nextafter(0, 1); f.At(just)-f.At(0) > 0.1 {
				x, y = append(x, just), append(y, f.At(just))
			}
		}
		if v != 0 {
			x, y = append(x, v), append(y, f.At(v))
		}
	}
	return x, y
}
