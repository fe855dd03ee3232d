package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Conv2D slides filters over pictures: what comes out has one channel for each filter.
//
// It takes [batch, height, width, channels] and gives [batch, height', width', filters]. Its weights are the
// kernel [kernel height, kernel width, channels, filters], drawn Glorot-uniform, and the bias [filters], zeros.
type Conv2D struct {
	// Filters is how many there are.
	Filters int
	// KernelSize is their height and width.
	KernelSize Size
	// Strides is how far a filter moves at each step, down and to the right; 1, 1 if left out.
	Strides Size
	// Padding is Valid if left out.
	Padding Padding
	// Activation is Linear if left out.
	Activation Function
	// NoBias leaves the bias out.
	NoBias bool
	// InputShape is needed in a model's first layer only: [height, width, channels].
	InputShape Shape
}

func (l Conv2D) window() window {
	return window{l.KernelSize, sizeOr(l.Strides, Size{1, 1}), l.Padding.orDefault()}
}

func (l Conv2D) Config() map[string]any {
	w := l.window()
	return config("Conv2D", l.InputShape, map[string]any{
		"filters":            l.Filters,
		"kernel_size":        w.size[:],
		"strides":            w.strides[:],
		"padding":            string(w.padding),
		"activation":         string(l.Activation.orLinear()),
		"use_bias":           !l.NoBias,
		"kernel_initializer": "GlorotUniform",
		"bias_initializer":   "Zeros",
	})
}

func (l Conv2D) build(in Shape) (Shape, []weight, error) {
	if l.Filters < 1 {
		return nil, nil, fmt.Errorf("it has %d filters, but needs at least 1", l.Filters)
	}
	w := l.window()
	if err := w.check("kernel size"); err != nil {
		return nil, nil, err
	}
	if err := l.Activation.check(); err != nil {
		return nil, nil, err
	}
	if err := needPicture(in); err != nil {
		return nil, nil, err
	}
	out, err := w.output(in)
	if err != nil {
		return nil, nil, err
	}
	field := w.size[0] * w.size[1]
	weights := []weight{{"kernel", Shape{w.size[0], w.size[1], in[2], l.Filters}, glorotUniform(field*in[2], field*l.Filters), true}}
	if !l.NoBias {
		weights = append(weights, weight{"bias", Shape{l.Filters}, filled(0), true})
	}
	return Shape{out[0], out[1], l.Filters}, weights, nil
}

func (l Conv2D) apply(c *call, x *graph.Node) *graph.Node {
	w, kernel := l.window(), c.weight(x, "kernel")
	paddings := w.paddings(x.Shape().Dimensions[1:])
	if c.training {
		kernel, paddings = oddKernel(kernel, paddings)
	}
	y := graph.Convolve(x, kernel).StridePerAxis(w.strides[:]...).PaddingPerDim(paddings).Done()
	if !l.NoBias {
		y = graph.Add(y, graph.ExpandLeftToRank(c.weight(y, "bias"), y.Rank()))
	}
	return l.Activation.apply(c, y)
}

// oddKernel makes a kernel of even height or width odd, by zeros below and on the right, and pads the pictures
// there for it: what comes out stays the same. GoMLX v0.28.16 needs this, as its gradient of a convolution with
// respect to the pictures is off by one row or column where a kernel is even.
func oddKernel(kernel *graph.Node, paddings [][2]int) (*graph.Node, [][2]int) {
	for axis := range paddings {
		if kernel.Shape().Dimensions[axis]%2 == 0 {
			zeros := make([]graph.PadAxis, 4)
			zeros[axis].End = 1
			kernel = graph.Pad(kernel, graph.ScalarZero(kernel.Graph(), kernel.DType()), zeros...)
			paddings[axis][1]++
		}
	}
	return kernel, paddings
}
