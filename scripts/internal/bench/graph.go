//go:build unix

package main

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"

	"gopherlens/mlkit/backend"
)

// newBackend is the backend that GOMLX_BACKEND asks for, and no other one.
func newBackend() (compute.Backend, error) {
	b, err := backend.New()
	if note := backend.Note(); err == nil && note != "" {
		return nil, errors.New(note)
	}
	return b, err
}

// parameter adds an input to a graph, or a weight.
func parameter(g *graph.Graph, dimensions ...int) *graph.Node {
	return graph.Parameter(g, "", shapes.Make(dtypes.Float32, dimensions...))
}

// tensor makes a tensor in the backend's memory, which is known not to change.
func tensor(b compute.Backend, shape shapes.Shape, fill func(values []float32)) (*tensors.Tensor, error) {
	values := make([]float32, shape.Size())
	fill(values)
	buffer, err := b.BufferFromFlatData(0, values, shape)
	if err != nil {
		return nil, err
	}
	return tensors.FromBuffer(buffer)
}

// normal fills with random numbers of that standard deviation.
func normal(rng *rand.Rand, deviation float64) func([]float32) {
	return func(values []float32) {
		for i := range values {
			values[i] = float32(rng.NormFloat64() * deviation)
		}
	}
}

// run runs a graph and says how long it took; look is shown every output.
func run(g *graph.Graph, inputs []any, look func(output []float32) error) (took time.Duration, err error) {
	var outputs []*tensors.Tensor
	begin := time.Now()
	if err := exceptions.TryCatch[error](func() { outputs = g.Run(inputs...) }); err != nil {
		return 0, err
	}
	took = time.Since(begin)
	for _, t := range outputs {
		if failed := tensors.ConstFlatData(t, func(output []float32) { err = errors.Join(err, look(output)) }); failed != nil {
			return 0, failed
		}
		if failed := t.FinalizeAll(); failed != nil {
			return 0, failed
		}
	}
	return took, err
}
