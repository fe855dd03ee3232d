package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// An Optimizer changes the weights after each batch so that the loss shrinks: [Adam], [SGD] or [RMSprop].
type Optimizer interface {
	// Config tells the settings in the words of Keras' get_config, with "class_name" beside them.
	Config() map[string]any
	// update adds one step to the training graph.
	update(s *steps)
}

// steps is what an optimizer works on.
type steps struct {
	store     *model.Store
	graph     *graph.Graph
	weights   []*model.Variable
	gradients []*graph.Node
}

// each runs update for every weight and its gradient, and gives the weight the value that it returns.
func (s *steps) each(update func(w *model.Variable, value, gradient *graph.Node) *graph.Node) {
	for i, w := range s.weights {
		w.SetNodeValue(update(w, w.NodeValue(s.graph), s.gradients[i]))
	}
}

// slot is an array of the optimizer's own beside a weight; it begins with zeros.
func (s *steps) slot(w *model.Variable, name string) *model.Variable {
	path := optimizerScope + name + w.Path()
	if v := s.store.GetVariable(path); v != nil {
		return v
	}
	return s.store.VariableWithValue(path, tensors.FromShape(w.Shape())).SetTrainable(false)
}

// count is the number of this step, from 1 on, as a float32 scalar.
func (s *steps) count() *graph.Node {
	path := optimizerScope + "iterations"
	v := s.store.GetVariable(path)
	if v == nil {
		v = s.store.VariableWithValue(path, tensors.FromScalar(float32(0))).SetTrainable(false)
	}
	n := graph.AddScalar(v.NodeValue(s.graph), 1)
	v.SetNodeValue(n)
	return n
}

// optimizerScope is where the optimizer's own arrays are in the GoMLX store.
const optimizerScope = "/optimizer/"
