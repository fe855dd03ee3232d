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
	batch, h, w, c  int // of the input, padded
	kh, kw, f       int
	oh, ow          int
	sy, sx, dy, dx  int // strides and kernel dilations
	groups          int
	in, kernel, out int // slots
	bias            int // slot, −1 for none
	relu            bool
}

// convStep computes a convolution as one product a row of the output: every tap of the kernel adds the
// product of a row of the input, read in place, and the tap's weights.
type convStep struct {
	conv
	k          int     // channels that a tap multiplies; with whole rows of taps, kw·c
	aoff, boff []int32 // of the taps
	rows       int     // rows of the output a part
}

// nativeConv tells whether a convolution is one that convStep computes.
func nativeConv(n *node) bool {
	spatial := len(n.attrs[0].(compute.ConvolveAxesConfig).InputSpatial)
	for _, v := range []*value{n.in[0], n.in[1], n.out[0]} {
		if v.shape.DType != dtypes.Float32 || v.shape.Size() == 0 {
			return false
		}
	}
	for _, p := range n.attrs[2].([][2]int) {
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
	strides, pads := n.attrs[1].([]int), n.attrs[2].([][2]int)
	inDil, kDil := n.attrs[3].([]int), n.attrs[4].([]int)
	groups, spatial := max(1, n.attrs[5].(int)), len(ax.InputSpatial)
	at := func(list []int, i, or int) int {
		if list == nil {
			return or
		}
		return list[i]
	}
	// A single spatial axis is a width, of height 1.
	inS, kS, outS := ax.InputSpatial, ax.KernelSpatial, ax.OutputSpatial
	size := func(v *value, s []int, i int) int { // i counts from the last axis
		if i >= len(s) {
			return 1
		}
		return v.shape.Dimensions[s[len(s)-1-i]]
	}
	pad := func(i int) (p [2]int) {
		if i < spatial && pads != nil {
			p = pads[spatial-1-i]
		}
		return p
	}
	get := func(list []int, i int) int {
		if i >= spatial {
			return 1
		}
		return max(1, at(list, spatial-1-i, 1))
	}
	c := conv{
		batch: x.shape.Dimensions[ax.InputBatch], c: x.shape.Dimensions[ax.InputChannels],
		kh: size(k, kS, 1), kw: size(k, kS, 0), f: k.shape.Dimensions[ax.KernelOutputChannels],
		oh: size(out, outS, 1), ow: size(out, outS, 0),
		sy: get(strides, 1), sx: get(strides, 0), dy: get(kDil, 1), dx: get(kDil, 0),
		groups: groups, bias: -1,
	}
	ih, iw := size(x, inS, 1), size(x, inS, 0)
	iy, ix := get(inDil, 1), get(inDil, 0)
	py, px := pad(1), pad(0)
	c.h, c.w = py[0]+(ih-1)*iy+1+py[1], px[0]+(iw-1)*ix+1+px[1]
	c.relu = n.relu
	if len(n.in) == 3 {
		c.bias = pl.slot(n.in[2])
	}
	plain := iy == 1 && ix == 1 && py == [2]int{} && px == [2]int{}
	order := func(batch, channels int, s []int) []int { return append(append([]int{batch}, s...), channels) }
	inOrder, outOrder := order(ax.InputBatch, ax.InputChannels, inS), order(ax.OutputBatch, ax.OutputChannels, outS)
	if plain && groups == 1 && c.bias < 0 && !c.relu && c.sy == 1 && c.sx == 1 && c.dy == 1 && c.dx == 1 && pl.emitWeightGradient(n, ax, c) {
		return true
	}
	if plain && slices.IsSorted(inOrder) {
		c.in = pl.slot(x)
	} else {
		// The padded, dilated input, in this package's order.
		c.in = pl.temp(4 * c.batch * c.h * c.w * c.c)
		from := rowMajor(x.shape.Dimensions)
		m := moveStep{dst: c.in, src: pl.slot(x), size: 4, fill: -1, to: (py[0]*c.w + px[0]) * c.c}
		m.dims = []int{c.batch, ih, iw, c.c}
		m.in = []int{from[ax.InputBatch], 0, from[inS[spatial-1]], from[ax.InputChannels]}
		if spatial == 2 {
			m.in[1] = from[inS[0]]
		}
		m.out = []int{c.h * c.w * c.c, iy * c.w * c.c, ix * c.c, 1}
		if !plain {
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
	pl.conv(c)
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

// conv adds the step.
func (pl *planner) conv(c conv) {
	s := &convStep{conv: c, k: c.c / c.groups}
	for ky := range c.kh {
		if c.groups == 1 && c.dx == 1 {
			// A row of taps lies side by side in the input and in the kernel: one longer product.
			s.aoff = append(s.aoff, int32(ky*c.dy*c.w*c.c))
			s.boff = append(s.boff, int32(ky*c.kw*c.c*c.f))
			s.k = c.kw * c.c
			continue
		}
		for kx := range c.kw {
			s.aoff = append(s.aoff, int32((ky*c.dy*c.w+kx*c.dx)*c.c))
			s.boff = append(s.boff, int32((ky*c.kw+kx)*(c.c/c.groups)*c.f))
		}
	}
	total := c.batch * c.oh
	s.rows = max(1, total/(8*pl.backend.pool.size()))
	pl.add(s)
}

func (s *convStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, (s.batch*s.oh+s.rows-1)/s.rows)
	return nil
}

func (s *convStep) part(fr *frame, _, i int) {
	fg, cg := s.f/s.groups, s.c/s.groups
	for r := i * s.rows; r < min((i+1)*s.rows, s.batch*s.oh); r++ {
		n, y := r/s.oh, r%s.oh
		for q := range s.groups {
			g := kernel.Brgemm{
				M: s.ow, N: fg, K: s.k, AOff: s.aoff, BOff: s.boff,
				A: fr.tail(s.in, (n*s.h+y*s.sy)*s.w*s.c+q*cg), AMS: s.sx * s.c, AKS: 1,
				B: fr.tail(s.kernel, q*fg), BKS: s.f,
				C: fr.tail(s.out, r*s.ow*s.f+q*fg), LDC: s.f,
				Activation: activationOf(s.relu),
			}
			if s.bias >= 0 {
				g.Bias = fr.tail(s.bias, q*fg)
			}
			g.Run()
		}
	}
}

// weightGradientStep computes the gradient of a convolution's kernel: in the words of the convolution
// that GoMLX writes it as, the input's channels are its batch, the batch its channels, and the gradient
// of the output its kernel. For each row ky of the true kernel,
//
//	dw[ky][kx·c + ch, f] = Σ over batch, y, x of in[batch, y+ky, x+kx, ch] · dy[batch, y, x, f]
//
// is one product whose left side is read in place: kx and the channels are neighbours in memory.
type weightGradientStep struct {
	batch, h, w, c int // of the input
	oh, ow, f      int // of the gradient
	kh, kw         int
	in, dy, out    int // slots
	aoff, boff     []int32
	images, parts  int // of the batch: how many images a part sums up, and how many parts
	partial        int // slot of the sums but the first
}

func (pl *planner) emitWeightGradient(n *node, ax compute.ConvolveAxesConfig, c conv) bool {
	if len(ax.InputSpatial) != 2 || ax.InputBatch != 3 || ax.InputChannels != 0 || !slices.Equal(ax.InputSpatial, []int{1, 2}) ||
		ax.KernelInputChannels != 0 || ax.KernelOutputChannels != 3 || !slices.Equal(ax.KernelSpatial, []int{1, 2}) ||
		ax.OutputBatch != 2 || ax.OutputChannels != 3 || !slices.Equal(ax.OutputSpatial, []int{0, 1}) {
		return false
	}
	s := &weightGradientStep{
		batch: c.c, h: c.h, w: c.w, c: c.batch, oh: c.kh, ow: c.kw, f: c.f, kh: c.oh, kw: c.ow,
		in: pl.slot(n.in[0]), dy: pl.slot(n.in[1]), out: pl.slot(n.out[0]),
	}
	parts := min(s.batch, (4*pl.backend.pool.size()+s.kh-1)/s.kh)
	s.images = (s.batch + parts - 1) / parts
	s.parts = (s.batch + s.images - 1) / s.images
	s.partial = pl.temp(4 * (s.parts - 1) * s.size())
	for b := range s.images {
		for y := range s.oh {
			s.aoff = append(s.aoff, int32((b*s.h+y)*s.w*s.c))
			s.boff = append(s.boff, int32((b*s.oh+y)*s.ow*s.f))
		}
	}
	pl.add(s)
	return true
}

func (s *weightGradientStep) size() int { return s.kh * s.kw * s.c * s.f }

func (s *weightGradientStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, s.parts*s.kh)
	out := fr.f32(s.out, s.size())
	rest := fr.f32(s.partial, (s.parts-1)*s.size())
	for p := range s.parts - 1 {
		kernel.Add(out, out, rest[p*s.size():(p+1)*s.size()])
	}
	return nil
}

func (s *weightGradientStep) part(fr *frame, _, i int) {
	p, ky := i/s.kh, i%s.kh
	per := s.images
	images := min(per, s.batch-p*per)
	m := s.kw * s.c
	g := kernel.Brgemm{
		M: m, N: s.f, K: s.ow, AMS: 1, AKS: s.c, BKS: s.f, LDC: s.f,
		A: fr.tail(s.in, (p*per*s.h+ky)*s.w*s.c),
		B: fr.tail(s.dy, p*per*s.oh*s.ow*s.f),
	}
	if p == 0 {
		g.C = fr.tail(s.out, ky*m*s.f)
	} else {
		g.C = fr.tail(s.partial, (p-1)*s.size()+ky*m*s.f)
	}
	g.AOff, g.BOff = s.aoff[:images*s.oh], s.boff[:images*s.oh]
	g.Run()
}
