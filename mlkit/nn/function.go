package nn

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
)

// Function is the name of an activation function.
type Function string

const (
	// Linear changes nothing; it is what a layer without an activation has.
	Linear Function = "linear"
	// ReLU is max(x, 0).
	ReLU Function = "relu"
	// LeakyReLU is x where it is positive and 0.2·x elsewhere, as Keras' activation "leaky_relu" has it
	// (Keras' layer of that name has 0.3).
	LeakyReLU Function = "leaky_relu"
	// Sigmoid is 1 / (1 + e⁻ˣ).
	Sigmoid Function = "sigmoid"
	// Tanh is the hyperbolic tangent.
	Tanh Function = "tanh"
	// Softmax turns the numbers of the last axis into probabilities.
	Softmax Function = "softmax"
)

func (f Function) orLinear() Function {
	if f == "" {
		return Linear
	}
	return f
}

func (f Function) check() error {
	switch f.orLinear() {
	case Linear, ReLU, LeakyReLU, Sigmoid, Tanh, Softmax:
		return nil
	}
	return fmt.Errorf("there is no activation %q, only %s, %s, %s, %s, %s and %s",
		f, Linear, ReLU, LeakyReLU, Sigmoid, Tanh, Softmax)
}

func (f Function) apply(c *call, x *graph.Node) *graph.Node {
	switch f {
	case ReLU:
		if x.Graph().Backend().Capabilities().Operations[compute.OpTypeFusedActivationVJP] {
			return activation.Relu(x)
		}
		return slope(x, graph.ZerosLike(x))
	case LeakyReLU:
		return slope(x, graph.MulScalar(x, 0.2))
	case Sigmoid:
		return graph.Sigmoid(x)
	case Tanh:
		return graph.Tanh(x)
	case Softmax:
		c.logits = x
		return graph.Softmax(x, -1)
	}
	return x
}

// slope is x where it is positive. Its gradient at 0 is that of the negative side, as in Keras; there are many
// zeros where pictures are black. GoMLX's own functions, unless they are fused, have that of the other side.
func slope(x, negative *graph.Node) *graph.Node {
	return graph.Where(graph.GreaterThan(x, graph.ScalarZero(x.Graph(), x.DType())), x, negative)
}
