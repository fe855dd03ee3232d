// Package onnx writes networks of the YOLOv3 family as ONNX models, which other programs run.
//
//	config, err := darknet.ParseConfig(file, darknet.Resize(416, 416))
//	…
//	weights, err := darknet.Open("yolov3.weights", config)
//	…
//	err = onnx.Write(out, config, weights, onnx.Options{Names: detection.COCO()})
//
// A model has one input, "input" [batch, channels, height, width]: pictures with numbers from 0 to 1, any number of
// them at once. Its outputs "head0", "head1", … are what goes into the [yolo] layers, in the order of the
// configuration, before any sigmoid: [batch, anchors·(5 + classes), height', width'].
//
// Sources: github.com/onnx/onnx, onnx/onnx.proto and docs/Operators.md, operator set 13.
package onnx

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"gopherlens/mlkit/yolo/darknet"
)

// Options of Write.
type Options struct {
	// Epsilon is what batch normalization adds to a variance, which depends on the program that the network was
	// trained with; 0 is Darknet's, 10⁻⁵.
	Epsilon float64
	// Names are those of the classes, as many as the network tells apart, or nil.
	Names []string
}

// MaxBytes is how long a model can be: what a message of protobuf can have.
const MaxBytes = math.MaxInt32

// A SizeError says that a network is too large to be a model.
type SizeError struct{ Bytes int64 }

func (e *SizeError) Error() string {
	return fmt.Sprintf("ONNX: the model would have %d bytes, and at most %d fit into one file: a smaller network is needed", e.Bytes, MaxBytes)
}

const (
	operatorSet = 13
	irVersion   = 7 // of the release that brought the operator set
)

// Write writes a network and its weights as a model. Batch normalization becomes part of the convolutions; the
// weights are written as they are read, and take no memory a second time.
//
// Metadata are "names", a list of the classes' names, and for each head, under the name of the output, its
// "anchors" in pixels, its number of "classes" and its "scale_x_y"; all are JSON.
//
// An error is a *darknet.WeightsError if the weights are not the network's, a *SizeError, or one of w.
func Write(w io.Writer, c *darknet.Config, weights *darknet.Weights, o Options) error {
	if o.Epsilon == 0 {
		o.Epsilon = 1e-5
	}
	if err := weights.Check(c); err != nil {
		return err
	}
	g := &graph{constants: map[string]bool{}}
	heads, err := g.build(c, weights, o.Epsilon)
	if err != nil {
		return err
	}
	properties, err := metadata(heads, o.Names)
	if err != nil {
		return err
	}
	const ( // fields of ModelProto
		fieldIRVersion = 1
		fieldProducer  = 2
		fieldGraph     = 7
		fieldOperators = 8
		fieldMetadata  = 14
	)
	start := appendInt(nil, fieldIRVersion, irVersion)
	start = appendText(start, fieldProducer, "Gopherlens")
	start = appendBytes(start, fieldOperators, appendInt(nil, 2, operatorSet)) // the empty domain is ONNX's own
	for _, p := range properties {
		start = appendBytes(start, fieldMetadata, appendText(appendText(nil, 1, p[0]), 2, p[1]))
	}
	small, size := g.encode(c, heads)
	start = protowire.AppendTag(start, fieldGraph, protowire.BytesType)
	start = protowire.AppendVarint(start, uint64(size))
	if total := int64(len(start)) + size; total > MaxBytes {
		return &SizeError{total}
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.Write(start)
	out.Write(small)
	for _, t := range g.tensors {
		t.write(out)
	}
	return out.Flush() // with the first error of all
}

// metadata are the model's properties: keys and values.
func metadata(heads []head, names []string) (properties [][2]string, err error) {
	add := func(key string, value any) error {
		text, err := json.Marshal(value)
		properties = append(properties, [2]string{key, string(text)})
		return err
	}
	if names != nil {
		if err := add("names", names); err != nil {
			return nil, err
		}
	}
	for _, h := range heads {
		if names != nil && len(names) != h.yolo.Classes {
			return nil, fmt.Errorf("ONNX: the network tells %d classes apart (layer %d), but there are %d names", h.yolo.Classes, h.layer, len(names))
		}
		about := struct {
			Anchors [][2]float64 `json:"anchors"`
			Classes int          `json:"classes"`
			ScaleXY float64      `json:"scale_x_y"`
		}{nil, h.yolo.Classes, h.yolo.ScaleXY}
		for _, i := range h.yolo.Mask {
			about.Anchors = append(about.Anchors, h.yolo.Anchors[i])
		}
		if err := add(h.output, about); err != nil {
			return nil, err
		}
	}
	return properties, nil
}

// A tensor is an initializer of the graph.
type tensor struct {
	start []byte // of the encoded TensorProto, up to its numbers
	// The numbers: what is written as it is, or values of which equal parts, one after the other, are multiplied
	// by one of scale.
	raw           []byte
	values, scale []float32
}

// write writes the field of the graph that has the tensor.
func (t *tensor) write(out *bufio.Writer) {
	out.Write(t.start)
	out.Write(t.raw)
	for f, s := range t.scale {
		n := len(t.values) / len(t.scale)
		for _, v := range t.values[f*n : (f+1)*n] {
			out.Write(binary.LittleEndian.AppendUint32(out.AvailableBuffer(), math.Float32bits(v*s)))
		}
	}
}

// size is how many bytes write writes.
func (t *tensor) size() int64 { return int64(len(t.start)+len(t.raw)) + 4*int64(len(t.values)) }

// Types of a tensor's numbers, of TensorProto.DataType.
const (
	float32s = 1
	int64s   = 7
)

// fieldInitializer is that of GraphProto.
const fieldInitializer = 5

// begin encodes what stands before a tensor's numbers.
func (t *tensor) begin(name string, kind uint64, dims ...int) {
	var b []byte
	for _, d := range dims {
		b = appendInt(b, 1, uint64(d))
	}
	b = appendText(appendInt(b, 2, kind), 8, name)
	b = protowire.AppendTag(b, 9, protowire.BytesType)
	numbers := len(t.raw) + 4*len(t.values)
	b = protowire.AppendVarint(b, uint64(numbers))
	t.start = protowire.AppendTag(nil, fieldInitializer, protowire.BytesType)
	t.start = protowire.AppendVarint(t.start, uint64(len(b)+numbers))
	t.start = append(t.start, b...)
}

// encode gives the fields of GraphProto before the initializers, and the length of all.
func (g *graph) encode(c *darknet.Config, heads []head) (small []byte, size int64) {
	const (
		fieldNode   = 1
		fieldName   = 2
		fieldInput  = 11
		fieldOutput = 12
	)
	for _, n := range g.nodes {
		small = appendBytes(small, fieldNode, n)
	}
	small = appendText(small, fieldName, "yolo")
	small = appendBytes(small, fieldInput, picture(input, darknet.Shape{Height: c.Height, Width: c.Width, Channels: c.Channels}))
	for _, h := range heads {
		small = appendBytes(small, fieldOutput, picture(h.output, c.Layers[h.layer].In))
	}
	size = int64(len(small))
	for _, t := range g.tensors {
		size += t.size()
	}
	return small, size
}

// picture encodes a ValueInfoProto: any number of pictures of a shape.
func picture(name string, s darknet.Shape) []byte {
	shape := appendBytes(nil, 1, appendText(nil, 2, "batch"))
	for _, d := range []int{s.Channels, s.Height, s.Width} {
		shape = appendBytes(shape, 1, appendInt(nil, 1, uint64(d)))
	}
	tensorType := appendBytes(appendInt(nil, 1, float32s), 2, shape)
	return appendBytes(appendText(nil, 1, name), 2, appendBytes(nil, 1, tensorType))
}

func appendInt(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendText(b []byte, field protowire.Number, v string) []byte {
	return appendBytes(b, field, []byte(v))
}
