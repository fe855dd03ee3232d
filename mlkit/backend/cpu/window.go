package cpu

import (
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// windowed is what pooling and its gradient have in common: windows that slide over all axes but the last,
// along which neighbours in memory are treated alike.
type windowed struct {
	in, out  []int // dimensions without the last axis
	vec      int   // the last axis
	window   [][]int
	offsets  []int // of the window's places in the operand, in vectors
	strides  []int
	pads     []int // at the start
	inside   bool  // no window reaches over the rim
	inStride []int // in vectors
	rows     int   // windows
	chunk    int   // windows a part
	// quads tells that the windows are those of the usual pooling, 2×2 side by side on [batch, height, width]:
	// there are kernels for whole rows of them.
	quads bool
}

func ones(n int) []int {
	o := make([]int, n)
	for i := range o {
		o[i] = 1
	}
	return o
}

func newWindowed(in, out, window, strides []int, pads [][2]int) *windowed {
	in, out = append([]int{}, in...), append([]int{}, out...)
	if strides == nil {
		strides = window
	}
	if pads == nil {
		pads = make([][2]int, len(in))
	}
	last := len(in) - 1
	w := &windowed{vec: 1}
	if last >= 0 && window[last] == 1 && strides[last] == 1 && pads[last] == [2]int{} {
		w.vec = in[last]
		in, out, window, strides, pads = in[:last], out[:last], window[:last], strides[:last], pads[:last]
	}
	w.in, w.out, w.strides, w.inStride, w.inside = in, out, strides, rowMajor(in), true
	w.rows = product(out)
	places := product(window)
	for p := range places {
		place, offset, rest := make([]int, len(window)), 0, p
		for k := len(window) - 1; k >= 0; k-- {
			place[k] = rest % window[k]
			rest /= window[k]
			offset += place[k] * w.inStride[k]
		}
		w.window, w.offsets = append(w.window, place), append(w.offsets, offset)
	}
	for k, p := range pads {
		w.pads = append(w.pads, p[0])
		w.inside = w.inside && p[0] == 0 && (out[k]-1)*strides[k]+window[k] <= in[k]
	}
	pairs := []int{1, 2, 2}
	w.quads = w.inside && slices.Equal(window, pairs) && slices.Equal(strides, pairs)
	return w
}

// cut shares the windows out so that those of one part lie in images of their own where overlap may not be shared.
func (w *windowed) cut(pl *planner, whole bool) {
	parts := 1
	if w.rows*w.vec > 1<<12 {
		parts = 4 * pl.backend.pool.size()
	}
	w.chunk = (w.rows + parts - 1) / parts
	if whole && len(w.out) > 0 {
		per := w.rows / max(1, w.out[0])
		w.chunk = max(1, (w.chunk+per-1)/max(per, 1)) * per
	}
	if w.quads {
		w.chunk = (w.chunk + w.out[2] - 1) / w.out[2] * w.out[2]
	}
	w.chunk = max(w.chunk, 1)
}

// pair is where the two rows of the operand lie that row r of quads reads, in elements, and how long they are.
func (w *windowed) pair(r int) (a, b, n int) {
	n = w.in[2] * w.vec
	a = (r/w.out[1]*w.in[1] + r%w.out[1]*2) * n
	return a, a + n, n
}

func (w *windowed) count() int { return (w.rows + w.chunk - 1) / w.chunk }

// at is where window r begins in the operand, in vectors. index takes the place along each axis.
func (w *windowed) at(r int, index *[16]int) int {
	base := 0
	for k := len(w.out) - 1; k >= 0; k-- {
		index[k] = r%w.out[k]*w.strides[k] - w.pads[k]
		r /= w.out[k]
		base += index[k] * w.inStride[k]
	}
	return base
}

// has tells whether place p of a window is in the operand.
func (w *windowed) has(p int, index *[16]int) bool {
	if w.inside {
		return true
	}
	for k, o := range w.window[p] {
		if i := index[k] + o; i < 0 || i >= w.in[k] {
			return false
		}
	}
	return true
}

// poolStep reduces each window to its sum, maximum or minimum.
type poolStep struct {
	*windowed
	op       compute.ReduceOpType
	src, dst int
}

func all1(list []int) bool {
	for _, v := range list {
		if v > 1 {
			return false
		}
	}
	return true
}

func emitReduceWindow(pl *planner, n *node) bool {
	x, v := n.in[0], n.out[0]
	op := n.attrs[0].(compute.ReduceOpType)
	window, strides := n.attrs[1].([]int), n.attrs[2].([]int)
	if x.shape.DType != dtypes.Float32 || x.shape.Rank() > 15 || !all1(n.attrs[3].([]int)) || !all1(n.attrs[4].([]int)) || op == compute.ReduceOpProduct || v.shape.Size() == 0 {
		return false
	}
	if window == nil {
		window = ones(x.shape.Rank())
	}
	w := newWindowed(x.shape.Dimensions, v.shape.Dimensions, window, strides, n.attrs[5].([][2]int))
	w.cut(pl, false)
	pl.add(&poolStep{windowed: w, op: op, src: pl.slot(x), dst: pl.slot(v)})
	return true
}

func (s *poolStep) run(fr *frame) error {
	fr.plan.backend.pool.run(s, fr, s.count())
	return nil
}

func (s *poolStep) part(fr *frame, _, i int) {
	x, y := fr.f32(s.src, product(s.in)*s.vec), fr.f32(s.dst, s.rows*s.vec)
	if s.quads && s.op == compute.ReduceOpMax {
		for r := i * s.chunk / s.out[2]; r < min((i+1)*s.chunk, s.rows)/s.out[2]; r++ {
			a, b, n := s.pair(r)
			m := s.out[2] * s.vec
			kernel.MaxPool2x2(y[r*m:(r+1)*m], x[a:a+n], x[b:b+n], s.out[2], s.vec)
		}
		return
	}
	var index [16]int
	for r := i * s.chunk; r < min((i+1)*s.chunk, s.rows); r++ {
		base, acc, first := s.at(r, &index), y[r*s.vec:(r+1)*s.vec], true
		for p, o := range s.offsets {
			if !s.has(p, &index) {
				continue
			}
			v := x[(base+o)*s.vec : (base+o+1)*s.vec]
			switch {
			case first:
				copy(acc, v)
				first = false
			case s.op == compute.ReduceOpSum:
				kernel.Add(acc, acc, v)
			case s.op == compute.ReduceOpMax:
				kernel.Max(acc, acc, v)
			default:
				kernel.Min(acc, acc, v)
			}
		}
		if first {
			empty := map[compute.ReduceOpType]float32{compute.ReduceOpMax: float32(math.Inf(-1)), compute.ReduceOpMin: float32(math.Inf(1))}[s.op]
			for k := range acc {
				acc[k] = empty
			}
		}
	}
}

// scatterStep adds each number of the source to the place of the largest one of its window, the first where
// several are.
type scatterStep struct {
	*windowed
	x, src, dst int
	size        int
}

func emitSelectAndScatter(pl *planner, n *node) bool {
	x, src := n.in[0], n.in[1]
	window, strides := n.attrs[0].([]int), n.attrs[1].([]int)
	if x.shape.DType != dtypes.Float32 || x.shape.Rank() > 15 || x.shape.Rank() < 2 || src.shape.Size() == 0 {
		return false
	}
	if window == nil {
		window = ones(x.shape.Rank())
	}
	// Windows of different images never meet, so the images can be shared out.
	if window[0] != 1 || strides != nil && strides[0] != 1 {
		return false
	}
	w := newWindowed(x.shape.Dimensions, src.shape.Dimensions, window, strides, n.attrs[2].([][2]int))
	if len(w.out) == 0 {
		return false
	}
	w.cut(pl, true)
	pl.add(&scatterStep{windowed: w, x: pl.slot(x), src: pl.slot(src), dst: pl.slot(n.out[0]), size: x.shape.Size()})
	return true
}

func (s *scatterStep) run(fr *frame) error {
	if !s.quads { // they set all elements
		clear(fr.f32(s.dst, s.size))
	}
	fr.plan.backend.pool.run(s, fr, s.count())
	return nil
}

func (s *scatterStep) part(fr *frame, _, i int) {
	x, src, dst := fr.f32(s.x, s.size), fr.f32(s.src, s.rows*s.vec), fr.f32(s.dst, s.size)
	if s.quads {
		for r := i * s.chunk / s.out[2]; r < min((i+1)*s.chunk, s.rows)/s.out[2]; r++ {
			a, b, n := s.pair(r)
			m := s.out[2] * s.vec
			kernel.MaxPool2x2Grad(dst[a:a+n], dst[b:b+n], x[a:a+n], x[b:b+n], src[r*m:(r+1)*m], s.out[2], s.vec)
			// An odd column and row are in no window.
			clear(dst[a+2*m : a+n])
			clear(dst[b+2*m : b+n])
			if (r+1)%s.out[1] == 0 {
				clear(dst[b+n : (r/s.out[1]+1)*s.in[1]*n])
			}
		}
		return
	}
	var index [16]int
	offsets := make([]int32, 0, len(s.offsets))
	for r := i * s.chunk; r < min((i+1)*s.chunk, s.rows); r++ {
		base := s.at(r, &index)
		offsets = offsets[:0]
		for p, o := range s.offsets {
			if s.has(p, &index) {
				offsets = append(offsets, int32((base+o)*s.vec))
			}
		}
		if len(offsets) > 0 {
			kernel.MaxWindowGrad(dst, x, src[r*s.vec:(r+1)*s.vec], offsets)
		}
	}
}
