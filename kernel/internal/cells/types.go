package cells

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// program is the notebook with a cell in it, as far as the type of an expression depends on it.
type program struct {
	files      *token.FileSet
	file       *ast.File
	expression ast.Expr // whose type is asked for
	missing    []string // imports whose types are not known
}

// program puts together what the notebook and the cell declare, and the cell's statements in a function main.
func (p *parsed) program(e ast.Expr) *program {
	file := &ast.File{Name: ast.NewIdent("main"), FileStart: p.file.FileStart, FileEnd: p.file.FileEnd}
	add := func(d ast.Decl) {
		if f, ok := d.(*ast.FuncDecl); ok { // what is in other functions does not matter
			f := *f
			f.Body = nil
			d = &f
		}
		file.Decls = append(file.Decls, d)
	}
	body := &ast.BlockStmt{}
	uses := names{}
	for i, node := range p.nodes {
		if p.statement(i) {
			body.List = append(body.List, node.(ast.Stmt))
			maps.Copy(uses, p.free(node))
		}
	}
	for _, d := range p.needed(uses) {
		if !slices.Contains(file.Decls, d.node) { // constants share a node
			add(d.node)
		}
		for _, name := range d.keys() {
			delete(uses, name)
		}
	}
	// GoNB's goimports adds imports that are not written.
	symbols := map[string]names{}
	for _, d := range append(slices.Clone(file.Decls), &ast.FuncDecl{Name: ast.NewIdent("main"), Type: &ast.FuncType{}, Body: body}) {
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := s.X.(*ast.Ident); ok && uses[id.Name] {
					if symbols[id.Name] == nil {
						symbols[id.Name] = names{}
					}
					symbols[id.Name][s.Sel.Name] = true
				}
			}
			return true
		})
	}
	var found []ast.Decl
	for _, name := range slices.Sorted(maps.Keys(symbols)) {
		if path := p.notebook.Packages.find(name, symbols[name]); path != "" {
			found = append(found, &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{
				&ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)}}}})
		}
	}
	file.Decls = append(found, file.Decls...)
	file.Decls = append(file.Decls, &ast.FuncDecl{Name: ast.NewIdent("main"), Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: body})
	return &program{files: p.notebook.files, file: file, expression: e}
}

// needed is what the notebook and the cell declare of what is used, directly or not: imports first. It adds to uses
// what that uses in turn.
func (p *parsed) needed(uses names) []*declaration {
	known := maps.Clone(p.notebook.declared)
	if known == nil {
		known = map[string]*declaration{}
	}
	for _, d := range slices.Concat(p.again, p.declares) {
		for _, key := range d.keys() {
			known[key] = d
		}
	}
	methods := map[string][]*declaration{}
	var imports, others []*declaration
	for key, d := range known {
		if d.kind == token.IMPORT {
			imports = append(imports, d)
		} else if of, _, is := strings.Cut(key, "~"); is {
			of, _, _ = strings.Cut(of, "[") // a generic type has its parameters in the key
			methods[of] = append(methods[of], d)
		}
	}
	taken := map[*declaration]bool{}
	for look := append(slices.Collect(maps.Keys(uses)), "unknown"); len(look) > 0; { // GoNB's word for a generic type
		name := look[0]
		look = look[1:]
		for _, d := range append(methods[name], known[name]) {
			if d == nil || d.kind == token.IMPORT || taken[d] {
				continue
			}
			taken[d] = true
			others = append(others, d)
			for use := range d.uses {
				if !uses[use] {
					uses[use] = true
					look = append(look, use)
				}
			}
		}
	}
	slices.SortFunc(imports, func(a, b *declaration) int { return strings.Compare(a.path, b.path) })
	return append(imports, others...)
}

// value is what is known of an expression.
type value struct {
	sure bool // the rest is
	one  bool // it is one value, rather than none or several
	err  bool // of type error
	kind kind
}

// check finds out about the expression.
func (p *program) check(importer types.Importer) value {
	p.missing = nil
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{
		Importer: lookup(func(path string) (*types.Package, error) {
			found, err := importer.Import(path)
			if err != nil {
				p.missing = append(p.missing, path)
			}
			return found, err
		}),
		Error: func(error) {}, // what is wrong elsewhere, the compiler tells
	}
	config.Check("main", p.files, []*ast.File{p.file}, info)
	found := info.Types[p.expression]
	v := value{sure: known(found.Type), one: found.IsValue(), kind: anyValue}
	if isPicture(found.Type) {
		v.kind = picture
	}
	if known(found.Type) {
		v.err = types.Identical(found.Type, types.Universe.Lookup("error").Type())
	}
	if call, ok := p.expression.(*ast.CallExpr); ok {
		called := info.Types[call.Fun]
		v.sure = known(called.Type) || called.IsBuiltin() && found.Type != nil
		var signature *types.Signature
		if called.Type != nil {
			signature, _ = called.Type.Underlying().(*types.Signature)
		}
		// Arguments that do not fit leave the call without a type.
		v.one = called.IsType() || called.IsBuiltin() && v.one || signature != nil && !called.IsBuiltin() && signature.Results().Len() == 1
	}
	return v
}

func known(t types.Type) bool { return t != nil && t != types.Typ[types.Invalid] }

// isPicture tells whether a type is an image.Image.
func isPicture(t types.Type) bool {
	if !known(t) {
		return false
	}
	for name, want := range map[string]string{
		"At": "image/color.Color", "Bounds": "image.Rectangle", "ColorModel": "image/color.Model",
	} {
		object, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
		method, ok := object.(*types.Func)
		if !ok {
			return false
		}
		if results := method.Signature().Results(); results.Len() != 1 || results.At(0).Type().String() != want {
			return false
		}
	}
	return true
}
