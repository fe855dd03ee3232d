package nn

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// A Model is a sequence of layers.
//
// A model is a description that costs nothing to make; computing begins with [Model.Fit], [Model.Evaluate] or
// [Model.Predict]. Its methods [Model.Add], [Model.Compile] and [Model.Named] return a new model and leave the
// old one as it is.
//
// Errors are sentences that name the layer, the array or the file, both shapes where two do not fit, and what to do.
// There is one if the layers or their settings do not fit together, if samples or labels do not fit the model, if it is
// not compiled, if what was learnt is asked for and nothing was, and if a file is damaged, or another model's.
//
// Several goroutines may ask a trained model at the same time, but none while Fit trains it, other than Fit's
// callbacks.
type Model struct {
	name      string
	layers    []Layer
	optimizer Optimizer
	loss      Loss
	metrics   []Metric

	mu    sync.Mutex
	state *state // what was learnt, nil until it is needed
}

// Sequential starts a model: what it gets goes through the layers one after the other.
//
// What a model with a name learns is kept in the file models/<name>.safetensors of the working directory,
// where another process, such as a later cell of a notebook, finds it. Without a name it is kept in memory.
func Sequential(name string, layers ...Layer) *Model {
	return &Model{name: name, layers: slices.Clone(layers)}
}

// Add returns the model with more layers at its end.
func (m *Model) Add(layers ...Layer) *Model {
	n := m.copy()
	n.layers = append(n.layers, layers...)
	return n
}

// Compile returns the model with what it needs to learn: an optimizer, a loss, and metrics to report.
func (m *Model) Compile(optimizer Optimizer, loss Loss, metrics ...Metric) *Model {
	n := m.copy()
	n.optimizer, n.loss, n.metrics = optimizer, loss, slices.Clone(metrics)
	return n
}

// Named returns the model under another name: it shares nothing of what this one has learnt.
func (m *Model) Named(name string) *Model {
	n := m.copy()
	n.name = name
	return n
}

func (m *Model) copy() *Model {
	return &Model{name: m.name, layers: slices.Clone(m.layers), optimizer: m.optimizer, loss: m.loss, metrics: m.metrics}
}

// Name is the model's name, "" if it has none.
func (m *Model) Name() string { return m.name }

// Layers are the model's layers, in order.
func (m *Model) Layers() []Layer { return slices.Clone(m.layers) }

// Optimizer is the optimizer given to Compile, nil before.
func (m *Model) Optimizer() Optimizer { return m.optimizer }

// Loss is the loss given to Compile, "" before.
func (m *Model) Loss() Loss { return m.loss }

// Metrics are the metrics given to Compile.
func (m *Model) Metrics() []Metric { return slices.Clone(m.metrics) }

// Config tells the model in the words of Keras' get_config: "class_name", "name" and "layers", and after
// Compile "optimizer", "loss" and "metrics".
func (m *Model) Config() map[string]any {
	names := m.layerNames()
	layers := make([]map[string]any, len(m.layers))
	for i, l := range m.layers {
		layers[i] = l.Config()
		layers[i]["name"] = names[i]
	}
	c := map[string]any{"class_name": "Sequential", "name": m.name, "layers": layers}
	if m.optimizer != nil {
		c["optimizer"] = m.optimizer.Config()
		c["loss"] = string(m.loss)
		metrics := make([]string, len(m.metrics))
		for i, metric := range m.metrics {
			metrics[i] = string(metric)
		}
		c["metrics"] = metrics
	}
	return c
}

// layerNames are Keras' automatic names, counted in each model: conv2d, conv2d_1, …
func (m *Model) layerNames() []string {
	names := make([]string, len(m.layers))
	seen := map[string]int{}
	for i, l := range m.layers {
		if l, ok := l.(todo); ok {
			names[i] = string(l)
			continue
		}
		name := snakeCase(className(l))
		names[i] = name
		if n := seen[name]; n > 0 {
			names[i] = fmt.Sprintf("%s_%d", name, n)
		}
		seen[name]++
	}
	return names
}

func className(l Layer) string { return l.Config()["class_name"].(string) }

// OutputShape is the shape of what the model puts out for one sample. The first layer has to have an InputShape.
func (m *Model) OutputShape() (Shape, error) {
	layers, err := m.place(nil)
	if err != nil {
		return nil, err
	}
	return layers[len(layers)-1].out, nil
}

// errNoInputShape is what place reports if nothing tells the shape of the samples.
var errNoInputShape = errors.New("the first layer has no InputShape, and the model has not seen any data yet")

// place puts the layers one after the other, for samples of a shape, or of the first layer's InputShape if
// input is nil. If a layer does not fit, what lies before it is returned with the error.
func (m *Model) place(input Shape) ([]placed, error) {
	if len(m.layers) == 0 {
		return nil, fmt.Errorf("the model%s has no layers", m.quoted())
	}
	for _, l := range m.layers {
		if l, ok := l.(todo); ok {
			return nil, l.err()
		}
	}
	names := m.layerNames()
	in := input
	var layers []placed
	for i, l := range m.layers {
		c := l.Config()
		if declared, ok := c["input_shape"].(Shape); ok {
			switch {
			case in == nil:
				in = slices.Clone(declared)
			case !slices.Equal(in, declared) && i > 0:
				return layers, fmt.Errorf("the layer %s says that its InputShape is %s, but %s before it puts out %s", names[i], tuple(declared), names[i-1], tuple(in))
			case !slices.Equal(in, declared):
				return layers, fmt.Errorf("the layer %s says that its InputShape is %s, but the samples have the shape %s", names[i], tuple(declared), tuple(in))
			}
		}
		if in == nil {
			return nil, errNoInputShape
		}
		if slices.ContainsFunc(in, func(d int) bool { return d < 1 }) {
			return layers, fmt.Errorf("the layer %s gets the shape %s, but every number of a shape has to be at least 1", names[i], tuple(in))
		}
		out, weights, err := l.build(slices.Clone(in))
		if err != nil {
			if i > 0 {
				return layers, fmt.Errorf("the layer %s, after %s: %w", names[i], names[i-1], err)
			}
			return layers, fmt.Errorf("the layer %s: %w", names[i], err)
		}
		if i > 0 && m.layers[i-1].Config()["activation"] == string(Softmax) {
			before := layers[i-1]
			return layers, fmt.Errorf("the layer %s, %s to %s, comes after the softmax of %s, %s to %s; softmax gives the final probabilities, so its layer has to be the last one",
				names[i], tuple(in), tuple(out), before.name, tuple(before.in), tuple(before.out))
		}
		layers = append(layers, placed{l, names[i], in, out, weights})
		in = out
	}
	return layers, nil
}

// quoted is the model's name to be put after "the model", if it has one.
func (m *Model) quoted() string {
	if m.name == "" {
		return ""
	}
	return fmt.Sprintf(" %q", m.name)
}

// checkCompiled says what Compile lacks.
func (m *Model) checkCompiled() error {
	if m.optimizer == nil {
		return fmt.Errorf("the model%s is not compiled: call Compile with an optimizer, a loss and metrics first", m.quoted())
	}
	if err := m.loss.check(); err != nil {
		return err
	}
	for _, metric := range m.metrics {
		if err := metric.check(); err != nil {
			return err
		}
	}
	return nil
}
