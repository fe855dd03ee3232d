package safetensors

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/darknet"
)

// halfway is a training whose first convolution does not learn.
func halfway(tb testing.TB, c *darknet.Config) *Checkpoint {
	p := &Checkpoint{Weights: counted(tb, c), History: [][]float32{{1, 2}, {3, 4}, {5, 6}}, Training: `{"steps":3}`}
	for k := range p.Moments {
		m := counted(tb, c)
		m.Layers[0] = darknet.ConvWeights{}
		m.Layers[2].Biases[0] = float32(k)
		p.Moments[k] = &darknet.Weights{Layers: m.Layers}
	}
	return p
}

// A checkpoint is read as it was written, and as weights.
func TestCheckpoint(t *testing.T) {
	c := config(t, cfg)
	p := halfway(t, c)
	var b bytes.Buffer
	if err := WriteCheckpoint(&b, c, p); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.safetensors")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := OpenCheckpoint(path, c); err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%+v, %v, want %+v", again, err, p)
	}
	if w, err := Open(path, c); err != nil || !reflect.DeepEqual(w, p.Weights) {
		t.Errorf("its weights are read as %+v, %v", w, err)
	}
	if err := os.WriteFile(path, written(t, c, p.Weights), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(path, c); err == nil || !strings.HasPrefix(err.Error(), path+": safetensors: these are weights, and not a training") {
		t.Error(err)
	}
}

func TestCheckpointErrors(t *testing.T) {
	c := config(t, one)
	weights := `"layers.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"layers.0.kernel":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[4,8]}`
	for _, test := range []struct{ want, tensor, more string }{
		{"it has the shape [2], and the network asks for [1]", "adam.m.layers.0.bias", `"adam.m.layers.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}`},
		{"among them \"adam.m.layers.1.bias\"", "", `"adam.m.layers.1.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}`},
		{"it has the shape [2]", "history", `"history":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}`},
		{"it has the shape [1 0]", "history", `"history":{"dtype":"F32","shape":[1,0],"data_offsets":[8,8]}`},
		{"it has the shape [4294967296 4294967296]", "history", `"history":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[8,8]}`},
		{"should lie in the bytes from 8 to 40", "history", `"history":{"dtype":"F32","shape":[2,4],"data_offsets":[8,16]}`},
		{"the file has 16 bytes of data, and its tensors take 40", "", `"history":{"dtype":"F32","shape":[2,4],"data_offsets":[8,40]}`},
	} {
		_, err := readBytes(file(t, `{`+weights+`,`+test.more+`}`, make([]float32, 4)), c)
		var e *Error
		if !errors.As(err, &e) || e.Tensor != test.tensor || !strings.Contains(e.Reason, test.want) {
			t.Errorf("%s: %v, want %q about %q", test.more, err, test.want, test.tensor)
		}
	}
	p := halfway(t, config(t, cfg))
	p.Moments[1].Layers[2].Kernel = p.Moments[1].Layers[2].Kernel[1:]
	var e *Error
	if err := WriteCheckpoint(io.Discard, config(t, cfg), p); !errors.As(err, &e) || e.Tensor != "adam.v.layers.2.kernel" {
		t.Error(err)
	}
	if err := WriteCheckpoint(io.Discard, c, p); !errors.As(err, &e) {
		t.Error(err)
	}
}
