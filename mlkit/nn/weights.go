package nn

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"gopherlens/mlkit/array"
)

// Weights are copies of what a layer of the trained model has learnt, in Keras' order: kernel and bias; gamma,
// beta, moving mean and moving variance. Layers are called as in the summary. A layer that learns nothing has none.
func (m *Model) Weights(layer string) ([]*array.Array, error) {
	s, err := m.learnt()
	if err != nil {
		return nil, err
	}
	i, err := s.find(layer)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var weights []*array.Array
	for _, w := range s.layers[i].weights {
		t, err := s.store.GetVariable(weightPath(layer, w.name)).Value()
		if err != nil {
			return nil, err
		}
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		weights = append(weights, array.From(values, w.shape...))
	}
	return weights, nil
}

// SetWeights gives a layer weights that come from elsewhere, in the order of [Model.Weights]. A model that has
// not been trained gets initial weights first; its first layer needs an InputShape.
func (m *Model) SetWeights(layer string, weights ...*array.Array) error {
	s, err := m.learnt()
	if err != nil {
		layers, placing := m.place(nil)
		if placing != nil {
			return placing
		}
		if s, err = initialState(layers, 0); err != nil {
			return err
		}
	}
	i, err := s.find(layer)
	if err != nil {
		return err
	}
	want := s.layers[i].weights
	if len(weights) != len(want) {
		return fmt.Errorf("the layer %s has %d weights, but %d are given", layer, len(want), len(weights))
	}
	for j, w := range want {
		if err := checkArray("the weight "+w.name, weights[j]); err != nil {
			return err
		}
		if !slices.Equal(weights[j].Shape(), w.shape) {
			return fmt.Errorf("the weight %s of the layer %s has the shape %s, but one of %s is given", w.name, layer, tuple(w.shape), tuple(weights[j].Shape()))
		}
	}
	s.mu.Lock()
	for j, w := range want {
		t := tensors.FromShape(shapes.Make(dtypes.Float32, w.shape...))
		tensors.MustMutableFlatData(t, func(to []float32) { copy(to, array.Values[float32](weights[j])) })
		if err = s.store.GetVariable(weightPath(layer, w.name)).SetValue(t); err != nil {
			break
		}
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	now, err := s.snapshot()
	if err != nil {
		return err
	}
	return m.keep(s, now)
}

// History is what the model's training reported, here or in another process if the model has a name.
func (m *Model) History() (History, error) {
	s, err := m.learnt()
	if err != nil {
		return nil, err
	}
	return s.history.clone(), nil
}

// Store is the GoMLX store that holds the trained model's weights as variables, such as "/conv2d/kernel", for
// those who want to go on with GoMLX itself.
func (m *Model) Store() (*model.Store, error) {
	s, err := m.learnt()
	if err != nil {
		return nil, err
	}
	return s.store, nil
}
