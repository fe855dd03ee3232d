package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SGD is stochastic gradient descent: against the gradient, by the learning rate. With momentum, a part of
// each step is taken again in the next ones.
type SGD struct {
	// LearningRate is 0.01 if left out.
	LearningRate float64
	// Momentum is 0 if left out.
	Momentum float64
}

func (o SGD) learningRate() float64 { return or(o.LearningRate, 0.01) }

func (o SGD) Config() map[string]any {
	return map[string]any{
		"class_name":    "SGD",
		"learning_rate": o.learningRate(),
		"momentum":      o.Momentum,
		"nesterov":      false,
	}
}

func (o SGD) update(s *steps) {
	s.each(func(w *model.Variable, value, gradient *graph.Node) *graph.Node {
		step := graph.MulScalar(gradient, o.learningRate())
		if o.Momentum == 0 {
			return graph.Sub(value, step)
		}
		slot := s.slot(w, "momentum")
		velocity := graph.Sub(graph.MulScalar(slot.NodeValue(s.graph), o.Momentum), step)
		slot.SetNodeValue(velocity)
		return graph.Add(value, velocity)
	})
}
