package install_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/install"
	"gopherlens/kernel/internal/kernelspec"
)

// ready makes a clone that counts as set up, and works in it.
func ready(t *testing.T) clone.Clone {
	t.Helper()
	c := clonetest.New(t)
	root := t.TempDir()
	clonetest.Program(t, filepath.Join(root, "bin", "go"), "")
	if err := os.MkdirAll(c.Lab(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := goenv.Save(c, goenv.Go{Root: root}); err != nil {
		t.Fatal(err)
	}
	t.Chdir(c.Root)
	return c
}

// Wherever it is installed, Jupyter would find it there; and uninstalling leaves what was there before.
func TestInstallAndUninstall(t *testing.T) {
	tests := []struct {
		name string
		// prepare makes the Jupyter, below home, and says which place is meant, and where the kernel belongs.
		prepare func(t *testing.T, home string) (install.Place, string)
	}{
		{"prefix", func(t *testing.T, home string) (install.Place, string) {
			return install.Place{Prefix: home}, "share/jupyter"
		}},
		{"user, no Jupyter", func(t *testing.T, home string) (install.Place, string) {
			return install.Place{User: true}, ".local/share/jupyter"
		}},
		{"user, as Jupyter says", func(t *testing.T, home string) (install.Place, string) {
			clonetest.Program(t, filepath.Join(home, "bin", "jupyter"), `[ "$1" = --data-dir ] && echo "$HOME/elsewhere"`)
			return install.Place{}, "elsewhere"
		}},
		{"sys-prefix", func(t *testing.T, home string) (install.Place, string) {
			jupyter := filepath.Join(home, "conda", "bin", "jupyter")
			clonetest.Program(t, jupyter, `[ "$1$2" = --paths--json ] && echo "{\"data\": [\"$HOME/data\", \"$HOME/conda/share/jupyter\"]}"`)
			return install.Place{SysPrefix: true, Jupyter: jupyter}, "conda/share/jupyter"
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := ready(t)
			home, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"JUPYTER_DATA_DIR", "XDG_DATA_HOME"} {
				t.Setenv(name, "")
			}
			t.Setenv("HOME", home)
			t.Setenv("PATH", filepath.Join(home, "bin")+":/usr/bin:/bin")
			place, data := test.prepare(t, home)
			before := tree(t, home)
			for range 2 { // the second time changes nothing
				if err := (&install.Command{Place: place}).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			dir := filepath.Join(home, data, "kernels", "gopherlens")
			if current, err := kernelspec.Current(c, kernelspec.Ours, dir); err != nil || !current {
				t.Errorf("the kernelspec in %s is current: %v (%v); there is %q", dir, current, err, tree(t, home))
			}
			for range 2 {
				if err := (&install.Uninstall{Place: place}).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if after := tree(t, home); !slices.Equal(after, before) {
				t.Errorf("left behind: %q, before there was %q", after, before)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	c := ready(t)
	t.Setenv("PATH", t.TempDir())
	fails := func(what string, err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", what, err, want)
		}
	}
	fails("no Jupyter", (&install.Command{Place: install.Place{SysPrefix: true}}).Run(t.Context()), "name it with --jupyter")
	fake := filepath.Join(t.TempDir(), "jupyter")
	clonetest.Program(t, fake, "echo hello")
	fails("no Jupyter either", (&install.Command{Place: install.Place{SysPrefix: true, Jupyter: fake}}).Run(t.Context()), "is it Jupyter?")
	clonetest.Program(t, fake, `echo '{"data": []}'`)
	fails("a shim", (&install.Command{Place: install.Place{SysPrefix: true, Jupyter: fake}}).Run(t.Context()), "use --user, or --prefix")
	if err := os.Remove(c.Lab("go.json")); err != nil {
		t.Fatal(err)
	}
	fails("not set up", (&install.Command{Place: install.Place{Prefix: t.TempDir()}}).Run(t.Context()), "run scripts/lab")
}

// tree lists what is below a folder.
func tree(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		found = append(found, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
