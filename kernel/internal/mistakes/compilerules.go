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
		if c.Given != "" && r.at.cell == c.Number && strings.HasPrefix(r.at.text, m[1]+" :=") {
			p.hint = "Use it, or take it away. If later cells are to know it, write var " + m[1] + " = in place of " + m[1] + " :=, which is for this cell alone behind other statements."
		}
		above := c.lines[:max(0, min(r.at.line-1, len(c.lines)))]
		inside := r.at.cell == c.Number && strings.HasPrefix(r.at.text, "\t") || strings.HasPrefix(r.at.text, " ")
		if inside && slices.ContainsFunc(above, declaring(m[1]).MatchString) {
			p.sentence = "This " + m[1] + " is a new variable, and nothing uses it: it hides the " + m[1] + " that was declared above."
			p.hint = "To change the " + m[1] + " from above, write = in place of :=."
		}
	}},
	{regexp.MustCompile(`^("\S+") imported(?: as \S+)? and not used$`), func(_ *cell, p *problem, r report, m []string) {
		p.sentence, p.hint = m[1]+" is imported, but nothing uses it.", "Take the import away, or use it."
		if strings.Contains(r.at.text, ". "+m[1]) {
			p.hint = "An import with a . must be used in every later cell. %rm .~" + strings.Trim(m[1], `"`) + " forgets it."
		}
	}},
	{regexp.MustCompile(`^no new variables on left side of :=$`), func(_ *cell, p *problem, r report, _ []string) {
		p.sentence = "The variable to the left of := exists already."
		p.hint = ":= makes a new variable. Write = to give another value to one that exists."
		if strings.HasPrefix(strings.TrimSpace(r.at.text), "_ ") {
			p.sentence, p.hint = "_ is no variable: it takes what nobody needs.", "Write _ = in place of :=."
		}
	}},
	{labelled, func(_ *cell, p *problem, r report, m []string) {
		p.sentence, p.hint = "A name with a : behind it is a label here, and nothing jumps to this one.", "Take it away."
		if habit, ok := habits[m[1]]; ok {
			p.sentence, p.hint = habit[0], habit[1]
		} else if regexp.MustCompile(`^\s*\w+\s*:\s*[\w\[\]*.]+\s*(=|$)`).MatchString(r.at.text) {
			p.sentence, p.hint = noColon, "Write var "+m[1]+" int = 3, with your own type, or "+m[1]+" := 3."
		}
	}},
	{regexp.MustCompile(`^(.+) \(type\) is not an expression$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence, p.hint = m[1]+" is a type, and no value.", "var x "+m[1]+" declares a variable of that type."
		if strings.HasPrefix(m[1], "[") || strings.HasPrefix(m[1], "map[") {
			p.hint = m[1] + "{} is an empty value of that type."
		}
	}},
	{regexp.MustCompile(`use of \.\(type\) outside type switch$`), words(".(type) stands only in a switch.", `fmt.Printf("%T", x) prints the type of x.`)},
	{regexp.MustCompile(`^invalid argument: (.+) \((?:(?:variable|value|constant).* of type (.+)|untyped (\w+) constant.*)\) for built-in (?:len|cap)$`),
		words("$1 has no length: it is of type $2$3.", "len counts the elements of a list or a map, and the bytes of a string.")},
	{regexp.MustCompile(`^cannot define new methods on non-local type (\S+)$`), words("Only types of your own can be given methods, and $1 is none.", "Make one of it: type number $1")},
	{regexp.MustCompile(`^missing init expr for (\w+)$`), words("A constant needs its value.", "As in const $1 = 3.")},
	{regexp.MustCompile(`^(.+) \(untyped float constant.*\) truncated to \S+$`), func(_ *cell, p *problem, r report, m []string) {
		p.sentence, p.hint = m[1]+" has a part behind the point, and a whole number is wanted here.", "A float64 holds numbers with a point."
		if strings.Contains(r.at.text, "time.") {
			p.hint = "A time.Duration is a whole number: 500 * time.Millisecond is half a second."
		}
	}},
	{regexp.MustCompile(`^initialization cycle(?:: (\w+) refers to itself)?`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "This variable is made of others that need it themselves."
		if m[1] != "" {
			p.sentence = m[1] + " cannot be made of itself."
			p.hint = "Without var, " + m[1] + " = … changes the " + m[1] + " of an earlier cell, as long as this cell runs."
		}
	}},
	{regexp.MustCompile(`^invalid recursive type: (\w+) refers to itself$`), words("A $1 cannot have a $1 inside: it would be endlessly large.", "It can have a pointer to one: *$1.")},
	{regexp.MustCompile(`^cannot convert (.+) \(untyped float constant.*\) to type (\S+)(?: \(truncated\))?$`),
		words("$1 has a part behind the point, and $2 holds whole numbers.", "$2(math.Round($1)) rounds. Of a variable, $2(x) drops what is behind the point.")},
	{regexp.MustCompile(`^(?:constant (\S+) overflows|cannot convert (\S+) \(untyped int constant.*\) to type) (\w+)(?: \(overflows\))?$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = m[1] + m[2] + " does not fit into " + article(m[3]) + span(m[3]) + "."
	}},
	{regexp.MustCompile(`^(\S+) does not satisfy cmp\.Ordered`), words("Values of type $1 have no order: Go cannot tell which one is less.", "")},
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
			if !slices.ContainsFunc(c.lines, declaring(name).MatchString) {
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
	{regexp.MustCompile(`^invalid argument: index (-\d+) .*must not be negative`), func(_ *cell, p *problem, r report, m []string) {
		p.sentence, p.hint = "The index is "+m[1]+", but the first element has index 0.", "The last element of a list is list[len(list)-1]."
		if regexp.MustCompile(`make\([^()]*$`).MatchString(r.before()) {
			p.sentence, p.hint = "A length cannot be negative.", ""
		}
	}},
	{regexp.MustCompile(`^assignment mismatch: (\d+) variables? but (.+) returns? (\d+) values?$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = fmt.Sprintf("%s gives %s, and to the left stands room for %s.", m[2], count(number(m[3]), "value"), m[1])
		if m[1] == "1" && m[3] == "2" {
			p.hint = "Take both, with a comma between: value, err := …; a _ takes one that you don't need."
		}
	}},
	{regexp.MustCompile(`^assignment mismatch: (\d+) variables? but (\d+) values?$`), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = count(number(m[1]), "name") + " to the left, and " + count(number(m[2]), "value") + " to the right: there must be as many."
	}},
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
			if !strings.Contains(c.Cell, "func") {
				p.sentence, p.hint = "A cell is no function, and returns nothing.", "A value that stands alone in the last line is shown."
				p.at.point("return")
				return
			}
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
	{regexp.MustCompile(`^(\w+) redeclared in this block$`), func(c *cell, p *problem, r report, m []string) {
		p.sentence, p.hint = m[1]+" is declared twice.", "Give one of them another name; if an earlier cell declares it, %rm "+m[1]+" forgets that one."
		for _, line := range r.more {
			other := compilerLine.FindStringSubmatch(line)
			if other == nil {
				continue
			}
			at, old := r.at, c.inMain(number(other[1]))
			if old.cell == c.Number { // Go calls the one that comes later the second one
				at, old = old, at
			}
			if at.cell == c.Number && old.cell > 0 && old.cell != c.Number && strings.Contains(c.constants(), old.text) {
				p.at = at
				p.at.point(m[1])
				p.hint = fmt.Sprintf("Cell %d declares it among other constants: change it there, and run that cell again. Or give this one another name.", old.cell)
			}
		}
	}},
	{regexp.MustCompile(`^cannot assign to (.+) \((?:neither addressable nor a map index expression|constant .*)\)$`), func(c *cell, p *problem, _ report, m []string) {
		p.sentence = "Only variables, their fields and their elements can be given a value, and " + m[1] + " is none of these."
		if regexp.MustCompile(`(?m)^\s*(?:const\s+)?` + regexp.QuoteMeta(m[1]) + `\s.*=`).MatchString(c.constants()) {
			p.sentence, p.hint = m[1]+" is a constant: it keeps its value.", "Declare it with var in place of const if it is to change."
		}
	}},
	{regexp.MustCompile(`^invalid operation: operator (\S+) not defined on (.+) \((?:(?:variable|value|constant).* of (?:\w+ )?type (.+?)|untyped (\w+) constant.*)\)$`), func(_ *cell, p *problem, _ report, m []string) {
		m[3] += m[4]
		p.sentence = "Go has no " + m[1] + " for " + m[2] + ", which is of type " + m[3] + "."
		if m[1] == "%" && strings.HasPrefix(m[3], "float") {
			p.hint = "math.Mod(x, y) is the rest for numbers with a point."
		}
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

// declaring matches lines that declare a variable.
func declaring(name string) *regexp.Regexp {
	name = regexp.QuoteMeta(name)
	return regexp.MustCompile(`^\s*(?:var\s+|for\s+|if\s+)?(?:[\pL\pN_]+\s*,\s*)*` + name + `\s*(?:,[^=]*)?:=|^\s*var\s+` + name + `\b`)
}

func (c *cell) declared(name string) bool {
	return slices.ContainsFunc(append(slices.Clone(c.lines), c.main...), declaring(name).MatchString)
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
