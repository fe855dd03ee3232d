package nn

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	gonn "github.com/gomlx/gomlx/ml/nn"
)

// Dense connects every number it gets to every neuron: x·kernel + bias, then the activation.
//
// It takes [batch, …, features] and gives [batch, …, units]. Its weights are the kernel [features, units],
// drawn Glorot-uniform, and the bias [units], zeros.
type Dense struct {
	// Units is how many neurons it has.
	Units int
	// Activation is Linear if left out.
	Activation Function
	// NoBias leaves the bias out.
	NoBias bool
	// InputShape is needed in a model's first layer only.
	InputShape Shape
}

func (l Dense) Config() map[string]any {
	return config("Dense", l.InputShape, map[string]any{
		"units":              l.Units,
		"activation":         string(l.Activation.orLinear()),
		"use_bias":           !l.NoBias,
		"kernel_initializer": "GlorotUniform",
		"bias_initializer":   "Zeros",
	})
}

func (l Dense) build(in Shape) (Shape, []weight, error) {
	if l.Units < 1 {
		return nil, nil, fmt.Errorf("it has %d units, but needs at least 1", l.Units)
	}
	if err := l.Activation.check(); err != nil {
		return nil, nil, err
	}
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("it needs lists of numbers [features], but gets single numbers")
	}
	last := len(in) - 1
	weights := []weight{{"kernel", Shape{in[last], l.Units}, glorotUniform(in[last], l.Units), true}}
	if !l.NoBias {
		weights = append(weights, weight{"bias", Shape{l.Units}, filled(0), true})
	}
	return append(append(Shape{}, in[:last]...), l.Units), weights, nil
}

func (l Dense) apply(c *call, x *graph.Node) *graph.Node {
	dims := x.Shape().Dimensions
	flat := graph.Reshape(x, -1, dims[len(dims)-1])
	var bias *graph.Node
	if !l.NoBias {
		bias = c.weight(x, "bias")
	}
	y := gonn.Dense(flat, c.weight(x, "kernel"), bias, compute.DenseLayoutInputOutputs)
	return l.Activation.apply(c, graph.Reshape(y, append(append([]int{}, dims[:len(dims)-1]...), l.Units)...))
}
