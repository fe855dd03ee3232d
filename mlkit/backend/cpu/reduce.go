package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// reduceStep reduces float32 to sums, maxima or minima. The operand is walked as boxes of outer × middle ×
// inner elements, the middle being reduced away:
// y[o, i] = Σₘ x[o, m, i]. Axes that are reduced but not neighbours take one step each.
type reduceStep struct {
	op                   compute.OpType
	dst, src             int
	outer, middle, inner int
	chunk                int
	// Few columns of many rows are shared out by rows: bands of them, each with a sum of its own.
	bands, partial int
}

func emitReduce(pl *planner, n *node) bool {
	x, axes := n.in[0], slices.Clone(n.attrs[0].([]int))
	if x.shape.DType != dtypes.Float32 || x.shape.Size() == 0 {
		return false
	}
	dims := slices.Clone(x.shape.Dimensions)
	if len(axes) == 0 {
		for i := range dims {
			axes = append(axes, i)
		}
	}
	slices.Sort(axes)
	// Runs of neighbouring axes, last first, so that the earlier ones keep their places.
	src := pl.slot(x)
	type run struct{ from, to int }
	var runs []run
	for _, a := range axes {
		if k := len(runs) - 1; k >= 0 && runs[k].to == a {
			runs[k].to++
		} else {
			runs = append(runs, run{a, a + 1})
		}
	}
	if len(runs) == 0 {
		pl.slots[n.out[0]] = src
		return true
	}
	for k, r := range slices.Backward(runs) {
		s := &reduceStep{op: n.op, src: src, outer: product(dims[:r.from]), middle: product(dims[r.from:r.to]), inner: product(dims[r.to:])}
		dims = append(dims[:r.from:r.from], dims[r.to:]...)
		if k == 0 {
			s.dst = pl.slot(n.out[0])
		} else {
			s.dst = pl.temp(4 * product(dims))
		}
		parts := 1
		if s.outer*s.middle*s.inner > 1<<14 {
			parts = 2 * pl.backend.pool.size()
		}
		rows := s.outer
		if s.outer == 1 && s.inner > 1 && parts > 1 && s.middle >= 16*parts {
			rows, s.bands = s.middle, parts
			s.partial = pl.temp(4 * parts * s.inner)
		}
		s.chunk = (rows + parts - 1) / parts
		pl.add(s)
		src = s.dst
	}
	return true
}

func product(dims []int) int {
	p := 1
	for _, d := range dims {
		p *= d
	}
	return p
}

func (s *reduceStep) run(fr *frame) error {
	if s.bands == 0 {
		fr.plan.backend.pool.run(s, fr, (s.outer+s.chunk-1)/s.chunk)
		return nil
	}
	bands := (s.middle + s.chunk - 1) / s.chunk
	fr.plan.backend.pool.run(s, fr, bands)
	s.columns(fr.tail(s.dst, 0)[:s.inner], fr.tail(s.partial, 0)[:bands*s.inner])
	return nil
}

func (s *reduceStep) part(fr *frame, _, i int) {
	x, from := fr.tail(s.src, 0), i*s.chunk
	if s.bands > 0 {
		to := min(from+s.chunk, s.middle)
		s.columns(fr.tail(s.partial, i*s.inner)[:s.inner], x[from*s.inner:to*s.inner])
		return
	}
	y := fr.tail(s.dst, 0)
	for o := from; o < min(from+s.chunk, s.outer); o++ {
		box := x[o*s.middle*s.inner : (o+1)*s.middle*s.inner]
		if s.inner == 1 {
			y[o] = s.row(box)
		} else {
			s.columns(y[o*s.inner:(o+1)*s.inner], box)
		}
	}
}

// columns reduces the rows of x, each as long as y.
func (s *reduceStep) columns(y, x []float32) {
	n := len(y)
	copy(y, x)
	for x = x[n:]; len(x) > 0; x = x[n:] {
		switch row := x[:n]; s.op {
		case compute.OpTypeReduceSum:
			kernel.Add(y, y, row)
		case compute.OpTypeReduceMax:
			kernel.Max(y, y, row)
		default:
			kernel.Min(y, y, row)
		}
	}
}

// row reduces x to one number.
func (s *reduceStep) row(x []float32) float32 {
	switch s.op {
	case compute.OpTypeReduceSum:
		return kernel.Sum(x)
	case compute.OpTypeReduceMax:
		return kernel.MaxOf(x)
	}
	return kernel.MinOf(x)
}
