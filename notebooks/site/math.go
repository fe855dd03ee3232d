package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wyatt915/treeblood"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	goldtext "github.com/yuin/goldmark/text"
)

// formulas makes MathML of $TeX$ in a line and of $$TeX$$ in a line of its own, as JupyterLab does with a script.
// Browsers draw it, and screen readers read it, without one.
type formulas struct{ problem error }

func (*formulas) Trigger() []byte { return []byte{'$'} }

func (f *formulas) Parse(_ ast.Node, block goldtext.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	mark, convert := "$", treeblood.InlineStyle
	if bytes.HasPrefix(line, []byte("$$")) {
		mark, convert = "$$", treeblood.DisplayStyle
	}
	tex, _, closed := bytes.Cut(line[len(mark):], []byte(mark))
	if !closed || len(tex) == 0 {
		f.problem = fmt.Errorf("a formula has to end in its line: %s", line)
		return nil
	}
	mathML, err := convert(string(tex), nil)
	if err != nil {
		f.problem = fmt.Errorf("the formula %s: %w", tex, err)
		return nil
	}
	mathML = strings.TrimSpace(mathML)
	if mark == "$$" { // it may be wider than a phone
		mathML = `<span class="wide" tabindex="0">` + mathML + "</span>"
	}
	block.Advance(len(tex) + 2*len(mark))
	node := ast.NewString([]byte(mathML))
	node.SetCode(true) // it is HTML already
	return node
}
