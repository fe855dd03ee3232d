package start

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// warm compiles what the notebook imports, while the learner reads: a cell that is the first to import a package
// after it was changed need not wait for it. It takes second place to everything else on the machine.
func warm(goCommand func(args ...string) ([]byte, error)) {
	// Jupyter Server tells the notebook's path; we are in its folder.
	name := os.Getenv("JPY_SESSION_NAME")
	if name == "" {
		return
	}
	text, err := os.ReadFile(filepath.Base(name))
	if err != nil {
		return
	}
	paths := imports(text)
	if len(paths) == 0 {
		return
	}
	// Of what cannot be loaded, the cell that imports it tells.
	_, _ = goCommand(append([]string{"list", "-e", "-deps", "-export", "-f", "{{if false}}{{end}}"}, paths...)...)
}

// importPart matches where a cell imports.
var importPart = regexp.MustCompile(`(?m)^import[ \t]*(\([^)]*\)|[^\n(]*"[^"\n]*")`)

// imports are the packages that a notebook's cells import.
func imports(notebook []byte) (paths []string) {
	var n struct {
		Cells []struct {
			Type   string          `json:"cell_type"`
			Source json.RawMessage `json:"source"`
		} `json:"cells"`
	}
	if json.Unmarshal(notebook, &n) != nil {
		return nil
	}
	for _, cell := range n.Cells {
		var lines []string
		var source string
		if json.Unmarshal(cell.Source, &source) != nil && json.Unmarshal(cell.Source, &lines) == nil {
			source = strings.Join(lines, "")
		}
		if cell.Type != "code" {
			continue
		}
		for _, part := range importPart.FindAllString(source, -1) {
			file, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+part, parser.ImportsOnly)
			if err != nil {
				continue
			}
			for _, spec := range file.Imports {
				if path, err := strconv.Unquote(spec.Path.Value); err == nil && !strings.HasPrefix(path, "-") {
					paths = append(paths, path)
				}
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
