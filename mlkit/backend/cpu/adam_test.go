package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// adam is the update of in[0], weights, in[1] and in[2], their moments, by in[3], a gradient, and in[4], the rate.
func adam(f compute.Function, in []compute.Value) ([]compute.Value, error) {
	var failed error
	must := func(v compute.Value, err error) compute.Value {
		if err != nil && failed == nil {
			failed = err
		}
		return v
	}
	number := func(x float32) compute.Value { return must(f.Constant([]float32{x})) }
	toward := func(x, to compute.Value, rate float32) compute.Value {
		return must(f.Add(x, must(f.Mul(must(f.Sub(to, x)), number(rate)))))
	}
	m := toward(in[1], in[3], 0.1)
	v := toward(in[2], must(f.Mul(in[3], in[3])), 0.001)
	below := must(f.Add(must(f.Sqrt(v)), number(1e-7)))
	w := must(f.Sub(in[0], must(f.Div(must(f.Mul(m, in[4])), below))))
	return []compute.Value{w, m, v}, failed
}

func TestAdamStep(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(9, 9))}
	s := f32(37, 91)
	dims := []shapes.Shape{s, s, s, s, f32()}
	inputs := []any{d.floats(s), d.floats(s), d.floats(s), d.floats(s), []float32{0.01}}
	for i, x := range inputs[2].([]float32) {
		inputs[2].([]float32)[i] = x * x
	}
	b.compare(t, "Adam", 1e-6, inputs, dims, adam)

	p := planOf(t, b.ours, dims, adam)
	if _, ok := p.steps[0].(*adamStep); !ok || len(p.steps) != 1 {
		t.Errorf("%d steps, the first a %T; want one of Adam's", len(p.steps), p.steps[0])
	}
	// With the weights and moments given away, all is computed where they lie.
	want, err := run(b.stock, inputs, dims, adam)
	if err != nil {
		t.Fatal(err)
	}
	var buffers []compute.Buffer
	for i, x := range inputs {
		buf, err := b.ours.BufferFromFlatData(0, x, dims[i])
		if err != nil {
			t.Fatal(err)
		}
		buffers = append(buffers, buf)
	}
	first := &buffers[0].(*Buffer).raw[0]
	out, err := p.Execute(buffers, []bool{true, true, true, false, false}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if &out[0].(*Buffer).raw[0] != first {
		t.Error("the new weights are not where the old ones were")
	}
	for i, o := range out {
		flat, _ := o.Data()
		if !slices.EqualFunc(flat.([]float32), want[i].([]float32), func(a, b float32) bool { return a-b < 1e-5 && b-a < 1e-5 }) {
			t.Errorf("output %d differs in place", i)
		}
	}
}
