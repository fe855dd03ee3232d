package mistakes

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// compileRule explains the compiler's messages that match.
type compileRule struct {
	message *regexp.Regexp
	explain func(c *cell, p *problem, r report, m []string)
}

// explainReport gives a compile error its sentence and its hint, if it is known.
func (c *cell) explainReport(p *problem, r report) {
	if r.gap.name != "" {
		p.sentence, p.hint = "Nothing stands to the right of "+r.gap.sign+" in this line.", "Fill in the value of "+r.gap.name+"."
		p.at.from, p.at.to = 0, 0
		p.at.point(r.gap.sign)
		return
	}
	for _, rules := range [][]compileRule{lessonRules, layerRules, parserRules, habitRules, compileRules, typeRules} {
		for _, rule := range rules {
			if m := rule.message.FindStringSubmatch(r.message); m != nil {
				rule.explain(c, p, r, m)
				return
			}
		}
	}
}

// words is a rule's explanation that needs the match alone.
func words(sentence, hint string) func(*cell, *problem, report, []string) {
	return func(_ *cell, p *problem, _ report, m []string) { p.sentence, p.hint = fill(sentence, m), fill(hint, m) }
}

var compileRules = []compileRule{
	{unused, func(c *cell, p *problem, r report, m []string) {
		p.sentence = m[1] + " is declared, but nothing uses it."
		p.hint = "Use it, or take it away. _ = " + m[1] + " tells Go to let it be while you try things out."
		before := 0
		for _, line := range c.lines[:max(0, min(r.at.line-1, len(c.lines)))] {
			if declares(line, m[1]) {
				before++
			}
		}
		if before > 0 && r.at.cell == c.Number && strings.HasPrefix(r.at.text, "\t") || before > 0 && strings.HasPrefix(r.at.text, " ") {
			p.sentence = "This " + m[1] + " is a new variable, and nothing uses it: it hides the " + m[1] + " that was declared above."
			p.hint = "To change the " + m[1] + " from above, write = in place of :=."
		}
	}},
	{regexp.MustCompile(`^("\S+") imported(?: as \S+)? and not used$`), words("$1 is imported, but nothing uses it.", "Take the import away, or use it.")},
	{regexp.MustCompile(`^no new variables on left side of :=$`),
		words("The variable to the left of := exists already.", ":= makes a new variable. Write = to give another value to one that exists.")},
	{undefined, (*cell).undefinedName},
	{regexp.MustCompile(`^(\S+) undefined \(type (\S+) has no field or method (\w+), but does have (method|field) (\w+)\)$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = article(m[2]) + " has no " + m[3] + ", but it has " + m[5] + "."
		p.sentence = strings.ToUpper(p.sentence[:1]) + p.sentence[1:]
		p.hint = "Capital and small letters count: write ." + m[5] + "."
	}},
	{regexp.MustCompile(`^(\S+) undefined \(type (.+) has no field or method (\w+)\)$`), func(c *cell, p *problem, _ report, m []string) {
		p.sentence = "A value of type " + m[2] + " has no field and no method " + m[3] + "."
		if name := strings.TrimSuffix(m[1], "."+m[3]); slices.Contains(standard, name) {
			p.sentence = name + " is a variable here, of type " + m[2] + ": it hides the package " + name + "."
			p.hint = "Give the variable another name."
			if !slices.ContainsFunc(c.lines, func(line string) bool { return declares(line, name) }) {
				p.hint += " %rm " + name + " forgets it."
			}
			return
		}
		if strings.HasPrefix(m[2], "[]") || strings.HasPrefix(m[2], "map[") || strings.HasSuffix(m[2], "string") {
			value := strings.TrimSuffix(m[1], "."+m[3])
			if m[2] == "untyped string" { // the compiler leaves its quotation marks out
				value, p.sentence = `"`+value+`"`, "A string has no field and no method "+m[3]+"."
			}
			p.hint = method(value, m[3])
		}
	}},
	{regexp.MustCompile(`^undefined: (\w+)\.\w+ \(but have (\w+)\)$`), words("The package $1 has no such name, but it has $2.", "Capital and small letters count: write $1.$2.")},
	{regexp.MustCompile(`^(?:undefined: (\w+)\.(\w+)|name (\w+) not exported by package (\w+)|undefined: (\w+)\.(\w+) \(.*\))$`), func(_ *cell, p *problem, _ report, m []string) {
		pkg, name := m[1]+m[4]+m[5], m[2]+m[3]+m[6]
		p.sentence = "The package " + pkg + " has no " + name + " for you."
		if first := name[:1]; first == strings.ToLower(first) {
			p.hint = "What a package offers begins with a capital letter, as in fmt.Println."
		}
	}},
	{regexp.MustCompile(`^(\S+) undefined \(cannot refer to unexported (field|method) (\w+)\)$`),
		words("The $2 $3 is for its own package only, since its name begins with a small letter.", "What a package offers begins with a capital letter.")},
	{regexp.MustCompile(`^use of package (\w+) without selector$`), words("$1 is a package: say what you want of it.", "Write $1. and the name, as in fmt.Println.")},
	{regexp.MustCompile(`^invalid operation: division by zero$`), words("This divides by zero.", "")},
	{regexp.MustCompile(`^invalid operation: cannot call (?:non-function )?(\w+) \(variable of type (.+?)\)`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = m[1] + " is a variable here, of type " + m[2] + ", and no function."
		if types.Universe.Lookup(m[1]) != nil {
			p.hint = "The variable " + m[1] + " hides Go's own " + m[1] + ". Give it another name."
		}
	}},
	{regexp.MustCompile(`^(\w+) \((?:local |package-level )?variable.*\) is not a type$`), func(_ *cell, p *problem, r report, m []string) {
		p.sentence = m[1] + " is a variable here, and no type."
		if types.Universe.Lookup(m[1]) != nil {
			p.hint = "The variable " + m[1] + " hides Go's own " + m[1] + ". Give it another name."
		} else {
			p.hint = parameter(r.at.text, m[1])
		}
	}},
	{regexp.MustCompile(`^missing return$`), words("The function can reach its end here without returning a value.", "Every way through it must come to a return, also the one on which no if is true.")},
	{regexp.MustCompile(`^invalid argument: index (-?\d+) out of bounds \[0:(\d+)\]$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "Index " + m[1] + " is out of range: " + elements(number(m[2])) + "."
	}},
	{regexp.MustCompile(`^invalid argument: index (-\d+) .*must not be negative`), words("The index is $1, but the first element has index 0.", "The last element of a list is list[len(list)-1].")},
	{regexp.MustCompile(`^assignment mismatch: (\d+) variables? but (.+) returns? (\d+) values?$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = fmt.Sprintf("%s gives %s, and to the left stands room for %s.", m[2], count(number(m[3]), "value"), m[1])
		if m[1] == "1" && m[3] == "2" {
			p.hint = "Take both, with a comma between: value, err := …; a _ takes one that you don't need."
		}
	}},
	{regexp.MustCompile(`^assignment mismatch: (\d+) variables? but (\d+) values?$`), words("To the left there are $1 names, and to the right $2 values.", "")},
	{regexp.MustCompile(`^(not enough|too many) arguments in call to (\S+)$`), func(_ *cell, p *problem, r report, m []string) {
		have, want, ok := haveWant(r.more)
		if !ok {
			return
		}
		p.sentence = fmt.Sprintf("%s wants %s, and is given %s.", m[2], want, have)
		if m[1] == "too many" {
			p.hint = decimals(r)
		}
		if strings.HasSuffix(have, "error)") && !strings.Contains(want, "error") {
			p.hint = "The function inside returns an error besides its value. Take both in a line before: value, err := …"
		}
	}},
	{regexp.MustCompile(`^(not enough|too many) return values$`), func(c *cell, p *problem, r report, _ []string) {
		if have, want, ok := haveWant(r.more); ok {
			p.sentence = fmt.Sprintf("The function promises to return %s; this returns %s.", want, have)
			if want == "no values" && strings.Contains(c.Cell, "func ") {
				p.hint = "What a function returns stands behind its parentheses: func half(x float64) float64 {"
			}
		}
	}},
	{regexp.MustCompile(`^(.+) \(no value\) used as value$`), words("$1 returns nothing, so there is nothing to use.", "")},
	{regexp.MustCompile(`^multiple-value (\S+\(.*\)) \(value of type \((.+)\)\) in single-value context$`),
		words("$1 gives several values ($2) where one is wanted.", "Take them first, with a comma between: value, err := …")},
	{regexp.MustCompile(`^(.+) \((?:value|variable|constant|untyped).*\) is not used$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "The value of " + m[1] + " is worked out, and then nothing is done with it."
		p.hint = "Show it with fmt.Println, or keep it in a variable."
		if strings.HasPrefix(m[1], "append(") {
			p.hint = "append gives back the longer slice: list = append(list, …)."
		}
		if strings.Contains(m[1], "==") {
			p.hint = "== compares; to give a variable a value, write =."
		}
	}},
	{regexp.MustCompile(`^(\w+) redeclared in this block$`), words("$1 is declared twice.", "Give one of them another name; if an earlier cell declares it, %rm $1 forgets that one.")},
	{regexp.MustCompile(`^cannot assign to (\w+) \((?:neither addressable nor a map index expression|constant .*)\)$`), func(c *cell, p *problem, _ report, m []string) {
		if regexp.MustCompile(`(?m)^\s*(?:const\s+)?` + m[1] + `\s.*=`).MatchString(c.constants()) {
			p.sentence, p.hint = m[1]+" is a constant: it keeps its value.", "Declare it with var in place of const if it is to change."
		}
	}},
	{regexp.MustCompile(`^invalid operation: operator (\S+) not defined on (.+) \((?:variable|value|constant).* of (?:\w+ )?type (.+?)\)$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "Go has no " + m[1] + " for " + m[2] + ", which is of type " + m[3] + "."
		if m[1] == "+" && strings.HasPrefix(m[3], "[]") {
			p.hint = "append(a, b...) puts the elements of b behind those of a."
		}
	}},
	{regexp.MustCompile(`^invalid operation: (.+) \((slice|map|func) can only be compared to nil\)$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "Go cannot compare two " + m[2] + "s with ==."
		if m[2] != "func" {
			p.hint = m[2] + "s.Equal(a, b) tells whether two have the same elements."
		}
	}},
	{regexp.MustCompile(`^non-boolean condition in (if|for) statement$`), words("After $1 stands a condition that is true or false; this is neither.", "Compare it with something, as in x != 0.")},
	{regexp.MustCompile(`^unknown field (\w+) in struct literal of type (\S+)$`), words("$2 has no field $1.", "Put the cursor on $2 and press Shift-Tab to see its fields.")},
	{regexp.MustCompile(`^(\S+) does not satisfy (.+) \(.+ missing in .+\)$`), words("$1 is none of the types that are allowed here: $2.", "")},
	{regexp.MustCompile(`^(break|continue) is not in a loop(.*)$`), words("$1 makes sense only inside for$2.", "")},
}

// declares tells whether a line declares a variable.
func declares(line, name string) bool {
	return regexp.MustCompile(`^\s*(?:var\s+|for\s+|if\s+)?(?:[\pL\pN_]+\s*,\s*)*` + regexp.QuoteMeta(name) + `\s*(?:,[^=]*)?:=|^\s*var\s+` + regexp.QuoteMeta(name) + `\b`).MatchString(line)
}

func (c *cell) declared(name string) bool {
	return slices.ContainsFunc(append(slices.Clone(c.lines), c.main...), func(line string) bool { return declares(line, name) })
}

// constants are the lines in which the cells declare constants.
func (c *cell) constants() string {
	var found []string
	block := false
	for _, line := range append(slices.Clone(c.lines), c.main...) {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "const ("):
			block = true
		case trimmed == ")":
			block = false
		case block, strings.HasPrefix(trimmed, "const "):
			found = append(found, line)
		}
	}
	return strings.Join(found, "\n")
}

// haveWant reads the two lines that say which values there are and which there should be.
func haveWant(more []string) (have, want string, ok bool) {
	for _, line := range more {
		if text, is := strings.CutPrefix(line, "have "); is {
			have = values(text)
		} else if text, is := strings.CutPrefix(line, "want "); is {
			want = values(text)
		}
	}
	return have, want, have != "" && want != ""
}

// values says how many values there are: "2 values (int, error)".
func values(list string) string {
	inner := strings.TrimSuffix(strings.TrimPrefix(list, "("), ")")
	if inner == "" {
		return "no values"
	}
	depth, n := 0, 1
	for _, r := range inner {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				n++
			}
		}
	}
	if strings.HasPrefix(inner[strings.LastIndexByte(inner, ' ')+1:], "...") { // any number of the last
		return count(n-1, "value") + " or more (" + inner + ")"
	}
	return count(n, "value") + " (" + inner + ")"
}

// elsewhere are words that other languages have for what Go calls otherwise.
var elsewhere = map[string]string{"None": "nil", "null": "nil", "NULL": "nil", "True": "true", "False": "false", "float": "float64",
	"double": "float64", "str": "string", "String": "string", "boolean": "bool", "char": "rune", "integer": "int", "elif": "else if"}

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
	if strings.HasPrefix(strings.TrimSpace(r.at.text), name) && assigned.MatchString(strings.TrimPrefix(strings.TrimSpace(r.at.text), name)) {
		p.hint = "= changes a variable that exists. Write := to make a new one."
		return
	}
	for _, word := range identifier.FindAllString(c.Cell+"\n"+c.Main, 5000) {
		if alike(word, name) && (c.declared(word) || c.declares(word)) {
			p.hint = "Do you mean " + word + "?"
			return
		}
	}
	p.hint = "Is it spelt as where it is declared, and has that cell been run?"
}

var assigned = regexp.MustCompile(`^\s*=[^=]`)

// declares tells whether a cell has something of that name in a block of vars, or as a function or type.
func (c *cell) declares(name string) bool {
	return regexp.MustCompile(`(?m)^\s*(?:(?:var|const|type|func)\s+)?` + regexp.QuoteMeta(name) + `\s*(?:[\w\[\]*.]+\s*)?(?:=[^=]|\()`).MatchString(c.Cell + "\n" + c.Main)
}
