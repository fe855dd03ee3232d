package cells

import (
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Notebook is what the cells so far have declared, as GoNB remembers it. The zero value is an empty one. It may be
// used by several goroutines.
type Notebook struct {
	// Packages knows the types of what is imported. Without it, a call of an imported function or method is no result.
	Packages *Packages

	mutex    sync.Mutex
	files    *token.FileSet
	declared map[string]*declaration // by the keys of GoNB
	packages names                   // what the cells so far have used as packages
}

// declaration is something that GoNB remembers: an import, a constant, a type, a function, a method, or the
// variables of one initialiser.
type declaration struct {
	kind    token.Token
	names   []string // several only for variables that share an initialiser
	key     string   // for an import or a method, which has no name of its own
	path    string   // of an import
	text    string   // Go source
	node    ast.Decl
	uses    names  // what it depends on
	changes names  // the variables that it may change
	rest    string // of variables: what comes after their names in text
}

// keys are the names by which GoNB knows it.
func (d *declaration) keys() []string {
	if d.key != "" {
		return []string{d.key}
	}
	return slices.DeleteFunc(slices.Clone(d.names), func(name string) bool { return name == "_" })
}

// byName returns what a name stands for, nil if the notebook does not declare it.
func (n *Notebook) byName(name string) *declaration {
	if name == "_" {
		return nil
	}
	return n.declared[name]
}

// usesElsewhere tells whether the notebook declares a name as something else than a variable, or uses it without
// declaring it: as a package, that is.
func (n *Notebook) usesElsewhere(name string) bool {
	if d := n.byName(name); d != nil {
		return d.kind != token.VAR
	}
	if name == "fmt" || n.packages[name] {
		return true
	}
	for _, d := range n.declared {
		if d.uses[name] {
			return true
		}
	}
	return false
}

// Ran tells the notebook what became of a cell: ok if GoNB knows now what it declares.
func (n *Notebook) Ran(c Cell, ok bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, command := range c.commands {
		if !strings.HasPrefix(command, "%") {
			continue
		}
		switch words := strings.Fields(command[1:]); {
		case len(words) == 0:
		case words[0] == "reset" && len(words) == 1:
			n.declared, n.packages = nil, nil
		case words[0] == "rm" || words[0] == "remove":
			for _, key := range words[1:] {
				delete(n.declared, key)
			}
		}
	}
	if !ok {
		return
	}
	if n.declared == nil {
		n.declared, n.packages = map[string]*declaration{}, names{}
	}
	maps.Copy(n.packages, c.packages)
	for _, d := range c.declares {
		for _, key := range d.keys() {
			// Variables that share an initialiser go together.
			if old := n.declared[key]; old != nil && len(old.names) > 1 {
				for _, name := range old.names {
					if n.declared[name] == old {
						delete(n.declared, name)
					}
				}
			}
		}
		for _, key := range d.keys() {
			n.declared[key] = d
		}
	}
}

// Source is what the notebook declares, as Go source without a package clause.
func (n *Notebook) Source() string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	var text strings.Builder
	seen := map[string]bool{}
	for _, d := range n.sorted() {
		if !seen[d.text] { // the constants of one group share it
			seen[d.text] = true
			text.WriteString(d.text + "\n")
		}
	}
	return guard(text.String())
}

// sorted is what the notebook declares, in GoNB's order: imports first.
func (n *Notebook) sorted() []*declaration {
	var sorted []*declaration
	for _, kind := range []token.Token{token.IMPORT, token.TYPE, token.CONST, token.VAR, token.FUNC} {
		for _, key := range slices.Sorted(maps.Keys(n.declared)) {
			d := n.declared[key]
			if d.kind == kind && !slices.Contains(sorted, d) {
				sorted = append(sorted, d)
			}
		}
	}
	return sorted
}

var lastWord = regexp.MustCompile(`\w+\s*$`)

// importName is the key that GoNB gives an import, which is what the package is called, most often.
func importName(spec *ast.ImportSpec) string {
	file := strings.Trim(spec.Path.Value, "\"`")
	switch {
	case spec.Name != nil && spec.Name.Name == ".":
		return ".~" + file
	case spec.Name != nil:
		return spec.Name.Name
	}
	if word := lastWord.FindString(path.Base(file)); word != "" {
		return word
	}
	return file
}

// declared returns what the cell will have declared.
func (p *parsed) declared() []*declaration {
	var list []*declaration
	for i, node := range p.nodes {
		switch node := node.(type) {
		case *ast.AssignStmt:
			if p.hoisted[i] {
				list = append(list, p.specs(asVariables(node))...)
			}
		case *ast.FuncDecl:
			d := &declaration{kind: token.FUNC, names: []string{node.Name.Name}, text: p.textOf(node), node: node}
			if node.Recv != nil && len(node.Recv.List) > 0 {
				d.key = "unknown~" + node.Name.Name
				switch of := node.Recv.List[0].Type.(type) {
				case *ast.Ident:
					d.key = of.Name + "~" + node.Name.Name
				case *ast.StarExpr:
					d.key = p.textOf(of.X) + "~" + node.Name.Name
				}
			} else if node.Name.Name == "main" {
				continue // it is not kept
			}
			list = append(list, d)
		case *ast.GenDecl:
			list = append(list, p.specs(node)...)
		}
	}
	for _, d := range list {
		d.uses, d.changes = p.free(d.node), p.changes(d.node)
	}
	return list
}

// specs returns the parts of a declaration, each of which GoNB keeps by itself.
func (p *parsed) specs(g *ast.GenDecl) (list []*declaration) {
	for _, spec := range g.Specs {
		alone := &ast.GenDecl{TokPos: g.TokPos, Tok: g.Tok, Specs: []ast.Spec{spec}}
		switch spec := spec.(type) {
		case *ast.ImportSpec:
			list = append(list, &declaration{kind: g.Tok, key: importName(spec), path: strings.Trim(spec.Path.Value, "\"`"),
				text: "import " + p.textOf(spec), node: alone})
		case *ast.TypeSpec:
			list = append(list, &declaration{kind: g.Tok, names: []string{spec.Name.Name}, text: "type " + p.textOf(spec), node: alone})
		case *ast.ValueSpec:
			switch {
			case g.Tok == token.CONST: // iota and repeated values need their group
				for _, id := range spec.Names {
					list = append(list, &declaration{kind: g.Tok, names: []string{id.Name}, text: p.textOf(g), node: g})
				}
			case len(spec.Values) == 1:
				list = append(list, p.variable(spec.Names, spec.Type, spec.Values[0]))
			default:
				for i, id := range spec.Names {
					var value ast.Expr
					if i < len(spec.Values) {
						value = spec.Values[i]
					}
					list = append(list, p.variable([]*ast.Ident{id}, spec.Type, value))
				}
			}
		}
	}
	return list
}

// variable is the declaration of variables that share an initialiser, if they have one.
func (p *parsed) variable(ids []*ast.Ident, of, value ast.Expr) *declaration {
	d := &declaration{kind: token.VAR}
	spec := &ast.ValueSpec{Names: ids, Type: of}
	for _, id := range ids {
		d.names = append(d.names, id.Name)
	}
	if of != nil {
		d.rest = " " + p.textOf(of)
	}
	if value != nil {
		spec.Values = []ast.Expr{value}
		d.rest += " = " + p.textOf(value)
	}
	d.text = "var " + strings.Join(d.names, ", ") + d.rest
	d.node = &ast.GenDecl{TokPos: ids[0].Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}
	return d
}

// without is the same declaration for those of its variables that are not among the names; nil if there is none.
func (d *declaration) without(declared names) *declaration {
	again := *d
	again.names = nil
	spec := *d.node.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
	spec.Names = nil
	left := false
	for _, name := range d.names {
		if declared[name] {
			name = "_"
		}
		left = left || name != "_"
		again.names = append(again.names, name)
		spec.Names = append(spec.Names, ast.NewIdent(name))
	}
	if !left {
		return nil
	}
	again.text = "var " + strings.Join(again.names, ", ") + d.rest
	again.node = &ast.GenDecl{TokPos: d.node.Pos(), Tok: token.VAR, Specs: []ast.Spec{&spec}}
	return &again
}

// asVariables is x := f() as var x = f().
func asVariables(assign *ast.AssignStmt) *ast.GenDecl {
	spec := &ast.ValueSpec{Values: assign.Rhs}
	for _, left := range assign.Lhs {
		spec.Names = append(spec.Names, left.(*ast.Ident))
	}
	return &ast.GenDecl{TokPos: assign.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}
}

// textOf is the source of a node.
func (p *parsed) textOf(n ast.Node) string {
	return p.text[n.Pos()-p.textBegin : n.End()-p.textBegin]
}
