package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gopherlens/mlkit/array"
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

// check says what is wrong with a compiled model, samples and labels, and places the layers.
func (m *Model) check(xName string, x *array.Array, yName string, y *array.Array) ([]placed, error) {
	if err := m.checkName(); err != nil {
		return nil, err
	}
	for i, a := range []*array.Array{x, y} {
		name := []string{xName, yName}[i]
		if err := checkArray(name, a); err != nil {
			return nil, err
		}
	}
	layers, err := m.placeFor(xName, x)
	if err != nil {
		return nil, err
	}
	if err := m.checkCompiled(); err != nil {
		return nil, err
	}
	return layers, checkLabels(xName, x, yName, y, m.loss, layers[len(layers)-1])
}

// placeFor places the layers for samples; those of the first layer's InputShape if it has one.
func (m *Model) placeFor(name string, x *array.Array) ([]placed, error) {
	layers, err := m.place(nil)
	if errors.Is(err, errNoInputShape) {
		return m.place(x.Shape()[1:])
	}
	if err != nil {
		return nil, err
	}
	return layers, checkSamples(name, x, layers[0])
}
