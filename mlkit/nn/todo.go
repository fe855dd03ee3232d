package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// TODO stands for a layer that the learner has not chosen yet. A model that has one can be described, and
// says which cell to fill in when it is used.
func TODO(name string) Layer { return todo(name) }

type todo string

func (l todo) Config() map[string]any {
	return map[string]any{"class_name": "TODO", "name": string(l)}
}

func (l todo) build(Shape) (Shape, []weight, error) { return nil, nil, l.err() }

func (l todo) apply(_ *call, x *graph.Node) *graph.Node { return x }

func (l todo) err() error {
	return fmt.Errorf("%s is still a TODO: fill in its cell and run it first", string(l))
}
