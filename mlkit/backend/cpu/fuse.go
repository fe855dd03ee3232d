package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// fuse lets a convolution do what follows it while its results are still in registers: add a bias, normalise each
// channel, apply relu or leaky relu, add the other branch of a residual block. A factor for each channel goes into
// the kernel. A product of matrices adds a bias and applies the activation.
func (g *graph) fuse() {
	f := fuser{graph: g, consumers: map[*value][]*node{}, gone: map[*node]bool{}}
	for _, n := range g.nodes {
		for _, v := range n.in {
			f.consumers[v] = append(f.consumers[v], n)
		}
	}
	moved := map[*node][]*node{} // what takes a node's place
	for _, n := range g.nodes {
		var last *node
		var nodes []*node
		switch {
		case n.op == compute.OpTypeConvGeneral && nativeConv(n):
			last, nodes = f.conv(n)
		case n.op == compute.OpTypeDotGeneral && nativeDot(n):
			last, nodes = f.dot(n)
		}
		if last != nil {
			moved[last] = nodes
		}
	}
	var nodes []*node
	for _, n := range g.nodes {
		if m := moved[n]; m != nil {
			nodes = append(nodes, m...)
		} else if !f.gone[n] {
			nodes = append(nodes, n)
		}
	}
	g.nodes = nodes
	g.prune()
}

type fuser struct {
	*graph
	consumers map[*value][]*node
	gone      map[*node]bool // part of a convolution now
}

// next is the one node that a value goes to.
func (f *fuser) next(v *value) *node {
	if c := f.consumers[v]; len(c) == 1 && f.uses[v] == 1 && !f.gone[c[0]] {
		return c[0]
	}
	return nil
}

// chain is what a convolution or product takes in.
type chain struct {
	*fuser
	fused node
	epilogue
	v    *value // the result so far
	last *node  // that is part of it
}

func (f *fuser) chain(n *node) *chain {
	c := &chain{fuser: f, fused: *n, epilogue: noEpilogue, v: n.out[0]}
	c.fused.in = slices.Clone(n.in)
	return c
}

func (c *chain) take(nodes ...*node) {
	for _, m := range nodes {
		c.gone[m] = true
	}
	c.last = nodes[len(nodes)-1]
	c.v = c.last.out[0]
}

// operand adds an operand and returns its place.
func (c *chain) operand(v *value) int {
	c.fused.in = append(c.fused.in, v)
	return len(c.fused.in) - 1
}

func (c *chain) activate() bool {
	nodes, activation, slope := c.activationOf(c.v)
	if nodes != nil {
		c.activation, c.slope = activation, slope
		c.take(nodes...)
	}
	return nodes != nil
}

// end returns the last node that is now part of n, and what takes that one's place.
func (c *chain) end(n *node, before []*node) (*node, []*node) {
	if c.last == nil {
		return nil, nil
	}
	c.gone[n] = true
	c.fused.out, c.fused.replay, c.fused.epilogue = c.last.out, nil, &c.epilogue
	c.fused.out[0].node = &c.fused
	return c.last, append(before, &c.fused)
}

func (f *fuser) conv(n *node) (last *node, nodes []*node) {
	axes, rank := n.attrs[0].(compute.ConvolveAxesConfig), n.out[0].shape.Rank()
	if axes.OutputChannels != rank-1 {
		return nil, nil
	}
	c := f.chain(n)
	made := affine{flat: shapes.Make(n.out[0].shape.DType, n.out[0].shape.Dimensions[rank-1])}
	for {
		m := f.next(c.v)
		// Multiplying the kernel shall be less work than multiplying the results.
		if m == nil || m.op == compute.OpTypeMul && n.in[1].shape.Size() > n.out[0].shape.Size() || !made.takes(m, c.v) {
			break
		}
		c.take(m)
	}
	if made.scale != nil {
		c.fused.in[1] = made.scaled(n.in[1], axes.KernelOutputChannels)
	}
	if made.shift != nil {
		c.bias = c.operand(made.shift)
	}
	activated := c.activate()
	order := append(append([]int{axes.OutputBatch}, axes.OutputSpatial...), axes.OutputChannels)
	if m := f.next(c.v); m != nil && m.op == compute.OpTypeAdd && slices.IsSorted(order) {
		other := otherOf(m, c.v)
		if other != c.v && other.shape.Equal(c.v.shape) && other.node.op != compute.OpTypeBroadcastInDim {
			c.residual = c.operand(other)
			c.take(m)
			c.residualFirst = !activated && c.activate()
		}
	}
	return c.end(n, made.nodes)
}

func (f *fuser) dot(n *node) (last *node, nodes []*node) {
	if len(others(n.in[1].shape.Rank(), n.attrs[2].([]int), n.attrs[3].([]int))) != 1 {
		return nil, nil // the result's last axis is not all the columns
	}
	c := f.chain(n)
	made := affine{flat: shapes.Make(c.v.shape.DType, c.v.shape.Dimensions[c.v.shape.Rank()-1])}
	if m := f.next(c.v); m != nil && m.op == compute.OpTypeAdd && made.takes(m, c.v) {
		c.take(m)
		c.bias = c.operand(made.shift)
	}
	c.activate()
	return c.end(n, made.nodes)
}

// otherOf is the operand that is not v; v if both are.
func otherOf(n *node, v *value) *value {
	if n.in[0] == v {
		return n.in[1]
	}
	return n.in[0]
}

// affine is y·scale + shift, with a scale and a shift for each channel; nil leaves one out.
type affine struct {
	scale, shift *value
	flat         shapes.Shape // [channels]
	nodes        []*node      // that compute them
}

func (a *affine) make(op compute.OpType, shape shapes.Shape, in ...*value) *value {
	n := &node{op: op, in: in}
	v := &value{node: n, shape: shape}
	n.out = []*value{v}
	a.nodes = append(a.nodes, n)
	return v
}

// takes makes a node that adds to v, subtracts from it or multiplies it by a number for each channel part of the
// affine map.
func (a *affine) takes(n *node, v *value) bool {
	if n.op != compute.OpTypeAdd && n.op != compute.OpTypeSub && n.op != compute.OpTypeMul || n.op == compute.OpTypeSub && n.in[0] != v {
		return false
	}
	x := perChannel(otherOf(n, v), v)
	if x == nil {
		return false
	}
	if !x.shape.Equal(a.flat) {
		x = a.make(compute.OpTypeReshape, a.flat, x)
	}
	switch {
	case n.op == compute.OpTypeMul:
		if a.shift != nil {
			a.shift = a.make(compute.OpTypeMul, a.flat, a.shift, x)
		}
		if a.scale != nil {
			x = a.make(compute.OpTypeMul, a.flat, a.scale, x)
		}
		a.scale = x
	case a.shift != nil:
		a.shift = a.make(n.op, a.flat, a.shift, x)
	case n.op == compute.OpTypeSub:
		a.shift = a.make(compute.OpTypeNeg, a.flat, x)
	default:
		a.shift = x
	}
	return true
}

// scaled is the kernel times the scale.
func (a *affine) scaled(kernel *value, axis int) *value {
	shape := kernel.shape.Clone()
	for k := range shape.Dimensions {
		if k != axis {
			shape.Dimensions[k] = 1
		}
	}
	return a.make(compute.OpTypeMul, kernel.shape, kernel, a.make(compute.OpTypeReshape, shape, a.scale))
}

// perChannel is what gives other its numbers, if that is one for each place of the last axis of v.
func perChannel(other, v *value) *value {
	dims := v.shape.Dimensions
	f := dims[len(dims)-1]
	if f == 1 || other == v {
		return nil
	}
	if b := other.node; b.op == compute.OpTypeBroadcastInDim {
		axes := b.attrs[1].([]int)
		if x := b.in[0]; x.shape.Size() == f && len(axes) > 0 && axes[len(axes)-1] == len(dims)-1 && x.shape.Dimensions[len(axes)-1] == f {
			return x
		}
		return nil
	}
	if r := other.shape.Rank(); other.shape.Size() == f && r == len(dims) && other.shape.Dimensions[r-1] == f {
		return other
	}
	return nil
}

// activationOf finds the relu or leaky relu that v goes into, in the forms that GoMLX and its users write it.
func (f *fuser) activationOf(v *value) (nodes []*node, a kernel.Activation, slope float32) {
	c := f.consumers[v]
	if len(c) == 0 || slices.ContainsFunc(c, func(n *node) bool { return f.gone[n] }) || slices.Contains(f.outputs, v) {
		return nil, 0, 0
	}
	last := c[len(c)-1]
	scale := func(m *node) bool { // v times a slope, for the last node only
		if m.op != compute.OpTypeMul || f.next(m.out[0]) != last {
			return false
		}
		var ok bool
		slope, ok = scalar(otherOf(m, v))
		return ok
	}
	switch {
	case len(c) == 1 && last.op == compute.OpTypeFusedActivation:
		switch last.attrs[0].(compute.ActivationConfig).Type {
		case compute.ActivationRelu:
			return c, kernel.ReLU, 0
		case compute.ActivationLeakyRelu:
			return c, kernel.LeakyReLU, 0.3
		}
	case len(c) == 1 && last.op == compute.OpTypeMax:
		if zero, ok := scalar(otherOf(last, v)); ok && zero == 0 {
			return c, kernel.ReLU, 0
		}
	case len(c) == 2 && last.op == compute.OpTypeMax: // max(v, slope·v)
		if scale(c[0]) && slope > 0 && slope <= 1 {
			return c, kernel.LeakyReLU, slope
		}
	case len(c) == 3 && last.op == compute.OpTypeWhere && last.in[1] == v: // where(v > 0, v, slope·v)
		test, times := c[0], c[1]
		if test.op == compute.OpTypeMul {
			test, times = times, test
		}
		if test.op != compute.OpTypeGreaterThan && test.op != compute.OpTypeGreaterOrEqual || test.in[0] != v || f.next(test.out[0]) != last {
			break
		}
		if zero, ok := scalar(test.in[1]); ok && zero == 0 && scale(times) && last.in[2] == times.out[0] {
			return c, kernel.LeakyReLU, slope
		}
	}
	return nil, 0, 0
}

// scalar is the one number that all elements of a constant are.
func scalar(v *value) (x float32, ok bool) {
	for v.node.op == compute.OpTypeBroadcastInDim || v.node.op == compute.OpTypeReshape {
		v = v.node.in[0]
	}
	if flat, is := v.node.flat.([]float32); is && v.node.op == compute.OpTypeConstant && len(flat) == 1 {
		return flat[0], true
	}
	return 0, false
}
