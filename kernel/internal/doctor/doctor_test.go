package doctor

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/kernelspec"
	"gopherlens/kernel/internal/setup"
	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/mnist"
)

// Each thing that can be wrong is found by its check, which says how to mend it.
func TestChecks(t *testing.T) {
	tests := []struct {
		check, name string
		prepare     func(t *testing.T, c clone.Clone)
		want        Status
		found, mend string // parts of what it says
	}{
		{"Go", "missing", func(t *testing.T, c clone.Clone) {
			t.Setenv("PATH", t.TempDir())
		}, Broken, "no go on PATH", "install Go 1.21"},
		{"Go", "too old", func(t *testing.T, c clone.Clone) {
			program(t, "go", "echo go1.20.3")
		}, Broken, "go1.20.3", "install Go 1.21"},
		{"Go", "broken", func(t *testing.T, c clone.Clone) {
			program(t, "go", "exit 2")
		}, Broken, "does not run", "install Go 1.21"},
		{"Go", "old enough", func(t *testing.T, c clone.Clone) {
			program(t, "go", "echo go1.21.0")
		}, OK, "go1.21.0", ""},
		{"toolchain", "not set up", nil, Broken, "not set up", "scripts/lab"},
		{"toolchain", "another version", func(t *testing.T, c clone.Clone) {
			golang(t, c, "echo go1.26.8")
		}, Broken, "wanted is go1.27.4", "scripts/lab"},
		{"toolchain", "right", func(t *testing.T, c clone.Clone) {
			golang(t, c, "echo go1.27.4-X:simd")
		}, OK, "go1.27.4", ""},
		{"gonb", "missing", nil, Broken, "missing", "scripts/lab"},
		{"gopls", "damaged", func(t *testing.T, c clone.Clone) {
			clonetest.Program(t, c.Bin("gopls"), "")
		}, Broken, "damaged", "scripts/lab"},
		{"goimports", "not pinned", func(t *testing.T, c clone.Clone) {
			clonetest.Write(t, c.Path("kernel", "tools", "go.mod"), "module x\n")
		}, Broken, "does not pin goimports", "git checkout"},
		{"PATH", "goimports is another", func(t *testing.T, c clone.Clone) {
			golang(t, c, "")
			clonetest.Program(t, c.Bin("gopls"), "")
			program(t, "goimports", "")
		}, Broken, "goimports", "scripts/lab"},
		{"PATH", "right", func(t *testing.T, c clone.Clone) {
			golang(t, c, "")
			for _, name := range []string{"gopls", "goimports"} {
				clonetest.Program(t, c.Bin(name), "")
				program(t, name, "")
			}
		}, OK, "first", ""},
		{"JupyterLab", "missing", nil, Broken, "missing", "scripts/lab"},
		{"kernelspec", "missing", nil, Broken, "missing", "scripts/lab"},
		{"kernelspec", "no command", func(t *testing.T, c clone.Clone) {
			spec(t, c)
		}, Broken, "gopherlens-kernel is missing", "scripts/lab"},
		{"kernelspec", "of a clone that was moved", func(t *testing.T, c clone.Clone) {
			if _, err := kernelspec.Write(clone.Clone{Root: "/elsewhere"}, kernelspec.Ours, setup.Kernelspec(c)); err != nil {
				t.Fatal(err)
			}
		}, Broken, "out of date", "scripts/lab"},
		{"notebooks", "another kernel", func(t *testing.T, c clone.Clone) {
			clonetest.Write(t, c.Path("notebooks", "1-neurons.ipynb"), `{"metadata": {"kernelspec": {"name": "python3"}}}`)
		}, Broken, `"python3"`, "Change Kernel"},
		{"notebooks", "damaged", func(t *testing.T, c clone.Clone) {
			clonetest.Write(t, c.Path("notebooks", "1-neurons.ipynb"), `{`)
		}, Broken, "no notebook", "git checkout notebooks/1-neurons.ipynb"},
		{"notebooks", "Jupyter knows another clone's kernel", func(t *testing.T, c clone.Clone) {
			clonetest.Program(t, c.Python(), `echo '{"kernelspecs": {"gopherlens": {"resource_dir": "/elsewhere"}}}'`)
		}, Broken, "/elsewhere", "scripts/lab"},
		{"digits", "absent", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOPHERLENS_MNIST", "")
			t.Setenv("GOPHERLENS_CACHE", t.TempDir())
		}, Warn, "draws its own", "setup"},
		{"digits", "cut off", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOPHERLENS_MNIST", "")
			cache := t.TempDir()
			t.Setenv("GOPHERLENS_CACHE", cache)
			clonetest.Write(t, filepath.Join(cache, "mnist", mnist.Files[0].Name), "\x00\x00\x08\x03")
		}, Broken, mnist.Files[0].Name, "setup"},
		{"backend", "default", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOMLX_BACKEND", "")
		}, OK, "cpu", ""},
		{"backend", "stock", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOMLX_BACKEND", "go")
		}, OK, "GoMLX's own", ""},
		{"backend", "no C compiler", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOMLX_BACKEND", "xla")
			t.Setenv("PATH", t.TempDir())
		}, Broken, "C compiler", "unset GOMLX_BACKEND"},
		{"backend", "no plug-in", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOMLX_BACKEND", "xla:/nowhere/plugin.so")
			program(t, "gcc", "")
		}, Warn, "/nowhere/plugin.so", "correct GOMLX_BACKEND"},
		{"backend", "unknown", func(t *testing.T, c clone.Clone) {
			t.Setenv("GOMLX_BACKEND", "abacus")
		}, Warn, "abacus", "unset"},
		{"cell", "not set up", nil, Broken, "not set up", "scripts/lab"},
	}
	for _, test := range tests {
		t.Run(test.check+", "+test.name, func(t *testing.T) {
			c := clonetest.New(t)
			if test.prepare != nil {
				test.prepare(t, c)
			}
			got := named(t, test.check)(t.Context(), c)
			if got.Status != test.want {
				t.Errorf("status %s, want %s (%s)", got.Status, test.want, got.Found)
			}
			if !strings.Contains(got.Found, test.found) {
				t.Errorf("found %q, want %q in it", got.Found, test.found)
			}
			if (got.Mend == "") != (test.mend == "") || !strings.Contains(got.Mend, test.mend) {
				t.Errorf("the mend is %q, want %q in it", got.Mend, test.mend)
			}
		})
	}
}

// In a clone that is set up, nothing is broken, and each check has one line.
func TestHealthy(t *testing.T) {
	c := labtest.Clone(t)
	t.Chdir(c.Root)
	for _, check := range checks {
		result := check.run(t.Context(), c)
		result.Name = check.name
		if result.Status == Broken {
			t.Errorf("%+v", result)
		}
		var out bytes.Buffer
		if result.print(&out); strings.Count(out.String(), "\n") != 1 {
			t.Errorf("printed %q, want one line", out.String())
		}
	}
}

func TestPrint(t *testing.T) {
	var out bytes.Buffer
	for _, result := range []Result{ok("%d GB", 3), warn("free some", "%d GB", 1), broken("free more", "none")} {
		result.Name = "disk"
		result.print(&out)
	}
	want := "✓ disk       3 GB\n! disk       1 GB → free some\n✗ disk       none → free more\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	text, err := json.Marshal(Result{Name: "disk", Status: Broken, Found: "none", Mend: "free more"})
	if want := `{"name":"disk","status":"broken","found":"none","mend":"free more"}`; err != nil || string(text) != want {
		t.Errorf("as JSON: %s (%v), want %s", text, err, want)
	}
}

// named is the check of that name.
func named(t *testing.T, name string) checkFunc {
	t.Helper()
	for _, check := range checks {
		if check.name == name {
			return check.run
		}
	}
	t.Fatalf("there is no check %s", name)
	return nil
}

// program puts a program first on PATH.
func program(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	clonetest.Program(t, filepath.Join(dir, name), script)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/usr/bin:/bin")
}

// golang makes a Go that set-up has found.
func golang(t *testing.T, c clone.Clone, script string) {
	t.Helper()
	root := t.TempDir()
	clonetest.Program(t, filepath.Join(root, "bin", "go"), script)
	clonetest.Write(t, c.Lab("log", "old"), "")
	if err := goenv.Save(c, goenv.Go{Root: root}); err != nil {
		t.Fatal(err)
	}
}

// spec writes the clone's kernelspec.
func spec(t *testing.T, c clone.Clone) {
	t.Helper()
	if _, err := kernelspec.Write(c, kernelspec.Ours, setup.Kernelspec(c)); err != nil {
		t.Fatal(err)
	}
}
