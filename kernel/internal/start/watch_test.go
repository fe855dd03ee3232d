package start

import (
	"slices"
	"testing"
	"time"

	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
)

// TestWatch saves a notebook, and changes a package.
func TestWatch(t *testing.T) {
	t.Chdir(t.TempDir())
	c := clone.Clone{Root: t.TempDir()}
	write := func(path, text string) {
		t.Helper()
		if err := clone.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	asked := make(chan []string, 100)
	packages := cells.LoadPackages(func(args ...string) ([]byte, error) {
		asked <- args
		return nil, nil
	}, "./mlkit/...")
	want := func(pattern string) {
		t.Helper()
		for late := time.After(time.Minute); ; {
			select {
			case args := <-asked:
				if slices.Contains(args, pattern) {
					return
				}
			case <-late:
				t.Fatalf("nobody asks for %s", pattern)
			}
		}
	}
	want("./mlkit/...")
	t.Setenv("JPY_SESSION_NAME", "lessons/a.ipynb")
	write("a.ipynb", `{"cells": [{"cell_type": "code", "source": "import \"text/template\""}]}`)
	go watch(t.Context(), c, goenv.Go{}, packages)
	want("text/template")
	write("a.ipynb", `{"cells": [{"cell_type": "code", "source": "import \"net/http\""}]}`)
	want("net/http")
	write(c.Path("mlkit", "nn", "nn.go"), "package nn")
	want("./mlkit/...")
}
