package mistakes

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// cell is a cell that failed, and the program that GoNB made of it.
type cell struct {
	Failure
	lines   []string // of Cell
	main    []string // of Main
	sources []source // this cell, and Earlier
}

// source is a cell in lines.
type source struct {
	Source
	lines, given []string // of Cell and of Given
}

func (s Source) split() source {
	lines := strings.Split(s.Cell, "\n")
	if s.Given == "" {
		return source{s, lines, lines}
	}
	return source{s, lines, strings.Split(s.Given, "\n")}
}

// at is the place in the cell of a line that GoNB got; the cell alone, if it is none that the learner wrote.
func (s source) at(line int) place {
	if s.Lines != nil {
		if line < 1 || line > len(s.Lines) {
			return place{cell: s.Number}
		}
		line = s.Lines[line-1]
	}
	if line < 1 || line > len(s.lines) {
		return place{cell: s.Number}
	}
	return place{cell: s.Number, line: line, text: strings.TrimRight(s.lines[line-1], " \t\r")}
}

// end is the end of the cell.
func (c *cell) end() place {
	line := len(c.lines)
	for line > 1 && strings.TrimSpace(c.lines[line-1]) == "" {
		line--
	}
	text := strings.TrimRight(c.lines[line-1], " \t\r")
	return place{cell: c.Number, line: line, text: text, from: len(text), to: len(text) + 1}
}

// place is a place in a cell.
type place struct {
	cell, line int // from 1; 0 where that is not known
	text       string
	from, to   int // the bytes of text to point at; none if they are the same
}

// learners finds the place of a line that GoNB calls a cell's, and that is a line of its program. Its text, and the
// column in it, are those of the program: lines may be moved and indented there.
func (c *cell) learners(number, line, inMain int, text string, column int) place {
	at := place{cell: number, line: line, text: text}
	i := slices.IndexFunc(c.sources, func(s source) bool { return s.is(number) })
	switch {
	case number <= 0:
		at = c.sources[0].at(line)
	case i >= 0:
		at = c.sources[i].at(line)
	case c.GoNB != 0: // GoNB was told it again
		if at = c.inMain(inMain); at.text == "" {
			at.text = text
		}
	}
	if at.line == 0 && at.text == "" {
		return at
	}
	at.text = strings.TrimRight(at.text, " \t\r")
	at.from = locate(at.text, text, column)
	if at.from >= 0 {
		at.to = at.from + width(at.text[at.from:]) // one more than there is, if it is the end
	} else {
		at.from = 0
	}
	return at
}

// locate finds the column (from 1) of a line as GoNB has it in the learner's line; -1 if it is not sure.
func locate(own, text string, column int) int {
	text = strings.TrimRight(text, " \t\r")
	if column < 1 || column > len(text)+1 {
		return -1
	}
	rest := text[column-1:]
	if rest == "" { // behind the end
		if strings.TrimSpace(own) == strings.TrimSpace(text) {
			return len(own)
		}
		return -1
	}
	if strings.HasSuffix(own, rest) {
		return len(own) - len(rest)
	}
	word := rest[:width(rest)] // the cell was rewritten
	if strings.Count(own, word) == 1 {
		return strings.Index(own, word)
	}
	return -1
}

// width is the length of the first token of a text, 1 if there is none.
func width(text string) int {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, 0)
	_, kind, literal := s.Scan()
	switch {
	case kind == token.STRING && strings.Contains(literal, "\n"), kind == token.ILLEGAL, kind == token.EOF, literal == "\n":
	case literal != "":
		return min(len(literal), len(text))
	case kind.IsOperator():
		return min(len(kind.String()), len(text))
	}
	_, size := utf8.DecodeRuneInString(text)
	return max(size, 1)
}

// point lets the place point at a piece of its line, if that is there just once, as a word if it is one.
func (p *place) point(piece string) {
	if piece == "" {
		return
	}
	found := regexp.MustCompile(`(?:^|[^\pL\pN_])(`+regexp.QuoteMeta(piece)+`)(?:[^\pL\pN_]|$)`).FindAllStringSubmatchIndex(p.text, 2)
	if identifier.FindString(piece) != piece {
		found = regexp.MustCompile(`()`+regexp.QuoteMeta(piece)).FindAllStringSubmatchIndex(p.text, 2)
	}
	if len(found) == 1 {
		p.from = found[0][2]
		p.to = p.from + len(piece)
	}
}

// inMain finds a line of GoNB's program in the cells, in the latest of those where it stands. Where the same text
// stands in several lines, the lines around tell which it is.
func (c *cell) inMain(line int) place {
	if line < 1 || line > len(c.main) || c.Main == "" {
		return place{}
	}
	text := func(lines []string, i int) string {
		if i < 1 || i > len(lines) {
			return ""
		}
		return strings.TrimPrefix(strings.TrimSpace(lines[i-1]), "var ") // GoNB makes one group of all variables
	}
	found, score := place{text: strings.TrimRight(c.main[line-1], " \t\r")}, -1
	wanted := text(c.main, line)
	if wanted == "" {
		return found
	}
	for _, s := range c.sources {
		for k := range s.given {
			if text(s.given, k+1) != wanted {
				continue
			}
			same := 0
			for d := 1; d <= 3; d++ {
				for _, step := range []int{d, -d} {
					if text(c.main, line+step) == text(s.given, k+1+step) {
						same++
					}
				}
			}
			if at := s.at(k + 1); same > score && at.line > 0 {
				found, score = at, same
			}
		}
	}
	return found
}

var (
	program = regexp.MustCompile(`/\S*/gonb_[0-9a-f]{8}/main(_test)?\.go`)
	folder  = regexp.MustCompile(`(?m)^# (gonb_[0-9a-f]{8})(?: \[.*\])?$`)
)

// Program returns the program that GoNB made of the cells, as long as the next cell is not executed, for
// Failure's Main. It finds the program by what GoNB said, in GoNB's TMPDIR; if it is not there, it returns "".
func Program(f Failure, dir string) string {
	for _, text := range []string{f.Value, tail(f.Stderr)} {
		path := program.FindString(text)
		if m := folder.FindStringSubmatch(text); path == "" && m != nil { // the compiler is told the folder alone
			path = filepath.Join(dir, m[1], "main.go")
		}
		if path == "" {
			continue
		}
		path = filepath.Clean(path)
		if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 4<<20 {
			continue
		}
		if text, err := fs.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path)); err == nil {
			return string(text)
		}
	}
	return ""
}
