package nn

import (
	"math"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// ToCategorical turns class numbers [samples] into one-hot rows [samples, classes] of float32: a row has a 1
// at its class and 0 elsewhere. A label outside of 0 … classes−1 is reported as a mistake of the caller.
func ToCategorical(y *array.Array, classes int) *array.Array {
	if y.Dims() == 2 && y.Shape()[1] == 1 {
		y = y.Reshape(-1)
	}
	if y.Dims() != 1 {
		fault.Panicf("ToCategorical takes class numbers of the shape (samples,), but gets an array of the shape %s", tuple(y.Shape()))
	}
	if classes < 1 {
		fault.Panicf("ToCategorical needs at least 1 class, but gets %d", classes)
	}
	labels := array.Values[float64](y)
	hot := make([]float32, len(labels)*classes)
	for i, v := range labels {
		if v != math.Trunc(v) || v < 0 || v >= float64(classes) {
			fault.Panicf("ToCategorical: label %d is %v, but with %d classes labels are whole numbers from 0 to %d", i, v, classes, classes-1)
		}
		hot[i*classes+int(v)] = 1
	}
	return array.From(hot, len(labels), classes)
}
