package nn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Metric is a number that people want to read, beside the loss.
type Metric string

const (
	// Accuracy is the part of the samples for which the model is right: the largest of its numbers is that of
	// the right class or, where it puts out a single number, that lies on the right side of 0.5.
	Accuracy Metric = "accuracy"
	// MeanAbsoluteError is the mean of |y − p|.
	MeanAbsoluteError Metric = "mean_absolute_error"
)

func (m Metric) check() error {
	switch m {
	case Accuracy, MeanAbsoluteError:
		return nil
	}
	return fmt.Errorf("there is no metric %q, only %s and %s", m, Accuracy, MeanAbsoluteError)
}

// perSample is the metric of each sample, [batch], for labels y and what the model puts out, p.
func (m Metric) perSample(loss Loss, y, p *graph.Node) *graph.Node {
	if m == MeanAbsoluteError {
		return meanPerSample(graph.Abs(graph.Sub(y, p)))
	}
	var right *graph.Node
	classes := p.Shape().Dimensions[p.Rank()-1]
	switch {
	case loss == SparseCategoricalCrossentropy:
		y = graph.Reshape(y, p.Shape().Dimensions[:p.Rank()-1]...)
		right = graph.Equal(graph.ConvertDType(y, dtypes.Int32), graph.ArgMax(p, -1))
	case classes == 1:
		half := graph.Scalar(p.Graph(), p.DType(), 0.5)
		right = graph.Equal(y, graph.ConvertDType(graph.GreaterThan(p, half), y.DType()))
	default:
		right = graph.Equal(graph.ArgMax(y, -1), graph.ArgMax(p, -1))
	}
	return meanPerSample(graph.ConvertDType(right, p.DType()))
}
