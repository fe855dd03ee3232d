package kernelspec_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
	"gopherlens/kernel/internal/kernelspec"
)

// kernel.json is what Jupyter's documentation asks for.
func TestContents(t *testing.T) {
	c, dir := clonetest.New(t), filepath.Join(t.TempDir(), "kernels", "gopherlens")
	if changed, err := kernelspec.Write(c, kernelspec.Ours, dir); err != nil || !changed {
		t.Fatalf("changed %v, error %v; want a fresh kernelspec", changed, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	argv, _ := got["argv"].([]any)
	want := []any{c.Kernel(), "start", "{connection_file}"}
	if !slices.Equal(argv, want) {
		t.Errorf("argv is %v, want %v", argv, want)
	}
	for name, want := range map[string]string{"display_name": "Go (Gopherlens)", "language": "go", "interrupt_mode": "message"} {
		if got[name] != want {
			t.Errorf("%s is %v, want %s", name, got[name], want)
		}
	}
	if logo, err := os.ReadFile(filepath.Join(dir, "logo-svg.svg")); err != nil || !strings.HasPrefix(string(logo), "<svg") {
		t.Errorf("the logo begins with %.20q (%v), want an SVG image", logo, err)
	}
}

// Writing again changes nothing unless something is not as it should be, and leaves nothing beside.
func TestWriteAgain(t *testing.T) {
	c, dir := clonetest.New(t), filepath.Join(t.TempDir(), "gopherlens")
	for i, want := range []bool{true, false, true, true} {
		switch i {
		case 2:
			clonetest.Write(t, filepath.Join(dir, "kernel.json"), "{}")
		case 3:
			if err := os.Remove(filepath.Join(dir, "logo-svg.svg")); err != nil {
				t.Fatal(err)
			}
		}
		if changed, err := kernelspec.Write(c, kernelspec.Ours, dir); err != nil || changed != want {
			t.Errorf("time %d: changed %v (%v), want %v", i, changed, err, want)
		}
	}
	if got, want := tree(t, filepath.Dir(dir)), []string{"gopherlens", "gopherlens/kernel.json", "gopherlens/logo-svg.svg"}; !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

func TestRemove(t *testing.T) {
	c, other := clonetest.New(t), clonetest.New(t)
	prefix := t.TempDir()
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", "gopherlens")
	write := func(c clone.Clone) {
		t.Helper()
		if _, err := kernelspec.Write(c, kernelspec.Ours, dir); err != nil {
			t.Fatal(err)
		}
	}
	write(c)
	if err := kernelspec.Remove(c, dir, prefix); err != nil {
		t.Error(err)
	}
	if left := tree(t, prefix); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}

	write(other)
	clonetest.Program(t, other.Kernel(), "") // another clone, that still works
	if err := kernelspec.Remove(c, dir, prefix); err == nil || !strings.Contains(err.Error(), "another clone") {
		t.Errorf("the kernel of another clone: got %v, want an error that says so", err)
	}
	if err := os.Remove(other.Kernel()); err != nil {
		t.Fatal(err)
	}
	clonetest.Write(t, filepath.Join(prefix, "share", "jupyter", "kernels", "python3", "kernel.json"), "{}")
	if err := kernelspec.Remove(c, dir, prefix); err != nil {
		t.Errorf("the kernel of a clone that is gone: %v", err)
	}
	want := []string{"share", "share/jupyter", "share/jupyter/kernels", "share/jupyter/kernels/python3", "share/jupyter/kernels/python3/kernel.json"}
	if left := tree(t, prefix); !slices.Equal(left, want) {
		t.Errorf("left behind: %q, want what others own: %q", left, want)
	}
}

// tree lists what is below a folder.
func tree(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		if path != "." {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
