package yolo

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"gopherlens/mlkit/yolo/darknet"
)

// build makes the graph of the layers, up to the heads: the inputs of the [yolo] layers, [batch, height, width,
// anchors·(5 + classes)], in the order of the configuration. x is [batch, height, width, channels]; normalise adds
// a convolution's bias, or normalises its results.
func build(c *darknet.Config, x *graph.Node, kernels map[int]*graph.Node, normalise func(layer int, x *graph.Node) *graph.Node) (heads []*graph.Node) {
	outputs := make([]*graph.Node, len(c.Layers))
	for i, l := range c.Layers {
		switch k := l.Kind.(type) {
		case darknet.Convolutional:
			pads := [][2]int{{k.Padding, k.Padding}, {k.Padding, k.Padding}}
			x = graph.Convolve(x, kernels[i]).Strides(k.Stride).Dilations(k.Dilation).ChannelGroupCount(k.Groups).PaddingPerDim(pads).Done()
			x = activate(normalise(i, x), k.Activation)
		case darknet.MaxPool:
			// Darknet's padding is the sum of both sides'; the smaller half comes first.
			pads := [2]int{k.Padding / 2, k.Padding - k.Padding/2}
			x = graph.MaxPool(x).Window(k.Size).Strides(k.Stride).PaddingPerDim([][2]int{pads, pads}).Done()
		case darknet.Upsample:
			x = upsample(x, k.Stride)
		case darknet.Route:
			var parts []*graph.Node
			for _, from := range k.Layers {
				p := outputs[from]
				if k.Groups > 1 {
					n := p.Shape().Dimensions[3] / k.Groups
					p = graph.SliceAxis(p, -1, graph.AxisRange(k.GroupID*n, (k.GroupID+1)*n))
				}
				parts = append(parts, p)
			}
			x = graph.Concatenate(parts, -1)
		case darknet.Shortcut:
			x = activate(graph.Add(x, outputs[k.From]), k.Activation)
		case darknet.Dropout: // in training only
		case darknet.YOLO:
			heads = append(heads, x)
		default:
			panic(fmt.Errorf("yolo: layer %d, %s, has no graph", i, l.Kind.Name()))
		}
		outputs[i] = x
	}
	return heads
}

// perChannel gives a vector a place for each axis of x, so that there is a number for each channel.
func perChannel(vector, x *graph.Node) *graph.Node { return graph.ExpandLeftToRank(vector, x.Rank()) }

// upsample repeats each pixel n times in both directions.
func upsample(x *graph.Node, n int) *graph.Node {
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1], 1, d[2], 1, d[3])
	x = graph.BroadcastToDims(x, d[0], d[1], n, d[2], n, d[3])
	return graph.Reshape(x, d[0], d[1]*n, d[2]*n, d[3])
}

// activate applies one of Darknet's activations: see [darknet.Activations].
func activate(x *graph.Node, name string) *graph.Node {
	positive := func() *graph.Node { return graph.Max(x, graph.ZerosLike(x)) }
	number := func(v float64) *graph.Node { return graph.Scalar(x.Graph(), x.DType(), v) }
	between := func(low, inside, high *graph.Node, from, to float64) *graph.Node {
		return graph.Where(graph.LessThan(x, number(from)), low, graph.Where(graph.GreaterThan(x, number(to)), high, inside))
	}
	switch name {
	case "linear":
		return x
	case "leaky":
		return graph.Max(x, graph.MulScalar(x, 0.1))
	case "relie":
		return graph.Max(x, graph.MulScalar(x, 0.01))
	case "relu":
		return positive()
	case "relu6":
		return graph.ClipScalar(x, 0, 6)
	case "hardtan":
		return graph.ClipScalar(x, -1, 1)
	case "ramp":
		return graph.Add(positive(), graph.MulScalar(x, 0.1))
	case "lhtan":
		return between(graph.MulScalar(x, 0.001), x, graph.AddScalar(graph.MulScalar(graph.AddScalar(x, -1), 0.001), 1), 0, 1)
	case "plse":
		return between(graph.MulScalar(graph.AddScalar(x, 4), 0.01), graph.AddScalar(graph.MulScalar(x, 0.125), 0.5),
			graph.AddScalar(graph.MulScalar(graph.AddScalar(x, -4), 0.01), 1), -4, 4)
	case "stair":
		whole := graph.Floor(x)
		half := graph.Floor(graph.MulScalar(x, 0.5))
		even := graph.Equal(graph.MulScalar(graph.Floor(graph.MulScalar(whole, 0.5)), 2), whole)
		return graph.Where(even, half, graph.Add(half, graph.Sub(x, whole)))
	case "logistic":
		return graph.Sigmoid(x)
	case "loggy":
		return graph.AddScalar(graph.MulScalar(graph.Sigmoid(x), 2), -1)
	case "tanh":
		return graph.Tanh(x)
	case "swish":
		return graph.Mul(x, graph.Sigmoid(x))
	case "mish":
		softplus := graph.Add(positive(), graph.Log1P(graph.Exp(graph.Neg(graph.Abs(x)))))
		return graph.Mul(x, graph.Tanh(softplus))
	case "hard_mish":
		return between(graph.ZerosLike(x), graph.Add(graph.MulScalar(graph.Square(x), 0.5), x), x, -2, 0)
	case "gelu":
		inner := graph.Add(graph.MulScalar(x, 0.797885), graph.MulScalar(graph.Mul(x, graph.Square(x)), 0.035677))
		return graph.Mul(graph.MulScalar(x, 0.5), graph.AddScalar(graph.Tanh(inner), 1))
	case "elu", "selu":
		scale, alpha := 1.0, 1.0
		if name == "selu" {
			scale, alpha = 1.0507, 1.6732
		}
		negative := graph.MulScalar(graph.Expm1(graph.Min(x, graph.ZerosLike(x))), alpha)
		return graph.MulScalar(graph.Add(positive(), negative), scale)
	}
	panic(fmt.Errorf("yolo: there is no graph of the activation %q", name))
}

// turn writes the channels from first to end−1 of a kernel [taps, channels, filters], from Darknet's
// [filters, channels, taps], and scales each filter.
func turn(kernel, darknet, scale []float32, taps, channels, first, end int) {
	filters, n := len(scale), channels*taps
	// As many channels at once as leave what is written in a core's cache: numbers that are read side by side are
	// written into as many rows.
	const cached = 1 << 15
	some := max(1, cached/(taps*filters))
	for ; first < end; first += some {
		last := min(first+some, end)
		f := 0
		for ; f+8 <= filters; f += 8 {
			k := (last - first) * taps
			from := darknet[f*n+first*taps:]
			from0, from1, from2, from3 := from[:k], from[n:][:k], from[2*n:][:k], from[3*n:][:k]
			from4, from5, from6, from7 := from[4*n:][:k], from[5*n:][:k], from[6*n:][:k], from[7*n:][:k]
			by := *(*[8]float32)(scale[f:])
			row, t := first*filters+f, 0
			for i := range k {
				to := (*[8]float32)(kernel[row:])
				to[0], to[1], to[2], to[3] = from0[i]*by[0], from1[i]*by[1], from2[i]*by[2], from3[i]*by[3]
				to[4], to[5], to[6], to[7] = from4[i]*by[4], from5[i]*by[5], from6[i]*by[6], from7[i]*by[7]
				if t, row = t+1, row+channels*filters; t == taps {
					t, row = 0, row-(taps*channels-1)*filters
				}
			}
		}
		for ; f < filters; f++ {
			for c := first; c < last; c++ {
				for t := range taps {
					kernel[(t*channels+c)*filters+f] = darknet[f*n+c*taps+t] * scale[f]
				}
			}
		}
	}
}
