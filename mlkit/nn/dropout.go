package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
)

// Dropout switches numbers off at random while the model is trained, others for every sample, and makes the
// rest larger by 1/(1−rate), so that their mean stays what it is. It does nothing when the model predicts.
type Dropout struct {
	// Rate is the part that is switched off, from 0 up to but not including 1.
	Rate       float64
	InputShape Shape
}

func (l Dropout) Config() map[string]any {
	return config("Dropout", l.InputShape, map[string]any{"rate": l.Rate})
}

func (l Dropout) build(in Shape) (Shape, []weight, error) {
	if !(l.Rate >= 0 && l.Rate < 1) {
		return nil, nil, fmt.Errorf("its rate is %v, but it is a part of one: from 0 up to but not including 1 (40 %% is 0.4)", l.Rate)
	}
	return in, nil, nil
}

func (l Dropout) apply(c *call, x *graph.Node) *graph.Node {
	if !c.training {
		return x
	}
	return layers.DropoutStatic(c.store.RootScope(), x, l.Rate)
}
