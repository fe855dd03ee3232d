package start

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
)

// TestWithoutGopls checks that cells find goimports, and no gopls, before and after the clone is moved, also if an
// earlier version has left a link to where the clone was.
func TestWithoutGopls(t *testing.T) {
	parent := t.TempDir()
	for i, name := range []string{"a clone", "moved"} {
		c := clone.Clone{Root: filepath.Join(parent, name)}
		if i == 0 {
			for _, dir := range []string{"bin", "cells"} {
				if err := os.MkdirAll(c.Lab(dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(c.Bin("goimports"), nil, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(parent, "gone", "goimports"), filepath.Join(c.Lab("cells"), "goimports")); err != nil {
				t.Fatal(err)
			}
		} else if err := os.Rename(filepath.Join(parent, "a clone"), c.Root); err != nil {
			t.Fatal(err)
		}
		environ := withoutGopls(c, []string{"PATH=" + c.Lab("bin") + ":/usr/bin"})
		path, _, _ := strings.Cut(strings.TrimPrefix(environ[0], "PATH="), ":")
		if _, err := os.Stat(filepath.Join(path, "goimports")); err != nil || path == c.Lab("bin") {
			t.Errorf("%s: the PATH of cells begins with %s, where goimports is: %v", name, path, err)
		}
	}
}
