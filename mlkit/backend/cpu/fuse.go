package cpu

import (
	"slices"

	"github.com/gomlx/compute"
)

// fuse lets a convolution add the bias and apply the relu that follow it, while its results are still in
// registers.
func (g *graph) fuse() {
	consumers := map[*value][]*node{}
	for _, n := range g.nodes {
		for _, v := range n.in {
			consumers[v] = append(consumers[v], n)
		}
	}
	// next is the one node that a value goes to.
	next := func(v *value) *node {
		if c := consumers[v]; len(c) == 1 && g.uses[v] == 1 {
			return c[0]
		}
		return nil
	}
	gone := map[*node]bool{}
	moved := map[*node]*node{} // the fused node that takes a node's place
	for _, n := range g.nodes {
		if n.op != compute.OpTypeConvGeneral || !nativeConv(n) {
			continue
		}
		axes := n.attrs[0].(compute.ConvolveAxesConfig)
		last, fused := n, *n
		if add := next(last.out[0]); add != nil && add.op == compute.OpTypeAdd && axes.OutputChannels == n.out[0].shape.Rank()-1 {
			if bias := biasOf(add, last.out[0]); bias != nil {
				fused.in = append(slices.Clone(n.in), bias)
				last = add
			}
		}
		if act := next(last.out[0]); act != nil && act.op == compute.OpTypeFusedActivation &&
			act.attrs[0].(compute.ActivationConfig).Type == compute.ActivationRelu {
			fused.relu = true
			gone[last] = true
			last = act
		}
		if last == n {
			continue
		}
		gone[n] = true
		fused.out, fused.replay = last.out, nil
		fused.out[0].node = &fused
		moved[last] = &fused
	}
	var nodes []*node
	for _, n := range g.nodes {
		if f := moved[n]; f != nil {
			nodes = append(nodes, f)
		} else if !gone[n] {
			nodes = append(nodes, n)
		}
	}
	g.nodes = nodes
	g.prune()
}

// biasOf is what an addition adds to v, if that is one number for each place of the last axis.
func biasOf(add *node, v *value) *value {
	other := add.in[0]
	if other == v {
		other = add.in[1]
	}
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
