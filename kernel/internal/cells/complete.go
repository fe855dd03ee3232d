package cells

import (
	"go/parser"
	"go/token"
	"strings"
)

// Complete tells whether a cell can be executed: "complete", "incomplete" or "invalid". The next line of an incomplete
// one begins with the indent. What is complete, go/parser accepts when it is rewritten.
func Complete(source string) (status, indent string) {
	c := read(Tidy(source))
	if len(c.lines) > 0 && languages[c.lines[0].command] {
		return "complete", ""
	}
	if c.continued {
		return "incomplete", ""
	}
	tokens, _, _ := scan(c.masked)
	var open []token.Token
	for _, t := range tokens {
		switch t.Token {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, t.Token)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) == 0 || open[len(open)-1] != opposite[t.Token] {
				return "invalid", ""
			}
			open = open[:len(open)-1]
		}
	}
	switch ends := c.endsInside(); {
	case ends == '"':
		return "invalid", "" // such a string ends in its line
	case ends != 0:
		return "incomplete", "" // of text, every space counts
	case len(open) > 0, len(tokens) > 0 && tokens[len(tokens)-1].Token != token.SEMICOLON:
		return "incomplete", c.indent()
	}
	rewritten := read(new(Notebook).Rewrite(c.source).Source)
	if _, err := parser.ParseFile(token.NewFileSet(), "", rewritten.file(), parser.SkipObjectResolution); err != nil {
		return "invalid", ""
	}
	return "complete", ""
}

var opposite = map[token.Token]token.Token{
	token.RPAREN: token.LPAREN, token.RBRACK: token.LBRACK, token.RBRACE: token.LBRACE,
}

// endsInside tells by its first character what the cell ends inside of: '"', a raw string '`' or a comment '/'. It is
// 0 where the cell ends in none of them.
func (c *layout) endsInside() (inside byte) {
	for _, l := range c.lines {
		if inside = endsInside(string(c.masked[l.start:l.end]), inside); inside == '"' {
			break
		}
	}
	return inside
}

// indent is how the line after the last is indented: like that one, and one deeper if it opens something.
func (c *layout) indent() string {
	text := ""
	for _, l := range c.lines {
		if line := string(c.masked[l.start:l.end]); strings.TrimSpace(line) != "" {
			text = line
		}
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	tokens, _, _ := scan([]byte(text))
	depth, least := 0, 0
	for _, t := range tokens {
		depth += nesting(t.Token)
		least = min(least, depth)
	}
	last := token.ILLEGAL
	if len(tokens) > 0 {
		last = tokens[len(tokens)-1].Token
	}
	switch {
	case depth > least, last == token.COLON, last.IsOperator() && last != token.SEMICOLON && last != token.COMMA && nesting(last) == 0:
		if strings.Contains(indent, "\t") {
			return indent + "\t"
		}
		return indent + "    " // Jupyter's console shows a tab as ^I
	}
	return indent
}

// file is the Go file that GoNB makes of the cell alone.
func (c *layout) file() string {
	var text strings.Builder
	text.WriteString("package main\n\n")
	closes := false
	for _, l := range c.lines {
		line := c.source[l.start:l.end]
		trimmed := strings.TrimPrefix(line, "//gonb:")
		switch {
		case beginsMain(trimmed):
			text.WriteString("func main() {\n\tflag.Parse()\n")
			closes = true
		case strings.HasPrefix(trimmed, "%exec"):
			name := ""
			if words := strings.Split(trimmed, " "); len(words) > 1 {
				name = words[1]
			}
			text.WriteString("func main() {\n\tflag.Parse()\n\t" + name + "()\n}\n")
		case l.special, strings.HasPrefix(line, "package"):
		default:
			text.WriteString(line + "\n")
		}
	}
	if closes {
		text.WriteString("\n}\n")
	}
	return text.String()
}
