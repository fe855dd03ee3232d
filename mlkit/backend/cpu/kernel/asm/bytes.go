package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bytesKernels writes the kernels that turn numbers into bools and choose by them. They take whole vectors
// only; the caller sees to the rest.
func (v *isa) bytesKernels() {
	for _, p := range []struct {
		name, doc string
		predicate int
	}{
		{"eq", "a = b", equal}, {"ne", "a ≠ b", notEqual}, {"lt", "a < b", less}, {"le", "a ≤ b", lessEqual}, {"gt", "a > b", greater}, {"ge", "a ≥ b", greaterEq},
	} {
		v.begin(p.name, "func(dst *bool, a, b *float32, n int)", "tells where "+p.doc+", n a multiple of the vector.")
		v.bytesLoop([]string{"dst", "a", "b"}, func(at func(i, size int) operand.Mem) {
			x := v.r()
			v.VMOVUPS(at(1, 4), x)
			v.storeBools(p.predicate, x, at(2, 4), at(0, 1))
		})
	}

	v.begin("choose", "func(dst *float32, mask *bool, a, b *float32, n int)", "is a where the mask is true, else b, n a multiple of the vector.")
	v.bytesLoop([]string{"dst", "mask", "a", "b"}, func(at func(i, size int) operand.Mem) {
		a, b, r := v.r(), v.r(), v.r()
		v.VMOVUPS(at(2, 4), a)
		v.VMOVUPS(at(3, 4), b)
		if v.avx512 {
			m, k := v.XMM(), v.K()
			v.VMOVDQU(at(1, 1), m)
			v.VPTESTMB(m, m, k)
			r = v.merge(k, a, b)
		} else {
			m := v.r()
			v.VPMOVZXBD(at(1, 1), m)
			v.VPSLLD(operand.U8(31), m, m)
			v.VBLENDVPS(m, a, b, r)
		}
		v.VMOVUPS(r, at(0, 4))
	})
}

// bytesLoop runs body for each vector and ends the function; at is the address of the vector's elements of parameter
// i, which have so many bytes.
func (v *isa) bytesLoop(names []string, body func(at func(i, size int) operand.Mem)) {
	var ptr []reg.Register
	for _, name := range names {
		p := v.GP64()
		v.Load(v.Param(name), p)
		ptr = append(ptr, p)
	}
	n, i := v.GP64(), v.GP64()
	v.Load(v.Param("n"), n)
	v.XORQ(i, i)
	v.Label("loop")
	body(func(p, size int) operand.Mem {
		return operand.Mem{Base: ptr[p], Index: i, Scale: uint8(size)}
	})
	v.ADDQ(operand.U32(v.wide), i)
	v.CMPQ(i, n)
	v.JLT(operand.LabelRef("loop"))
	v.end()
}

// storeBools stores where (x predicate y) holds as bytes 0 and 1.
func (v *isa) storeBools(predicate int, x reg.Register, y operand.Op, to operand.Mem) {
	bytes := v.XMM()
	if v.avx512 {
		k := v.K()
		v.VCMPPS(operand.U8(predicate), y, x, k)
		v.VPMOVM2B(k, bytes)
		v.VPABSB(bytes, bytes)
		v.VMOVDQU(bytes, to)
		return
	}
	m, high := v.YMM(), v.XMM()
	v.VCMPPS(operand.U8(predicate), y, x, m)
	v.VEXTRACTI128(operand.U8(1), m, high)
	v.VPACKSSDW(high, m.AsX(), bytes)
	v.VPACKSSWB(bytes, bytes, bytes)
	v.VPABSB(bytes, bytes)
	v.VMOVQ(bytes, to)
}
