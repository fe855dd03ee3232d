package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/darknet"
)

const cfg = `
[net]
width=8
height=4
channels=4
[convolutional]
filters=2
size=3
groups=2
batch_normalize=1
[maxpool]
[convolutional]
filters=3
`

func config(tb testing.TB, text string) *darknet.Config {
	tb.Helper()
	c, err := darknet.ParseConfig(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// counted are weights 0, 1, 2, … in Darknet's order.
func counted(tb testing.TB, c *darknet.Config) *darknet.Weights {
	tb.Helper()
	file, err := binary.Append(nil, binary.LittleEndian, []uint32{0, 2, 5, 7, 1})
	for i := range c.Parameters() {
		if err == nil {
			file, err = binary.Append(file, binary.LittleEndian, float32(i))
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	w, err := darknet.Read(bytes.NewReader(file), c)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func written(tb testing.TB, c *darknet.Config, w *darknet.Weights) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, c, w); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func readBytes(data []byte, c *darknet.Config) (*darknet.Weights, error) {
	p, err := read(io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), c, true)
	if err != nil {
		return nil, err
	}
	return p.Weights, nil
}

// The file is the format's to the byte, so that other programs read it.
func TestWrite(t *testing.T) {
	c := config(t, cfg)
	header := `{"__metadata__":{"channels":"4","format":"darknet","height":"4","seen":"4294967303","version":"0.2.5","width":"8"},` +
		`"layers.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},` +
		`"layers.0.kernel":{"dtype":"F32","shape":[2,2,3,3],"data_offsets":[8,152]},` +
		`"layers.0.mean":{"dtype":"F32","shape":[2],"data_offsets":[152,160]},` +
		`"layers.0.scales":{"dtype":"F32","shape":[2],"data_offsets":[160,168]},` +
		`"layers.0.variance":{"dtype":"F32","shape":[2],"data_offsets":[168,176]},` +
		`"layers.2.bias":{"dtype":"F32","shape":[3],"data_offsets":[176,188]},` +
		`"layers.2.kernel":{"dtype":"F32","shape":[3,2,1,1],"data_offsets":[188,212]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	numbers := []float32{0, 1}
	for i := range 36 {
		numbers = append(numbers, float32(8+i))
	}
	numbers = append(numbers, 4, 5, 2, 3, 6, 7)
	for i := range 9 {
		numbers = append(numbers, float32(44+i))
	}
	want := file(t, header, numbers)
	if have := written(t, c, counted(t, c)); !bytes.Equal(have, want) {
		t.Errorf("%q\nwant\n%q", have, want)
	}
}

func file(tb testing.TB, header string, numbers []float32) []byte {
	tb.Helper()
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b, err := binary.Append(append(b, header...), binary.LittleEndian, numbers)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestOpen(t *testing.T) {
	// The second has a kernel that is read in several pieces.
	for _, text := range []string{cfg, strings.ReplaceAll(cfg, "filters=2", "filters=4096")} {
		c := config(t, strings.Replace(text, "groups=2", "groups=1", 1))
		w := counted(t, c)
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := os.WriteFile(path, written(t, c, w), 0o600); err != nil {
			t.Fatal(err)
		}
		if again, err := Open(path, c); err != nil || !reflect.DeepEqual(again, w) {
			t.Errorf("what was written is read as other weights: %v", err)
		}
	}
	if _, err := Open("absent.safetensors", config(t, cfg)); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open("safetensors.go", config(t, cfg)); err == nil || !strings.HasPrefix(err.Error(), "safetensors.go: safetensors: its header claims") {
		t.Error(err)
	}
}

// one has a bias and a weight.
const one = "[net]\nwidth=1\nheight=1\nchannels=1\n[convolutional]\nfilters=1\n"

// Headers of other programs: in another order, without metadata.
func TestForeign(t *testing.T) {
	header := `{"layers.0.kernel":{"shape":[1,1,1,1],"data_offsets":[0,4],"dtype":"F32"},"layers.0.bias":{"shape":[1],"data_offsets":[4,8],"dtype":"F32"}}  `
	w, err := readBytes(file(t, header, []float32{3, 4}), config(t, one))
	want := &darknet.Weights{Minor: 2, Layers: []darknet.ConvWeights{{Biases: []float32{4}, Kernel: []float32{3}}}}
	if err != nil || !reflect.DeepEqual(w, want) {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestErrors(t *testing.T) {
	c := config(t, one)
	bias, kernel := `"layers.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, `"layers.0.kernel":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[4,8]}`
	replace := func(s, from, to string) string {
		if !strings.Contains(s, from) {
			t.Fatalf("%s is not in %s", from, s)
		}
		return strings.Replace(s, from, to, 1)
	}
	long := strings.Repeat("[", 9000)
	for _, test := range []struct{ want, tensor, header string }{
		{"its header cannot be read", "", ``},
		{"its header cannot be read", "", `{` + bias + `,` + kernel},
		{"its header cannot be read", "", `{"x":` + long + `}`},
		{"its header cannot be read", "", `{"x":{"dtype":"F32","data_offsets":[0,4],"shape":"` + long + `"}}`},
		{"its header cannot be read", "", `{` + replace(bias, "F32", "F31") + `,` + kernel + `}`},
		{"its header cannot be read", "", `{` + replace(bias, "[1]", "[18446744073709551617]") + `,` + kernel + `}`},
		{"it is missing", "layers.0.bias", `{}`},
		{"it is missing", "layers.0.kernel", `{` + bias + `}`},
		{"1 tensors are not the network's, among them \"layers.1.bias\"", "", `{` + bias + `,` + kernel + `,` + replace(bias, "s.0.", "s.1.") + `}`},
		{"it has numbers of the type I32, and only F32 can be read", "layers.0.bias", `{` + replace(bias, "F32", "I32") + `,` + kernel + `}`},
		{"it has the shape [2], and the network asks for [1]", "layers.0.bias", `{` + replace(bias, "[1]", "[2]") + `,` + kernel + `}`},
		{"it has the shape [1 1 1], and the network asks for [1 1 1 1]", "layers.0.kernel", `{` + bias + `,` + replace(kernel, ",1,1,1", ",1,1") + `}`},
		{"from 4 to 8 of the data, and the header says from 0 to 4", "layers.0.kernel", `{` + bias + `,` + replace(kernel, "[4,8]", "[0,4]") + `}`},
		{"from 4 to 8 of the data, and the header says from 8 to 12", "layers.0.kernel", `{` + bias + `,` + replace(kernel, "[4,8]", "[8,12]") + `}`},
		{"from 0 to 4 of the data, and the header says from 0 to 18446744073709551615", "layers.0.bias", `{` + replace(bias, "[0,4]", "[0,18446744073709551615]") + `,` + kernel + `}`},
		{"its metadata have \"two\" as version", "", `{"__metadata__":{"version":"two"},` + bias + `,` + kernel + `}`},
		{"its metadata have \"-1\" as seen", "", `{"__metadata__":{"seen":"-1"},` + bias + `,` + kernel + `}`},
	} {
		_, err := readBytes(file(t, test.header, []float32{1, 2}), c)
		var e *Error
		if !errors.As(err, &e) || e.Tensor != test.tensor || !strings.Contains(e.Reason, test.want) || len(e.Reason) > 400 {
			t.Errorf("%.80s: %v, want %q about %q", test.header, err, test.want, test.tensor)
		}
	}
	for _, test := range []struct {
		want string
		data []byte
	}{
		{"the file has only 0 bytes", nil},
		{"the file has only 7 bytes", make([]byte, 7)},
		{"its header claims to have 18446744073709551615 bytes", bytes.Repeat([]byte{255}, 99)},
		{"its header claims to have 93 bytes", append([]byte{93, 7: 0}, make([]byte, 92)...)},
		{"its header claims to have 2097153 bytes", append([]byte{1, 0, 32, 7: 0}, make([]byte, 3<<20)...)},
		{"the file has 4 bytes of data, and its tensors take 8", file(t, `{`+bias+`,`+kernel+`}`, []float32{1})},
		{"the file has 12 bytes of data, and its tensors take 8", file(t, `{`+bias+`,`+kernel+`}`, []float32{1, 2, 3})},
	} {
		if _, err := readBytes(test.data, c); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

// What a header announces costs no memory before the file has it.
func TestMemory(t *testing.T) {
	c := config(t, "[net]\nwidth=1\nheight=1\nchannels=1024\n[convolutional]\nsize=9\nfilters=1024\npad=1\n") // 340 MB
	header := `{"layers.0.bias":{"dtype":"F32","shape":[1024],"data_offsets":[0,4096]},"layers.0.kernel":{"dtype":"F32","shape":[1024,1024,9,9],"data_offsets":[4096,339742720]}}`
	data := file(t, header, make([]float32, 1024))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readBytes(data, c)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<20 {
		t.Errorf("%v; %d KB of memory", err, took>>10)
	}
}

func TestWriteErrors(t *testing.T) {
	c := config(t, cfg)
	w := counted(t, c)
	var e *darknet.WeightsError
	if err := Write(io.Discard, config(t, one), w); !errors.As(err, &e) || !strings.Contains(e.Reason, "weights for 3 layers, and the network has 1") {
		t.Error(err)
	}
	w.Layers[2].Scales = []float32{1}
	if err := Write(io.Discard, c, w); !errors.As(err, &e) || e.Layer != 2 || e.Numbers != 1 {
		t.Error(err)
	}
}

// FuzzRead checks that no file makes read panic, and that one whose weights are read is written and read as the same.
func FuzzRead(f *testing.F) {
	c := config(f, one)
	good := written(f, c, counted(f, c))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good[:20])
	f.Add(bytes.Replace(good, []byte(`"seen":"4294967303"`), []byte(`"seen":"-294967303"`), 1))
	f.Add(bytes.Replace(good, []byte("[0,4]"), []byte("[4,8]"), 1))
	f.Add(bytes.Replace(good, []byte("bias"), []byte("bits"), 1))
	var checkpoint bytes.Buffer
	moments := &darknet.Weights{Layers: []darknet.ConvWeights{{Kernel: []float32{1}}}}
	if err := WriteCheckpoint(&checkpoint, c, &Checkpoint{counted(f, c), [2]*darknet.Weights{moments, moments}, [][]float32{{1, 2}}, "{}"}); err != nil {
		f.Fatal(err)
	}
	f.Add(checkpoint.Bytes())
	f.Add(bytes.Replace(checkpoint.Bytes(), []byte("[1,2]"), []byte("[9,2]"), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := readBytes(data, c)
		if err != nil {
			return
		}
		first := written(t, c, w)
		again, err := readBytes(first, c)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first, written(t, c, again)) {
			t.Error("written again, it is another file")
		}
	})
}

// From Darknet's format to safetensors and back.
func Example() {
	c, err := darknet.ParseConfig(strings.NewReader(cfg))
	if err != nil {
		panic(err)
	}
	numbers := append([]byte{0, 0, 0, 0, 2, 19: 0}, make([]byte, 4*c.Parameters())...)
	w, err := darknet.Read(bytes.NewReader(numbers), c) // or Open, for a file
	if err != nil {
		panic(err)
	}
	folder, err := os.MkdirTemp("", "weights")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "net.safetensors")
	out, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	if err := errors.Join(Write(out, c, w), out.Close()); err != nil {
		panic(err)
	}
	again, err := Open(path, c)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(again.Layers[0].Kernel), "numbers in the first kernel")
	// Output: 36 numbers in the first kernel
}
