package kernel

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(l Level) vectors {
	switch l {
	case AVX512:
		return vectors{
			binary:   [binaryOps]func(dst, a, b *float32, n int){addAVX512, subAVX512, mulAVX512, divAVX512, maxAVX512, minAVX512},
			scalar:   [scalarOps]func(dst, a *float32, n int, s float32){subScalarAVX512, mulScalarAVX512, maxScalarAVX512},
			unary:    [unaryOps]func(dst, a *float32, n int){negAVX512, absAVX512, sqrtAVX512, rsqrtAVX512, floorAVX512, ceilAVX512, roundAVX512, expAVX512, logAVX512, tanhAVX512, logisticAVX512, erfAVX512},
			mulAdd:   mulAddAVX512,
			axpy:     axpyAVX512,
			reluGrad: reluGradAVX512,
			adam:     adamAVX512,
			choose:   chooseAVX512,
			wide:     16,
			compare:  [comparisons]func(dst *bool, a, b *float32, n int){eqAVX512, neAVX512, ltAVX512, leAVX512, gtAVX512, geAVX512},
		}
	case AVX2:
		return vectors{
			binary:   [binaryOps]func(dst, a, b *float32, n int){addAVX2, subAVX2, mulAVX2, divAVX2, maxAVX2, minAVX2},
			scalar:   [scalarOps]func(dst, a *float32, n int, s float32){subScalarAVX2, mulScalarAVX2, maxScalarAVX2},
			unary:    [unaryOps]func(dst, a *float32, n int){negAVX2, absAVX2, sqrtAVX2, rsqrtAVX2, floorAVX2, ceilAVX2, roundAVX2, expAVX2, logAVX2, tanhAVX2, logisticAVX2, erfAVX2},
			mulAdd:   mulAddAVX2,
			axpy:     axpyAVX2,
			reluGrad: reluGradAVX2,
			adam:     adamAVX2,
			choose:   chooseAVX2,
			wide:     8,
			compare:  [comparisons]func(dst *bool, a, b *float32, n int){eqAVX2, neAVX2, ltAVX2, leAVX2, gtAVX2, geAVX2},
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
