package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Adam takes steps of a size that it finds for every weight by itself. Source: Kingma and Ba, "Adam: A
// Method for Stochastic Optimization", 2014, in the form before section 2.1 that Keras uses too: epsilon is
// added before the correction of the bias ("epsilon hat").
type Adam struct {
	// LearningRate is 0.001 if left out.
	LearningRate float64
	// Beta1 is 0.9 if left out.
	Beta1 float64
	// Beta2 is 0.999 if left out.
	Beta2 float64
	// Epsilon is 1e-7 if left out.
	Epsilon float64
}

func (o Adam) withDefaults() Adam {
	return Adam{or(o.LearningRate, 0.001), or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7)}
}

func (o Adam) Config() map[string]any {
	o = o.withDefaults()
	return map[string]any{
		"class_name":    "Adam",
		"learning_rate": o.LearningRate,
		"beta_1":        o.Beta1,
		"beta_2":        o.Beta2,
		"epsilon":       o.Epsilon,
	}
}

func (o Adam) update(s *steps) {
	o = o.withDefaults()
	t := s.count()
	power := func(beta float64) *graph.Node { return graph.Pow(graph.Scalar(s.graph, t.DType(), beta), t) }
	// alpha = learning rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ)
	alpha := graph.Div(graph.MulScalar(graph.Sqrt(graph.OneMinus(power(o.Beta2))), o.LearningRate), graph.OneMinus(power(o.Beta1)))
	s.each(func(w *model.Variable, value, gradient *graph.Node) *graph.Node {
		m := towards(s.slot(w, "m"), gradient, 1-o.Beta1)
		v := towards(s.slot(w, "v"), graph.Square(gradient), 1-o.Beta2)
		return graph.Sub(value, graph.Div(graph.Mul(m, alpha), graph.AddScalar(graph.Sqrt(v), o.Epsilon)))
	})
}

// towards moves a slot a part of the way towards a value, and returns where it is then.
func towards(slot *model.Variable, value *graph.Node, part float64) *graph.Node {
	old := slot.NodeValue(value)
	moved := graph.Add(old, graph.MulScalar(graph.Sub(value, old), part))
	slot.SetNodeValue(moved)
	return moved
}
