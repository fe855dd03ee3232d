package mistakes

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// parserRules are about what go/parser says of a cell that is no Go.
var parserRules = []compileRule{
	{regexp.MustCompile(`^missing ',' before newline in (.+)$`), func(c *cell, p *problem, r report, m []string) {
		p.sentence = "A comma is missing at the end of this line."
		p.hint = "In a list over several lines every line ends with a comma, the last one too."
		if _, bracket := c.brackets(); m[1] == "argument list" && bracket != "" {
			c.unbalanced(p, r, m)
		} else if m[1] == "composite literal" {
			c.blockAbove(p, r)
		}
	}},
	{regexp.MustCompile(`^missing ',' in (.+)$`), func(_ *cell, p *problem, r report, m []string) {
		switch p.sentence, p.hint = "Go expects a comma here.", "Values in a list are set apart by commas."; {
		case strings.HasPrefix(r.rest, ":") && m[1] == "argument list":
			p.sentence, p.hint = noNames, "What has names are the fields of a struct, and it is made with braces, as in nn.Dense{Units: 10}."
		case strings.HasPrefix(r.rest, "++"), strings.HasPrefix(r.rest, "--"):
			p.sentence, p.hint = statementAlone(r.rest[:2])
		case r.formatted():
			p.sentence, p.hint = noFormat, formatHint
		case strings.HasPrefix(r.rest, ":") && m[1] == "parameter list":
			p.sentence, p.hint = noColon, colonHint
		case strings.HasPrefix(r.rest, "=") && m[1] == "parameter list":
			p.sentence, p.hint = "A parameter has no value by itself in Go.", "Give the value wherever the function is called."
		case strings.HasPrefix(r.rest, "=") && m[1] == "composite literal":
			p.sentence, p.hint = fieldColon, fieldHint
		}
	}},
	{regexp.MustCompile(`^expected boolean expression, found assignment`), words("= gives a value; a condition compares.", "Write == to compare.")},
	{regexp.MustCompile(`^(?:illegal rune literal|more than one character in rune literal|rune literal not terminated)$`),
		words("Single quotes hold one letter.", `Text stands in double quotes: "hello".`)},
	{regexp.MustCompile(`^curly quotation mark '(.+?)' \(use neutral '(.+?)'\)$`), words("$1 is a quotation mark of a word processor; Go knows only the straight $2.", "Type the quotation marks anew, at both ends.")},
	{regexp.MustCompile(`^(?:raw )?string literal not terminated$`), func(_ *cell, p *problem, r report, _ []string) {
		p.sentence, p.hint = "The text that begins here has no end.", "A closing quotation mark is missing."
		if strings.Contains(r.at.text, `"""`) {
			p.hint = "Text of several lines stands between two backquotes: `…`."
		}
	}},
	{regexp.MustCompile(`^expected (.+), found ('EOF')$`), func(c *cell, p *problem, r report, m []string) {
		if _, bracket := c.brackets(); bracket != "" {
			c.unbalanced(p, r, m)
		} else {
			c.unexpected(p, r, m)
		}
	}},
	{regexp.MustCompile(`^expected declaration, found '[})\]]'$`), (*cell).unbalanced},
	{regexp.MustCompile(`^expected statement, found 'else'$`), words("else cannot begin a line.", "It stands on the line of the brace before it: } else {")},
	{regexp.MustCompile(`^unexpected newline, expecting \{ after (\w+) clause$`), words("A { is missing at the end of this line.", "It stands there, and not on the next line: $1 … {")},
	{regexp.MustCompile(`^unexpected semicolon or newline before \{$`), words("The { must stand on the line before, behind what it belongs to.", "")},
	{regexp.MustCompile(`^expected declaration, found (\S+)$`), func(c *cell, p *problem, r report, m []string) {
		if habit, ok := r.habit(); ok {
			p.sentence, p.hint = habit[0], habit[1]
		} else if _, bracket := c.brackets(); strings.Contains(")]}", bracket) && bracket != "" {
			c.unbalanced(p, r, m)
		} else {
			p.sentence = "A statement stands where Go expects a declaration: import, const, type, var or func."
			switch p.hint = "Put a line with %% in front of the statements."; {
			case ownMain.MatchString(c.Cell):
				p.hint = "The cell has a func main: put the statements into it, or take it away."
			case ownMark.MatchString(c.Cell):
				p.hint = "All statements stand below the line with %%."
			}
		}
	}},
	{regexp.MustCompile(`^illegal label declaration$`), func(_ *cell, p *problem, r report, _ []string) {
		if opens[r.first()] {
			p.sentence, p.hint = braces(r.first())
		}
	}},
	{regexp.MustCompile(`^(?:import path must be a string|missing import path.*)$`), words("The path of a package stands in quotation marks.", `As in import "math".`)},
	{regexp.MustCompile(`^unexpected comma; expecting \]$`), words("A list of values stands in braces, behind its type.", "As in []int{1, 2, 3}.")},
	{regexp.MustCompile(`^expected 1 expression$`), func(_ *cell, p *problem, r report, _ []string) {
		p.sentence, p.hint = "Several values alone are no statement.", "fmt.Println(a, b) shows several values."
		if r.first() == "for" && strings.Contains(r.at.text, " in ") {
			p.sentence, p.hint = rangeLoop, rangeHint
		}
	}},
	{regexp.MustCompile(`^expected (.+), found (.+)$`), (*cell).unexpected},
	{regexp.MustCompile(`^illegal (?:character |(byte order mark))(U\+\w+|NUL|)$`),
		words("There is a character here that cannot be seen, and that Go does not know ($1$2).", "Type the line anew.")},
	{regexp.MustCompile(`^(?:illegal|invalid) character U\+([0-9A-F]+) '(.+)'`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "The character " + m[2] + " means nothing in Go."
		switch m[2] {
		case "#":
			p.hint = "A comment begins with //."
		case "?":
			p.sentence, p.hint = "Go has no ? : operator.", "Write an if with an else."
		default:
			p.hint = signs[m[2]]
		}
	}},
}

var (
	ownMain = regexp.MustCompile(`(?m)^func main\(`)
	ownMark = regexp.MustCompile(`(?m)^%%(\s|$)`)
)

// brackets scans the cell for a bracket that is never closed, or that closes nothing.
func (c *cell) brackets() (at int, bracket string) {
	var s scanner.Scanner
	source := []byte(c.Cell)
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, source, func(token.Position, string) {}, 0)
	var open []int
	kinds := ""
	for {
		pos, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			if len(open) == 0 {
				return 0, ""
			}
			return open[len(open)-1], kinds[len(kinds)-1:]
		case token.LBRACE, token.LPAREN, token.LBRACK:
			open, kinds = append(open, file.Offset(pos)), kinds+tok.String()
		case token.RBRACE, token.RPAREN, token.RBRACK:
			if !strings.HasSuffix(kinds, pair[tok.String()]) {
				return file.Offset(pos), tok.String()
			}
			open, kinds = open[:len(open)-1], kinds[:len(kinds)-1]
		}
	}
}

var pair = map[string]string{"{": "}", "(": ")", "[": "]", "}": "{", ")": "(", "]": "["}

// unbalanced points at the bracket that has no counterpart.
func (c *cell) unbalanced(p *problem, _ report, _ []string) {
	at, bracket := c.brackets()
	if bracket == "" {
		return
	}
	line := strings.Count(c.Cell[:at], "\n")
	column := at - (strings.LastIndexByte(c.Cell[:at], '\n') + 1)
	p.at = place{cell: c.Number, line: line + 1, text: strings.TrimRight(c.lines[line], " \t\r"), from: column, to: column + 1}
	if strings.Contains("{([", bracket) {
		p.sentence = "The " + bracket + " here is never closed."
		p.hint = "The cell has more " + bracket + " than " + pair[bracket] + "."
	} else {
		p.sentence = "The " + bracket + " here closes nothing."
		p.hint = "Take it away, or look for the " + pair[bracket] + " that is missing before it."
	}
}
