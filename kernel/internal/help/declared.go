package help

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// declared is what the notebook has declared.
type declared struct {
	text    string            // a Go file
	imports map[string]string // what the file imports: "m \"math\"" by "m"
	names   []string          // what it declares besides
}

const clause = "package main\n"

// declare makes a file of declarations in any order. It imports packages, too, though not by name: gopls looks
// for packages anew whenever the paths that a file imports change.
func declare(decls string, packages map[string]string) declared {
	files := token.NewFileSet()
	file, _ := parser.ParseFile(files, "", clause+decls, parser.SkipObjectResolution|parser.ParseComments) // as far as it can be read
	d := declared{imports: map[string]string{}}
	rest := []byte(clause + decls)
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				d.names = append(d.names, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					if name, text := importName(spec); name != "" {
						d.imports[name] = text
					}
				case *ast.TypeSpec:
					d.names = append(d.names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						d.names = append(d.names, name.Name)
					}
				}
			}
			if decl.Tok == token.IMPORT { // they must stand before everything else
				for i := files.Position(decl.Pos()).Offset; i < files.Position(decl.End()).Offset; i++ {
					if rest[i] != '\n' {
						rest[i] = ' '
					}
				}
			}
		}
	}
	var unnamed []string
	for name := range packages {
		if d.imports[name] == "" {
			unnamed = append(unnamed, name)
		}
	}
	d.text = "package main; " + importing(d.with(packages, unnamed)) + string(rest[len(clause)-1:])
	return d
}

// importName is the name by which a file knows what it imports, and the import's text. What is not known by a
// name is named by its text; what is half written has none.
func importName(spec *ast.ImportSpec) (name, text string) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil || path == "" {
		return "", ""
	}
	if spec.Name != nil {
		text = spec.Name.Name + " " + strconv.Quote(path)
		if spec.Name.Name == "." || spec.Name.Name == "_" {
			return text, text
		}
		return spec.Name.Name, text
	}
	elements := strings.Split(path, "/")
	name = elements[len(elements)-1]
	if version.MatchString(name) && len(elements) > 1 {
		name = elements[len(elements)-2]
	}
	return name, strconv.Quote(path)
}

var version = regexp.MustCompile(`^v\d+$`)

// importing is an import declaration of one line.
func importing(imports map[string]string) string {
	return fmt.Sprintf("import (%s)", strings.Join(slices.Sorted(maps.Values(imports)), "; "))
}

// with adds packages to what is imported. Those whose names are taken are imported without a name.
func (d declared) with(packages map[string]string, taken []string) map[string]string {
	imports := map[string]string{}
	maps.Copy(imports, packages)
	maps.Copy(imports, d.imports)
	for _, name := range taken {
		if text := imports[name]; text != "" {
			imports[name] = "_ " + text[strings.IndexByte(text, '"'):]
		}
	}
	return imports
}

// file makes a file of a cell that can name what the notebook has declared, and packages, which are import
// declarations by name.
func (d declared) file(cell string, packages map[string]string) source {
	own := declare(layOut(cell, "").text[len(clause):], nil)
	taken := slices.AppendSeq(slices.Concat(d.names, own.names), maps.Keys(own.imports))
	return layOut(cell, importing(d.with(packages, taken)))
}
