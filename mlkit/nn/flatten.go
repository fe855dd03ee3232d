package nn

import "github.com/gomlx/gomlx/core/graph"

// Flatten writes all numbers of a sample one after the other: [batch, height, width, channels] becomes
// [batch, height·width·channels].
type Flatten struct {
	InputShape Shape
}

func (l Flatten) Config() map[string]any {
	return config("Flatten", l.InputShape, map[string]any{"data_format": "channels_last"})
}

func (l Flatten) build(in Shape) (Shape, []weight, error) { return Shape{count(in)}, nil, nil }

func (l Flatten) apply(_ *call, x *graph.Node) *graph.Node {
	return graph.Reshape(x, x.Shape().Dimensions[0], -1)
}

// count is how many numbers an array of a shape has.
func count(s Shape) int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}
