// Package kernelspec tells Jupyter about the kernel: it writes and removes the folder in which Jupyter
// looks a kernel up.
//
// The format is Jupyter's: https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
package kernelspec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gopherlens/assets"
	"gopherlens/kernel/internal/clone"
)

// Name is the kernel's name in a notebook's metadata.
const Name = "gopherlens"

// Spec is what kernel.json says.
type Spec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

// Flavour is which of the two kernels is meant: ours, or GoNB without anything before it.
type Flavour string

const (
	Ours  Flavour = "Go (Gopherlens)"
	Stock Flavour = "Go (GoNB)"
)

// Of is the spec of a clone's kernel. It has no environment of its own: `start` computes that when a
// kernel starts, so that a later set-up needs no new installation.
func Of(c clone.Clone, f Flavour) Spec {
	argv := []string{c.Kernel(), "start", "{connection_file}"}
	if f == Stock {
		argv = append(argv, stockFlag)
	}
	return Spec{
		Argv:          argv,
		DisplayName:   string(f),
		Language:      "go",
		InterruptMode: "message", // a signal would reach gopls and cells, too
		Env:           map[string]string{},
	}
}

const stockFlag = "--stock"

// Flavour is what a notebook gets that asks for this kernel.
func (s Spec) Flavour() Flavour {
	if slices.Contains(s.Argv, stockFlag) {
		return Stock
	}
	return Ours
}

// files are the contents of the kernelspec's folder.
func files(c clone.Clone, f Flavour) (map[string][]byte, error) {
	spec, err := json.MarshalIndent(Of(c, f), "", "  ")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"kernel.json": append(spec, '\n'), "logo-svg.svg": assets.Logo}, nil
}

// Write makes the kernelspec in dir, whole or not at all, and tells whether anything had to change.
func Write(c clone.Clone, f Flavour, dir string) (changed bool, err error) {
	contents, err := files(c, f)
	if err != nil {
		return false, err
	}
	if current, err := Current(c, f, dir); err != nil || current {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return false, err
	}
	// A dot keeps Jupyter from taking the unfinished folder for a kernel.
	made, err := os.MkdirTemp(filepath.Dir(dir), "."+Name+"-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(made)
	fresh, old := filepath.Join(made, "new"), filepath.Join(made, "old")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return false, err
	}
	for name, text := range contents {
		if err := os.WriteFile(filepath.Join(fresh, name), text, 0o644); err != nil {
			return false, err
		}
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return true, os.Rename(fresh, dir)
}

// Current tells whether dir holds this clone's kernelspec as Write would make it.
func Current(c clone.Clone, f Flavour, dir string) (bool, error) {
	contents, err := files(c, f)
	if err != nil {
		return false, err
	}
	for name, want := range contents {
		if have, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(have, want) {
			return false, nil
		}
	}
	return true, nil
}

// Read returns the spec in dir.
func Read(dir string) (Spec, error) {
	path := filepath.Join(dir, "kernel.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := json.Unmarshal(text, &spec); err != nil {
		return Spec{}, fmt.Errorf("%s is no kernelspec: %w", path, err)
	}
	return spec, nil
}

// Remove takes the kernelspec in dir away, and the folders above it that are empty then, up to but
// without stop. It refuses to remove the kernel of another clone.
func Remove(c clone.Clone, dir, stop string) error {
	spec, err := Read(dir)
	if err != nil {
		return err
	}
	if len(spec.Argv) == 0 || spec.Argv[0] != c.Kernel() {
		if len(spec.Argv) > 0 {
			if _, err := os.Stat(spec.Argv[0]); err == nil {
				return fmt.Errorf("the kernel in %s is another clone's (%s): uninstall it from there", dir, spec.Argv[0])
			}
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for parent := filepath.Dir(dir); parent != stop && parent != filepath.Dir(parent); parent = filepath.Dir(parent) {
		if os.Remove(parent) != nil { // not empty: somebody else's
			break
		}
	}
	return nil
}
