package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convs writes the transforms of Winograd's F(4×4, 3×3) and the depthwise convolution.
func convs(v *isa) {
	v.winogradInput()
	v.winogradOutput()
	v.winogradWeights()
	v.depthwise()
	v.writeData()
}

// channelLoop runs body for every vector of channels, with the loads and stores that it shall
// use, and after each, next; then it ends the function.
func (v *isa) channelLoop(count string, body func(load func(operand.Mem) reg.Register, store func(reg.Register, operand.Mem)), next func()) {
	left, rest := v.GP64(), v.GP64()
	v.Load(v.Param(count), left)
	v.MOVQ(left, rest)
	v.ANDQ(operand.U32(v.wide-1), rest)
	lanes := v.lanesUpTo(rest)
	v.SUBQ(operand.U8(v.wide), left)
	v.JLT(operand.LabelRef("rest"))
	v.Label("channels")
	body(func(m operand.Mem) reg.Register {
		x := v.r()
		v.VMOVUPS(m, x)
		return x
	}, func(x reg.Register, m operand.Mem) { v.VMOVUPS(x, m) })
	next()
	v.SUBQ(operand.U8(v.wide), left)
	v.JGE(operand.LabelRef("channels"))
	v.Label("rest")
	v.ADDQ(operand.U8(v.wide), left)
	v.JZ(operand.LabelRef("done"))
	body(func(m operand.Mem) reg.Register {
		x := v.r()
		if v.avx512 {
			v.VMOVUPS_Z(m, lanes, x)
		} else {
			v.VMASKMOVPS(m, lanes, x)
		}
		return x
	}, func(x reg.Register, m operand.Mem) {
		if v.avx512 {
			v.VMOVUPS(x, lanes, m)
		} else {
			v.VMASKMOVPS(x, lanes, m)
		}
	})
	v.Label("done")
	v.end()
}

func (v *isa) param(name string) reg.GPVirtual {
	r := v.GP64()
	v.Load(v.Param(name), r)
	return r
}

// argument is where a parameter lies.
func (v *isa) argument(name string) operand.Mem {
	p, err := v.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// copyOf is a new register with r's value.
func (v *isa) copyOf(r reg.Register) reg.GPVirtual {
	c := v.GP64()
	v.MOVQ(r, c)
	return c
}

// winogradRow applies Bᵀ, the input's transform, to six vectors.
func (v *isa) winogradRow(d []reg.Register) []reg.Register {
	four, five, two := number(4), number(-5), number(2)
	a := v.fmaConst(d[2], number(-4), d[4]) // d4 − 4d2
	b := v.fmaConst(d[1], number(-4), d[3]) // d3 − 4d1
	c := v.sub(d[4], d[2])                  // d4 − d2
	e := v.sub(d[3], d[1])                  // d3 − d1
	t0 := v.fmaConst(d[0], four, v.fmaConst(d[2], five, d[4]))
	t5 := v.fmaConst(d[1], four, v.fmaConst(d[3], five, d[5]))
	return regs{t0, v.add(a, b), v.sub(a, b), v.fmaConst(e, two, c), v.fmaConst(e, number(-2), c), t5}
}

// winogradColumn applies Aᵀ, the output's transform, to six vectors.
func (v *isa) winogradColumn(m []reg.Register) []reg.Register {
	s, d := v.add(m[1], m[2]), v.sub(m[1], m[2])
	s2, d2 := v.add(m[3], m[4]), v.sub(m[3], m[4])
	return regs{
		v.add(v.add(m[0], s), s2),
		v.fmaConst(d2, number(2), d),
		v.fmaConst(s2, number(4), s),
		v.add(v.fmaConst(d2, number(8), d), m[5]),
	}
}

// winogradFilter applies G, the weights' transform, to three vectors.
func (v *isa) winogradFilter(g []reg.Register) []reg.Register {
	outer, inner := v.mul(v.add(g[0], g[2]), number(-1.0/6)), v.mul(g[1], number(1.0/6))
	far := v.fmaConst(g[0], number(1.0/24), v.mul(g[2], number(1.0/6)))
	near := v.mul(g[1], number(1.0/12))
	return regs{v.mul(g[0], number(0.25)), v.sub(outer, inner), v.add(outer, inner), v.add(far, near), v.sub(far, near), g[2]}
}

// leaky is x, times the slope where negative. With slope 0 the floor is 0, and −∞ otherwise, so that
// −∞·0, which is NaN, becomes 0: the maximum takes its second operand then.
func (v *isa) leaky(x, slope, floor reg.Register) reg.Register {
	return v.choose(less, x, number(0), v.maxps(v.mul(x, slope), floor), x)
}

// six is the address of number i of a sequence at base, a stride apart; stride3 and stride5 are its multiples.
func six(base, stride, stride3, stride5 reg.Register, i int) operand.Mem {
	switch i {
	case 0:
		return operand.Mem{Base: base}
	case 3:
		return operand.Mem{Base: base, Index: stride3, Scale: 1}
	case 5:
		return operand.Mem{Base: base, Index: stride5, Scale: 1}
	}
	return operand.Mem{Base: base, Index: stride, Scale: uint8(i)}
}

// strides loads a stride and makes three and five times it.
func (v *isa) strides(name string) (s, s3, s5 reg.GPVirtual) {
	s, s3, s5 = v.param(name), v.GP64(), v.GP64()
	v.LEAQ(operand.Mem{Base: s, Index: s, Scale: 2}, s3)
	v.LEAQ(operand.Mem{Base: s, Index: s, Scale: 4}, s5)
	return
}

func (v *isa) winogradInput() {
	v.begin("winogradInput", "func(dst, src, scratch *float32, rowStride, pixelStride, plane, channels int)", "transforms a tile of 6×6 pixels; strides are bytes, scratch has room for 36 vectors.")
	dst, src, scratch := v.param("dst"), v.param("src"), v.param("scratch")
	row, row3, row5 := v.strides("rowStride")
	pixel, plane := v.param("pixelStride"), v.param("plane")
	v.channelLoop("channels", func(load func(operand.Mem) reg.Register, store func(reg.Register, operand.Mem)) {
		at := v.copyOf(src)
		for x := range 6 {
			var d regs
			for y := range 6 {
				d = append(d, load(six(at, row, row3, row5, y)))
			}
			for y, t := range v.winogradRow(d) {
				v.VMOVUPS(t, mem(scratch, (6*y+x)*v.bytes()))
			}
			v.ADDQ(pixel, at)
		}
		to := v.copyOf(dst)
		for y := range 6 {
			var d regs
			for x := range 6 {
				r := v.r()
				v.VMOVUPS(mem(scratch, (6*y+x)*v.bytes()), r)
				d = append(d, r)
			}
			for _, t := range v.winogradRow(d) {
				store(t, mem(to, 0))
				v.ADDQ(plane, to)
			}
		}
	}, func() {
		v.ADDQ(operand.U8(v.bytes()), src)
		v.ADDQ(operand.U8(v.bytes()), dst)
	})
}

func (v *isa) winogradOutput() {
	v.begin("winogradOutput", "func(dst, src, bias, scratch *float32, rowStride, pixelStride, plane, channels int, slope float32)", "transforms 36 planes to a tile of 4×4 pixels, adds the bias and multiplies what is negative by the slope; strides are bytes, scratch has room for 24 vectors.")
	dst, src, bias, scratch := v.param("dst"), v.param("src"), v.param("bias"), v.param("scratch")
	plane, plane3, plane5 := v.strides("plane")
	slope := v.r()
	v.VBROADCASTSS(v.argument("slope"), slope)
	floor := v.choose(equal, slope, number(0), v.value(0), v.value(math.Inf(-1)))
	v.channelLoop("channels", func(load func(operand.Mem) reg.Register, store func(reg.Register, operand.Mem)) {
		at := v.copyOf(src)
		for y := range 6 {
			var m regs
			for x := range 6 {
				m = append(m, load(six(at, plane, plane3, plane5, x)))
			}
			for x, t := range v.winogradColumn(m) {
				v.VMOVUPS(t, mem(scratch, (4*y+x)*v.bytes()))
			}
			if y < 5 {
				v.LEAQ(operand.Mem{Base: at, Index: plane3, Scale: 2}, at)
			}
		}
		b, column := load(mem(bias, 0)), v.copyOf(dst)
		for x := range 4 {
			var m regs
			for y := range 6 {
				r := v.r()
				v.VMOVUPS(mem(scratch, (4*y+x)*v.bytes()), r)
				m = append(m, r)
			}
			to := v.copyOf(column)
			for y, t := range v.winogradColumn(m) {
				t = v.add(t, b)
				store(v.leaky(t, slope, floor), mem(to, 0))
				if y < 3 {
					v.ADDQ(v.argument("rowStride"), to)
				}
			}
			v.ADDQ(v.argument("pixelStride"), column)
		}
	}, func() {
		v.ADDQ(operand.U8(v.bytes()), src)
		v.ADDQ(operand.U8(v.bytes()), bias)
		v.ADDQ(operand.U8(v.bytes()), dst)
	})
}

func (v *isa) winogradWeights() {
	v.begin("winogradWeights", "func(dst, src, scratch *float32, tap, plane, n int)", "transforms n filters of 3×3 taps to 36 planes; strides are bytes, scratch has room for 18 vectors.")
	dst, src, scratch := v.param("dst"), v.param("src"), v.param("scratch")
	tap, plane := v.param("tap"), v.param("plane")
	v.channelLoop("n", func(load func(operand.Mem) reg.Register, store func(reg.Register, operand.Mem)) {
		at := v.copyOf(src)
		for y := range 3 {
			var g regs
			for range 3 {
				g = append(g, load(mem(at, 0)))
				v.ADDQ(tap, at)
			}
			for x, t := range v.winogradFilter(g) {
				v.VMOVUPS(t, mem(scratch, (6*y+x)*v.bytes()))
			}
		}
		column := v.copyOf(dst)
		for x := range 6 {
			var g regs
			for y := range 3 {
				r := v.r()
				v.VMOVUPS(mem(scratch, (6*y+x)*v.bytes()), r)
				g = append(g, r)
			}
			to := v.copyOf(column)
			six := v.GP64()
			v.LEAQ(operand.Mem{Base: plane, Index: plane, Scale: 2}, six)
			v.ADDQ(six, six)
			for _, t := range v.winogradFilter(g) {
				store(t, mem(to, 0))
				v.ADDQ(six, to)
			}
			v.ADDQ(plane, column)
		}
	}, func() {
		v.ADDQ(operand.U8(v.bytes()), src)
		v.ADDQ(operand.U8(v.bytes()), dst)
	})
}

// depthwise writes a row of output pixels of a convolution of each channel with a filter of its own.
func (v *isa) depthwise() {
	v.begin("depthwise", "func(dst, src, weights, bias *float32, off, wOff *int32, taps, pixels, channels, dstStep, srcStep int, slope float32)", "convolves each channel with its own filter; steps are bytes, offsets elements.")
	// src, weights, bias and dst move on with the channels.
	dst, src, weights, bias := v.param("dst"), v.param("src"), v.param("weights"), v.param("bias")
	step, step3 := v.param("srcStep"), v.GP64()
	v.LEAQ(operand.Mem{Base: step, Index: step, Scale: 2}, step3)
	slope := v.r()
	v.VBROADCASTSS(v.argument("slope"), slope)
	floor := v.choose(equal, slope, number(0), v.value(0), v.value(math.Inf(-1)))
	part := ""
	v.channelLoop("channels", func(load func(operand.Mem) reg.Register, store func(reg.Register, operand.Mem)) {
		in, out, pixels := v.copyOf(src), v.copyOf(dst), v.param("pixels")
		// some computes a number of pixels at once, so that a tap's weights are loaded once for them.
		some := func(count int, name string) {
			name += part
			var acc regs
			b := load(mem(bias, 0))
			for i := range count {
				if i == 0 {
					acc = append(acc, b)
				} else {
					acc = append(acc, v.move(b))
				}
			}
			t := v.GP64()
			v.XORQ(t, t)
			v.Label(name)
			at, tap := v.param("off"), v.GP64()
			v.MOVLQSX(operand.Mem{Base: at, Index: t, Scale: 4}, at)
			v.LEAQ(operand.Mem{Base: in, Index: at, Scale: 4}, at)
			v.Load(v.Param("wOff"), tap)
			v.MOVLQSX(operand.Mem{Base: tap, Index: t, Scale: 4}, tap)
			w := load(operand.Mem{Base: weights, Index: tap, Scale: 4})
			at4 := tap // the fifth pixel
			if count > 4 {
				v.LEAQ(operand.Mem{Base: at, Index: step, Scale: 4}, at4)
			}
			for i := range count {
				base := at
				if i >= 4 {
					base = at4
				}
				v.VFMADD231PS(load(six(base, step, step3, nil, i%4)), w, acc[i])
			}
			v.INCQ(t)
			v.CMPQ(t, v.argument("taps"))
			v.JLT(operand.LabelRef(name))
			for i := range count {
				x := acc[i]
				store(v.leaky(x, slope, floor), mem(out, 0))
				v.ADDQ(v.argument("dstStep"), out)
				if i%4 == 3 {
					v.LEAQ(operand.Mem{Base: in, Index: step, Scale: 4}, in)
				} else if count < 4 {
					v.ADDQ(step, in)
				}
			}
		}
		v.SUBQ(operand.U8(8), pixels)
		v.JLT(operand.LabelRef("few" + part))
		v.Label("eight" + part)
		some(8, "tap8")
		v.SUBQ(operand.U8(8), pixels)
		v.JGE(operand.LabelRef("eight" + part))
		v.Label("few" + part)
		v.ADDQ(operand.U8(8), pixels)
		v.JZ(operand.LabelRef("column" + part))
		v.Label("one" + part)
		some(1, "tap1")
		v.DECQ(pixels)
		v.JNZ(operand.LabelRef("one" + part))
		v.Label("column" + part)
		part = "Rest"
	}, func() {
		for _, p := range []reg.Register{dst, src, weights, bias} {
			v.ADDQ(operand.U8(v.bytes()), p)
		}
	})
}
