package main

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of kernel.tile; a test of that package holds them against the struct.
const (
	tileA        = 0
	tileB        = 8
	tileC        = 16
	tileBias     = 24
	tileResidual = 32
	tileAOff     = 40
	tileBOff     = 48
	tileLanes    = 56
	tileA0       = 64
	tileB0       = 72
	tileT        = 80
	tileK        = 88
	tileAMS      = 96
	tileAKS      = 104
	tileBKS      = 112
	tileLDC      = 120
	tileLDR      = 128
	tileFlags    = 136
	tileSlope    = 140
	tileMask     = 144
	tileAhead    = 152
	tileAheadBy  = 160

	flagAccumulate     = 1
	flagReLU           = 2
	flagLeaky          = 4
	flagResidualBefore = 8
)

// General registers of a tile function.
var (
	rTile  = reg.RDI
	rAOff  = reg.RSI
	rBOff  = reg.R15
	rK     = reg.RCX
	rT     = reg.RDX
	rA     = reg.R8
	rA5    = reg.RAX // rA + 5 rows
	rB     = reg.R9
	rAMS   = reg.R10
	rAMS3  = reg.R11
	rAMS5  = reg.R12
	rAKS   = reg.R13
	rBKS   = reg.RBX
	rABase = reg.R14
	rAhead = reg.RBP
)

// shape is the form of a micro-kernel: rows × vecs vectors, the last of them cut by a mask or not.
type shape struct {
	rows, vecs int
	masked     bool
	ahead      bool // asks for memory that is used later
}

// fullRows is the number of rows from which on AVX-512 has a kernel for two whole vectors, too: a load with a mask takes
// one of the two ports that multiply.
const fullRows = 7

// aheadRows is the number of rows from which on those have instructions to spare, and come in another version that asks
// for C and for what later tiles read.
const aheadRows = 10

// shapes lists the micro-kernels of an instruction set. Those of 4 vectors are for few rows and a B
// that is not packed.
func shapes(avx512 bool) (list []shape) {
	if avx512 {
		for rows := 1; rows <= 14; rows++ {
			list = append(list, shape{rows: rows, vecs: 1, masked: true}, shape{rows: rows, vecs: 2, masked: true})
		}
		for rows := 2; rows <= 6; rows++ {
			list = append(list, shape{rows: rows, vecs: 4})
		}
		for rows := fullRows; rows <= 14; rows++ {
			list = append(list, shape{rows: rows, vecs: 2})
		}
		for rows := aheadRows; rows <= 14; rows++ {
			list = append(list, shape{rows: rows, vecs: 2, ahead: true})
		}
		return list
	}
	for rows := 1; rows <= 6; rows++ {
		for vecs := 1; vecs <= 2; vecs++ {
			list = append(list, shape{rows: rows, vecs: vecs}, shape{rows: rows, vecs: vecs, masked: true})
		}
	}
	return append(list, shape{rows: 2, vecs: 4}, shape{rows: 3, vecs: 4})
}

// tiles writes the micro-kernels of one instruction set.
func tiles(v *isa) {
	for _, s := range shapes(v.avx512) {
		tile(v, s)
	}
}

// tile writes the micro-kernel of a shape. If masked, the last lanes of B, C, the bias
// and the residual that the mask leaves out are neither read nor written.
func tile(v *isa, s shape) {
	t := &tileGen{isa: v, shape: s, sets: 1}
	for s.rows*s.vecs*t.sets < 8 && s.rows*s.vecs*t.sets*2+s.vecs+2 <= len(v.vec) {
		t.sets *= 2
	}
	t.unroll = t.sets
	for s.rows*s.vecs*t.unroll < 16 {
		t.unroll *= 2
	}
	t.write()
}

// tileGen is a micro-kernel being written. sets is the number of accumulators for each place of
// the tile: a small tile needs several so that the additions' latency is hidden.
type tileGen struct {
	*isa
	shape
	sets, unroll int
	mask         reg.VecPhysical // AVX2 only: the last vector's lanes
}

func tileName(s shape, name string) string {
	m := ""
	switch {
	case s.ahead:
		m = "ahead"
	case s.masked && name == "AVX2":
		m = "m"
	case !s.masked && s.vecs == 2 && name == "AVX512":
		m = "full"
	}
	return fmt.Sprintf("tile%dx%d%s%s", s.rows, s.vecs, m, name)
}

func (t *tileGen) acc(set, row, vec int) reg.VecPhysical {
	return t.vec[(set*t.rows+row)*t.vecs+vec]
}

// spare is a register that holds no accumulator.
func (t *tileGen) spare(i int) reg.VecPhysical {
	return t.vec[t.rows*t.vecs*t.sets+i]
}

func (t *tileGen) spares() int {
	n := len(t.vec) - t.rows*t.vecs*t.sets
	if t.mask != nil {
		n--
	}
	return n
}

// tileSignature is func(t *tile).
func tileSignature() *gotypes.Signature {
	pkg := types.NewPackage(kernelPackage, "kernel")
	named := types.NewNamed(types.NewTypeName(token.NoPos, pkg, "tile", nil), types.NewStruct(nil, nil), nil)
	param := types.NewVar(token.NoPos, pkg, "t", types.NewPointer(named))
	return gotypes.NewSignature(pkg, types.NewSignatureType(nil, nil, nil, types.NewTuple(param), nil, false))
}

func (t *tileGen) write() {
	name := tileName(t.shape, t.name)
	t.Function(name)
	t.Attributes(attr.NOSPLIT)
	t.Signature(tileSignature())
	t.Pragma("noescape")
	t.Doc(fmt.Sprintf("%s computes a tile of %d rows and %d×%d columns.", name, t.rows, t.vecs, t.wide))
	t.Load(t.Param("t"), rTile)
	t.loadMask()
	for i := 0; i < t.rows*t.vecs*t.sets; i++ {
		t.zero(t.vec[i])
	}
	t.prefetch()
	t.sum()
	t.epilogue()
	t.end()
}

// prefetch asks for the rows of C that will be added to, so that they are there when the sums are. A tile that looks
// ahead does so for others, too: what is written comes into the cache before.
func (t *tileGen) prefetch() {
	t.MOVL(mem(rTile, tileFlags), reg.EAX)
	if !t.ahead {
		t.TESTL(operand.U32(flagAccumulate), reg.EAX)
		t.JZ(operand.LabelRef("start"))
	}
	t.MOVQ(mem(rTile, tileC), rA)
	t.MOVQ(mem(rTile, tileLDC), rB)
	for r := range t.rows {
		for at := 0; at < t.vecs*t.bytes(); at += 64 {
			t.PREFETCHT0(mem(rA, at))
		}
		if r < t.rows-1 {
			t.ADDQ(rB, rA)
		}
	}
	t.Label("start")
}

func (t *tileGen) loadMask() {
	if !t.masked {
		return
	}
	if t.avx512 { // 16 bits a vector
		t.MOVQ(mem(rTile, tileMask), reg.RAX)
		t.KMOVW(reg.EAX, reg.K1)
		if t.vecs == 2 {
			t.SHRQ(operand.U8(16), reg.RAX)
			t.KMOVW(reg.EAX, reg.K2)
		}
		return
	}
	t.mask = t.vec[len(t.vec)-1]
	t.MOVQ(mem(rTile, tileLanes), reg.RAX)
	t.VMOVUPS(mem(reg.RAX, 0), t.mask)
}

// k is the opmask of a vector of an AVX-512 tile.
func (t *tileGen) k(vec int) reg.OpmaskPhysical {
	if vec == 0 {
		return reg.K1
	}
	return reg.K2
}

// load reads a vector of a row of B, C, the bias or the residual.
func (t *tileGen) load(m operand.Mem, vec int, x reg.VecPhysical) {
	m.Disp += vec * t.bytes()
	switch {
	case !t.masked || (!t.avx512 && vec < t.vecs-1):
		t.VMOVUPS(m, x)
	case t.avx512:
		t.VMOVUPS_Z(m, t.k(vec), x)
	default:
		t.VMASKMOVPS(m, t.mask, x)
	}
}

func (t *tileGen) store(x reg.VecPhysical, m operand.Mem, vec int) {
	m.Disp += vec * t.bytes()
	switch {
	case !t.masked || (!t.avx512 && vec < t.vecs-1):
		t.VMOVUPS(x, m)
	case t.avx512:
		t.VMOVUPS(x, t.k(vec), m)
	default:
		t.VMASKMOVPS(x, t.mask, m)
	}
}

// rowOfA is where A's element of a row is, k being in the pointers.
func rowOfA(row int) operand.Mem {
	at := func(base, index reg.Register, scale uint8) operand.Mem {
		return operand.Mem{Base: base, Index: index, Scale: scale}
	}
	switch row {
	case 0:
		return operand.Mem{Base: rA}
	case 1, 2, 4, 8:
		return at(rA, rAMS, uint8(row))
	case 3, 6, 12:
		return at(rA, rAMS3, uint8(row/3))
	case 5, 10:
		return at(rA, rAMS5, uint8(row/5))
	case 7, 9, 13:
		return at(rA5, rAMS, uint8(row-5))
	case 11:
		return at(rA5, rAMS3, 2)
	}
	panic("no such row")
}

// needsA5 tells whether a tile has rows that are addressed from rA5.
func (t *tileGen) needsA5() bool { return t.rows > 7 }

// sum adds Σ_t Σ_k A_t[m,k]·B_t[k,n] to the accumulators.
func (t *tileGen) sum() {
	t.MOVQ(mem(rTile, tileT), rT)
	t.TESTQ(rT, rT)
	t.JZ(operand.LabelRef("epilogue"))
	t.MOVQ(mem(rTile, tileAOff), rAOff)
	t.MOVQ(mem(rTile, tileBOff), rBOff)
	t.MOVQ(mem(rTile, tileA), rABase)
	t.ADDQ(mem(rTile, tileA0), rABase)
	t.MOVQ(mem(rTile, tileAMS), rAMS)
	t.LEAQ(operand.Mem{Base: rAMS, Index: rAMS, Scale: 2}, rAMS3)
	t.LEAQ(operand.Mem{Base: rAMS, Index: rAMS, Scale: 4}, rAMS5)
	t.MOVQ(mem(rTile, tileAKS), rAKS)
	t.MOVQ(mem(rTile, tileBKS), rBKS)
	if t.ahead {
		t.MOVQ(mem(rTile, tileAhead), rAhead)
	}

	t.Label("terms")
	t.MOVLQSX(mem(rAOff, 0), rA)
	t.LEAQ(operand.Mem{Base: rABase, Index: rA, Scale: 4}, rA)
	t.MOVLQSX(mem(rBOff, 0), rB)
	t.SHLQ(operand.U8(2), rB)
	t.ADDQ(mem(rTile, tileB), rB)
	t.ADDQ(mem(rTile, tileB0), rB)
	if t.needsA5() {
		t.LEAQ(operand.Mem{Base: rA, Index: rAMS5, Scale: 1}, rA5)
	}
	t.MOVQ(mem(rTile, tileK), rK)
	if t.unroll > 1 {
		t.SUBQ(operand.U8(t.unroll), rK)
		t.JLT(operand.LabelRef("rest"))
		t.Label("steps")
		for i := 0; i < t.unroll; i++ {
			t.step(i % t.sets)
		}
		t.SUBQ(operand.U8(t.unroll), rK)
		t.JGE(operand.LabelRef("steps"))
		t.Label("rest")
		t.ADDQ(operand.U8(t.unroll), rK)
		t.JZ(operand.LabelRef("next"))
	}
	t.Label("step")
	t.step(0)
	t.DECQ(rK)
	t.JNZ(operand.LabelRef("step"))
	t.Label("next")
	t.ADDQ(operand.U8(4), rAOff)
	t.ADDQ(operand.U8(4), rBOff)
	t.DECQ(rT)
	t.JNZ(operand.LabelRef("terms"))

	t.Label("epilogue")
	for s := t.sets; s > 1; s /= 2 {
		for i := 0; i < s/2; i++ {
			for r := 0; r < t.rows; r++ {
				for n := 0; n < t.vecs; n++ {
					x := t.acc(i, r, n)
					t.VADDPS(t.acc(i+s/2, r, n), x, x)
				}
			}
		}
	}
}

// step adds the products of one k and moves the pointers to the next.
func (t *tileGen) step(set int) {
	if t.rows == 1 && !t.masked {
		t.VBROADCASTSS(rowOfA(0), t.spare(0))
		for n := 0; n < t.vecs; n++ {
			t.VFMADD231PS(mem(rB, n*t.bytes()), t.spare(0), t.acc(set, 0, n))
		}
	} else if t.rows < t.vecs { // the rows' elements stay, B passes through
		for r := 0; r < t.rows; r++ {
			t.VBROADCASTSS(rowOfA(r), t.spare(r))
		}
		for n := 0; n < t.vecs; n++ {
			b := t.spare(t.rows + n%(t.spares()-t.rows))
			t.load(mem(rB, 0), n, b)
			for r := 0; r < t.rows; r++ {
				t.VFMADD231PS(t.spare(r), b, t.acc(set, r, n))
			}
		}
	} else {
		for n := 0; n < t.vecs; n++ {
			t.load(mem(rB, 0), n, t.spare(n))
		}
		for r := 0; r < t.rows; r++ {
			a := t.spare(t.vecs + r%(t.spares()-t.vecs))
			t.VBROADCASTSS(rowOfA(r), a)
			for n := 0; n < t.vecs; n++ {
				t.VFMADD231PS(t.spare(n), a, t.acc(set, r, n))
			}
		}
	}
	if t.ahead {
		t.PREFETCHT1(mem(rAhead, 0))
		t.ADDQ(mem(rTile, tileAheadBy), rAhead)
	}
	t.ADDQ(rBKS, rB)
	t.ADDQ(rAKS, rA)
	if t.needsA5() {
		t.ADDQ(rAKS, rA5)
	}
}

// epilogue adds what the flags ask for to the sums and stores them.
func (t *tileGen) epilogue() {
	flags, pC, ldc := reg.EAX, reg.R8, reg.R9
	pR, ldr := reg.R10, reg.R11
	t.MOVL(mem(rTile, tileFlags), flags)
	t.MOVQ(mem(rTile, tileLDC), ldc)
	t.MOVQ(mem(rTile, tileResidual), pR)
	t.MOVQ(mem(rTile, tileLDR), ldr)
	x := func(r, n int) reg.VecPhysical { return t.acc(0, r, n) }
	each := func(do func(r, n int)) {
		for r := 0; r < t.rows; r++ {
			for n := 0; n < t.vecs; n++ {
				do(r, n)
			}
		}
	}
	// addRows adds the rows at p to the accumulators; p is left after them.
	addRows := func(p, stride reg.GPPhysical) {
		for r := 0; r < t.rows; r++ {
			for n := 0; n < t.vecs; n++ {
				m := mem(p, n*t.bytes())
				switch {
				case !t.masked || (!t.avx512 && n < t.vecs-1):
					t.VADDPS(m, x(r, n), x(r, n))
				case t.avx512:
					t.VADDPS_Z(m, x(r, n), t.k(n), x(r, n))
				default:
					t.VMASKMOVPS(m, t.mask, t.spare(0))
					t.VADDPS(t.spare(0), x(r, n), x(r, n))
				}
			}
			t.ADDQ(stride, p)
		}
	}
	skip := func(flag int, to string) {
		t.TESTL(operand.U32(flag), flags)
		t.JZ(operand.LabelRef(to))
	}

	skip(flagAccumulate, "bias")
	t.MOVQ(mem(rTile, tileC), pC)
	addRows(pC, ldc)

	t.Label("bias")
	t.MOVQ(mem(rTile, tileBias), pC)
	t.TESTQ(pC, pC)
	t.JZ(operand.LabelRef("before"))
	for n := 0; n < t.vecs; n++ {
		b := t.spare(n % t.spares())
		t.load(mem(pC, 0), n, b)
		for r := 0; r < t.rows; r++ {
			t.VADDPS(b, x(r, n), x(r, n))
		}
	}

	t.Label("before")
	skip(flagResidualBefore, "relu")
	addRows(pR, ldr)
	t.XORQ(pR, pR)

	t.Label("relu")
	skip(flagReLU, "leaky")
	t.zero(t.spare(0))
	each(func(r, n int) { t.VMAXPS(x(r, n), t.spare(0), x(r, n)) }) // NaN stays NaN in this order
	t.JMP(operand.LabelRef("after"))

	t.Label("leaky")
	skip(flagLeaky, "after")
	t.VBROADCASTSS(mem(rTile, tileSlope), t.spare(0))
	each(func(r, n int) {
		if t.avx512 {
			t.VPMOVD2M(x(r, n), reg.K3) // the signs
			t.VMULPS(t.spare(0), x(r, n), reg.K3, x(r, n))
		} else {
			t.VMULPS(t.spare(0), x(r, n), t.spare(1))
			t.VBLENDVPS(x(r, n), t.spare(1), x(r, n), x(r, n))
		}
	})

	t.Label("after")
	t.TESTQ(pR, pR)
	t.JZ(operand.LabelRef("store"))
	addRows(pR, ldr)

	t.Label("store")
	t.MOVQ(mem(rTile, tileC), pC)
	for r := 0; r < t.rows; r++ {
		for n := 0; n < t.vecs; n++ {
			t.store(x(r, n), mem(pC, 0), n)
		}
		if r < t.rows-1 {
			t.ADDQ(ldc, pC)
		}
	}
}
