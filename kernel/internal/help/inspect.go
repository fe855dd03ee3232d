package help

import (
	"context"
	"fmt"
	"go/scanner"
	"go/token"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// Inspect tells what the name at the cursor is, or else, within a call's parentheses, the function that is
// called and which parameter comes next: the signature, the documentation and an example where the package has
// one; with detail 1 or more also where it is declared, and how. The answer is in Markdown and in plain text.
// A newer call ends an older one, which then has found nothing.
func (s *Server) Inspect(ctx context.Context, cell string, cursor, detail int) (mime map[string]string, found bool) {
	ctx, cancel, decls := s.begin(ctx, &s.inspected, inspection)
	defer cancel()
	src := decls.file(cell, s.packages)
	line, column := src.locate(cursor)
	if src.lines[line] < 0 {
		name, _, _ := strings.Cut(strings.TrimSpace(src.cell[line]), " ")
		if text := gonbCommands[name]; text != "" {
			return bundle(text), true
		}
		return nil, false
	}
	at, _ := src.position(line, column)
	target, named := src.name(line, column)
	if !named {
		target, named = src.callee(at)
	}
	var (
		hover      hoverResult
		definition []location
		call       signatureHelp
	)
	here := document{URI: s.session.uri(cellFile)}
	questions := []question{{"textDocument/signatureHelp", place{here, at}, &call}}
	if named {
		questions = append(questions,
			question{"textDocument/hover", place{here, target}, &hover},
			question{"textDocument/definition", place{here, target}, &definition})
	}
	files := map[string]string{cellFile: src.text, declaredFile: decls.text}
	errs := s.session.ask(ctx, files, questions...)
	if ctx.Err() != nil {
		return nil, false
	}
	markdown := hover.Contents.Value
	if parameter := call.parameter(); errs[0] == nil && parameter != "" {
		if markdown == "" {
			markdown = "```go\n" + call.Signatures[0].Label + "\n```\n\n" + call.Signatures[0].Documentation.Value
		}
		if _, onName := src.name(line, column); !onName {
			signature, text, _ := strings.Cut(markdown, "\n```")
			markdown = fmt.Sprintf("%s\n```\n\nNext: `%s`\n%s", signature, parameter, text)
		}
	}
	if strings.TrimSpace(markdown) == "" {
		return nil, false
	}
	if len(definition) > 0 {
		markdown = strings.TrimSpace(markdown) + s.more(definition[0], src, decls, detail)
	}
	return bundle(markdown), true
}

// more is an example and, with detail, the code of what is declared at a place.
func (s *Server) more(at location, src source, decls declared, detail int) string {
	path, ok := filePath(at.URI)
	if !ok {
		return ""
	}
	var text any // nil is the file's own
	where := "declared in the notebook"
	switch at.URI {
	case s.session.uri(cellFile):
		text, where = src.text, "declared in this cell"
	case s.session.uri(declaredFile):
		text = decls.text
	default:
		where = fmt.Sprintf("%s, line %d", filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path)), at.Range.Start.Line+1)
	}
	d := findDeclaration(path, text, at.Range.Start.Line+1)
	more := ""
	if text == nil && d.name != "" {
		if example := findExample(filepath.Dir(path), d.name); example != "" {
			more += "\n\n**Example**\n\n```go\n" + example + "\n```"
		}
	}
	if detail > 0 && d.code != "" {
		more += "\n\n**Code** (" + where + ")\n\n```go\n" + d.code + "\n```"
	}
	return more
}

// filePath is the path in the address of a file.
func filePath(uri string) (string, bool) {
	address, err := url.Parse(uri)
	if err != nil || address.Scheme != "file" {
		return "", false
	}
	return filepath.FromSlash(address.Path), true
}

// parameter is the parameter of a call that the cursor is at.
func (h signatureHelp) parameter() string {
	if len(h.Signatures) == 0 || len(h.Signatures[0].Parameters) == 0 {
		return ""
	}
	parameters := h.Signatures[0].Parameters
	return parameters[min(max(h.ActiveParameter, 0), len(parameters)-1)].Label
}

// name finds the name that a byte of a line is in or behind.
func (s source) name(line, column int) (position, bool) {
	text := s.cell[line]
	start := column - len(word(text[:column]))
	name := text[start : len(text)-len(strings.TrimLeftFunc(text[column:], inWord))]
	at, ok := s.position(line, start)
	return at, ok && token.IsIdentifier(name)
}

// callee finds the name of the function within whose parentheses a position is.
func (s source) callee(at position) (position, bool) {
	lines := strings.SplitAfter(s.text, "\n")
	end := 0
	for _, text := range lines[:at.Line] {
		end += len(text)
	}
	end += byteAt(lines[at.Line], at.Character)
	file := token.NewFileSet().AddFile("", -1, end)
	var sc scanner.Scanner
	sc.Init(file, []byte(s.text[:end]), nil, 0)
	names := []int{-1} // for each open bracket, the name before it
	last := -1
	for {
		pos, tok, _ := sc.Scan()
		switch tok {
		case token.EOF:
			for i := len(names) - 1; i >= 0; i-- {
				if names[i] >= 0 {
					p := file.Position(token.Pos(file.Base() + names[i]))
					return position{p.Line - 1, units(lines[p.Line-1][:p.Column-1])}, true
				}
			}
			return position{}, false
		case token.IDENT:
			last = file.Offset(pos)
			continue
		case token.LPAREN:
			names = append(names, last)
		case token.LBRACE, token.LBRACK:
			names = append(names, -1)
		case token.RPAREN, token.RBRACE, token.RBRACK:
			names = names[:max(len(names)-1, 1)]
		}
		last = -1
	}
}

// byteAt is the byte of a line at a UTF-16 code unit.
func byteAt(line string, unit int) int {
	n := 0
	for at, r := range line {
		if n >= unit {
			return at
		}
		n += units(string(r))
	}
	return len(line)
}

var (
	escaped  = regexp.MustCompile(`\\([[:punct:]])`)
	fileLink = regexp.MustCompile(`\[([^\]\n]+)\]\(file:[^)\n]*\)`) // a browser cannot open it
	link     = regexp.MustCompile(`\[([^\]\n]+)\]\([^)\n]*\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*?)( \{#.*\})?$`)
	emphasis = regexp.MustCompile("\\*\\*([^*\n]+)\\*\\*|`([^`\n]+)`")
	rule     = regexp.MustCompile(`(?m)^---$`)
	blank    = regexp.MustCompile(`\n{3,}`)
)

// bundle is a text in Markdown, and the same without the marks.
func bundle(markdown string) map[string]string {
	markdown = strings.TrimSpace(fileLink.ReplaceAllString(markdown, "$1"))
	markdown = strings.ReplaceAll(markdown, "\t", "    ") // as the editor shows them; a page's are twice as wide
	var plain strings.Builder
	code := false
	for i, text := range strings.Split(markdown, "```") {
		if code = i%2 == 1; code {
			_, text, _ = strings.Cut(text, "\n") // the language
		} else {
			text = rule.ReplaceAllString(text, "")
			text = heading.ReplaceAllString(text, "$1")
			text = link.ReplaceAllString(text, "$1")
			text = emphasis.ReplaceAllString(text, "$1$2")
			text = escaped.ReplaceAllString(text, "$1")
		}
		plain.WriteString(text)
	}
	return map[string]string{
		"text/markdown": markdown,
		"text/plain":    strings.TrimSpace(blank.ReplaceAllString(plain.String(), "\n\n")),
	}
}
