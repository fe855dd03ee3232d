package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type regs = []reg.Register

// vectors writes the element-wise kernels of one instruction set.
func vectors(v *isa) {
	binary := func(name, doc string, f func(a reg.Register, b operand.Op) reg.Register) {
		v.elementwise(name, doc, streams("dst", "a", "b"), nil, 4, func(in, _ regs) regs { return regs{f(in[0], in[1])} })
	}
	scalar := func(name, doc string, f func(a reg.Register, b operand.Op) reg.Register) {
		v.elementwise(name+"Scalar", doc+", b the same number everywhere", streams("dst", "a"), []string{"s"}, 4, func(in, s regs) regs { return regs{f(in[0], s[0])} })
	}
	maximum := func(a reg.Register, b operand.Op) reg.Register {
		return v.extreme(a, b.(reg.Register), "VMAXPS", "VANDPS")
	}
	binary("add", "is a + b", v.add)
	binary("sub", "is a − b", v.sub)
	scalar("sub", "is a − b", v.sub)
	binary("mul", "is a·b", v.mul)
	scalar("mul", "is a·b", v.mul)
	binary("div", "is a / b", v.div)
	binary("max", "is the maximum of a and b, NaN if either is", maximum)
	scalar("max", "is the maximum of a and b, NaN if either is", maximum)
	binary("min", "is the minimum of a and b, NaN if either is", func(a reg.Register, b operand.Op) reg.Register {
		return v.extreme(a, b.(reg.Register), "VMINPS", "VORPS")
	})

	unary := func(name, doc string, unroll int, f func(a reg.Register) reg.Register) {
		v.elementwise(name, doc, streams("dst", "a"), nil, unroll, func(in, _ regs) regs { return regs{f(in[0])} })
	}
	unary("neg", "is −a", 4, func(a reg.Register) reg.Register { return v.xor(a, konst(0x80000000)) })
	unary("abs", "is |a|", 4, func(a reg.Register) reg.Register { return v.and(a, konst(0x7fffffff)) })
	unary("sqrt", "is √a", 2, v.sqrt)
	unary("rsqrt", "is 1/√a", 2, func(a reg.Register) reg.Register { return v.div(v.value(1), v.sqrt(a)) })
	unary("floor", "rounds a down", 4, func(a reg.Register) reg.Register { return v.round(a, 1) })
	unary("ceil", "rounds a up", 4, func(a reg.Register) reg.Register { return v.round(a, 2) })
	unary("round", "rounds a to the nearest, half to even", 4, func(a reg.Register) reg.Register { return v.round(a, 0) })
	unary("exp", "is eᵃ", 1, v.exp)
	unary("log", "is the natural logarithm of a", 1, v.log)
	unary("tanh", "is the hyperbolic tangent of a", 1, v.tanh)
	unary("logistic", "is 1/(1+e⁻ᵃ)", 1, v.logistic)
	unary("erf", "is the error function of a", 1, v.erf)

	v.elementwise("mulAdd", "is a·b + c, rounded once", streams("dst", "a", "b", "c"), nil, 4, func(in, _ regs) regs { return regs{v.fma(in[0], in[1], in[2])} })
	v.elementwise("axpy", "is b + s·a, rounded once", streams("dst", "a", "b"), []string{"s"}, 4, func(in, s regs) regs { return regs{v.fma(in[0], s[0], in[1])} })
	v.elementwise("reluGrad", "is b where a > 0, else 0", streams("dst", "a", "b"), nil, 4, func(in, _ regs) regs {
		zero := v.value(0)
		return regs{v.choose(greater, in[0], zero, in[1], zero)}
	})
	v.adam()

	v.reduction("sum", "adds a up", streams("a"), 0, func(acc reg.Register, in regs) { v.do("VADDPS", in[0], acc, acc) })
	v.reduction("dot", "adds the products of a and b up", streams("a", "b"), 0, func(acc reg.Register, in regs) { v.do("VFMADD231PS", in[0], in[1], acc) })
	v.reduction("maxOf", "is the maximum of a", streams("a"), math.Inf(-1), func(acc reg.Register, in regs) { v.do("VMOVAPS", v.extreme(acc, in[0], "VMAXPS", "VANDPS"), acc) })
	v.reduction("minOf", "is the minimum of a", streams("a"), math.Inf(1), func(acc reg.Register, in regs) { v.do("VMOVAPS", v.extreme(acc, in[0], "VMINPS", "VORPS"), acc) })
	if v.neon == nil {
		v.bytesKernels()
		v.writeData()
	}
}

// extreme is IEEE 754's maximum or minimum. The instruction returns its second operand where one is
// NaN or both are zero, so it is asked both ways: the signs of zeros join by and (or), and NaNs are
// put in. On arm64 the instruction is IEEE 754's.
func (v *isa) extreme(a, b reg.Register, name, join string) reg.Register {
	if v.neon != nil {
		return v.op(name, a, b)
	}
	x := v.op(join, v.op(name, a, b), v.op(name, b, a))
	if v.avx512 {
		k := v.K()
		v.VCMPPS(operand.U8(unordered), b, a, k)
		v.VADDPS(b, a, k, x)
		return x
	}
	return v.or(x, v.unordered(a, b))
}

// unordered is all ones, a NaN, where a or b is NaN; AVX2 only.
func (v *isa) unordered(a, b reg.Register) reg.Register {
	m := v.r()
	v.VCMPPS(operand.U8(unordered), b, a, m)
	return m
}

// adam writes Keras' update of Adam's moments and the weights in one pass.
func (v *isa) adam() {
	list := []stream{{"w", true, true}, {"m", true, true}, {"u", true, true}, {"grad", true, false}}
	v.elementwise("adam", "updates weights w and moments m and u by the gradient g", list, []string{"alpha", "beta1", "beta2", "epsilon"}, 1, func(in, s regs) regs {
		w, m, u, g := in[0], in[1], in[2], in[3]
		m = v.fma(v.sub(g, m), s[1], m)
		u = v.fma(v.sub(v.mul(g, g), u), s[2], u)
		w = v.sub(w, v.div(v.mul(m, s[0]), v.add(v.sqrt(u), s[3])))
		return regs{w, m, u}
	})
}

// ln 2 in two parts, the first with zeros at its end, so that its multiples by exponents are exact.
const (
	ln2High = 0.693359375
	ln2Low  = math.Ln2 - ln2High
)

// The minimax polynomials below were fitted for least relative error of the whole function and
// rounded to float32 coefficient by coefficient; bounds are those of the fit, in units of 2⁻²⁴.

// expParts splits x into n·ln 2 + r, |r| ≤ ln 2 / 2, and returns n, r and e^r − 1 − r (fit: 0.002).
func (v *isa) expParts(x reg.Register) (n, r, rest reg.Register) {
	n = v.round(v.mul(x, number(math.Log2E)), 0)
	r = v.fmaConst(n, number(-ln2High), x)
	r = v.fmaConst(n, number(-ln2Low), r)
	p := v.horner(r, 0.00019569438882172108, 0.0013935418101027608, 0.008333896286785603, 0.041666459292173386, 0.166666641831398, 0.5)
	return n, r, v.mul(p, v.mul(r, r))
}

// scale is x·2ⁿ.
func (v *isa) scale(x, n reg.Register) reg.Register {
	if v.avx512 {
		return v.op("VSCALEFPS", x, n)
	}
	// Two powers of two, so that neither leaves the exponent's range while the result is denormal
	// or just overflows.
	i := v.convert("VCVTPS2DQ", n)
	half := v.shift("VPSRAD", i, 1)
	other := v.subi(i, half)
	for _, e := range (regs{half, other}) {
		x = v.mul(x, v.shift("VPSLLD", v.addi(e, konst(127)), 23))
	}
	return x
}

// exp clamps to where the result is 0 or infinite; NaN passes through the minimum and maximum.
func (v *isa) exp(a reg.Register) reg.Register {
	x := v.maxps(v.value(-106), v.minps(v.value(90), a))
	n, r, rest := v.expParts(x)
	return v.scale(v.add(v.add(rest, r), number(1)), n)
}

// tanh is q/(q+2) with q = e^2|a| − 1, and a's sign.
func (v *isa) tanh(a reg.Register) reg.Register {
	x := v.and(a, konst(0x7fffffff))
	x = v.minps(v.value(20), v.add(x, x))
	n, r, rest := v.expParts(x)
	one := v.value(1)
	power := v.shift("VPSLLD", v.addi(v.convert("VCVTPS2DQ", n), konst(127)), 23)
	q := v.fma(v.add(rest, r), power, v.sub(power, one))
	y := v.div(q, v.add(q, number(2)))
	sign := v.and(a, konst(0x80000000))
	return v.or(y, sign)
}

// logistic is 1/(1+e) or e/(1+e) with e = e^−|a|, so that neither overflows.
func (v *isa) logistic(a reg.Register) reg.Register {
	e := v.exp(v.or(a, konst(0x80000000)))
	one := v.value(1)
	top := v.choose(less, a, number(0), e, one)
	return v.div(top, v.add(e, one))
}

// log is e·ln 2 + ln(1+f) with a = (1+f)·2^e, √½ ≤ 1+f < √2 (fit: 0.1).
func (v *isa) log(a reg.Register) reg.Register {
	// A denormal number is scaled into the normal range first.
	tiny := v.value(math.Float64frombits(0x3810000000000000)) // 2⁻¹²⁶
	x := v.choose(less, a, tiny, v.mul(a, number(1<<23)), a)
	bias := v.choose(less, a, tiny, v.value(23), v.value(0))
	// Halfway between powers, √½, the exponent steps.
	i := v.subi(x, konst(0x3f3504f3))
	e := v.sub(v.convert("VCVTDQ2PS", v.shift("VPSRAD", i, 23)), bias)
	mantissa := v.addi(v.andi(i, konst(0x007fffff)), konst(0x3f3504f3))
	f := v.sub(mantissa, number(1))
	p := v.horner(f, -0.07637470960617065, 0.12762731313705444, -0.131594717502594, 0.1420150101184845,
		-0.16623413562774658, 0.2000124454498291, -0.2500081956386566, 0.3333333134651184)
	square := v.mul(f, f)
	y := v.mul(v.mul(p, f), square)
	y = v.fmaConst(e, number(ln2Low), y)
	y = v.fmaConst(square, number(-0.5), y)
	y = v.add(y, f)
	y = v.fmaConst(e, number(ln2High), y)
	// Infinity, zero and what has no logarithm.
	inf := v.value(math.Inf(1))
	y = v.choose(equal, a, inf, inf, y)
	y = v.choose(equal, a, number(0), v.value(math.Inf(-1)), y)
	nan := v.bits(konst(0x7fc00000))
	return v.choose(greaterEq, a, number(0), y, nan)
}

// andi is the bitwise and of integers.
func (v *isa) andi(a reg.Register, b operand.Op) reg.Register {
	if v.avx512 {
		return v.op("VPANDD", a, b)
	}
	return v.op("VPAND", a, b)
}

// erf is a + a·p(a²) up to 1 (fit: 0.03) and 1 − e^−q(|a|) beyond (fit: 0.0005), 1 from 4 on.
func (v *isa) erf(a reg.Register) reg.Register {
	square := v.mul(a, a)
	p := v.horner(square, 7.846108201192692e-05, -0.0008007878204807639, 0.005188073962926865, -0.026853691786527634,
		0.1128358319401741, -0.3761262595653534, 0.12837916612625122)
	inner := v.fma(p, a, a)
	x := v.minps(v.value(4), v.and(a, konst(0x7fffffff)))
	q := v.horner(x, 2.1692932932637632e-05, -0.00044142818660475314, 0.004205112345516682, -0.02520999126136303,
		0.10842171311378479, 0.6332166194915771, 1.1295802593231201, -0.00018846771854441613)
	n, r, rest := v.expParts(v.xor(q, konst(0x80000000)))
	outer := v.sub(v.value(1), v.scale(v.add(v.add(rest, r), number(1)), n))
	outer = v.or(outer, v.and(a, konst(0x80000000)))
	return v.choose(less, x, number(1), inner, outer)
}
