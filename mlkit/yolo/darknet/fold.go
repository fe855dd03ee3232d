package darknet

import (
	"math"
	"slices"
)

// Fold makes batch normalisation part of the convolution: it returns what the kernel is to be multiplied by, and the
// bias to be added then, for each filter. Darknet's normalisation is
//
//	γ·(x − mean) / √(variance + ε) + β
func (w ConvWeights) Fold(epsilon float64) (scale, bias []float32) {
	bias = slices.Clone(w.Biases)
	scale = make([]float32, len(bias))
	for f, b := range bias {
		scale[f] = 1
		if w.Scales != nil {
			s := float64(w.Scales[f]) / math.Sqrt(float64(w.Variances[f])+epsilon)
			scale[f], bias[f] = float32(s), float32(float64(b)-s*float64(w.Means[f]))
		}
	}
	return scale, bias
}
