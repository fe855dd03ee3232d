package cpu

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"unsafe"

	"github.com/gomlx/compute"
)

// moveStep puts elements of an operand elsewhere: element (i₀, i₁, …) of a box lies at from + Σ iₖ·in[k] and goes
// to to + Σ iₖ·out[k], in elements. Transposes, slices, paddings, reversals and concatenations are such
// boxes.
type moveStep struct {
	dst, src int // slots
	to, from int
	dims     []int
	in, out  []int
	size     int // bytes an element
	fill     int // slot of the element that fills the result first, −1 for none
	n        int // elements of the result
	chunk    int // rows of the outermost axis that a part takes
}

// move adds the step. Axes that lie alike on both sides are walked as one.
func (pl *planner) move(s moveStep) {
	var dims, in, out []int
	for k, d := range s.dims {
		if d == 1 {
			continue
		}
		if j := len(dims) - 1; j >= 0 && in[j] == d*s.in[k] && out[j] == d*s.out[k] {
			dims[j], in[j], out[j] = dims[j]*d, s.in[k], s.out[k]
			continue
		}
		dims, in, out = append(dims, d), append(in, s.in[k]), append(out, s.out[k])
	}
	if len(dims) == 0 {
		dims, in, out = []int{1}, []int{1}, []int{1}
	}
	s.dims, s.in, s.out = dims, in, out
	total := 1
	for _, d := range dims {
		total *= d
	}
	parts := 1
	if total*s.size > 1<<16 {
		parts = min(dims[0], 4*pl.backend.pool.size())
	}
	s.chunk = max(1, (dims[0]+parts-1)/max(parts, 1))
	pl.add(&s)
}

func (s *moveStep) run(fr *frame) error {
	if s.fill >= 0 && s.n > 0 {
		splat(fr.mem[s.dst], fr.mem[s.fill], s.size, s.n)
	}
	if slices.Contains(s.dims, 0) {
		return nil
	}
	fr.plan.backend.pool.run(s, fr, (s.dims[0]+s.chunk-1)/s.chunk)
	return nil
}

func (s *moveStep) part(fr *frame, _, i int) {
	from, to := i*s.chunk, min((i+1)*s.chunk, s.dims[0])
	for r := from; r < to; r++ {
		src := unsafe.Add(fr.mem[s.src], (s.from+r*s.in[0])*s.size)
		dst := unsafe.Add(fr.mem[s.dst], (s.to+r*s.out[0])*s.size)
		s.box(dst, src, 1)
	}
}

func (s *moveStep) box(dst, src unsafe.Pointer, axis int) {
	if axis == len(s.dims) {
		copy(unsafe.Slice((*byte)(dst), s.size), unsafe.Slice((*byte)(src), s.size))
		return
	}
	d, in, out := s.dims[axis], s.in[axis]*s.size, s.out[axis]*s.size
	if axis < len(s.dims)-1 {
		for range d {
			s.box(dst, src, axis+1)
			dst, src = unsafe.Add(dst, out), unsafe.Add(src, in)
		}
		return
	}
	switch {
	case in == s.size && out == s.size:
		copy(unsafe.Slice((*byte)(dst), d*s.size), unsafe.Slice((*byte)(src), d*s.size))
	case s.size == 4:
		strided[uint32](dst, src, d, out, in)
	case s.size == 1:
		strided[uint8](dst, src, d, out, in)
	case s.size == 8:
		strided[uint64](dst, src, d, out, in)
	default:
		for range d {
			copy(unsafe.Slice((*byte)(dst), s.size), unsafe.Slice((*byte)(src), s.size))
			dst, src = unsafe.Add(dst, out), unsafe.Add(src, in)
		}
	}
}

func strided[T any](dst, src unsafe.Pointer, n, out, in int) {
	for i := range n {
		*(*T)(unsafe.Add(dst, i*out)) = *(*T)(unsafe.Add(src, i*in))
	}
}

// rowMajor are the strides of a shape, in elements.
func rowMajor(dims []int) []int {
	strides := make([]int, len(dims))
	step := 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i] = step
		step *= dims[i]
	}
	return strides
}

func emitTranspose(pl *planner, n *node) bool {
	v, perm := n.out[0], n.attrs[0].([]int)
	if !wide(v.shape.DType) {
		return false
	}
	from := rowMajor(n.in[0].shape.Dimensions)
	in := make([]int, len(perm))
	for i, p := range perm {
		in[i] = from[p]
	}
	src := pl.slot(n.in[0])
	pl.move(moveStep{dst: pl.slot(v), src: src, dims: v.shape.Dimensions, in: in, out: rowMajor(v.shape.Dimensions), size: v.shape.DType.Size(), fill: -1})
	return true
}

func emitReverse(pl *planner, n *node) bool {
	v := n.out[0]
	if !wide(v.shape.DType) {
		return false
	}
	in, from := rowMajor(v.shape.Dimensions), 0
	for _, axis := range n.attrs[0].([]int) {
		from += (v.shape.Dimensions[axis] - 1) * in[axis]
		in[axis] = -in[axis]
	}
	src := pl.slot(n.in[0])
	pl.move(moveStep{dst: pl.slot(v), src: src, from: max(from, 0), dims: v.shape.Dimensions, in: in, out: rowMajor(v.shape.Dimensions), size: v.shape.DType.Size(), fill: -1})
	return true
}

func emitSlice(pl *planner, n *node) bool {
	v := n.out[0]
	if !wide(v.shape.DType) {
		return false
	}
	starts, strides := n.attrs[0].([]int), n.attrs[2].([]int)
	in, from := rowMajor(n.in[0].shape.Dimensions), 0
	for k := range in {
		from += starts[k] * in[k]
		if strides != nil {
			in[k] *= strides[k]
		}
	}
	src := pl.slot(n.in[0])
	pl.move(moveStep{dst: pl.slot(v), src: src, from: from, dims: v.shape.Dimensions, in: in, out: rowMajor(v.shape.Dimensions), size: v.shape.DType.Size(), fill: -1})
	return true
}

func emitPad(pl *planner, n *node) bool {
	v, axes := n.out[0], n.attrs[0].([]compute.PadAxis)
	if !wide(v.shape.DType) {
		return false
	}
	dims, in, out := slices.Clone(n.in[0].shape.Dimensions), rowMajor(n.in[0].shape.Dimensions), rowMajor(v.shape.Dimensions)
	to, from := 0, 0
	for k, a := range axes {
		if a.Start < 0 || a.End < 0 {
			return false
		}
		to += a.Start * out[k]
		out[k] *= a.Interior + 1
	}
	src, fill := pl.slot(n.in[0]), pl.slot(n.in[1])
	pl.move(moveStep{dst: pl.slot(v), src: src, to: to, from: from, dims: dims, in: in, out: out, size: v.shape.DType.Size(), fill: fill, n: v.shape.Size()})
	return true
}

func emitConcatenate(pl *planner, n *node) bool {
	v, axis := n.out[0], n.attrs[0].(int)
	if !wide(v.shape.DType) {
		return false
	}
	at := 0
	for _, x := range n.in {
		src := pl.slot(x)
		out := rowMajor(v.shape.Dimensions)
		dst := pl.slot(v) // in use until the last operand is in
		pl.move(moveStep{dst: dst, src: src, to: at * out[axis], dims: x.shape.Dimensions, in: rowMajor(x.shape.Dimensions), out: out, size: v.shape.DType.Size(), fill: -1})
		at += x.shape.Dimensions[axis]
	}
	return true
}

// rngStep draws random bits as the stock backend does, so that a seed means the same on both.
type rngStep struct{ state, newState, bits, bytes int }

func emitRNG(pl *planner, n *node) bool {
	if !wide(n.out[1].shape.DType) {
		return false
	}
	st := pl.slot(n.in[0])
	pl.add(&rngStep{st, pl.slot(n.out[0]), pl.slot(n.out[1]), int(n.out[1].shape.ByteSize())})
	return true
}

func (s *rngStep) run(fr *frame) error {
	state := view[uint64](fr.mem[s.state], 3)
	out := view[uint64](fr.mem[s.newState], 3)
	copy(out, state)
	rng := rand.NewPCG(state[0], state[1])
	bits := view[byte](fr.mem[s.bits], s.bytes)
	for len(bits) >= 8 {
		binary.LittleEndian.PutUint64(bits, rng.Uint64())
		bits = bits[8:]
	}
	if len(bits) > 0 {
		var last [8]byte
		binary.LittleEndian.PutUint64(last[:], rng.Uint64())
		copy(bits, last[:])
	}
	after, err := rng.MarshalBinary()
	if err != nil {
		return err
	}
	// "pcg:", then the two halves of the state. The stock backend reads them as little-endian.
	out[0], out[1] = binary.LittleEndian.Uint64(after[4:]), binary.LittleEndian.Uint64(after[12:])
	return nil
}
