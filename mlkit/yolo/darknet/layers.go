package darknet

import (
	"fmt"
	"slices"
	"strings"
)

// activations are the ones that Darknet computes element by element.
var activations = []string{"elu", "gelu", "hard_mish", "hardtan", "leaky", "lhtan", "linear", "loggy", "logistic", "mish", "plse",
	"ramp", "relie", "relu", "relu6", "selu", "stair", "swish", "tanh"}

// Activations are the names that an activation can have, in alphabetical order. In Darknet they are
//
//	elu        x if x ≥ 0, else eˣ − 1
//	gelu       x/2 · (1 + tanh(0.797885·x + 0.035677·x³))
//	hard_mish  x if x > 0, x²/2 + x if x > −2, else 0
//	hardtan    x, but at least −1 and at most 1
//	leaky      x if x > 0, else x/10
//	lhtan      x/1000 if x < 0, (x − 1)/1000 + 1 if x > 1, else x
//	linear     x
//	loggy      2 / (1 + e⁻ˣ) − 1
//	logistic   1 / (1 + e⁻ˣ)
//	mish       x · tanh(ln(1 + eˣ))
//	plse       (x + 4)/100 if x < −4, (x − 4)/100 + 1 if x > 4, else x/8 + 1/2
//	ramp       max(x, 0) + x/10
//	relie      x if x > 0, else x/100
//	relu       max(x, 0)
//	relu6      x, but at least 0 and at most 6
//	selu       1.0507·x if x ≥ 0, else 1.0507 · 1.6732 · (eˣ − 1)
//	stair      ⌊x/2⌋ if ⌊x⌋ is even, else ⌊x/2⌋ + x − ⌊x⌋
//	swish      x / (1 + e⁻ˣ)
//	tanh       tanh x
//
// Source: Darknet, src/activations.h and src/activations.c.
func Activations() []string { return slices.Clone(activations) }

// fixed are settings of some Darknets that change what is computed, or what a file of weights holds, with the one
// value that is known here.
var fixed = map[string][][2]string{
	"convolutional": {{"antialiasing", "0"}, {"assisted_excitation", "0"}, {"binary", "0"}, {"deform", "0"}, {"dontload", "0"},
		{"dontloadscales", "0"}, {"flipped", "0"}, {"numload", "0"}, {"rotate", "0"}, {"share_index", ""}, {"stretch", "0"},
		{"stretch_sway", "0"}, {"sway", "0"}, {"xnor", "0"}},
	"maxpool":  {{"antialiasing", "0"}, {"maxpool_depth", "0"}},
	"upsample": {{"scale", "1"}},
	"shortcut": {{"alpha", "1"}, {"beta", "1"}, {"weights_type", "none"}},
	"yolo":     {{"new_coords", "0"}},
}

// A builder works out the layers one after the other.
type builder struct {
	config     *Config
	strides    []int // for each layer, how many pixels of the input lie between two of its output
	parameters int64
}

// newBuilder begins with the [net] section.
func newBuilder(net *section, o options) (*builder, error) {
	c := &Config{Net: map[string]string{}}
	for key, v := range net.settings {
		c.Net[key] = v.value
	}
	if o.resize {
		if min(o.width, o.height) < 1 || max(o.width, o.height) > maxSide {
			return nil, &ConfigError{Layer: -1, Reason: fmt.Sprintf("the network cannot be resized to %d × %d pixels (width × height): both must be from 1 to %d", o.width, o.height, maxSide)}
		}
		c.Width, c.Height = o.width, o.height
	} else if net.need("width") && net.need("height") {
		c.Width, c.Height = net.int("width", 0, 1, maxSide), net.int("height", 0, 1, maxSide)
	}
	if net.need("channels") {
		c.Channels = net.int("channels", 0, 1, maxChannels)
	}
	if net.err != nil {
		return nil, net.err
	}
	return &builder{config: c}, nil
}

// add works out the next layer.
func (b *builder) add(s *section) error {
	index := len(b.config.Layers)
	layer := Layer{Line: s.line, In: Shape{b.config.Height, b.config.Width, b.config.Channels}}
	stride := 1
	if index > 0 {
		layer.In, stride = b.config.Layers[index-1].Out, b.strides[index-1]
	}
	layer.Out = layer.In
	if index > 0 && b.isHead(index-1) && s.name != "route" {
		s.fail("", "what the [yolo] before it gives are boxes, which no layer can look at: a [route] to an earlier layer must come first")
	}
	for _, f := range fixed[s.name] {
		s.only(f[0], f[1])
	}
	switch s.name {
	case "convolutional":
		k := convolutional(s, layer.In.Channels)
		window := k.Dilation*(k.Size-1) + 1
		layer.Kind, layer.Out = k, Shape{windows(layer.In.Height, 2*k.Padding, window, k.Stride), windows(layer.In.Width, 2*k.Padding, window, k.Stride), k.Filters}
		stride *= k.Stride
		if s.err == nil {
			b.parameters += 3 * int64(k.Filters) // of a normalization; never more than the limit by itself
			b.parameters += int64(k.Filters) + int64(k.Filters)*int64(layer.In.Channels/k.Groups)*int64(k.Size)*int64(k.Size)
			if !k.BatchNormalize {
				b.parameters -= 3 * int64(k.Filters)
			}
			if b.parameters > maxParameters {
				s.fail("", "with its parameters the network has more than %s", thousands(maxParameters))
			}
		}
	case "maxpool":
		k := maxPool(s)
		layer.Kind, layer.Out = k, Shape{windows(layer.In.Height, k.Padding, k.Size, k.Stride), windows(layer.In.Width, k.Padding, k.Size, k.Stride), layer.In.Channels}
		stride *= k.Stride
	case "upsample":
		k := Upsample{s.int("stride", 2, 1, maxSide)}
		layer.Kind, layer.Out = k, Shape{layer.In.Height * k.Stride, layer.In.Width * k.Stride, layer.In.Channels}
		stride = max(1, stride/k.Stride)
	case "route":
		k := b.route(s)
		layer.Kind = k
		if s.err == nil {
			layer.In = b.config.Layers[k.Layers[0]].Out
			layer.Out, stride = b.routed(s, k), b.strides[k.Layers[0]]
		}
	case "shortcut":
		layer.Kind = b.shortcut(s, layer.In)
	case "dropout":
		layer.Kind = Dropout{s.float("probability", .5, 0, 1)}
	case "yolo":
		layer.Kind = yolo(s, layer.In.Channels)
	}
	switch out := layer.Out; {
	case out.Height < 1 || out.Width < 1:
		s.fail("", "its window is larger than what it looks at, %v, and leaves nothing", layer.In)
	case max(out.Height, out.Width) > maxSide:
		s.fail("", "it gives %v, and a side has at most %d pixels", out, maxSide)
	case out.Channels > maxChannels:
		s.fail("", "it gives %v, and there are at most %d channels", out, maxChannels)
	case int64(out.Height)*int64(out.Width)*int64(out.Channels) > maxValues:
		s.fail("", "it gives %v, more than %s numbers", out, thousands(maxValues))
	}
	if s.err != nil {
		s.err.Layer = index
		return s.err
	}
	b.config.Layers = append(b.config.Layers, layer)
	b.strides = append(b.strides, min(stride, maxSide)) // a product of many must not overflow
	return nil
}

// windows is in how many places a window fits along one side.
func windows(side, padding, window, stride int) int {
	if side+padding < window {
		return 0
	}
	return (side+padding-window)/stride + 1
}

func convolutional(s *section, channels int) Convolutional {
	s.need("filters")
	k := Convolutional{
		Filters:        s.int("filters", 1, 1, maxChannels),
		Size:           s.int("size", 1, 1, maxSide),
		Stride:         strideOf(s),
		Padding:        s.int("padding", 0, 0, maxSide),
		Dilation:       s.int("dilation", 1, 1, maxSide),
		Groups:         s.int("groups", 1, 1, maxChannels),
		BatchNormalize: s.int("batch_normalize", 0, 0, 2) != 0, // 2 is a way to train
		Activation:     activation(s, "logistic"),
	}
	if s.int("pad", 0, 0, maxSide) != 0 {
		k.Padding = k.Size / 2
	}
	if k.Size == 1 {
		k.Dilation = 1
	}
	if k.Dilation > 1 {
		if 2*k.Padding != k.Size-1 { // Darknet works out its size as if there were none
			s.fail("dilation", "it needs pad=1 and an odd size")
		}
		k.Padding *= k.Dilation
	}
	if channels%k.Groups != 0 || k.Filters%k.Groups != 0 {
		s.fail("groups", "it must divide both its %d channels and its %d filters", channels, k.Filters)
	}
	return k
}

func maxPool(s *section) MaxPool {
	k := MaxPool{Stride: strideOf(s)}
	k.Size = s.int("size", k.Stride, 1, maxSide)
	k.Padding = s.int("padding", k.Size-1, 0, 2*maxSide)
	if (k.Padding+1)/2 >= k.Size {
		s.fail("padding", "a window of %d × %d would see nothing but padding", k.Size, k.Size)
	}
	return k
}

// strideOf is a stride, which must be the same in both directions.
func strideOf(s *section) int {
	stride := s.int("stride", 1, 1, maxSide)
	x, y := s.int("stride_x", stride, 1, maxSide), s.int("stride_y", stride, 1, maxSide)
	if x != y {
		s.fail("", "a stride of %d to the right and of %d down; they must be the same", x, y)
	}
	return x
}

func activation(s *section, otherwise string) string {
	v, ok := s.settings["activation"]
	if !ok {
		return otherwise
	}
	if !slices.Contains(activations, v.value) {
		s.fail("activation", "it must be one of %s", strings.Join(activations, ", "))
	}
	return v.value
}

// route finds a route's layers, of which there is at least one if nothing is wrong.
func (b *builder) route(s *section) Route {
	s.need("layers")
	k := Route{Groups: s.int("groups", 1, 1, maxChannels)}
	k.GroupID = s.int("group_id", 0, 0, k.Groups-1)
	for _, n := range s.ints("layers") {
		k.Layers = append(k.Layers, b.earlier(s, "layers", n))
	}
	return k
}

// earlier is the number of a layer that stands before this one. A negative one is counted back from here.
func (b *builder) earlier(s *section, key string, n int) int {
	index := len(b.config.Layers)
	switch {
	case n < 0 && index+n < 0:
		s.fail(key, "there are no %d layers before this one, only %d", -n, index)
	case n >= index:
		s.fail(key, "layer %d does not stand before this one; only earlier layers can be used", n)
	default:
		if n < 0 {
			n += index
		}
		if b.isHead(n) {
			s.fail(key, "layer %d is a [yolo], which gives boxes, and no layer can look at them", n)
		}
	}
	return n
}

// isHead is whether a layer is a [yolo]. Darknet has put its output through the sigmoid.
func (b *builder) isHead(n int) bool {
	_, is := b.config.Layers[n].Kind.(YOLO)
	return is
}

// routed is the shape that a route gives.
func (b *builder) routed(s *section, k Route) Shape {
	var out Shape
	for i, n := range k.Layers {
		source := b.config.Layers[n].Out
		if i == 0 {
			out.Height, out.Width = source.Height, source.Width
		}
		switch {
		case source.Height != out.Height || source.Width != out.Width:
			s.fail("layers", "layer %d gives %v and layer %d gives %v; heights and widths must be the same%s", k.Layers[0], b.config.Layers[k.Layers[0]].Out, n, source, b.hint())
		case source.Channels%k.Groups != 0:
			s.fail("groups", "the %d channels of layer %d cannot be shared out among them", source.Channels, n)
		}
		if out.Channels += source.Channels / k.Groups; out.Channels > maxChannels || s.err != nil {
			break // add says that it is too many; a long list must not overflow, nor take long
		}
	}
	return out
}

// hint says which sizes of the input would fit, if this one does not.
func (b *builder) hint() string {
	stride := slices.Max(b.strides)
	if b.config.Width%stride == 0 && b.config.Height%stride == 0 {
		return ""
	}
	return fmt.Sprintf(". The network's input is %d × %d pixels (width × height): choose multiples of %d", b.config.Width, b.config.Height, stride)
}

func (b *builder) shortcut(s *section, in Shape) Shortcut {
	k := Shortcut{Activation: activation(s, "linear")}
	index := len(b.config.Layers)
	if index == 0 {
		s.fail("", "it adds to what the layer before gives, and there is none")
		return k
	}
	s.need("from")
	from := s.ints("from")
	if len(from) > 1 {
		s.fail("from", "only one layer can be added")
	}
	if s.err != nil {
		return k
	}
	k.From = b.earlier(s, "from", from[0])
	if s.err != nil {
		return k
	}
	switch other := b.config.Layers[k.From].Out; {
	case other.Height != in.Height || other.Width != in.Width:
		s.fail("from", "layer %d gives %v and layer %d gives %v; their shapes must be the same%s", k.From, other, index-1, in, b.hint())
	case other.Channels != in.Channels:
		s.fail("from", "layer %d gives %v and layer %d gives %v; their shapes must be the same", k.From, other, index-1, in)
	}
	return k
}

func yolo(s *section, channels int) YOLO {
	k := YOLO{
		Mask:            s.ints("mask"),
		Classes:         s.int("classes", 1, 1, maxChannels),
		ScaleXY:         s.float("scale_x_y", 1, .01, 100),
		IgnoreThreshold: s.float("ignore_thresh", .5, 0, 1e6),
		TruthThreshold:  s.float("truth_thresh", 1, 0, 1e6),
	}
	s.need("classes")
	if s.need("anchors") {
		k.Anchors = s.pairs("anchors")
	}
	if s.err != nil {
		return k
	}
	if k.Mask == nil { // all of them
		for i := range k.Anchors {
			k.Mask = append(k.Mask, i)
		}
	}
	for _, i := range k.Mask {
		if i < 0 || i >= len(k.Anchors) {
			s.fail("mask", "there is no anchor %d; the %d of them are counted from 0", i, len(k.Anchors))
		}
	}
	if needed := len(k.Mask) * (5 + k.Classes); channels != needed {
		s.fail("", "%d anchors × (5 + %d classes) are %d channels, and the layer before gives %d: set filters=%d there", len(k.Mask), k.Classes, needed, channels, needed)
	}
	return k
}
