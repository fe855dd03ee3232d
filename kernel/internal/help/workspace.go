package help

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"gopherlens/kernel/internal/clone"
)

var moduleLine = regexp.MustCompile(`(?m)^module .*$`)

// common are packages that cells use often. GoNB imports them where a cell does without the line.
var common = map[string]string{
	"bufio": "bufio", "bytes": "bytes", "cmp": "cmp", "color": "image/color", "context": "context",
	"errors": "errors", "filepath": "path/filepath", "fmt": "fmt", "image": "image", "io": "io",
	"json": "encoding/json", "maps": "maps", "math": "math", "os": "os", "rand": "math/rand/v2",
	"regexp": "regexp", "slices": "slices", "sort": "sort", "strconv": "strconv", "strings": "strings",
	"sync": "sync", "time": "time", "unicode": "unicode",
}

// workspace makes the folder that gopls works in, .lab/help of the clone, where it is not there yet as it should
// be. All kernels of the clone share it, since what cells say is never written to it; so gopls finds in its
// cache what it learnt for an earlier kernel, and a kernel that is killed leaves nothing behind.
//
// It is a module of its own with the clone's requirements. Its files import what a cell may use without
// importing it, the packages that are returned as import declarations by their names: what gopls knows when it
// has started costs no time when a cell names it.
func workspace(root string) (dir string, packages map[string]string, err error) {
	c := clone.Clone{Root: root}
	mod, err := os.ReadFile(c.Path("go.mod"))
	if err != nil {
		return "", nil, err
	}
	sum, err := os.ReadFile(c.Path("go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, err
	}
	packages = lessonPackages(root)
	for name, path := range common {
		packages[name] = strconv.Quote(path)
	}
	mod = moduleLine.ReplaceAllLiteral(mod, []byte("module notebook"))
	mod = fmt.Appendf(mod, "\nrequire %s v0.0.0\n\nreplace %[1]s => %q\n", clone.Module, root)
	empty := []byte("package main; " + importing(packages) + "\n")
	dir = c.Lab("help")
	for name, text := range map[string][]byte{"go.mod": mod, "go.sum": sum, cellFile: empty, declaredFile: empty} {
		if err := clone.Write(filepath.Join(dir, name), text); err != nil {
			return "", nil, err
		}
	}
	return dir, packages, nil
}

// lessonPackages are the packages of the clone that the notebooks' cells may import.
func lessonPackages(root string) map[string]string {
	packages := map[string]string{}
	_ = filepath.WalkDir(filepath.Join(root, "mlkit"), func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil // what cannot be read cannot be imported
		}
		if name := entry.Name(); name == "internal" || name == "testdata" || strings.HasPrefix(name, ".") {
			return fs.SkipDir
		}
		if relative, err := filepath.Rel(root, dir); err == nil && isLibrary(dir) && packages[filepath.Base(dir)] == "" {
			packages[filepath.Base(dir)] = strconv.Quote(path.Join(clone.Module, filepath.ToSlash(relative)))
		}
		return nil
	})
	return packages
}

// isLibrary tells whether a folder holds a package that is named like it.
func isLibrary(dir string) bool {
	names, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is well-formed
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
			return err == nil && file.Name.Name == filepath.Base(dir)
		}
	}
	return false
}
