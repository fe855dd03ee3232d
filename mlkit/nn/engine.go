package nn

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"gopherlens/mlkit/backend"
)

// state is a model that has weights.
type state struct {
	backend compute.Backend
	store   *model.Store
	layers  []placed
	history History

	predictor *model.Exec
	mu        sync.Mutex // held while something is computed
}

// newBackend is what computes; tests put others in its place.
var newBackend = backend.New

// newState makes the layers' weights, all zeros.
func newState(layers []placed) (*state, error) {
	b, err := newBackend()
	if err != nil {
		return nil, err
	}
	s := &state{backend: b, store: model.NewStore(), layers: layers, history: History{}}
	for _, l := range layers {
		for _, w := range l.weights {
			zeros := tensors.FromShape(shapes.Make(dtypes.Float32, w.shape...))
			s.store.VariableWithValue(weightPath(l.name, w.name), zeros).SetTrainable(w.trainable)
		}
	}
	if s.predictor, err = newPredictor(s, layers); err != nil {
		return nil, err
	}
	return s, nil
}

// initialState gives the layers their initial weights, drawn from a seed; the same ones on every backend.
func initialState(layers []placed, seed int64) (*state, error) {
	s, err := newState(layers)
	if err != nil {
		return nil, err
	}
	for i, l := range layers {
		for j, w := range l.weights {
			t, err := s.store.GetVariable(weightPath(l.name, w.name)).Value()
			if err != nil {
				return nil, err
			}
			rng := rand.New(rand.NewPCG(uint64(seed), uint64(i)<<8|uint64(j)))
			if err := tensors.MutableFlatData(t, func(values []float32) { w.initial(rng, values) }); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func (s *state) input() Shape  { return s.layers[0].in }
func (s *state) output() Shape { return s.layers[len(s.layers)-1].out }

// forward sends a batch through the layers.
func (s *state) forward(c *call, layers []placed, x *graph.Node) *graph.Node {
	for _, l := range layers {
		c.layer = l.name
		x = l.apply(c, x)
	}
	return x
}

// scores are the loss and the metrics, each one number a sample summed over the batch's real samples.
func (m *Model) scores(c *call, y, p, real *graph.Node) (loss *graph.Node, all []*graph.Node) {
	sum := func(perSample *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Mul(perSample, real)) }
	loss = sum(m.loss.perSample(c, y, p))
	all = append(all, loss)
	for _, metric := range m.metrics {
		all = append(all, sum(metric.perSample(m.loss, y, p)))
	}
	return loss, all
}

// trainer makes what runs one training step: it takes a batch x, its labels y and which of its samples are
// real, changes the weights, and gives the scores.
func (m *Model) trainer(s *state) (*model.Exec, error) {
	return newExec(s, "training", func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
		x, y, real := inputs[0], inputs[1], inputs[2]
		g := x.Graph()
		c := &call{store: s.store, training: true, real: real}
		loss, scores := m.scores(c, y, s.forward(c, s.layers, x), real)
		u := &steps{store: s.store, graph: g}
		var values []*graph.Node
		for _, l := range s.layers {
			for _, w := range l.weights {
				if w.trainable {
					v := s.store.GetVariable(weightPath(l.name, w.name))
					u.weights, values = append(u.weights, v), append(values, v.NodeValue(g))
				}
			}
		}
		if len(u.weights) > 0 {
			u.gradients = graph.Gradient(graph.Div(loss, graph.ReduceAllSum(real)), values...)
			m.optimizer.update(u)
		}
		return scores
	})
}

// evaluator makes what gives the scores of a batch x with its labels y; real as in trainer.
func (m *Model) evaluator(s *state) (*model.Exec, error) {
	return newExec(s, "evaluation", func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
		x, y, real := inputs[0], inputs[1], inputs[2]
		c := &call{store: s.store}
		_, scores := m.scores(c, y, s.forward(c, s.layers, x), real)
		return scores
	})
}

// newPredictor makes what sends a batch through the first layers.
func newPredictor(s *state, layers []placed) (*model.Exec, error) {
	return newExec(s, "prediction", func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{s.forward(&call{store: s.store}, layers, inputs[0])}
	})
}

// newExec prepares a computation. Its graph is built at the first run, where GoMLX turns panics into errors.
func newExec(s *state, name string, build func(*model.Scope, []*graph.Node) []*graph.Node) (*model.Exec, error) {
	exec, err := model.NewExec(s.backend, s.store, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		// Some backends would freeze the weights, as they are now, into a graph that does not train.
		s.store.SetTraining(inputs[0].Graph(), true)
		return build(scope, inputs)
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the %s: %w", name, err)
	}
	return exec.WithName(name), nil
}

// run runs a computation and gives its results, with GoMLX's long errors cut down to their first line.
func (s *state) run(exec *model.Exec, inputs ...any) (outputs []*tensors.Tensor, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if caught := exceptions.TryCatch[error](func() { outputs, err = exec.Call(inputs...) }); caught != nil {
		err = caught
	}
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("the %s failed: %s", exec.Name(), text)
	}
	return outputs, nil
}

// snapshot is a copy of all weights, and of what the optimizer keeps beside them, by their paths in the store.
type snapshot map[string]*tensors.Tensor

func (s *state) snapshot() (snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := snapshot{}
	for v := range s.store.IterVariables() {
		if v.DType() != dtypes.Float32 { // it belongs to the random numbers
			continue
		}
		t, err := v.Value()
		if err == nil {
			t, err = t.LocalClone()
		}
		if err != nil {
			return nil, err
		}
		copies[v.Path()] = t
	}
	return copies, nil
}

// restore brings a snapshot back. What has come since then is forgotten.
func (s *state) restore(copies snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.store.IterVariables() {
		if v.DType() != dtypes.Float32 {
			continue
		}
		value := copies[v.Path()]
		if value == nil {
			value = tensors.FromShape(v.Shape())
		}
		if err := v.SetValue(value); err != nil {
			return err
		}
	}
	return nil
}
