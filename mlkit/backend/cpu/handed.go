package cpu

import (
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// Operations whose operands hide in structs, and those with dynamic shapes, hand the whole graph to the
// stock backend.

// stockOf is the stock graph's value, nil for none.
func stockOf(v compute.Value) compute.Value {
	if x, ok := v.(*value); ok && x != nil {
		return x.stock
	}
	return nil
}

func stockQuantization(q *compute.Quantization) *compute.Quantization {
	if q == nil {
		return nil
	}
	c := *q
	c.Scale, c.ZeroPoint = stockOf(q.Scale), stockOf(q.ZeroPoint)
	return &c
}

func stockAttention(o *compute.ScaledDotProductAttentionConfig) *compute.ScaledDotProductAttentionConfig {
	if o == nil {
		return nil
	}
	c := *o
	c.QuerySeqLen, c.KeyValueSeqLen, c.Bias, c.Mask = stockOf(o.QuerySeqLen), stockOf(o.KeyValueSeqLen), stockOf(o.Bias), stockOf(o.Mask)
	return &c
}

func (f *function) FusedScaledDotProductAttention(query, key, val compute.Value, layout compute.AttentionAxesLayout,
	options *compute.ScaledDotProductAttentionConfig) (compute.Value, []compute.Value, error) {
	out, err := f.opaque("it has attention", []compute.Value{query, key, val}, func(in []compute.Value) ([]compute.Value, error) {
		y, states, err := f.stock.FusedScaledDotProductAttention(in[0], in[1], in[2], layout, stockAttention(options))
		return append([]compute.Value{y}, states...), err
	})
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1:], nil
}

func (f *function) FusedScaledDotProductAttentionVJP(query, key, val compute.Value, layout compute.AttentionAxesLayout,
	options *compute.ScaledDotProductAttentionConfig, output compute.Value, states []compute.Value, dOutput compute.Value,
) (dq, dk, dv compute.Value, err error) {
	in := append([]compute.Value{query, key, val, output, dOutput}, states...)
	out, err := f.opaque("it has attention", in, func(in []compute.Value) ([]compute.Value, error) {
		dq, dk, dv, err := f.stock.FusedScaledDotProductAttentionVJP(in[0], in[1], in[2], layout, stockAttention(options), in[3], in[5:], in[4])
		return []compute.Value{dq, dk, dv}, err
	})
	if err != nil {
		return nil, nil, nil, err
	}
	return out[0], out[1], out[2], nil
}

func (f *function) QuantizedEmbeddingLookup(data, indices compute.Value, q *compute.Quantization) (compute.Value, error) {
	return only(f.opaque("it is quantized", []compute.Value{data, indices}, func(in []compute.Value) ([]compute.Value, error) {
		return single(f.stock.QuantizedEmbeddingLookup(in[0], in[1], stockQuantization(q)))
	}))
}

func (f *function) FusedQuantizedDense(x, weights, bias compute.Value, q *compute.Quantization, activation compute.ActivationType) (compute.Value, error) {
	return only(f.opaque("it is quantized", []compute.Value{x, weights, bias}, func(in []compute.Value) ([]compute.Value, error) {
		return single(f.stock.FusedQuantizedDense(in[0], in[1], in[2], stockQuantization(q), activation))
	}))
}

const dynamic = "it has dynamic shapes"

func stockDimensions(specs []compute.DynamicDimensionSpec) []compute.DynamicDimensionSpec {
	out := make([]compute.DynamicDimensionSpec, len(specs))
	for i, s := range specs {
		s.Value = stockOf(s.Value)
		out[i] = s
	}
	return out
}

func (f *function) DynamicDimensionSize(operand compute.Value, axis int) (compute.Value, error) {
	return only(f.opaque(dynamic, []compute.Value{operand}, func(in []compute.Value) ([]compute.Value, error) {
		return single(f.stock.DynamicDimensionSize(in[0], axis))
	}))
}

func (f *function) DynamicReshape(operand compute.Value, dims ...compute.DynamicDimensionSpec) (compute.Value, error) {
	return only(f.opaque(dynamic, []compute.Value{operand}, func(in []compute.Value) ([]compute.Value, error) {
		return single(f.stock.DynamicReshape(in[0], stockDimensions(dims)...))
	}))
}

func (f *function) DynamicBroadcastInDim(operand compute.Value, axes []int, dims ...compute.DynamicDimensionSpec) (compute.Value, error) {
	return only(f.opaque(dynamic, []compute.Value{operand}, func(in []compute.Value) ([]compute.Value, error) {
		return single(f.stock.DynamicBroadcastInDim(in[0], axes, stockDimensions(dims)...))
	}))
}

func (f *function) DynamicIota(dtype dtypes.DType, axis int, dims ...compute.DynamicDimensionSpec) (compute.Value, error) {
	return only(f.opaque(dynamic, nil, func([]compute.Value) ([]compute.Value, error) {
		return single(f.stock.DynamicIota(dtype, axis, stockDimensions(dims)...))
	}))
}

func (f *function) DynamicPad(x, fill compute.Value, axes ...compute.DynamicPadAxis) (compute.Value, error) {
	stock := make([]compute.DynamicPadAxis, len(axes))
	for i, a := range axes {
		a.StartValue, a.EndValue, a.InteriorValue = stockOf(a.StartValue), stockOf(a.EndValue), stockOf(a.InteriorValue)
		stock[i] = a
	}
	return only(f.opaque(dynamic, []compute.Value{x, fill}, func(in []compute.Value) ([]compute.Value, error) {
		return single(f.stock.DynamicPad(in[0], in[1], stock...))
	}))
}

// handed is a graph, or one operation of it, that the stock backend computes.
type handed struct {
	backend *Backend
	stock   compute.Executable
	closed  atomic.Bool
}

// Finalize ends the stock program, once: a second time, it would panic.
func (h *handed) Finalize() {
	if !h.closed.Swap(true) {
		h.stock.Finalize()
	}
}

func (h *handed) Inputs() ([]string, []shapes.Shape) { return h.stock.Inputs() }
func (h *handed) Outputs() []shapes.Shape            { return h.stock.Outputs() }

func (h *handed) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	if err := h.backend.device(device); err != nil {
		return nil, err
	}
	if h.closed.Load() || h.backend.IsFinalized() {
		return nil, errors.New("this program, or its backend, is finalized")
	}
	in, err := h.backend.buffers(inputs)
	if err != nil {
		return nil, err
	}
	flats, dims := make([]any, len(in)), make([]shapes.Shape, len(in))
	for i, x := range in {
		flats[i], dims[i] = x.flat, x.shape
	}
	out, err := h.run(flats, dims)
	if err != nil {
		return nil, err
	}
	results := make([]compute.Buffer, len(out))
	for i, o := range out {
		shape, err := o.Shape()
		if err != nil {
			return nil, err
		}
		flat, err := o.Data()
		if err != nil {
			return nil, err
		}
		results[i] = &Buffer{backend: h.backend, shape: shape, raw: bytesOf(flat), flat: flat}
	}
	return results, finalizeDonated(in, donate)
}

// run computes with copies of the operands, since the stock backend wants buffers of its own.
func (h *handed) run(flats []any, dims []shapes.Shape) ([]compute.Buffer, error) {
	in := make([]compute.Buffer, len(flats))
	donate := make([]bool, len(flats))
	for i, flat := range flats {
		x, err := h.backend.stock.BufferFromFlatData(0, flat, dims[i])
		if err != nil {
			return nil, err
		}
		in[i], donate[i] = x, true
	}
	return h.stock.Execute(in, donate, 0)
}

// buffers checks that all buffers are this backend's, and alive.
func (b *Backend) buffers(inputs []compute.Buffer) ([]*Buffer, error) {
	out := make([]*Buffer, len(inputs))
	for i, in := range inputs {
		x, ok := in.(*Buffer)
		if !ok || x.backend != b || x.flat == nil {
			return nil, errors.Errorf("input %d (%T) is not a live buffer of backend %q", i, in, Name)
		}
		out[i] = x
	}
	return out, nil
}

func finalizeDonated(in []*Buffer, donate []bool) error {
	for i, d := range donate {
		if d {
			if err := in[i].Finalize(); err != nil {
				return err
			}
		}
	}
	return nil
}
