package nn

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// gradients puts the gradients in the weights' places.
type gradients struct{}

func (gradients) Config() map[string]any { return nil }

func (gradients) update(s *steps) {
	s.each(func(_ *model.Variable, _, gradient *graph.Node) *graph.Node { return gradient })
}

// TestGradientsAgree compares the gradients of the digit lesson's network, by all its weights, with those on the
// stock Go backend and, where there is a plug-in, on XLA. Dropout is left out, as each backend draws its own numbers.
func TestGradientsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	x := randomRef(rng, 32, 28, 28, 1)
	for i, v := range x.data {
		x.data[i] = max(v-1, 0) // mostly black, as digits are
	}
	y := labels(rng, CategoricalCrossentropy, 32, Shape{10})
	on := func(t *testing.T, b compute.Backend) refWeights {
		t.Helper()
		if b != nil {
			defer func(before func() (compute.Backend, error)) { newBackend = before }(newBackend)
			newBackend = func() (compute.Backend, error) { return b, nil }
		}
		m := Sequential("", slices.DeleteFunc(digitModel("").Layers(), func(l Layer) bool { return className(l) == "Dropout" })...).
			Compile(gradients{}, CategoricalCrossentropy)
		layers, err := m.place(nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := initialState(layers, 1)
		if err != nil {
			t.Fatal(err)
		}
		exec, err := m.trainer(s)
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		batch := newBatch(32, s.input(), s.output())
		if err := eachBatch(batch, x.array(), y.array(), func(int) error { _, err := s.score(exec, batch); return err }); err != nil {
			t.Fatal(err)
		}
		return refOf(t, s)
	}
	ours := on(t, nil)
	compare := func(t *testing.T, want refWeights) {
		t.Helper()
		for name, w := range want {
			largest := 0.0
			for _, v := range w.data {
				largest = max(largest, math.Abs(v))
			}
			if largest == 0 {
				t.Errorf("the gradient by %s is 0", name)
			}
			for i, v := range ours[name].data {
				if !(math.Abs(v-w.data[i]) <= 1e-4*largest) {
					t.Errorf("the gradient by %s[%d] is %v in place of %v, where the largest is %v", name, i, v, w.data[i], largest)
					break
				}
			}
		}
	}
	t.Run("stock", func(t *testing.T) { compare(t, on(t, gobackend.GetBackend())) })
	t.Run("XLA", func(t *testing.T) {
		plugin := os.Getenv("GOPHERLENS_XLA_PLUGIN")
		if plugin == "" || !slices.Contains(compute.List(), "xla") {
			t.Skip("needs cgo, -tags xla, and an XLA plug-in's path in GOPHERLENS_XLA_PLUGIN")
		}
		xla, err := compute.NewWithConfig("xla:" + plugin)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, on(t, xla))
	})
}
