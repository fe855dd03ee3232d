package cpu

import (
	"slices"

	"github.com/gomlx/compute"

	"gopherlens/mlkit/backend/cpu/kernel"
)

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

func (pl *planner) emitWeightGradient(n *node, ax compute.ConvolveAxesConfig, c *conv) bool {
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
