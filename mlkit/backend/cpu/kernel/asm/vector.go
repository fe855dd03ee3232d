package main

import (
	"fmt"
	"math"
	"reflect"
	"sort"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// konst is a number as an operand: it lives in the file's read-only data, and AVX-512 broadcasts it
// as it is read.
type konst uint32

// Asm makes konst an operand; do puts the address in its place.
func (k konst) Asm() string { return fmt.Sprintf("%#x", uint32(k)) }

func number(x float64) konst { return konst(math.Float32bits(float32(x))) }

// data is the symbol of a constant, or of the masks.
func data(name string) operand.Mem {
	return operand.NewDataAddr(operand.NewStaticSymbol(name), 0)
}

func (v *isa) konstName(k konst) string { return fmt.Sprintf("k%08x%s", uint32(k), v.name) }

// do appends an instruction by name, its operands in Go's order: the destination last.
func (v *isa) do(name string, ops ...operand.Op) {
	if v.neon != nil {
		v.neon.do(v, name, ops...)
		return
	}
	bcst := false
	args := make([]reflect.Value, len(ops))
	for i, op := range ops {
		if k, is := op.(konst); is {
			if v.konsts == nil {
				v.konsts = map[konst]bool{}
			}
			v.konsts[k] = true
			op, bcst = data(v.konstName(k)), true
		}
		args[i] = reflect.ValueOf(op)
	}
	if bcst && v.avx512 {
		name += "_BCST"
	}
	reflect.ValueOf(v.Context).MethodByName(name).Call(args)
}

// writeData writes the constants, as wide as they are read, and the masks of 0 to 8 lanes.
func (v *isa) writeData() {
	var list []konst
	for k := range v.konsts {
		list = append(list, k)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	for _, k := range list {
		v.StaticGlobal(v.konstName(k))
		v.DataAttributes(attr.RODATA | attr.NOPTR)
		lanes := 1
		if !v.avx512 {
			lanes = v.wide
		}
		for i := range lanes {
			v.AddDatum(4*i, operand.U32(k))
		}
	}
	if !v.avx512 {
		v.StaticGlobal("lanes" + v.name)
		v.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 16 {
			mask := operand.U32(0)
			if i < 8 {
				mask = 0xffffffff
			}
			v.AddDatum(4*i, mask)
		}
	}
}

// r is a new vector register.
func (v *isa) r() reg.Register {
	if v.avx512 {
		return v.ZMM()
	}
	return v.YMM()
}

// op is a new register that holds NAME(a, b); b may be a number.
func (v *isa) op(name string, a reg.Register, b operand.Op) reg.Register {
	x := v.r()
	v.do(name, b, a, x)
	return x
}

func (v *isa) add(a reg.Register, b operand.Op) reg.Register { return v.op("VADDPS", a, b) }
func (v *isa) sub(a reg.Register, b operand.Op) reg.Register { return v.op("VSUBPS", a, b) }
func (v *isa) mul(a reg.Register, b operand.Op) reg.Register { return v.op("VMULPS", a, b) }
func (v *isa) div(a reg.Register, b operand.Op) reg.Register { return v.op("VDIVPS", a, b) }

// maxps and minps return b where an operand is NaN or both are zero.
func (v *isa) maxps(a reg.Register, b operand.Op) reg.Register { return v.op("VMAXPS", a, b) }
func (v *isa) minps(a reg.Register, b operand.Op) reg.Register { return v.op("VMINPS", a, b) }

func (v *isa) and(a reg.Register, b operand.Op) reg.Register { return v.op("VANDPS", a, b) }
func (v *isa) or(a reg.Register, b operand.Op) reg.Register  { return v.op("VORPS", a, b) }
func (v *isa) xor(a reg.Register, b operand.Op) reg.Register { return v.op("VXORPS", a, b) }

// Integer operations on the lanes.
func (v *isa) addi(a reg.Register, b operand.Op) reg.Register { return v.op("VPADDD", a, b) }
func (v *isa) subi(a reg.Register, b operand.Op) reg.Register { return v.op("VPSUBD", a, b) }

func (v *isa) shift(name string, a reg.Register, bits int) reg.Register {
	x := v.r()
	v.do(name, operand.U8(bits), a, x)
	return x
}

func (v *isa) sqrt(a reg.Register) reg.Register {
	x := v.r()
	v.do("VSQRTPS", a, x)
	return x
}

func (v *isa) convert(name string, a reg.Register) reg.Register {
	x := v.r()
	v.do(name, a, x)
	return x
}

// round rounds as the mode says: 0 to even, 1 down, 2 up.
func (v *isa) round(a reg.Register, mode int) reg.Register {
	x := v.r()
	if v.neon != nil {
		v.neon.unary(fmt.Sprintf("round%d", mode), x, a)
	} else if v.avx512 {
		v.VRNDSCALEPS(operand.U8(mode), a, x)
	} else {
		v.VROUNDPS(operand.U8(mode|8), a, x)
	}
	return x
}

// value is a new register with the number in every lane.
func (v *isa) value(x float64) reg.Register { return v.bits(number(x)) }

func (v *isa) bits(k konst) reg.Register {
	r := v.r()
	if v.neon != nil {
		v.neon.konst(r, k)
	} else if v.avx512 {
		if v.konsts == nil {
			v.konsts = map[konst]bool{}
		}
		v.konsts[k] = true
		v.VBROADCASTSS(data(v.konstName(k)), r)
	} else {
		v.do("VMOVUPS", k, r)
	}
	return r
}

func (v *isa) move(a reg.Register) reg.Register {
	x := v.r()
	v.do("VMOVAPS", a, x)
	return x
}

// fma is a·b + c, rounded once; c may be a number.
func (v *isa) fma(a, b reg.Register, c operand.Op) reg.Register {
	x := v.move(a)
	v.do("VFMADD213PS", c, b, x)
	return x
}

// fmaConst is a·k + c.
func (v *isa) fmaConst(a reg.Register, k konst, c reg.Register) reg.Register {
	x := v.move(c)
	v.do("VFMADD231PS", k, a, x)
	return x
}

// horner is the polynomial with these coefficients, that of the highest power first.
func (v *isa) horner(x reg.Register, coefficients ...float64) reg.Register {
	p := v.value(coefficients[0])
	for _, c := range coefficients[1:] {
		v.do("VFMADD213PS", number(c), x, p)
	}
	return p
}

// Predicates of comparisons. NaN makes all but notEqual and unordered false.
const (
	equal     = 0
	less      = 17
	lessEqual = 18
	unordered = 3
	notEqual  = 4
	greaterEq = 29
	greater   = 30
)

// choose is a where (x predicate y) holds and b elsewhere.
func (v *isa) choose(predicate int, x reg.Register, y operand.Op, a, b reg.Register) reg.Register {
	if v.neon != nil {
		return v.neon.choose(v, predicate, x, y, a, b)
	}
	if v.avx512 {
		k := v.K()
		v.do("VCMPPS", operand.U8(predicate), y, x, k)
		return v.merge(k, a, b)
	}
	r := v.r()
	m := v.r()
	v.do("VCMPPS", operand.U8(predicate), y, x, m)
	v.VBLENDVPS(m, a, b, r)
	return r
}

// merge is a where the opmask is set, else b. VBLENDMPS would do it in one instruction, but avo takes
// its result for an operand too, and so for live ever since the function began.
func (v *isa) merge(k operand.Op, a, b reg.Register) reg.Register {
	r := v.move(b)
	v.VMOVAPS(a, k, r)
	return r
}

// stream is an operand in memory of a kernel; a stream that is read and written has both set.
type stream struct {
	name    string
	in, out bool
}

func streams(names ...string) (list []stream) {
	for _, n := range names {
		list = append(list, stream{n, n != "dst", n == "dst"})
	}
	return list
}

// walk is a loop over vectors of the streams being written.
type walk struct {
	*isa
	list []stream
	ptr  []reg.Register
	i, n reg.Register
	tail operand.Op // the lanes of the last vector
}

// address is where vector number j from here on of a stream lies.
func (w *walk) address(s, j int) operand.Mem {
	return operand.Mem{Base: w.ptr[s], Index: w.i, Scale: 4, Disp: j * w.bytes()}
}

// start loads the parameters of a kernel over streams and returns its numbers, one in every lane.
func (v *isa) start(list []stream, numbers []string) (*walk, []reg.Register) {
	w := &walk{isa: v, list: list, n: v.GP64(), i: v.GP64()}
	for _, s := range list {
		p := v.GP64()
		v.Load(v.Param(s.name), p)
		w.ptr = append(w.ptr, p)
	}
	v.Load(v.Param("n"), w.n)
	var values []reg.Register
	for _, name := range numbers {
		x := v.r()
		v.VBROADCASTSS(v.argument(name), x)
		values = append(values, x)
	}
	v.XORQ(w.i, w.i)
	return w, values
}

func signature(list []stream, numbers []string, results string) string {
	s := "func("
	for i, p := range list {
		if i > 0 {
			s += ", "
		}
		s += p.name
	}
	s += " *float32, n int"
	for i, name := range numbers {
		s += ", " + name
		if i == len(numbers)-1 {
			s += " float32"
		}
	}
	return s + ")" + results
}

// load reads the inputs of vector j, or the rest if j is negative.
func (w *walk) load(j int) (in []reg.Register) {
	for s, p := range w.list {
		if !p.in {
			continue
		}
		x := w.r()
		switch {
		case j >= 0:
			w.VMOVUPS(w.address(s, j), x)
		case w.avx512:
			w.VMOVUPS_Z(w.address(s, 0), w.tail, x)
		default:
			w.VMASKMOVPS(w.address(s, 0), w.tail, x)
		}
		in = append(in, x)
	}
	return in
}

func (w *walk) store(j int, out []reg.Register) {
	for s, p := range w.list {
		if !p.out {
			continue
		}
		x := out[0]
		out = out[1:]
		switch {
		case j >= 0:
			w.VMOVUPS(x, w.address(s, j))
		case w.avx512:
			w.VMOVUPS(x, w.tail, w.address(s, 0))
		default:
			w.VMASKMOVPS(x, w.tail, w.address(s, 0))
		}
	}
}

// each runs do for every vector, unroll of them a round, and for the rest with j negative.
func (w *walk) each(unroll int, do func(j int)) {
	left := w.GP64()
	w.MOVQ(w.n, left)
	w.SUBQ(operand.U32(unroll*w.wide), left)
	w.JLT(operand.LabelRef("single"))
	w.Label("several")
	for j := range unroll {
		do(j)
	}
	w.ADDQ(operand.U32(unroll*w.wide), w.i)
	w.SUBQ(operand.U32(unroll*w.wide), left)
	w.JGE(operand.LabelRef("several"))
	w.Label("single")
	w.ADDQ(operand.U32(unroll*w.wide), left)
	if unroll > 1 {
		w.SUBQ(operand.U32(w.wide), left)
		w.JLT(operand.LabelRef("rest"))
		w.Label("one")
		do(0)
		w.ADDQ(operand.U32(w.wide), w.i)
		w.SUBQ(operand.U32(w.wide), left)
		w.JGE(operand.LabelRef("one"))
		w.Label("rest")
		w.ADDQ(operand.U32(w.wide), left)
	} else {
		w.TESTQ(left, left)
	}
	w.JZ(operand.LabelRef("done"))
	w.tail = w.lanesUpTo(left)
	do(-1)
	w.Label("done")
}

// elementwise writes a kernel that computes each element of its outputs from those of its inputs.
func (v *isa) elementwise(name, doc string, list []stream, numbers []string, unroll int, body func(in, numbers []reg.Register) []reg.Register) {
	if v.neon != nil {
		v.neonElementwise(name, doc, list, numbers, body)
		return
	}
	v.begin(name, signature(list, numbers, ""), doc)
	w, values := v.start(list, numbers)
	w.each(unroll, func(j int) { w.store(j, body(w.load(j), values)) })
	v.end()
}

// reduction writes a kernel that folds its inputs into one vector of partial results, stored in dst.
// Lanes beyond the end hold the identity.
func (v *isa) reduction(name, doc string, list []stream, identity float64, fold func(acc reg.Register, in []reg.Register)) {
	const accumulators = 4
	list = append([]stream{{name: "dst"}}, list...)
	if v.neon != nil {
		v.neonReduction(name, doc, list, identity, fold)
		return
	}
	v.begin(name, signature(list, nil, ""), doc)
	w, _ := v.start(list, nil)
	var acc [accumulators]reg.Register
	for i := range acc {
		acc[i] = v.value(identity)
	}
	w.each(accumulators, func(j int) {
		in := w.load(j)
		if j < 0 && identity != 0 {
			fill := v.value(identity)
			if v.avx512 {
				v.VMOVAPS(in[0], w.tail, fill)
			} else {
				v.VBLENDVPS(w.tail, in[0], fill, fill)
			}
			in[0] = fill
		}
		fold(acc[max(j, 0)], in)
	})
	for s := accumulators / 2; s > 0; s /= 2 {
		for i := range s {
			if name == "dot" {
				v.VADDPS(acc[i], acc[i+s], acc[i])
			} else {
				fold(acc[i], acc[i+s:i+s+1])
			}
		}
	}
	v.VMOVUPS(acc[0], mem(w.ptr[0], 0))
	v.end()
}
