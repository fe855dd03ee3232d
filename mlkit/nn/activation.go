package nn

import (
	"fmt"

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

// rises is whether a larger x never gives a smaller f(x), one number at a time.
func (f Function) rises() bool { return f != Softmax }

func (f Function) apply(x *graph.Node) *graph.Node {
	switch f {
	case ReLU:
		return activation.Relu(x)
	case LeakyReLU:
		return activation.LeakyReluWith(x, 0.2)
	case Sigmoid:
		return graph.Sigmoid(x)
	case Tanh:
		return graph.Tanh(x)
	case Softmax:
		return graph.Softmax(x, -1)
	}
	return x
}

// Activation applies an activation function; most layers have a field of that name instead.
type Activation struct {
	Function   Function
	InputShape Shape
}

func (l Activation) Config() map[string]any {
	return config("Activation", l.InputShape, map[string]any{"activation": string(l.Function.orLinear())})
}

func (l Activation) build(in Shape) (Shape, []weight, error) { return in, nil, l.Function.check() }

func (l Activation) apply(_ *call, x *graph.Node) *graph.Node { return l.Function.apply(x) }

// config completes a layer's Config.
func config(class string, input Shape, c map[string]any) map[string]any {
	c["class_name"] = class
	if input != nil {
		c["input_shape"] = input
	}
	return c
}
