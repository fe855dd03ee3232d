package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// The gradient of relu and max pooling, with windows side by side or overlapping, and edges left over.
func TestPullGradients(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(4, 4))}
	for _, size := range []int{2, 3} {
		for _, stride := range []int{1, 2, 3} {
			x := f32(2, 7, 8, 5)
			dy := f32(2, (7-size)/stride+1, (8-size)/stride+1, 5)
			build := func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
				relu := compute.ActivationConfig{Type: compute.ActivationRelu}
				window, strides := []int{1, size, size, 1}, []int{1, stride, stride, 1}
				y, err := f.FusedActivation(in[0], relu)
				if err != nil {
					return nil, err
				}
				pooled, err := f.ReduceWindow(y, compute.ReduceOpMax, window, strides, nil, nil, nil)
				if err != nil {
					return nil, err
				}
				back, err := f.SelectAndScatterMax(y, in[1], window, strides, nil)
				if err != nil {
					return nil, err
				}
				dx, err := f.FusedActivationVJP(y, in[0], back, relu)
				return []compute.Value{pooled, dx}, err
			}
			what := fmt.Sprintf("windows of %d, strides %d", size, stride)
			b.compare(t, what, 1e-6, []any{d.floats(x), d.floats(dy)}, []shapes.Shape{x, dy}, build)
			last := planOf(t, b.ours, []shapes.Shape{x, dy}, build).steps
			if _, ok := last[len(last)-1].(*scatterStep); !ok {
				t.Errorf("%s: the last step is %T, want the pooling's gradient", what, last[len(last)-1])
			}
		}
	}
}
