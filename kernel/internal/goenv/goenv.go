// Package goenv computes the environment that the go command runs in: while set-up builds, and while
// a cell is compiled.
//
// A learner's own settings (GOFLAGS, GOWORK, GOOS, what `go env -w` wrote …) would break cells or make
// them slow, and another set of flags would miss the build cache that set-up warmed. So the kernel
// starts from what Save recorded at set-up:
//
//	tools, err := goenv.Read(c)
//	cmd.Env = goenv.Cell(os.Environ(), c, tools)
package goenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gopherlens/kernel/internal/clone"
)

// Go is the Go installation that set-up found: paths, all absolute.
type Go struct {
	Root       string `json:"GOROOT"`
	Path       string `json:"GOPATH"`
	ModCache   string `json:"GOMODCACHE"`
	BuildCache string `json:"GOCACHE"`
}

// own are the variables that decide what the go command builds. Ours replace the user's.
var own = []string{
	"CGO_ENABLED", "GO111MODULE", "GOARCH", "GOAMD64", "GOARM", "GOARM64", "GOBIN", "GODEBUG", "GOEXPERIMENT",
	"GOFIPS140", "GOFLAGS", "GOOS", "GOROOT", "GOTOOLCHAIN", "GOWORK",
}

// reach are the variables that say where modules come from. Set-up keeps the user's; cells never fetch.
var reach = []string{
	"GOAUTH", "GOCACHE", "GOENV", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE",
	"GOPROXY", "GOSUMDB", "GOVCS",
}

// Build returns environ for building the clone's programs with the pinned Go. Where modules come from is left as the
// user has it.
func Build(environ []string) []string {
	return append(without(environ, own...),
		"GOTOOLCHAIN=local",
		"GOFLAGS=-mod=readonly",
		"GOWORK=off",
		"GOEXPERIMENT=simd",
		"CGO_ENABLED=0",
	)
}

// Cell returns environ for the kernel: what compiles the cells, and what the cells see. It needs no
// network, and the same flags as at set-up find everything in the build cache.
func Cell(environ []string, c clone.Clone, g Go) []string {
	// The tag minimal keeps gonum/plot from linking formats that no cell writes (PDF, EPS, TeX): 90 ms a cell.
	flags, cgo := "-mod=readonly -ldflags=-s -tags=minimal", "0"
	backend := get(environ, "GOMLX_BACKEND")
	if strings.HasPrefix(backend, "xla") { // XLA is a C library, loaded by a build tag
		flags, cgo = flags+",xla", "1"
	}
	path := strings.Join([]string{c.Lab("bin"), filepath.Join(g.Root, "bin"), get(environ, "PATH")}, string(filepath.ListSeparator))
	return append(without(environ, append(slices.Concat(own, reach), "PATH", "GOMLX_NO_AUTO_INSTALL")...),
		"PATH="+path,
		"GOENV=off",
		"GOTOOLCHAIN=local", // g.Root is the pinned version itself
		"GOPROXY=off",
		"GOFLAGS="+flags,
		"GOEXPERIMENT=simd",
		"CGO_ENABLED="+cgo,
		"GOPATH="+g.Path,
		"GOMODCACHE="+g.ModCache,
		"GOCACHE="+g.BuildCache,
		"GOMLX_NO_AUTO_INSTALL=1", // no backend is downloaded without asking
	)
}

// Command is a go command in the clone that finds all it needs on this machine, with a cell's flags.
func Command(ctx context.Context, c clone.Clone, g Go, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(g.Root, "bin", "go"), args...)
	cmd.Dir = c.Root
	cmd.Env = append(Cell(os.Environ(), c, g), "GOWORK=off")
	return cmd
}

// Find asks the go command on PATH for the pinned version of Go, fetching it if need be.
func Find(ctx context.Context, c clone.Clone) (Go, error) {
	version, err := c.GoVersion()
	if err != nil {
		return Go{}, err
	}
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE")
	cmd.Dir = c.Root
	// An older Go does not know our GOEXPERIMENT, and must only fetch the pinned version.
	cmd.Env = append(without(os.Environ(), own...), "GOTOOLCHAIN="+version, "GOFLAGS=-mod=readonly", "GOWORK=off")
	out, err := cmd.Output()
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return Go{}, errors.New("Go is missing: install Go 1.21 or later from https://go.dev/dl and open a new terminal")
	case errors.As(err, &failed):
		return Go{}, fmt.Errorf("cannot get %s: %s", version, strings.TrimSpace(string(failed.Stderr)))
	case err != nil:
		return Go{}, err
	}
	var g Go
	if err := json.Unmarshal(out, &g); err != nil {
		return Go{}, fmt.Errorf("cannot read what `go env` says: %w", err)
	}
	return g, nil
}

// Save records g for Read.
func Save(c clone.Clone, g Go) error {
	text, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.Lab("go.json"), text, 0o644)
}

// Read returns what Save recorded.
func Read(c clone.Clone) (Go, error) {
	text, err := os.ReadFile(c.Lab("go.json"))
	if errors.Is(err, os.ErrNotExist) {
		return Go{}, fmt.Errorf("%s is not set up yet: run scripts/lab there", c.Root)
	}
	if err != nil {
		return Go{}, err
	}
	var g Go
	if err := json.Unmarshal(text, &g); err != nil {
		return Go{}, fmt.Errorf("%s is damaged (%w): run scripts/lab to make it anew", c.Lab("go.json"), err)
	}
	if _, err := os.Stat(filepath.Join(g.Root, "bin", "go")); err != nil {
		return Go{}, fmt.Errorf("the Go that set-up found in %s is gone: run scripts/lab to find it anew", g.Root)
	}
	return g, nil
}

// get returns the value of a variable in environ; the last one counts.
func get(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if v, found := strings.CutPrefix(pair, name+"="); found {
			value = v
		}
	}
	return value
}

// without returns a copy of environ that lacks the named variables.
func without(environ []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(names, name)
	})
}
