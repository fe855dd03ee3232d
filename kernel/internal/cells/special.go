package cells

import (
	"strings"
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
}

// languages are the commands that make all of a cell something else than Go, if they stand in its first line.
var languages = map[string]bool{"%%writefile": true, "%%script": true, "%%bash": true, "%%sh": true, "%%gx": true}

// read finds the special lines of a cell, by GoNB's rules: a line that begins with % or !, also after
// //gonb:, and the lines that it is continued on by a \ at its end. It does not matter where they stand: GoNB
// takes them out of raw strings and comments as well.
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
	for i := range c.lines {
		l := &c.lines[i]
		text := strings.TrimPrefix(source[l.start:l.end], "//gonb:")
		begins := func(with string) bool { return strings.HasPrefix(text, with) }
		if first := strings.Split(text, " ")[0]; i == 0 && languages[first] {
			c.fixed, l.special, l.command = true, true, first
			return c
		}
		switch {
		case c.continued || len(text) > 1 && (text[0] == '%' || text[0] == '!'):
			if l.special = true; !c.continued && text[0] == '%' {
				l.command = "%"
				if words := strings.Fields(text[1:]); len(words) > 0 {
					l.command = strings.Trim(words[0], `"`)
				}
			}
			c.continued = strings.HasSuffix(text, `\`)
		case text == "package" || begins("package ") || begins("package\t"): // GoNB writes its own
			l.command = "package"
		default:
			continue
		}
		for at := l.start; at < l.end; at++ {
			c.masked[at] = ' '
		}
		if beginsMain(text) {
			if c.main >= 0 || i > 0 && c.lines[i-1].special && strings.HasSuffix(source[:l.start], "\\\n") {
				c.fixed = true // a second one is a mistake, which the compiler explains
			} else {
				c.main = i
			}
		}
		switch {
		case begins("%exec"), l.command == "exec", l.command == "test", l.command == "wasm":
			c.fixed = true
		}
	}
	return c
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
