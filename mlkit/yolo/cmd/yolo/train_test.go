package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asCommand has the tests' program be the command, for what only a process of its own can go through.
const asCommand = "GOPHERLENS_TEST_YOLO"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const tiny = `
[net]
width=64
height=64
channels=3
[convolutional]
batch_normalize=1
filters=4
size=3
stride=4
pad=1
activation=leaky
[convolutional]
filters=20
size=1
activation=linear
[yolo]
mask=0
anchors=20,20
classes=15
`

// A network is trained on scenes, measured, and trained on from what it learnt.
func TestTrain(t *testing.T) {
	folder := t.TempDir()
	cfg, weights := filepath.Join(folder, "tiny.cfg"), filepath.Join(folder, "out", "tiny.weights")
	if err := os.WriteFile(cfg, []byte(tiny), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "train", "--cfg="+cfg, "--data=scenes", "--validate=scenes", "--validate-every=2", "--steps=2", "--batch=2", "--output="+weights); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "train", "--cfg="+cfg, "--data=scenes", "--steps=1", "--batch=2", "--weights="+weights, "--transfer=no_output", "--output="+weights); err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(weights)
	if err != nil || len(second) != len(first) || string(second) == string(first) {
		t.Errorf("trained on, the weights are %d bytes and the same: %v (%v)", len(second), string(second) == string(first), err)
	}
	for want, arguments := range map[string][]string{
		"--transfer needs --weights": {"--data=scenes", "--transfer=darknet"},
		"absent":                     {"--data=" + filepath.Join(folder, "absent")},
	} {
		if err := runYOLO(t, append([]string{"train", "--cfg=" + cfg, "--output=" + weights}, arguments...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", arguments, err, want)
		}
	}
}

// A training that is killed, and then interrupted, ends with the weights of one that is not.
func TestTrainStopped(t *testing.T) {
	folder := t.TempDir()
	cfg := filepath.Join(folder, "tiny.cfg")
	if err := os.WriteFile(cfg, []byte(tiny), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := func(name string) []string {
		return []string{"train", "--cfg=" + cfg, "--data=scenes", "--validate=scenes", "--validate-every=60", "--steps=120", "--batch=2",
			"--output=" + filepath.Join(folder, name+".weights"), "--best=" + filepath.Join(folder, name+".best.weights"),
			"--checkpoint=" + filepath.Join(folder, name+".safetensors"), "--checkpoint-every=10"}
	}
	if err := runYOLO(t, arguments("whole")...); err != nil {
		t.Fatal(err)
	}
	checkpoint := filepath.Join(folder, "parts.safetensors")
	var written time.Time
	for _, signal := range []os.Signal{os.Kill, os.Interrupt, nil} {
		c := exec.Command(os.Args[0], arguments("parts")...)
		c.Env = append(os.Environ(), asCommand+"=1")
		var said bytes.Buffer
		c.Stderr = &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- c.Wait() }()
		var err error
		for running := true; running; {
			select {
			case err = <-ended:
				running = false
			case <-time.After(time.Millisecond):
				if info, err := os.Stat(checkpoint); err == nil && info.ModTime().After(written) && signal != nil {
					written = info.ModTime()
					c.Process.Signal(signal)
				}
			}
		}
		if err != nil && signal != os.Kill {
			t.Fatalf("after %v: %v\n%s", signal, err, &said)
		}
		if signal == os.Interrupt && !strings.Contains(said.String(), "The same command goes on with it.") {
			t.Errorf("interrupted, it says\n%s", &said)
		}
	}
	for _, name := range []string{".weights", ".best.weights"} {
		want, err := os.ReadFile(filepath.Join(folder, "whole"+name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(folder, "parts"+name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s are others, %v", name, err)
		}
	}
}

// A network of three classes becomes one of fifteen, by yolov3-tf2's flags, and is measured; anchors are found for it.
func TestTrainOtherClasses(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 128, 64))); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(in("set/images"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(in("set/labels"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"three.cfg":        strings.NewReplacer("filters=20", "filters=8", "classes=15", "classes=3").Replace(tiny),
		"set/images/a.png": photo.String(), "set/labels/a.txt": "1 0.5 0.5 0.25 0.5\n", "set/names.txt": "a\nb\nc\n",
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	three := []string{"train", "--cfg=" + in("three.cfg")}
	if err := runYOLO(t, append(three, "--dataset="+in("set"), "--epochs=2", "--batch_size=1", "--learning_rate=0.01", "--final-rate=0.01", "--warm-up=1", "--output="+in("three.weights"))...); err != nil {
		t.Fatal(err)
	}
	fifteen := append(three, "--num_classes=15", "--dataset=scenes", "--val_dataset=scenes", "--validate-every=2", "--steps=2", "--batch=2", "--weights="+in("three.weights"),
		"--output="+in("fifteen.weights"), "--curves="+in("curves.svg"))
	if err := runYOLO(t, append(fifteen, "--weights_num_classes=3", "--transfer=darknet")...); err != nil {
		t.Fatal(err)
	}
	if err := runYOLO(t, "evaluate", "--cfg="+in("fifteen.cfg"), "--weights="+in("fifteen.weights"), "--data=scenes", "--output="+in("precision.svg")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"curves.svg", "precision.svg"} {
		if svg, err := os.ReadFile(in(name)); err != nil || !bytes.Contains(svg, []byte("</svg>")) {
			t.Errorf("%s is no picture, %v", name, err)
		}
	}
	if err := runYOLO(t, "anchors", "--cfg="+in("three.cfg"), "--data="+in("set")); err != nil {
		t.Fatal(err)
	}
	for want, arguments := range map[string][]string{
		"--weights_num_classes needs --transfer darknet or no_output":                        append(fifteen, "--weights_num_classes=3"),
		"--weights_num_classes says how many":                                                append(fifteen, "--transfer=darknet"),
		"tells 3 classes apart (layer 2, line 17), and the pictures show 15 (circle, square": append(three, "--data=scenes", "--output=x"),
	} {
		if err := runYOLO(t, arguments...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", arguments, err, want)
		}
	}
}
