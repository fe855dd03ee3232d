package clone_test

import (
	"os"
	"slices"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
)

func TestFind(t *testing.T) {
	c := clonetest.New(t)
	below := c.Path("notebooks", "solutions")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	clonetest.Write(t, c.Path("kernel", "go.mod"), "module gopherlens/kernel/tools\n") // another module on the way up
	for _, dir := range []string{c.Root, below, c.Path("kernel")} {
		t.Chdir(dir)
		if got, err := clone.Find(); err != nil || got != c {
			t.Errorf("from %s: found %v (%v), want %v", dir, got, err, c)
		}
	}
	t.Chdir(t.TempDir())
	if got, err := clone.Find(); err == nil {
		t.Errorf("outside a clone: found %v, want an error", got)
	}
}

func TestGoVersion(t *testing.T) {
	c := clonetest.New(t)
	if got, err := c.GoVersion(); err != nil || got != "go1.27.4" {
		t.Errorf("got %q (%v), want go1.27.4", got, err)
	}
	clonetest.Write(t, c.Path("go.mod"), "module gopherlens\n")
	if got, err := c.GoVersion(); err == nil {
		t.Errorf("without a go line: got %q, want an error", got)
	}
}

func TestNotebooks(t *testing.T) {
	c := clonetest.New(t)
	for _, name := range []string{"3-digits.ipynb", "1-neurons.ipynb", "scratch.ipynb", "2-layers.md", "solutions/1-neurons.ipynb"} {
		clonetest.Write(t, c.Path("notebooks", name), "{}")
	}
	if got, want := c.Notebooks(), []string{"1-neurons.ipynb", "3-digits.ipynb"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
