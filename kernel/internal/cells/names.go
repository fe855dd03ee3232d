package cells

import (
	"go/ast"
	"go/token"
)

// free returns the identifiers in a node that stand for something at the top level: of the cell or the notebook, a
// package, or something of the language. Names of fields in composite literals are among them.
func (p *parsed) free(node ast.Node) names {
	found := names{}
	var look func(ast.Node) bool
	look = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, look)
			return false
		case *ast.Field: // of a struct, or a parameter
			ast.Inspect(n.Type, look)
			return false
		case *ast.Ident:
			if p.outside(n) {
				found[n.Name] = true
			}
		case *ast.ValueSpec:
			if n.Type != nil {
				ast.Inspect(n.Type, look)
			}
			for _, value := range n.Values {
				ast.Inspect(value, look)
			}
			return false
		case *ast.TypeSpec:
			if n.TypeParams != nil {
				ast.Inspect(n.TypeParams, look)
			}
			ast.Inspect(n.Type, look)
			return false
		case *ast.ImportSpec:
			return false
		case *ast.FuncDecl:
			for _, part := range []*ast.FieldList{n.Recv, n.Type.TypeParams, n.Type.Params, n.Type.Results} {
				if part != nil {
					ast.Inspect(part, look)
				}
			}
			if n.Body != nil {
				ast.Inspect(n.Body, look)
			}
			return false
		}
		return true
	}
	ast.Inspect(node, look)
	return found
}

// freeOf is the same for several expressions.
func (p *parsed) freeOf(list []ast.Expr) names {
	return p.free(&ast.CompositeLit{Elts: list})
}

// outside tells whether an identifier stands for something at the top level. The parser has resolved those that
// are declared further in.
func (p *parsed) outside(id *ast.Ident) bool {
	//lint:ignore SA1019 go/types would need the types of all that is imported
	object := id.Obj
	if object == nil || p.file.Scope.Lookup(id.Name) == object {
		return true
	}
	assign, ok := object.Decl.(*ast.AssignStmt)
	if !ok {
		return false
	}
	for i, node := range p.nodes {
		if node == assign && !p.items[i].declaration() {
			return true
		}
	}
	return false
}

// changes returns the variables at the top level that a node assigns to, takes the address of or calls methods of.
func (p *parsed) changes(node ast.Node) names {
	changed := names{}
	change := func(e ast.Expr) {
		for e != nil {
			switch x := e.(type) {
			case *ast.Ident:
				if p.outside(x) {
					changed[x.Name] = true
				}
				return
			case *ast.ParenExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.SliceExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			default:
				return
			}
		}
	}
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					change(left)
				}
			}
		case *ast.IncDecStmt:
			change(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				change(n.Key)
				change(n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				change(n.X)
			}
		case *ast.SliceExpr: // of an array
			change(n.X)
		case *ast.CallExpr:
			if method, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
				change(method.X)
			}
		}
		return true
	})
	return changed
}

// packages returns the names that the cell uses as packages, imported or not.
func (p *parsed) packages() names {
	unresolved := map[*ast.Ident]bool{} // in the cell
	for _, id := range p.file.Unresolved {
		unresolved[id] = true
	}
	found := names{}
	ast.Inspect(p.file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && unresolved[id] {
				if d := p.notebook.byName(id.Name); d == nil || d.kind == token.IMPORT {
					found[id.Name] = true
				}
			}
		}
		return true
	})
	return found
}
