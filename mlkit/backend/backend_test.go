package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

func TestChoose(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.so")
	if err := os.WriteFile(broken, []byte("not a plug-in"), 0o600); err != nil {
		t.Fatal(err)
	}
	hasXLA := slices.Contains(compute.List(), "xla")
	const built = "built without XLA (build it with cgo and -tags xla)"
	for _, c := range []struct{ config, want, wantXLA string }{
		{"", "", ""},
		{"cpu", "", ""},
		{"go", "", ""},
		{"go:parallelism=1", "", ""},
		{"go:fast", `unknown configuration option "fast"`, `unknown configuration option "fast"`},
		{"gpu", `there is no backend "gpu", only`, `there is no backend "gpu", only`},
		{"xla", built, "no plugins found"},
		{"xla:/nowhere/plugin.so,tf32=false", built, "there is no plug-in /nowhere/plugin.so"},
		{"xla:" + broken, built, "broken.so"},
	} {
		t.Run(c.config, func(t *testing.T) {
			t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
			want := c.want
			if hasXLA {
				want = c.wantXLA
			}
			if hasXLA && c.config == "xla" && want != "" {
				t.Skip("XLA looks for plug-ins where the system has libraries, which differs")
			}
			got := choose(c.config)
			computes := "cpu"
			if strings.HasPrefix(c.config, "go") && c.want == "" {
				computes = "go"
			}
			if got.err != nil || got.backend.String() != computes {
				t.Fatalf("the backend is %v, %v", got.backend, got.err)
			}
			if want == "" && got.note != "" || !strings.Contains(got.note, want) || strings.Contains(got.note, "\n") {
				t.Errorf("the note is %q in place of %q", got.note, want)
			}
			if got.note != "" && !strings.HasPrefix(got.note, "GOMLX_BACKEND="+c.config+" cannot be used, so the CPU backend computes in its place: ") {
				t.Errorf("the note is %q", got.note)
			}
		})
	}
}

// TestXLA uses the plug-in whose path is in GOPHERLENS_XLA_PLUGIN.
func TestXLA(t *testing.T) {
	plugin := os.Getenv("GOPHERLENS_XLA_PLUGIN")
	if plugin == "" || !slices.Contains(compute.List(), "xla") {
		t.Skip("needs cgo, -tags xla, and an XLA plug-in's path in GOPHERLENS_XLA_PLUGIN")
	}
	got := choose("xla:" + plugin)
	if got.err != nil || got.note != "" || got.backend.String() == "cpu" {
		t.Fatalf("the backend is %v, %v, and the note %q", got.backend, got.err, got.note)
	}
	y, err := graph.CallOnce(got.backend, graph.Square, float32(3))
	if err != nil {
		t.Fatal(err)
	}
	if y.Value() != float32(9) {
		t.Errorf("3² is %v", y)
	}
}

func Example() {
	b, err := New()
	if err != nil {
		fmt.Println(err)
		return
	}
	squares, err := graph.CallOnce(b, graph.Square, []float32{1, 2, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(squares.Value())
	// Output: [1 4 9]
}

func TestOneForAll(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := New(); a != b {
		t.Error("New made two backends")
	}
}
