package start

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
)

func TestListed(t *testing.T) {
	c := clone.Clone{Root: t.TempDir()}
	source, export := c.Path("mlkit", "nn", "nn.go"), c.Path("cache", "nn-d")
	write := func(path, text string) {
		t.Helper()
		if err := clone.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	write(source, "package nn")
	write(export, "types")
	asked := 0
	var problem error
	list := listed(c, goenv.Go{}, func(args ...string) ([]byte, error) {
		asked++
		return fmt.Appendf(nil, "{\n\t\"ImportPath\": %q,\n\t\"Export\": %q\n}\n", args[0], export), problem
	})
	for _, step := range []struct {
		name  string
		do    func()
		asked int
		args  string
	}{
		{"at first", func() {}, 1, "nn"},
		{"again", func() {}, 1, "nn"},
		{"something else", func() {}, 2, "std"},
		{"a file has changed", func() { write(source, "package nn // new") }, 3, "nn"},
		{"there is a new file", func() { write(c.Path("mlkit", "nn", "more.go"), "") }, 4, "nn"},
		{"the requirements have changed", func() { write(c.Path("go.mod"), "module x") }, 5, "nn"},
		{"the tags have changed", func() { t.Setenv("GOMLX_BACKEND", "xla:cpu") }, 6, "nn"},
		{"the cache has forgotten", func() { os.Remove(export) }, 7, "nn"},
		{"the command fails", func() { write(export, ""); write(source, "package"); problem = errors.New("no") }, 8, "nn"},
		{"the command has failed", func() {}, 9, "nn"},
	} {
		step.do()
		text, err := list(step.args)
		if asked != step.asked || err != problem {
			t.Errorf("%s: asked %d times, wanted %d; %v", step.name, asked, step.asked, err)
		}
		if want := fmt.Sprintf("{\n\t\"ImportPath\": %q,\n\t\"Export\": %q\n}\n", step.args, export); string(text) != want {
			t.Errorf("%s: answered is %q", step.name, text)
		}
	}
}
