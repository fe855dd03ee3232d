// Package clonetest makes clones for tests: they have the files that say what is pinned, and nothing
// that set-up makes.
package clonetest

import (
	"os"
	"path/filepath"
	"testing"

	"gopherlens/kernel/internal/clone"
)

// New makes a clone in a temporary folder.
func New(t testing.TB) clone.Clone {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := clone.Clone{Root: root}
	Write(t, c.Path("go.mod"), "module gopherlens\n\ngo 1.27.4\n")
	Write(t, c.Path("kernel", "requirements.txt"), "jupyterlab==4.6.6\n")
	Write(t, c.Path("kernel", "tools", "go.mod"), "module gopherlens/kernel/tools\n\n"+
		"tool (\n\tgithub.com/janpfeifer/gonb\n\tgolang.org/x/tools/cmd/goimports\n\tgolang.org/x/tools/gopls\n)\n\n"+
		"require (\n\tgithub.com/janpfeifer/gonb v0.11.5 // indirect\n\tgolang.org/x/tools v0.39.1 // indirect\n"+
		"\tgolang.org/x/tools/gopls v0.21.1 // indirect\n)\n")
	return c
}

// Write writes a file, and the folders above it.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Program writes a shell script that can be executed.
func Program(t testing.TB, path, script string) {
	t.Helper()
	Write(t, path, "#!/bin/sh\n"+script+"\n")
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
