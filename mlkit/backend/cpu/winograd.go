package cpu

import "gopherlens/mlkit/backend/cpu/kernel"

// winogradStep computes a convolution with a kernel of 3×3 taps by Winograd's F(4×4, 3×3): tiles of 6×6 pixels and
// the kernel are transformed, so that 36 products a channel make 16 results instead of 144. The products are 36
// products of matrices. Results are off by some 10⁻⁵ of the sum of their terms' magnitudes, about ten times
// more than those of a direct convolution.
type winogradStep struct {
	conv
	across, tiles int     // tiles of a picture's row; of all pictures
	chunk         int     // tiles at a time, so that what lies between stays in the cache
	u, v, m       int     // slots of the transformed input, kernel and products
	keep          *keeper // of v
	// From tile to tile and plane to plane of u, from plane to plane of v and m, and from panel to panel of v.
	uTile, uPlane, vPlane, mPlane, vPanel int
}

// Winograd's steps, besides the products, in the time of so many multiply-adds of a full vector's lane.
const (
	winogradPixels  = 150  // a tile and channel, to transform the input and the results
	winogradWeights = 1000 // a channel and filter: four times the weights go out to memory and back
	// winogradChannels is how many channels of a panel of the kernel are transformed at a time.
	winogradChannels = 16
	// winogradWork is what a chunk of tiles may take, in bytes.
	winogradWork = 4 << 20
)

// winogradPays tells whether the convolution is one that Winograd's algorithm computes, and sooner.
func (c *conv) winogradPays() bool {
	if kernel.Active() < kernel.AVX2 || c.kh != 3 || c.kw != 3 || c.sy != 1 || c.sx != 1 || c.dy != 1 || c.dx != 1 || c.groups != 1 || c.residualFirst {
		return false
	}
	tiles := c.batch * ((c.oh + 3) / 4) * ((c.ow + 3) / 4)
	direct := 9 * c.batch * c.oh * c.ow * c.c * c.f
	winograd := 36*tiles*c.c*c.f*4/3 + winogradPixels*tiles*(c.c+c.f) + winogradWeights*c.c*c.f
	return c.c >= 16 && c.f >= 16 && winograd < direct
}

// apart makes strides of matrices that lie beside each other such that their rows do not fall into the same sets of
// the cache.
func apart(n int) int { return (n+15)&^15 | 16 }

func (pl *planner) winograd(c *conv) {
	s := &winogradStep{conv: *c, across: (c.ow + 3) / 4, uTile: c.c}
	if c.c%256 == 0 {
		s.uTile = apart(c.c)
	}
	s.tiles = c.batch * ((c.oh + 3) / 4) * s.across
	rows, tile := kernel.Tile()
	s.chunk = max(2*rows, winogradWork/(4*36*(c.c+c.f))/rows*rows)
	n := (s.tiles + s.chunk - 1) / s.chunk
	s.chunk = (s.tiles + n - 1) / n
	s.uPlane, s.vPlane, s.mPlane = apart(s.chunk*s.uTile), apart(c.c*tile), apart(s.chunk*c.f)
	s.vPanel = 36 * s.vPlane
	s.u = pl.temp(4 * 36 * s.uPlane)
	s.v = pl.temp(4 * s.panels() * s.vPanel)
	s.keep = pl.keep(s.kernel, 4*s.panels()*s.vPanel)
	s.m = pl.temp(4 * 36 * s.mPlane)
	pl.add(s)
}

// panels is how many tiles' widths the filters take.
func (s *winogradStep) panels() int {
	_, tile := kernel.Tile()
	return (s.f + tile - 1) / tile
}

func (s *winogradStep) run(fr *frame) error {
	pool, panels := fr.plan.backend.pool, s.panels()
	if !fr.kept(s.keep) {
		pool.run((*winogradKernel)(s), fr, panels*((s.c+winogradChannels-1)/winogradChannels))
	}
	for fr.first = 0; fr.first < s.tiles; fr.first += s.chunk {
		n := min(s.chunk, s.tiles-fr.first)
		pool.run((*winogradInput)(s), fr, n)
		pool.run((*winogradProducts)(s), fr, 36*panels)
		pool.run((*winogradOutput)(s), fr, n)
	}
	return nil
}

// The tasks of a winogradStep.
type (
	winogradKernel   winogradStep
	winogradInput    winogradStep
	winogradProducts winogradStep
	winogradOutput   winogradStep
)

func (s *winogradKernel) part(fr *frame, _, i int) {
	_, tile := kernel.Tile()
	blocks := (s.c + winogradChannels - 1) / winogradChannels
	panel, first := i/blocks, i%blocks*winogradChannels
	n := min(tile, s.f-panel*tile)
	for channel := first; channel < min(first+winogradChannels, s.c); channel++ {
		v := fr.tail(fr.packed(s.keep, s.v), panel*s.vPanel+channel*tile)
		kernel.WinogradWeights(v, s.vPlane, fr.tail(s.kernel, channel*s.f+panel*tile), s.c*s.f, n)
		if n < tile {
			for p := range 36 {
				clear(v[p*s.vPlane+n:][:tile-n])
			}
		}
	}
}

// place is where a tile of the output begins.
func (s *winogradStep) place(tile int) (n, y, x int) {
	y = tile / s.across
	down := (s.oh + 3) / 4
	return y / down, y % down * 4, tile % s.across * 4
}

func (s *winogradInput) part(fr *frame, _, i int) {
	n, y, x := (*winogradStep)(s).place(fr.first + i)
	y, x = y-s.py, x-s.px
	inside := kernel.Rectangle{Top: max(0, -y), Bottom: min(6, s.h-y), Left: max(0, -x), Right: min(6, s.w-x)}
	kernel.WinogradInput(fr.tail(s.u, i*s.uTile), s.uPlane, fr.tail(s.in, 0), ((n*s.h+y)*s.w+x)*s.c, s.w*s.c, s.c, s.c, inside)
}

func (s *winogradProducts) part(fr *frame, _, i int) {
	_, tile := kernel.Tile()
	panels := (*winogradStep)(s).panels()
	p, panel := i/panels, i%panels // the panels of one plane of u after another, while that stays in the cache
	g := kernel.Brgemm{
		M: min(s.chunk, s.tiles-fr.first), N: min(tile, s.f-panel*tile), K: s.c,
		A: fr.tail(s.u, p*s.uPlane), AMS: s.uTile, AKS: 1,
		B: fr.tail(fr.packed(s.keep, s.v), panel*s.vPanel+p*s.vPlane), BKS: tile, BPanel: s.c * tile,
		C: fr.tail(s.m, p*s.mPlane+panel*tile), LDC: s.f,
	}
	g.Run()
}

func (s *winogradOutput) part(fr *frame, _, i int) {
	n, y, x := (*winogradStep)(s).place(fr.first + i)
	at := ((n*s.oh+y)*s.ow + x) * s.f
	slope := float32(1)
	switch s.activation {
	case kernel.ReLU:
		slope = 0
	case kernel.LeakyReLU:
		slope = s.slope
	}
	var bias []float32
	if s.bias >= 0 {
		bias = fr.tail(s.bias, 0)
	}
	kernel.WinogradOutput(fr.tail(s.out, at), s.ow*s.f, s.f, fr.tail(s.m, i*s.f), s.mPlane, s.f, bias, slope, s.oh-y, s.ow-x)
	if s.residual >= 0 {
		for r := range min(4, s.oh-y) {
			s.addResidual(fr, at+r*s.ow*s.f, min(4, s.ow-x)*s.f)
		}
	}
}
