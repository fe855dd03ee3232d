package cpu

import "gopherlens/mlkit/backend/cpu/kernel"

// packStep packs a matrix into the panels that the products take.
type packStep struct {
	src, dst         int // slots; without one for the result, packing is left to who reads it while nothing is kept
	keep             *keeper
	k, n             int
	kStride, nStride int
}

// pack makes the slot of the packed matrix of k rows and n columns, −1 if that is left to its readers, and its keeper,
// nil if it has none.
func (pl *planner) pack(src, k, n, kStride, nStride int, toReaders bool) (dst int, keep *keeper) {
	bytes := 4 * kernel.PackedLen(k, n)
	s := &packStep{src, -1, pl.keep(src, bytes), k, n, kStride, nStride}
	if !toReaders {
		s.dst = pl.temp(bytes)
	}
	if s.dst >= 0 || s.keep != nil {
		pl.add(s)
	}
	return s.dst, s.keep
}

func (s *packStep) run(fr *frame) error {
	_, tile := kernel.Tile()
	if !fr.kept(s.keep) && fr.packed(s.keep, s.dst) >= 0 {
		fr.plan.backend.pool.run(s, fr, (s.n+tile-1)/tile)
	}
	return nil
}

func (s *packStep) part(fr *frame, _, i int) {
	_, tile := kernel.Tile()
	n := i * tile
	kernel.PackB(fr.tail(fr.packed(s.keep, s.dst), n*s.k), fr.tail(s.src, n*s.nStride), s.k, min(tile, s.n-n), s.kStride, s.nStride)
}
