package cells

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Cell is a cell as GoNB gets it.
type Cell struct {
	Source   string
	Lines    []int    // for each line of Source, the line of the learner's cell, from 1; 0 for none
	Declares []string // what the cell declares at its top level, by the names that GoNB's %rm knows
	Replaces []string // those of them that the notebook knows as another kind of thing: GoNB would keep both
	Result   bool     // the value of the last expression will be shown as the cell's result

	commands []string // its special lines
	declares []*declaration
	packages names // what it uses as a package
}

// ResultName is the name under which a cell imports what shows its result.
const ResultName = "gopherlensResult"

const mainBegins = "func main() { flag.Parse(); "

// kind is a kind of result: the package that shows it, the variable there, and the function.
type kind struct{ path, variable, show string }

var (
	anyValue = kind{"gopherlens/mlkit/cell/result", "Value", "Show"}
	failure  = kind{"gopherlens/mlkit/cell/result", "Error", "ShowError"} // a call's error, which is no news if it is nil
	picture  = kind{"gopherlens/mlkit/cell/result/picture", "Value", "Show"}
)

// Rewrite makes of a cell what GoNB understands. It never fails: where it is not sure, the cell stays as it is.
func (n *Notebook) Rewrite(source string) Cell {
	c := n.rewrite(source)
	c.Source = guard(c.Source)
	return c
}

func (n *Notebook) rewrite(source string) Cell {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.files == nil {
		n.files = token.NewFileSet()
	}
	c := read(source)
	if c.fixed {
		return unchanged(&c)
	}
	p := n.parse(&c)
	if p.hopeless {
		return unchanged(&c)
	}
	out := p.compose()
	out.commands = c.commands()
	if p.file != nil {
		out.declares = append(p.again, p.declares...)
		out.packages = p.packages()
		for _, d := range p.declares {
			for _, key := range d.keys() {
				if old := n.declared[key]; old != nil && old.kind != d.kind {
					out.Replaces = append(out.Replaces, key)
				}
			}
			if d.kind != token.IMPORT {
				out.Declares = append(out.Declares, d.keys()...)
			} else if n.Packages != nil {
				n.Packages.want([]string{d.path})
			}
		}
	}
	return out
}

// unchanged is a cell that goes to GoNB as it is.
func unchanged(c *layout) Cell {
	out := Cell{Source: c.source, Lines: make([]int, len(c.lines)), commands: c.commands()}
	for i := range out.Lines {
		out.Lines[i] = i + 1
	}
	return out
}

// parsed is a cell that was taken apart.
type parsed struct {
	*layout
	notebook *Notebook
	items    []item
	body     int   // the index of the first item after %%; len(items) if there is none
	ending   []int // where semicolons are that end nothing, at the top level: Go allows them only in functions
	hopeless bool  // GoNB has a better word for what is wrong than there would be for what it became

	// The rest is known only of a cell without mistakes.
	text      string // as a program: declarations, then all statements in a function main
	textBegin token.Pos
	file      *ast.File
	nodes     []ast.Node       // for each item
	by        map[string][]int // the indices of the items that declare a name, or define it by :=
	hoisted   []bool           // for each item: x := … that becomes a declaration
	result    int              // the index of the item whose value is shown, -1 if there is none
	kind      kind             // how it is shown
	dropped   int              // the index of the item whose value a ; keeps from being shown, -1 if there is none
	declares  []*declaration
	again     []*declaration // what would be forgotten with another variable of its initialiser
}

// parse takes a cell apart, and decides what becomes of it.
func (n *Notebook) parse(c *layout) *parsed {
	p := &parsed{layout: c, notebook: n, result: -1, dropped: -1}
	if c.main < 0 {
		p.items, p.ending, p.hopeless = split(c.masked, 0, len(c.masked))
		p.body = len(p.items)
	} else {
		main := c.lines[c.main]
		p.items, p.ending, p.hopeless = split(c.masked, 0, main.start)
		p.body = len(p.items)
		body, _, hopeless := split(c.masked, main.end, len(c.masked))
		p.items, p.hopeless = append(p.items, body...), p.hopeless || hopeless
		for i := range p.items[p.body:] {
			p.items[p.body+i].kind = token.ILLEGAL // nothing is a declaration there
		}
	}
	const most = 1000 // nobody writes as many, and some are held against all others
	p.hopeless = p.hopeless || len(p.items) > most || len(p.ending) > most
	p.hoisted = make([]bool, len(p.items))
	if p.hopeless || !p.check() {
		return p
	}
	p.hoist()
	p.restore()
	p.declares = p.declared()
	p.findResult()
	return p
}

// check parses the items, and tells whether they are Go.
func (p *parsed) check() bool {
	var text strings.Builder
	text.WriteString("package main\n")
	begins := make([]int, len(p.items)) // where each item is in text
	add := func(i int) {
		begins[i] = text.Len()
		text.Write(p.masked[p.items[i].from:p.items[i].to])
		text.WriteByte('\n')
	}
	for _, kind := range []bool{true, false} { // imports are first
		for i, it := range p.items {
			if it.declaration() && (it.kind == token.IMPORT) == kind {
				add(i)
			}
		}
	}
	statements := 0
	for i, it := range p.items {
		if !it.declaration() {
			if statements++; statements == 1 {
				text.WriteString("func main() {\n")
			}
			add(i)
		}
	}
	if statements > 0 {
		text.WriteString("}\n")
	}
	p.text = text.String()
	file, err := parser.ParseFile(p.notebook.files, "", p.text, 0)
	if err != nil {
		return false
	}
	// Each item is one node.
	declarations := file.Decls
	var body []ast.Stmt
	if statements > 0 {
		main, ok := file.Decls[len(file.Decls)-1].(*ast.FuncDecl)
		if !ok {
			return false
		}
		declarations = declarations[:len(declarations)-1]
		for _, s := range main.Body.List {
			if _, empty := s.(*ast.EmptyStmt); !empty {
				body = append(body, s)
			}
		}
	}
	if len(body) != statements || len(declarations) != len(p.items)-statements {
		return false
	}
	p.nodes = make([]ast.Node, len(p.items))
	for _, kind := range []bool{true, false} {
		for i, it := range p.items {
			if it.declaration() && (it.kind == token.IMPORT) == kind {
				p.nodes[i], declarations = declarations[0], declarations[1:]
			}
		}
	}
	for i, it := range p.items {
		if !it.declaration() {
			p.nodes[i], body = body[0], body[1:]
		}
	}
	for i, it := range p.items { // not so if a special line stands inside a string, which ends with another item then
		from, to := int(p.nodes[i].Pos()-file.FileStart), int(p.nodes[i].End()-file.FileStart)
		if from != begins[i] || to > begins[i]+it.to-it.from {
			p.hopeless = true
			return false
		}
	}
	for _, node := range p.nodes {
		f, ok := node.(*ast.FuncDecl)
		if !ok || statements == 0 {
			continue
		}
		main := f.Recv == nil && f.Name.Name == "main" // GoNB would take the last one, and be silent on the other
		if main || f.Body == nil {                     // its brace is on the next line, and so a block of its own
			p.hopeless = true
			return false
		}
	}
	p.textBegin = file.FileStart
	p.file = file
	p.by = map[string][]int{}
	for i, it := range p.items {
		if it.declaration() {
			for name := range p.declaredBy(i) {
				p.by[name] = append(p.by[name], i)
			}
			continue
		}
		for _, name := range p.define(i) {
			p.by[name] = append(p.by[name], i)
		}
	}
	return true
}

// statement tells whether an item is run, rather than declared.
func (p *parsed) statement(i int) bool { return !p.items[i].declaration() && !p.hoisted[i] }

// compose writes the cell for GoNB.
func (p *parsed) compose() Cell {
	first := 0
	for first < len(p.items) && !p.statement(first) {
		first++
	}
	if p.main >= 0 && first < p.body {
		return unchanged(p.layout) // a statement before %% is a mistake
	}
	if p.main >= 0 || first == len(p.items) {
		first = -1 // there is no main function to write
	}
	if first < 0 && p.result < 0 && p.dropped < 0 && !slices.Contains(p.hoisted, true) && p.ending == nil {
		return unchanged(p.layout)
	}
	w := writer{parsed: p}
	late := func(i int) bool { return first >= 0 && i > first && !p.statement(i) } // has to leave the main function

	if p.result >= 0 {
		alone := false
		for i, it := range p.items {
			alone = alone || late(i) && it.kind == token.IMPORT
		}
		w.importResult(alone)
	}
	if p.main >= 0 {
		for _, d := range p.again {
			w.edit(p.lines[p.main].start, 0, d.text+"\n")
		}
	}
	for i, it := range p.items {
		switch {
		case i == first:
			w.edit(it.from, 0, mainBegins)
		case p.hoisted[i]:
			w.edit(it.from, 0, "var ")
			w.edit(it.define, 1, "")
		}
		for _, name := range p.shadows(i) {
			w.edit(it.to, 0, "; _ = "+name)
		}
		switch i {
		case p.result:
			w.edit(it.from, 0, ResultName+"."+p.kind.variable+" = ")
		case p.dropped:
			w.edit(it.from, 0, "_ = ")
		}
	}
	for _, at := range p.ending {
		w.edit(at, 1, "")
	}
	slices.SortStableFunc(w.edits, func(a, b edit) int { return a.at - b.at })

	for i, it := range p.items { // imports have to be first
		if late(i) && it.kind == token.IMPORT {
			w.move(it)
			w.line("")
		}
	}
	at := 0
	for i, it := range p.items {
		w.copy(at, it.start)
		if late(i) {
			w.leave(it)
		} else {
			w.copy(it.start, it.end)
		}
		at = it.end
	}
	w.copy(at, len(p.source))
	if p.continued { // what follows is not to become part of a special command
		w.insert("\n\n")
	}
	if p.result >= 0 {
		w.line(ResultName + "." + p.kind.show + "()")
	}
	if first >= 0 {
		w.line("}")
	}
	for i, it := range p.items {
		if late(i) && it.kind != token.IMPORT {
			w.move(it)
		}
	}
	if p.main < 0 {
		for _, d := range p.again {
			w.line(d.text)
		}
	}
	return Cell{Source: w.text.String(), Lines: w.lines, Result: p.result >= 0}
}

// shadows returns the names that a := in the main function defines again after a declaration that was a := as well:
// Go would have assigned to that variable, and not asked for it to be used.
func (p *parsed) shadows(i int) (again []string) {
	if p.nodes == nil || p.items[i].declaration() || p.hoisted[i] || i >= p.body {
		return nil
	}
	for _, name := range p.define(i) {
		for j := range i {
			if name != "_" && p.hoisted[j] && slices.Contains(p.define(j), name) {
				again = append(again, name)
			}
		}
	}
	return again
}
