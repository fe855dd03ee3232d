package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// reduceStep reduces float32 to sums, maxima or minima. The operand is walked as boxes of outer × middle ×
// inner elements, the middle being reduced away:
// y[o, i] = Σₘ x[o, m, i]. Axes that are reduced but not neighbours take one step each.
type reduceStep struct {
	op                   compute.OpType
	dst, src             int
	outer, middle, inner int
	chunk                int
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
		if s.outer == 1 && s.inner >= 64 {
			rows = s.inner
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
	rows := s.outer
	if s.outer == 1 && s.inner >= 64 {
		rows = s.inner
	}
	fr.plan.backend.pool.run(s, fr, (rows+s.chunk-1)/s.chunk)
	return nil
}

func (s *reduceStep) part(fr *frame, _, i int) {
	x, y := fr.f32(s.src, s.outer*s.middle*s.inner), fr.f32(s.dst, s.outer*s.inner)
	from, to := i*s.chunk, (i+1)*s.chunk
	if s.outer == 1 && s.inner >= 64 {
		s.columns(y, x, from, min(to, s.inner))
		return
	}
	for o := from; o < min(to, s.outer); o++ {
		box := x[o*s.middle*s.inner : (o+1)*s.middle*s.inner]
		if s.inner == 1 {
			y[o] = s.row(box)
		} else {
			s.columns(y[o*s.inner:(o+1)*s.inner], box, 0, s.inner)
		}
	}
}

// columns reduces the rows of a box of middle × inner elements, for some of its columns.
func (s *reduceStep) columns(y, x []float32, from, to int) {
	copy(y[from:to], x[from:to])
	for m := 1; m < s.middle; m++ {
		row := x[m*s.inner+from : m*s.inner+to]
		acc := y[from:to]
		switch s.op {
		case compute.OpTypeReduceSum:
			addTo(acc, row)
		case compute.OpTypeReduceMax:
			for i, v := range row {
				acc[i] = max(acc[i], v)
			}
		default:
			for i, v := range row {
				acc[i] = min(acc[i], v)
			}
		}
	}
}

// row reduces x to one number. Sums go by blocks, each summed in order, so that the error grows with the
// root of the length rather than with the length.
func (s *reduceStep) row(x []float32) float32 {
	switch s.op {
	case compute.OpTypeReduceSum:
		var total float64
		for len(x) > 0 {
			k := min(len(x), 512)
			total += float64(sum(x[:k]))
			x = x[k:]
		}
		return float32(total)
	case compute.OpTypeReduceMax:
		m := x[0]
		for _, v := range x {
			m = max(m, v)
		}
		return m
	}
	m := x[0]
	for _, v := range x {
		m = min(m, v)
	}
	return m
}

func addTo(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

func sum(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(x) >= 4 {
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
		x = x[4:]
	}
	for _, v := range x {
		s0 += v
	}
	return s0 + s1 + s2 + s3
}
