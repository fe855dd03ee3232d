package cells

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// layout is a cell as GoNB reads it: line by line, before it looks at any Go.
type layout struct {
	source    string
	lines     []line
	masked    []byte // the source with spaces in place of all that GoNB takes away before it compiles
	main      int    // the index of the first line that begins the main function, -1 if there is none
	continued bool   // the last line is special, and would take one after it
	// fixed tells that the cell is no Go, or says by itself what is to be run and how: a program in another
	// language, tests, WebAssembly, a function.
	fixed bool
}

// line is a line of a cell.
type line struct {
	start, end int    // offsets; end is before the line break
	command    string // what the special command is called, "" for Go
	special    bool   // GoNB executes it, or part of it
	inside     byte   // what it begins inside of: a raw string '`', a comment '/', or 0
}

// languages are the commands that make all of a cell something else than Go, if they stand in its first line.
var languages = map[string]bool{"%%writefile": true, "%%script": true, "%%bash": true, "%%sh": true, "%%gx": true}

// read finds the special lines of a cell, by GoNB's rules: a line that begins with % or !, also after
// //gonb:, and the lines that it is continued on by a \ at its end. GoNB takes them out of raw strings and comments as
// well; there they are not special here, and guard keeps them from GoNB.
func read(source string) layout {
	c := layout{source: source, masked: []byte(source), main: -1}
	for start := 0; start <= len(source); {
		end := len(source)
		if n := strings.IndexByte(source[start:], '\n'); n >= 0 {
			end = start + n
		}
		c.lines = append(c.lines, line{start: start, end: end})
		start = end + 1
	}
	if first, _, _ := strings.Cut(strings.TrimPrefix(source[:c.lines[0].end], "//gonb:"), " "); languages[first] {
		c.fixed, c.lines[0].special, c.lines[0].command = true, true, first
		return c
	}
	inside := byte(0)
	raw, comment := strings.LastIndexByte(source, '`'), strings.LastIndex(source, "*/") // where the last of them end
	for i := range c.lines {
		l := &c.lines[i]
		if l.inside = inside; inside == 0 && c.special(i) {
			continue
		}
		switch inside = endsInside(source[l.start:l.end], inside); {
		case inside == '"', inside == '`' && raw < l.end, inside == '/' && comment < l.end: // it has no end
			inside = 0
		}
	}
	return c
}

// special tells whether a line is special, or a package clause, and masks it.
func (c *layout) special(i int) bool {
	l := &c.lines[i]
	text := strings.TrimPrefix(c.source[l.start:l.end], "//gonb:")
	switch {
	case c.continued || taken(text):
		if l.special = true; !c.continued && text[0] == '%' {
			l.command = "%"
			if words := strings.Fields(text[1:]); len(words) > 0 {
				l.command = strings.Trim(words[0], `"`)
			}
		}
		c.continued = strings.HasSuffix(text, `\`)
	case text == "package" || strings.HasPrefix(text, "package ") || strings.HasPrefix(text, "package\t"): // GoNB writes its own
		l.command = "package"
	default:
		return false
	}
	for at := l.start; at < l.end; at++ {
		c.masked[at] = ' '
	}
	if beginsMain(text) {
		if c.main >= 0 || i > 0 && c.lines[i-1].special && strings.HasSuffix(c.source[:l.start], "\\\n") {
			c.fixed = true // a second one is a mistake, which the compiler explains
		} else {
			c.main = i
		}
	}
	switch {
	case strings.HasPrefix(text, "%exec"), l.command == "exec", l.command == "test", l.command == "wasm":
		c.fixed = true
	}
	return true
}

// taken tells whether GoNB takes a line for a command. It has no //gonb: in front.
func taken(line string) bool {
	return len(line) > 1 && (line[0] == '%' || line[0] == '!')
}

// guard keeps GoNB from what only looks like a command, in raw strings and comments; from what only begins like a
// package clause, for it drops every such line; and from comments that tell the compiler that a line is another one, on
// which it ends.
func guard(source string) string {
	c := read(source)
	if c.fixed {
		return source
	}
	var text strings.Builder
	for i, l := range c.lines {
		line := source[l.start:l.end]
		clause := !l.special && l.command == "" && strings.HasPrefix(line, "package")
		switch {
		case l.inside == 0 && (clause || strings.HasPrefix(line, "//line ")):
			text.WriteByte(' ')
		case l.inside != 0 && (clause || taken(strings.TrimPrefix(line, "//gonb:"))):
			text.WriteString(map[byte]string{'`': "`+`", '/': " "}[l.inside])
		}
		text.WriteString(line)
		if i < len(c.lines)-1 {
			text.WriteByte('\n')
		}
	}
	return text.String()
}

// endsInside tells by its first character what a line ends inside of that begins inside of something: '"', a raw
// string '`' or a comment '/'. It is 0 where the line ends in none of them.
func endsInside(line string, inside byte) byte {
	for i := 0; i < len(line); {
		rest := line[i:]
		switch {
		case inside != 0:
			closes := map[byte]string{'`': "`", '/': "*/"}[inside]
			n := strings.Index(rest, closes)
			if n < 0 {
				return inside
			}
			inside = 0
			i += n + len(closes)
		case rest[0] == '`':
			inside = '`'
			i++
		case strings.HasPrefix(rest, "/*"):
			inside = '/'
			i += 2
		case strings.HasPrefix(rest, "//"):
			return 0
		case rest[0] == '"' || rest[0] == '\'':
			end := 1
			for end < len(rest) && rest[end] != rest[0] {
				if rest[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(rest) {
				return '"'
			}
			i += end + 1
		default:
			i++
		}
	}
	return inside
}

// Tidy is a cell as it was meant to be typed: without the byte order mark and the carriage returns of a file from
// Windows, and, where no text is, without the spaces and invisible characters of web pages that Go does not know.
func Tidy(source string) string {
	source = strings.ReplaceAll(strings.TrimPrefix(source, "\ufeff"), "\r\n", "\n")
	if c := read(source); !c.fixed && strings.ContainsFunc(source, odd) {
		tokens, _, _ := scan(c.masked)
		var text strings.Builder
		at := 0
		for _, t := range tokens {
			if r, size := utf8.DecodeRuneInString(source[t.at:]); t.Token == token.ILLEGAL && odd(r) {
				text.WriteString(source[at:t.at])
				if unicode.Is(unicode.Zs, r) {
					text.WriteByte(' ')
				}
				at = t.at + size
			}
		}
		source = text.String() + source[at:]
	}
	return source
}

// odd tells whether a character is a space that is none of Go's, or has no width.
func odd(r rune) bool {
	return r > 0x7f && unicode.Is(unicode.Zs, r) || strings.ContainsRune("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", r)
}

// beginsMain tells whether a line begins the main function.
func beginsMain(line string) bool {
	return strings.HasPrefix(line, "%main") || line == "%%" || strings.HasPrefix(line, "%% ") || strings.HasPrefix(line, "%%\t")
}

// lineAt returns the index of the line that an offset is in.
func (c *layout) lineAt(offset int) int {
	low, high := 0, len(c.lines)-1
	for low < high {
		if middle := (low + high + 1) / 2; c.lines[middle].start <= offset {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// commands returns the special lines as GoNB executes them: without what they begin with, joined.
func (c *layout) commands() []string {
	var commands []string
	going := false
	for _, l := range c.lines {
		text := strings.TrimPrefix(c.source[l.start:l.end], "//gonb:")
		switch {
		case l.special && going:
			commands[len(commands)-1] += text
		case l.special:
			commands = append(commands, text)
		}
		if going = l.special && strings.HasSuffix(text, `\`); going {
			commands[len(commands)-1] = strings.TrimSuffix(commands[len(commands)-1], `\`) + " "
		}
	}
	return commands
}
