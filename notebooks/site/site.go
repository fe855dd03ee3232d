package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	chroma "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/styles"

	"gopherlens/assets"
	"gopherlens/notebooks/internal/saved"
)

//go:embed *.html style.css
var sources embed.FS

var templates = template.Must(template.ParseFS(sources, "*.html"))

// site is the site as it will be written.
type site struct {
	pages []*page
	files map[string][]byte // by their names in the site's folder, with slashes
}

// build makes the site of a folder of notebooks.
func build(notebooks string) (*site, error) {
	paths, err := filepath.Glob(filepath.Join(notebooks, "solutions", "[0-9]-*.ipynb"))
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("there is no %s/solutions/*.ipynb here: run this from the root of the repository", notebooks)
	}
	if err != nil {
		return nil, err
	}
	s := &site{files: map[string][]byte{"logo.svg": assets.Logo}}
	for _, path := range paths {
		n, err := saved.Read(path)
		if err != nil {
			return nil, err
		}
		p := &page{File: strings.TrimSuffix(filepath.Base(path), ".ipynb") + ".html"}
		if err := p.render(n); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, name := range p.figures {
			if s.files[name], err = os.ReadFile(filepath.Join(notebooks, filepath.FromSlash(name))); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
		s.pages = append(s.pages, p)
	}
	style, err := styleSheet()
	if err != nil {
		return nil, err
	}
	for i, p := range s.pages {
		var previous, next *page
		if i > 0 {
			previous = s.pages[i-1]
		}
		if i+1 < len(s.pages) {
			next = s.pages[i+1]
		}
		err := s.fill(p.File, "page.html", map[string]any{
			"Title": p.Title + " · Gopherlens", "Style": style, "Page": p, "Pages": s.pages, "Previous": previous, "Next": next,
		})
		if err != nil {
			return nil, err
		}
	}
	return s, s.fill("index.html", "index.html", map[string]any{
		"Title": "Gopherlens: object recognition in Go", "Style": style, "Pages": s.pages,
	})
}

// fill makes a page of a template.
func (s *site) fill(name, template string, values any) error {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, template, values)
	s.files[name] = b.Bytes()
	return err
}

// writeTo writes the site into a folder.
func (s *site) writeTo(folder string) error {
	for name, data := range s.files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// weight is the size of a page with all that it loads, in bytes.
func (s *site) weight(p *page) int {
	sum := len(s.files[p.File]) + len(s.files["logo.svg"])
	for _, name := range p.figures {
		sum += len(s.files[name])
	}
	return sum
}

// styleSheet is style.css, and the colours of code.
func styleSheet() (template.CSS, error) {
	style, err := sources.ReadFile("style.css")
	if err != nil {
		return "", err
	}
	b := bytes.NewBuffer(style)
	colours := chroma.New(chroma.WithClasses(true))
	for _, scheme := range []struct{ name, style string }{{"light", "github"}, {"dark", "github-dark"}} {
		fmt.Fprintf(b, "@media (prefers-color-scheme: %s) {\n", scheme.name)
		if err := colours.WriteCSS(b, styles.Get(scheme.style)); err != nil {
			return "", err
		}
		b.WriteString("}\n")
	}
	return template.CSS(b.String()), nil
}
