package cpu

import (
	"slices"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// adamStep updates weights and their two moments by a gradient: see [kernel.Adam].
type adamStep struct {
	n, chunk              int
	w, m, v               int // slots before
	wNew, mNew, vNew      int // and after
	g, alpha              int
	rate1, rate2, epsilon float32
}

// emitAdam makes one step of a group that is Adam's update, written
//
//	m' = m + (g − m)·rate₁, v' = v + (g·g − v)·rate₂, w' = w − m'·α / (√v' + ε)
func (pl *planner) emitAdam(gr *group) bool {
	if len(gr.members) != 12 || gr.root.out[0].shape.DType != dtypes.Float32 {
		return false
	}
	// op is the operands of v if it is that operation's result, and else nil.
	op := func(v *value, op compute.OpType) (a, b *value) {
		if v == nil || v.node.op != op || pl.groups[v.node] != gr {
			return nil, nil
		}
		if len(v.node.in) == 1 {
			return v.node.in[0], nil
		}
		return v.node.in[0], v.node.in[1]
	}
	// moment takes x + (to − x)·rate apart.
	moment := func(v *value) (x, to *value, rate float32, ok bool) {
		x, scaled := op(v, compute.OpTypeAdd)
		off, r := op(scaled, compute.OpTypeMul)
		to, same := op(off, compute.OpTypeSub)
		if same == nil || same != x {
			return nil, nil, 0, false
		}
		rate, ok = scalar(r)
		return x, to, rate, ok
	}
	w, step := op(gr.root.out[0], compute.OpTypeSub)
	scaled, below := op(step, compute.OpTypeDiv)
	mNew, alpha := op(scaled, compute.OpTypeMul)
	root, eps := op(below, compute.OpTypeAdd)
	vNew, _ := op(root, compute.OpTypeSqrt)
	m, g, rate1, ok1 := moment(mNew)
	v, square, rate2, ok2 := moment(vNew)
	g1, g2 := op(square, compute.OpTypeMul)
	if !ok1 || !ok2 || g1 != g || g2 != g || alpha.shape.Size() != 1 {
		return false
	}
	epsilon, ok := scalar(eps)
	for _, n := range gr.members { // nothing else that somebody wants
		x := n.out[0]
		ok = ok && (x == gr.root.out[0] || x == mNew || x == vNew || !slices.Contains(pl.outputs, x))
	}
	for _, x := range []*value{w, m, v, g} {
		ok = ok && x.shape.Equal(w.shape) && x.node.op != compute.OpTypeBroadcastInDim
	}
	if !ok {
		return false
	}
	s := &adamStep{n: w.shape.Size(), rate1: rate1, rate2: rate2, epsilon: epsilon}
	s.w, s.m, s.v, s.g, s.alpha = pl.slot(w), pl.slot(m), pl.slot(v), pl.slot(g), pl.slot(alpha)
	s.wNew, s.mNew, s.vNew = pl.slot(gr.root.out[0]), pl.slot(mNew), pl.slot(vNew)
	s.chunk = (s.n/(4*pl.backend.pool.size())/blockLen + 1) * blockLen
	pl.add(s)
	return true
}

// inPlace tells whether the slot out may be written where the slot in lies.
func (s *adamStep) inPlace(in, out int) bool {
	return in == s.w && out == s.wNew || in == s.m && out == s.mNew || in == s.v && out == s.vNew
}

func (s *adamStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, (s.n+s.chunk-1)/s.chunk)
	return nil
}

func (s *adamStep) part(fr *frame, _, i int) {
	from, n := i*s.chunk, min(s.chunk, s.n-i*s.chunk)
	// updated is the part of the result, with what was there before.
	updated := func(to, before int) []float32 {
		dst, src := unsafe.Add(fr.mem[to], 4*from), unsafe.Add(fr.mem[before], 4*from)
		if dst != src {
			copy(view[float32](dst, n), view[float32](src, n))
		}
		return view[float32](dst, n)
	}
	kernel.Adam(updated(s.wNew, s.w), updated(s.mNew, s.m), updated(s.vNew, s.v), fr.tail(s.g, from)[:n],
		fr.tail(s.alpha, 0)[0], s.rate1, s.rate2, s.epsilon)
}
