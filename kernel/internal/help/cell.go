package help

import (
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The names of gopls's files. Where both declare a name, the compiler takes the first file's: the cell's.
const (
	cellFile     = "cell.go"
	declaredFile = "declared.go"
)

// source is a cell as a Go file: first what it imports and declares, then its statements within a function.
// The lines keep their text, so that only their numbers change.
type source struct {
	text  string
	cell  []string // the cell's lines
	lines []int    // for each of them its line in text, from 0; -1 where it is not Go
	from  []int    // for each line of text its line in the cell; -1 where it has none
}

var (
	// special matches lines that GoNB does not take for Go.
	special = regexp.MustCompile(`^\s*(//gonb:)?[%!]`)
	// begins matches the line after which a cell is a program.
	begins = regexp.MustCompile(`^\s*(//gonb:)?%(%|main|exec|test)`)
	// other matches the first line of cells that are not Go at all.
	other = regexp.MustCompile(`^\s*(//gonb:)?%%(writefile|script|bash|sh|gx)\b`)
)

// layOut makes a file of a cell. imports is text for its first line, after the package's name.
func layOut(cell, imports string) source {
	s := source{cell: strings.Split(cell, "\n")}
	s.lines = slices.Repeat([]int{-1}, len(s.cell))
	code, main := withoutSpecial(s.cell)
	if other.MatchString(s.cell[0]) {
		code = nil
		main = 0
	}
	parts := append(split(code, 0, main, false), split(code, main, len(code), true)...)
	var text strings.Builder
	add := func(line string, from int) {
		text.WriteString(line + "\n")
		if from >= 0 && !special.MatchString(s.cell[from]) {
			s.lines[from] = len(s.from)
		}
		s.from = append(s.from, from)
	}
	addParts := func(wanted func(token.Token) bool) {
		for _, p := range parts {
			if wanted(p.kind) {
				for i := p.first; i < p.end; i++ {
					add(code[i], i)
				}
				add(p.closing, -1)
			}
		}
	}
	add("package main", -1)
	add(imports, -1)
	addParts(func(kind token.Token) bool { return kind == token.IMPORT })
	addParts(func(kind token.Token) bool { return kind != token.IMPORT && kind != statement })
	add("func init() {", -1)
	addParts(func(kind token.Token) bool { return kind == statement })
	add("}", -1)
	s.text = text.String()
	return s
}

// withoutSpecial empties the lines that are not Go, and tells from which line on the cell is a program.
func withoutSpecial(lines []string) (code []string, main int) {
	main = len(lines)
	continued := false
	for i, line := range lines {
		if begins.MatchString(line) {
			main = min(main, i)
		}
		isSpecial := continued || special.MatchString(line)
		continued = isSpecial && strings.HasSuffix(strings.TrimSuffix(line, "\r"), `\`)
		if isSpecial {
			line = ""
		}
		code = append(code, line)
	}
	return code, main
}

// locate finds a cursor, counted in code points of the cell: its line, and its byte there. A cursor behind the
// cell's end is at its end.
func (s source) locate(cursor int) (line, column int) {
	for line, text := range s.cell {
		n := utf8.RuneCountInString(text)
		if cursor <= n || line == len(s.cell)-1 {
			return line, offset(text, min(max(cursor, 0), n))
		}
		cursor -= n + 1
	}
	return 0, 0
}

// offset is the byte at which the nth code point of text begins.
func offset(text string, n int) int {
	for at := range text {
		if n == 0 {
			return at
		}
		n--
	}
	return len(text)
}

// position is where gopls has a byte of a line of the cell.
func (s source) position(line, column int) (position, bool) {
	return position{s.lines[line], units(s.cell[line][:column])}, s.lines[line] >= 0
}

// units is the length of text in UTF-16.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// cursor is where the cell has a position of gopls's, in code points.
func (s source) cursor(p position) (int, bool) {
	if p.Line < 0 || p.Line >= len(s.from) || s.from[p.Line] < 0 {
		return 0, false
	}
	line, unit := s.from[p.Line], 0
	for column, r := range s.cell[line] {
		if unit >= p.Character {
			return s.at(line, column), true
		}
		unit += utf16.RuneLen(r)
	}
	return s.at(line, len(s.cell[line])), true
}

// at is the cursor at a byte of a line of the cell.
func (s source) at(line, column int) int {
	cursor := utf8.RuneCountInString(s.cell[line][:column])
	for _, text := range s.cell[:line] {
		cursor += utf8.RuneCountInString(text) + 1
	}
	return cursor
}
