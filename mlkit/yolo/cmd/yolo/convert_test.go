package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/darknet"
)

// twoClasses is a network that yolov3-tf2 has too.
const twoClasses = `
[net]
width=32
height=32
channels=3
[convolutional]
batch_normalize=1
filters=16
size=3
pad=1
activation=leaky
[maxpool]
size=2
stride=2
[convolutional]
batch_normalize=1
filters=8
activation=leaky
[convolutional]
batch_normalize=1
filters=16
size=3
pad=1
activation=leaky
[convolutional]
filters=21
activation=linear
[yolo]
anchors=10,14, 23,27, 37,58
classes=2
`

// ownNetwork writes a configuration, weights 1, 2, 3, … and the names of the classes.
func ownNetwork(t *testing.T) (cfg, weights, names string) {
	t.Helper()
	folder := t.TempDir()
	c, err := darknet.ParseConfig(strings.NewReader(twoClasses))
	if err != nil {
		t.Fatal(err)
	}
	file, err := binary.Append(nil, binary.LittleEndian, []uint32{0, 2, 0, 0, 0})
	for i := range c.Parameters() {
		if err == nil {
			file, err = binary.Append(file, binary.LittleEndian, float32(i+1))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg, weights, names = filepath.Join(folder, "net.cfg"), filepath.Join(folder, "net.weights"), filepath.Join(folder, "net.names")
	for path, content := range map[string][]byte{cfg: []byte(twoClasses), weights: file, names: []byte("gopher\nlens\n")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cfg, weights, names
}

// Through every format, and as Darknet's again: nothing is lost.
func TestConvert(t *testing.T) {
	cfg, weights, names := ownNetwork(t)
	want, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "new", "folder")
	from := weights
	for _, to := range []string{"a.safetensors", "b.index", "c.tf", "d", "e.weights"} {
		path := filepath.Join(out, to)
		if err := runYOLO(t, "convert", "--cfg="+cfg, "--weights="+from, "--output="+path, "--num_classes=2"); err != nil {
			t.Fatalf("%s to %s: %v", from, to, err)
		}
		from = path
	}
	if have, err := os.ReadFile(from); err != nil || !bytes.Equal(have, want) {
		t.Errorf("the weights are others: %v", err)
	}
	model := filepath.Join(out, "f.onnx")
	if err := runYOLO(t, "convert", "--cfg="+cfg, "--weights="+weights, "-o", model, "--names="+names, "--size=64"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(model)
	if err != nil || len(content) < len(want)-4*3*40 || !bytes.Contains(content, []byte(`["gopher","lens"]`)) {
		t.Errorf("the model has %d bytes, %v", len(content), err)
	}
}

func TestConvertZoo(t *testing.T) {
	withNetwork(t)
	model := filepath.Join(t.TempDir(), "fastest.onnx")
	if err := runYOLO(t, "convert", "--model=yolo-fastest-1.1", "--output="+model); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(model)
	if err != nil || !bytes.Contains(content, []byte(`["person","bicycle",`)) {
		t.Errorf("the model does not name its classes, %v", err)
	}
}

func TestConvertErrors(t *testing.T) {
	cfg, weights, names := ownNetwork(t)
	out := t.TempDir()
	for _, test := range []struct {
		want      string
		arguments []string
	}{
		{"missing flags: --output", nil},
		{"--cfg needs --weights", []string{"--cfg=" + cfg, "--output=" + out + "/a.onnx"}},
		{"no such file", []string{"--cfg=" + cfg, "--weights=absent.weights", "--output=" + out + "/a.onnx"}},
		{"no such checkpoint", []string{"--cfg=" + cfg, "--weights=absent", "--output=" + out + "/a.onnx"}},
		{"weights can be read from", []string{"--cfg=" + cfg, "--weights=" + names, "--output=" + out + "/a.onnx"}},
		{`not as ".h5"`, []string{"--cfg=" + cfg, "--weights=" + weights, "--output=" + out + "/a.h5"}},
		{"layer 5 (line 28) tells 2 classes apart, not 80", []string{"--cfg=" + cfg, "--weights=" + weights, "--output=" + out + "/a.onnx", "--num_classes=80"}},
		{"line 2 of the class names", []string{"--cfg=" + cfg, "--weights=" + weights, "--output=" + out + "/a.onnx", "--names=" + cfg}},
		{"there is no network \"yolov9\" in the zoo", []string{"--model=yolov9", "--output=" + out + "/a.onnx"}},
	} {
		if err := runYOLO(t, append([]string{"convert"}, test.arguments...)...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.arguments, err, test.want)
		}
	}
	if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
		t.Errorf("files were left: %v, %v", left, err)
	}
}
