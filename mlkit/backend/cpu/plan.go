package cpu

import (
	"sort"
	"sync"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// A plan is a compiled graph: steps on slots of memory.
type plan struct {
	backend *Backend
	name    string
	names   []string // of the inputs
	inputs  []shapes.Shape
	outputs []shapes.Shape

	slots   []slot
	steps   []step
	params  []int    // the inputs' slots, −1 where one is not used
	outs    []int    // the outputs' slots
	reuse   []int    // the input whose memory an output may take if it is donated, −1 for none
	arena   int      // bytes
	handed  []string // what the stock backend computes
	keepers []*keeper
	// scratch is how many bytes each worker needs besides.
	scratch int

	mu     sync.Mutex
	frames []*frame
	closed bool
}

// A step computes the contents of some slots from others.
type step interface {
	run(fr *frame) error
}

// A slot is where a value lies while the plan runs.
type slot struct {
	kind  slotKind
	size  int // bytes
	at    int // in the arena, or the input's or output's number
	fixed []byte
	// The steps between which the slot is in use.
	first, last int
}

type slotKind uint8

const (
	inArena slotKind = iota
	isConstant
	isInput
	isOutput
	isKept
)

// A frame is what one execution works on.
type frame struct {
	plan    *plan
	mem     []unsafe.Pointer // a slot each
	arena   []byte
	scratch [][]byte  // a worker each
	first   int       // of the tiles that a winogradStep is at
	in      []*Buffer // while the plan runs
	fresh   []fresh   // of each keeper
}

// f32 is a slot's memory as floats.
func (fr *frame) f32(s, n int) []float32 { return unsafe.Slice((*float32)(fr.mem[s]), n) }

// planner lays out the memory while the steps are made.
type planner struct {
	*graph
	p     *plan
	slots map[*value]int
	// touched are the slots that the steps of the node at hand use. They are kept until the last of these.
	touched []int
}

// plan makes the steps.
func (g *graph) plan(names []string) (*plan, error) {
	p := &plan{backend: g.backend, name: g.name, names: names}
	pl := &planner{graph: g, p: p, slots: map[*value]int{}}
	for i, v := range g.params {
		p.inputs = append(p.inputs, v.shape)
		s := -1
		if g.uses[v] > 0 {
			s = pl.newSlot(slot{kind: isInput, at: i, size: int(v.shape.ByteSize())})
			pl.slots[v] = s
		}
		p.params = append(p.params, s)
	}
	for _, n := range g.nodes {
		if err := pl.emit(n); err != nil {
			return nil, errors.WithMessagef(err, "graph %s, %s", g.name, n.op)
		}
		pl.release()
	}
	pl.returnOutputs()
	pl.sortKeepers()
	pl.reuseInputs()
	pl.layout()
	return p, nil
}

func (pl *planner) newSlot(s slot) int {
	s.first, s.last = len(pl.p.steps), len(pl.p.steps)
	pl.p.slots = append(pl.p.slots, s)
	pl.touched = append(pl.touched, len(pl.p.slots)-1)
	return len(pl.p.slots) - 1
}

// slot is where a value lies; it gets a place in the arena if it has none yet.
func (pl *planner) slot(v *value) int {
	s, ok := pl.slots[v]
	if !ok {
		s = pl.newSlot(slot{size: int(v.shape.ByteSize())})
		pl.slots[v] = s
	}
	pl.touched = append(pl.touched, s)
	return s
}

// temp is memory for the steps of the node at hand.
func (pl *planner) temp(bytes int) int { return pl.newSlot(slot{size: bytes}) }

// release ends the node at hand: others may use its temporary memory from the next step on.
func (pl *planner) release() {
	for _, s := range pl.touched {
		pl.p.slots[s].last = max(pl.p.slots[s].last, len(pl.p.steps)-1)
	}
	pl.touched = pl.touched[:0]
}

func (pl *planner) add(s step) { pl.p.steps = append(pl.p.steps, s) }

func (pl *planner) scratch(bytes int) { pl.p.scratch = max(pl.p.scratch, bytes) }

// returnOutputs makes the outputs' slots the memory of the buffers that Execute returns.
func (pl *planner) returnOutputs() {
	p := pl.p
	for i, v := range pl.outputs {
		p.outputs = append(p.outputs, v.shape)
		pl.materialize(v)
		s := pl.slot(v)
		if p.slots[s].kind != inArena {
			// An input or a constant, or an output for the second time: copied.
			to := pl.newSlot(slot{kind: isOutput, at: i, size: p.slots[s].size})
			pl.add(&copyStep{to, s, p.slots[s].size})
			s = to
		}
		p.slots[s].kind, p.slots[s].at = isOutput, i
		p.outs = append(p.outs, s)
		pl.release()
	}
}

// reuseInputs finds, for each output, an input of its size that nobody reads any more when the output is
// written, or that is read only element by element as the output is written.
func (pl *planner) reuseInputs() {
	p := pl.p
	taken := map[int]bool{}
	for _, out := range p.outs {
		o, found := p.slots[out], -1
		for i, in := range p.params {
			if in < 0 || taken[i] || p.slots[in].size != o.size || o.size == 0 {
				continue
			}
			x := p.slots[in]
			g, ok := p.steps[o.first].(interface{ inPlace(in, out int) bool })
			if x.last < o.first || x.last == o.first && ok && g.inPlace(in, out) {
				taken[i], found = true, i
				break
			}
		}
		p.reuse = append(p.reuse, found)
	}
}

type copyStep struct{ to, from, bytes int }

func (c *copyStep) run(fr *frame) error {
	copy(unsafe.Slice((*byte)(fr.mem[c.to]), c.bytes), unsafe.Slice((*byte)(fr.mem[c.from]), c.bytes))
	return nil
}

// layout gives each slot of the arena a place that no other has at the same time: largest first, each in
// the lowest gap that fits.
func (pl *planner) layout() {
	p := pl.p
	var order []int
	for i, s := range p.slots {
		if s.kind == inArena {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return p.slots[order[a]].size > p.slots[order[b]].size })
	var placed []int // by place
	for _, i := range order {
		s := &p.slots[i]
		size := (s.size + 63) &^ 63
		at := 0
		for _, j := range placed {
			o := &p.slots[j]
			if o.last < s.first || o.first > s.last {
				continue
			}
			if o.at >= at+size {
				break
			}
			at = max(at, o.at+(o.size+63)&^63)
		}
		s.at = at
		p.arena = max(p.arena, at+size)
		k := sort.Search(len(placed), func(k int) bool { return p.slots[placed[k]].at > at })
		placed = append(placed, 0)
		copy(placed[k+1:], placed[k:])
		placed[k] = i
	}
}

func (p *plan) Inputs() ([]string, []shapes.Shape) { return p.names, p.inputs }
func (p *plan) Outputs() []shapes.Shape            { return p.outputs }

// Finalize lets go of the plan's memory.
func (p *plan) Finalize() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.frames = true, nil
	for _, k := range p.keepers {
		k.drop(p.backend)
	}
}

// frame takes a frame that no execution uses, or makes one.
func (p *plan) frame() (*frame, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.backend.IsFinalized() {
		return nil, errors.Errorf("graph %s is finalized", p.name)
	}
	if n := len(p.frames); n > 0 {
		fr := p.frames[n-1]
		p.frames = p.frames[:n-1]
		return fr, nil
	}
	fr := &frame{plan: p, mem: make([]unsafe.Pointer, len(p.slots)), arena: alignedBytes(p.arena), in: make([]*Buffer, len(p.inputs)), fresh: make([]fresh, len(p.keepers))}
	for range p.backend.pool.size() {
		fr.scratch = append(fr.scratch, alignedBytes(p.scratch))
	}
	for i, s := range p.slots {
		switch {
		case s.kind == inArena && s.size > 0:
			fr.mem[i] = unsafe.Pointer(&fr.arena[s.at])
		case s.kind == isConstant && s.size > 0:
			fr.mem[i] = unsafe.Pointer(&s.fixed[0])
		}
	}
	return fr, nil
}

// Execute runs the plan. Several goroutines may run it at once.
func (p *plan) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) (_ []compute.Buffer, err error) {
	if err := p.backend.device(device); err != nil {
		return nil, err
	}
	if len(inputs) != len(p.inputs) {
		return nil, errors.Errorf("graph %s takes %d inputs, got %d", p.name, len(p.inputs), len(inputs))
	}
	fr, err := p.frame()
	if err != nil {
		return nil, err
	}
	done := false
	defer func() {
		clear(fr.in)
		p.mu.Lock()
		for _, k := range p.keepers {
			k.store(fr, done)
		}
		if !p.closed {
			p.frames = append(p.frames, fr)
		}
		p.mu.Unlock()
	}()
	for i, b := range inputs {
		x, ok := b.(*Buffer)
		if !ok || x.backend != p.backend || x.flat == nil {
			return nil, errors.Errorf("input %d (%T) is not a live buffer of backend %q", i, b, Name)
		}
		if !x.shape.Equal(p.inputs[i]) {
			return nil, errors.Errorf("graph %s: input %d (%s) has the shape %s, want %s", p.name, i, p.names[i], x.shape, p.inputs[i])
		}
		if s := p.params[i]; s >= 0 && len(x.raw) > 0 {
			fr.mem[s] = unsafe.Pointer(&x.raw[0])
		}
		fr.in[i] = x
	}
	if len(p.keepers) > 0 {
		p.mu.Lock()
		for _, k := range p.keepers {
			k.lookUp(fr)
		}
		p.mu.Unlock()
	}
	results, buffers := make([]compute.Buffer, len(p.outs)), make([]Buffer, len(p.outs))
	for i, s := range p.outs {
		x := &buffers[i]
		if k := p.reuse[i]; k >= 0 && k < len(donate) && donate[k] {
			given := fr.in[k]
			*x = Buffer{p.backend, given.shape, given.raw, given.flat, contents.Add(1)}
			given.raw, given.flat = nil, nil
			if !x.shape.Equal(p.outputs[i]) {
				x.shape = p.outputs[i]
				if x.flat, err = flatOf(x.shape, x.raw); err != nil {
					return nil, err
				}
			}
		} else if *x, err = p.backend.newBuffer(p.outputs[i]); err != nil {
			return nil, err
		}
		results[i] = x
		if len(x.raw) > 0 {
			fr.mem[s] = unsafe.Pointer(&x.raw[0])
		}
	}
	for _, s := range p.steps {
		if err := s.run(fr); err != nil {
			return nil, errors.WithMessagef(err, "graph %s", p.name)
		}
	}
	for i, d := range donate {
		if d {
			if err := inputs[i].(*Buffer).Finalize(); err != nil {
				return nil, err
			}
		}
	}
	done = true
	return results, nil
}
