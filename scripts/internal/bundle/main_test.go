package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDistIsInStep(t *testing.T) {
	const explore = "../../../mlkit/explore"
	bundles, err := bundle(explore)
	if err != nil {
		t.Fatal(err)
	}
	dist, err := os.ReadDir(explore + "/dist")
	if err != nil {
		t.Fatal(err)
	}
	if len(dist) != len(bundles) {
		t.Errorf("dist has %d files for %d modules", len(dist), len(bundles))
	}
	for name, want := range bundles {
		if have, err := os.ReadFile(filepath.Join(explore, "dist", name)); err != nil || !bytes.Equal(have, want) {
			t.Errorf("dist/%s is not what js/%s gives (%v): run go generate ./mlkit/explore", name, name, err)
		}
	}
}
