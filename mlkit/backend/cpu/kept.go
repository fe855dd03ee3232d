package cpu

import (
	"cmp"
	"slices"
	"sync/atomic"
	"unsafe"
)

// keepPacked bounds the packed weights that a backend keeps from one execution to the next, in bytes.
const keepPacked = 192 << 20

// contents numbers the contents of buffers: two buffers with the same number, not 0, hold the same.
var contents atomic.Uint64

// constantContent is the number of what never changes.
var constantContent = contents.Add(1)

// A keeper keeps what a step makes of an input or a constant, weights in the form that a kernel takes, while these
// stay the same. It begins with the second execution that sees them: a step of training, whose weights are others
// every time, keeps nothing.
type keeper struct {
	index int // in the plan's list
	from  int // slot of the weights
	slot  int // what is kept, or nil while nothing is
	input int // of the plan, −1 for a constant

	// The plan's mutex guards these.
	content uint64 // that the last execution saw
	memory  []byte // made of it, or nil
}

// fresh is memory for what is to be kept, and the content that it is made of.
type fresh struct {
	content uint64
	memory  []byte
}

// packed is the slot of what a step has packed: a keeper's where there is one and it keeps, or else the one given.
func (fr *frame) packed(k *keeper, otherwise int) int {
	if k != nil && fr.mem[k.slot] != nil {
		return k.slot
	}
	return otherwise
}

// kept tells whether nothing is to be packed any more.
func (fr *frame) kept(k *keeper) bool {
	return k != nil && fr.mem[k.slot] != nil && fr.fresh[k.index].memory == nil
}

// keep makes a keeper of so many bytes that are made of a slot. It is nil where that is no input or constant.
func (pl *planner) keep(from, bytes int) *keeper {
	k := &keeper{from: from, input: -1}
	switch s := pl.p.slots[from]; s.kind {
	case isInput:
		k.input = s.at
	case isConstant:
	default:
		return nil
	}
	k.slot = pl.newSlot(slot{kind: isKept, size: bytes})
	pl.p.keepers = append(pl.p.keepers, k)
	return k
}

// sortKeepers puts those first that save most work for their memory: what is little more than the weights themselves.
func (pl *planner) sortKeepers() {
	growth := func(k *keeper) float64 { return float64(pl.p.slots[k.slot].size) / float64(pl.p.slots[k.from].size) }
	slices.SortStableFunc(pl.p.keepers, func(a, b *keeper) int { return cmp.Compare(growth(a), growth(b)) })
	for i, k := range pl.p.keepers {
		k.index = i
	}
}

// lookUp finds what is kept of the inputs, or memory for what is to be kept. The plan's mutex is held.
func (k *keeper) lookUp(fr *frame) {
	content := constantContent
	if k.input >= 0 {
		content = atomic.LoadUint64(&fr.in[k.input].content)
	}
	if k.content != content {
		k.drop(fr.plan.backend)
		k.content = content
	} else if k.memory == nil && content != 0 {
		fr.fresh[k.index] = fresh{content, fr.plan.backend.newPacked(fr.plan.slots[k.slot].size)}
	}
	memory := k.memory
	if memory == nil {
		memory = fr.fresh[k.index].memory
	}
	fr.mem[k.slot] = nil
	if memory != nil {
		fr.mem[k.slot] = unsafe.Pointer(&memory[0])
	}
}

// store keeps what an execution has made, if it succeeded and no other one came first. The plan's mutex is held.
func (k *keeper) store(fr *frame, succeeded bool) {
	made := fr.fresh[k.index]
	fr.fresh[k.index], fr.mem[k.slot] = fresh{}, nil
	if succeeded && !fr.plan.closed && k.memory == nil && made.content == k.content {
		k.memory = made.memory
	} else {
		fr.plan.backend.packed.Add(-int64(len(made.memory)))
	}
}

// drop forgets what is kept; executions that still read it hold on to it.
func (k *keeper) drop(b *Backend) {
	b.packed.Add(-int64(len(k.memory)))
	k.memory = nil
}

// newPacked makes memory to keep something in, or returns nil if too much is kept already.
func (b *Backend) newPacked(bytes int) []byte {
	if bytes == 0 {
		return nil
	}
	if b.packed.Add(int64(bytes)) > keepPacked {
		b.packed.Add(-int64(bytes))
		return nil
	}
	return alignedBytes(bytes)
}
