package cells

import (
	"bytes"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// item is a declaration or a statement at the top level of a cell.
type item struct {
	start, end int         // with the comments before it, and with the rest of its last line
	from, to   int         // from its first token to the end of its last
	kind       token.Token // IMPORT, CONST, TYPE, VAR or FUNC; ILLEGAL for a statement
	define     int         // where its := is, -1 if it has none outside brackets
	semicolon  bool        // there is a ; after it
}

func (i item) declaration() bool { return i.kind != token.ILLEGAL }

// scanned is a token with its place.
type scanned struct {
	token.Token
	at, end int
	text    string
}

// scan returns the tokens of Go source without its comments, and where the comments are. Where the source is no
// Go it goes on as well as it can, and counts.
func scan(source []byte) (tokens, comments []scanned, mistakes int) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, func(token.Position, string) { mistakes++ }, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return tokens, comments, mistakes
		}
		at := file.Offset(pos)
		t := scanned{tok, at, at + len(text), text}
		// A token's text may lack carriage returns that the source has, and have other bytes for broken UTF-8.
		switch {
		case tok == token.COMMENT:
			closes := "\n"
			if source[at+1] == '*' {
				closes = "*/"
			}
			t.end = len(source)
			if n := bytes.Index(source[at+2:], []byte(closes)); n >= 0 {
				t.end = at + 2 + n + len(strings.TrimSpace(closes))
			}
			comments = append(comments, t)
			continue
		case tok == token.SEMICOLON && text == "\n":
			t.end = at
		case tok == token.STRING && source[at] == '`':
			t.end = len(source)
			if n := bytes.IndexByte(source[at+1:], '`'); n >= 0 {
				t.end = at + n + 2
			}
		case tok == token.ILLEGAL:
			t.end = at + 1
		case text == "":
			t.end = at + len(tok.String())
		}
		tokens = append(tokens, t)
	}
}

// split finds the declarations and statements of a part of a cell. Everything from start to end belongs to one of
// them, but for what stands after the last; start and end are at line breaks. Brackets that do not close swallow
// the rest; one that closes what nobody opened makes it hopeless. The semicolons are those that end nothing.
func split(masked []byte, start, end int) (items []item, semicolons []int, hopeless bool) {
	tokens, comments, _ := scan(masked[start:end])
	for i := range tokens {
		tokens[i].at += start
		tokens[i].end += start
	}
	for len(tokens) > 0 {
		n := one(masked, tokens)
		last := tokens[n-1]
		if n == 1 && last.Token == token.SEMICOLON { // an empty statement belongs to the one before it
			if last.text == ";" {
				semicolons = append(semicolons, last.at)
				if len(items) > 0 {
					items[len(items)-1].semicolon = true
					items[len(items)-1].end = last.end
					start = last.end
				}
			}
			tokens = tokens[1:]
			continue
		}
		it := item{start: start, from: tokens[0].at, to: last.end, define: -1, kind: kindOf(tokens[:n])}
		if last.Token == token.SEMICOLON {
			it.to = tokens[n-2].end
			it.semicolon = last.text == ";"
		}
		depth := 0
		for _, t := range tokens[:n] {
			if depth += nesting(t.Token); depth == 0 && t.Token == token.DEFINE && it.define < 0 {
				it.define = t.at
			}
			hopeless = hopeless || depth < 0
		}
		it.end = last.end
		tokens = tokens[n:]
		// The rest of the line belongs to it, unless something follows there.
		limit := end
		if len(tokens) > 0 {
			limit = tokens[0].at
		}
		for it.end < limit {
			for len(comments) > 0 && comments[0].at+start < it.end {
				comments = comments[1:]
			}
			if len(comments) > 0 && comments[0].at+start == it.end {
				it.end = min(limit, comments[0].end+start)
				continue
			}
			if it.end++; masked[it.end-1] == '\n' {
				break
			}
		}
		start = it.end
		items = append(items, it)
	}
	return items, semicolons, hopeless
}

// nesting is how much deeper in brackets what follows a token is.
func nesting(t token.Token) int {
	switch t {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		return 1
	case token.RPAREN, token.RBRACK, token.RBRACE:
		return -1
	}
	return 0
}

// one returns how many of the tokens are the first declaration or statement, with the semicolon after it.
func one(masked []byte, tokens []scanned) int {
	depth := 0
	header := control(tokens) // for, if and switch have semicolons before their braces
	braced, tries := false, 0
	for i, t := range tokens {
		depth = max(0, depth+nesting(t.Token))
		switch {
		case depth > 0:
		case t.Token == token.RBRACE:
			braced = true
		case t.Token == token.SEMICOLON:
			if !header || t.text == "\n" {
				return i + 1
			}
			// After a brace it may be either: in `if f := func() {}; ok {` the header goes on.
			if tries++; braced && tries <= 100 && whole(masked[tokens[0].at:t.at]) {
				return i + 1
			}
		}
	}
	return len(tokens)
}

// control tells whether a statement begins with for, if, switch or, after these, with a label.
func control(tokens []scanned) bool {
	for len(tokens) > 2 && tokens[0].Token == token.IDENT && tokens[1].Token == token.COLON {
		tokens = tokens[2:]
	}
	switch tokens[0].Token {
	case token.FOR, token.IF, token.SWITCH, token.SELECT:
		return true
	}
	return false
}

// whole tells whether source is a statement.
func whole(source []byte) bool {
	text := "package p;func _(){" + string(source) + "\n}"
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	return err == nil
}

// kindOf tells a declaration from a statement by how it begins.
func kindOf(tokens []scanned) token.Token {
	switch kind := tokens[0].Token; kind {
	case token.IMPORT, token.CONST, token.TYPE, token.VAR:
		return kind
	case token.FUNC:
		if len(tokens) < 2 || tokens[1].Token != token.LPAREN {
			return token.FUNC
		}
		// A method has a name and its parameters after the receiver; a function literal, at most the type of a result.
		depth, named := 0, false
		for _, t := range tokens[1:] {
			outside := depth == 0
			if depth += nesting(t.Token); depth > 0 && !outside || t.Token == token.RPAREN || t.Token == token.RBRACK {
				continue
			}
			switch {
			case !named && t.Token == token.LPAREN && t.at == tokens[1].at:
			case !named && t.Token == token.IDENT:
				named = true
			case named && t.Token == token.LBRACK:
			case named && t.Token == token.LPAREN:
				return token.FUNC
			default:
				return token.ILLEGAL
			}
		}
	}
	return token.ILLEGAL
}
