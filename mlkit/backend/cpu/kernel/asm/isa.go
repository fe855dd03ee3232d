package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is one vector instruction set, as far as the kernels that are written for both need it.
type isa struct {
	*build.Context
	name   string // suffix of the functions' names
	wide   int    // float32 lanes of a vector
	vec    []reg.VecPhysical
	avx512 bool
	neon   *neon          // arm64's writer; nil for x86
	konsts map[konst]bool // numbers that the functions written so far use
}

func newAVX512(c *build.Context) *isa {
	return &isa{Context: c, name: "AVX512", wide: 16, avx512: true, vec: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}}
}

func newAVX2(c *build.Context) *isa {
	return &isa{Context: c, name: "AVX2", wide: 8, vec: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}}
}

// bytes is the size of a vector.
func (v *isa) bytes() int { return 4 * v.wide }

// zero clears x.
func (v *isa) zero(x reg.VecPhysical) {
	if v.avx512 {
		v.VPXORD(x, x, x)
	} else {
		v.VXORPS(x, x, x)
	}
}

// mem is the address base + index*scale + disp.
func mem(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }
