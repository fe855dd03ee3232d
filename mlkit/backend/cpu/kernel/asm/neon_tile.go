package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
)

// The NEON tile: 24 sums, 4 vectors of B and 4 registers that take turns with the elements of A.
const neonRows, neonVecs = 6, 4

// writeNEONTiles writes the micro-kernels of all sizes up to 6 rows × 4 vectors.
func writeNEONTiles(folder, head string) error {
	var s, stubs bytes.Buffer
	s.WriteString(head + "#include \"textflag.h\"\n")
	stubs.WriteString(head + "package kernel\n")
	var cases bytes.Buffer
	for rows := 1; rows <= neonRows; rows++ {
		for vecs := 1; vecs <= neonVecs; vecs++ {
			name := fmt.Sprintf("tile%dx%dNEON", rows, vecs)
			neonTile(&s, name, rows, vecs)
			fmt.Fprintf(&stubs, "\n// %s computes a tile of %d rows and %d×4 columns.\n//\n//go:noescape\nfunc %s(t *tile)\n", name, rows, vecs, name)
			fmt.Fprintf(&cases, "case %d:\n%s(t)\n", rows<<4|vecs, name)
		}
	}
	neonPeak(&s)
	stubs.WriteString("\n// peakNEON does 96 independent fused multiply-adds of a vector a round.\n//\n//go:noescape\nfunc peakNEON(rounds int)\n")
	fmt.Fprintf(&stubs, "\n// runNEON computes a tile of rows × vecs vectors.\nfunc runNEON(t *tile, rows, vecs int) {\nswitch rows<<4|vecs {\n%sdefault:\npanic(\"kernel: no micro-kernel of this shape\")\n}\n}\n", cases.Bytes())
	if err := os.WriteFile(folder+"/tile_neon_arm64.s", s.Bytes(), 0o644); err != nil {
		return err
	}
	text, err := format.Source(stubs.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(folder+"/tile_neon_arm64.go", text, 0o644)
}

// neonTile writes one micro-kernel. Registers: R0 the tile, R1 and R2 the tables of offsets, R3 and
// R4 the bases of A and B, R5 and R6 the terms and the k left, R7 and R8 the elements of A and B,
// R9 and R10 their steps, R11 to R15 the rows of A from the second on.
func neonTile(s *bytes.Buffer, name string, rows, vecs int) {
	p := func(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }
	field := func(offset int, register string) { p("\tMOVD %d(R0), %s", offset, register) }
	acc := func(r, n int) int { return r*vecs + n }
	const b, a = 24, 28
	each := func(f func(r, n int)) {
		for r := range rows {
			for n := range vecs {
				f(r, n)
			}
		}
	}
	binary := func(op string, d, x, y int) {
		e := neonBinary[op]
		s.WriteString(word(e.word|uint32(d)|uint32(x)<<5|uint32(y)<<16, "%s V%d.4S, V%d.4S, V%d.4S", e.name, d, x, y))
	}
	p("\n// func %s(t *tile)", name)
	p("TEXT ·%s(SB), NOSPLIT, $0-8", name)
	p("\tMOVD t+0(FP), R0")
	each(func(r, n int) { p("\tVEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", acc(r, n)) })
	field(tileT, "R5")
	p("\tCBZ R5, epilogue")
	field(tileAOff, "R1")
	field(tileBOff, "R2")
	field(tileA, "R3")
	field(tileA0, "R7")
	p("\tADD R7, R3, R3")
	field(tileB, "R4")
	field(tileB0, "R8")
	p("\tADD R8, R4, R4")
	field(tileAKS, "R9")
	field(tileBKS, "R10")
	field(tileAMS, "R11")
	for r := 2; r < rows; r++ {
		p("\tADD R11, R%d, R%d", 9+r, 10+r)
	}
	p("terms:")
	p("\tMOVW.P 4(R1), R7")
	p("\tADD R7<<2, R3, R7")
	p("\tMOVW.P 4(R2), R8")
	p("\tADD R8<<2, R4, R8")
	field(tileK, "R6")
	p("step:")
	p("\tVLD1 (R8), [%s]", vectorList(b, vecs))
	p("\tADD R10, R8, R8")
	for r := range rows {
		x := a + r%4
		if r == 0 {
			p("\tFMOVS (R7), F%d", x)
		} else {
			p("\tFMOVS (R7)(R%d), F%d", 10+r, x)
		}
		for n := range vecs {
			d := acc(r, n)
			s.WriteString(word(0x4f801000|uint32(x)<<16|uint32(b+n)<<5|uint32(d), "FMLA V%d.4S, V%d.4S, V%d.S[0]", d, b+n, x))
		}
	}
	p("\tADD R9, R7, R7")
	p("\tSUBS $1, R6")
	p("\tBNE step")
	p("\tSUBS $1, R5")
	p("\tBNE terms")

	p("epilogue:")
	p("\tMOVWU %d(R0), R1", tileFlags)
	field(tileLDC, "R2")
	field(tileResidual, "R3")
	field(tileLDR, "R4")
	addRows := func(pointer, stride string) {
		for r := range rows {
			p("\tVLD1 (%s), [%s]", pointer, vectorList(b, vecs))
			p("\tADD %s, %s, %[2]s", stride, pointer)
			for n := range vecs {
				binary("VADDPS", acc(r, n), acc(r, n), b+n)
			}
		}
	}
	p("\tTBZ $0, R1, bias")
	field(tileC, "R5")
	addRows("R5", "R2")
	p("bias:")
	field(tileBias, "R5")
	p("\tCBZ R5, before")
	p("\tVLD1 (R5), [%s]", vectorList(b, vecs))
	each(func(r, n int) { binary("VADDPS", acc(r, n), acc(r, n), b+n) })
	p("before:")
	p("\tTBZ $3, R1, relu")
	addRows("R3", "R4")
	p("\tMOVD $0, R3")
	p("relu:")
	p("\tTBZ $1, R1, leaky")
	p("\tVEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", b)
	each(func(r, n int) { binary("VMAXPS", acc(r, n), acc(r, n), b) })
	p("\tB after")
	p("leaky:")
	p("\tTBZ $2, R1, after")
	p("\tFMOVS %d(R0), F%d", tileSlope, b)
	s.WriteString(word(0x4e040400|b<<5|b, "DUP V%d.4S, V%d.S[0]", b, b))
	p("\tVEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", b+1)
	each(func(r, n int) {
		binary("FCMGT", b+2, b+1, acc(r, n)) // where negative
		binary("VMULPS", b+3, acc(r, n), b)
		binary("BSL", b+2, b+3, acc(r, n))
		binary("VORPS", acc(r, n), b+2, b+2)
	})
	p("after:")
	p("\tCBZ R3, store")
	addRows("R3", "R4")
	p("store:")
	field(tileC, "R5")
	for r := range rows {
		p("\tVST1 [%s], (R5)", vectorList(acc(r, 0), vecs))
		if r < rows-1 {
			p("\tADD R2, R5, R5")
		}
	}
	p("\tRET")
}

// vectorList is n vector registers from the first on, as VLD1 and VST1 take them.
func vectorList(first, n int) string {
	s := ""
	for i := range n {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("V%d.S4", first+i)
	}
	return s
}

// neonPeak writes a loop of nothing but independent fused multiply-adds.
func neonPeak(s *bytes.Buffer) {
	s.WriteString("\n// func peakNEON(rounds int)\nTEXT ·peakNEON(SB), NOSPLIT, $0-8\n\tMOVD rounds+0(FP), R0\n")
	for i := range 26 {
		fmt.Fprintf(s, "\tVEOR V%d.B16, V%[1]d.B16, V%[1]d.B16\n", i)
	}
	s.WriteString("loop:\n")
	for range 4 {
		for d := range 24 {
			s.WriteString(word(0x4e20cc00|uint32(d)|24<<5|25<<16, "FMLA V%d.4S, V24.4S, V25.4S", d))
		}
	}
	s.WriteString("\tSUBS $1, R0\n\tBNE loop\n\tRET\n")
}
