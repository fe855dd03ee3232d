package nn

import "github.com/gomlx/gomlx/core/graph"

// MaxPooling2D keeps the largest number of each window of a picture, channel by channel.
//
// It takes [batch, height, width, channels] and gives [batch, height', width', channels].
type MaxPooling2D struct {
	// PoolSize is the window's height and width; 2, 2 if left out.
	PoolSize Size
	// Strides is how far the window moves at each step; as far as it is large if left out.
	Strides Size
	// Padding is Valid if left out.
	Padding Padding
	// InputShape is needed in a model's first layer only: [height, width, channels].
	InputShape Shape
}

func (l MaxPooling2D) window() window { return poolWindow(l.PoolSize, l.Strides, l.Padding) }

func (l MaxPooling2D) Config() map[string]any {
	return poolConfig("MaxPooling2D", l.window(), l.InputShape)
}

func (l MaxPooling2D) build(in Shape) (Shape, []weight, error) { return buildPool(l.window(), in) }

func (l MaxPooling2D) apply(_ *call, x *graph.Node) *graph.Node {
	w := l.window()
	return graph.MaxPool(x).WindowPerAxis(w.size[:]...).StridePerAxis(w.strides[:]...).
		PaddingPerDim(w.paddings(x.Shape().Dimensions[1:])).Done()
}
