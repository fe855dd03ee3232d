package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// RMSprop divides each gradient by the root of a moving average of its square. Source: Hinton, "Neural
// Networks for Machine Learning", lecture 6e; epsilon stands under the root as in Keras.
type RMSprop struct {
	// LearningRate is 0.001 if left out.
	LearningRate float64
	// Rho is how much of the moving average stays at each step; 0.9 if left out.
	Rho float64
	// Momentum is 0 if left out.
	Momentum float64
	// Epsilon is 1e-7 if left out.
	Epsilon float64
}

func (o RMSprop) withDefaults() RMSprop {
	return RMSprop{or(o.LearningRate, 0.001), or(o.Rho, 0.9), o.Momentum, or(o.Epsilon, 1e-7)}
}

func (o RMSprop) Config() map[string]any {
	o = o.withDefaults()
	return map[string]any{
		"class_name":    "RMSprop",
		"learning_rate": o.LearningRate,
		"rho":           o.Rho,
		"momentum":      o.Momentum,
		"epsilon":       o.Epsilon,
		"centered":      false,
	}
}

func (o RMSprop) update(s *steps) {
	o = o.withDefaults()
	s.each(func(w *model.Variable, value, gradient *graph.Node) *graph.Node {
		square := towards(s.slot(w, "velocity"), graph.Square(gradient), 1-o.Rho)
		step := graph.Div(graph.MulScalar(gradient, o.LearningRate), graph.Sqrt(graph.AddScalar(square, o.Epsilon)))
		if o.Momentum > 0 {
			slot := s.slot(w, "momentum")
			step = graph.Add(graph.MulScalar(slot.NodeValue(s.graph), o.Momentum), step)
			slot.SetNodeValue(step)
		}
		return graph.Sub(value, step)
	})
}
