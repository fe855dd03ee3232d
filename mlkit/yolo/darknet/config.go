// Package darknet reads the files of Darknet, the program that YOLO comes from: configurations (.cfg), which say
// what a network is made of, and weights (.weights), which say what it has learnt. It knows the YOLOv3 family.
//
//	file, err := os.Open("yolov3.cfg")
//	…
//	config, err := darknet.ParseConfig(file, darknet.Resize(416, 416))
//	…
//	fmt.Print(config.Table())
//	weights, err := darknet.Open("yolov3.weights", config)
//	…
//	defer weights.Close()
//	fmt.Println(weights.Layers[0].Kernel[:9]) // the first filter's nine numbers for red
//
// Nothing is computed here. Source of both formats: github.com/pjreddie/darknet and github.com/AlexeyAB/darknet,
// src/parser.c.
package darknet

import (
	"fmt"
	"io"
)

// A Shape is that of one picture, or of the features of one: height × width × channels.
type Shape struct{ Height, Width, Channels int }

// String writes a shape as 416 × 416 × 3.
func (s Shape) String() string { return fmt.Sprintf("%d × %d × %d", s.Height, s.Width, s.Channels) }

// A Config is a network: its input, and its layers in the order in which they are computed.
type Config struct {
	Width, Height, Channels int               // of the input
	Net                     map[string]string // the settings of [net] as written, whatever Resize says
	Layers                  []Layer           // layer 0 is the first section after [net]
}

// A Layer is one section of the file.
type Layer struct {
	Line int // of the section in the file, from 1
	Kind Kind
	In   Shape // what the layer before gives, or the input; for a Route, what its first source gives
	Out  Shape
}

// A Kind is what a layer does and its settings: a Convolutional, MaxPool, Upsample, Route, Shortcut, Dropout or
// YOLO.
type Kind interface {
	Name() string // the name of the section: convolutional
}

// Convolutional is a convolution, then the bias or batch normalization, then the activation. It gives
// (size + 2·Padding − Dilation·(Size−1) − 1) / Stride + 1 rows and columns, rounded down.
type Convolutional struct {
	Filters        int // how many channels it gives
	Size           int // of the kernel: Size × Size
	Stride         int
	Padding        int // rows and columns of zeros on each of the four sides
	Dilation       int // the distance between the pixels under the kernel, 1 if they touch
	Groups         int // each filter sees channels/Groups channels
	BatchNormalize bool
	Activation     string // one of Activations
}

// MaxPool takes the largest of Size × Size pixels. Padding is that of both sides together: Padding/2, rounded
// down, stands before the first row and column and the rest after the last. Padding is never the largest.
type MaxPool struct{ Size, Stride, Padding int }

// Upsample repeats each pixel Stride times in both directions.
type Upsample struct{ Stride int }

// Route concatenates the channels of earlier layers. With Groups more than 1 it takes, of each of them, only part
// GroupID (from 0) of so many equal parts of the channels.
type Route struct {
	Layers          []int // from 0
	Groups, GroupID int
}

// Shortcut adds what an earlier layer gives to what the layer before gives.
type Shortcut struct {
	From       int    // from 0
	Activation string // of the sum
}

// Dropout sets numbers to zero at random in training, and does nothing otherwise.
type Dropout struct{ Probability float64 }

// YOLO is a head. Its input has 5 + Classes channels for each anchor of Mask: x, y, width, height, objectness and
// the classes, all before the sigmoid. Its output is described by the same shape.
type YOLO struct {
	Mask    []int        // which anchors this head uses
	Anchors [][2]float64 // all of them, width and height in pixels of the network's input
	Classes int
	// ScaleXY stretches the position within a cell: sigmoid(x)·ScaleXY − (ScaleXY−1)/2.
	ScaleXY float64
	// In training, a box that overlaps an object by more than IgnoreThreshold (IoU) is not blamed for its
	// objectness, and one by more than TruthThreshold is taught that object.
	IgnoreThreshold, TruthThreshold float64
}

func (Convolutional) Name() string { return "convolutional" }
func (MaxPool) Name() string       { return "maxpool" }
func (Upsample) Name() string      { return "upsample" }
func (Route) Name() string         { return "route" }
func (Shortcut) Name() string      { return "shortcut" }
func (Dropout) Name() string       { return "dropout" }
func (YOLO) Name() string          { return "yolo" }

// What a configuration may ask for at most.
const (
	maxConfig     = 1 << 20 // bytes of the file
	maxLayers     = 1000
	maxSide       = 8192 // of a picture, and of a kernel
	maxChannels   = 65536
	maxValues     = 1 << 30 // that one layer gives
	maxParameters = 1e9
)

// A ConfigError says what is wrong with a configuration, and where.
type ConfigError struct {
	Line    int    // from 1; 0 if it is about the whole file
	Layer   int    // from 0; -1 if it is about no layer
	Section string // "convolutional"; "" outside of one
	Reason  string
}

func (e *ConfigError) Error() string {
	text := "Darknet cfg"
	if e.Line > 0 {
		text += fmt.Sprintf(", line %d", e.Line)
	}
	if e.Layer >= 0 {
		text += fmt.Sprintf(", layer %d", e.Layer)
	}
	if e.Section != "" {
		text += ", [" + e.Section + "]"
	}
	return text + ": " + e.Reason
}

// An Option of ParseConfig.
type Option func(*options)

type options struct {
	resize        bool
	width, height int
}

// Resize has the network look at pictures of another size than its [net] section says. Width and height must fit
// the strides: multiples of 32 for all of YOLOv3's family.
func Resize(width, height int) Option {
	return func(o *options) { o.resize, o.width, o.height = true, width, height }
}

// ParseConfig reads a configuration and works out every layer's shape. Where a setting is absent it has Darknet's
// default, where it is there twice the first counts, and settings that mean nothing here, as those for training,
// are passed over. An error is a *ConfigError, or one of r.
//
// A configuration may have 1 MB, 1,000 layers, sides of 8,192 pixels, 65,536 channels and 10⁹ parameters.
func ParseConfig(r io.Reader, opts ...Option) (*Config, error) {
	var o options
	for _, option := range opts {
		option(&o)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return nil, err
	}
	sections, err := split(text)
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(sections[0], o)
	if err != nil {
		return nil, err
	}
	for _, s := range sections[1:] {
		if err := b.add(s); err != nil {
			return nil, err
		}
	}
	return b.config, nil
}
