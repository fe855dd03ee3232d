package help

import (
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

const maxLines = 60 // of an example or of code: more is read better in a file

// declaration is what a file declares.
type declaration struct {
	name string // as the names of examples have it: "F", "T", "T_Method"; of what has none, ""
	code string
}

// findDeclaration finds what a file declares on a line. text is the file's, or nil to read it.
func findDeclaration(path string, text any, line int) declaration {
	files := token.NewFileSet()
	file, _ := parser.ParseFile(files, path, text, parser.SkipObjectResolution|parser.ParseComments)
	if file == nil {
		return declaration{}
	}
	source := func(n ast.Node) string { return shorten(code(files, n)) }
	on := func(n ast.Node) bool {
		return files.Position(n.Pos()).Line <= line && line <= files.Position(n.End()).Line
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if files.Position(decl.Name.Pos()).Line == line {
				name := decl.Name.Name
				if decl.Recv != nil && len(decl.Recv.List) == 1 {
					name = receiver(decl.Recv.List[0].Type) + "_" + name
				}
				decl.Doc = nil // it is in the answer already
				return declaration{name, source(decl)}
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok && on(spec) {
					name := ""
					if files.Position(spec.Pos()).Line == line { // else it is a field or a method
						name = spec.Name.Name
					}
					spec.Doc = nil
					return declaration{name, source(spec)}
				}
				if on(spec) {
					return declaration{"", source(spec)}
				}
			}
		}
	}
	return declaration{}
}

// receiver is the name of a method's type.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// findExample finds an example of something that a package declares, or else the shortest one that uses it, and
// returns its code.
func findExample(dir, name string) string {
	paths, _ := filepath.Glob(filepath.Join(dir, "*_test.go")) // the pattern is well-formed
	files := token.NewFileSet()
	var tests []*ast.File
	for _, path := range paths {
		if file, err := parser.ParseFile(files, path, nil, parser.ParseComments); err == nil {
			tests = append(tests, file)
		}
	}
	best, rank := "", 0
	for _, example := range doc.Examples(tests...) {
		suffix, found := strings.CutPrefix(example.Name, name+"_")
		small := strings.IndexFunc(suffix, unicode.IsLower) == 0 // else it is a method's
		is := 1
		switch {
		case example.Name == name:
			is = 3
		case found && small:
			is = 2
		case !uses(example.Code, name):
			continue
		}
		if is < rank {
			continue
		}
		text := code(files, &printer.CommentedNode{Node: example.Code, Comments: example.Comments})
		if is > rank || is == 1 && len(text) < len(best) {
			best, rank = text, is
		}
	}
	if body, isBlock := strings.CutPrefix(best, "{\n"); isBlock {
		best = indent.ReplaceAllLiteralString(strings.TrimSuffix(strings.TrimSpace(body), "}"), "")
	}
	return shorten(strings.TrimSpace(best))
}

// uses tells whether code has what a package declares: "F", "T" or "T_Method".
func uses(code ast.Node, name string) (found bool) {
	name = name[strings.LastIndexByte(name, '_')+1:]
	ast.Inspect(code, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		found = found || ok && selector.Sel.Name == name
		return !found
	})
	return found
}

var indent = regexp.MustCompile(`(?m)^\t`)

// code is a node as Go writes it.
func code(files *token.FileSet, node any) string {
	var text strings.Builder
	if err := format.Node(&text, files, node); err != nil {
		return ""
	}
	return text.String()
}

// shorten cuts off what is too long to be read beside a cell.
func shorten(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) > maxLines {
		lines = append(lines[:maxLines], "// …")
	}
	return strings.Join(lines, "\n")
}
