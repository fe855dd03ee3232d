package kernel

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(l Level) vectors {
	switch l {
	case AVX512:
		return vectors{
			binary:        [binaryOps]func(dst, a, b *float32, n int){addAVX512, subAVX512, mulAVX512, divAVX512, maxAVX512, minAVX512},
			scalar:        [binaryOps]func(dst, a *float32, n int, s float32){addScalarAVX512, subScalarAVX512, mulScalarAVX512, divScalarAVX512, maxScalarAVX512, minScalarAVX512, rsubScalarAVX512, rdivScalarAVX512},
			unary:         [unaryOps]func(dst, a *float32, n int){negAVX512, absAVX512, sqrtAVX512, rsqrtAVX512, squareAVX512, floorAVX512, ceilAVX512, roundAVX512, expAVX512, logAVX512, tanhAVX512, logisticAVX512, erfAVX512},
			mulAdd:        mulAddAVX512,
			axpy:          axpyAVX512,
			scaleShift:    scaleShiftAVX512,
			reluGrad:      reluGradAVX512,
			fill:          fillAVX512,
			adam:          adamAVX512,
			choose:        chooseAVX512,
			fromBytes:     fromBytesAVX512,
			wide:          16,
			compare:       [comparisons]func(dst *bool, a, b *float32, n int){eqAVX512, neAVX512, ltAVX512, leAVX512, gtAVX512, geAVX512},
			compareScalar: [comparisons]func(dst *bool, a *float32, n int, s float32){eqScalarAVX512, neScalarAVX512, ltScalarAVX512, leScalarAVX512, gtScalarAVX512, geScalarAVX512},
		}
	case AVX2:
		return vectors{
			binary:        [binaryOps]func(dst, a, b *float32, n int){addAVX2, subAVX2, mulAVX2, divAVX2, maxAVX2, minAVX2},
			scalar:        [binaryOps]func(dst, a *float32, n int, s float32){addScalarAVX2, subScalarAVX2, mulScalarAVX2, divScalarAVX2, maxScalarAVX2, minScalarAVX2, rsubScalarAVX2, rdivScalarAVX2},
			unary:         [unaryOps]func(dst, a *float32, n int){negAVX2, absAVX2, sqrtAVX2, rsqrtAVX2, squareAVX2, floorAVX2, ceilAVX2, roundAVX2, expAVX2, logAVX2, tanhAVX2, logisticAVX2, erfAVX2},
			mulAdd:        mulAddAVX2,
			axpy:          axpyAVX2,
			scaleShift:    scaleShiftAVX2,
			reluGrad:      reluGradAVX2,
			fill:          fillAVX2,
			adam:          adamAVX2,
			choose:        chooseAVX2,
			fromBytes:     fromBytesAVX2,
			wide:          8,
			compare:       [comparisons]func(dst *bool, a, b *float32, n int){eqAVX2, neAVX2, ltAVX2, leAVX2, gtAVX2, geAVX2},
			compareScalar: [comparisons]func(dst *bool, a *float32, n int, s float32){eqScalarAVX2, neScalarAVX2, ltScalarAVX2, leScalarAVX2, gtScalarAVX2, geScalarAVX2},
		}
	}
	return vectors{}
}

// fold leaves the partial results of a non-empty block in p, if the level has a kernel for it. It
// calls the kernels by name, not through a table, so that p stays on the stack.
func fold(op int, p *partials, a, b []float32) bool {
	if active == AVX512 {
		switch op {
		case opSum:
			sumAVX512(&p[0], &a[0], len(a))
		case opMaxOf:
			maxOfAVX512(&p[0], &a[0], len(a))
		case opMinOf:
			minOfAVX512(&p[0], &a[0], len(a))
		case opDot:
			dotAVX512(&p[0], &a[0], &b[0], len(a))
		}
		return true
	}
	if active == AVX2 {
		switch op {
		case opSum:
			sumAVX2(&p[0], &a[0], len(a))
		case opMaxOf:
			maxOfAVX2(&p[0], &a[0], len(a))
		case opMinOf:
			minOfAVX2(&p[0], &a[0], len(a))
		case opDot:
			dotAVX2(&p[0], &a[0], &b[0], len(a))
		}
		return true
	}
	return false
}
