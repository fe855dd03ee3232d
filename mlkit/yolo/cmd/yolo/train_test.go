package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	if err := runYOLO(t, "train", "--cfg="+cfg, "--data=scenes", "--validate=scenes", "--steps=2", "--batch=2", "--output="+weights); err != nil {
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
