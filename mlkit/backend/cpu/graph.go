package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// A builder records a graph twice: as nodes, which Compile turns into a plan, and as the same graph of the
// stock backend. The stock graph infers every shape and refuses what is wrong, and computes the whole
// where the plan cannot be made (functions, loops, dynamic shapes).
type builder struct {
	backend *Backend
	stock   compute.Builder
	main    *function
	// whole says why the whole graph goes to the stock backend; "" if it does not.
	whole string
}

// Builder begins a graph.
func (b *Backend) Builder(name string) compute.Builder {
	bl := &builder{backend: b, stock: b.stock.Builder(name)}
	bl.main = &function{Function: notimplemented.Function{}, builder: bl, stock: bl.stock.Main()}
	return bl
}

func (b *builder) Name() string           { return b.stock.Name() }
func (b *builder) Main() compute.Function { return b.main }

func (b *builder) NewFunction(name string) (compute.Function, error) {
	f, err := b.stock.NewFunction(name)
	if err != nil {
		return nil, err
	}
	b.whole = "it has functions"
	return &function{builder: b, stock: f}, nil
}

func (b *builder) OpShape(v compute.Value) (shapes.Shape, error) {
	x, ok := v.(*value)
	if !ok {
		return shapes.Invalid(), errors.Errorf("%T is not a value of backend %q", v, Name)
	}
	return x.shape, nil
}

func (b *builder) DistributedSPMD(numDevices int) error {
	return b.stock.DistributedSPMD(numDevices)
}

func (b *builder) DistributedAutoSharding(meshes ...compute.Mesh) error {
	return b.stock.DistributedAutoSharding(meshes...)
}

func (b *builder) DeviceAssignment(devices ...compute.DeviceNum) error {
	return b.stock.DeviceAssignment(devices...)
}

// A node is one operation.
type node struct {
	op    compute.OpType
	in    []*value // nil where an optional operand is left out
	attrs []any    // what is not an operand, in the order of the operation's method
	out   []*value
	// replay does the operation in another graph.
	replay replay
	// flat is a constant's elements; param a parameter's place.
	flat  any
	param int
	// epilogue is what fuse gave a convolution or product to do besides; the slots are places in the list of operands.
	epilogue *epilogue
}

type replay func(g compute.Function, in []compute.Value, attrs []any) ([]compute.Value, error)

// A value is one output of a node.
type value struct {
	node  *node
	index int
	shape shapes.Shape
	stock compute.Value
	owner *function
}

// function records the operations of a graph, or of a closure in it.
type function struct {
	notimplemented.Function
	builder *builder
	stock   compute.Function
	parent  *function

	nodes   []*node // in the order of their making, operands first
	params  []*value
	names   []string
	outputs []*value
}

func (f *function) Name() string             { return f.stock.Name() }
func (f *function) Builder() compute.Builder { return f.builder }

func (f *function) Parent() compute.Function {
	if f.parent == nil {
		return nil
	}
	return f.parent
}

func (f *function) Closure() (compute.Function, error) {
	c, err := f.stock.Closure()
	if err != nil {
		return nil, err
	}
	f.builder.whole = "it has closures"
	return &function{builder: f.builder, stock: c, parent: f}, nil
}

// unwrap turns operands into those of the stock graph.
func (f *function) unwrap(in []compute.Value) ([]*value, []compute.Value, error) {
	values, stock := make([]*value, len(in)), make([]compute.Value, len(in))
	for i, v := range in {
		if v == nil {
			continue
		}
		x, ok := v.(*value)
		if !ok || x.owner.builder != f.builder {
			return nil, nil, errors.Errorf("operand %d (%T) is not a value of this graph of backend %q", i, v, Name)
		}
		values[i], stock[i] = x, x.stock
	}
	return values, stock, nil
}

// wrap makes the values of a node out of those of the stock graph.
func (f *function) wrap(n *node, stock []compute.Value) ([]compute.Value, error) {
	out := make([]compute.Value, len(stock))
	for i, s := range stock {
		if s == nil {
			// A result that is left out, as the gradient of a bias that is not there, keeps its place.
			n.out = append(n.out, &value{node: n, index: i, owner: f})
			continue
		}
		shape, err := f.stock.Shape(s)
		if err != nil {
			return nil, err
		}
		if f.builder.whole == "" && slices.ContainsFunc(shape.Dimensions, func(d int) bool { return d < 0 }) {
			f.builder.whole = "it has dynamic shapes"
		}
		v := &value{node: n, index: i, shape: shape, stock: s, owner: f}
		n.out = append(n.out, v)
		out[i] = v
	}
	f.nodes = append(f.nodes, n)
	return out, nil
}

// record adds an operation.
func (f *function) record(op compute.OpType, in []compute.Value, attrs []any, do replay) ([]compute.Value, error) {
	values, stock, err := f.unwrap(in)
	if err != nil {
		return nil, err
	}
	results, err := do(f.stock, stock, attrs)
	if err != nil {
		return nil, err
	}
	return f.wrap(&node{op: op, in: values, attrs: attrs, replay: do}, results)
}

// opaque adds an operation that only the stock backend can do, and with it the whole graph.
func (f *function) opaque(why string, in []compute.Value, do func(stock []compute.Value) ([]compute.Value, error)) ([]compute.Value, error) {
	f.builder.whole = why
	values, stock, err := f.unwrap(in)
	if err != nil {
		return nil, err
	}
	results, err := do(stock)
	if err != nil {
		return nil, err
	}
	return f.wrap(&node{in: values}, results)
}

// single makes a list of one value.
func single(v compute.Value, err error) ([]compute.Value, error) {
	return []compute.Value{v}, err
}

// only is the one value of a list.
func only(out []compute.Value, err error) (compute.Value, error) {
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func (f *function) Parameter(name string, shape shapes.Shape, sharding *compute.ShardingSpec) (compute.Value, error) {
	s, err := f.stock.Parameter(name, shape, sharding)
	if err != nil {
		return nil, err
	}
	out, err := f.wrap(&node{op: compute.OpTypeParameter, param: len(f.params)}, []compute.Value{s})
	if err != nil {
		return nil, err
	}
	f.params = append(f.params, out[0].(*value))
	f.names = append(f.names, name)
	return out[0], nil
}

func (f *function) Constant(flat any, dims ...int) (compute.Value, error) {
	s, err := f.stock.Constant(flat, dims...)
	if err != nil {
		return nil, err
	}
	shape, err := f.stock.Shape(s)
	if err != nil {
		return nil, err
	}
	// The caller may change its slice afterwards.
	own, err := flatOf(shape, slices.Clone(bytesOf(flat)))
	if err != nil {
		return nil, err
	}
	return only(f.wrap(&node{op: compute.OpTypeConstant, flat: own}, []compute.Value{s}))
}

func (f *function) Shape(v compute.Value) (shapes.Shape, error) { return f.builder.OpShape(v) }

func (f *function) Return(outputs []compute.Value, shardings []*compute.ShardingSpec) error {
	values, stock, err := f.unwrap(outputs)
	if err != nil {
		return err
	}
	f.outputs = values
	return f.stock.Return(stock, shardings)
}

// What follows hands the whole graph over.

func stockFunction(g compute.Function) compute.Function {
	if f, ok := g.(*function); ok {
		return f.stock
	}
	return g
}

func (f *function) Call(g compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	return f.opaque("it calls a function", inputs, func(in []compute.Value) ([]compute.Value, error) {
		return f.stock.Call(stockFunction(g), in...)
	})
}

func (f *function) Sort(comparator compute.Function, axis int, isStable bool, inputs ...compute.Value) ([]compute.Value, error) {
	return f.opaque("it sorts", inputs, func(in []compute.Value) ([]compute.Value, error) {
		return f.stock.Sort(stockFunction(comparator), axis, isStable, in...)
	})
}

func (f *function) While(cond, body compute.Function, state ...compute.Value) ([]compute.Value, error) {
	return f.opaque("it has a loop", state, func(in []compute.Value) ([]compute.Value, error) {
		return f.stock.While(stockFunction(cond), stockFunction(body), in...)
	})
}

func (f *function) If(pred compute.Value, yes, no compute.Function) ([]compute.Value, error) {
	return f.opaque("it has branches", []compute.Value{pred}, func(in []compute.Value) ([]compute.Value, error) {
		return f.stock.If(in[0], stockFunction(yes), stockFunction(no))
	})
}

func (f *function) AllReduce(operands []compute.Value, reduction compute.ReduceOpType, groups [][]int) ([]compute.Value, error) {
	return f.opaque("it reduces over devices", operands, func(in []compute.Value) ([]compute.Value, error) {
		return f.stock.AllReduce(in, reduction, groups)
	})
}
