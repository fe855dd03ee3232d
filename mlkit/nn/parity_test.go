package nn

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gomlx/compute"
)

// TestBackendsAgree trains the digit lesson's network on the Go backend and on XLA: the same weights, the same
// batches, and the same losses for 20 steps. Dropout is left out, as each backend draws its own numbers.
func TestBackendsAgree(t *testing.T) {
	plugin := os.Getenv("GOPHERLENS_XLA_PLUGIN")
	if plugin == "" || !slices.Contains(compute.List(), "xla") {
		t.Skip("needs cgo, -tags xla, and an XLA plug-in's path in GOPHERLENS_XLA_PLUGIN")
	}
	xla, err := compute.NewWithConfig("xla:" + plugin)
	if err != nil {
		t.Fatal(err)
	}
	const steps, size = 20, 32
	rng := rand.New(rand.NewPCG(4, 2))
	x := randomRef(rng, steps*size, 28, 28, 1)
	for i, v := range x.data {
		x.data[i] = max(v-1, 0) // mostly black, as digits are
	}
	y := labels(rng, CategoricalCrossentropy, steps*size, Shape{10})
	var losses [2][]float64
	var weights [2]refWeights
	for i := range 2 {
		m := Sequential("", slices.DeleteFunc(digitModel("").Layers(), func(l Layer) bool { return className(l) == "Dropout" })...).
			Compile(Adam{}, CategoricalCrossentropy, Accuracy)
		layers, err := m.place(nil)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			defer func(before func() (compute.Backend, error)) { newBackend = before }(newBackend)
			newBackend = func() (compute.Backend, error) { return xla, nil }
		}
		s, err := initialState(layers, 1)
		if err != nil {
			t.Fatal(err)
		}
		exec, err := m.trainer(s)
		if err != nil {
			t.Fatal(err)
		}
		b := newBatch(size, s.input(), s.output())
		err = eachBatch(b, x.array(), y.array(), func(int) error {
			scores, err := s.score(exec, b)
			if err == nil {
				losses[i] = append(losses[i], scores[0]/size)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		weights[i] = refOf(t, s)
	}
	near(t, "losses on XLA", ref{[]int{steps}, losses[1]}, ref{[]int{steps}, losses[0]}, 1e-5)
	// Adam divides a gradient by its own size, so where that is only rounding, the backends may step in different
	// directions: by the learning rate, 0.001, at most.
	for name, w := range weights[1] {
		near(t, name+" on XLA", w, weights[0][name], 1e-3)
	}
}
