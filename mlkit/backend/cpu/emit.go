package cpu

import (
	"fmt"
	"log"
	"os"
	"slices"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// debugEnv, set to 1, makes every compilation tell what it handed to the stock backend.
const debugEnv = "GOPHERLENS_CPU_DEBUG"

func (b *Backend) tell(format string, args ...any) {
	if os.Getenv(debugEnv) != "" {
		log.Printf("backend cpu: "+format, args...)
	}
}

// emitters make the steps of the operations that are not element-wise. One that finds a case it has no
// kernel for returns false, before it has touched the plan.
var emitters map[compute.OpType]func(pl *planner, n *node) bool

func init() {
	emitters = map[compute.OpType]func(pl *planner, n *node) bool{
		compute.OpTypeParameter:           func(*planner, *node) bool { return true },
		compute.OpTypeConstant:            emitConstant,
		compute.OpTypeBroadcastInDim:      func(*planner, *node) bool { return true }, // made where it is needed
		compute.OpTypeReshape:             emitReshape,
		compute.OpTypeBitcast:             emitReshape,
		compute.OpTypeTranspose:           emitTranspose,
		compute.OpTypeReverse:             emitReverse,
		compute.OpTypeSlice:               emitSlice,
		compute.OpTypePad:                 emitPad,
		compute.OpTypeConcatenate:         emitConcatenate,
		compute.OpTypeReduceSum:           emitReduce,
		compute.OpTypeReduceMax:           emitReduce,
		compute.OpTypeReduceMin:           emitReduce,
		compute.OpTypeRNGBitGenerator:     emitRNG,
		compute.OpTypeFusedSoftmax:        emitSoftmax,
		compute.OpTypeArgMinMax:           emitArgMinMax,
		compute.OpTypeDotGeneral:          emitDot,
		compute.OpTypeFusedDense:          emitDense,
		compute.OpTypeFusedDenseVJP:       emitDenseVJP,
		compute.OpTypeConvGeneral:         emitConv,
		compute.OpTypeReduceWindow:        emitReduceWindow,
		compute.OpTypeSelectAndScatterMax: emitSelectAndScatter,
	}
}

// emit makes the steps of a node.
func (pl *planner) emit(n *node) error {
	if gr := pl.groups[n]; gr != nil {
		if gr.root != n {
			return nil
		}
		for _, m := range gr.members {
			for _, v := range m.in {
				if v.node.op == compute.OpTypeBroadcastInDim {
					pl.materialize(v.node.in[0])
				}
			}
		}
		pl.emitGroup(gr)
		return nil
	}
	if n.op != compute.OpTypeBroadcastInDim {
		for _, v := range n.in {
			pl.materialize(v)
		}
	}
	if !slices.ContainsFunc(n.out, func(v *value) bool { return v.shape.Ok() && v.shape.Size() > 0 }) {
		// Nothing to compute; the stock backend would divide by some of the sizes.
		for _, v := range n.out {
			pl.slot(v)
		}
		return nil
	}
	if (n.op == compute.OpTypeDotGeneral || n.op == compute.OpTypeConvGeneral) && slices.ContainsFunc(n.in[:2], func(v *value) bool { return v.shape.Size() == 0 }) {
		pl.add(&clearStep{pl.slot(n.out[0]), int(n.out[0].shape.ByteSize())}) // sums of no terms, which the stock backend does not write
		return nil
	}
	if e := emitters[n.op]; e != nil && e(pl, n) {
		return nil
	}
	return pl.emitHanded(n)
}

// handedStep computes one node with the stock backend.
type handedStep struct {
	h     *handed
	flats []any // views of the operands, made anew where a slot's memory moved
	dims  []shapes.Shape
	in    []int
	out   []int
	sizes []int
}

func (pl *planner) emitHanded(n *node) error {
	h, err := pl.backend.handOver(n)
	if err != nil {
		return err
	}
	st := &handedStep{h: h}
	what := ""
	for _, v := range n.in {
		if v == nil {
			continue
		}
		st.in = append(st.in, pl.slot(v))
		st.dims = append(st.dims, v.shape)
		what += " " + v.shape.String()
	}
	for _, v := range n.out {
		if !v.shape.Ok() {
			continue
		}
		st.out = append(st.out, pl.slot(v))
		st.sizes = append(st.sizes, int(v.shape.ByteSize()))
	}
	pl.add(st)
	pl.p.handed = append(pl.p.handed, fmt.Sprintf("%s(%s)", n.op, what[min(1, len(what)):]))
	pl.backend.tell("graph %s: handed to the stock backend: %s%s", pl.name, n.op, what)
	return nil
}

func (s *handedStep) run(fr *frame) error {
	flats := make([]any, len(s.in))
	for i, slot := range s.in {
		flat, err := flatOf(s.dims[i], unsafe.Slice((*byte)(fr.mem[slot]), s.dims[i].ByteSize()))
		if err != nil {
			return err
		}
		flats[i] = flat
	}
	out, err := s.h.run(flats, s.dims)
	if err != nil {
		return err
	}
	for i, o := range out {
		flat, err := o.Data()
		if err != nil {
			return err
		}
		copy(unsafe.Slice((*byte)(fr.mem[s.out[i]]), s.sizes[i]), bytesOf(flat))
		if err := o.Finalize(); err != nil {
			return err
		}
	}
	return nil
}

func emitConstant(pl *planner, n *node) bool {
	raw := bytesOf(n.flat)
	pl.slots[n.out[0]] = pl.newSlot(slot{kind: isConstant, size: len(raw), fixed: raw})
	return true
}

// emitReshape lets the result lie where the operand does.
func emitReshape(pl *planner, n *node) bool {
	if n.in[0].shape.ByteSize() != n.out[0].shape.ByteSize() {
		return false
	}
	pl.slots[n.out[0]] = pl.slot(n.in[0])
	return true
}

// clearStep writes zeros.
type clearStep struct{ slot, bytes int }

func (c *clearStep) run(fr *frame) error {
	clear(unsafe.Slice((*byte)(fr.mem[c.slot]), c.bytes))
	return nil
}
