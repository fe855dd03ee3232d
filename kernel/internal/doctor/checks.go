package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/jupyter"
	"gopherlens/kernel/internal/kernelspec"
	"gopherlens/kernel/internal/run"
	"gopherlens/kernel/internal/setup"
	"gopherlens/mlkit/mnist"
)

// checkFunc looks at one thing.
type checkFunc func(context.Context, clone.Clone) Result

// checks are made in this order: what a later one needs is checked first.
var checks = []struct {
	name string
	run  checkFunc
}{
	{"Go", checkGo},
	{"toolchain", checkToolchain},
	{"gonb", checkTool("gonb")},
	{"gopls", checkTool("gopls")},
	{"goimports", checkTool("goimports")},
	{"PATH", checkPath},
	{"JupyterLab", checkJupyter},
	{"kernelspec", checkKernelspec},
	{"notebooks", checkNotebooks},
	{"digits", checkDigits},
	{"backend", checkBackend},
	{"disk", checkDisk},
	{"cell", checkCell},
}

var goVersion = regexp.MustCompile(`^go1\.(\d+)`)

// checkGo looks at the Go that the user installed, which fetches the pinned one.
func checkGo(ctx context.Context, c clone.Clone) Result {
	const install = "install Go 1.21 or later from https://go.dev/dl and open a new terminal"
	path, err := exec.LookPath("go")
	if err != nil {
		return broken(install, "there is no go on PATH")
	}
	cmd := exec.CommandContext(ctx, path, "env", "GOVERSION")
	cmd.Dir, cmd.Env = os.TempDir(), append(os.Environ(), "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	version := strings.TrimSpace(string(out))
	if err != nil {
		return broken(install, "%s does not run: %v", path, err)
	}
	if match := goVersion.FindStringSubmatch(version); match != nil {
		if minor, _ := strconv.Atoi(match[1]); minor < 21 {
			return broken(install, "%s in %s is too old", version, path)
		}
	}
	return ok("%s in %s", version, path)
}

// checkToolchain looks for the pinned version of Go.
func checkToolchain(ctx context.Context, c clone.Clone) Result {
	g, err := goenv.Read(c)
	if err != nil {
		return broken(setUp, "%v", err)
	}
	want, err := c.GoVersion()
	if err != nil {
		return broken("git checkout go.mod", "%v", err)
	}
	out, err := goenv.Command(ctx, c, g, "env", "GOVERSION").Output()
	have, _, _ := strings.Cut(strings.TrimSpace(string(out)), "-X:")
	if err != nil || have != want {
		return broken(setUp, "cells are compiled by %q, wanted is %s", have, want)
	}
	return ok("cells are compiled by %s in %s", have, g.Root)
}

// checkTool looks at a program that GoNB needs, or GoNB itself.
func checkTool(name string) checkFunc {
	return func(ctx context.Context, c clone.Clone) Result {
		tools, err := setup.Tools(c)
		if err != nil {
			return broken("git checkout kernel/tools", "%v", err)
		}
		for _, tool := range tools {
			if tool.Name == name {
				if err := tool.Check(c); err != nil {
					return broken(setUp, "%v", err)
				}
				return ok("%s in %s", tool.Version, c.Bin(name))
			}
		}
		return broken("git checkout kernel/tools", "kernel/tools/go.mod does not pin %s", name)
	}
}

// checkPath looks at what the kernel finds under the names of the programs that it calls.
func checkPath(ctx context.Context, c clone.Clone) Result {
	g, err := goenv.Read(c)
	if err != nil {
		return broken(setUp, "%v", err)
	}
	path := ""
	for _, pair := range goenv.Cell(os.Environ(), c, g) {
		if value, found := strings.CutPrefix(pair, "PATH="); found {
			path = value
		}
	}
	wanted := map[string]string{"go": filepath.Join(g.Root, "bin"), "gopls": c.Lab("bin"), "goimports": c.Lab("bin")}
	for name, dir := range wanted {
		found := ""
		for _, folder := range filepath.SplitList(path) {
			file := filepath.Join(folder, name)
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				found = file
				break
			}
		}
		if found != filepath.Join(dir, name) {
			return broken(setUp, "the kernel would call %q instead of the %s in %s", found, name, dir)
		}
	}
	return ok("the kernel finds its own go, gopls and goimports first")
}

// checkJupyter looks at the virtual environment.
func checkJupyter(ctx context.Context, c clone.Clone) Result {
	lock, err := os.ReadFile(c.Path("kernel", "requirements.txt"))
	if err != nil {
		return broken("git checkout kernel/requirements.txt", "%v", err)
	}
	if !setup.VenvIsCurrent(c, lock) {
		return broken(setUp, "the virtual environment %s is missing, unfinished or out of date", c.Lab("venv"))
	}
	out, err := jupyter.Command(ctx, c, "-m", "jupyterlab", "--version").Output()
	if err != nil {
		return broken("delete the folder .lab/venv and "+setUp, "JupyterLab does not run: %v", err)
	}
	return ok("version %s in %s", strings.TrimSpace(string(out)), c.Lab("venv"))
}

// checkKernelspec looks at what the clone's Jupyter knows of the kernel.
func checkKernelspec(ctx context.Context, c clone.Clone) Result {
	current, err := kernelspec.Current(c, kernelspec.Ours, setup.Kernelspec(c))
	if err != nil {
		return broken(setUp, "%v", err)
	}
	if !current {
		return broken(setUp, "the kernelspec in %s is missing or out of date", setup.Kernelspec(c))
	}
	if _, err := os.Stat(c.Kernel()); err != nil {
		return broken(setUp, "%s is missing", c.Kernel())
	}
	return ok("in %s", setup.Kernelspec(c))
}

// checkNotebooks looks at which kernel the lesson's notebooks would get: here, and in the user's own
// Jupyter if it knows a kernel of that name.
func checkNotebooks(ctx context.Context, c clone.Clone) Result {
	for _, name := range c.Notebooks() {
		text, err := os.ReadFile(c.Path("notebooks", name))
		if err != nil {
			return broken("git checkout notebooks", "%v", err)
		}
		var notebook struct {
			Metadata struct {
				Kernelspec struct{ Name string }
			}
		}
		if err := json.Unmarshal(text, &notebook); err != nil {
			return broken("git checkout notebooks/"+name, "%s is no notebook: %v", name, err)
		}
		if kernel := notebook.Metadata.Kernelspec.Name; kernel != kernelspec.Name {
			return broken("choose Kernel → Change Kernel in JupyterLab and save", "%s asks for the kernel %q, not %q", name, kernel, kernelspec.Name)
		}
	}
	dir, err := resourceDir(jupyter.Command(ctx, c, "-m", "jupyter", "kernelspec", "list", "--json"))
	if err != nil || !sameFile(dir, setup.Kernelspec(c)) {
		return broken(setUp, "the lesson's notebooks would get the kernel in %q, not this clone's", dir)
	}
	if own, err := exec.LookPath("jupyter"); err == nil {
		dir, err := resourceDir(exec.CommandContext(ctx, own, "kernelspec", "list", "--json"))
		spec, readErr := kernelspec.Read(dir)
		switch {
		case err != nil || readErr != nil || len(spec.Argv) == 0: // it knows no kernel of this name
		case spec.Argv[0] != c.Kernel():
			return warn("go run ./kernel install", "scripts/lab uses this clone's kernel, but %s would use %s", own, spec.Argv[0])
		case spec.Flavour() == kernelspec.Stock:
			return ok("%d; in scripts/lab they get this clone's kernel with its front door, in %s plain GoNB, as install --stock chose", len(c.Notebooks()), own)
		}
	}
	return ok("%d, and they get this clone's kernel, with its front door", len(c.Notebooks()))
}

// resourceDir is the folder of the kernel that a Jupyter would start for our notebooks.
func resourceDir(list *exec.Cmd) (string, error) {
	out, err := list.Output()
	if err != nil {
		return "", err
	}
	var known struct {
		Kernelspecs map[string]struct {
			ResourceDir string `json:"resource_dir"`
		}
	}
	if err := json.Unmarshal(out, &known); err != nil {
		return "", err
	}
	spec, found := known.Kernelspecs[kernelspec.Name]
	if !found {
		return "", errors.New("it knows no kernel of this name")
	}
	return spec.ResourceDir, nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// checkDigits looks for MNIST, whole.
func checkDigits(ctx context.Context, c clone.Clone) Result {
	digits, err := mnist.Load()
	switch {
	case errors.Is(err, mnist.ErrAbsent):
		return warn("go run ./kernel setup, with a network", "the MNIST digits are not here: the lesson draws its own")
	case err != nil:
		return broken("go run ./kernel setup, with a network", "%v", err)
	}
	return ok("%s, whole: %d to train on, %d to test on", digits.Source, digits.TrainLabels.Len(), digits.TestLabels.Len())
}

// checkBackend looks at what GOMLX_BACKEND asks for. What cannot be had is replaced by the backend cpu,
// unless no cell compiles at all.
func checkBackend(ctx context.Context, c clone.Clone) Result {
	wish := os.Getenv("GOMLX_BACKEND")
	name, plugin, _ := strings.Cut(wish, ":")
	switch name {
	case "", "cpu":
		return ok("cpu, the one for this lesson")
	case "go":
		return ok("go, as GOMLX_BACKEND=%s says: GoMLX's own in Go, which takes its time to train", wish)
	case "xla":
		if !onPath("gcc") && !onPath("clang") {
			return broken("install a C compiler (on Debian and Ubuntu: sudo apt install gcc), or unset GOMLX_BACKEND",
				"GOMLX_BACKEND=%s needs a C compiler, and there is none on PATH", wish)
		}
		plugin, _, _ = strings.Cut(plugin, ",")
		if _, err := os.Stat(plugin); filepath.IsAbs(plugin) && err != nil {
			return warn("correct GOMLX_BACKEND, or unset it", "GOMLX_BACKEND names the plug-in %s, which is not there: cpu computes in its place", plugin)
		}
		return ok("XLA, as GOMLX_BACKEND=%s says", wish)
	default:
		return warn("set GOMLX_BACKEND to cpu, go or xla:PLUGIN, or unset it", "GOMLX_BACKEND=%s names no backend of the lesson's: cpu computes in its place", wish)
	}
}

func onPath(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// checkDisk looks at the room where the kernel writes.
func checkDisk(ctx context.Context, c clone.Clone) Result {
	const little, least = 2 << 30, 300 << 20
	folders := []string{c.Root, os.TempDir()}
	if g, err := goenv.Read(c); err == nil {
		folders = append(folders, g.BuildCache)
	}
	worst, where := uint64(1<<63), ""
	for _, folder := range folders {
		var stat unix.Statfs_t
		if unix.Statfs(folder, &stat) != nil {
			continue
		}
		if free := stat.Bavail * uint64(stat.Bsize); free < worst {
			worst, where = free, folder
		}
	}
	gigabytes := float64(worst) / (1 << 30)
	switch {
	case worst < least:
		return broken("free some disk space", "only %.1f GB are free for %s", gigabytes, where)
	case worst < little:
		return warn("free some disk space", "only %.1f GB are free for %s", gigabytes, where)
	}
	return ok("%.0f GB are free", gigabytes)
}

// notebook is the smallest that shows that all works together.
const notebook = `{"cells": [
  {"cell_type": "code", "id": "hello", "metadata": {}, "execution_count": null, "outputs": [],
   "source": "import \"fmt\"\n%%\nfmt.Println(6*7)"}
], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`

// checkCell really executes a cell.
func checkCell(ctx context.Context, c clone.Clone) Result {
	dir, err := os.MkdirTemp("", "gopherlens-doctor-")
	if err != nil {
		return broken("make the folder for temporary files writable", "%v", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "hello.ipynb")
	if err := os.WriteFile(path, []byte(notebook), 0o644); err != nil {
		return broken("make the folder for temporary files writable", "%v", err)
	}
	var last last
	result, err := run.Notebook(ctx, c, run.Request{Notebook: path, Timeout: 2 * time.Minute}, &last)
	switch {
	case err != nil:
		return broken(setUp, "no cell could be executed: %v", err)
	case last.Failed:
		return broken(setUp, "a cell failed: %s", last.Problem)
	case strings.TrimSpace(last.Output) != "42":
		return broken(setUp, "a cell that should print 42 printed %q", last.Output)
	case last.Took > 3*time.Second:
		return warn("run scripts/lab, which compiles ahead what cells need", "a cell took %.1f s", last.Took.Seconds())
	}
	return ok("a cell was executed in %.2f s; the kernel had started in %.2f s", last.Took.Seconds(), result.Ready.Seconds())
}

// last remembers the cell that ended last.
type last struct{ run.Cell }

func (l *last) Started(run.Cell)    {}
func (l *last) Ended(cell run.Cell) { l.Cell = cell }
