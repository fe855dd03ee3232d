package cells

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"time"
)

// findResult decides whether the last statement is an expression whose value is to be shown.
func (p *parsed) findResult() {
	last := -1
	for i, it := range p.items {
		if !it.declaration() {
			last = i
		}
	}
	if last < 0 || p.main >= 0 && last < p.body {
		return
	}
	statement, ok := p.nodes[last].(*ast.ExprStmt)
	if !ok {
		return
	}
	p.kind = anyValue
	e := ast.Unparen(statement.X)
	semicolon := p.items[last].semicolon
	switch e := e.(type) {
	case *ast.CallExpr:
		if p.mustBeUsed(e) {
			break
		}
		if semicolon || p.prints(e) {
			return // a statement as it is
		}
		value := p.value(e)
		if !value.one {
			return
		}
		if p.kind = value.kind; value.err {
			p.kind = failure
		}
	case *ast.UnaryExpr:
		if semicolon && e.Op == token.ARROW {
			return // a statement as it is
		}
	case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.StructType, *ast.InterfaceType:
		return // the compiler explains that these are types
	default:
		if !semicolon {
			p.kind = p.value(e).kind
		}
	}
	if p.result = last; semicolon {
		p.result, p.dropped = -1, last
	}
}

// prints tells whether a call is one of fmt.Print and its like, which need no types to tell that they have two results.
func (p *parsed) prints(call *ast.CallExpr) bool {
	f, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !strings.HasPrefix(f.Sel.Name, "Print") {
		return false
	}
	id, ok := f.X.(*ast.Ident)
	return ok && id.Name == "fmt" && p.isPackage("fmt")
}

// mustBeUsed tells whether a call is no statement by itself, as len(x) is not.
func (p *parsed) mustBeUsed(call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || p.shadowed(id.Name) {
		return false
	}
	switch id.Name {
	case "copy", "recover", "panic", "print", "println", "clear", "close", "delete":
		return false
	}
	return types.Universe.Lookup(id.Name) != nil
}

// value finds out about an expression by the types of what is declared and imported.
func (p *parsed) value(e ast.Expr) value {
	packages := p.notebook.Packages
	program := p.program(e)
	var v value
	check := func(importer types.Importer) { v = program.check(importer) }
	packages.use(check)
	if !v.sure && packages != nil && len(program.missing) > 0 && packages.wait(program.missing, patience) {
		packages.use(check)
	}
	return v
}

// patience is how long a cell waits for the types of what it is the first to import.
const patience = 300 * time.Millisecond
