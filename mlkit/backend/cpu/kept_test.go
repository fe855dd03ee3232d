package cpu

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// convolves is a graph of a picture and a kernel, padded by so much on all sides.
func convolves(pad int) func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	return func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
		p := [2]int{pad, pad}
		return single(g.ConvGeneral(in[0], in[1], pictures, nil, [][2]int{p, p}, nil, nil, 1, 1))
	}
}

func multiplies(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	return single(g.DotGeneral(in[0], []int{1}, nil, in[1], []int{0}, nil, compute.DotGeneralConfig{}))
}

// packing are graphs that pack their weights in each of the ways there are.
var packings = []struct {
	name  string
	dims  []shapes.Shape
	build func(g compute.Function, in []compute.Value) ([]compute.Value, error)
}{
	{"small", []shapes.Shape{f32(1, 20, 20, 24), f32(1, 1, 24, 80)}, convolves(0)},
	{"large", []shapes.Shape{f32(1, 13, 13, 300), f32(1, 1, 300, 300)}, convolves(0)},
	{"Winograd", []shapes.Shape{f32(1, 24, 24, 32), f32(3, 3, 32, 48)}, convolves(1)},
	{"product", []shapes.Shape{f32(200, 96), f32(96, 130)}, multiplies},
}

// execute runs a program and copies its only result; nil if that failed.
func execute(t testing.TB, x compute.Executable, in []compute.Buffer) []float32 {
	t.Helper()
	out, err := x.Execute(in, nil, 0)
	if err != nil {
		t.Error(err)
		return nil
	}
	shape, err := out[0].Shape()
	result := make([]float32, shape.Size())
	if err := errors.Join(err, out[0].ToFlatData(result), out[0].Finalize()); err != nil {
		t.Error(err)
		return nil
	}
	return result
}

// TestKept executes with weights that stay the same, that are others, and that somebody writes to.
func TestKept(t *testing.T) {
	for _, p := range packings {
		t.Run(p.name, func(t *testing.T) {
			ours, err := New("")
			if err != nil {
				t.Fatal(err)
			}
			b := ours.(*Backend)
			defer b.Finalize()
			d := draw{rand.New(rand.NewPCG(31, 32))}
			x := compiled(t, b, p.dims, p.build)
			picture, first, second := d.floats(p.dims[0]), d.floats(p.dims[1]), d.floats(p.dims[1])
			want := func(weights []float32) []float32 { // by a program that has nothing to keep yet
				y := compiled(t, b, p.dims, p.build)
				defer y.Finalize()
				return execute(t, y, buffersOf(t, b, []any{picture, weights}, p.dims))
			}
			wantFirst, wantSecond := want(first), want(second)
			is := func(when string, in []compute.Buffer, want []float32, kept bool) {
				t.Helper()
				if !slices.Equal(execute(t, x, in), want) {
					t.Errorf("%s: other results than without anything kept", when)
				}
				if k := b.packed.Load() > 0; k != kept {
					t.Errorf("%s: something is kept: %v, want %v", when, k, kept)
				}
			}
			a, c := buffersOf(t, b, []any{picture, first}, p.dims), buffersOf(t, b, []any{picture, second}, p.dims)
			is("the first time", a, wantFirst, false)
			is("the second time", a, wantFirst, true)
			is("the third time", a, wantFirst, true)
			is("other weights", c, wantSecond, false)
			is("the first ones again", a, wantFirst, false)
			is("and again", a, wantFirst, true)
			flat, err := a[1].Data()
			if err != nil {
				t.Fatal(err)
			}
			copy(flat.([]float32), second)
			is("the weights written to", a, wantSecond, false)
			is("the weights that can be written to", a, wantSecond, false)
			copy(flat.([]float32), first)
			is("the weights written to again", a, wantFirst, false)
			is("the others kept", c, wantSecond, false)
			is("the others kept", c, wantSecond, true)
			b.packed.Add(keepPacked)
			is("kept while there is no room", c, wantSecond, true)
			b.packed.Add(-keepPacked)
			x.Finalize()
			if n := b.packed.Load(); n != 0 {
				t.Errorf("%d bytes are kept after the program's end", n)
			}
			b.packed.Store(keepPacked)
			x = compiled(t, b, p.dims, p.build)
			for range 3 {
				is("no room to keep anything", c, wantSecond, true)
			}
			if n := b.packed.Load(); n != keepPacked {
				t.Errorf("%d bytes are kept beyond what there is room for", n-keepPacked)
			}
		})
	}
}

// TestKeptConstant has weights that are constants of the graph.
func TestKeptConstant(t *testing.T) {
	b := newBoth(t).ours.(*Backend)
	d := draw{rand.New(rand.NewPCG(33, 34))}
	p := packings[2]
	picture, weights := d.floats(p.dims[0]), d.floats(p.dims[1])
	want := execute(t, compiled(t, b, p.dims, p.build), buffersOf(t, b, []any{picture, weights}, p.dims))
	x := compiled(t, b, p.dims[:1], func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
		w, err := g.Constant(weights, p.dims[1].Dimensions...)
		if err != nil {
			return nil, err
		}
		return p.build(g, append(in, w))
	})
	in := buffersOf(t, b, []any{picture}, p.dims[:1])
	for range 3 {
		if !slices.Equal(execute(t, x, in), want) {
			t.Error("other results than with weights that are an input")
		}
	}
	if b.packed.Load() == 0 {
		t.Error("nothing is kept")
	}
}

// TestKeptAtOnce has goroutines share a program, some of them with weights of their own.
func TestKeptAtOnce(t *testing.T) {
	b := newBoth(t).ours.(*Backend)
	d := draw{rand.New(rand.NewPCG(35, 36))}
	for _, p := range packings {
		x := compiled(t, b, p.dims, p.build)
		var done sync.WaitGroup
		picture, shared := d.floats(p.dims[0]), d.floats(p.dims[1])
		in := buffersOf(t, b, []any{picture, shared}, p.dims)
		want := execute(t, x, in)
		for k := range 4 {
			own, wantOwn := in, want
			if k > 1 {
				own = buffersOf(t, b, []any{picture, d.floats(p.dims[1])}, p.dims)
				wantOwn = execute(t, x, own)
			}
			done.Go(func() {
				for range 20 {
					if !slices.Equal(execute(t, x, own), wantOwn) {
						t.Errorf("%s: goroutine %d has other results than alone", p.name, k)
					}
				}
			})
		}
		done.Wait()
		x.Finalize()
	}
	if n := b.packed.Load(); n != 0 {
		t.Errorf("%d bytes are kept after the programs' end", n)
	}
}

// TestTrainingKeepsNothing trains: the weights are others at every step.
func TestTrainingKeepsNothing(t *testing.T) {
	b := newBoth(t).ours.(*Backend)
	dims := []shapes.Shape{f32(96, 130), f32(200, 96)}
	d := draw{rand.New(rand.NewPCG(37, 38))}
	x := compiled(t, b, dims, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
		y, err := g.DotGeneral(in[1], []int{1}, nil, in[0], []int{0}, nil, compute.DotGeneralConfig{})
		if err != nil {
			return nil, err
		}
		dw, err := g.DotGeneral(in[1], []int{0}, nil, y, []int{0}, nil, compute.DotGeneralConfig{})
		if err != nil {
			return nil, err
		}
		return single(g.Add(in[0], dw))
	})
	if len(x.(*plan).keepers) == 0 {
		t.Fatal("the step packs nothing")
	}
	state := buffersOf(t, b, []any{d.floats(dims[0]), make([]float32, dims[1].Size())}, dims)
	for range 5 {
		out, err := x.Execute(state, []bool{true, false}, 0)
		if err != nil {
			t.Fatal(err)
		}
		state[0] = out[0]
		if n := b.packed.Load(); n != 0 {
			t.Fatalf("%d bytes are kept", n)
		}
	}
}
