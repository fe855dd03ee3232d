package main

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"gopherlens/notebooks/internal/saved"
)

// lesson is the site of the notebooks that are here.
func lesson(t *testing.T) *site {
	t.Helper()
	s, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLinks follows every link of every page: to a file of the site, and to a part of it that is there.
func TestLinks(t *testing.T) {
	s := lesson(t)
	type link struct{ from, attribute, to string }
	var links []link
	ids := map[string]map[string]int{} // of each page
	for name, data := range s.files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		document, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = map[string]int{}
		for node := range document.Descendants() {
			for _, a := range node.Attr {
				switch a.Key {
				case "id":
					ids[name][a.Val]++
				case "href", "src":
					links = append(links, link{name, a.Key, a.Val})
				}
			}
		}
		for id, times := range ids[name] {
			if times > 1 {
				t.Errorf("%s: %d elements have the id %s", name, times, id)
			}
		}
	}
	for _, l := range links {
		to, err := url.Parse(l.to)
		if err != nil {
			t.Errorf("%s: %s: %v", l.from, l.to, err)
			continue
		}
		switch {
		case to.Scheme == "data", to.Scheme == "https" && l.attribute == "href": // the reader may go there
			continue
		case to.IsAbs() || strings.HasPrefix(to.Path, "/"):
			t.Errorf("%s: %s leads out of the site", l.from, l.to)
			continue
		}
		name := to.Path
		if name == "" {
			name = l.from
		}
		if _, there := s.files[name]; !there {
			t.Errorf("%s: %s: the site has no such file", l.from, l.to)
		} else if to.Fragment != "" && ids[name][to.Fragment] == 0 {
			t.Errorf("%s: %s: nothing there has this id", l.from, l.to)
		}
	}
}

// TestWeight holds what a reader has to wait for below 5 MB a notebook: of a page, and of the notebook as it is kept.
func TestWeight(t *testing.T) {
	const most = 5_000_000
	s := lesson(t)
	for _, p := range s.pages {
		if got := s.weight(p); got > most {
			t.Errorf("%s and what it loads are %d bytes", p.File, got)
		}
		path := filepath.Join("../solutions", strings.TrimSuffix(p.File, ".html")+".ipynb")
		if info, err := os.Stat(path); err != nil || info.Size() > most {
			t.Errorf("%s is %d bytes (%v)", path, info.Size(), err)
		}
	}
}

func TestRender(t *testing.T) {
	const source = `{"cells": [
		{"cell_type": "markdown", "source": ["# 1 · A *title*\n", "\n", "**You learn.** Plan an hour.\n", "\n", "## Two\n", "### Same\n", "### Same\n",
			"so $x < y^2$ and \u0060$\u0060\n\n$$e = 1$$\n\n", "[there](3-digits.ipynb#2-·-The-data), [here](#Two) ![a figure](../figures/a.svg)"]},
		{"cell_type": "code", "source": "func f(n int) bool { return n < 1 }", "outputs": [
			{"output_type": "stream", "name": "stdout", "text": ["one\r", "two <b>\n", "\u001b[31mred\u001b[0m"]},
			{"output_type": "display_data", "data": {"text/plain": "plain", "text/html": ["<p>", "yes</p>"]}},
			{"output_type": "display_data", "data": {"image/png": "AAAA"}},
			{"output_type": "error", "ename": "ERROR", "evalue": "it failed", "traceback": ["\u001b[1mline 3\u001b[0m"]}
		]}]}`
	path := filepath.Join(t.TempDir(), "1-a.ipynb")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	n, err := saved.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var p page
	if err := p.render(n); err != nil {
		t.Fatal(err)
	}
	if p.Title != "1 · A title" || p.Lead != "<strong>You learn.</strong> Plan an hour." || len(p.Contents) != 1 || p.Contents[0].ID != "Two" {
		t.Errorf("its head is %q, %q, %v", p.Title, p.Lead, p.Contents)
	}
	if len(p.figures) != 1 || p.figures[0] != "figures/a.svg" {
		t.Errorf("it shows %q", p.figures)
	}
	for _, want := range []string{
		`id="1-·-A-title"`, `id="Same"`, `id="Same-2"`, `href="3-digits.html#2-%C2%B7-The-data"`, `href="#Two"`, `<img src="figures/a.svg" alt="a figure">`,
		`<span class="kd">func</span>`, `two &lt;b&gt;`, `<span class="term-fg31">red</span>`, `<p>yes</p>`, `src="data:image/png;base64,AAAA"`,
		`<code>$</code>`, `<msup>`, `display="block"`, `ERROR: it failed`, `<span class="term-fg1">line 3</span>`,
	} {
		if !strings.Contains(string(p.Body), want) {
			t.Errorf("it has no %s:\n%s", want, p.Body)
		}
	}
	for _, wrong := range []string{"one", "plain", "\x1b"} {
		if strings.Contains(string(p.Body), wrong) {
			t.Errorf("it shows %q:\n%s", wrong, p.Body)
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"cut off":   `{"cells": [`,
		"untitled":  `{"cells": [{"cell_type": "markdown", "source": "a"}]}`,
		"unknown":   `{"cells": [{"cell_type": "markdown", "source": "# A\n\nb"}, {"cell_type": "code", "source": "", "outputs": [{"output_type": "display_data", "data": {"audio/wav": ""}}]}]}`,
		"formula":   `{"cells": [{"cell_type": "markdown", "source": "# A\n\nb $c"}]}`,
		"no figure": `{"cells": [{"cell_type": "markdown", "source": "# A\n\nb ![c](../figures/none.svg)"}]}`,
	} {
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, "solutions"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "solutions", "1-a.ipynb"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := build(folder); err == nil || !strings.Contains(err.Error(), "1-a.ipynb") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := build(t.TempDir()); err == nil {
		t.Error("a folder without notebooks is no error")
	}
}
