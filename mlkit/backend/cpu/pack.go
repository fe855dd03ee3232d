package cpu

import "gopherlens/mlkit/backend/cpu/kernel"

// packStep packs a matrix into the panels that the products take.
type packStep struct {
	src, dst         int // slots
	k, n             int
	kStride, nStride int
}

// pack makes the slot of the packed matrix of k rows and n columns.
func (pl *planner) pack(src, k, n, kStride, nStride int) int {
	s := &packStep{src, pl.temp(4 * kernel.PackedLen(k, n)), k, n, kStride, nStride}
	pl.add(s)
	return s.dst
}

func (s *packStep) run(fr *frame) error {
	_, tile := kernel.Tile()
	fr.plan.backend.pool.run(s, fr, (s.n+tile-1)/tile)
	return nil
}

func (s *packStep) part(fr *frame, _, i int) {
	_, tile := kernel.Tile()
	n := i * tile
	kernel.PackB(fr.tail(s.dst, n*s.k), fr.tail(s.src, n*s.nStride), s.k, min(tile, s.n-n), s.kStride, s.nStride)
}
