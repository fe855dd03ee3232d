package nn

import "github.com/gomlx/gomlx/core/graph"

// AveragePooling2D takes the mean of each window of a picture, channel by channel. With padding Same, the
// zeros around the picture are not counted.
//
// It takes [batch, height, width, channels] and gives [batch, height', width', channels].
type AveragePooling2D struct {
	// PoolSize is the window's height and width; 2, 2 if left out (Keras wants it said).
	PoolSize Size
	// Strides is how far the window moves at each step; as far as it is large if left out.
	Strides Size
	// Padding is Valid if left out.
	Padding Padding
	// InputShape is needed in a model's first layer only: [height, width, channels].
	InputShape Shape
}

func (l AveragePooling2D) window() window { return poolWindow(l.PoolSize, l.Strides, l.Padding) }

func (l AveragePooling2D) Config() map[string]any {
	return poolConfig("AveragePooling2D", l.window(), l.InputShape)
}

func (l AveragePooling2D) build(in Shape) (Shape, []weight, error) { return buildPool(l.window(), in) }

func (l AveragePooling2D) apply(_ *call, x *graph.Node) *graph.Node {
	w := l.window()
	in := x.Shape().Dimensions[1:]
	sum := graph.SumPool(x).WindowPerAxis(w.size[:]...).StridePerAxis(w.strides[:]...).PaddingPerDim(w.paddings(in)).Done()
	if w.padding == Valid {
		return graph.MulScalar(sum, 1/float64(w.size[0]*w.size[1]))
	}
	// How many numbers of each window are the picture's own.
	rows, columns := w.inside(in, 0), w.inside(in, 1)
	share := make([]float32, 0, len(rows)*len(columns))
	for _, r := range rows {
		for _, c := range columns {
			share = append(share, 1/float32(r*c))
		}
	}
	return graph.Mul(sum, graph.Reshape(graph.Const(x.Graph(), share), 1, len(rows), len(columns), 1))
}
