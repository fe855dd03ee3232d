package nn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Loss is one number for how wrong a model is; training makes it small.
type Loss string

const (
	// CategoricalCrossentropy is −Σ y·log(p) over the classes, for labels that are one-hot, [batch, classes].
	CategoricalCrossentropy Loss = "categorical_crossentropy"
	// SparseCategoricalCrossentropy is −log(p) of the right class, for labels that are its number, [batch].
	SparseCategoricalCrossentropy Loss = "sparse_categorical_crossentropy"
	// MeanSquaredError is the mean of (y − p)², for labels of the shape that the model puts out.
	MeanSquaredError Loss = "mean_squared_error"
)

// tiny keeps logarithms finite: probabilities are clipped to [tiny, 1 − tiny], as in Keras.
const tiny = 1e-7

// logProbabilities are the logarithms of the probabilities that a model puts out. Where they come from a
// softmax they are taken from what it gets, as in Keras, so that they stay exact however small they are;
// other numbers are clipped.
func logProbabilities(c *call, p *graph.Node) *graph.Node {
	if c.logits != nil {
		return graph.LogSoftmax(c.logits, -1)
	}
	return graph.Log(graph.ClipScalar(p, tiny, 1-tiny))
}

func (l Loss) check() error {
	switch l {
	case CategoricalCrossentropy, SparseCategoricalCrossentropy, MeanSquaredError:
		return nil
	}
	return fmt.Errorf("there is no loss %q, only %s, %s and %s", l, CategoricalCrossentropy, SparseCategoricalCrossentropy, MeanSquaredError)
}

// perSample is the loss of each sample, [batch], for labels y and what the model puts out, p.
func (l Loss) perSample(c *call, y, p *graph.Node) *graph.Node {
	var logs *graph.Node
	switch l {
	case CategoricalCrossentropy:
		logs = logProbabilities(c, graph.Div(p, graph.ReduceAndKeep(p, graph.ReduceSum, -1)))
	case SparseCategoricalCrossentropy:
		classes := graph.ConvertDType(graph.Reshape(y, p.Shape().Dimensions[:p.Rank()-1]...), dtypes.Int32)
		y = graph.OneHot(classes, p.Shape().Dimensions[p.Rank()-1], p.DType())
		logs = graph.LogSoftmax(logProbabilities(c, p), -1) // which makes numbers sum to 1 that do not
	default:
		return meanPerSample(graph.Square(graph.Sub(y, p)))
	}
	return meanPerSample(graph.Neg(graph.ReduceSum(graph.Mul(y, logs), -1)))
}

// meanPerSample is the mean of everything that belongs to a sample: [batch, …] to [batch].
func meanPerSample(x *graph.Node) *graph.Node {
	if x.Rank() == 1 {
		return x
	}
	return graph.ReduceMean(graph.Reshape(x, x.Shape().Dimensions[0], -1), 1)
}

// labelShape is the shape of one sample's label for a model that puts out this shape.
func (l Loss) labelShape(out Shape) Shape {
	if l == SparseCategoricalCrossentropy {
		return out[:len(out)-1]
	}
	return out
}
