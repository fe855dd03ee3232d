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
	v.vecmat()
}

func (v *isa) begin(name, signature, doc string) {
	v.Function(name + v.name)
	v.Attributes(attr.NOSPLIT)
	v.SignatureExpr(signature)
	v.Pragma("noescape")
	v.Doc(name + v.name + " " + doc)
}

func (v *isa) end() {
	if !v.avx512 {
		v.VZEROUPPER()
	}
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
