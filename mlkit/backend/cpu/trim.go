package cpu

import (
	"bytes"
	"slices"

	"github.com/gomlx/compute"
)

// trim takes from convolutions the work that comes to nothing: the taps that are a kernel's padding with zeros, and
// the results that the slice after it leaves out. A zero tap is not multiplied, not even with an infinity.
func (g *graph) trim() {
	consumers := map[*value][]*node{}
	for _, n := range g.nodes {
		for _, v := range n.in {
			consumers[v] = append(consumers[v], n)
		}
	}
	var nodes []*node
	gone := map[*node]bool{}
	for _, n := range g.nodes {
		if gone[n] {
			continue
		}
		if n.op == compute.OpTypeConvGeneral {
			padded := n.in[1]
			for n.trimTaps() {
			}
			if k := n.in[1]; k != padded && k.node.op == compute.OpTypeReverse {
				nodes = append(nodes, k.node)
			}
			for {
				c := consumers[n.out[0]]
				if len(c) != 1 || g.uses[n.out[0]] != 1 || !n.trimResults(c[0]) {
					break
				}
				gone[c[0]] = true
			}
		}
		nodes = append(nodes, n)
	}
	g.nodes = nodes
	g.prune()
}

// trimTaps leaves out a kernel's padding. A reversal between the padding and the convolution is done again, by
// another node, without it.
func (n *node) trimTaps() bool {
	axes, pads := n.attrs[0].(compute.ConvolveAxesConfig), n.paddings()
	dilations := n.attrs[4].([]int)
	k := n.in[1].node
	var turned []int
	var reversed *node
	if k.op == compute.OpTypeReverse {
		reversed, turned = k, k.attrs[0].([]int)
		k = k.in[0].node
	}
	if k.op != compute.OpTypePad || k.in[1].node.op != compute.OpTypeConstant || len(bytes.Trim(bytesOf(k.in[1].node.flat), "\x00")) > 0 {
		return false
	}
	for axis, p := range k.attrs[0].([]compute.PadAxis) {
		i := slices.Index(axes.KernelSpatial, axis)
		if p == (compute.PadAxis{}) {
			continue
		}
		if i < 0 || p.Interior != 0 || p.Start < 0 || p.End < 0 {
			return false
		}
		if slices.Contains(turned, axis) {
			p.Start, p.End = p.End, p.Start
		}
		step := 1
		if dilations != nil {
			step = max(1, dilations[i])
		}
		pads[i][0] -= p.Start * step
		pads[i][1] -= p.End * step
		if pads[i][0] < 0 || pads[i][1] < 0 {
			return false
		}
	}
	kernel := k.in[0]
	if reversed != nil {
		again := *reversed
		again.in = []*value{kernel}
		kernel = &value{node: &again, shape: kernel.shape}
		again.out = []*value{kernel}
		reversed = &again
	}
	n.in = []*value{n.in[0], kernel}
	n.attrs = slices.Clone(n.attrs)
	n.attrs[2] = pads
	return true
}

// trimResults makes the convolution compute only what a slice of its result leaves, if its paddings allow.
func (n *node) trimResults(slice *node) bool {
	if slice.op != compute.OpTypeSlice {
		return false
	}
	starts, limits, steps := slice.attrs[0].([]int), slice.attrs[1].([]int), slice.attrs[2].([]int)
	axes, pads, strides := n.attrs[0].(compute.ConvolveAxesConfig), n.paddings(), n.attrs[1].([]int)
	for axis, d := range n.out[0].shape.Dimensions {
		before, after := starts[axis], d-limits[axis]
		i := slices.Index(axes.OutputSpatial, axis)
		if steps != nil && steps[axis] != 1 || i < 0 && before+after > 0 {
			return false
		}
		if i < 0 {
			continue
		}
		stride := 1
		if strides != nil {
			stride = max(1, strides[i])
		}
		pads[i][0] -= before * stride
		pads[i][1] -= after * stride
		if pads[i][0] < 0 || pads[i][1] < 0 {
			return false
		}
	}
	n.attrs = slices.Clone(n.attrs)
	n.attrs[2] = pads
	n.out = slice.out
	n.out[0].node = n
	return true
}

// paddings is a copy of a convolution's paddings, zeros where it has none.
func (n *node) paddings() [][2]int {
	if p := n.attrs[2].([][2]int); p != nil {
		return slices.Clone(p)
	}
	return make([][2]int, len(n.attrs[0].(compute.ConvolveAxesConfig).InputSpatial))
}
