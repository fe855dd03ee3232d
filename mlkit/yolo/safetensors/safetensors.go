// Package safetensors keeps what a network has learnt as safetensors, the format of Hugging Face that programs in
// many languages read.
//
//	err := safetensors.Write(file, config, weights)
//	…
//	weights, err := safetensors.Open("yolov3.safetensors", config)
//
// Each convolution has its tensors, called by the layer's number in the configuration: layers.0.bias [filters],
// layers.0.kernel [filters, channels/groups, size, size] and, with batch normalization, layers.0.scales,
// layers.0.mean and layers.0.variance [filters]. All are float32. Metadata are
//
//	format   "darknet"
//	width, height, channels
//	         of the network's input
//	version  of Darknet's format, "0.2.5"
//	seen     how many pictures the network has been trained with
//
// A checkpoint is such a file with what a training needs to go on besides: see [Checkpoint].
//
// Source: huggingface.co/docs/safetensors.
package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"

	"github.com/nlpodyssey/safetensors"

	"gopherlens/mlkit/yolo/darknet"
)

// maxHeader is how many bytes a header may have. A checkpoint of the longest configuration has less.
const maxHeader = 2 << 20

// An Error says what is wrong with a file.
type Error struct {
	Tensor string // that it is about; "" if it is about none
	Reason string
}

func (e *Error) Error() string {
	if e.Tensor != "" {
		return "safetensors, " + e.Tensor + ": " + e.Reason
	}
	return "safetensors: " + e.Reason
}

// A tensor is a name and a place in the weights. It is empty where the layer has no such thing.
type tensor struct {
	name   string
	shape  []uint64
	values *[]float32
}

func (t tensor) numbers() int {
	n := uint64(1)
	for _, d := range t.shape {
		n *= d
	}
	return int(n)
}

// The tensor as the library writes it.

func (t tensor) DType() safetensors.DType { return safetensors.F32 }
func (t tensor) Shape() []uint64          { return t.shape }
func (t tensor) DataLen() uint64          { return 4 * uint64(t.numbers()) }
func (t tensor) Data() []byte {
	data, err := binary.Append(make([]byte, 0, t.DataLen()), binary.LittleEndian, *t.values)
	if err != nil {
		panic(err) // which floats never give
	}
	return data
}

// tensors lists those of the network, in the order of its layers, with something before their names.
func tensors(c *darknet.Config, w *darknet.Weights, before string) (list []tensor) {
	for i, l := range c.Layers {
		k, ok := l.Kind.(darknet.Convolutional)
		if !ok {
			continue
		}
		add := func(name string, values *[]float32, shape ...int) {
			t := tensor{name: fmt.Sprintf("%slayers.%d.%s", before, i, name), values: values}
			for _, d := range shape {
				t.shape = append(t.shape, uint64(d))
			}
			if t.numbers() > 0 {
				list = append(list, t)
			}
		}
		normalized := 0
		if k.BatchNormalize {
			normalized = k.Filters
		}
		to := &w.Layers[i]
		add("bias", &to.Biases, k.Filters)
		add("scales", &to.Scales, normalized)
		add("mean", &to.Means, normalized)
		add("variance", &to.Variances, normalized)
		add("kernel", &to.Kernel, k.Filters, l.In.Channels/k.Groups, k.Size, k.Size)
	}
	return list
}

// Write writes weights of the network c. It takes the memory of the largest tensor. An error is a
// *darknet.WeightsError if the weights are not the network's, or one of out.
func Write(out io.Writer, c *darknet.Config, w *darknet.Weights) error {
	return write(out, c, w, nil, nil)
}

// write writes weights, and what is more.
func write(out io.Writer, c *darknet.Config, w *darknet.Weights, more []tensor, moreMetadata map[string]string) error {
	if err := w.Check(c); err != nil {
		return err
	}
	views := map[string]tensor{}
	for _, t := range append(tensors(c, w, ""), more...) {
		views[t.name] = t
	}
	metadata := map[string]string{
		"format": "darknet", "width": strconv.Itoa(c.Width), "height": strconv.Itoa(c.Height), "channels": strconv.Itoa(c.Channels),
		"version": fmt.Sprintf("%d.%d.%d", w.Major, w.Minor, w.Revision), "seen": strconv.FormatUint(w.Seen, 10),
	}
	maps.Copy(metadata, moreMetadata)
	return safetensors.SerializeToWriter(views, metadata, out)
}

// Open reads weights of the network c. All of its tensors must be there, in their shapes, and nothing besides but what
// a checkpoint has; the metadata may be missing. An error is an *Error with the path before it, or one of the system.
func Open(path string, c *darknet.Config) (*darknet.Weights, error) {
	p, err := open(path, c, false)
	if err != nil {
		return nil, err
	}
	return p.Weights, nil
}

func open(path string, c *darknet.Config, whole bool) (*Checkpoint, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	p, err := read(io.NewSectionReader(file, 0, info.Size()), c, whole)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// read reads a whole checkpoint, or the weights alone of one or of a file that has nothing else.
func read(file *io.SectionReader, c *darknet.Config, whole bool) (*Checkpoint, error) {
	var length uint64
	switch err := binary.Read(file, binary.LittleEndian, &length); {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, &Error{Reason: fmt.Sprintf("the file has only %d bytes", file.Size())}
	case err != nil:
		return nil, err
	}
	rest := file.Size() - 8
	if length > maxHeader || int64(length) > rest {
		return nil, &Error{Reason: fmt.Sprintf("its header claims to have %d bytes, of the file's %d and the %d that are read at most: it is no file of safetensors, or its download broke off", length, file.Size(), maxHeader)}
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(file, text); err != nil {
		return nil, err
	}
	var header safetensors.Metadata
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, &Error{Reason: fmt.Sprintf("its header cannot be read: %.200v", err)} // which may quote all of it
	}
	w := &darknet.Weights{Minor: 2, Layers: make([]darknet.ConvWeights, len(c.Layers))}
	if err := origin(header.Metadata(), w); err != nil {
		return nil, err
	}
	list, infos := tensors(c, w, ""), header.Tensors()
	p := &Checkpoint{Weights: w, Training: header.Metadata()["training"]}
	more, err := p.listed(c, infos, rest-int64(length))
	if err != nil {
		return nil, err
	}
	if err := fit(slices.Concat(list, more), infos, rest-int64(length)); err != nil {
		return nil, err
	}
	if whole {
		list = append(list, more...)
	}
	chunk := make([]byte, 1<<16)
	for _, t := range list {
		start := 8 + int64(length) + int64(infos[t.name].DataOffsets[0])
		values := make([]float32, t.numbers())
		*t.values = values
		for len(values) > 0 {
			n := min(len(values), len(chunk)/4)
			if _, err := file.ReadAt(chunk[:4*n], start); err != nil {
				return nil, err
			}
			if _, err := binary.Decode(chunk, binary.LittleEndian, values[:n]); err != nil {
				return nil, err
			}
			values, start = values[n:], start+int64(4*n)
		}
		if t.name == "history" {
			p.History = slices.Collect(slices.Chunk(*t.values, int(t.shape[1])))
		}
	}
	return p, nil
}

// origin takes over what is known of the weights.
func origin(metadata map[string]string, w *darknet.Weights) error {
	for _, m := range []struct {
		key, format string
		to          []any
	}{{"version", "%d.%d.%d", []any{&w.Major, &w.Minor, &w.Revision}}, {"seen", "%d", []any{&w.Seen}}} {
		if text, ok := metadata[m.key]; ok {
			if _, err := fmt.Sscanf(text, m.format, m.to...); err != nil {
				return &Error{Reason: fmt.Sprintf("its metadata have %.40q as %s: %v", text, m.key, err)}
			}
		}
	}
	return nil
}

// fit holds a file's tensors against the network's, and that they fill its bytes of data one after the other.
func fit(list []tensor, infos map[string]*safetensors.TensorInfo, size int64) error {
	const together = ". Do the file and the configuration belong together?"
	for _, t := range list {
		switch info := infos[t.name]; {
		case info == nil:
			return &Error{t.name, "it is missing" + together}
		case info.DType != safetensors.F32:
			return &Error{t.name, fmt.Sprintf("it has numbers of the type %v, and only F32 can be read", info.DType)}
		case !slices.Equal(info.Shape, t.shape):
			return &Error{t.name, fmt.Sprintf("it has the shape %.100s, and the network asks for %d%s", fmt.Sprint(info.Shape), t.shape, together)}
		}
	}
	if len(infos) > len(list) {
		for _, t := range list {
			delete(infos, t.name)
		}
		first := slices.Min(slices.Collect(maps.Keys(infos)))
		return &Error{Reason: fmt.Sprintf("%d tensors are not the network's, among them %.100q%s", len(infos), first, together)}
	}
	slices.SortFunc(list, func(a, b tensor) int {
		return slices.Compare(infos[a.name].DataOffsets[:], infos[b.name].DataOffsets[:])
	})
	end := uint64(0)
	for _, t := range list {
		if at := infos[t.name].DataOffsets; at != [2]uint64{end, end + t.DataLen()} {
			return &Error{t.name, fmt.Sprintf("it should lie in the bytes from %d to %d of the data, and the header says from %d to %d: the file is damaged", end, end+t.DataLen(), at[0], at[1])}
		}
		end += t.DataLen()
	}
	if end != uint64(size) {
		return &Error{Reason: fmt.Sprintf("the file has %d bytes of data, and its tensors take %d: its download broke off, or it is damaged", size, end)}
	}
	return nil
}
