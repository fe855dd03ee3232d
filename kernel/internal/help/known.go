package help

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopherlens/kernel/internal/clone"
)

// known is what could stand at the cursor as far as that can be told without gopls: what the notebook declares,
// the names of the cell, Go's own words, and what a package of the lesson or of Go itself exports.
func (s *Server) known(src source, decls declared, line, column int) []match {
	before := src.cell[line][:column]
	prefix := word(before)
	var found []match
	add := func(kind string, names ...string) {
		for _, name := range names {
			if strings.HasPrefix(name, prefix) && name != prefix && name != "_" &&
				!slices.ContainsFunc(found, func(m match) bool { return m.text == name }) {
				found = append(found, match{text: name, kind: kind})
			}
		}
	}
	imports := decls.with(s.packages, decls.names)
	if qualifier, ok := strings.CutSuffix(strings.TrimSuffix(before, prefix), "."); ok {
		for kind, names := range s.exported(imports[word(qualifier)]) {
			add(kind, names...)
		}
	} else {
		add("name", decls.names...)
		add("name", identifiers(src.text)...)
		for _, name := range types.Universe.Names() {
			switch types.Universe.Lookup(name).(type) {
			case *types.TypeName:
				add("type", name)
			case *types.Builtin:
				add("func", name)
			default:
				add("const", name)
			}
		}
		for tok := token.BREAK; tok <= token.VAR; tok++ {
			add("keyword", tok.String())
		}
		for name, text := range imports {
			if !strings.HasPrefix(text, "_") {
				add("package", word(name))
			}
		}
	}
	slices.SortFunc(found, func(a, b match) int { return strings.Compare(a.text, b.text) })
	return found
}

// identifiers are the names in Go source behind its imports.
func identifiers(text string) []string {
	_, text, _ = strings.Cut(text, ")\n")
	var names []string
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), []byte(text), nil, 0)
	for _, tok, name := s.Scan(); tok != token.EOF; _, tok, name = s.Scan() {
		if tok == token.IDENT {
			names = append(names, name)
		}
	}
	return names
}

// exported are the names that a package exports, by their kinds. imported is its import declaration.
func (s *Server) exported(imported string) map[string][]string {
	_, quoted, _ := strings.Cut(imported, `"`)
	path := strings.TrimSuffix(quoted, `"`)
	dir, inClone := strings.CutPrefix(path, clone.Module+"/")
	if dir = filepath.Join(s.root, filepath.FromSlash(dir)); !inClone {
		dir = filepath.Join(s.goroot, "src", filepath.FromSlash(path))
	}
	names := map[string][]string{}
	add := func(kind string, name *ast.Ident) {
		if name.IsExported() {
			names[kind] = append(names[kind], name.Name)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.go")) // a folder that is not there has none
	for _, name := range files {
		if path == "" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, _ := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if file == nil {
			continue
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					add("func", decl.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						add("type", spec.Name)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							add(decl.Tok.String(), name)
						}
					}
				}
			}
		}
	}
	return names
}

// goroot is the folder of the Go installation that env finds first.
func goroot(env []string) string {
	for _, pair := range slices.Backward(env) {
		if list, found := strings.CutPrefix(pair, "PATH="); found {
			for _, dir := range filepath.SplitList(list) {
				if _, err := os.Stat(filepath.Join(filepath.Dir(dir), "src", "builtin")); err == nil {
					return filepath.Dir(dir)
				}
			}
			break
		}
	}
	return ""
}
