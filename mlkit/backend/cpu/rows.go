package cpu

import (
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// softmaxStep turns each row of float32 into probabilities.
type softmaxStep struct{ src, dst, rows, n, chunk int }

func emitSoftmax(pl *planner, n *node) bool {
	x, axis := n.in[0], n.attrs[0].(int)
	rank := x.shape.Rank()
	if x.shape.DType != dtypes.Float32 || rank == 0 || axis != rank-1 && axis != -1 || x.shape.Size() == 0 {
		return false
	}
	s := &softmaxStep{src: pl.slot(x), dst: pl.slot(n.out[0]), n: x.shape.Dimensions[rank-1]}
	s.rows = x.shape.Size() / s.n
	s.chunk = max(1, (1<<12)/s.n)
	pl.add(s)
	return true
}

func (s *softmaxStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, (s.rows+s.chunk-1)/s.chunk)
	return nil
}

func (s *softmaxStep) part(fr *frame, _, i int) {
	x, y := fr.tail(s.src, 0), fr.tail(s.dst, 0)
	for r := i * s.chunk; r < min((i+1)*s.chunk, s.rows); r++ {
		kernel.Softmax(y[r*s.n:(r+1)*s.n], x[r*s.n:(r+1)*s.n])
	}
}

// argStep finds, along one axis, the place of the largest or the smallest element, the first where several
// are, and the last NaN where there is one.
type argStep struct {
	src, dst             int
	outer, middle, inner int
	least                bool
	wide                 bool // int64 rather than int32
}

func emitArgMinMax(pl *planner, n *node) bool {
	x, axis, out := n.in[0], n.attrs[0].(int), n.out[0].shape.DType
	if x.shape.DType != dtypes.Float32 || out != dtypes.Int32 && out != dtypes.Int64 || x.shape.Size() == 0 || axis < 0 {
		return false
	}
	d := x.shape.Dimensions
	pl.add(&argStep{src: pl.slot(x), dst: pl.slot(n.out[0]), outer: product(d[:axis]), middle: d[axis], inner: product(d[axis+1:]),
		least: n.attrs[2].(bool), wide: out == dtypes.Int64})
	return true
}

func (s *argStep) run(fr *frame) error {
	x := fr.tail(s.src, 0)
	for o := range s.outer {
		for i := range s.inner {
			best, at := x[o*s.middle*s.inner+i], 0
			for m := 1; m < s.middle; m++ {
				v := x[(o*s.middle+m)*s.inner+i]
				if v != v || s.least && v < best || !s.least && v > best {
					best, at = v, m
				}
			}
			if k := o*s.inner + i; s.wide {
				view[int64](fr.mem[s.dst], k+1)[k] = int64(at)
			} else {
				view[int32](fr.mem[s.dst], k+1)[k] = int32(at)
			}
		}
	}
	return nil
}
