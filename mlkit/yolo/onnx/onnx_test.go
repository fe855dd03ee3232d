package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/onnx"
)

// every is a network with every kind of layer and every activation.
func every() string {
	var b strings.Builder
	b.WriteString("[net]\nwidth=24\nheight=16\nchannels=3\n")
	for i, a := range darknet.Activations() {
		fmt.Fprintf(&b, "[convolutional]\nfilters=6\nsize=%d\npad=1\nbatch_normalize=%d\nactivation=%s\n", 1+i%2*2, i%2, a)
	}
	b.WriteString(`
[maxpool] # padding behind only
size=2
stride=1
[maxpool] # one row before and two behind
size=4
stride=2
[convolutional]
filters=8
size=3
groups=2
stride=2
pad=1
batch_normalize=1
activation=leaky
[convolutional]
filters=8
size=3
dilation=2
pad=1
activation=swish
[shortcut]
from=-2
activation=mish
[dropout]
[route]
layers=-1,-3
groups=4
group_id=2
[convolutional]
filters=12
activation=linear
[yolo]
mask=1,0
anchors=10,14, 23,27
classes=1
scale_x_y=1.05
[route]
layers=-3
[upsample]
stride=2
[shortcut]
from=-1
[route]
layers=-1,-2,20
[convolutional]
filters=6
activation=linear
[yolo]
mask=2
anchors=10,14, 23,27, 37,58
classes=1
`)
	return b.String()
}

func parse(tb testing.TB, text string) *darknet.Config {
	tb.Helper()
	c, err := darknet.ParseConfig(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// random are weights that keep the numbers small and on both sides of zero.
func random(c *darknet.Config) *darknet.Weights {
	r := rand.New(rand.NewPCG(1, 2))
	list := func(n int, mean, deviation float64) []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(mean + deviation*r.NormFloat64())
		}
		return values
	}
	w := &darknet.Weights{Layers: make([]darknet.ConvWeights, len(c.Layers))}
	for i, l := range c.Layers {
		k, ok := l.Kind.(darknet.Convolutional)
		if !ok {
			continue
		}
		seen := l.In.Channels / k.Groups * k.Size * k.Size
		// Most activations flatten what they see: the kernels spread it again.
		w.Layers[i] = darknet.ConvWeights{Biases: list(k.Filters, 0, 1), Kernel: list(k.Filters*seen, 0, 2/math.Sqrt(float64(seen)))}
		if k.BatchNormalize {
			w.Layers[i].Scales, w.Layers[i].Means = list(k.Filters, 1, 0.2), list(k.Filters, 0, 0.5)
			w.Layers[i].Variances = make([]float32, k.Filters)
			for f := range k.Filters {
				w.Layers[i].Variances[f] = r.Float32() + 0.5
			}
		}
	}
	return w
}

func write(tb testing.TB, c *darknet.Config, w *darknet.Weights, o onnx.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := onnx.Write(&b, c, w, o); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// A message is one of protobuf's: for each field the numbers and the bytes that it has.
type message map[protowire.Number][]value

type value struct {
	number uint64
	bytes  []byte
}

func decode(tb testing.TB, b []byte) message {
	tb.Helper()
	m := message{}
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			tb.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var v value
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(b)
			v.number = uint64(x)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(b)
		default:
			tb.Fatalf("field %d has the type %d", field, kind)
		}
		if n < 0 {
			tb.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		m[field] = append(m[field], v)
	}
	return m
}

func (m message) text(field protowire.Number) string {
	if len(m[field]) == 0 {
		return ""
	}
	return string(m[field][0].bytes)
}

func (m message) texts(field protowire.Number) (list []string) {
	for _, v := range m[field] {
		list = append(list, string(v.bytes))
	}
	return list
}

func (m message) ints(field protowire.Number) (list []int) {
	for _, v := range m[field] {
		list = append(list, int(v.number))
	}
	return list
}

func (m message) all(tb testing.TB, field protowire.Number) (list []message) {
	for _, v := range m[field] {
		list = append(list, decode(tb, v.bytes))
	}
	return list
}

// shape of a ValueInfoProto: 0 is any number of pictures.
func shape(tb testing.TB, info message) (dims []int) {
	tensor := info.all(tb, 2)[0].all(tb, 1)[0]
	for _, d := range tensor.all(tb, 2)[0].all(tb, 1) {
		dims = append(dims, append(d.ints(1), 0)[0])
	}
	return dims
}

// The model has what the configuration asks for, in an order in which it can be computed.
func TestStructure(t *testing.T) {
	c := parse(t, every())
	w := random(c)
	model := decode(t, write(t, c, w, onnx.Options{Names: []string{"thing"}}))
	if model.ints(1)[0] != 7 || model.text(2) != "Gopherlens" || model.all(t, 8)[0].ints(2)[0] != 13 {
		t.Errorf("version %v, producer %q, operators %v", model.ints(1), model.text(2), model.all(t, 8))
	}
	properties := map[string]string{}
	for _, p := range model.all(t, 14) {
		properties[p.text(1)] = p.text(2)
	}
	if want := map[string]string{
		"names": `["thing"]`,
		"head0": `{"anchors":[[23,27],[10,14]],"classes":1,"scale_x_y":1.05}`,
		"head1": `{"anchors":[[37,58]],"classes":1,"scale_x_y":1}`,
	}; !reflect.DeepEqual(properties, want) {
		t.Errorf("metadata %v", properties)
	}

	g := model.all(t, 7)[0]
	known := map[string]bool{"input": true, "": true} // what may be an input of the next node
	numbers := 0
	for _, tensor := range g.all(t, 5) {
		name, size := tensor.text(8), map[int]int{1: 4, 7: 8}[tensor.ints(2)[0]]
		for _, d := range tensor.ints(1) {
			size *= d
		}
		if size == 0 || size != len(tensor.text(9)) || known[name] {
			t.Errorf("tensor %q, %v, has %d bytes", name, tensor.ints(1), len(tensor.text(9)))
		}
		known[name] = true
		if strings.HasPrefix(name, "layer") {
			numbers += size / 4
		}
	}
	folded := 0 // the scales, means and variances are no more
	for _, l := range w.Layers {
		folded += 3 * len(l.Scales)
	}
	if numbers != c.Parameters()-folded {
		t.Errorf("%d numbers, want %d", numbers, c.Parameters()-folded)
	}
	ops, pads := map[string]int{}, map[string][]int{}
	for _, n := range g.all(t, 1) {
		for _, in := range n.texts(1) {
			if !known[in] {
				t.Errorf("%s looks at %q, which is not there", n.text(3), in)
			}
		}
		if out := n.text(2); known[out] || out != n.text(3) {
			t.Errorf("%s gives %q", n.text(3), out)
		}
		known[n.text(2)] = true
		ops[n.text(4)]++
		for _, a := range n.all(t, 5) {
			if a.text(1) == "pads" {
				pads[n.text(3)] = a.ints(8)
			}
		}
	}
	if have := pads["layer20_MaxPool"]; !slices.Equal(have, []int{1, 1, 2, 2}) {
		t.Errorf("three rows of padding are shared out as %v", have)
	}
	for op, want := range map[string]int{"Conv": 23, "MaxPool": 2, "Resize": 1, "Slice": 2, "Concat": 2, "Identity": 2, "BatchNormalization": 0} {
		if ops[op] != want {
			t.Errorf("%d nodes %s, want %d", ops[op], op, want)
		}
	}
	for _, info := range []struct {
		field protowire.Number
		at    int
		name  string
		shape []int
	}{{11, 0, "input", []int{0, 3, 16, 24}}, {12, 0, "head0", []int{0, 12, 4, 6}}, {12, 1, "head1", []int{0, 6, 8, 12}}} {
		have := g.all(t, info.field)[info.at]
		if have.text(1) != info.name || !slices.Equal(shape(t, have), info.shape) {
			t.Errorf("%q has the shape %v, want %q %v", have.text(1), shape(t, have), info.name, info.shape)
		}
	}
}

// Batch normalization becomes part of the kernel and the bias.
func TestFold(t *testing.T) {
	c := parse(t, "[net]\nwidth=1\nheight=1\nchannels=2\n[convolutional]\nfilters=6\nbatch_normalize=1\nactivation=linear\n[yolo]\nanchors=1,1\nclasses=1\n")
	filters := func(v float32) []float32 { return slices.Repeat([]float32{v}, 6) }
	w := &darknet.Weights{Layers: []darknet.ConvWeights{
		{Biases: filters(5), Scales: filters(3), Means: filters(2), Variances: filters(0.21), Kernel: []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}, {}}}
	g := decode(t, write(t, c, w, onnx.Options{Epsilon: 0.04})).all(t, 7)[0]
	for _, tensor := range g.all(t, 5) { // 3 / √(0.21 + 0.04) = 6
		raw := []byte(tensor.text(9))
		for i := range len(raw) / 4 {
			got, want := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])), 6*float64(i)
			if tensor.text(8) == "layer0_bias" {
				want = 5 - 6*2
			}
			if math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("%s, number %d: %v, want %v", tensor.text(8), i, got, want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	c := parse(t, every())
	w := random(c)
	noHead := parse(t, "[net]\nwidth=8\nheight=8\nchannels=3\n[maxpool]\n")
	short := &darknet.Weights{Layers: slices.Clone(w.Layers)}
	short.Layers[1].Means = short.Layers[1].Means[1:]
	for _, test := range []struct {
		want    string
		config  *darknet.Config
		weights *darknet.Weights
		options onnx.Options
	}{
		{"weights for 34 layers, and the network has 1", noHead, w, onnx.Options{}},
		{"layer 1 [convolutional] has 6 numbers as means, and 5 were given", c, short, onnx.Options{}},
		{"no [yolo] layer", noHead, &darknet.Weights{Layers: make([]darknet.ConvWeights, 1)}, onnx.Options{}},
		{"tells 1 classes apart (layer 27), but there are 2 names", c, w, onnx.Options{Names: []string{"a", "b"}}},
	} {
		if err := onnx.Write(io.Discard, test.config, test.weights, test.options); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
	full := errors.New("the disk is full")
	if err := onnx.Write(failing{full}, c, w, onnx.Options{}); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

// deep has so many convolutions of 9,437,184 weights, which the layers of its weights share.
func deep(tb testing.TB, convolutions int) (*darknet.Config, *darknet.Weights) {
	const same = "[convolutional]\nfilters=1024\nsize=3\npad=1\nactivation=linear\n"
	c := parse(tb, "[net]\nwidth=1\nheight=1\nchannels=1024\n"+strings.Repeat(same, convolutions)+"[route]\nlayers=-1\ngroups=128\n"+
		"[yolo]\nanchors=1,1\nclasses=3\n")
	conv := darknet.ConvWeights{Biases: make([]float32, 1024), Kernel: make([]float32, 9<<20)}
	return c, &darknet.Weights{Layers: append(slices.Repeat([]darknet.ConvWeights{conv}, convolutions), darknet.ConvWeights{}, darknet.ConvWeights{})}
}

// A model of more than 2 GB is no message of protobuf's; nothing must be written of it.
func TestTooLarge(t *testing.T) {
	c, w := deep(t, 57)
	var e *onnx.SizeError
	if err := onnx.Write(failing{errors.New("something was written")}, c, w, onnx.Options{}); !errors.As(err, &e) || e.Bytes < int64(c.Parameters())*4 {
		t.Error(err)
	}
}

// The weights are not held a second time.
func TestMemory(t *testing.T) {
	c, w := deep(t, 2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := onnx.Write(io.Discard, c, w, onnx.Options{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("writing %d MB took %d KB of memory", c.Parameters()*4>>20, took>>10)
	}
}

// ONNX Runtime computes the heads that package yolo computes.
func TestPeer(t *testing.T) {
	python := os.Getenv("GOPHERLENS_PEER_PYTHON")
	if python == "" || exec.Command(python, "-c", "import onnx, onnxruntime").Run() != nil {
		t.Skip("GOPHERLENS_PEER_PYTHON names no Python with onnx and onnxruntime")
	}
	t.Run("every layer", func(t *testing.T) {
		c := parse(t, every())
		w := random(c)
		peer(t, python, c, w)
		for _, a := range darknet.Activations() { // each on its own, lest the next one hide it
			c := parse(t, "[net]\nwidth=16\nheight=16\nchannels=3\n[convolutional]\nfilters=6\nactivation="+a+"\n[yolo]\nanchors=1,1\nclasses=1\n")
			w := random(c)
			for i := range w.Layers[0].Kernel {
				w.Layers[0].Kernel[i] *= 5
			}
			peer(t, python, c, w)
		}
	})
	t.Run("yolo-fastest-1.1", func(t *testing.T) {
		folder := filepath.Join("..", "..", "..", "..", "shared", "data", "darknet")
		text, err := os.ReadFile(filepath.Join(folder, "yolo-fastest-1.1.cfg"))
		if err != nil {
			t.Skip("its files are not here")
		}
		c := parse(t, string(text))
		w, err := darknet.Open(filepath.Join(folder, "yolo-fastest-1.1.weights"), c)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		peer(t, python, c, w)
	})
}

// peer holds the heads of two pictures against ONNX Runtime's.
func peer(t *testing.T, python string, c *darknet.Config, w *darknet.Weights) {
	t.Helper()
	const batch = 2
	m, err := yolo.New(c, w, nil, yolo.DarknetEpsilon)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float32, batch*c.Height*c.Width*c.Channels)
	for i := range x {
		x[i] = r.Float32()
	}
	heads, err := m.Forward(x, batch)
	if err != nil {
		t.Fatal(err)
	}

	folder := t.TempDir()
	model, pictures := filepath.Join(folder, "model.onnx"), filepath.Join(folder, "pictures")
	planes, err := binary.Append(nil, binary.LittleEndian, planar(x, c.Height*c.Width, c.Channels))
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{model: write(t, c, w, onnx.Options{}), pictures: planes} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(python, filepath.Join("testdata", "heads.py"), model, pictures)
	var complaint strings.Builder
	command.Stderr = &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	for _, l := range c.Layers {
		if _, ok := l.Kind.(darknet.YOLO); !ok {
			continue
		}
		have := planar(heads[0], l.Out.Height*l.Out.Width, l.Out.Channels)
		if len(answer) < 4*len(have) {
			t.Fatalf("ONNX Runtime gives %d bytes too few", 4*len(have)-len(answer))
		}
		spread := float32(0)
		for i, ours := range have {
			theirs := math.Float32frombits(binary.LittleEndian.Uint32(answer[4*i:]))
			if !(math.Abs(float64(ours-theirs)) <= 1e-4) {
				t.Fatalf("%s, number %d: %v, and ONNX Runtime gives %v", l.Out, i, ours, theirs)
			}
			spread = max(spread, ours-have[0], have[0]-ours)
		}
		if spread < 0.1 {
			t.Errorf("all numbers of a head are near %v, which tells nothing", have[0])
		}
		heads, answer = heads[1:], answer[4*len(have):]
	}
	if len(answer) > 0 {
		t.Errorf("ONNX Runtime gives %d bytes too many", len(answer))
	}
}

// planar puts channels before pixels, picture by picture.
func planar(x []float32, plane, channels int) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		within := i % (plane * channels)
		y[i-within+within%channels*plane+within/channels] = x[i]
	}
	return y
}

// From Darknet's files to a model.
func ExampleWrite() {
	config, err := darknet.ParseConfig(strings.NewReader(`
[net]
width=32
height=32
channels=3
[convolutional]
filters=255
size=8
stride=8
activation=linear
[yolo]
mask=0,1,2
anchors=10,13, 16,30, 33,23
classes=80
`))
	if err != nil {
		panic(err)
	}
	file := append([]byte{0, 0, 0, 0, 2, 19: 0}, make([]byte, 4*config.Parameters())...)
	weights, err := darknet.Read(bytes.NewReader(file), config) // or Open, for a file that has learnt something
	if err != nil {
		panic(err)
	}
	var model bytes.Buffer
	if err := onnx.Write(&model, config, weights, onnx.Options{Names: detection.COCO()}); err != nil {
		panic(err)
	}
	fmt.Println("beside the weights it says", model.Len()-4*config.Parameters(), "bytes")
	// Output: beside the weights it says 1240 bytes
}
