package door

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// memory is what the notebook has declared, as GoNB remembers it: by name, the newest counts. From it a fresh
// GoNB learns what the one before knew, and a name gets its earlier definition back.
type memory struct {
	units    []unit   // in the order in which they were declared
	commands []string // lines as %cd and %env that hold for later cells, too
}

// unit is a declaration that stands and falls together: a function, a type, a group of constants, or the
// variables that one expression gives.
type unit struct {
	names []string // "f", "T", "T.Method"; of an import, its text
	kind  token.Token
	text  string
}

var (
	// begins matches the line from which on a cell is a program.
	begins = regexp.MustCompile(`^\s*(//gonb:)?%(%|main|exec|test)`)
	// special matches lines that are not Go.
	special = regexp.MustCompile(`^\s*(//gonb:)?[%!]`)
	// lasting matches commands that hold for later cells.
	lasting = regexp.MustCompile(`^\s*(//gonb:)?%(cd|env|goflags|autoget|noautoget|track|untrack) `)
	// another matches the first line of cells that are not Go.
	another = regexp.MustCompile(`^\s*(//gonb:)?%%(writefile|script|bash|sh|gx)`)
)

// parse reads the declarations of a cell as GoNB gets it. What cannot be parsed has none.
func parse(source string) (units []unit, commands []string) {
	if another.MatchString(source) {
		return nil, nil
	}
	var code strings.Builder
	code.WriteString("package main")
	for _, line := range strings.Split(source, "\n") {
		if lasting.MatchString(line + " ") {
			commands = append(commands, strings.TrimSpace(line))
		}
		if begins.MatchString(line) {
			break
		}
		code.WriteByte('\n')
		if !special.MatchString(line) {
			code.WriteString(line)
		}
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", code.String(), parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, commands
	}
	text := func(node ast.Node, doc *ast.CommentGroup) string {
		from := node.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		return code.String()[files.Position(from).Offset:files.Position(node.End()).Offset]
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil && len(decl.Recv.List) == 1 {
				name = receiver(decl.Recv.List[0].Type) + "." + name
			}
			if name != "main" {
				units = append(units, unit{[]string{name}, token.FUNC, text(decl, decl.Doc)})
			}
		case *ast.GenDecl:
			if decl.Tok == token.CONST { // iota ties them together
				u := unit{kind: token.CONST, text: text(decl, decl.Doc)}
				for _, spec := range decl.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						u.names = append(u.names, name.Name)
					}
				}
				units = append(units, u)
				continue
			}
			for _, spec := range decl.Specs {
				u := unit{kind: decl.Tok, text: decl.Tok.String() + " " + text(spec, nil)}
				doc := decl.Doc
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					u.names = []string{text(spec, nil)}
				case *ast.TypeSpec:
					u.names = []string{spec.Name.Name}
					doc = cmpDoc(spec.Doc, doc)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						u.names = append(u.names, name.Name)
					}
					doc = cmpDoc(spec.Doc, doc)
				}
				if doc != nil && u.kind != token.IMPORT {
					u.text = text(doc, nil) + "\n" + u.text
				}
				units = append(units, u)
			}
		}
	}
	return units, commands
}

func cmpDoc(own, group *ast.CommentGroup) *ast.CommentGroup {
	if own != nil {
		return own
	}
	return group
}

// receiver is the name of a method's type.
func receiver(expr ast.Expr) string {
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// add remembers what a cell declares.
func (m *memory) add(source string) {
	units, commands := parse(source)
	for _, u := range units {
		m.remove(u.names)
		m.units = append(m.units, u)
	}
	m.commands = append(m.commands, commands...)
}

// remove forgets names. Of variables that were declared together none stays, as in GoNB; of constants, the others.
func (m *memory) remove(names []string) {
	kept := m.units[:0]
	for _, u := range m.units {
		named := func(name string) bool { return name != "_" && slices.Contains(names, name) }
		switch {
		case !slices.ContainsFunc(u.names, named):
			kept = append(kept, u)
		case u.kind == token.CONST:
			if u = u.without(named); len(u.names) > 0 {
				kept = append(kept, u)
			}
		}
	}
	m.units = kept
}

// without is a group of constants in which some have no name any more.
func (u unit) without(named func(string) bool) unit {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", "package main\n"+u.text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return unit{}
	}
	left := unit{kind: u.kind}
	for _, spec := range file.Decls[0].(*ast.GenDecl).Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			if named(name.Name) {
				name.Name = "_"
			} else if name.Name != "_" {
				left.names = append(left.names, name.Name)
			}
		}
	}
	var text bytes.Buffer
	if format.Node(&text, files, file.Decls[0]) != nil {
		return unit{}
	}
	left.text = text.String()
	return left
}

// of returns the declarations of these names as source, "" if there are none.
func (m *memory) of(names []string) string {
	var texts []string
	for _, u := range m.units {
		if slices.ContainsFunc(u.names, func(name string) bool { return slices.Contains(names, name) }) {
			texts = append(texts, u.text)
		}
	}
	return strings.Join(texts, "\n")
}

// source is all that is declared, imports first, as Go understands it.
func (m *memory) source() string {
	var imports, others []string
	for _, u := range m.units {
		if u.kind == token.IMPORT {
			imports = append(imports, u.text)
		} else {
			others = append(others, u.text)
		}
	}
	return strings.Join(append(imports, others...), "\n")
}

// variables are the names of the variables that a cell declares.
func variables(source string) (names []string) {
	units, _ := parse(source)
	for _, u := range units {
		if u.kind == token.VAR {
			for _, name := range u.names {
				if name != "_" {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
