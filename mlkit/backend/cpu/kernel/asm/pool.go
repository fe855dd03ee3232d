package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pools writes the 2×2 pooling with stride 2 along a row of windows, channels side by side.
func pools(v *isa) {
	v.begin("maxPool", "func(dst, a, b *float32, windows, channels int)", "leaves the maxima of 2×2 windows of rows a and b.")
	v.windows([]string{"dst", "a", "b"}, []int{1, 2, 2}, func(load func(p, pixel int) reg.Register, store func(p, pixel int, x reg.Register)) {
		a, b, c, d := load(1, 0), load(1, 1), load(2, 0), load(2, 1)
		m := v.maxps(v.maxps(a, b), v.maxps(c, d))
		// An instruction that meets NaN returns its second operand: NaNs are put in.
		if v.avx512 {
			k, l := v.K(), v.K()
			v.VCMPPS(operand.U8(unordered), b, a, k)
			v.VCMPPS(operand.U8(unordered), d, c, l)
			v.KORW(k, l, k)
			v.do("VMOVUPS", v.bits(konst(0x7fc00000)), k, m)
		} else {
			m = v.or(m, v.or(v.unordered(a, b), v.unordered(c, d)))
		}
		store(0, 0, m)
	})
	v.begin("maxPoolGrad", "func(da, db, a, b, dy *float32, windows, channels int)", "gives dy to the first maximum of each 2×2 window of rows a and b, 0 to the others.")
	v.windows([]string{"da", "db", "a", "b", "dy"}, []int{2, 2, 2, 2, 1}, func(load func(p, pixel int) reg.Register, store func(p, pixel int, x reg.Register)) {
		best := load(2, 0)
		next := func(x reg.Register) operand.Op {
			m := v.maskOr(v.mask(greater, x, best), v.mask(unordered, x, x))
			best = v.blend(m, x, best)
			return m
		}
		kb := next(load(2, 1))
		kc := next(load(3, 0))
		kd := next(load(3, 1))
		dy := load(4, 0)
		store(1, 1, v.keep(kd, dy))
		store(1, 0, v.keepNot(kd, v.keep(kc, dy)))
		later := v.maskOr(kc, kd)
		store(0, 1, v.keepNot(later, v.keep(kb, dy)))
		store(0, 0, v.keepNot(v.maskOr(kb, later), dy))
	})
	v.writeData()
}

// mask is where (x predicate y) holds: an opmask, or all ones in the lanes.
func (v *isa) mask(predicate int, x, y reg.Register) operand.Op {
	if v.avx512 {
		k := v.K()
		v.VCMPPS(operand.U8(predicate), y, x, k)
		return k
	}
	m := v.r()
	v.VCMPPS(operand.U8(predicate), y, x, m)
	return m
}

func (v *isa) maskOr(a, b operand.Op) operand.Op {
	if v.avx512 {
		k := v.K()
		v.KORW(a, b, k)
		return k
	}
	return v.or(a.(reg.Register), b)
}

// blend is a where the mask is set, else b.
func (v *isa) blend(m operand.Op, a, b reg.Register) reg.Register {
	if v.avx512 {
		return v.merge(m, a, b)
	}
	r := v.r()
	v.VBLENDVPS(m, a, b, r)
	return r
}

// keep is x where the mask is set, else 0; keepNot the other way round.
func (v *isa) keep(m operand.Op, x reg.Register) reg.Register {
	r := v.r()
	if v.avx512 {
		v.VMOVAPS_Z(x, m, r)
	} else {
		v.VANDPS(m, x, r)
	}
	return r
}

func (v *isa) keepNot(m operand.Op, x reg.Register) reg.Register {
	if v.avx512 {
		k := v.K()
		v.KNOTW(m, k)
		return v.keep(k, x)
	}
	r := v.r()
	v.VANDNPS(x, m, r)
	return r
}

// windows runs body over the channels of every window, and ends the function. steps tells how many pixels each
// operand moves from one window to the next.
func (v *isa) windows(names []string, steps []int, body func(load func(p, pixel int) reg.Register, store func(p, pixel int, x reg.Register))) {
	var ptr []reg.GPVirtual
	for _, name := range names {
		p := v.GP64()
		v.Load(v.Param(name), p)
		ptr = append(ptr, p)
	}
	count, channels, pixel, c := v.GP64(), v.GP64(), v.GP64(), v.GP64()
	v.Load(v.Param("windows"), count)
	v.Load(v.Param("channels"), channels)
	v.MOVQ(channels, pixel)
	v.SHLQ(operand.U8(2), pixel) // bytes
	rest := v.GP64()
	v.MOVQ(channels, rest)
	v.ANDQ(operand.U32(v.wide-1), rest)
	lanes := v.lanesUpTo(rest)
	part := false
	// Addresses of the second pixel go through a register of their own, made anew for each window.
	second := make([]reg.GPVirtual, len(ptr))
	at := func(p, px int) operand.Mem {
		base := ptr[p]
		if px == 1 {
			base = second[p]
		}
		return operand.Mem{Base: base, Index: c, Scale: 4}
	}
	load := func(p, px int) reg.Register {
		x := v.r()
		switch {
		case !part:
			v.VMOVUPS(at(p, px), x)
		case v.avx512:
			v.VMOVUPS_Z(at(p, px), lanes, x)
		default:
			v.VMASKMOVPS(at(p, px), lanes, x)
		}
		return x
	}
	store := func(p, px int, x reg.Register) {
		switch {
		case !part:
			v.VMOVUPS(x, at(p, px))
		case v.avx512:
			v.VMOVUPS(x, lanes, at(p, px))
		default:
			v.VMASKMOVPS(x, lanes, at(p, px))
		}
	}
	v.Label("window")
	for i, s := range steps {
		if s == 2 {
			second[i] = v.GP64()
			v.LEAQ(operand.Mem{Base: ptr[i], Index: pixel, Scale: 1}, second[i])
		}
	}
	left := v.GP64()
	v.XORQ(c, c)
	v.MOVQ(channels, left)
	v.SUBQ(operand.U8(v.wide), left)
	v.JLT(operand.LabelRef("rest"))
	v.Label("channels")
	body(load, store)
	v.ADDQ(operand.U8(v.wide), c)
	v.SUBQ(operand.U8(v.wide), left)
	v.JGE(operand.LabelRef("channels"))
	v.Label("rest")
	v.ADDQ(operand.U8(v.wide), left)
	v.JZ(operand.LabelRef("next"))
	part = true
	body(load, store)
	v.Label("next")
	for i, s := range steps {
		v.LEAQ(operand.Mem{Base: ptr[i], Index: pixel, Scale: uint8(s)}, ptr[i])
	}
	v.DECQ(count)
	v.JNZ(operand.LabelRef("window"))
	v.end()
}

// lanesUpTo is the mask of the first n lanes, n less than a vector's.
func (v *isa) lanesUpTo(n reg.GPVirtual) operand.Op {
	if v.avx512 {
		ones, k := v.GP32(), v.K()
		v.MOVL(operand.U32(0xffff), ones)
		v.BZHIL(n.As32(), ones, ones)
		v.KMOVW(ones, k)
		return k
	}
	table, mask := v.GP64(), v.r()
	v.LEAQ(data("lanes"+v.name), table)
	v.SHLQ(operand.U8(2), n)
	v.SUBQ(n, table)
	v.VMOVUPS(mem(table, 32), mask)
	return mask
}
