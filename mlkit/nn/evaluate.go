package nn

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"gopherlens/mlkit/array"
)

// evaluationBatch is how many samples are sent through the layers at once where it makes no difference to the
// result: as many as fit into a processor's caches.
const evaluationBatch = 64

// Result is what [Model.Evaluate] measured, by name: "loss" and the metrics.
type Result map[string]float64

// String is like "loss: 0.0653 - accuracy: 0.9801".
func (r Result) String() string {
	var parts []string
	if loss, ok := r["loss"]; ok {
		parts = append(parts, "loss: "+number(loss))
	}
	for _, m := range []Metric{Accuracy, MeanAbsoluteError} {
		if v, ok := r[string(m)]; ok {
			parts = append(parts, string(m)+": "+number(v))
		}
	}
	return strings.Join(parts, " - ")
}

// Evaluate measures the loss and the metrics of the trained model on samples x and labels y; nothing is learnt.
func (m *Model) Evaluate(x, y *array.Array) (Result, error) {
	if _, err := m.check("x", x, "y", y); err != nil {
		return nil, err
	}
	s, err := m.learnt()
	if err != nil {
		return nil, err
	}
	if err := checkSamples("x", x, s.layers[0]); err != nil {
		return nil, err
	}
	exec, err := m.evaluator(s)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	b := newBatch(min(evaluationBatch, x.Shape()[0]), s.input(), y.Shape()[1:])
	sums, err := s.evaluate(m, exec, b, x, y, func() error { return nil })
	if err != nil {
		return nil, err
	}
	r := Result{}
	for _, v := range sums.values("") {
		r[v.name] = v.value
	}
	return r, nil
}

// evaluate measures a whole data set, batch by batch.
func (s *state) evaluate(m *Model, exec *model.Exec, b *batch, x, y *array.Array, interrupted func() error) (*means, error) {
	sums := newMeans(m.reported(false))
	err := eachBatch(b, x, y, func(n int) error {
		scores, err := s.score(exec, b)
		if err != nil {
			return err
		}
		sums.add(scores, n)
		return interrupted()
	})
	return sums, err
}

// score runs a training step or an evaluation: its results are sums over the batch's real samples.
func (s *state) score(exec *model.Exec, b *batch) ([]float64, error) {
	outputs, err := s.run(exec, b.x, b.y, b.real)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(outputs))
	for i, t := range outputs {
		scores[i] = float64(tensors.ToScalar[float32](t))
		t.MustFinalizeAll()
	}
	return scores, nil
}

// Predict sends samples x, [samples, …], through the trained model and returns what it puts out for each:
// [samples, classes] of float32 where the last layer is a classification.
func (m *Model) Predict(x *array.Array) (*array.Array, error) {
	s, err := m.forSamples(x)
	if err != nil {
		return nil, err
	}
	return s.through(s.predictor, s.output(), x)
}

// LayerOutput sends samples x through the trained model up to a layer, and returns what that layer puts out:
// the feature maps [samples, height, width, filters] of a convolution. Layers are called as in the summary.
func (m *Model) LayerOutput(layer string, x *array.Array) (*array.Array, error) {
	s, err := m.forSamples(x)
	if err != nil {
		return nil, err
	}
	i, err := s.find(layer)
	if err != nil {
		return nil, err
	}
	exec, err := newPredictor(s, s.layers[:i+1])
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	return s.through(exec, s.layers[i].out, x)
}

// forSamples is what the model has learnt, if samples x can be sent through it.
func (m *Model) forSamples(x *array.Array) (*state, error) {
	if err := checkArray("x", x); err != nil {
		return nil, err
	}
	s, err := m.learnt()
	if err != nil {
		return nil, err
	}
	return s, checkSamples("x", x, s.layers[0])
}

// find is the index of the layer of a name.
func (s *state) find(layer string) (int, error) {
	var names []string
	for i, l := range s.layers {
		if l.name == layer {
			return i, nil
		}
		names = append(names, l.name)
	}
	return 0, fmt.Errorf("the model has no layer %q, only %s", layer, strings.Join(names, ", "))
}

// through sends samples through the layers of exec, which put out a shape for each.
func (s *state) through(exec *model.Exec, out Shape, x *array.Array) (*array.Array, error) {
	samples := x.Shape()[0]
	results := make([]float32, 0, samples*count(out))
	b := newBatch(min(evaluationBatch, samples), s.input(), nil)
	err := eachBatch(b, x, nil, func(n int) error {
		outputs, err := s.run(exec, b.x)
		if err != nil {
			return err
		}
		err = tensors.ConstFlatData(outputs[0], func(values []float32) { results = append(results, values[:n*count(out)]...) })
		outputs[0].MustFinalizeAll()
		return err
	})
	if err != nil {
		return nil, err
	}
	return array.From(results, append(Shape{samples}, out...)...), nil
}

// means are running means, weighted by samples.
type means struct {
	names   []string
	sums    []float64
	samples int
}

func newMeans(names []string) *means { return &means{names: names, sums: make([]float64, len(names))} }

func (m *means) add(sums []float64, samples int) {
	for i, s := range sums {
		m.sums[i] += s
	}
	m.samples += samples
}

func (m *means) values(prefix string) []value {
	values := make([]value, len(m.names))
	for i, name := range m.names {
		values[i] = value{prefix + name, m.sums[i] / float64(m.samples)}
	}
	return values
}
