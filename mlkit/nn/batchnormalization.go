package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// BatchNormalization brings each channel (the last axis) to mean 0 and variance 1 over the batch, then
// scales and shifts it by what it learns. When the model predicts it uses moving averages of the means and
// variances that it saw in training.
//
// Its weights are gamma (ones), beta (zeros), moving_mean (zeros) and moving_variance (ones), each
// [channels]. Source: Ioffe and Szegedy, "Batch Normalization", 2015; moving averages as in Keras.
type BatchNormalization struct {
	// Momentum is how much of the moving averages stays at each step; 0.99 if left out.
	Momentum float64
	// Epsilon is added to the variance; 0.001 if left out.
	Epsilon    float64
	InputShape Shape
}

func (l BatchNormalization) momentum() float64 { return or(l.Momentum, 0.99) }
func (l BatchNormalization) epsilon() float64  { return or(l.Epsilon, 1e-3) }

func (l BatchNormalization) Config() map[string]any {
	return config("BatchNormalization", l.InputShape, map[string]any{
		"axis":     -1,
		"momentum": l.momentum(),
		"epsilon":  l.epsilon(),
		"center":   true,
		"scale":    true,
	})
}

func (l BatchNormalization) build(in Shape) (Shape, []weight, error) {
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("it needs samples [..., channels], but gets single numbers")
	}
	if m := l.momentum(); !(m > 0 && m < 1) {
		return nil, nil, fmt.Errorf("its momentum is %v, but must lie between 0 and 1", m)
	}
	if e := l.epsilon(); !(e > 0) {
		return nil, nil, fmt.Errorf("its epsilon is %v, but must be positive", e)
	}
	s := in[len(in)-1:]
	return in, []weight{
		{"gamma", s, filled(1), true},
		{"beta", s, filled(0), true},
		{"moving_mean", s, filled(0), false},
		{"moving_variance", s, filled(1), false},
	}, nil
}

func (l BatchNormalization) apply(c *call, x *graph.Node) *graph.Node {
	mean, variance := c.weight(x, "moving_mean"), c.weight(x, "moving_variance")
	wide := func(perChannel *graph.Node) *graph.Node { return graph.ExpandLeftToRank(perChannel, x.Rank()) }
	if c.training {
		mean, variance = l.moments(c, x)
		l.remember(c, "moving_mean", mean)
		l.remember(c, "moving_variance", variance)
	}
	scale := graph.Div(c.weight(x, "gamma"), graph.Sqrt(graph.AddScalar(variance, l.epsilon())))
	return graph.Add(graph.Mul(graph.Sub(x, wide(mean)), wide(scale)), wide(c.weight(x, "beta")))
}

// moments are the mean and the variance of each channel over the batch's real samples.
func (l BatchNormalization) moments(c *call, x *graph.Node) (mean, variance *graph.Node) {
	channels := x.Shape().Dimensions[x.Rank()-1]
	rows := graph.Reshape(x, -1, channels)
	perSample := rows.Shape().Dimensions[0] / x.Shape().Dimensions[0]
	if c.real == nil {
		mean = graph.ReduceMean(rows, 0)
		return mean, graph.ReduceMean(graph.Square(graph.Sub(rows, graph.ExpandLeftToRank(mean, 2))), 0)
	}
	// Each row counts 1 if its sample is real, and 0 if it only fills the batch up.
	counts := graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(c.real, -1), x.Shape().Dimensions[0], perSample), -1, 1)
	total := graph.MulScalar(graph.ReduceAllSum(c.real), float64(perSample))
	mean = graph.Div(graph.ReduceSum(graph.Mul(rows, counts), 0), total)
	off := graph.Sub(rows, graph.ExpandLeftToRank(mean, 2))
	return mean, graph.Div(graph.ReduceSum(graph.Mul(graph.Square(off), counts), 0), total)
}

// remember moves a moving average towards the batch's value.
func (l BatchNormalization) remember(c *call, weight string, value *graph.Node) {
	v := c.variable(weight)
	old := v.NodeValue(value)
	v.SetNodeValue(graph.Add(graph.MulScalar(old, l.momentum()), graph.MulScalar(graph.StopGradient(value), 1-l.momentum())))
}

// or is a setting, or its default where it was left out.
func or(setting, byDefault float64) float64 {
	if setting == 0 {
		return byDefault
	}
	return setting
}
