package cells

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// names is a set of identifiers.
type names map[string]bool

// define returns the names that an item defines by :=, nil if it is none.
func (p *parsed) define(i int) []string {
	assign, ok := p.nodes[i].(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE || p.items[i].define < 0 {
		return nil
	}
	var defined []string
	for _, left := range assign.Lhs {
		id, ok := left.(*ast.Ident)
		if !ok {
			return nil
		}
		defined = append(defined, id.Name)
	}
	return defined
}

// hoist decides which x := f() become var x = f(): those at the beginning, and a later one if nothing that is run
// before it could tell the difference. The others stay local to the main function.
func (p *parsed) hoist() {
	declared := names{} // by this cell
	for i, it := range p.items {
		if it.declaration() {
			for name := range p.declaredBy(i) {
				declared[name] = true
			}
		}
	}
	locals := names{}
	var before []int // statements that are run before
	for i := range p.items[:p.body] {
		if p.items[i].declaration() {
			continue
		}
		defined := p.define(i)
		if defined != nil && p.mayBeDeclared(i, defined, declared, locals) && (len(before) == 0 || p.mayComeFirst(i, defined, before)) {
			p.hoisted[i] = true
			for _, name := range defined {
				declared[name] = true
			}
			continue
		}
		for _, name := range defined {
			locals[name] = true
		}
		before = append(before, i)
	}
}

// mayBeDeclared tells whether the cell means the same if an x := f() in it is a declaration.
func (p *parsed) mayBeDeclared(i int, defined []string, declared, locals names) bool {
	values := p.nodes[i].(*ast.AssignStmt).Rhs
	if len(values) != 1 && len(values) != len(defined) {
		return false // of a var, GoNB would drop what is too much
	}
	uses := p.freeOf(values)
	named := false
	for _, name := range defined {
		switch {
		case name == "_":
			continue
		case name == "main", name == "init", name == "flag", // GoNB's
			name == ResultName,
			types.Universe.Lookup(name) != nil, // other cells rely on these
			declared[name],
			p.notebook.usesElsewhere(name),
			p.refers(uses, name, names{}):
			return false
		}
		named = true
	}
	for name := range uses {
		if locals[name] {
			return false
		}
	}
	return named && !p.definedAgain(i, defined)
}

// definedAgain tells whether a later := defines one of the names again in a way that a declaration would change.
func (p *parsed) definedAgain(i int, defined []string) bool {
	known := names{}
	for j := range p.items[:p.body] {
		again := p.define(j)
		if j > i && slices.ContainsFunc(again, func(name string) bool { return name != "_" && slices.Contains(defined, name) }) {
			if !slices.ContainsFunc(again, func(name string) bool { return name != "_" && !known[name] }) {
				return true // "no new variables on left side of :=": that is the compiler's to say
			}
			if p.captured(defined) {
				return true // what was captured would be another variable than the later one
			}
		}
		for _, name := range again {
			known[name] = true
		}
	}
	return false
}

// captured tells whether the statements of the cell have a pointer to one of the variables, or a function that uses it.
func (p *parsed) captured(variables []string) bool {
	found := false
	look := func(uses names) {
		for _, name := range variables {
			found = found || uses[name]
		}
	}
	for i := range p.items[:p.body] {
		if p.items[i].declaration() {
			continue
		}
		ast.Inspect(p.nodes[i], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				look(p.free(n))
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					look(p.free(n.X))
				}
			}
			return true
		})
	}
	return found
}

// refers tells whether what the names stand for, through the declarations of the notebook and the cell, uses name.
func (p *parsed) refers(uses names, name string, seen names) bool {
	if uses[name] {
		return true
	}
	for use := range uses {
		if seen[use] {
			continue
		}
		seen[use] = true
		if d := p.notebook.byName(use); d != nil && p.refers(d.uses, name, seen) {
			return true
		}
		for _, i := range p.by[use] {
			if !p.statement(i) && p.refers(p.free(p.nodes[i]), name, seen) {
				return true
			}
		}
	}
	return false
}

// declaredBy returns the names that a declaration declares.
func (p *parsed) declaredBy(i int) names {
	declared := names{}
	switch d := p.nodes[i].(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			declared[d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ImportSpec:
				declared[importName(spec)] = true
			case *ast.TypeSpec:
				declared[spec.Name.Name] = true
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					declared[id.Name] = true
				}
			}
		}
	}
	return declared
}

// mayComeFirst tells whether an x := f() may be evaluated before the statements that come before it.
func (p *parsed) mayComeFirst(i int, defined []string, before []int) bool {
	changed := names{}
	for _, d := range p.notebook.declared {
		maps.Copy(changed, d.changes)
	}
	for j, node := range p.nodes {
		if p.items[j].declaration() || p.hoisted[j] || slices.Contains(before, j) {
			maps.Copy(changed, p.changes(node))
		}
	}
	for _, name := range defined {
		for _, j := range before {
			if mentions(p.nodes[j], name) {
				return false
			}
		}
		if p.notebook.byName(name) == nil {
			continue
		}
		for _, d := range p.notebook.declared { // they would see another value than before
			if d.uses[name] && !slices.Contains(d.names, name) {
				return false
			}
		}
	}
	for _, value := range p.nodes[i].(*ast.AssignStmt).Rhs {
		if !p.steady(value, changed) {
			return false
		}
	}
	return true
}

// mentions tells whether an identifier occurs anywhere in a node.
func mentions(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// steady tells whether a value is the same whenever it is computed, and whether nobody can tell that it is: it
// depends on nothing that is changed, calls nothing and cannot panic.
func (p *parsed) steady(e ast.Expr, changed names) bool {
	all := func(list []ast.Expr) bool {
		return !slices.ContainsFunc(list, func(e ast.Expr) bool { return !p.steady(e, changed) })
	}
	switch e := e.(type) {
	case *ast.BasicLit, *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.StructType, *ast.InterfaceType, *ast.FuncLit:
		return true // the body of a function is for later
	case *ast.Ident:
		return !changed[e.Name] && p.known(e.Name)
	case *ast.ParenExpr:
		return p.steady(e.X, changed)
	case *ast.UnaryExpr:
		_, literal := ast.Unparen(e.X).(*ast.CompositeLit)
		return (e.Op != token.AND || literal) && e.Op != token.ARROW && p.steady(e.X, changed)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.QUO, token.REM, token.SHL, token.SHR: // panics if what is right of it is zero or negative
			literal, ok := ast.Unparen(e.Y).(*ast.BasicLit)
			return ok && literal.Value != "0" && p.steady(e.X, changed)
		case token.EQL, token.NEQ: // panics for interfaces that hold a slice
			return constant(e.X) || constant(e.Y)
		}
		return p.steady(e.X, changed) && p.steady(e.Y, changed)
	case *ast.CompositeLit:
		return all(e.Elts)
	case *ast.KeyValueExpr:
		_, field := e.Key.(*ast.Ident)
		return (field || constant(e.Key)) && p.steady(e.Value, changed)
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		return ok && id.Name == "math" && p.isPackage("math") // it has only constants and functions
	case *ast.CallExpr:
		switch f := ast.Unparen(e.Fun).(type) {
		case *ast.ArrayType: // []byte("…")
			return f.Len == nil && all(e.Args)
		case *ast.Ident:
			if p.shadowed(f.Name) {
				return false
			}
			switch object := types.Universe.Lookup(f.Name).(type) {
			case *types.TypeName:
				if f.Name == "string" { // what is in bytes may be changed through any other slice
					return constants(e.Args)
				}
				return all(e.Args)
			case *types.Builtin:
				switch object.Name() {
				case "complex", "imag", "max", "min", "real":
					return all(e.Args)
				case "make", "new":
					return len(e.Args) > 0 && constants(e.Args[1:])
				}
			}
		}
	}
	return false
}

// constant tells whether an expression is a literal.
func constant(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.BasicLit)
	return ok
}

func constants(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool { return !constant(e) })
}

// known tells whether an identifier is declared, by the notebook, the cell or the language.
func (p *parsed) known(name string) bool {
	return types.Universe.Lookup(name) != nil || p.shadowed(name)
}

// shadowed tells whether an identifier is declared by the notebook or the cell.
func (p *parsed) shadowed(name string) bool {
	return p.notebook.byName(name) != nil || len(p.by[name]) > 0
}

// isPackage tells whether an identifier stands for a package of that name.
func (p *parsed) isPackage(name string) bool {
	if d := p.notebook.byName(name); d != nil {
		return d.kind == token.IMPORT && d.path == name
	}
	return !slices.ContainsFunc(p.by[name], func(i int) bool { return p.items[i].kind != token.IMPORT })
}

// restore declares again what GoNB would forget: if a, err := f() and a later cell has b, err := g(), then a goes
// with the first err.
func (p *parsed) restore() {
	declared := names{}
	for i, it := range p.items {
		if it.declaration() {
			maps.Copy(declared, p.declaredBy(i))
		} else if p.hoisted[i] {
			for _, name := range p.define(i) {
				declared[name] = true
			}
		}
	}
	done := map[*declaration]bool{}
	for i := range p.items {
		if !p.hoisted[i] {
			continue
		}
		for _, name := range p.define(i) {
			d := p.notebook.byName(name)
			if d == nil || len(d.names) < 2 || done[d] || name == "_" {
				continue
			}
			done[d] = true
			if again := d.without(declared); again != nil {
				p.again = append(p.again, again)
			}
		}
	}
}
