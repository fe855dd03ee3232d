package tfcheckpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/darknet"
)

// published are yolov3-tf2's networks, with what is known about their checkpoints.
var published = []struct {
	name, weights    string // an environment variable for the file of weights
	models           []int  // convolutions in each model
	keys, parameters int
}{
	{"yolov3", "GOPHERLENS_YOLOV3_WEIGHTS", []int{52, 5, 6, 6, 2, 2, 2}, 367, 62_001_757},
	{"yolov3-tiny", "GOPHERLENS_YOLOV3_TINY_WEIGHTS", []int{7, 1, 1, 2, 2}, 60, 8_858_734},
}

// config reads one of Darknet's own, which lie beside the repository.
func config(t *testing.T, name string) *darknet.Config {
	t.Helper()
	file, err := os.Open(filepath.Join(sharedData, "darknet", name+".cfg"))
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	c, err := darknet.ParseConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tensorFlowsIndex is the index that TensorFlow wrote for a network, as records.
func tensorFlowsIndex(t *testing.T, name string) []record {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(sharedData, "tf-checkpoint", name+".tf.index"))
	if err != nil {
		t.Skip(err)
	}
	records, err := readTable(file)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// The rule gives each key of TensorFlow's, with its shape and its place in the data file.
func TestKeysAreYolov3tf2s(t *testing.T) {
	for _, network := range published {
		t.Run(network.name, func(t *testing.T) {
			c := config(t, network.name)
			list, err := variables(c)
			if err != nil {
				t.Fatal(err)
			}
			got, offset := map[string]entry{}, int64(0)
			for _, v := range list {
				n, err := elements(v.shape)
				if err != nil {
					t.Fatal(err)
				}
				got[v.key()] = entry{dtype: Float32, shape: v.shape, offset: offset, size: 4 * n}
				offset += 4 * n
			}
			records := tensorFlowsIndex(t, network.name)[1:]
			for _, r := range records {
				e, err := parseEntry(r.value)
				if err != nil {
					t.Fatal(err)
				}
				if e.crc = 0; r.key != graphKey && !reflect.DeepEqual(got[r.key], e) {
					t.Errorf("%s: %+v, want %+v", r.key, got[r.key], e)
				}
			}
			if len(records) != network.keys || len(got) != network.keys-1 || offset != 4*int64(network.parameters) || c.Parameters() != network.parameters {
				t.Errorf("%d keys and %d of TensorFlow, %d bytes, %d parameters; want %d keys, %d parameters", len(got), len(records), offset, c.Parameters(), network.keys, network.parameters)
			}
			models, err := split(c)
			var sizes []int
			for _, m := range models {
				sizes = append(sizes, len(m))
			}
			if err != nil || !slices.Equal(sizes, network.models) {
				t.Errorf("models of %v convolutions, %v; want %v", sizes, err, network.models)
			}
		})
	}
}

// seedOne finds the weights that the manifests were made from: where the environment says, or made by the script beside the
// repository, which needs a Python with NumPy.
func seedOne(t *testing.T, name, variable string, c *darknet.Config) *darknet.Weights {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		if testing.Short() {
			t.Skipf("set %s to weights of seed 1, or run without -short", variable)
		}
		python := os.Getenv("GOPHERLENS_PEER_PYTHON")
		if python == "" {
			python = "python3"
		}
		path = filepath.Join(t.TempDir(), name+".weights")
		if out, err := exec.Command(python, "../../../../shared/peers/gen_weights.py", filepath.Join(sharedData, "darknet", name+".cfg"), path, "1").CombinedOutput(); err != nil {
			t.Skipf("set %s to weights of seed 1, or GOPHERLENS_PEER_PYTHON to a Python with NumPy: %v\n%s", variable, err, out)
		}
	}
	w, err := darknet.Open(path, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// From the same weights come the same bytes as TensorFlow's, and from them the same weights.
func TestConversionIsTensorFlows(t *testing.T) {
	for _, network := range published {
		t.Run(network.name, func(t *testing.T) {
			c := config(t, network.name)
			w := seedOne(t, network.name, network.weights, c)
			tensors, err := FromDarknet(c, w)
			if err != nil {
				t.Fatal(err)
			}
			checkManifest(t, network.name, tensors)
			prefix := filepath.Join(t.TempDir(), network.name+".tf")
			if err := Write(prefix, tensors); err != nil {
				t.Fatal(err)
			}
			index, err := os.ReadFile(prefix + ".index")
			if err != nil {
				t.Fatal(err)
			}
			got, err := readTable(index)
			if err != nil {
				t.Fatal(err)
			}
			want := tensorFlowsIndex(t, network.name)
			for i, r := range want {
				if got[i].key != r.key || r.key != graphKey && !bytes.Equal(got[i].value, r.value) {
					t.Errorf("record %d of the index is %q: % x, want %q: % x", i, got[i].key, got[i].value, r.key, r.value)
				}
			}
			if len(got) != len(want) {
				t.Errorf("the index has %d records, want %d", len(got), len(want))
			}
			ck, err := Open(prefix)
			if err != nil {
				t.Fatal(err)
			}
			again, err := ToDarknet(ck, c)
			if err != nil {
				t.Fatal(err)
			}
			sameWeights(t, again, w)
		})
	}
}

// checkManifest holds the tensors' bytes against those of TensorFlow's.
func checkManifest(t *testing.T, name string, tensors []Named) {
	file, err := os.ReadFile(filepath.Join(sharedData, "tf-checkpoint", name+".manifest.json"))
	if err != nil {
		t.Skip(err)
	}
	var manifest map[string]struct {
		Shape []int
		DType string
		SHA   *string `json:"sha256"`
	}
	if err := json.Unmarshal(file, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, tensor := range tensors {
		want, ok := manifest[tensor.Key]
		delete(manifest, tensor.Key)
		if !ok || tensor.DType.String() != want.DType || !slices.Equal(tensor.Shape, want.Shape) {
			t.Errorf("%s: %v %v, the manifest has %v %v", tensor.Key, tensor.DType, tensor.Shape, want.DType, want.Shape)
		}
		if want.SHA == nil { // the graph of objects: of Keras' objects, many have no weights
			continue
		}
		b, err := binary.Append(nil, binary.LittleEndian, tensor.Data)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != *want.SHA {
			t.Errorf("%s: SHA-256 %x, want %s", tensor.Key, sum, *want.SHA)
		}
	}
	for key := range manifest {
		t.Errorf("%s is missing", key)
	}
}

func sameWeights(t *testing.T, got, want *darknet.Weights) {
	t.Helper()
	for i, w := range want.Layers {
		g := got.Layers[i]
		if !slices.Equal(g.Biases, w.Biases) || !slices.Equal(g.Scales, w.Scales) || !slices.Equal(g.Means, w.Means) ||
			!slices.Equal(g.Variances, w.Variances) || !slices.Equal(g.Kernel, w.Kernel) {
			t.Errorf("the weights of layer %d differ", i)
		}
	}
	if len(got.Layers) != len(want.Layers) || got.Major != 0 || got.Minor != 2 {
		t.Errorf("%d layers, version %d.%d; want %d layers, version 0.2", len(got.Layers), got.Major, got.Minor, len(want.Layers))
	}
}

// small is a network in YOLOv3's form.
const small = `[net]
width=32
height=32
channels=3
[convolutional]
batch_normalize=1
filters=4
size=3
pad=1
[convolutional]
batch_normalize=1
filters=18
size=3
stride=2
pad=1
[convolutional]
batch_normalize=1
filters=5
[convolutional]
batch_normalize=1
filters=18
size=3
pad=1
[shortcut]
from=-3
[convolutional]
batch_normalize=1
filters=20
[convolutional]
batch_normalize=1
filters=3
size=3
pad=1
[convolutional]
filters=7
[yolo]
anchors=1,2
classes=2
[route]
layers=-4
[convolutional]
batch_normalize=1
filters=2
[upsample]
[route]
layers=-1,0
[convolutional]
batch_normalize=1
filters=3
size=3
pad=1
[convolutional]
filters=7
[yolo]
anchors=1,2
classes=2
`

func parse(t *testing.T, text string) *darknet.Config {
	t.Helper()
	c, err := darknet.ParseConfig(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// numbered makes weights of which no two numbers are the same.
func numbered(t *testing.T, c *darknet.Config) *darknet.Weights {
	t.Helper()
	file := make([]byte, 20)
	file[4] = 2
	for i := range c.Parameters() {
		var err error
		if file, err = binary.Append(file, binary.LittleEndian, float32(i)); err != nil {
			t.Fatal(err)
		}
	}
	w, err := darknet.Read(bytes.NewReader(file), c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// save writes a checkpoint of the small network, changed.
func save(t *testing.T, change func([]Named) []Named) *Checkpoint {
	t.Helper()
	c := parse(t, small)
	tensors, err := FromDarknet(c, numbered(t, c))
	if err != nil {
		t.Fatal(err)
	}
	prefix := filepath.Join(t.TempDir(), "small")
	if err := Write(prefix, change(tensors)); err != nil {
		t.Fatal(err)
	}
	ck, err := Open(prefix)
	if err != nil {
		t.Fatal(err)
	}
	return ck
}

func TestSmallNetwork(t *testing.T) {
	c := parse(t, small)
	want := numbered(t, c)
	ck := save(t, func(tensors []Named) []Named { return tensors })
	got, err := ToDarknet(ck, c)
	if err != nil {
		t.Fatal(err)
	}
	sameWeights(t, got, want)
	// Kernels by their indices, one with more than a tile of channels or filters on either side.
	for key, layer := range map[string]int{"layer_with_weights-0/layer_with_weights-6/kernel": 3, "layer_with_weights-1/layer_with_weights-0/kernel": 5, "layer_with_weights-4/layer_with_weights-2/kernel": 14} {
		kernel, err := ck.Tensor(key + "/.ATTRIBUTES/VARIABLE_VALUE")
		if err != nil {
			t.Fatal(err)
		}
		size, channels, filters := kernel.Shape[0], kernel.Shape[2], kernel.Shape[3]
		for y := range size {
			for x := range size {
				for ch := range channels {
					for f := range filters {
						hwio := kernel.Data[((y*size+x)*channels+ch)*filters+f]
						if oihw := want.Layers[layer].Kernel[((f*channels+ch)*size+y)*size+x]; hwio != oihw {
							t.Fatalf("%s[%d %d %d %d] is %v, Darknet's is %v", key, y, x, ch, f, hwio, oihw)
						}
					}
				}
			}
		}
	}
}

func TestBookkeepingIsPassedOver(t *testing.T) {
	c := parse(t, small)
	one := Tensor{DType: Int64, Bytes: make([]byte, 8)}
	for _, within := range []string{"", "model/", "layer_with_weights-0/"} {
		ck := save(t, func(tensors []Named) []Named {
			for i := range tensors[:len(tensors)-1] {
				tensors[i].Key = within + tensors[i].Key
			}
			return append(tensors,
				Named{"save_counter/.ATTRIBUTES/VARIABLE_VALUE", one},
				Named{"optimizer/iter/.ATTRIBUTES/VARIABLE_VALUE", one},
				Named{within + "keras_api/metrics/0/total/.ATTRIBUTES/VARIABLE_VALUE", one},
				Named{strings.Replace(tensors[0].Key, "/.ATTR", "/.OPTIMIZER_SLOT/optimizer/m/.ATTR", 1), tensors[0].Tensor})
		})
		if w, err := ToDarknet(ck, c); err != nil {
			t.Errorf("within %q: %v", within, err)
		} else {
			sameWeights(t, w, numbered(t, c))
		}
	}
}

func TestMismatches(t *testing.T) {
	c := parse(t, small)
	for _, test := range []struct {
		want   string
		change func([]Named) []Named
	}{
		{"1 are missing (layer_with_weights-0/layer_with_weights-0/kernel/", func(tensors []Named) []Named { return tensors[1:] }},
		{"44 are missing", func([]Named) []Named { return nil }},
		{"1 are not the network's (other)", func(tensors []Named) []Named {
			return append(tensors, Named{"other", Tensor{DType: Bool, Bytes: []byte{1}}})
		}},
		{"1 are of another shape (layer_with_weights-0/layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE: not float32 [3 3 3 4] but float32 [4 3 3 3])", func(tensors []Named) []Named {
			tensors[0].Shape = []int{4, 3, 3, 3}
			return tensors
		}},
		{"but int32 [4]", func(tensors []Named) []Named {
			tensors[1].Tensor = Tensor{DType: Int32, Shape: []int{4}, Bytes: make([]byte, 16)}
			return tensors
		}},
	} {
		_, err := ToDarknet(save(t, test.change), c)
		var mismatch *MismatchError
		if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want a *MismatchError with %q", err, test.want)
		}
	}
	ck := save(t, func(tensors []Named) []Named { return tensors })
	file, err := os.OpenFile(shardPath(ck.prefix, 0, 1), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt([]byte{1}, 4) // in a kernel
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := ToDarknet(ck, c); !errors.Is(err, ErrChecksum) {
		t.Errorf("a changed byte: %v", err)
	}
	w := numbered(t, c)
	w.Layers[3].Means = w.Layers[3].Means[1:]
	var weights *darknet.WeightsError
	if _, err := FromDarknet(c, w); !errors.As(err, &weights) || weights.Layer != 3 || weights.Numbers != -1 {
		t.Errorf("a mean too few: %v", err)
	}
	w.Close()
	if _, err := FromDarknet(c, w); !errors.As(err, &weights) || weights.Layer != -1 {
		t.Errorf("closed weights: %v", err)
	}
}

func TestOtherNetworks(t *testing.T) {
	const head = "[convolutional]\nfilters=7\n[yolo]\nanchors=1,2\nclasses=2\n"
	const net = "[net]\nwidth=32\nheight=32\nchannels=4\n"
	const back = "[route]\nlayers=0\n"
	conv := func(size int) string {
		return fmt.Sprintf("[convolutional]\nbatch_normalize=1\nfilters=4\npad=1\nsize=%d\n", size)
	}
	backbone := net + conv(3) + "[maxpool]\nsize=2\nstride=2\n"
	for _, test := range []struct {
		want, config string
	}{
		{"", backbone + conv(1) + conv(3) + head}, // the least that is one
		{"layer 0 is a convolution in 2 groups", strings.Replace(backbone, "filters", "groups=2\nfilters", 1) + conv(1) + conv(3) + head},
		{"layer 0 is the last one, and none was a [yolo]", net + conv(3)},
		{"layer 7 is a convolution after the last [yolo]", backbone + conv(1) + conv(3) + head + back + conv(1)},
		{"layer 1 is a [yolo] without two convolutions", net + head},
		{"layer 3 is a [yolo] without two convolutions", net + conv(1) + conv(1) + strings.Replace(head, "\n", "\nbatch_normalize=1\n", 1)},
		{"layer 4 is a [yolo] without a neck", backbone + conv(3) + head},
		{"layer 3 is a [yolo] without a neck", net + conv(1) + conv(3) + head},
		{"layer 1 is a [route] before the first [yolo]", net + conv(3) + back + conv(1) + conv(3) + head},
		{"layer 0 is a convolution without batch_normalize", strings.Replace(backbone, "batch_normalize=1", "batch_normalize=0", 1) + conv(1) + conv(3) + head},
		{"layer 7 begins a head that has no neck", backbone + conv(1) + conv(3) + head + back + conv(3) + head},
	} {
		_, err := variables(parse(t, test.config))
		var network *NetworkError
		if test.want == "" && err != nil || test.want != "" && (!errors.As(err, &network) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("error %v, want a *NetworkError with %q", err, test.want)
		}
	}
}
