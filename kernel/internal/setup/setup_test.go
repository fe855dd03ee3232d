package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/clone/clonetest"
	"gopherlens/kernel/internal/kernelspec"
)

// The repository's own kernel/tools/go.mod pins the three programs.
func TestTools(t *testing.T) {
	c, err := clone.Find()
	if err != nil {
		t.Fatal(err)
	}
	tools, err := Tools(c)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools {
		names = append(names, tool.Name)
		if !strings.HasPrefix(tool.Version, "v") || !strings.Contains(tool.Module, ".") {
			t.Errorf("%+v has no version", tool)
		}
	}
	if want := []string{"gonb", "goimports", "gopls"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// Every version that pip may install is pinned by its hash.
func TestLock(t *testing.T) {
	c, err := clone.Find()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile(c.Path("kernel", requirements))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"jupyterlab==4.6.6 ", "notebook==7.6.5 ", "nbclient==", "nbconvert=="} {
		if !strings.Contains(string(lock), "\n"+want) {
			t.Errorf("the lock file lacks %s", want)
		}
	}
	for _, block := range strings.Split(strings.ReplaceAll(string(lock), "\\\n", ""), "\n") {
		if block != "" && !strings.Contains(block, "--hash=sha256:") {
			t.Errorf("no hash in %s", block)
		}
	}
}

func TestToolCheck(t *testing.T) {
	c := clonetest.New(t)
	tools, err := Tools(c)
	if err != nil {
		t.Fatal(err)
	}
	tool := tools[0]
	if err := tool.Check(c); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("missing: got %v", err)
	}
	clonetest.Program(t, c.Bin(tool.Name), "echo gonb")
	if err := tool.Check(c); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("no Go program: got %v", err)
	}
	// This test is a Go program, but not that one.
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.Bin(tool.Name)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(test, c.Bin(tool.Name)); err != nil {
		t.Fatal(err)
	}
	if err := tool.Check(c); err == nil || !strings.Contains(err.Error(), "wanted is v0.11.5") {
		t.Errorf("another version: got %v", err)
	}
}

// The environment counts as current only when it is whole, of this lock file, in this place.
func TestVenvIsCurrent(t *testing.T) {
	c := clonetest.New(t)
	lock := []byte("jupyterlab==4.6.6\n")
	check := func(what string, want bool) {
		t.Helper()
		if got := VenvIsCurrent(c, lock); got != want {
			t.Errorf("%s: current is %v, want %v", what, got, want)
		}
	}
	check("nothing there", false)
	clonetest.Program(t, c.Python(), "")
	check("interrupted before the end", false)
	clonetest.Write(t, c.Lab("venv", stamp), venvKey(c, lock))
	check("whole", true)
	lock = []byte("jupyterlab==4.6.7\n")
	check("the lock file has changed", false)
	lock = []byte("jupyterlab==4.6.6\n")
	moved := c.Root + "-moved"
	if err := os.Rename(c.Root, moved); err != nil {
		t.Fatal(err)
	}
	c = clone.Clone{Root: moved}
	check("the clone was moved", false)
	clonetest.Write(t, c.Lab("venv", stamp), venvKey(c, lock))
	if err := os.Remove(c.Python()); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/nowhere/python3", c.Python()); err != nil {
		t.Fatal(err)
	}
	check("the Python it was made with is gone", false)
}

func TestPython(t *testing.T) {
	tests := []struct {
		name   string
		says   map[string]string // what the probe prints, for each Python
		want   string
		errors string
	}{
		{"none", nil, "", "install Python 3.10"},
		{"too old", map[string]string{"python3": "3.9"}, "", "Python is 3.9, too old"},
		{"no venv", map[string]string{"python3": "venv"}, "", "python3-venv"},
		{"shim without Python", map[string]string{"python3": ""}, "", "install Python 3.10"},
		{"good", map[string]string{"python3": "ok"}, "python3", ""},
		{"old and new", map[string]string{"python3": "3.8", "python3.12": "ok"}, "python3.12", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bin := t.TempDir()
			t.Setenv("PATH", bin)
			t.Setenv("GOPHERLENS_PYTHON", "")
			for name, says := range test.says {
				script := "echo " + says
				if says == "" {
					script = "exit 127"
				}
				clonetest.Program(t, filepath.Join(bin, name), script)
			}
			got, err := Python(t.Context())
			if test.errors != "" {
				if err == nil || !strings.Contains(err.Error(), test.errors) {
					t.Errorf("got %q, %v; want an error with %q", got, err, test.errors)
				}
				return
			}
			if err != nil || filepath.Base(got) != test.want {
				t.Errorf("got %q, %v; want %s", got, err, test.want)
			}
		})
	}
}

// The settings are JSON, and a file that somebody changed is put right.
func TestSettings(t *testing.T) {
	c := clonetest.New(t)
	for range 2 {
		if err := settings(c); err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, pattern := range []string{"etc/jupyter/*.json", "etc/jupyter/labconfig/*.json", "share/jupyter/lab/settings/*.json"} {
			paths, err := filepath.Glob(c.Lab("venv", pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !json.Valid(text) {
					t.Errorf("%s is no JSON: %s", path, text)
				}
				count++
				clonetest.Write(t, path, "{") // for the second time
			}
		}
		if count != 3 {
			t.Errorf("%d settings files, want 3", count)
		}
		if current, err := kernelspec.Current(c, kernelspec.Ours, Kernelspec(c)); err != nil || !current {
			t.Errorf("the kernelspec is current: %v (%v), want true", current, err)
		}
	}
}

// What goes wrong is told in one sentence, without the other program's trace.
func TestLogged(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"offline pip", `echo "Traceback (most recent call last):"; echo "NewConnectionError: [Errno -3] Temporary failure in name resolution"; exit 1`,
			"task: no network; start it again when you are online"},
		{"offline go", `echo "dial tcp: lookup proxy: no such host"; exit 1`, "task: no network"},
		{"full disk", `echo "write: no space left on device" >&2; exit 1`, "task: the disk is full"},
		{"forged package", `echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"; echo "Connection reset"; exit 1`, "task: what arrived is not what was published"},
		{"other", `echo first; echo "last words"; exit 1`, "task: last words"},
		{"silent", `exit 3`, "task: it ended with exit status 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := clonetest.New(t)
			clonetest.Write(t, c.Lab("log", "old"), "")
			err := logged(c, exec.CommandContext(t.Context(), "sh", "-c", test.script), "name", "task", func(string) {})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins with %q", err, test.want)
			}
		})
	}
	c := clonetest.New(t)
	clonetest.Write(t, c.Lab("log", "old"), "")
	var lines []string
	err := logged(c, exec.CommandContext(t.Context(), "sh", "-c", "echo one; echo two >&2"), "name", "task", func(line string) { lines = append(lines, line) })
	if want := []string{"one", "two"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("got %q (%v), want %q", lines, err, want)
	}
	if log, err := os.ReadFile(c.Lab("log", "name.log")); err != nil || string(log) != "one\ntwo\n" {
		t.Errorf("the log holds %q (%v)", log, err)
	}
}

func TestFirstError(t *testing.T) {
	for quoted, want := range map[string]string{
		`"# gopherlens/mlkit/nn\nmlkit/nn/model.go:3:5: undefined: x\nmore"`: "mlkit/nn/model.go:3:5: undefined: x",
		`"module lookup disabled by GOPROXY=off"`:                            "module lookup disabled by GOPROXY=off",
		`no string`: "no string",
	} {
		if got := firstError(quoted); got != want {
			t.Errorf("%s: got %q, want %q", quoted, got, want)
		}
	}
}

func TestModuleName(t *testing.T) {
	const address = "https://proxy.example/github.com/gomlx/gomlx/@v/v0.28.16.zip"
	if got, want := moduleName(address), "github.com/gomlx/gomlx"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// One set-up at a time: the second waits for the first, and can be stopped while it waits.
func TestLockOut(t *testing.T) {
	c := clonetest.New(t)
	clonetest.Write(t, c.Lab("log", "old"), "")
	var out bytes.Buffer
	unlock, err := lock(t.Context(), &out, c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Do(ctx, &out, c, Options{}); err == nil || !strings.Contains(err.Error(), "carries on") {
		t.Errorf("stopped while waiting: got %v, want an error that says it carries on", err)
	}
	if !strings.Contains(out.String(), "another set-up") {
		t.Errorf("printed %q, want that it waits for another set-up", out.String())
	}
	unlock()
	unlock, err = lock(t.Context(), &out, c)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// An interrupted step ends its children, too.
func TestStopped(t *testing.T) {
	c := clonetest.New(t)
	clonetest.Write(t, c.Lab("log", "old"), "")
	ctx, cancel := context.WithCancel(t.Context())
	err := logged(c, exec.CommandContext(ctx, "sh", "-c", "echo ready; sleep 600 & wait"), "name", "task", func(string) { cancel() })
	if err == nil || err.Error() != "task: it was stopped" {
		t.Errorf("got %v, want that it was stopped", err)
	}
}
