package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// trimmed is a convolution of 7×6 pictures whose kernel is padded with zeros to odd size, turned or not as in the
// gradient of the pictures, of whose result only a part is used, as in the gradient of the kernel.
func trimmed(f compute.Function, in []compute.Value, reverse bool, pads [][2]int, start int, strides []int) (_ []compute.Value, err error) {
	zero, err := f.Constant([]float32{0})
	if err != nil {
		return nil, err
	}
	k := in[1]
	for _, pad := range [][]compute.PadAxis{{{End: 1}, {}, {}, {}}, {{}, {Start: 1, End: 2}, {}, {}}} {
		if k, err = f.Pad(k, zero, pad...); err != nil {
			return nil, err
		}
	}
	if reverse {
		if k, err = f.Reverse(k, 0, 1); err != nil {
			return nil, err
		}
	}
	axes := compute.ConvolveAxesConfig{
		InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2},
		KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
		OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2},
	}
	y, err := f.ConvGeneral(in[0], k, axes, strides, pads, nil, nil, 1, 1)
	if err != nil {
		return nil, err
	}
	shape, err := f.Shape(y)
	if err != nil {
		return nil, err
	}
	d := shape.Dimensions
	if y, err = f.Slice(y, []int{0, start, 0, 0}, []int{d[0], d[1], d[2], d[3]}, []int{1, 1, 1, 1}); err != nil {
		return nil, err
	}
	return single(f.Slice(y, []int{0, 0, 0, 0}, []int{d[0], d[1] - start - 1, d[2], d[3]}, nil))
}

func TestTrim(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(3, 1))}
	x, k := shapes.Make(dtypes.Float32, 2, 7, 6, 3), shapes.Make(dtypes.Float32, 2, 1, 3, 5)
	for _, reverse := range []bool{false, true} {
		for _, pads := range [][][2]int{nil, {{0, 1}, {1, 2}}, {{1, 2}, {2, 2}}, {{3, 3}, {3, 3}}} {
			for _, start := range []int{0, 1} {
				for _, strides := range [][]int{nil, {2, 1}} {
					what := fmt.Sprint(reverse, pads, start, strides)
					build := func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
						return trimmed(f, in, reverse, pads, start, strides)
					}
					b.compare(t, what, 1e-5, []any{d.floats(x), d.floats(k)}, []shapes.Shape{x, k}, build)
				}
			}
		}
	}
}

func TestTrimLeavesOnlyTheProduct(t *testing.T) {
	dims := []shapes.Shape{shapes.Make(dtypes.Float32, 2, 7, 6, 3), shapes.Make(dtypes.Float32, 2, 1, 3, 5)}
	p := planOf(t, newBoth(t).ours, dims, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		return trimmed(f, in, false, [][2]int{{0, 2}, {1, 2}}, 0, nil)
	})
	if len(p.steps) != 1 {
		t.Errorf("%d steps, want the convolution alone: the kernel needs no padding, and neither have the pictures", len(p.steps))
	}
}
