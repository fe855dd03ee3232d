package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// conv is a convolution over up to two spatial axes, in the axis order of this package: input
// [batch, height, width, channels], kernel [height, width, channels, filters], output
// [batch, height, width, filters].
type conv struct {
	batch, h, w, c  int // of the input
	py, px          int // padding above and on the left; what else the output reaches is padding too
	kh, kw, f       int
	oh, ow          int
	sy, sx, dy, dx  int // strides and kernel dilations
	groups          int
	in, kernel, out int // slots
	epilogue
}

// epilogue is what happens to the results of a convolution or product before they are stored: the bias of each filter is
// added, the activation applied, and another array of the result's shape added.
type epilogue struct {
	bias, residual int // slots, −1 for none
	activation     kernel.Activation
	slope          float32
	residualFirst  bool // before the activation
}

var noEpilogue = epilogue{bias: -1, residual: -1}

// epilogue is what fuse gave a node to do besides, with the slots.
func (pl *planner) epilogue(n *node) epilogue {
	if n.epilogue == nil {
		return noEpilogue
	}
	e := *n.epilogue
	if e.bias >= 0 {
		e.bias = pl.slot(n.in[e.bias])
	}
	if e.residual >= 0 {
		e.residual = pl.slot(n.in[e.residual])
	}
	return e
}

// nativeConv tells whether a convolution is one that this package computes.
func nativeConv(n *node) bool {
	spatial := len(n.attrs[0].(compute.ConvolveAxesConfig).InputSpatial)
	for _, v := range []*value{n.in[0], n.in[1], n.out[0]} {
		if v.shape.DType != dtypes.Float32 || v.shape.Size() == 0 {
			return false
		}
	}
	for _, p := range n.paddings() {
		if p[0] < 0 || p[1] < 0 {
			return false
		}
	}
	return spatial >= 1 && spatial <= 2 && n.attrs[6].(int) <= 1
}

func emitConv(pl *planner, n *node) bool {
	if !nativeConv(n) {
		return false
	}
	x, k, out := n.in[0], n.in[1], n.out[0]
	ax := n.attrs[0].(compute.ConvolveAxesConfig)
	strides, pads := n.attrs[1].([]int), n.paddings()
	inDil, kDil := n.attrs[3].([]int), n.attrs[4].([]int)
	spatial := len(ax.InputSpatial)
	// A single spatial axis is a width, of height 1. Axis i counts from the last one.
	size := func(v *value, s []int, i int) int {
		if i >= spatial {
			return 1
		}
		return v.shape.Dimensions[s[spatial-1-i]]
	}
	pad := func(i int) (p [2]int) {
		if i < spatial {
			p = pads[spatial-1-i]
		}
		return p
	}
	step := func(list []int, i int) int {
		if i >= spatial || list == nil {
			return 1
		}
		return max(1, list[spatial-1-i])
	}
	inS, kS, outS := ax.InputSpatial, ax.KernelSpatial, ax.OutputSpatial
	py, px := pad(1), pad(0)
	c := &conv{
		batch: x.shape.Dimensions[ax.InputBatch], h: size(x, inS, 1), w: size(x, inS, 0), c: x.shape.Dimensions[ax.InputChannels],
		py: py[0], px: px[0],
		kh: size(k, kS, 1), kw: size(k, kS, 0), f: k.shape.Dimensions[ax.KernelOutputChannels],
		oh: size(out, outS, 1), ow: size(out, outS, 0),
		sy: step(strides, 1), sx: step(strides, 0), dy: step(kDil, 1), dx: step(kDil, 0),
		groups: max(1, n.attrs[5].(int)), epilogue: pl.epilogue(n),
	}
	iy, ix := step(inDil, 1), step(inDil, 0)
	plain := iy == 1 && ix == 1
	if plain && py == [2]int{} && px == [2]int{} && c.groups == 1 && n.epilogue == nil && c.sy == 1 && c.sx == 1 && c.dy == 1 && c.dx == 1 && pl.emitWeightGradient(n, ax, c) {
		return true
	}
	// Many different edges, as of the long kernels of gradients, are more work than a padded copy.
	copied := !plain || len(c.rowClasses())*len(c.columnClasses()) > 25
	order := func(batch, channels int, s []int) []int { return append(append([]int{batch}, s...), channels) }
	inOrder, outOrder := order(ax.InputBatch, ax.InputChannels, inS), order(ax.OutputBatch, ax.OutputChannels, outS)
	if !copied && slices.IsSorted(inOrder) {
		c.in = pl.slot(x)
	} else {
		h, w := c.h, c.w
		if copied {
			c.h, c.w = py[0]+(h-1)*iy+1+py[1], px[0]+(w-1)*ix+1+px[1]
			c.py, c.px = 0, 0
		}
		c.in = pl.temp(4 * c.batch * c.h * c.w * c.c)
		from := rowMajor(x.shape.Dimensions)
		m := moveStep{dst: c.in, src: pl.slot(x), size: 4, fill: -1}
		m.dims = []int{c.batch, h, w, c.c}
		m.in = []int{from[ax.InputBatch], 0, from[inS[spatial-1]], from[ax.InputChannels]}
		if spatial == 2 {
			m.in[1] = from[inS[0]]
		}
		m.out = []int{c.h * c.w * c.c, iy * c.w * c.c, ix * c.c, 1}
		if copied {
			m.to = (py[0]*c.w + px[0]) * c.c
			m.fill, m.n = pl.zero(), c.batch*c.h*c.w*c.c
		}
		pl.move(m)
	}
	kOrder := append(append(slices.Clone(kS), ax.KernelInputChannels), ax.KernelOutputChannels)
	if slices.IsSorted(kOrder) {
		c.kernel = pl.slot(k)
	} else {
		c.kernel = pl.permuted(k, kOrder)
	}
	direct := slices.IsSorted(outOrder)
	if direct {
		c.out = pl.slot(out)
	} else {
		c.out = pl.temp(int(out.shape.ByteSize()))
	}
	switch {
	case c.groups > 1 && c.groups == c.c && c.c == c.f && !c.residualFirst:
		pl.depthwise(c)
	case c.winogradPays():
		pl.winograd(c)
	default:
		pl.direct(c)
	}
	if !direct {
		to := rowMajor(out.shape.Dimensions)
		m := moveStep{dst: pl.slot(out), src: c.out, size: 4, fill: -1, dims: []int{c.batch, c.oh, c.ow, c.f}}
		m.in = rowMajor(m.dims)
		m.out = []int{to[ax.OutputBatch], 0, to[outS[spatial-1]], to[ax.OutputChannels]}
		if spatial == 2 {
			m.out[1] = to[outS[0]]
		}
		pl.move(m)
	}
	return true
}

// zero is a slot that holds a 0.
func (pl *planner) zero() int {
	return pl.newSlot(slot{kind: isConstant, size: 8, fixed: make([]byte, 8)})
}

// A class is a run of places along one axis of the output, from first to end−1, which the same taps of the kernel
// give something to, from tap to tapEnd−1: the others lie in the padding there.
type class struct {
	first, end  int
	tap, tapEnd int
}

// classes finds the classes of an axis of n places, on an input of that size.
func classes(n, size, taps, stride, dilation, pad int) (list []class) {
	for i := range n {
		at := i*stride - pad
		c := class{i, i + 1, 0, taps}
		for c.tap < taps && at+c.tap*dilation < 0 {
			c.tap++
		}
		for c.tapEnd > c.tap && at+(c.tapEnd-1)*dilation >= size {
			c.tapEnd--
		}
		if k := len(list) - 1; k >= 0 && list[k].tap == c.tap && list[k].tapEnd == c.tapEnd {
			list[k].end++
			continue
		}
		list = append(list, c)
	}
	return list
}

func (c *conv) rowClasses() []class    { return classes(c.oh, c.h, c.kh, c.sy, c.dy, c.py) }
func (c *conv) columnClasses() []class { return classes(c.ow, c.w, c.kw, c.sx, c.dx, c.px) }

// A region is a rectangle of the output where the same taps count.
type region struct {
	y, x class
	// For the output's place (y, x), the first tap meets the input at at + (y·sy·w + x·sx)·c.
	at   int
	aoff []int32 // of the taps in the input, from the first one
	boff []int32 // of the taps in the kernel, in rows of it
	k    int     // rows of the kernel that a tap takes
}

// regions cuts the output up. If join is set and a row of taps lies side by side in the input, it counts as one.
func (c *conv) regions(join bool) (list []region) {
	cg := c.c / c.groups
	for _, y := range c.rowClasses() {
		for _, x := range c.columnClasses() {
			r := region{y: y, x: x, at: ((y.tap*c.dy-c.py)*c.w + x.tap*c.dx - c.px) * c.c, k: cg}
			for ky := y.tap; ky < y.tapEnd; ky++ {
				for kx := x.tap; kx < x.tapEnd; kx++ {
					r.aoff = append(r.aoff, int32(((ky-y.tap)*c.dy*c.w+(kx-x.tap)*c.dx)*c.c))
					r.boff = append(r.boff, int32((ky*c.kw+kx)*cg))
					if join && c.groups == 1 && c.dx == 1 {
						r.k = (x.tapEnd - x.tap) * c.c
						break
					}
				}
			}
			if len(r.aoff) == 0 {
				r.k, r.at = 0, 0
			}
			list = append(list, r)
		}
	}
	return list
}
