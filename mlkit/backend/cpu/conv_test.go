package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// pictures are the axes of [batch, height, width, channels] and of kernels [height, width, channels, filters].
var pictures = compute.ConvolveAxesConfig{
	InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2},
	KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
	OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2},
}

// layer is a convolution and what a network does with its results.
type layer struct {
	batch, h, w, c, f, k, stride, pad, groups int
	bias, normalised, residual                bool
	activation                                string
}

func (l layer) out(size int) int { return (size+2*l.pad-l.k)/l.stride + 1 }

// inputs are the shapes of the pictures, the kernel, the bias, the normalisation's three vectors and the residual.
func (l layer) inputs() []shapes.Shape {
	channels := f32(1, 1, 1, l.f)
	return []shapes.Shape{f32(l.batch, l.h, l.w, l.c), f32(l.k, l.k, l.c/l.groups, l.f), channels, channels, channels, channels,
		f32(l.batch, l.out(l.h), l.out(l.w), l.f)}
}

func (l layer) build(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	var failed error
	must := func(v compute.Value, err error) compute.Value {
		if err != nil && failed == nil {
			failed = err
		}
		return v
	}
	number := func(x float32) compute.Value { return must(g.Constant([]float32{x})) }
	pads := [][2]int{{l.pad, l.pad}, {l.pad, l.pad}}
	y := must(g.ConvGeneral(in[0], in[1], pictures, []int{l.stride, l.stride}, pads, nil, nil, l.groups, 1))
	do := func(f func() compute.Value) {
		if failed == nil {
			y = f()
		}
	}
	if l.bias {
		do(func() compute.Value { return must(g.Add(y, in[2])) })
	}
	if l.normalised {
		do(func() compute.Value { return must(g.Sub(y, in[3])) })
		do(func() compute.Value { return must(g.Mul(y, in[4])) })
		do(func() compute.Value { return must(g.Add(y, in[5])) })
	}
	activate := func(name string) {
		do(func() compute.Value {
			switch name {
			case "relu":
				return must(g.FusedActivation(y, compute.ActivationConfig{Type: compute.ActivationRelu}))
			case "leaky":
				return must(g.FusedActivation(y, compute.ActivationConfig{Type: compute.ActivationLeakyRelu}))
			case "max 0":
				return must(g.Max(y, number(0)))
			case "max":
				return must(g.Max(y, must(g.Mul(y, number(0.1)))))
			case "where":
				return must(g.Where(must(g.GreaterOrEqual(y, number(0))), y, must(g.Mul(number(0.2), y))))
			}
			return y
		})
	}
	before, after := l.activation, ""
	if l.residual && l.activation == "relu" { // as residual networks have it
		before, after = after, before
	}
	activate(before)
	if l.residual {
		do(func() compute.Value { return must(g.Add(y, in[6])) })
	}
	activate(after)
	return []compute.Value{y}, failed
}

// tolerance: a result is off by some √terms·2⁻²⁴ of its terms; Winograd's transforms make that ten times as much.
func (l layer) tolerance() float64 { return 4e-5 }

// Layers that take each way through this package: packed and not, by rows and down the columns, Winograd's, one
// filter a channel, groups, all epilogues.
func TestLayers(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(5, 6))}
	activations := []string{"", "relu", "leaky", "max 0", "max", "where"}
	seen := map[string]int{}
	for i := range 60 {
		l := layer{
			batch: d.between(1, 2), h: d.between(3, 14), w: d.between(3, 14), k: []int{1, 3, 3, 5}[d.IntN(4)], stride: d.between(1, 2), groups: 1,
			c: []int{1, 3, 16, 17, 40, 96}[d.IntN(6)], f: []int{1, 7, 16, 33, 64, 130}[d.IntN(6)],
			bias: d.IntN(2) == 0, normalised: d.IntN(4) == 0, residual: d.IntN(3) == 0, activation: activations[d.IntN(len(activations))],
		}
		switch l.pad = d.between(0, l.k/2+1); {
		case i%10 == 0:
			l.c = []int{5, 32, 70}[d.IntN(3)]
			l.f, l.groups = l.c, l.c
		case i%10 == 1:
			l.groups, l.c, l.f = 3, 3*d.between(1, 9), 3*d.between(1, 9)
		case i%10 == 2: // narrow pictures, to go down
			l.w, l.h = 2, 9
		}
		if min(l.h, l.w)+2*l.pad < l.k {
			l.pad = l.k / 2
		}
		var inputs []any
		for _, s := range l.inputs() {
			inputs = append(inputs, d.floats(s))
		}
		b.compare(t, fmt.Sprintf("%d: %+v", i, l), l.tolerance(), inputs, l.inputs(), l.build)
		for _, s := range planOf(t, b.ours, l.inputs(), l.build).steps {
			seen[fmt.Sprintf("%T", s)]++
			if s, ok := s.(*directStep); ok {
				seen[fmt.Sprint("packing ", s.packing)]++
			}
		}
	}
	want := []string{"*cpu.directStep", "*cpu.depthwiseStep", fmt.Sprint("packing ", asTheyLie), fmt.Sprint("packing ", packedBefore), fmt.Sprint("packing ", packedByParts)}
	if kernel.Active() >= kernel.AVX2 {
		want = append(want, "*cpu.winogradStep")
	}
	for _, w := range want {
		if seen[w] == 0 {
			t.Errorf("no layer took %s, only %v", w, seen)
		}
	}
}

func planOf(t *testing.T, b compute.Backend, dims []shapes.Shape, build func(f compute.Function, in []compute.Value) ([]compute.Value, error)) *plan {
	t.Helper()
	return compiled(t, b, dims, build).(*plan)
}

// All that follows a convolution becomes part of it; only a normalisation's factor is a step more, for the kernel.
func TestEpilogues(t *testing.T) {
	b := newBoth(t)
	for _, activation := range []string{"", "relu", "leaky", "max 0", "max", "where"} {
		for _, residual := range []bool{false, true} {
			l := layer{batch: 1, h: 12, w: 11, c: 5, f: 9, k: 3, stride: 1, groups: 1, bias: true, residual: residual, activation: activation}
			if p := planOf(t, b.ours, l.inputs(), l.build); len(p.steps) != 1 {
				t.Errorf("activation %q, residual %v: %d steps, want 1", activation, residual, len(p.steps))
			}
			l.normalised = true
			if p := planOf(t, b.ours, l.inputs(), l.build); len(p.steps) != 3 { // the shift, the kernel
				t.Errorf("activation %q, residual %v, normalised: %d steps, want 3", activation, residual, len(p.steps))
			}
		}
	}
}

// A product, small or packed, takes the bias and the activation that follow.
func TestProductEpilogue(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(8, 8))}
	for _, rows := range []int{1, 7, 140} {
		for _, activation := range []compute.ActivationType{compute.ActivationRelu, compute.ActivationLeakyRelu} {
			dims := []shapes.Shape{f32(rows, 80), f32(80, 90), f32(1, 90)}
			build := func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
				y, err := g.DotGeneral(in[0], []int{1}, nil, in[1], []int{0}, nil, compute.DotGeneralConfig{})
				if err != nil {
					return nil, err
				}
				if y, err = g.Add(y, in[2]); err != nil {
					return nil, err
				}
				return single(g.FusedActivation(y, compute.ActivationConfig{Type: activation}))
			}
			inputs := []any{d.floats(dims[0]), d.floats(dims[1]), d.floats(dims[2])}
			b.compare(t, fmt.Sprint(rows, activation), 1e-5, inputs, dims, build)
			for _, s := range planOf(t, b.ours, dims, build).steps {
				switch s.(type) {
				case *matmulStep, *packStep:
				default:
					t.Errorf("%d rows, %v: a step %T besides the product", rows, activation, s)
				}
			}
		}
	}
}
