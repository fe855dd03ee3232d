// Package clone knows where things are in a clone of Gopherlens.
//
// Everything that set-up makes lies in the folder .lab of the clone, which git ignores: deleting it
// undoes the set-up.
//
//	c, err := clone.Find()
//	gonb := c.Bin("gonb") // …/.lab/bin/gonb
package clone

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Module is the path of the module that the clone holds.
const Module = "gopherlens"

// Clone is a clone of the repository.
type Clone struct {
	Root string // its absolute path
}

// Find returns the clone that the running program belongs to: the one in whose .lab/bin the program
// lies, or else the one that the working directory is in.
func Find() (Clone, error) {
	if program, err := os.Executable(); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			bin := filepath.Dir(program)
			if root := filepath.Dir(filepath.Dir(bin)); bin == filepath.Join(root, ".lab", "bin") && holds(root) {
				return Clone{root}, nil
			}
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return Clone{}, err
	}
	for {
		if holds(dir) {
			return Clone{dir}, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return Clone{}, errors.New("this is no clone of Gopherlens: change to the folder that you cloned it into, and try again")
		}
		dir = parent
	}
}

var moduleLine = regexp.MustCompile(`(?m)^module (\S+)$`)

// holds tells whether dir is the root of a clone.
func holds(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	name := moduleLine.FindSubmatch(text)
	return name != nil && string(name[1]) == Module
}

// Path is a file or folder of the clone.
func (c Clone) Path(names ...string) string {
	return filepath.Join(append([]string{c.Root}, names...)...)
}

// Lab is a file or folder that set-up makes.
func (c Clone) Lab(names ...string) string {
	return c.Path(append([]string{".lab"}, names...)...)
}

// Bin is a program that set-up builds.
func (c Clone) Bin(name string) string { return c.Lab("bin", name) }

// Kernel is this program, where the kernelspec expects it.
func (c Clone) Kernel() string { return c.Bin("gopherlens-kernel") }

// Python is the interpreter of the virtual environment that JupyterLab runs in.
func (c Clone) Python() string { return c.Lab("venv", "bin", "python") }

var goLine = regexp.MustCompile(`(?m)^go (\S+)$`)

// GoVersion is the version of Go that the clone is built with, as go.mod says: "go1.27.4".
func (c Clone) GoVersion() (string, error) {
	text, err := os.ReadFile(c.Path("go.mod"))
	if err != nil {
		return "", err
	}
	version := goLine.FindSubmatch(text)
	if version == nil {
		return "", errors.New("go.mod has no line that says which version of Go it needs")
	}
	return "go" + string(version[1]), nil
}

// Notebooks are the lesson's notebooks in their order, as names in the folder notebooks.
func (c Clone) Notebooks() []string {
	paths, _ := filepath.Glob(c.Path("notebooks", "[1-9]-*.ipynb")) // the pattern is well-formed
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimPrefix(path, c.Path("notebooks")+string(filepath.Separator))
	}
	return names
}
