package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	chroma "github.com/alecthomas/chroma/v2/formatters/html"
	terminal "github.com/buildkite/terminal-to-html/v3"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	renderer "github.com/yuin/goldmark/renderer/html"
	goldtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"gopherlens/notebooks/internal/saved"
	"gopherlens/notebooks/prose"
)

// page is a notebook as a page.
type page struct {
	File     string        // its name in the site's folder
	Title    string        // the notebook's first heading
	Lead     template.HTML // its first paragraph: what one learns, and how long it takes
	Contents []heading     // its sections
	Body     template.HTML

	figures []string // the files that it shows
	prose   []string
	ids     map[string]bool
}

type heading struct{ ID, Text string }

// render makes the page out of a notebook.
func (p *page) render(n saved.Notebook) error {
	formulas := &formulas{}
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.GFM,
			highlighting.NewHighlighting(highlighting.WithFormatOptions(chroma.WithClasses(true), chroma.WithPreWrapper(scroller{})))),
		// The notebooks are ours: what HTML stands in them is meant.
		goldmark.WithRendererOptions(renderer.WithUnsafe()),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(p, 0)), parser.WithInlineParsers(util.Prioritized(formulas, 150))),
	)
	var body bytes.Buffer
	p.ids = map[string]bool{}
	for i, c := range n.Cells {
		source := string(c.Source)
		if c.Type == "code" {
			source = "~~~~~~~~go\n" + source + "\n~~~~~~~~\n"
		} else {
			p.prose = append(p.prose, prose.Text(source)...)
		}
		fmt.Fprintf(&body, "<div class=\"%s\">\n", c.Type)
		var text bytes.Buffer
		if err := errors.Join(markdown.Convert([]byte(source), &text), formulas.problem); err != nil {
			return fmt.Errorf("cell %d: %w", i+1, err)
		}
		body.WriteString(wideTables.Replace(text.String()))
		if i == 0 {
			_, lead, _ := strings.Cut(text.String(), "</h1>")
			lead, _, _ = strings.Cut(lead, "</p>")
			p.Lead = template.HTML(strings.TrimPrefix(strings.TrimSpace(lead), "<p>"))
		}
		for _, o := range c.Outputs {
			shown, err := show(o)
			if err != nil {
				return fmt.Errorf("cell %d: %w", i+1, err)
			}
			fmt.Fprintf(&body, "<div class=\"output\">%s</div>\n", shown)
		}
		body.WriteString("</div>\n")
	}
	if p.Title == "" || p.Lead == "" {
		return errors.New("the first cell has no heading with a paragraph below it")
	}
	p.Body = template.HTML(body.String())
	return nil
}

// Transform gives the headings of a cell the ids that JupyterLab gives them, and makes of links between notebooks
// links between pages.
func (p *page) Transform(document *ast.Document, reader goldtext.Reader, _ parser.Context) {
	source := reader.Source()
	ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Heading:
			h := heading{Text: words(n, source)}
			h.ID = strings.ReplaceAll(h.Text, " ", "-")
			for i := 2; p.ids[h.ID]; i++ { // "Check yourself" stands in many a notebook twice
				h.ID = fmt.Sprintf("%s-%d", strings.ReplaceAll(h.Text, " ", "-"), i)
			}
			p.ids[h.ID] = true
			n.SetAttributeString("id", []byte(h.ID))
			switch n.Level {
			case 1:
				p.Title = h.Text
			case 2:
				p.Contents = append(p.Contents, h)
			}
		case *ast.Link:
			n.Destination = []byte(inSite(string(n.Destination)))
		case *ast.Image:
			name := inSite(string(n.Destination))
			n.Destination = []byte(name)
			if !slices.Contains(p.figures, name) {
				p.figures = append(p.figures, name)
			}
		}
		return ast.WalkContinue, nil
	})
}

// words are the words of a heading.
func words(node ast.Node, source []byte) string {
	var b strings.Builder
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		if t, ok := child.(*ast.Text); ok {
			b.Write(t.Value(source))
		} else {
			b.WriteString(words(child, source))
		}
	}
	return b.String()
}

// inSite is where on the site lies what a solution links to: ../figures/line.svg is figures/line.svg, and
// 1-neural-networks.ipynb#a is 1-neural-networks.html#a.
func inSite(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.IsAbs() || u.Path == "" {
		return link
	}
	at := path.Join("solutions", u.Path)
	if name, found := strings.CutSuffix(at, ".ipynb"); found {
		at = path.Base(name) + ".html"
	}
	u.Path = at
	return u.String()
}

// shown are the kinds of data that the site shows, the best first, and how.
var shown = []struct {
	kind string
	show func(string) string
}{
	{"text/html", func(s string) string {
		if strings.Contains(s, "<script") { // which may make tables of its own
			return s
		}
		return wideTables.Replace(s)
	}},
	{"image/svg+xml", func(s string) string { return s }},
	{"image/png", func(s string) string { return picture("png", s) }},
	{"image/jpeg", func(s string) string { return picture("jpeg", s) }},
	{"text/plain", printed},
}

func picture(kind, data string) string {
	return fmt.Sprintf(`<img alt="" src="data:image/%s;base64,%s">`, kind, strings.ReplaceAll(data, "\n", ""))
}

// scroller stands around code: one can move the focus there, and scroll.
type scroller struct{}

func (scroller) Start(_ bool, attributes string) string {
	return `<pre tabindex="0"` + attributes + `>`
}
func (scroller) End(bool) string { return "</pre>" }

// wideTables puts tables into a frame where one can scroll: some are wider than a phone.
var wideTables = strings.NewReplacer("<table", `<div class="wide" tabindex="0"><table`, "</table>", "</table></div>")

// show shows an output.
func show(o saved.Output) (string, error) {
	switch o.Type {
	case "stream":
		return printed(string(o.Text)), nil
	case "error":
		traceback := o.Name + ": " + o.Why
		for _, line := range o.Traceback {
			traceback += "\n" + string(line)
		}
		return printed(traceback), nil
	}
	for _, s := range shown {
		if data, found := o.Data[s.kind]; found {
			return s.show(string(data)), nil
		}
	}
	return "", fmt.Errorf("none of its kinds of data can be shown on a page: %q", slices.Sorted(maps.Keys(o.Data)))
}

// printed is a text as a terminal shows it, with its colours. One can move the focus there and scroll.
func printed(s string) string {
	screen, err := terminal.NewScreen(terminal.WithSize(10_000, 100))
	if err != nil {
		panic(err) // there are screens of this size
	}
	screen.Write([]byte(strings.TrimRight(s, "\n")))
	return `<pre tabindex="0">` + screen.AsHTML() + "</pre>"
}
