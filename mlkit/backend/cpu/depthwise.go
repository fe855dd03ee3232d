package cpu

import "gopherlens/mlkit/backend/cpu/kernel"

// depthwiseStep computes a convolution in which each channel has one filter of its own.
type depthwiseStep struct {
	conv
	regions []region
	rows    int // of the output, a part
}

func (pl *planner) depthwise(c *conv) {
	s := &depthwiseStep{conv: *c, regions: c.regions(false)}
	for _, r := range s.regions {
		for t := range r.boff {
			r.boff[t] *= int32(s.c)
		}
	}
	s.rows = max(1, s.batch*s.oh/(4*pl.backend.pool.size()))
	pl.add(s)
}

func (s *depthwiseStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, (s.batch*s.oh+s.rows-1)/s.rows)
	return nil
}

func (s *depthwiseStep) part(fr *frame, _, i int) {
	d := kernel.Depthwise{Channels: s.c, DstStep: s.c, SrcStep: s.sx * s.c, W: fr.tail(s.kernel, 0), Activation: s.activation, Slope: s.slope}
	if s.bias >= 0 {
		d.Bias = fr.tail(s.bias, 0)
	}
	for row := i * s.rows; row < min((i+1)*s.rows, s.batch*s.oh); row++ {
		n, y := row/s.oh, row%s.oh
		for k := range s.regions {
			r := &s.regions[k]
			if y < r.y.first || y >= r.y.end {
				continue
			}
			d.Pixels, d.Off, d.WOff = r.x.end-r.x.first, r.aoff, r.boff
			d.Src = nil
			if len(r.aoff) > 0 {
				d.Src = fr.tail(s.in, n*s.h*s.w*s.c+r.at+(y*s.sy*s.w+r.x.first*s.sx)*s.c)
			}
			d.Dst = fr.tail(s.out, (row*s.ow+r.x.first)*s.c)
			d.Run()
		}
		s.addResidual(fr, row*s.ow*s.c, s.ow*s.c)
	}
}

// addResidual adds the residual to n finished results from the one at "at" on.
func (c *conv) addResidual(fr *frame, at, n int) {
	if c.residual >= 0 {
		y := fr.tail(c.out, at)[:n]
		kernel.Add(y, y, fr.tail(c.residual, at)[:n])
	}
}
