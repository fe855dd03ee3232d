package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// neon writes arm64 assembly. The bodies of the kernels are the same as for x86, through the
// methods of isa: avo's virtual registers stand for values, and this gives them arm64 registers. Go's
// assembler lacks most of the vector instructions, so they are written as words, the instruction beside.
type neon struct {
	text   bytes.Buffer
	stubs  bytes.Buffer
	konsts map[konst]int // where in the table a number is
	order  []konst

	// The function being written.
	lines  []line
	pinned map[reg.Register]bool // values that live through the loops
	pin    bool
}

// line is an instruction before its registers are known; its format has a verb %v for each.
type line struct {
	regs   []reg.Register // the destination first
	encode func(v []int) string
}

func newNEON() *isa {
	n := &neon{konsts: map[konst]int{}}
	return &isa{Context: build.NewContext(), name: "NEON", wide: 4, neon: n}
}

// Encodings: destination in bits 0–4, first operand from bit 5, second from bit 16.
var (
	neonBinary = map[string]struct {
		name string
		word uint32
	}{
		"VADDPS": {"FADD", 0x4e20d400}, "VSUBPS": {"FSUB", 0x4ea0d400}, "VMULPS": {"FMUL", 0x6e20dc00}, "VDIVPS": {"FDIV", 0x6e20fc00},
		"VMAXPS": {"FMAX", 0x4e20f400}, "VMINPS": {"FMIN", 0x4ea0f400},
		"VANDPS": {"AND", 0x4e201c00}, "VPAND": {"AND", 0x4e201c00}, "VORPS": {"ORR", 0x4ea01c00}, "VXORPS": {"EOR", 0x6e201c00},
		"VPADDD": {"ADD", 0x4ea08400}, "VPSUBD": {"SUB", 0x6ea08400},
		"FMLA": {"FMLA", 0x4e20cc00}, "BSL": {"BSL", 0x6e601c00},
		"FCMGT": {"FCMGT", 0x6ea0e400}, "FCMGE": {"FCMGE", 0x6e20e400}, "FCMEQ": {"FCMEQ", 0x4e20e400},
	}
	neonUnary = map[string]struct {
		name string
		word uint32
	}{
		"VSQRTPS": {"FSQRT", 0x6ea1f800}, "VCVTPS2DQ": {"FCVTNS", 0x4e21a800}, "VCVTDQ2PS": {"SCVTF", 0x4e21d800},
		"round0": {"FRINTN", 0x4e218800}, "round1": {"FRINTM", 0x4e219800}, "round2": {"FRINTP", 0x4ea18800},
	}
)

func word(w uint32, comment string, args ...any) string {
	return fmt.Sprintf("\tWORD $0x%08x // %s\n", w, fmt.Sprintf(comment, args...))
}

func (n *neon) add(encode func(v []int) string, regs ...reg.Register) {
	if n.pin {
		for _, r := range regs {
			n.pinned[r] = true
		}
	}
	n.lines = append(n.lines, line{regs, encode})
}

// raw is a line without vector registers.
func (n *neon) raw(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	n.add(func([]int) string { return s + "\n" })
}

func (n *neon) binary(name string, d, a, b reg.Register) {
	op := neonBinary[name]
	n.add(func(v []int) string {
		return word(op.word|uint32(v[0])|uint32(v[1])<<5|uint32(v[2])<<16, "%s V%d.4S, V%d.4S, V%d.4S", op.name, v[0], v[1], v[2])
	}, d, a, b)
}

func (n *neon) unary(name string, d, a reg.Register) {
	op := neonUnary[name]
	n.add(func(v []int) string {
		return word(op.word|uint32(v[0])|uint32(v[1])<<5, "%s V%d.4S, V%d.4S", op.name, v[0], v[1])
	}, d, a)
}

func (n *neon) move(d, a reg.Register) { n.binary("VORPS", d, a, a) }

func (n *neon) konst(d reg.Register, k konst) {
	at, is := n.konsts[k]
	if !is {
		at = 16 * len(n.konsts)
		n.konsts[k] = at
		n.order = append(n.order, k)
	}
	n.add(func(v []int) string { return fmt.Sprintf("\tFMOVQ %d(R15), F%d\n", at, v[0]) }, d)
}

// do writes an instruction of isa.do: operands in Go's x86 order, the destination last.
func (n *neon) do(v *isa, name string, ops ...operand.Op) {
	value := func(op operand.Op) reg.Register {
		if k, is := op.(konst); is {
			r := v.r()
			n.konst(r, k)
			return r
		}
		return op.(reg.Register)
	}
	d := ops[len(ops)-1].(reg.Register)
	switch name {
	case "VMOVAPS":
		n.move(d, value(ops[0]))
	case "VFMADD231PS":
		n.binary("FMLA", d, value(ops[1]), value(ops[0]))
	case "VFMADD213PS": // d = d·b + c
		sum := v.r()
		if k, is := ops[0].(konst); is {
			n.konst(sum, k)
		} else {
			n.move(sum, value(ops[0]))
		}
		n.binary("FMLA", sum, d, value(ops[1]))
		n.move(d, sum)
	case "VPSLLD", "VPSRAD":
		bits, a := uint32(ops[0].(operand.U8)), ops[1].(reg.Register)
		n.add(func(v []int) string {
			if name == "VPSLLD" {
				return word(0x4f005400|(32+bits)<<16|uint32(v[1])<<5|uint32(v[0]), "SHL V%d.4S, V%d.4S, #%d", v[0], v[1], bits)
			}
			return word(0x4f000400|(64-bits)<<16|uint32(v[1])<<5|uint32(v[0]), "SSHR V%d.4S, V%d.4S, #%d", v[0], v[1], bits)
		}, d, a)
	default:
		if len(ops) == 2 {
			n.unary(name, d, value(ops[0]))
			return
		}
		n.binary(name, d, value(ops[1]), value(ops[0]))
	}
}

// choose is a where (x predicate y), else b.
func (n *neon) choose(v *isa, predicate int, x reg.Register, y operand.Op, a, b reg.Register) reg.Register {
	if k, is := y.(konst); is {
		r := v.r()
		n.konst(r, k)
		y = r
	}
	m, z := v.r(), y.(reg.Register)
	switch predicate {
	case equal:
		n.binary("FCMEQ", m, x, z)
	case greater:
		n.binary("FCMGT", m, x, z)
	case greaterEq:
		n.binary("FCMGE", m, x, z)
	case less:
		n.binary("FCMGT", m, z, x)
	default:
		panic("no such comparison")
	}
	n.binary("BSL", m, a, b)
	return m
}

// begin starts a function over streams; its pointers are R0 and up, n is R8 and the numbers' table R15.
func (n *neon) begin(v *isa, name, signature, doc string, list []stream, numbers []string) (values []reg.Register) {
	n.lines, n.pinned, n.pin = nil, map[reg.Register]bool{}, true
	size := 8*len(list) + 8 + 4*len(numbers)
	fmt.Fprintf(&n.stubs, "\n// %sNEON %s\n//\n//go:noescape\nfunc %sNEON%s\n", name, doc, name, strings.TrimPrefix(signature, "func"))
	n.raw("\n// func %sNEON%s\nTEXT ·%sNEON(SB), NOSPLIT, $0-%d", name, strings.TrimPrefix(signature, "func"), name, size)
	for i, s := range list {
		n.raw("\tMOVD %s+%d(FP), R%d", s.name, 8*i, i)
	}
	n.raw("\tMOVD n+%d(FP), R8", 8*len(list))
	n.raw("\tMOVD $numbersNEON<>(SB), R15")
	for i, name := range numbers {
		r := v.r()
		n.add(func(v []int) string {
			return fmt.Sprintf("\tFMOVS %s+%d(FP), F%d\n", name, 8*len(list)+8+4*i, v[0]) +
				word(0x4e040400|uint32(v[0])<<5|uint32(v[0]), "DUP V%d.4S, V%d.S[0]", v[0], v[0])
		}, r)
		values = append(values, r)
	}
	return values
}

// each runs do for every vector and, with j negative, for each of the elements that are left.
func (n *neon) each(do func(j int)) {
	n.pin = false
	n.raw("\tSUBS $4, R8")
	n.raw("\tBLT rest")
	n.raw("vectors:")
	do(0)
	n.raw("\tSUBS $4, R8")
	n.raw("\tBGE vectors")
	n.raw("rest:")
	n.raw("\tADDS $4, R8")
	n.raw("\tBEQ done")
	n.raw("single:")
	do(-1)
	n.raw("\tSUBS $1, R8")
	n.raw("\tBNE single")
	n.raw("done:")
}

// load and store move a vector, or one element, of stream s, and its pointer unless stay.
func (n *neon) load(x reg.Register, s, j int, stay bool) { n.transfer(x, s, j, stay, true) }
func (n *neon) store(x reg.Register, s, j int)           { n.transfer(x, s, j, false, false) }

func (n *neon) transfer(x reg.Register, s, j int, stay, in bool) {
	op, size := "FMOVQ", 16
	if j < 0 {
		op, size = "FMOVS", 4
	}
	place := fmt.Sprintf("(R%d)", s)
	if !stay {
		op, place = op+".P", fmt.Sprintf("%d(R%d)", size, s)
	}
	n.add(func(v []int) string {
		if in {
			return fmt.Sprintf("\t%s %s, F%d\n", op, place, v[0])
		}
		return fmt.Sprintf("\t%s F%d, %s\n", op, v[0], place)
	}, x)
}

// everywhere puts the first element of x into all.
func (n *neon) everywhere(x reg.Register) {
	n.add(func(v []int) string {
		return word(0x4e040400|uint32(v[0])<<5|uint32(v[0]), "DUP V%d.4S, V%d.S[0]", v[0], v[0])
	}, x)
}

// end gives the values registers, each from its first line to its last, and writes the function.
func (n *neon) end() {
	n.raw("\tRET")
	last := map[reg.Register]int{}
	for i, l := range n.lines {
		for _, r := range l.regs {
			last[r] = i
		}
	}
	place := map[reg.Register]int{}
	var free []int
	for i := 31; i >= 0; i-- {
		free = append(free, i)
	}
	for i, l := range n.lines {
		var v []int
		for _, r := range l.regs {
			if _, has := place[r]; !has {
				if len(free) == 0 {
					panic("too many values at once for NEON")
				}
				place[r] = free[len(free)-1]
				free = free[:len(free)-1]
			}
			v = append(v, place[r])
		}
		n.text.WriteString(l.encode(v))
		for _, r := range l.regs {
			if at, has := place[r]; has && last[r] == i && !n.pinned[r] {
				free = append(free, at)
				delete(place, r)
			}
		}
	}
}

// neonElementwise is elementwise for arm64.
func (v *isa) neonElementwise(name, doc string, list []stream, numbers []string, body func(in, numbers []reg.Register) []reg.Register) {
	n := v.neon
	values := n.begin(v, name, signature(list, numbers, ""), doc, list, numbers)
	n.each(func(j int) {
		var in []reg.Register
		for s, p := range list {
			if p.in {
				x := v.r()
				n.load(x, s, j, p.out)
				in = append(in, x)
			}
		}
		out := body(in, values)
		for s, p := range list {
			if p.out {
				n.store(out[0], s, j)
				out = out[1:]
			}
		}
	})
	n.end()
}

// neonReduction is reduction for arm64. Single elements stand in all lanes where the identity is not
// 0, which leaves a maximum as it is.
func (v *isa) neonReduction(name, doc string, list []stream, identity float64, fold func(acc reg.Register, in []reg.Register)) {
	n := v.neon
	n.begin(v, name, signature(list, nil, ""), doc, list, nil)
	acc := v.value(identity)
	n.each(func(j int) {
		var in []reg.Register
		for s := 1; s < len(list); s++ {
			x := v.r()
			n.load(x, s, j, false)
			if j < 0 && identity != 0 {
				n.everywhere(x)
			}
			in = append(in, x)
		}
		fold(acc, in)
	})
	n.store(acc, 0, 0)
	n.end()
}

// writeNEON writes the arm64 files to a folder.
func writeNEON(folder string) error {
	v := newNEON()
	vectors(v)
	n := v.neon
	const head = "// Code generated by command: go generate. DO NOT EDIT.\n\n"
	var s bytes.Buffer
	s.WriteString(head + "#include \"textflag.h\"\n")
	s.Write(n.text.Bytes())
	s.WriteByte('\n')
	for i, k := range n.order {
		for j := range 2 {
			fmt.Fprintf(&s, "DATA numbersNEON<>+%d(SB)/8, $0x%08x%08x\n", 16*i+8*j, uint32(k), uint32(k))
		}
	}
	fmt.Fprintf(&s, "GLOBL numbersNEON<>(SB), RODATA|NOPTR, $%d\n", 16*len(n.order))
	if err := os.WriteFile(folder+"/vector_neon_arm64.s", s.Bytes(), 0o644); err != nil {
		return err
	}
	stubs, err := format.Source(append([]byte(head+"package kernel\n"), n.stubs.Bytes()...))
	if err != nil {
		return err
	}
	if err := os.WriteFile(folder+"/vector_neon_arm64.go", stubs, 0o644); err != nil {
		return err
	}
	return writeNEONTiles(folder, head)
}
