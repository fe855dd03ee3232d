package cpu

import (
	"unsafe"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// directStep computes a convolution as products of rows of the output: every tap of the kernel adds the product
// of a row of the input, read in place, and the tap's weights.
type directStep struct {
	conv
	regions []region
	packing packing
	packed  int // slot of the packed kernel, −1 unless it is packed before
	keep    *keeper

	blocks  int // of rows (of columns, if there is one row only) that the output is cut into
	chunk   int // rows or columns of a block
	filters int // of a part
}

// packing is how the weights come to the kernel: panels of them as wide as a tile stay in the cache.
type packing uint8

const (
	asTheyLie     packing = iota // a panel or two are as good as packed
	packedBefore                 // small: packed once, and all parts share it
	packedByParts                // each part packs its panels, for all of its pixels
)

const (
	// sharedPack bounds the weights that are packed before, in bytes: they stay in the second-level cache.
	sharedPack = 256 << 10
	// fewPixels is how many pixels of a part make packing pay.
	fewPixels = 48
)

func (pl *planner) direct(c *conv) {
	s := &directStep{conv: *c, packed: -1}
	if s.kh == 1 && s.kw == 1 && s.sy == 1 && s.sx == 1 && s.py == 0 && s.px == 0 && s.oh == s.h && s.ow == s.w {
		// Each pixel by itself: all of them are one long row.
		s.w *= s.batch * s.h
		s.ow, s.batch, s.h, s.oh = s.w, 1, 1, 1
	}
	s.regions = s.conv.regions(true)
	_, tile := kernel.Tile()
	fg, k := s.f/s.groups, s.kh*s.kw*s.c/s.groups
	panels := (fg + tile - 1) / tile
	pixels := s.batch * s.oh * s.ow
	want := 8 * pl.backend.pool.size()
	if pixels*k*fg < 1<<14 {
		want = 1
	}
	rows := s.batch * s.oh
	if rows == 1 {
		rows = s.ow
	}
	s.filters, s.blocks = fg, min(want, rows)
	switch bytes := 4 * k * fg; {
	case panels <= 1 || s.groups > 1 || pixels < fewPixels:
		if panels > 1 && s.blocks < want {
			s.filters = max(tile, (fg/((want+s.blocks-1)/s.blocks)+tile-1)/tile*tile)
		}
	case bytes <= sharedPack:
		s.packing = packedBefore
		s.packed, s.keep = pl.pack(s.kernel, k, fg, s.f, 1, false)
	default:
		s.packing = packedByParts
		s.packed, s.keep = pl.pack(s.kernel, k, fg, s.f, 1, true)
		s.filters = tile
		s.blocks = max(1, min((want+panels-1)/panels, pixels/fewPixels/4))
		pl.scratch(4 * k * tile)
	}
	bks := s.f
	if s.packing != asTheyLie {
		bks = tile
	}
	for _, r := range s.regions {
		for t := range r.boff {
			r.boff[t] *= int32(bks)
		}
	}
	s.chunk = (rows + s.blocks - 1) / s.blocks
	s.blocks = (rows + s.chunk - 1) / s.chunk
	pl.add(s)
}

func (s *directStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, s.blocks*s.filterParts())
	return nil
}

func (s *directStep) filterParts() int {
	return s.groups * ((s.f/s.groups + s.filters - 1) / s.filters)
}

func (s *directStep) part(fr *frame, w, i int) {
	fg, parts := s.f/s.groups, s.filterParts()/s.groups
	block := i / s.filterParts()
	group := i % s.filterParts() / parts
	first := i % parts * s.filters
	g := kernel.Brgemm{N: min(s.filters, fg-first), Activation: s.activation, Slope: s.slope, ResidualFirst: s.residualFirst}
	column := group*fg + first // the first filter
	g.B, g.BKS = fr.tail(s.kernel, column), s.f
	k := s.kh * s.kw * s.c / s.groups
	_, tile := kernel.Tile()
	if packed := fr.packed(s.keep, s.packed); packed >= 0 {
		g.B, g.BKS, g.BPanel = fr.tail(packed, first*k), tile, k*tile
	} else if s.packing == packedByParts {
		panel := view[float32](unsafe.Pointer(&fr.scratch[w][0]), k*tile)
		kernel.PackB(panel, g.B, k, g.N, s.f, 1)
		g.B, g.BKS, g.BPanel = panel, tile, k*tile
	}
	if s.bias >= 0 {
		g.Bias = fr.tail(s.bias, column)
	}
	from, to := block*s.chunk, (block+1)*s.chunk
	if s.batch*s.oh == 1 {
		s.rectangle(fr, &g, 0, 0, 1, from, min(to, s.ow), group, column)
		return
	}
	to = min(to, s.batch*s.oh)
	for from < to {
		n, y := from/s.oh, from%s.oh
		end := min(s.oh, y+to-from)
		s.rectangle(fr, &g, n, y, end, 0, s.ow, group, column)
		from += end - y
	}
}

// rectangle computes some filters from "column" on, of the rows y0 to y1−1 and the columns x0 to x1−1 of picture n.
func (s *directStep) rectangle(fr *frame, g *kernel.Brgemm, n, y0, y1, x0, x1, group, column int) {
	for i := range s.regions {
		r := &s.regions[i]
		ya, yb := max(y0, r.y.first), min(y1, r.y.end)
		xa, xb := max(x0, r.x.first), min(x1, r.x.end)
		if ya >= yb || xa >= xb {
			continue
		}
		g.K, g.AKS = r.k, 1
		g.AOff, g.BOff = r.aoff, r.boff
		along, across := xb-xa, yb-ya
		aStep, cStep := s.sx*s.c, s.f
		aNext, cNext := s.sy*s.w*s.c, s.ow*s.f
		if along < across && s.sy*s.w > 0 { // narrow: down the columns
			along, across = across, along
			aStep, aNext = aNext, aStep
			cStep, cNext = cNext, cStep
		}
		g.M, g.AMS, g.LDC, g.LDR = along, aStep, cStep, cStep
		a := n*s.h*s.w*s.c + r.at + ya*s.sy*s.w*s.c + xa*s.sx*s.c + group*(s.c/s.groups)
		c := ((n*s.oh+ya)*s.ow+xa)*s.f + column
		if r.k == 0 {
			a = 0
		}
		for j := range across {
			if r.k > 0 {
				g.A = fr.tail(s.in, a+j*aNext)
			}
			g.C = fr.tail(s.out, c+j*cNext)
			if s.residual >= 0 {
				g.Residual = fr.tail(s.residual, c+j*cNext)
			}
			g.Run()
		}
	}
}
