package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestFiguresAreInStep(t *testing.T) {
	const folder = "../../notebooks/figures"
	for name, draw := range figures {
		figure := draw()
		if figure.Alt == "" {
			t.Errorf("%s has no alt text", name)
		}
		if have, err := os.ReadFile(filepath.Join(folder, name+".svg")); err != nil || !bytes.Equal(have, figure.SVG()) {
			t.Errorf("notebooks/figures/%s.svg is not what is drawn here (%v): run go run ./assets/figures", name, err)
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != len(figures) {
		t.Errorf("notebooks/figures has %d files for %d figures (%v)", len(files), len(figures), err)
	}
}
