package kernel

// The kernels take strides in bytes.

func winogradInput(dst, src []float32, rowStride, pixelStride, plane, channels int) {
	var scratch [36 * 16]float32
	switch active {
	case AVX512:
		winogradInputAVX512(&dst[0], &src[0], &scratch[0], 4*rowStride, 4*pixelStride, 4*plane, channels)
	case AVX2:
		winogradInputAVX2(&dst[0], &src[0], &scratch[0], 4*rowStride, 4*pixelStride, 4*plane, channels)
	default:
		winogradInputGeneric(dst, src, rowStride, pixelStride, plane, channels)
	}
}

func winogradOutput(dst, src, bias []float32, rowStride, pixelStride, plane, channels int, slope float32) {
	var scratch [24 * 16]float32
	switch active {
	case AVX512:
		winogradOutputAVX512(&dst[0], &src[0], &bias[0], &scratch[0], 4*rowStride, 4*pixelStride, 4*plane, channels, slope)
	case AVX2:
		winogradOutputAVX2(&dst[0], &src[0], &bias[0], &scratch[0], 4*rowStride, 4*pixelStride, 4*plane, channels, slope)
	default:
		winogradOutputGeneric(dst, src, bias, rowStride, pixelStride, plane, channels, slope)
	}
}

func winogradWeights(dst []float32, plane int, w []float32, tapStride, n int) bool {
	var scratch [18 * 16]float32
	switch active {
	case AVX512:
		winogradWeightsAVX512(&dst[0], &w[0], &scratch[0], 4*tapStride, 4*plane, n)
	case AVX2:
		winogradWeightsAVX2(&dst[0], &w[0], &scratch[0], 4*tapStride, 4*plane, n)
	default:
		return false
	}
	return true
}

func depthwise(d *Depthwise, c, n int, bias []float32, slope float32) bool {
	switch active {
	case AVX512:
		depthwiseAVX512(&d.Dst[c], &d.Src[c], &d.W[c], &bias[0], &d.Off[0], &d.WOff[0], len(d.Off), d.Pixels, n, 4*d.DstStep, 4*d.SrcStep, slope)
	case AVX2:
		depthwiseAVX2(&d.Dst[c], &d.Src[c], &d.W[c], &bias[0], &d.Off[0], &d.WOff[0], len(d.Off), d.Pixels, n, 4*d.DstStep, 4*d.SrcStep, slope)
	default:
		return false
	}
	return true
}
