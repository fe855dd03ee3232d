package mistakes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// elsewhere are words that other languages have for what Go calls otherwise.
var elsewhere = map[string]string{"None": "nil", "null": "nil", "NULL": "nil", "True": "true", "False": "false", "float": "float64",
	"double": "float64", "str": "string", "String": "string", "boolean": "bool", "char": "rune", "integer": "int", "elif": "else if"}

// strangers are what other languages print with, or call a method's own value.
var strangers = map[string]string{"console": prints, "System": prints, "cout": prints, "this": receiver, "self": receiver}

const (
	prints   = "fmt.Println(x) prints x."
	receiver = "A method gives it a name, before its own: func (p point) size() float64 { return p.x }."
)

var (
	identifier = regexp.MustCompile(`[\pL_][\pL\pN_]*`)
	selected   = regexp.MustCompile(`^[\pL_][\pL\pN_]*\.([\pL_][\pL\pN_]*)`)
)

// undefinedName explains that a name is not known.
func (c *cell) undefinedName(p *problem, r report, m []string) {
	name := m[1]
	if pkg, member, ok := strings.Cut(name, "."); ok {
		p.sentence = "The package " + pkg + " has no " + member + "."
		if first := member[:min(1, len(member))]; first != strings.ToUpper(first) {
			p.hint = "What a package offers begins with a capital letter, as in fmt.Println."
		}
		return
	}
	p.sentence = "Go knows nothing called " + name + " here."
	if way, ok := strangers[name]; ok {
		p.hint = way
		return
	}
	if s := selected.FindStringSubmatch(r.rest); s != nil {
		known := slices.ContainsFunc(standard, func(path string) bool { return path[strings.LastIndexByte(path, '/')+1:] == name })
		switch first := s[1][:1]; {
		case known && first == strings.ToLower(first):
			p.hint = "What a package offers begins with a capital letter, as in fmt.Println."
		default:
			p.hint = "If " + name + " is a package, it is found by itself only if the name behind the dot, " + s[1] + ", is spelt right; else import it."
			if !known && name != "nn" {
				p.hint = "Has the cell been run that declares it? " + p.hint
			}
		}
		return
	}
	if hint := parameter(r.at.text, name); hint != "" {
		p.hint = hint
		return
	}
	if habit, ok := habits[name]; ok && strings.TrimSpace(r.at.text) == name {
		p.sentence, p.hint = habit[0], habit[1]
		return
	}
	if way, ok := functions[name]; ok && strings.HasPrefix(r.rest, name+"(") {
		p.hint = way
		return
	}
	if other, ok := elsewhere[name]; ok {
		p.hint = "In Go it is called " + other + "."
		return
	}
	if regexp.MustCompile(`\b` + name + `\s*:?=\s*func\b`).MatchString(c.Cell) {
		p.sentence = name + " is not known inside of itself yet."
		p.hint = "A function that calls itself is declared by func " + name + "(…), and not by :=."
		return
	}
	if s := c.local(name); s != nil {
		p.hint = fmt.Sprintf("Cell %d has it for itself alone, as %s := stands behind other statements there. Write var %s = in that cell.", s.Number, name, name)
		if ownMark.MatchString(s.Cell) {
			p.hint = fmt.Sprintf("Cell %d has it for itself alone: what stands below %%%% is forgotten. Declare it above, by var %s =.", s.Number, name)
		}
		return
	}
	if regexp.MustCompile(`^\s*(?:for\s+|if\s+)?(?:\w+\s*,\s*)*` + name + `\s*(?:,\s*\w+\s*)*=[^=]`).MatchString(r.at.text) {
		p.hint = "= changes a variable that exists. Write := to make a new one."
		return
	}
	for _, word := range identifier.FindAllString(c.Cell+"\n"+c.Main, 5000) {
		if alike(word, name) && (c.declared(word) || c.declares(word)) {
			p.hint = "Do you mean " + word + "?"
			return
		}
	}
	p.hint = "Is it spelt as where it is declared, and has that cell been run without an error?"
}

// local finds the latest cell that declares a name which no other cell knows, by := or below %%.
func (c *cell) local(name string) *Source {
	declares := declaring(name)
	for i, s := range c.Earlier {
		if !strings.Contains(s.Cell, name) { // as most: then it costs nothing
			continue
		}
		below := ownMark.MatchString(s.Cell)
		for line := range strings.SplitSeq(s.Cell, "\n") {
			if (below || strings.Contains(line, ":=")) && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " ") &&
				!opens[firstWord(line)] && declares.MatchString(line) {
				return &c.Earlier[i]
			}
		}
	}
	return nil
}

// declares tells whether a cell has something of that name in a block of vars, or as a function or type.
func (c *cell) declares(name string) bool {
	return regexp.MustCompile(`(?m)^\s*(?:(?:var|const|type|func)\s+)?` + regexp.QuoteMeta(name) + `\s*(?:[\w\[\]*.]+\s*)?(?:=[^=]|\()`).MatchString(c.Cell + "\n" + c.Main)
}
