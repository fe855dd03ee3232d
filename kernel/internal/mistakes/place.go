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
	lines   []string   // of Cell
	earlier [][]string // of Earlier
	main    []string   // of Main
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
	source, lines := c.own(), c.lines
	if number > 0 && !source.is(number) {
		i := slices.IndexFunc(c.Earlier, func(s Source) bool { return s.is(number) })
		switch {
		case i >= 0:
			source, lines = c.Earlier[i], c.earlier[i]
		case c.GoNB != 0: // GoNB was told it again
			if at = c.inMain(inMain); at.text == "" {
				at.text = text
			}
			lines = nil
		default:
			lines = nil
		}
	}
	if lines != nil {
		if source.Lines != nil {
			if line = 0; at.line >= 1 && at.line <= len(source.Lines) {
				line = source.Lines[at.line-1]
			}
		}
		if line < 1 || line > len(lines) { // a line that the learner did not write
			return place{cell: source.Number}
		}
		at = place{cell: source.Number, line: line, text: lines[line-1]}
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
		return strings.TrimSpace(lines[i-1])
	}
	found, score := place{text: strings.TrimRight(c.main[line-1], " \t\r")}, -1
	wanted := text(c.main, line)
	if wanted == "" {
		return found
	}
	search := func(number int, lines []string) {
		for k := range lines {
			if text(lines, k+1) != wanted {
				continue
			}
			same := 0
			for d := 1; d <= 3; d++ {
				for _, step := range []int{d, -d} {
					if text(c.main, line+step) == text(lines, k+1+step) {
						same++
					}
				}
			}
			if same > score {
				found, score = place{cell: number, line: k + 1, text: strings.TrimRight(lines[k], " \t\r")}, same
			}
		}
	}
	given := c.lines
	if c.Given != "" {
		given = strings.Split(c.Given, "\n")
	}
	search(c.Number, given)
	for i, lines := range c.earlier {
		search(c.Earlier[i].Number, lines)
	}
	if c.Given != "" && found.line > 0 && found.cell == c.Number {
		return c.learners(0, found.line, line, c.main[line-1], 0)
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
