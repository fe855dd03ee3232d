package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm writes what surrounds the micro-kernels of one instruction set.
func gemm(v *isa) {
	v.peak()
	v.packPanel()
	v.packRows()
	v.vecmat()
	v.dots()
	if !v.avx512 { // the level above uses it too
		v.transpose()
	}
	v.writeData()
}

func (v *isa) begin(name, signature, doc string) {
	v.Function(name + v.name)
	v.Attributes(attr.NOSPLIT)
	v.SignatureExpr(signature)
	v.Pragma("noescape")
	v.Doc(name + v.name + " " + doc)
}

// end leaves a function. The upper halves are cleared since Go's own code is SSE, which would wait
// for them.
func (v *isa) end() {
	v.VZEROUPPER()
	v.RET()
}

// peak writes a loop of nothing but independent fused multiply-adds.
func (v *isa) peak() {
	v.begin("peak", "func(rounds int)", "does 120 independent fused multiply-adds of a vector a round.")
	v.Load(v.Param("rounds"), reg.RCX)
	const accumulators = 12
	for i := range accumulators + 2 {
		v.zero(v.vec[i])
	}
	v.Label("loop")
	for range 10 {
		for i := range accumulators {
			v.VFMADD231PS(v.vec[accumulators], v.vec[accumulators+1], v.vec[i])
		}
	}
	v.DECQ(reg.RCX)
	v.JNZ(operand.LabelRef("loop"))
	v.end()
}

// packPanel writes the copy of k rows of two vectors to one place.
func (v *isa) packPanel() {
	v.begin("packPanel", "func(dst, src *float32, k, stride int)", "copies k rows of two vectors, stride bytes apart, side by side.")
	dst, src, k, stride := reg.RDI, reg.RSI, reg.RCX, reg.RDX
	v.Load(v.Param("dst"), dst)
	v.Load(v.Param("src"), src)
	v.Load(v.Param("k"), k)
	v.Load(v.Param("stride"), stride)
	v.Label("loop")
	// Rows of a wide matrix are pages apart, too far for the hardware to see them coming.
	for line := 0; line < 2*v.bytes(); line += 64 {
		v.PREFETCHT0(operand.Mem{Base: src, Index: stride, Scale: 8, Disp: line})
	}
	v.VMOVUPS(mem(src, 0), v.vec[0])
	v.VMOVUPS(mem(src, v.bytes()), v.vec[1])
	v.VMOVUPS(v.vec[0], mem(dst, 0))
	v.VMOVUPS(v.vec[1], mem(dst, v.bytes()))
	v.ADDQ(stride, src)
	v.ADDQ(operand.U32(2*v.bytes()), dst)
	v.DECQ(k)
	v.JNZ(operand.LabelRef("loop"))
	v.end()
}

// vecmat writes c[n] += Σ_j a[j]·b[j][n] over 8 rows of b, n a whole number of vectors. It
// streams through b with its rows side by side, where a tile would hop from row to row.
func (v *isa) vecmat() {
	v.begin("vecmat8", "func(c, b, a *float32, n, bks, aks int)", "adds the products of 8 elements of a, aks bytes apart, and 8 rows of b, bks bytes apart, to n columns of c, n a multiple of the vector.")
	c, b, a, n, bks := reg.RDI, reg.RSI, reg.RDX, reg.RCX, reg.R8
	bks3, bks5, bks7 := reg.R9, reg.R10, reg.R11
	aks := reg.R12
	v.Load(v.Param("c"), c)
	v.Load(v.Param("b"), b)
	v.Load(v.Param("a"), a)
	v.Load(v.Param("n"), n)
	v.Load(v.Param("bks"), bks)
	v.Load(v.Param("aks"), aks)
	v.LEAQ(operand.Mem{Base: bks, Index: bks, Scale: 2}, bks3)
	v.LEAQ(operand.Mem{Base: bks, Index: bks, Scale: 4}, bks5)
	v.LEAQ(operand.Mem{Base: bks3, Index: bks, Scale: 4}, bks7)
	for j := range 8 {
		v.VBROADCASTSS(mem(a, 0), v.vec[j])
		if j < 7 {
			v.ADDQ(aks, a)
		}
	}
	row := func(j int) operand.Mem {
		switch j {
		case 0:
			return operand.Mem{Base: b}
		case 1, 2, 4:
			return operand.Mem{Base: b, Index: bks, Scale: uint8(j)}
		case 3, 6:
			return operand.Mem{Base: b, Index: bks3, Scale: uint8(j / 3)}
		case 5:
			return operand.Mem{Base: b, Index: bks5, Scale: 1}
		}
		return operand.Mem{Base: b, Index: bks7, Scale: 1}
	}
	// Two sums a vector halve the chain of additions.
	step := func(vecs int) {
		sum := func(i, half int) reg.VecPhysical { return v.vec[8+2*i+half] }
		for i := range vecs {
			v.VMOVUPS(mem(c, i*v.bytes()), sum(i, 0))
		}
		for j := range 8 {
			for i := range vecs {
				m := row(j)
				m.Disp = i * v.bytes()
				if j == 1 {
					v.VMULPS(m, v.vec[j], sum(i, 1))
				} else {
					v.VFMADD231PS(m, v.vec[j], sum(i, j%2))
				}
			}
		}
		for i := range vecs {
			v.VADDPS(sum(i, 0), sum(i, 1), sum(i, 0))
			v.VMOVUPS(sum(i, 0), mem(c, i*v.bytes()))
		}
		v.ADDQ(operand.U32(vecs*v.bytes()), b)
		v.ADDQ(operand.U32(vecs*v.bytes()), c)
	}
	v.SUBQ(operand.U8(4*v.wide), n)
	v.JLT(operand.LabelRef("rest"))
	v.Label("four")
	step(4)
	v.SUBQ(operand.U8(4*v.wide), n)
	v.JGE(operand.LabelRef("four"))
	v.Label("rest")
	v.ADDQ(operand.U8(4*v.wide), n)
	v.JZ(operand.LabelRef("done"))
	v.Label("one")
	step(1)
	v.SUBQ(operand.U8(v.wide), n)
	v.JNZ(operand.LabelRef("one"))
	v.Label("done")
	v.end()
}

// packRows writes the copy of k rows of at most a vector to rows without gaps. It stores whole
// vectors, so that dst needs room for one beyond its end.
func (v *isa) packRows() {
	v.begin("packRows", "func(dst, src *float32, k, stride, width int)", "copies k rows of width elements, stride bytes apart, side by side; it writes up to a vector more.")
	dst, src, k, stride, width := reg.RDI, reg.RSI, reg.RCX, reg.RDX, reg.RAX
	v.Load(v.Param("dst"), dst)
	v.Load(v.Param("src"), src)
	v.Load(v.Param("k"), k)
	v.Load(v.Param("stride"), stride)
	v.Load(v.Param("width"), width)
	lanes := v.lanesOf(width)
	v.SHLQ(operand.U8(2), width)
	v.Label("loop")
	if v.avx512 {
		v.VMOVUPS_Z(mem(src, 0), lanes, v.vec[0])
	} else {
		v.VMASKMOVPS(mem(src, 0), lanes, v.vec[0])
	}
	v.VMOVUPS(v.vec[0], mem(dst, 0))
	v.ADDQ(stride, src)
	v.ADDQ(width, dst)
	v.DECQ(k)
	v.JNZ(operand.LabelRef("loop"))
	v.end()
}

// lanesOf is the mask of the first n lanes, n at most a vector's: K1, or the vector register before the last.
func (v *isa) lanesOf(n reg.GPPhysical) operand.Op {
	scratch := reg.R13
	if v.avx512 {
		v.MOVL(operand.U32(0xffff), scratch.As32())
		v.BZHIL(n.As32(), scratch.As32(), scratch.As32())
		v.KMOVW(scratch.As32(), reg.K1)
		return reg.K1
	}
	mask := v.vec[len(v.vec)-2]
	v.LEAQ(data("lanes"+v.name), scratch)
	v.NEGQ(n)
	v.VMOVUPS(operand.Mem{Base: scratch, Index: n, Scale: 4, Disp: 32}, mask)
	v.NEGQ(n)
	return mask
}

// dots writes the products of four rows with one vector.
func (v *isa) dots() {
	v.begin("dots4", "func(dst, rows, x *float32, n, stride int)", "leaves the products of 4 rows of n elements, stride bytes apart, with x in dst.")
	dst, row, x, n, stride := reg.RDI, reg.RSI, reg.RDX, reg.RCX, reg.R8
	v.Load(v.Param("dst"), dst)
	v.Load(v.Param("rows"), row)
	v.Load(v.Param("x"), x)
	v.Load(v.Param("n"), n)
	v.Load(v.Param("stride"), stride)
	rows := []reg.GPPhysical{row, reg.R9, reg.R10, reg.R11}
	for i := 1; i < 4; i++ {
		v.LEAQ(operand.Mem{Base: rows[i-1], Index: stride, Scale: 1}, rows[i])
	}
	const b = 8 // the first register after the sums, two a row
	for i := range b {
		v.zero(v.vec[i])
	}
	i := reg.RAX
	v.XORQ(i, i)
	at := func(p reg.GPPhysical, j int) operand.Mem {
		return operand.Mem{Base: p, Index: i, Scale: 4, Disp: j * v.bytes()}
	}
	v.SUBQ(operand.U8(2*v.wide), n)
	v.JLT(operand.LabelRef("single"))
	v.Label("two")
	for j := range 2 {
		v.VMOVUPS(at(x, j), v.vec[b+j])
		for r := range 4 {
			v.VFMADD231PS(at(rows[r], j), v.vec[b+j], v.vec[2*r+j])
		}
	}
	v.ADDQ(operand.U8(2*v.wide), i)
	v.SUBQ(operand.U8(2*v.wide), n)
	v.JGE(operand.LabelRef("two"))
	v.Label("single")
	v.ADDQ(operand.U8(v.wide), n)
	v.JLT(operand.LabelRef("rest"))
	v.VMOVUPS(at(x, 0), v.vec[b])
	for r := range 4 {
		v.VFMADD231PS(at(rows[r], 0), v.vec[b], v.vec[2*r])
	}
	v.ADDQ(operand.U8(v.wide), i)
	v.SUBQ(operand.U8(v.wide), n)
	v.Label("rest")
	v.ADDQ(operand.U8(v.wide), n)
	v.JZ(operand.LabelRef("fold"))
	lanes := v.lanesOf(n)
	part := func(m operand.Mem, y reg.VecPhysical) {
		if v.avx512 {
			v.VMOVUPS_Z(m, lanes, y)
		} else {
			v.VMASKMOVPS(m, lanes, y)
		}
	}
	part(at(x, 0), v.vec[b])
	for r := range 4 {
		part(at(rows[r], 0), v.vec[b+1])
		v.VFMADD231PS(v.vec[b+1], v.vec[b], v.vec[2*r])
	}
	v.Label("fold")
	y := func(i int) reg.Register { return v.vec[i].(reg.Vec).AsY() }
	for r := range 4 {
		v.VADDPS(v.vec[2*r+1], v.vec[2*r], v.vec[2*r])
		if v.avx512 {
			v.VEXTRACTF64X4(operand.U8(1), v.vec[2*r], y(2*r+1))
			v.VADDPS(y(2*r+1), y(2*r), y(2*r))
		}
	}
	v.VHADDPS(y(2), y(0), y(0))
	v.VHADDPS(y(6), y(4), y(4))
	v.VHADDPS(y(4), y(0), y(0))
	v.VEXTRACTF128(operand.U8(1), y(0), reg.X1)
	v.VADDPS(reg.X1, reg.X0, reg.X0)
	v.VMOVUPS(reg.X0, mem(dst, 0))
	v.end()
}

// transpose writes the transposition of 8 rows, 8 columns at a time.
func (v *isa) transpose() {
	v.begin("transpose8", "func(dst, src *float32, columns, dstStride, srcStride int)", "turns 8 rows of columns elements, a multiple of 8, into columns rows of 8; strides are bytes.")
	dst, src, n, ds, ss := reg.RDI, reg.RSI, reg.RCX, reg.R8, reg.R9
	ds3, ss3 := reg.R10, reg.R11
	dst4, src4 := reg.RAX, reg.RDX
	v.Load(v.Param("dst"), dst)
	v.Load(v.Param("src"), src)
	v.Load(v.Param("columns"), n)
	v.Load(v.Param("dstStride"), ds)
	v.Load(v.Param("srcStride"), ss)
	v.LEAQ(operand.Mem{Base: ds, Index: ds, Scale: 2}, ds3)
	v.LEAQ(operand.Mem{Base: ss, Index: ss, Scale: 2}, ss3)
	v.LEAQ(operand.Mem{Base: src, Index: ss, Scale: 4}, src4)
	v.LEAQ(operand.Mem{Base: dst, Index: ds, Scale: 4}, dst4)
	row := func(base, stride, stride3 reg.Register, i int) operand.Mem {
		switch i {
		case 0:
			return operand.Mem{Base: base}
		case 3:
			return operand.Mem{Base: base, Index: stride3, Scale: 1}
		}
		return operand.Mem{Base: base, Index: stride, Scale: uint8(i)}
	}
	a, b := v.vec[:8], v.vec[8:]
	v.Label("loop")
	for i := range 4 {
		v.VMOVUPS(row(src, ss, ss3, i), a[i])
		v.VMOVUPS(row(src4, ss, ss3, i), a[4+i])
	}
	for i := 0; i < 8; i += 2 { // pairs of rows, then pairs of pairs, then halves
		v.VUNPCKLPS(a[i+1], a[i], b[i])
		v.VUNPCKHPS(a[i+1], a[i], b[i+1])
	}
	for i := 0; i < 8; i += 4 {
		v.VUNPCKLPD(b[i+2], b[i], a[i])
		v.VUNPCKHPD(b[i+2], b[i], a[i+1])
		v.VUNPCKLPD(b[i+3], b[i+1], a[i+2])
		v.VUNPCKHPD(b[i+3], b[i+1], a[i+3])
	}
	for i := range 4 {
		v.VPERM2F128(operand.U8(0x20), a[i+4], a[i], b[i])
		v.VPERM2F128(operand.U8(0x31), a[i+4], a[i], b[i+4])
	}
	for i := range 4 {
		v.VMOVUPS(b[i], row(dst, ds, ds3, i))
		v.VMOVUPS(b[4+i], row(dst4, ds, ds3, i))
	}
	v.ADDQ(operand.U8(32), src)
	v.ADDQ(operand.U8(32), src4)
	v.LEAQ(operand.Mem{Base: dst, Index: ds, Scale: 8}, dst)
	v.LEAQ(operand.Mem{Base: dst4, Index: ds, Scale: 8}, dst4)
	v.SUBQ(operand.U8(8), n)
	v.JNZ(operand.LabelRef("loop"))
	v.end()
}
