package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestDistIsInStep(t *testing.T) {
	const explore = "../../../mlkit/explore"
	bundles, err := bundle(explore)
	if err != nil {
		t.Fatal(err)
	}
	const name = "digitnet.wasm.gz"
	if bundles[name], err = module("gopherlens/mlkit/digitnet/wasm"); err != nil {
		t.Fatal(err)
	}
	if pinned := pinnedGo(t); !strings.HasPrefix(runtime.Version(), pinned) { // another compiler gives other bytes
		t.Logf("%s is not compared: this is %s, and it was built with %s", name, runtime.Version(), pinned)
		if bundles[name], err = os.ReadFile(filepath.Join(explore, "dist", name)); err != nil {
			t.Fatal(err)
		}
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
			t.Errorf("dist/%s is not what its source gives (%v): run go generate ./mlkit/explore", name, err)
		}
	}
}

// pinnedGo is the version of Go that go.mod names, as go1.2.3.
func pinnedGo(t *testing.T) string {
	file, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(file), "\ngo ")
	version, _, _ := strings.Cut(after, "\n")
	return "go" + version
}
