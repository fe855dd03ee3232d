package kernel

import "unsafe"

// runTile computes a tile of at most mr rows and nr columns: whole vectors of columns, and what is
// left of them in portable Go.
func runTile(t *tile, rows, columns int) {
	if active != NEON {
		runGeneric(t, rows, columns)
		return
	}
	vecs := columns / 4
	if vecs > 0 {
		runNEON(t, rows, vecs)
	}
	if rest := columns % 4; rest > 0 {
		e := *t
		skip := 16 * vecs
		e.b0 += skip
		e.c = unsafe.Add(e.c, skip)
		if e.bias != nil {
			e.bias = unsafe.Add(e.bias, skip)
		}
		if e.residual != nil {
			e.residual = unsafe.Add(e.residual, skip)
		}
		runGeneric(&e, rows, rest)
	}
}

// fold leaves the partial results of a non-empty block in p, if the level has a kernel for it.
func fold(op int, p *partials, a, b []float32) bool {
	if active != NEON {
		return false
	}
	switch op {
	case opSum:
		sumNEON(&p[0], &a[0], len(a))
	case opMaxOf:
		maxOfNEON(&p[0], &a[0], len(a))
	case opMinOf:
		minOfNEON(&p[0], &a[0], len(a))
	case opDot:
		dotNEON(&p[0], &a[0], &b[0], len(a))
	}
	return true
}

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(l Level) vectors {
	if l != NEON {
		return vectors{}
	}
	return vectors{
		binary: [binaryOps]func(dst, a, b *float32, n int){addNEON, subNEON, mulNEON, divNEON, maxNEON, minNEON},
		scalar: [scalarOps]func(dst, a *float32, n int, s float32){subScalarNEON, mulScalarNEON, maxScalarNEON},
		unary:  [unaryOps]func(dst, a *float32, n int){negNEON, absNEON, sqrtNEON, rsqrtNEON, floorNEON, ceilNEON, roundNEON, expNEON, logNEON, tanhNEON, logisticNEON, erfNEON},

		mulAdd:   mulAddNEON,
		axpy:     axpyNEON,
		reluGrad: reluGradNEON,
		adam:     adamNEON,
	}
}

// FMA runs rounds of independent fused multiply-adds, as vectors at the active level, and returns
// how many floating-point operations these were: the peak that the other kernels are measured against.
func FMA(rounds int) (operations int) {
	if active == NEON {
		peakNEON(rounds)
		return rounds * 96 * 4 * 2
	}
	return peakGeneric(rounds)
}
