package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"gopherlens/mlkit/yolo/darknet"
)

// input is the name of the pictures.
const input = "input"

// A graph grows from the input to the heads.
type graph struct {
	nodes     [][]byte // NodeProtos
	tensors   []tensor
	constants map[string]bool // names of tensors that several nodes may use

	layer int            // that is added now
	used  map[string]int // how many nodes of each kind it has
}

// A head is an output of the model.
type head struct {
	output string
	layer  int
	yolo   darknet.YOLO
}

// build adds all layers. Its values are called by their layer and the node that computes them: layer12_Conv.
func (g *graph) build(c *darknet.Config, weights *darknet.Weights, epsilon float64) (heads []head, err error) {
	x := input
	outputs := make([]string, len(c.Layers))
	for i, l := range c.Layers {
		g.layer, g.used = i, map[string]int{}
		switch k := l.Kind.(type) {
		case darknet.Convolutional:
			x = g.activate(g.convolve(x, k, l.In.Channels/k.Groups, weights.Layers[i], epsilon), k.Activation)
		case darknet.MaxPool:
			// Darknet's padding is the sum of both sides'; the smaller half comes first.
			before, after := k.Padding/2, k.Padding-k.Padding/2
			x = g.node("MaxPool", []string{x}, ints("kernel_shape", k.Size, k.Size), ints("strides", k.Stride, k.Stride), ints("pads", before, before, after, after))
		case darknet.Upsample:
			n := float32(k.Stride)
			x = g.node("Resize", []string{x, "", g.floats(fmt.Sprintf("upsample_%d", k.Stride), []int{4}, 1, 1, n, n)},
				text("mode", "nearest"), text("coordinate_transformation_mode", "asymmetric"), text("nearest_mode", "floor"))
		case darknet.Route:
			x = g.route(c, k, outputs)
		case darknet.Shortcut:
			x = g.activate(g.node("Add", []string{x, outputs[k.From]}), k.Activation)
		case darknet.Dropout: // in training only
		case darknet.YOLO:
			h := head{fmt.Sprintf("head%d", len(heads)), i, k}
			heads = append(heads, h)
			g.named(h.output, "Identity", []string{x})
		default:
			return nil, fmt.Errorf("ONNX: layer %d, %s, has no graph", i, l.Kind.Name())
		}
		outputs[i] = x
	}
	if len(heads) == 0 {
		return nil, errors.New("ONNX: the network has no [yolo] layer, so the model would have no output")
	}
	return heads, nil
}

// route takes channels of earlier layers.
func (g *graph) route(c *darknet.Config, k darknet.Route, outputs []string) string {
	var parts []string
	for _, from := range k.Layers {
		part := outputs[from]
		if k.Groups > 1 {
			n := c.Layers[from].Out.Channels / k.Groups
			part = g.node("Slice", []string{part, g.integer(k.GroupID * n), g.integer((k.GroupID + 1) * n), g.integer(1)})
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return g.node("Concat", parts, integer("axis", 1))
}

// convolve adds a convolution, of which batch normalization is a part.
func (g *graph) convolve(x string, k darknet.Convolutional, channels int, w darknet.ConvWeights, epsilon float64) string {
	scale, bias := w.Fold(epsilon)
	kernel := tensor{values: w.Kernel, scale: scale}
	name := fmt.Sprintf("layer%d_kernel", g.layer)
	kernel.begin(name, float32s, k.Filters, channels, k.Size, k.Size)
	g.tensors = append(g.tensors, kernel)
	return g.node("Conv", []string{x, name, g.floats(fmt.Sprintf("layer%d_bias", g.layer), []int{k.Filters}, bias...)},
		ints("kernel_shape", k.Size, k.Size), ints("strides", k.Stride, k.Stride), ints("pads", k.Padding, k.Padding, k.Padding, k.Padding),
		ints("dilations", k.Dilation, k.Dilation), integer("group", k.Groups))
}

// activate adds one of Darknet's activations: see [darknet.Activations].
func (g *graph) activate(x, name string) string {
	of := func(op string, inputs ...string) string { return g.node(op, inputs) }
	times := func(x string, v float32) string { return of("Mul", x, g.number(v)) }
	plus := func(x string, v float32) string { return of("Add", x, g.number(v)) }
	switch name {
	case "leaky":
		return g.node("LeakyRelu", []string{x}, float("alpha", 0.1))
	case "relie":
		return g.node("LeakyRelu", []string{x}, float("alpha", 0.01))
	case "relu":
		return of("Relu", x)
	case "relu6":
		return of("Clip", x, g.number(0), g.number(6))
	case "hardtan":
		return of("Clip", x, g.number(-1), g.number(1))
	case "ramp":
		return of("Add", of("Relu", x), times(x, 0.1))
	case "lhtan": // three lines that meet, the outer ones flatter
		low := times(x, 0.001)
		return of("Max", low, of("Min", x, plus(low, 0.999)))
	case "plse": // the same
		low := times(x, 0.01)
		return of("Max", plus(low, 0.04), of("Min", plus(times(x, 0.125), 0.5), plus(low, 0.96)))
	case "stair":
		whole, half := of("Floor", x), of("Floor", times(x, 0.5))
		odd := of("Sub", whole, times(half, 2)) // 0 or 1
		return of("Add", half, of("Mul", odd, of("Sub", x, whole)))
	case "logistic":
		return of("Sigmoid", x)
	case "loggy": // 2 / (1 + e⁻ˣ) − 1
		return of("Tanh", times(x, 0.5))
	case "tanh":
		return of("Tanh", x)
	case "swish":
		return of("Mul", x, of("Sigmoid", x))
	case "mish":
		return of("Mul", x, of("Tanh", of("Softplus", x)))
	case "hard_mish": // the parabola is 0 at both ends
		n := of("Clip", x, g.number(-2), g.number(0))
		return of("Add", of("Relu", x), of("Mul", n, plus(times(n, 0.5), 1)))
	case "gelu":
		inner := of("Mul", x, plus(times(of("Mul", x, x), 0.035677), 0.797885))
		return of("Mul", times(x, 0.5), plus(of("Tanh", inner), 1))
	case "elu":
		return g.node("Elu", []string{x}, float("alpha", 1))
	case "selu":
		return g.node("Selu", []string{x}, float("alpha", 1.6732), float("gamma", 1.0507))
	}
	return x // linear
}

// node adds a node and returns its output's name.
func (g *graph) node(op string, inputs []string, attributes ...[]byte) string {
	name := fmt.Sprintf("layer%d_%s", g.layer, op)
	if g.used[op]++; g.used[op] > 1 {
		name += strconv.Itoa(g.used[op])
	}
	g.named(name, op, inputs, attributes...)
	return name
}

// named adds a node that has, with its output, a given name.
func (g *graph) named(name, op string, inputs []string, attributes ...[]byte) {
	var b []byte // a NodeProto
	for _, in := range inputs {
		b = appendText(b, 1, in)
	}
	b = appendText(appendText(appendText(b, 2, name), 3, name), 4, op)
	for _, a := range attributes {
		b = appendBytes(b, 5, a)
	}
	g.nodes = append(g.nodes, b)
}

// number is a constant that all of a tensor is to be computed with.
func (g *graph) number(v float32) string { return g.floats(fmt.Sprintf("number_%v", v), nil, v) }

// floats adds numbers that may be there already, and returns their name.
func (g *graph) floats(name string, dims []int, values ...float32) string {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return g.constant(name, raw, float32s, dims...)
}

// integer is a list of one integer.
func (g *graph) integer(v int) string {
	return g.constant(fmt.Sprintf("integer_%d", v), binary.LittleEndian.AppendUint64(nil, uint64(v)), int64s, 1)
}

func (g *graph) constant(name string, raw []byte, kind uint64, dims ...int) string {
	if !g.constants[name] {
		g.constants[name] = true
		t := tensor{raw: raw}
		t.begin(name, kind, dims...)
		g.tensors = append(g.tensors, t)
	}
	return name
}

// An attribute is an AttributeProto: its name, its value in the field of its type, and the type.

func ints(name string, values ...int) []byte {
	b := appendText(nil, 1, name)
	for _, v := range values {
		b = appendInt(b, 8, uint64(v))
	}
	return appendInt(b, 20, 7)
}

func integer(name string, v int) []byte {
	return appendInt(appendInt(appendText(nil, 1, name), 3, uint64(v)), 20, 2)
}

func float(name string, v float32) []byte {
	b := protowire.AppendTag(appendText(nil, 1, name), 2, protowire.Fixed32Type)
	return appendInt(protowire.AppendFixed32(b, math.Float32bits(v)), 20, 1)
}

func text(name, v string) []byte {
	return appendInt(appendText(appendText(nil, 1, name), 4, v), 20, 3)
}
