package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// checkArray says what is wrong with an array of samples before anything else is asked of it.
func checkArray(what string, a *array.Array) error {
	if a == nil {
		return fmt.Errorf("%s is missing", what)
	}
	if name, todo := a.IsTODO(); todo {
		return fmt.Errorf("%s is still a TODO: fill in its cell and run it first", name)
	}
	if a.Dims() == 0 || a.Shape()[0] == 0 {
		return fmt.Errorf("%s is empty: it has the shape %s, but the model needs at least one sample", what, tuple(a.Shape()))
	}
	return nil
}

// checkSamples says if samples do not have the shape that the model takes.
func checkSamples(what string, x *array.Array, first placed) error {
	if !slices.Equal(x.Shape()[1:], first.in) {
		return fmt.Errorf("the layer %s takes samples of the shape %s, but %s has the shape %s, so its samples have %s",
			first.name, tuple(first.in), what, tuple(x.Shape()), tuple(x.Shape()[1:]))
	}
	return nil
}

// checkLabels says if labels do not fit the samples, the loss and what the last layer puts out.
func checkLabels(xName string, x *array.Array, yName string, y *array.Array, loss Loss, last placed) error {
	if len := y.Shape()[0]; len != x.Shape()[0] {
		return fmt.Errorf("%s has %d samples, but %s has %d labels: their shapes are %s and %s", xName, x.Shape()[0], yName, len, tuple(x.Shape()), tuple(y.Shape()))
	}
	want := append(Shape{y.Shape()[0]}, loss.labelShape(last.out)...)
	have := y.Shape()
	fits := slices.Equal(have, want)
	switch loss {
	case CategoricalCrossentropy:
		classes := last.out[len(last.out)-1]
		if !fits {
			return fmt.Errorf("the labels are not one-hot: %s has the shape %s, but the layer %s puts out %s, so the labels have to be %s (make them with nn.ToCategorical(labels, %d))",
				yName, tuple(have), last.name, tuple(last.out), tuple(want), classes)
		}
		return checkOneHot(yName, y, classes)
	case SparseCategoricalCrossentropy:
		if !fits && !slices.Equal(have, append(want, 1)) {
			return fmt.Errorf("%s has the shape %s, but for the loss %s and the layer %s, which puts out %s, the labels have to be class numbers of the shape %s",
				yName, tuple(have), loss, last.name, tuple(last.out), tuple(want))
		}
		return checkClasses(yName, y, last)
	}
	if !fits && !(last.out[len(last.out)-1] == 1 && slices.Equal(append(slices.Clone(have), 1), want)) {
		return fmt.Errorf("%s has the shape %s, but the layer %s puts out %s, so it has to be %s", yName, tuple(have), last.name, tuple(last.out), tuple(want))
	}
	return nil
}

// checkOneHot says if a row is no distribution over the classes.
func checkOneHot(name string, y *array.Array, classes int) error {
	values := array.Values[float32](y)
	for i := 0; i < len(values); i += classes {
		var sum float64
		for _, v := range values[i : i+classes] {
			if !(v >= 0) {
				sum = math.NaN()
				break
			}
			sum += float64(v)
		}
		if !(math.Abs(sum-1) < 1e-3) {
			return fmt.Errorf("the labels are not one-hot: row %d of %s is %v, but its numbers have to be 0 or more and sum to 1 (make them with nn.ToCategorical(labels, %d))",
				i/classes, name, values[i:i+classes], classes)
		}
	}
	return nil
}

// checkClasses says if a label is not the number of a class.
func checkClasses(name string, y *array.Array, last placed) error {
	classes := last.out[len(last.out)-1]
	for i, v := range array.Values[float64](y) {
		if v != math.Trunc(v) || v < 0 || v >= float64(classes) {
			return fmt.Errorf("label %d of %s is %v, but the layer %s puts out %s, so labels are whole numbers from 0 to %d",
				i, name, v, last.name, tuple(last.out), classes-1)
		}
	}
	return nil
}

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

// batch is room for some samples, used again and again.
type batch struct {
	x, y, real *tensors.Tensor
	size       int
}

func newBatch(size int, x, y Shape) *batch {
	room := func(s ...int) *tensors.Tensor {
		return tensors.FromShape(shapes.Make(dtypes.Float32, append([]int{size}, s...)...))
	}
	return &batch{x: room(x...), y: room(y...), real: room(), size: size}
}

// fill takes rows of x and y. If there are too few, the rest of the batch is zeros and not real.
func (b *batch) fill(x, y *array.Array, rows []int) {
	fillRows(b.x, x, rows)
	if y != nil {
		fillRows(b.y, y, rows)
		tensors.MustMutableFlatData(b.real, func(real []float32) {
			for i := range real {
				real[i] = 0
				if i < len(rows) {
					real[i] = 1
				}
			}
		})
	}
}

func fillRows(t *tensors.Tensor, a *array.Array, rows []int) {
	tensors.MustMutableFlatData(t, func(to []float32) {
		each := len(to) / t.Shape().Dimensions[0]
		switch a.DType() {
		case array.Uint8:
			copyRows(to, array.Values[uint8](a), rows, each)
		case array.Int:
			copyRows(to, array.Values[int](a), rows, each)
		case array.Float64:
			copyRows(to, array.Values[float64](a), rows, each)
		default:
			from := array.Values[float32](a)
			for i, row := range rows {
				copy(to[i*each:(i+1)*each], from[row*each:])
			}
		}
		clear(to[len(rows)*each:])
	})
}

func copyRows[T array.Number](to []float32, from []T, rows []int, each int) {
	for i, row := range rows {
		for j, v := range from[row*each : (row+1)*each] {
			to[i*each+j] = float32(v)
		}
	}
}
