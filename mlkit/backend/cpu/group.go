package cpu

import (
	"slices"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// A group is a tree of element-wise operations that one step computes, a block of elements at a time, so
// that what lies between them never leaves the cache.
type group struct {
	root    *node
	members []*node // operands first
}

// group finds the groups: an operation joins the one group that all its results go to.
func (g *graph) group() {
	g.groups = map[*node]*group{}
	consumers := map[*value][]*node{}
	for _, n := range g.nodes {
		for _, v := range n.in {
			if v != nil {
				consumers[v] = append(consumers[v], n)
			}
		}
	}
	for _, n := range slices.Backward(g.nodes) {
		if elementwise(n) == nil {
			continue
		}
		var home *group
		joins := len(consumers[n.out[0]]) > 0
		for _, c := range consumers[n.out[0]] {
			h := g.groups[c]
			if h == nil || home != nil && h != home || !slices.Equal(h.root.out[0].shape.Dimensions, n.out[0].shape.Dimensions) {
				joins = false
				break
			}
			home = h
		}
		if !joins || len(home.members) >= maxMembers {
			home = &group{root: n}
		}
		home.members = append(home.members, n)
		g.groups[n] = home
	}
	for n, h := range g.groups {
		if n == h.root {
			slices.Reverse(h.members)
		}
	}
}

const (
	// maxMembers keeps a group's registers in the second-level cache.
	maxMembers = 48
	// blockLen is how many elements a group computes at a time.
	blockLen = 1024
)

// An operand of a group's instruction: a register, or a value in memory.
type operand struct {
	reg  int // −1: in memory
	slot int
	// How the memory is walked, in elements: run elements of stride 0 or 1 at a time, and then along dims
	// from the innermost on. Nil dims: the elements lie as the results do.
	dims, strides []int
	size          int // bytes an element
	scalar        bool
}

type instruction struct {
	kernel vector
	in     [3]int // places in the operand table; −1 for none
	reg    int    // the register that takes the result, −1 if none does
	slot   int    // the slot that takes the result, −1 if none does
	size   int    // bytes an element of the result
}

// groupStep computes a group.
type groupStep struct {
	n        int // elements
	operands []operand
	code     []instruction
	regs     int
	chunk    int // elements a part
}

// emitGroup makes the step of a group at its root.
func (pl *planner) emitGroup(gr *group) {
	if pl.emitAdam(gr) {
		return
	}
	shape := gr.root.out[0].shape
	st := &groupStep{n: shape.Size()}
	inside := map[*value]int{} // the operand that an earlier instruction's result is
	known := map[*value]int{}
	operandOf := func(v *value) int {
		if i, ok := inside[v]; ok {
			return i
		}
		if i, ok := known[v]; ok {
			return i
		}
		o := operand{reg: -1, size: v.shape.DType.Size()}
		src, dims := v, v.shape.Dimensions
		if v.node.op == compute.OpTypeBroadcastInDim {
			if _, ok := pl.slots[v]; !ok {
				src = v.node.in[0]
			}
		}
		o.slot = pl.slot(src)
		switch {
		case src.shape.Size() == 1:
			o.scalar = true
		case src != v:
			axes := v.node.attrs[1].([]int)
			o.dims, o.strides = broadcastStrides(src.shape.Dimensions, axes, shape.Dimensions)
		case !slices.Equal(dims, shape.Dimensions):
			o.dims, o.strides = broadcastStrides(dims, nil, shape.Dimensions)
		}
		st.operands = append(st.operands, o)
		known[v] = len(st.operands) - 1
		return len(st.operands) - 1
	}
	left := map[*value]int{} // uses inside the group that are still to come
	for _, n := range gr.members {
		for _, v := range n.in {
			left[v]++
		}
	}
	var free []int
	for _, n := range gr.members {
		ins := instruction{kernel: elementwise(n), in: [3]int{-1, -1, -1}, reg: -1, slot: -1, size: n.out[0].shape.DType.Size()}
		for i, v := range n.in {
			ins.in[i] = operandOf(v)
		}
		for _, v := range n.in {
			left[v]--
		}
		v := n.out[0]
		if slices.Contains(pl.outputs, v) || n == gr.root {
			ins.slot = pl.slot(v)
			if left[v] > 0 {
				// Later instructions read it back from where it went.
				st.operands = append(st.operands, operand{reg: -1, slot: ins.slot, size: ins.size})
				inside[v] = len(st.operands) - 1
			}
		} else {
			if len(free) == 0 {
				free = append(free, st.regs)
				st.regs++
			}
			ins.reg, free = free[len(free)-1], free[:len(free)-1]
			st.operands = append(st.operands, operand{reg: ins.reg, slot: -1, size: ins.size})
			inside[v] = len(st.operands) - 1
		}
		st.code = append(st.code, ins)
		// Freed only now: a result whose elements are wider than the operand's must not lie on it.
		for i, v := range n.in {
			if r := st.operands[ins.in[i]].reg; left[v] == 0 && r >= 0 && !slices.Contains(free, r) {
				free = append(free, r)
			}
		}
	}
	// Operands that are not laid out as the results are have a register each, to be gathered into.
	for i := range st.operands {
		if o := &st.operands[i]; o.reg < 0 && (o.scalar || o.dims != nil) {
			o.reg = st.regs
			st.regs++
		}
	}
	st.chunk = (st.n/(4*pl.backend.pool.size())/blockLen + 1) * blockLen
	pl.scratch(st.regs * blockLen * 8)
	pl.add(st)
}

// broadcastStrides is how an operand is walked to give the elements of the shape "to": axes says which axis of
// "to" each of its own is, nil where they are the last ones. Neighbouring axes that are walked alike
// become one.
func broadcastStrides(from, axes, to []int) (dims, strides []int) {
	own := make([]int, len(to))
	step := 1
	for i := len(from) - 1; i >= 0; i-- {
		axis := len(to) - len(from) + i
		if axes != nil {
			axis = axes[i]
		}
		if from[i] != 1 {
			own[axis] = step
		}
		step *= from[i]
	}
	for i := len(to) - 1; i >= 0; i-- {
		if to[i] == 1 {
			continue
		}
		if k := len(dims) - 1; k >= 0 && (own[i] == 0 && strides[k] == 0 || own[i] != 0 && strides[k] != 0 && own[i] == strides[k]*dims[k]) {
			dims[k] *= to[i]
			continue
		}
		dims, strides = append(dims, to[i]), append(strides, own[i])
	}
	return dims, strides // innermost first
}

// inPlace tells whether slot out may be written where slot in lies: in is read where the results lie, element
// for element of the same size, and by no instruction after the one that writes out.
func (s *groupStep) inPlace(in, out int) bool {
	written, size := -1, 0
	for k, c := range s.code {
		if c.slot == out {
			written, size = k, c.size
		}
	}
	for k, c := range s.code {
		for _, p := range c.in {
			if p < 0 || s.operands[p].slot != in {
				continue
			}
			if o := s.operands[p]; o.dims != nil || o.scalar || o.size != size || k > written {
				return false
			}
		}
	}
	return written >= 0
}

func (s *groupStep) run(fr *frame) error {
	if s.n > 0 {
		fr.plan.backend.pool.run(s, fr, (s.n+s.chunk-1)/s.chunk)
	}
	return nil
}

func (s *groupStep) part(fr *frame, w, i int) {
	from, to := i*s.chunk, min((i+1)*s.chunk, s.n)
	var regs unsafe.Pointer
	if s.regs > 0 {
		regs = unsafe.Pointer(&fr.scratch[w][0])
	}
	reg := func(r int) unsafe.Pointer { return unsafe.Add(regs, r*blockLen*8) }
	for k := range s.operands {
		if o := &s.operands[k]; o.scalar {
			splat(reg(o.reg), fr.mem[o.slot], o.size, min(blockLen, to-from))
		}
	}
	for at := from; at < to; at += blockLen {
		n := min(blockLen, to-at)
		for k := range s.operands {
			if o := &s.operands[k]; o.dims != nil {
				o.gather(reg(o.reg), fr.mem[o.slot], at, n)
			}
		}
		for k := range s.code {
			c := &s.code[k]
			var in [3]unsafe.Pointer
			for j, p := range c.in {
				if p < 0 {
					break
				}
				if o := &s.operands[p]; o.reg >= 0 {
					in[j] = reg(o.reg)
				} else {
					in[j] = unsafe.Add(fr.mem[o.slot], at*o.size)
				}
			}
			dst := unsafe.Pointer(nil)
			if c.slot >= 0 {
				dst = unsafe.Add(fr.mem[c.slot], at*c.size)
			} else {
				dst = reg(c.reg)
			}
			c.kernel(dst, in[0], in[1], in[2], n)
		}
	}
}

// splat fills n elements with one.
func splat(dst, src unsafe.Pointer, size, n int) {
	to, from := unsafe.Slice((*byte)(dst), size*n), unsafe.Slice((*byte)(src), size)
	copy(to, from)
	for k := size; k < len(to); k *= 2 {
		copy(to[k:], to[:k])
	}
}

// gather puts the n elements from "at" on, as the results count them, side by side.
func (o *operand) gather(dst, src unsafe.Pointer, at, n int) {
	var index [16]int
	offset, rest := 0, at
	for k, d := range o.dims {
		index[k] = rest % d
		rest /= d
		offset += index[k] * o.strides[k]
	}
	inner := o.strides[0]
	for done := 0; done < n; {
		run := min(o.dims[0]-index[0], n-done)
		to := unsafe.Add(dst, done*o.size)
		switch {
		case inner == 1:
			copy(unsafe.Slice((*byte)(to), run*o.size), unsafe.Slice((*byte)(unsafe.Add(src, offset*o.size)), run*o.size))
		case inner == 0:
			splat(to, unsafe.Add(src, offset*o.size), o.size, run)
		default:
			for r := range run {
				copy(unsafe.Slice((*byte)(unsafe.Add(to, r*o.size)), o.size), unsafe.Slice((*byte)(unsafe.Add(src, (offset+r*inner)*o.size)), o.size))
			}
		}
		done += run
		offset -= index[0] * inner
		index[0] = 0
		for k := 1; k < len(o.dims); k++ {
			index[k]++
			offset += o.strides[k]
			if index[k] < o.dims[k] {
				break
			}
			offset -= index[k] * o.strides[k]
			index[k] = 0
		}
	}
}

// materialize makes the elements of a broadcast, for whoever cannot walk it in place.
func (pl *planner) materialize(v *value) {
	if v == nil || v.node.op != compute.OpTypeBroadcastInDim {
		return
	}
	if _, ok := pl.slots[v]; ok {
		return
	}
	src := v.node.in[0]
	pl.materialize(src)
	size := v.shape.DType.Size()
	from := pl.slot(src)
	st := &groupStep{n: v.shape.Size(), chunk: max(blockLen, v.shape.Size()), regs: 1}
	o := operand{reg: 0, slot: from, size: size}
	if src.shape.Size() == 1 {
		o.scalar = true
	} else {
		o.dims, o.strides = broadcastStrides(src.shape.Dimensions, v.node.attrs[1].([]int), v.shape.Dimensions)
	}
	st.operands = []operand{o}
	st.code = []instruction{{kernel: mover(size), in: [3]int{0, -1, -1}, reg: -1, slot: pl.slot(v), size: size}}
	pl.scratch(blockLen * 8)
	pl.add(st)
}

// mover copies elements of a size.
func mover(size int) vector {
	return func(dst, a, _, _ unsafe.Pointer, n int) {
		copy(unsafe.Slice((*byte)(dst), n*size), unsafe.Slice((*byte)(a), n*size))
	}
}

// wide tells whether values of a type are kept in buffers an element each, of at most 8 bytes.
func wide(d dtypes.DType) bool { return !d.IsPacked() && d.Size() > 0 && d.Size() <= 8 }
