package nn

import "github.com/gomlx/gomlx/core/graph"

// Activation applies an activation function; most layers have a field of that name instead.
type Activation struct {
	Function   Function
	InputShape Shape
}

func (l Activation) Config() map[string]any {
	return config("Activation", l.InputShape, map[string]any{"activation": string(l.Function.orLinear())})
}

func (l Activation) build(in Shape) (Shape, []weight, error) { return in, nil, l.Function.check() }

func (l Activation) apply(c *call, x *graph.Node) *graph.Node { return l.Function.apply(c, x) }
