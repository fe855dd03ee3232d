package help

import (
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// part is a declaration or a statement: lines of a cell.
type part struct {
	first, end int         // the line after the last
	kind       token.Token // IMPORT, CONST, TYPE, VAR, FUNC or statement
	closing    string      // closes the brackets that it leaves open
}

const statement = token.ILLEGAL

var (
	// function matches a line that can only begin a function, however unfinished what comes before it is.
	function = regexp.MustCompile(`^func [\pL_]`)
	// literal matches the beginning of a function without a name.
	literal = regexp.MustCompile(`^func\s*\([^()]*\)\s*([\w.*\[\]]+\s*)?\{`)
)

// split finds the parts in some lines of a cell that may be half written. Every line is of the part that begins
// on it, or else of the one before. In a program, and after a statement, everything but functions and imports
// is a statement.
func split(code []string, first, end int, program bool) []part {
	if first == end {
		return nil
	}
	parts := []part{{first: first, end: end, kind: statement}} // until something begins
	var open []byte                                            // the brackets that would close what is open
	closeAll := func() {
		slices.Reverse(open)
		parts[len(parts)-1].closing, open = string(open), nil
	}
	text := strings.Join(code[first:end], "\n")
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	inside := false // a part
	last := -1      // the last line of Go
	doc := -1       // the line from which on there are only comments, or -1
	for {
		pos, tok, _ := s.Scan()
		if tok == token.EOF {
			closeAll()
			return parts
		}
		line, column := first+file.Position(pos).Line-1, file.Position(pos).Column-1
		if tok == token.COMMENT {
			if doc < 0 && line > last {
				doc = line
			}
			continue
		}
		if len(open) > 0 && tok == token.FUNC && column == 0 && function.MatchString(code[line]) {
			closeAll()
			inside = false
		}
		if !inside && tok != token.SEMICOLON {
			inside = true
			kind := kindOf(tok, code[line][column:])
			if program && kind != token.FUNC && kind != token.IMPORT {
				kind = statement
			}
			program = program || kind == statement
			if line > last { // else there are two on one line
				if doc >= 0 {
					line = doc
				}
				if len(parts) == 1 && last < 0 {
					parts[0].kind = kind
				} else {
					parts[len(parts)-1].end = line
					parts = append(parts, part{first: line, end: end, kind: kind})
				}
			}
		}
		switch tok {
		case token.LPAREN:
			open = append(open, ')')
		case token.LBRACK:
			open = append(open, ']')
		case token.LBRACE:
			open = append(open, '}')
		case token.RPAREN, token.RBRACK, token.RBRACE:
			open = open[:max(len(open)-1, 0)]
		case token.SEMICOLON:
			inside = inside && len(open) > 0
		}
		last, doc = first+file.Position(pos).Line-1, -1
	}
}

// kindOf tells what begins with a token and the text from there on.
func kindOf(tok token.Token, rest string) token.Token {
	switch tok {
	case token.IMPORT, token.CONST, token.TYPE, token.VAR:
		return tok
	case token.FUNC:
		if !literal.MatchString(rest) {
			return tok
		}
	}
	return statement
}
