package cpu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// Compile turns the graph into a plan: a list of steps on a memory that is laid out in advance.
func (b *builder) Compile() (compute.Executable, error) {
	if b.backend.IsFinalized() {
		return nil, errors.Errorf("backend %q is finalized", Name)
	}
	if b.whole != "" {
		x, err := b.stock.Compile()
		if err != nil {
			return nil, err
		}
		b.backend.tell("graph %s: handed to the stock backend: %s", b.Name(), b.whole)
		return &handed{backend: b.backend, stock: x}, nil
	}
	if b.main.outputs == nil {
		return nil, errors.Errorf("graph %s returns nothing: call Return before Compile", b.Name())
	}
	g := &graph{backend: b.backend, name: b.Name(), params: b.main.params, outputs: slices.Clone(b.main.outputs)}
	if err := g.simplify(b.main.nodes); err != nil {
		return nil, err
	}
	g.trim()
	g.pullGradients()
	g.fuse()
	g.group()
	return g.plan(b.main.names)
}

// graph is what the passes work on.
type graph struct {
	backend *Backend
	name    string
	nodes   []*node // live ones, operands first
	params  []*value
	outputs []*value

	uses   map[*value]int // how many operands a value is, and outputs
	groups map[*node]*group
}

// simplify keeps the live nodes, each once, and computes now what rests on constants alone.
func (g *graph) simplify(nodes []*node) error {
	live := map[*node]bool{}
	for _, v := range g.outputs {
		live[v.node] = true
	}
	for _, n := range slices.Backward(nodes) {
		if live[n] {
			for _, v := range n.in {
				if v != nil {
					live[v.node] = true
				}
			}
		}
	}
	// same maps a value to the one that takes its place.
	same := map[*value]*value{}
	now := func(v *value) *value {
		if s := same[v]; s != nil {
			return s
		}
		return v
	}
	seen := map[string]*node{}
	ids := map[*value]int{}
	for _, old := range nodes {
		if !live[old] {
			continue
		}
		n := *old
		n.in = make([]*value, len(old.in))
		for i, v := range old.in {
			if v != nil {
				n.in[i] = now(v)
			}
		}
		n.specialise()
		if v := n.alias(); v != nil {
			same[old.out[0]] = v
			continue
		}
		if key := n.key(ids); key != "" {
			if twin := seen[key]; twin != nil {
				for i, v := range old.out {
					same[v] = twin.out[i]
				}
				continue
			}
			seen[key] = &n
		}
		n.out = make([]*value, len(old.out))
		for i, v := range old.out {
			c := *v
			c.node = &n
			n.out[i] = &c
			same[v] = &c
			ids[&c] = len(ids)
		}
		if err := g.fold(&n); err != nil {
			return err
		}
		g.nodes = append(g.nodes, &n)
	}
	for i, v := range g.outputs {
		g.outputs[i] = now(v)
	}
	for i, v := range g.params {
		g.params[i] = now(v) // itself where it is dead
	}
	g.prune()
	return nil
}

// prune drops nodes that folding left without a use, and counts the uses of the others' values.
func (g *graph) prune() {
	g.uses = map[*value]int{}
	for _, v := range g.outputs {
		g.uses[v]++
	}
	var kept []*node
	for _, n := range slices.Backward(g.nodes) {
		used := false
		for _, v := range n.out {
			used = used || g.uses[v] > 0
		}
		if !used {
			continue
		}
		kept = append(kept, n)
		for _, v := range n.in {
			if v != nil {
				g.uses[v]++
			}
		}
	}
	slices.Reverse(kept)
	g.nodes = kept
}

// alias is the operand that the node's result is the same as, or nil.
func (n *node) alias() *value {
	switch n.op {
	case compute.OpTypeIdentity, compute.OpTypeOptimizationBarrier:
		if len(n.in) == 1 {
			return n.in[0]
		}
	case compute.OpTypeReshape, compute.OpTypeBroadcastInDim, compute.OpTypeConvertDType:
		if n.in[0].shape.Equal(n.out[0].shape) {
			return n.in[0]
		}
	case compute.OpTypeTranspose:
		if perm := n.attrs[0].([]int); slices.IsSorted(perm) {
			return n.in[0]
		}
	}
	return nil
}

// opReluGrad is dy where y is positive, and else 0: the gradient of relu, of y and dy.
const opReluGrad compute.OpType = -1

// specialise turns an operation that takes settings into one that a kernel computes as it is.
func (n *node) specialise() {
	if n.op == compute.OpTypeFusedActivationVJP && n.attrs[0].(compute.ActivationConfig).Type == compute.ActivationRelu &&
		n.in[0] != nil && n.in[2] != nil && n.in[2].shape.DType == dtypes.Float32 {
		n.op, n.in, n.attrs, n.replay = opReluGrad, []*value{n.in[0], n.in[2]}, nil, nil
	}
}

// key is the same for two nodes that compute the same, and empty for those that are not compared.
func (n *node) key(ids map[*value]int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", n.op)
	switch n.op {
	case compute.OpTypeParameter:
		return ""
	case compute.OpTypeConstant:
		if n.out[0].shape.Size() > 16 {
			return ""
		}
		fmt.Fprintf(&b, " %s %x", n.out[0].shape, bytesOf(n.flat))
	}
	for _, v := range n.in {
		id, ok := ids[v]
		if v != nil && !ok {
			return ""
		}
		if v == nil {
			id = -1
		}
		fmt.Fprintf(&b, " %d", id)
	}
	for _, a := range n.attrs {
		fmt.Fprintf(&b, " %v", a)
	}
	return b.String()
}

// foldable bounds the constants that are computed in advance, in elements.
const foldable = 64

// fold turns a node that rests on small constants alone into a constant.
func (g *graph) fold(n *node) error {
	if n.replay == nil || len(n.in) == 0 || len(n.out) != 1 || n.out[0].shape.Size() > foldable {
		return nil
	}
	for _, v := range n.in {
		if v == nil || v.node.op != compute.OpTypeConstant || v.shape.Size() > foldable {
			return nil
		}
	}
	h, err := g.backend.handOver(n)
	if err != nil {
		return err
	}
	defer h.Finalize()
	flats, dims := make([]any, len(n.in)), make([]shapes.Shape, len(n.in))
	for i, v := range n.in {
		flats[i], dims[i] = v.node.flat, v.shape
	}
	out, err := h.run(flats, dims)
	if err != nil {
		return err
	}
	flat, err := out[0].Data()
	if err != nil {
		return err
	}
	n.op, n.in, n.attrs, n.replay, n.flat = compute.OpTypeConstant, nil, nil, nil, flat
	return nil
}

// handOver compiles one node for the stock backend.
func (b *Backend) handOver(n *node) (*handed, error) {
	bl := b.stock.Builder(n.op.String())
	f := bl.Main()
	in := make([]compute.Value, len(n.in))
	for i, v := range n.in {
		if v == nil {
			continue
		}
		p, err := f.Parameter(fmt.Sprintf("x%d", i), v.shape, nil)
		if err != nil {
			return nil, err
		}
		in[i] = p
	}
	out, err := n.replay(f, in, n.attrs)
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(v compute.Value) bool { return v == nil })
	if err := f.Return(out, nil); err != nil {
		return nil, err
	}
	x, err := bl.Compile()
	if err != nil {
		return nil, err
	}
	return &handed{backend: b, stock: x}, nil
}
