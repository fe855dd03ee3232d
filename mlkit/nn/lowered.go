package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// The stock Go backend is fast at products of matrices and at copying runs of numbers, but computes
// convolutions and pooling one number at a time. This file says them in the former words, for that backend
// only, and is deleted with it: a convolution gathers what lies under the kernel at each place into the rows
// of a matrix, and multiplies.

// lowers is whether convolutions and pooling are lowered for the backend that x is computed on.
func lowers(x *graph.Node) bool { return x.Graph().Backend().String() == "go" }

// lowerConvolution is the convolution of x, [batch, height, width, channels], with a kernel
// [height, width, channels, filters].
func lowerConvolution(x, kernel *graph.Node, w window) *graph.Node {
	g := newGrid(x, w, 0)
	return g.pictures(graph.MatMul(g.patches(Size{}), flatKernel(kernel)))
}

// poolsFirst is whether a convolution and the layer after it are lowered together.
func poolsFirst(x *graph.Node, l, next Layer) bool {
	conv, isConv := l.(Conv2D)
	pool, isPool := next.(MaxPooling2D)
	if !isConv || !isPool || !lowers(x) {
		return false
	}
	w := pool.window()
	return conv.Activation.orLinear().rises() && w.padding == Valid && w.size == w.strides
}

// lowerConvolutionAndPooling is a convolution followed by its bias, an activation that rises, and max pooling
// with windows side by side. Since the largest number stays the largest under all that rises, pooling comes
// first, and the rest has only a part of the numbers to work on.
func lowerConvolutionAndPooling(c *call, x *graph.Node, conv Conv2D, pool Size) *graph.Node {
	kernel, w := c.weight(x, "kernel"), conv.window()
	g := newGrid(x, w, 0)
	g.rows, g.columns = g.rows/pool[0], g.columns/pool[1]
	var reach Size // from the first to the last place of a pooling window, in rows and columns of x
	for i := range reach {
		reach[i] = (pool[i] - 1) * w.strides[i]
		g.strides[i] *= pool[i]
	}
	// With few channels it is cheaper to gather once what all places of a pooling window see, and to multiply
	// with kernels that are wider by zeros.
	wide := g.channels < 8
	var shared *graph.Node
	if wide {
		g.size = Size{w.size[0] + reach[0], w.size[1] + reach[1]}
		shared = g.patches(Size{})
	}
	var places []*graph.Node
	for i := 0; i <= reach[0]; i += w.strides[0] {
		for j := 0; j <= reach[1]; j += w.strides[1] {
			patches, k := shared, kernel
			if wide {
				k = graph.Pad(kernel, graph.ScalarZero(x.Graph(), x.DType()), graph.PadAxis{Start: i, End: reach[0] - i},
					graph.PadAxis{Start: j, End: reach[1] - j}, graph.PadAxis{}, graph.PadAxis{})
			} else {
				patches = g.patches(Size{i, j})
			}
			places = append(places, graph.DotGeneral(flatKernel(k), []int{0}, nil, patches, []int{1}, nil))
		}
	}
	y := graph.Transpose(largest(c, places), 0, 1)
	return conv.finish(c, g.pictures(y))
}

func lowerMaxPooling(c *call, x *graph.Node, w window) *graph.Node {
	g := newGrid(x, w, math.Inf(-1))
	return g.pictures(largest(c, g.cells()))
}

func lowerSumPooling(x *graph.Node, w window) *graph.Node {
	g := newGrid(x, w, 0)
	cells := g.cells()
	sum := cells[0]
	for _, cell := range cells[1:] {
		sum = graph.Add(sum, cell)
	}
	return g.pictures(sum)
}

// largest is the largest number at each place. Where some are equal, the first one gets the gradient.
func largest(c *call, values []*graph.Node) *graph.Node {
	for len(values) > 1 {
		var winners []*graph.Node
		for i := 0; i+1 < len(values); i += 2 {
			a, b := values[i], values[i+1]
			if c.training {
				// The gradient of Where is much cheaper than that of Max.
				winners = append(winners, graph.Where(graph.GreaterOrEqual(a, b), a, b))
			} else {
				winners = append(winners, graph.Max(a, b))
			}
		}
		values = append(winners, values[len(winners)*2:]...)
	}
	return values[0]
}

func flatKernel(kernel *graph.Node) *graph.Node {
	return graph.Reshape(kernel, -1, kernel.Shape().Dimensions[3])
}

// grid are the places of a window on a batch of pictures whose edges are padded.
type grid struct {
	flat                           *graph.Node // all numbers of the padded pictures, one after the other
	batch, height, width, channels int         // of the padded pictures
	size, strides                  Size        // of the window
	rows, columns                  int         // of places
}

func newGrid(x *graph.Node, w window, edge float64) grid {
	in := x.Shape().Dimensions[1:]
	out, _ := w.output(in)
	if pads := w.paddings(in); pads[0] != [2]int{} || pads[1] != [2]int{} {
		x = graph.Pad(x, graph.Scalar(x.Graph(), x.DType(), edge), graph.PadAxis{},
			graph.PadAxis{Start: pads[0][0], End: pads[0][1]}, graph.PadAxis{Start: pads[1][0], End: pads[1][1]}, graph.PadAxis{})
	}
	d := x.Shape().Dimensions
	return grid{graph.Reshape(x, -1), d[0], d[1], d[2], d[3], w.size, w.strides, out[0], out[1]}
}

// patches are the numbers under the window at each place, moved down and to the right by a shift, one patch a
// row: [batch·rows·columns, window height·window width·channels].
func (g grid) patches(shift Size) *graph.Node {
	var starts []int32
	for b := range g.batch {
		for i := range g.rows {
			for j := range g.columns {
				row, column := i*g.strides[0]+shift[0], j*g.strides[1]+shift[1]
				for k := range g.size[0] {
					starts = append(starts, int32(((b*g.height+row+k)*g.width+column)*g.channels))
				}
			}
		}
	}
	// What lies under one row of the window is one run of numbers.
	run := g.size[1] * g.channels
	at := graph.ConstTensor(g.flat.Graph(), tensors.FromFlatDataAndDimensions(starts, len(starts), 1))
	runs := graph.GatherSlices(g.flat, []int{0}, at, []int{run}, false)
	return graph.Reshape(runs, g.batch*g.rows*g.columns, g.size[0]*run)
}

// cells are, for each cell of the window, its numbers at all places: [batch·rows·columns, channels].
func (g grid) cells() []*graph.Node {
	window := g.size
	g.size = Size{1, 1}
	var cells []*graph.Node
	for i := range window[0] {
		for j := range window[1] {
			cells = append(cells, g.patches(Size{i, j}))
		}
	}
	return cells
}

// pictures gives the rows of a matrix, one for each place, the shape [batch, rows, columns, channels].
func (g grid) pictures(rows *graph.Node) *graph.Node {
	return graph.Reshape(rows, g.batch, g.rows, g.columns, -1)
}
