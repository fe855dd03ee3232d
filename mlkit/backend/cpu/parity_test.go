package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
)

// both computes a graph on this backend and on the stock one, with the same inputs, and compares.
type both struct {
	ours, stock compute.Backend
}

func newBoth(t testing.TB) both {
	t.Helper()
	ours, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ours.Finalize)
	stock, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	return both{ours, stock}
}

type draw struct{ *rand.Rand }

func (d draw) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

func (d draw) floats(shape shapes.Shape) []float32 {
	x := make([]float32, shape.Size())
	for i := range x {
		x[i] = float32(d.NormFloat64())
	}
	return x
}

func run(b compute.Backend, inputs []any, dims []shapes.Shape, build func(f compute.Function, in []compute.Value) ([]compute.Value, error)) ([]any, error) {
	bl := b.Builder("test")
	f := bl.Main()
	var in []compute.Value
	var buffers []compute.Buffer
	for i, x := range inputs {
		p, err := f.Parameter(fmt.Sprint("p", i), dims[i], nil)
		if err != nil {
			return nil, err
		}
		in = append(in, p)
		buf, err := b.BufferFromFlatData(0, x, dims[i])
		if err != nil {
			return nil, err
		}
		buffers = append(buffers, buf)
	}
	out, err := build(f, in)
	if err != nil {
		return nil, err
	}
	if err := f.Return(out, nil); err != nil {
		return nil, err
	}
	x, err := bl.Compile()
	if err != nil {
		return nil, err
	}
	defer x.Finalize()
	var results []any
	for range 2 { // the second run finds the first one's memory
		results = nil
		outputs, err := x.Execute(buffers, nil, 0)
		if err != nil {
			return nil, err
		}
		for _, o := range outputs {
			flat, err := o.Data()
			if err != nil {
				return nil, err
			}
			results = append(results, flat)
		}
	}
	return results, nil
}

// compare holds our results against the stock backend's, with a tolerance relative to the largest result, or to 1.
// A float32 sum of k products is off by about √k·2⁻²⁴ of its terms, in either backend.
func (b both) compare(t *testing.T, what string, tolerance float64, inputs []any, dims []shapes.Shape, build func(f compute.Function, in []compute.Value) ([]compute.Value, error)) {
	t.Helper()
	want, wantErr := run(b.stock, inputs, dims, build)
	got, err := run(b.ours, inputs, dims, build)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%s: ours says %v, the stock backend %v", what, err, wantErr)
	}
	for i := range want {
		w, isFloat := want[i].([]float32)
		if !isFloat {
			if fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
				t.Fatalf("%s: output %d is %v, want %v", what, i, got[i], want[i])
			}
			continue
		}
		g, scale := got[i].([]float32), 1.0
		for _, v := range w {
			if a := math.Abs(float64(v)); a > scale && !math.IsInf(a, 0) {
				scale = a
			}
		}
		for k := range w {
			same := g[k] == w[k] || g[k] != g[k] && w[k] != w[k]
			if !same && !(math.Abs(float64(g[k]-w[k])) <= tolerance*scale) {
				t.Fatalf("%s: output %d[%d] is %v, want %v (±%g)", what, i, k, g[k], w[k], tolerance*scale)
			}
		}
	}
}

func f32(dims ...int) shapes.Shape { return shapes.Make(dtypes.Float32, dims...) }

func TestConvolutionParity(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(1, 2))}
	for i := range 300 {
		spatial := d.between(1, 2)
		groups := 1
		if d.IntN(4) == 0 {
			groups = d.between(2, 3)
		}
		batch, c, f := d.between(1, 3), groups*d.between(1, 5), groups*d.between(1, 5)
		if d.IntN(5) == 0 {
			c, f = groups*d.between(15, 33), groups*d.between(15, 33)
		}
		in, k := d.Perm(spatial+2), d.Perm(spatial+2)
		out := d.Perm(spatial + 2)
		if d.IntN(2) == 0 {
			in, out = []int{0, spatial + 1, 1, 2}[:spatial+2], []int{0, spatial + 1, 1, 2}[:spatial+2]
			k = []int{spatial, spatial + 1, 0, 1}[:spatial+2]
		}
		axes := compute.ConvolveAxesConfig{
			InputBatch: in[0], InputChannels: in[1], InputSpatial: in[2:],
			KernelInputChannels: k[0], KernelOutputChannels: k[1], KernelSpatial: k[2:],
			OutputBatch: out[0], OutputChannels: out[1], OutputSpatial: out[2:],
		}
		inDims, kDims := make([]int, spatial+2), make([]int, spatial+2)
		inDims[in[0]], inDims[in[1]], kDims[k[0]], kDims[k[1]] = batch, c, c/groups, f
		var strides, inDil, kDil []int
		var pads [][2]int
		for s := range spatial {
			kDims[k[2+s]] = d.between(1, 3)
			inDims[in[2+s]] = d.between(4, 11)
			strides, inDil, kDil = append(strides, d.between(1, 2)), append(inDil, 1), append(kDil, 1)
			pads = append(pads, [2]int{d.IntN(3), d.IntN(3)})
			if d.IntN(4) == 0 {
				inDil[s] = 2
			}
			if d.IntN(4) == 0 {
				kDil[s] = 2
			}
		}
		if d.IntN(3) == 0 {
			strides, pads, inDil, kDil = nil, nil, nil, nil
		}
		x, w := f32(inDims...), f32(kDims...)
		what := fmt.Sprintf("case %d: %s * %s, %+v strides %v pads %v dilations %v %v groups %d", i, x, w, axes, strides, pads, inDil, kDil, groups)
		b.compare(t, what, 1e-5, []any{d.floats(x), d.floats(w)}, []shapes.Shape{x, w}, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
			return single(g.ConvGeneral(in[0], in[1], axes, strides, pads, inDil, kDil, groups, 1))
		})
	}
}

// The gradient of a kernel is a convolution with the batch as channels.
func TestWeightGradientParity(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(3, 4))}
	axes := compute.ConvolveAxesConfig{
		InputBatch: 3, InputChannels: 0, InputSpatial: []int{1, 2},
		KernelInputChannels: 0, KernelOutputChannels: 3, KernelSpatial: []int{1, 2},
		OutputBatch: 2, OutputChannels: 3, OutputSpatial: []int{0, 1},
	}
	for i := range 60 {
		batch, c, f := d.between(1, 9), d.between(1, 20), d.between(1, 40)
		h, w, kh, kw := d.between(3, 9), d.between(3, 9), d.between(1, 3), d.between(1, 3)
		x, dy := f32(batch, h, w, c), f32(batch, h-kh+1, w-kw+1, f)
		b.compare(t, fmt.Sprintf("case %d: %s, %s", i, x, dy), 1e-5, []any{d.floats(x), d.floats(dy)}, []shapes.Shape{x, dy},
			func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
				return single(g.ConvGeneral(in[0], in[1], axes, nil, nil, nil, nil, 1, 1))
			})
	}
}

func TestDotParity(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(5, 6))}
	for i := range 300 {
		nb, nc, nl, nr := d.IntN(2), d.between(0, 2), d.IntN(3), d.IntN(3)
		size := func() int { return []int{1, 2, 3, 5, 7, 16, 33}[d.IntN(7)] }
		lp, rp := d.Perm(nb+nc+nl), d.Perm(nb+nc+nr)
		l, r := make([]int, nb+nc+nl), make([]int, nb+nc+nr)
		for k := range l {
			l[lp[k]] = size()
		}
		for k := range r {
			r[rp[k]] = size()
		}
		for k := range nb + nc {
			r[rp[k]] = l[lp[k]]
		}
		x, y := f32(l...), f32(r...)
		b.compare(t, fmt.Sprintf("case %d: %s %v %v · %s %v %v", i, x, lp[:nb], lp[nb:nb+nc], y, rp[:nb], rp[nb:nb+nc]), 1e-5,
			[]any{d.floats(x), d.floats(y)}, []shapes.Shape{x, y}, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
				return single(g.DotGeneral(in[0], lp[nb:nb+nc], lp[:nb], in[1], rp[nb:nb+nc], rp[:nb], compute.DotGeneralConfig{}))
			})
	}
}

// Products so large that their sides are packed, each side as it lies or turned.
func TestLargeDotParity(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(6, 6))}
	for mode := range 4 {
		l, r, lk, rk := f32(131, 150), f32(150, 97), 1, 0
		if mode&1 != 0 {
			l, lk = f32(150, 131), 0
		}
		if mode&2 != 0 {
			r, rk = f32(97, 150), 1
		}
		b.compare(t, fmt.Sprint(l, r), 1e-5, []any{d.floats(l), d.floats(r)}, []shapes.Shape{l, r}, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
			return single(g.DotGeneral(in[0], []int{lk}, nil, in[1], []int{rk}, nil, compute.DotGeneralConfig{}))
		})
	}
}

func TestWindowParity(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(7, 8))}
	for i := range 200 {
		rank := d.between(2, 4)
		var dims, window, strides []int
		var pads [][2]int
		for k := range rank {
			dims, window, strides, pads = append(dims, d.between(1, 8)), append(window, 1), append(strides, 1), append(pads, [2]int{})
			if k > 0 && (k < rank-1 || d.IntN(3) == 0) {
				window[k] = d.between(1, min(3, dims[k]))
				strides[k] = d.between(1, 3)
				if window[k] > 1 {
					pads[k] = [2]int{d.IntN(2), d.IntN(2)}
				}
			}
		}
		x := f32(dims...)
		values := d.floats(x)
		for k := range values { // equal neighbours, to see which one is chosen
			values[k] = float32(math.Round(float64(values[k])))
		}
		if d.IntN(8) == 0 {
			values[d.IntN(len(values))] = float32(math.NaN())
		}
		what := fmt.Sprintf("case %d: %s window %v strides %v pads %v", i, x, window, strides, pads)
		var y shapes.Shape
		for _, op := range []compute.ReduceOpType{compute.ReduceOpMax, compute.ReduceOpSum, compute.ReduceOpMin} {
			b.compare(t, what+" "+op.String(), 1e-5, []any{values}, []shapes.Shape{x}, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
				v, err := g.ReduceWindow(in[0], op, window, strides, nil, nil, pads)
				if err == nil {
					y, err = g.Shape(v)
				}
				return []compute.Value{v}, err
			})
		}
		b.compare(t, what+" scatter", 1e-5, []any{values, d.floats(y)}, []shapes.Shape{x, y}, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
			return single(g.SelectAndScatterMax(in[0], in[1], window, strides, pads))
		})
	}
}

// TestRandomGraphs builds graphs of element-wise operations, broadcasts, reductions and moves.
func TestRandomGraphs(t *testing.T) {
	b := newBoth(t)
	for seed := range uint64(300) {
		dims := []shapes.Shape{f32(7, 5, 3), f32(7, 5, 3), f32(1, 5, 1), f32()}
		d := draw{rand.New(rand.NewPCG(seed, 9))}
		if seed%3 == 0 {
			dims = []shapes.Shape{f32(41, 67), f32(41, 67), f32(1, 67), f32()}
		}
		var inputs []any
		for _, s := range dims {
			inputs = append(inputs, d.floats(s))
		}
		b.compare(t, fmt.Sprint("seed ", seed), 5e-5, inputs, dims, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
			return randomGraph(draw{rand.New(rand.NewPCG(seed, 10))}, g, in)
		})
	}
}

// randomGraph adds some thirty random operations and returns their last results.
func randomGraph(d draw, g compute.Function, in []compute.Value) ([]compute.Value, error) {
	values := append([]compute.Value{}, in...)
	full, err := g.Shape(in[0])
	if err != nil {
		return nil, err
	}
	for range 30 {
		a, b := values[d.IntN(len(values))], values[d.IntN(len(values))]
		var v compute.Value
		switch d.IntN(14) {
		case 0:
			v, err = g.Add(a, b)
		case 1:
			v, err = g.Sub(a, b)
		case 2:
			v, err = g.Mul(a, b)
		case 3:
			v, err = g.Max(a, b)
		case 4:
			v, err = g.Tanh(a)
		case 5:
			v, err = g.Abs(a)
		case 6:
			if v, err = g.Abs(a); err == nil {
				v, err = g.Sqrt(v)
			}
		case 7:
			var c compute.Value
			if c, err = g.GreaterThan(in[0], in[1]); err == nil {
				var x, y compute.Value
				if x, err = g.Add(in[0], in[3]); err == nil {
					if y, err = g.Mul(in[1], in[2]); err == nil {
						v, err = g.Where(c, x, y)
					}
				}
			}
		case 8:
			s, e := g.Shape(a)
			if e != nil {
				return nil, e
			}
			if !s.IsScalar() && s.Size() == full.Size() {
				if v, err = g.ReduceSum(a, d.IntN(s.Rank())); err == nil {
					v, err = g.ReduceMax(v)
				}
			} else {
				continue
			}
		case 9:
			v, err = g.BroadcastInDim(in[3], full, nil)
		case 10:
			axes := make([]int, full.Rank())
			for k := range axes {
				axes[k] = k
			}
			v, err = g.BroadcastInDim(in[2], full, axes)
		case 11:
			if v, err = g.Reverse(in[0], d.IntN(full.Rank())); err == nil {
				v, err = g.Mul(v, in[1])
			}
		case 12:
			p := d.Perm(full.Rank())
			inverse := make([]int, len(p))
			for k, q := range p {
				inverse[q] = k
			}
			if v, err = g.Transpose(in[1], p...); err == nil {
				if v, err = g.Neg(v); err == nil {
					v, err = g.Transpose(v, inverse...)
				}
			}
		case 13:
			if v, err = g.Reshape(in[0], full.Size()); err == nil {
				if v, err = g.Logistic(v); err == nil {
					v, err = g.Reshape(v, full.Dimensions...)
				}
			}
		}
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values[len(values)-4:], nil
}

// A convolution with a bias and a relu is one step.
