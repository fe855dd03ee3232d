package cells

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var importBegins = regexp.MustCompile(`(?m)^import\b`)

// Imports are the packages that the cells of a notebook's file import. What is no notebook imports nothing.
func Imports(notebook []byte) (paths []string) {
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
		var source string // the format allows both
		if json.Unmarshal(cell.Source, &source) != nil && json.Unmarshal(cell.Source, &lines) == nil {
			source = strings.Join(lines, "")
		}
		if cell.Type != "code" {
			continue
		}
		for _, at := range importBegins.FindAllStringIndex(source, -1) {
			// Nothing is read behind the imports, whatever it is.
			file, _ := parser.ParseFile(token.NewFileSet(), "", "package main\n"+source[at[0]:], parser.ImportsOnly)
			for _, spec := range file.Imports {
				if path, err := strconv.Unquote(spec.Path.Value); err == nil && importable.MatchString(path) {
					paths = append(paths, path)
				}
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
