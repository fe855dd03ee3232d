package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// golang is a go command that shows what it prints.
func golang(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// test runs `go test -json` with these arguments and variables.
func (r *report) test(ctx context.Context, variables []string, args ...string) error {
	cmd := golang(ctx, append([]string{"test", "-json", "-timeout=40m"}, args...)...)
	cmd.Env = append(os.Environ(), variables...)
	cmd.Stdout = nil
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	broken, err := r.follow(events)
	if ended := cmd.Wait(); err == nil && ended != nil {
		err = fmt.Errorf("%d packages failed", broken)
	}
	return err
}

// format looks for files that are not as gofmt writes them.
func format(ctx context.Context, _ *report) error {
	folders, err := filepath.Glob("[a-z]*") // not .lab, which holds other people's code
	if err != nil {
		return err
	}
	folders = slices.DeleteFunc(folders, func(name string) bool { return !isFolder(name) })
	cmd := exec.CommandContext(ctx, "gofmt", append([]string{"-l"}, folders...)...)
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	if path := filepath.Join(strings.TrimSpace(string(root)), "bin", "gofmt"); exists(path) {
		cmd.Path, cmd.Err = path, nil // that of the pinned version, not one on PATH
	}
	out, err := cmd.CombinedOutput()
	if err == nil && len(out) > 0 {
		err = fmt.Errorf("to be formatted by gofmt: %s", strings.Join(strings.Fields(string(out)), ", "))
	}
	return err
}

func vet(ctx context.Context, _ *report) error { return golang(ctx, "vet", "./...").Run() }

// tests passes all tests, on the real digits where they lie beside the repository.
func tests(ctx context.Context, r *report) error {
	return r.test(ctx, digits(), "./...")
}

// digits says where the real MNIST is, unless the caller did.
func digits() []string {
	if os.Getenv("GOPHERLENS_MNIST") != "" {
		return nil
	}
	folder, err := filepath.Abs("../shared/data/mnist")
	if err != nil || !exists(folder) {
		return nil
	}
	return []string{"GOPHERLENS_MNIST=" + folder}
}

var startsGoroutine = regexp.MustCompile(`(?m)^\s+go |errgroup\.`)

// race looks for data races in the packages that start goroutines.
func race(ctx context.Context, r *report) error {
	if !onPath("gcc") && !onPath("clang") {
		return skipped("needs a C compiler")
	}
	packages := map[string]bool{}
	for _, room := range []string{"kernel", "mlkit"} {
		err := filepath.WalkDir(room, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if startsGoroutine.Match(text) {
				packages["./"+filepath.Dir(path)] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	// GoMLX's own matrix products make pointers past a slice's end, which the checks that -race switches on
	// besides refuse.
	args := []string{"-race", "-short", "-gcflags=all=-d=checkptr=0"}
	for name := range packages {
		args = append(args, name)
	}
	slices.Sort(args[3:])
	return r.test(ctx, append(digits(), "CGO_ENABLED=1"), args...)
}

// plugin is the XLA plug-in, which is built if need be.
func plugin(ctx context.Context) (path string, err error) {
	if path := os.Getenv("GOPHERLENS_XLA_PLUGIN"); path != "" {
		return path, nil
	}
	const build = "../shared/xla-cpu/build.sh"
	switch {
	case !exists(build):
		return "", skipped("needs an XLA plug-in (name one with GOPHERLENS_XLA_PLUGIN)")
	case !onPath("g++"):
		return "", skipped("needs g++")
	}
	folder, err := filepath.Abs(".lab/xla")
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, "xla_cpu_pjrt_plugin.so")
	if exists(path) {
		return path, nil
	}
	fmt.Println("  building the plug-in, some minutes …")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "sh", build, filepath.Join(folder, "venv"), path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the plug-in cannot be built: %w\n%s", err, out)
	}
	return path, nil
}

// xla holds the backends against each other, where the plug-in can be built.
func xla(ctx context.Context, r *report) error {
	path, err := plugin(ctx)
	if err != nil {
		return err
	}
	variables := append(digits(), "CGO_ENABLED=1", "GOMLX_NO_AUTO_INSTALL=1", "GOPHERLENS_XLA_PLUGIN="+path)
	return errors.Join(
		r.test(ctx, variables, "-tags=xla", "./mlkit/backend/...", "./mlkit/nn/..."),
		r.test(ctx, append(variables, "GOMLX_BACKEND=xla:"+path), "-tags=xla", "./mlkit/yolo"))
}

// networks looks at YOLOv3 with the random weights that its reference values were computed with, at the files that
// other programs read, and at what the stock backend makes of it.
func networks(ctx context.Context, r *report) error {
	const scripts = "../shared/peers"
	python := os.Getenv("GOPHERLENS_PEER_PYTHON")
	folder, err := filepath.Abs(".lab/peers")
	switch {
	case err != nil:
		return err
	case !exists(scripts):
		return skipped("needs the peers' scripts")
	case python == "":
		python = filepath.Join(folder, "venv", "bin", "python")
		if !exists(python) {
			fmt.Println("  installing ONNX Runtime …")
			for _, args := range [][]string{{"python3", "-m", "venv", filepath.Join(folder, "venv")},
				{python, "-m", "pip", "install", "--quiet", "onnxruntime==1.32.0", "onnx", "numpy"}} {
				if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
					return fmt.Errorf("ONNX Runtime cannot be installed: %w\n%s", err, out)
				}
			}
		}
	}
	variables := []string{"GOPHERLENS_PEER_PYTHON=" + python}
	for _, n := range []struct{ config, variable string }{
		{"yolov3", "GOPHERLENS_YOLOV3_WEIGHTS"}, {"yolov3-tiny", "GOPHERLENS_YOLOV3_TINY_WEIGHTS"},
	} {
		weights := filepath.Join(folder, n.config+".weights")
		if !exists(weights) {
			config := filepath.Join("../shared/data/darknet", n.config+".cfg")
			part := weights + ".part"
			if out, err := exec.CommandContext(ctx, python, filepath.Join(scripts, "gen_weights.py"), config, part, "1").CombinedOutput(); err != nil {
				return fmt.Errorf("the weights of %s cannot be made: %w\n%s", n.config, err, out)
			}
			if err := os.Rename(part, weights); err != nil {
				return err
			}
		}
		variables = append(variables, n.variable+"="+weights)
	}
	return errors.Join(
		r.test(ctx, variables, "./mlkit/yolo/..."),
		r.test(ctx, []string{"GOMLX_BACKEND=go"}, "./mlkit/yolo"))
}

var fuzzTarget = regexp.MustCompile(`^Fuzz\w+$`)
var testedPackage = regexp.MustCompile(`^ok\s+(\S+)`)

// fuzz gives every fuzz target some seconds.
func fuzz(ctx context.Context, r *report) error {
	list, err := exec.CommandContext(ctx, "go", "test", "-list=^Fuzz", "./...").Output()
	if err != nil {
		return errors.New("cannot list the fuzz targets")
	}
	var targets []string // of the package whose name comes after them
	var broken []string
	for _, line := range strings.Split(string(list), "\n") {
		if fuzzTarget.MatchString(line) {
			targets = append(targets, line)
		}
		if match := testedPackage.FindStringSubmatch(line); match != nil {
			for _, target := range targets {
				var out bytes.Buffer
				cmd := golang(ctx, "test", "-run=^$", "-fuzz=^"+target+"$", "-fuzztime=5s", match[1])
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := cmd.Run(); err != nil {
					r.failed++
					broken = append(broken, target)
					fmt.Printf("✗ %s %s\n%s", match[1], target, out.String())
					continue
				}
				r.passed++
				fmt.Printf("  ✓ %s %s\n", match[1], target)
			}
			targets = nil
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("found something: %s", strings.Join(broken, ", "))
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func onPath(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}
