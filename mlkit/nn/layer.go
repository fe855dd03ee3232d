package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Shape is the shape of one sample, without the batch: [height, width, channels] of a picture,
// [features] of a list of numbers.
type Shape = []int

// Size is a height and a width.
type Size [2]int

func (s Size) String() string { return tuple(s[:]) }

// tuple writes a shape as NumPy and Keras do: (28, 28, 1), and (10,) where there is one axis.
func tuple(s Shape) string {
	if len(s) == 1 {
		return fmt.Sprintf("(%d,)", s[0])
	}
	return "(" + strings.ReplaceAll(strings.Trim(fmt.Sprint(s), "[]"), " ", ", ") + ")"
}

// A Layer is one step of a [Sequential] model. The layers of this package are struct literals with Keras'
// keyword arguments as fields; a field that is left out has Keras' default.
type Layer interface {
	// Config tells the layer's settings in the words of Keras' get_config, with "class_name" beside them.
	Config() map[string]any

	// build works out the shape of what the layer puts out and which weights it learns, from the shape of
	// what it gets. Its error explains what is wrong; the caller adds which layer it is.
	build(in Shape) (out Shape, weights []weight, err error)

	// apply adds the layer to a graph. The first axis of x and of the result is the batch.
	apply(c *call, x *graph.Node) *graph.Node
}

// weight is one array of numbers that a layer keeps.
type weight struct {
	name      string
	shape     Shape
	initial   initializer
	trainable bool
}

// call is one use of the layers in a graph.
type call struct {
	store    *model.Store
	training bool
	// real is 1 for each sample of the batch and 0 where the batch was filled up, [batch] float32.
	// It is nil if all are real.
	real *graph.Node
	// layer is the name of the layer being applied, under which its weights are found.
	layer string
	// logits is what the model's softmax gets, if it ends in one.
	logits *graph.Node
}

// variable is the variable of one of the layer's weights.
func (c *call) variable(weight string) *model.Variable {
	return c.store.GetVariable(weightPath(c.layer, weight))
}

// weight is the value of one of the layer's weights.
func (c *call) weight(x *graph.Node, weight string) *graph.Node {
	return c.variable(weight).NodeValue(x.Graph())
}

// weightPath is where a weight is in the GoMLX store.
func weightPath(layer, weight string) string { return "/" + layer + "/" + weight }

// initializer fills a new weight.
type initializer func(rng *rand.Rand, values []float32)

// filled makes weights that begin with one value.
func filled(value float32) initializer {
	return func(_ *rand.Rand, values []float32) {
		for i := range values {
			values[i] = value
		}
	}
}

// glorotUniform draws weights evenly from ±√(6 / (fanIn + fanOut)), Keras' default for kernels.
// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
// networks", 2010, equation 16.
func glorotUniform(fanIn, fanOut int) initializer {
	limit := math.Sqrt(6 / float64(fanIn+fanOut))
	return func(rng *rand.Rand, values []float32) {
		for i := range values {
			values[i] = float32((2*rng.Float64() - 1) * limit)
		}
	}
}

// placed is a layer at its place in a model.
type placed struct {
	Layer
	name    string
	in, out Shape
	weights []weight
}

// snakeCase turns the name of a class into Keras' automatic name of a layer: MaxPooling2D, max_pooling2d.
func snakeCase(class string) string {
	var b strings.Builder
	var before rune
	for _, r := range class {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return b.String()
}

// config completes a layer's Config.
func config(class string, input Shape, c map[string]any) map[string]any {
	c["class_name"] = class
	if input != nil {
		c["input_shape"] = input
	}
	return c
}

// sizeOr is a size, or its default where it was left out.
func sizeOr(s, byDefault Size) Size {
	if s == (Size{}) {
		return byDefault
	}
	return s
}

// needPicture says so if a layer that works on pictures gets something else.
func needPicture(in Shape) error {
	if len(in) != 3 {
		return fmt.Errorf("it takes pictures (height, width, channels), but gets the shape %s", tuple(in))
	}
	return nil
}
