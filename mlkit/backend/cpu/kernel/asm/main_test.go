package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCommitted checks that the committed files are what this program writes.
func TestCommitted(t *testing.T) {
	folder := t.TempDir()
	if err := writeAll(folder); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadDir(folder)
	if err != nil || len(made) == 0 {
		t.Fatalf("%d files, %v", len(made), err)
	}
	for _, f := range made {
		want, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join("..", f.Name())); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what is written now (%v): run go generate", f.Name(), err)
		}
	}
}
