package nn

import (
	"github.com/gomlx/gomlx/core/graph"
)

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

func (l MaxPooling2D) apply(c *call, x *graph.Node) *graph.Node {
	w := l.window()
	if lowers(x) {
		return lowerMaxPooling(c, x, w)
	}
	return graph.MaxPool(x).WindowPerAxis(w.size[:]...).StridePerAxis(w.strides[:]...).
		PaddingPerDim(w.paddings(x.Shape().Dimensions[1:])).Done()
}

// AveragePooling2D takes the mean of each window of a picture, channel by channel. With padding Same, the
// zeros around the picture are not counted.
//
// It takes [batch, height, width, channels] and gives [batch, height', width', channels].
type AveragePooling2D struct {
	// PoolSize is the window's height and width; 2, 2 if left out.
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
	var sum *graph.Node
	if lowers(x) {
		sum = lowerSumPooling(x, w)
	} else {
		sum = graph.SumPool(x).WindowPerAxis(w.size[:]...).StridePerAxis(w.strides[:]...).PaddingPerDim(w.paddings(in)).Done()
	}
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

func poolWindow(size, strides Size, padding Padding) window {
	size = sizeOr(size, Size{2, 2})
	return window{size, sizeOr(strides, size), padding.orDefault()}
}

func poolConfig(class string, w window, input Shape) map[string]any {
	return config(class, input, map[string]any{
		"pool_size": w.size[:],
		"strides":   w.strides[:],
		"padding":   string(w.padding),
	})
}

func buildPool(w window, in Shape) (Shape, []weight, error) {
	if err := w.check("pool size"); err != nil {
		return nil, nil, err
	}
	if err := needPicture(in); err != nil {
		return nil, nil, err
	}
	out, err := w.output(in)
	return Shape{out[0], out[1], in[2]}, nil, err
}
