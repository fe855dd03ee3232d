package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"gopherlens/assets/shapes"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/scenes"
	"gopherlens/mlkit/yolo/zoo"
)

// Every command takes the detector that has no files, on a computer that has none either.
func TestShapes(t *testing.T) {
	t.Setenv(zoo.Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	folder := t.TempDir()
	scene, found, weights := filepath.Join(folder, "scene.png"), filepath.Join(folder, "found.json"), filepath.Join(folder, "shapes.weights")
	var picture bytes.Buffer
	if err := png.Encode(&picture, scenes.Samples()[0].Image); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(scene, picture.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{
		{"fetch", "shapes"},
		{"summary", "--model=shapes"},
		{"convert", "--model=shapes", "--num_classes=15", "--output=" + filepath.Join(folder, "shapes.onnx")},
		{"convert", "--model=shapes", "--output=" + weights},
		{"detect", "--model=shapes", "--only=star", "--only=triangle", "--json=" + found, scene},
	} {
		if err := runYOLO(t, arguments...); err != nil {
			t.Errorf("%v: %v", arguments, err)
		}
	}
	written, err := os.ReadFile(weights)
	if err != nil || string(written) != shapes.Weights {
		t.Errorf("converted to its own format it is %d bytes and others, want %d (%v)", len(written), len(shapes.Weights), err)
	}
	text, err := os.ReadFile(found)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := detection.ReadJSON(bytes.NewReader(text)); err != nil || len(list) != 3 || list[0].Box.X2 < 320 {
		t.Errorf("of two triangles and a star: %+v, %v", list, err)
	}
}
