package cells

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestReload changes a package after it was loaded.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module x\n")
	write("x.go", "package x\n\nfunc F() (int, int) { return 1, 2 }\n")
	p := LoadPackages(func(arguments ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "go", arguments...)
		cmd.Dir = dir
		return cmd.Output()
	}, "./...")
	p.Want("x") // waits for what is listed at first
	n := Notebook{Packages: p}
	const cell = "import \"x\"\nx.F()"
	if n.Rewrite(cell).Result {
		t.Error("two values are a result")
	}
	write("x.go", "package x\n\nfunc F() int { return 1 }\n")
	p.Reload()
	if !n.Rewrite(cell).Result {
		t.Error("after the change, one value is no result")
	}
}
