package mistakes

import (
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

var (
	mixed    = regexp.MustCompile(`^invalid operation: (.+) \(mismatched types (.+) and (.+)\)$`)
	unusable = regexp.MustCompile(`^cannot use (.+?) \((.+?)\) as (.+?) value in (.+?)(?:: (.+)| \((truncated|overflows)\))?$`)
	typed    = regexp.MustCompile(`^(?:variable|value|constant)(?: \S+)? of (?:(?:struct|interface|int|string|float64|func|slice|map) )?type (.+)$`)
	untyped  = regexp.MustCompile(`^untyped (\w+) constant`)
)

var typeRules = []compileRule{
	{mixed, func(_ *cell, p *problem, _ report, m []string) {
		expression, a, b := m[1], strings.TrimPrefix(m[2], "untyped "), strings.TrimPrefix(m[3], "untyped ")
		p.sentence = "The two sides are of different types: " + a + " and " + b + "."
		letter := func(t string) bool { return t == "byte" || t == "rune" || t == "uint8" || t == "int32" }
		left, right := operands(expression)
		switch {
		case a == "string" && letter(b) || letter(a) && b == "string":
			p.sentence = "A " + a + " cannot be compared or joined with a " + b + ": one letter of a string is a number."
			p.hint = "string(x) makes a string of a letter x."
			if literal := regexp.MustCompile(`"[^"\\]"`).FindString(expression); literal != "" {
				p.hint = "A single letter stands in single quotes: '" + strings.Trim(literal, `"`) + "'."
			}
		case (a == "string" || b == "string") && strings.Contains(expression, " * "):
			p.hint = "strings.Repeat(\"a\", 3) repeats a text."
		case (a == "string" || b == "string") && strings.Contains(expression, "+"):
			p.hint = "+ joins strings only with strings: fmt.Sprint(x) makes a string of any x."
		case a == "string" && strings.Contains(expression, " % "):
			p.hint = `fmt.Sprintf("a is %v", a) puts values into a text.`
		case a == "time.Duration" && numeric(b) && right != "":
			p.hint = "Make a time of the number: " + left + " * time.Duration(" + right + ")."
		case b == "time.Duration" && numeric(a) && left != "":
			p.hint = "Make a time of the number: time.Duration(" + left + ") * " + right + "."
		case numeric(a) && numeric(b) && left != "":
			switch {
			case strings.HasPrefix(b, "float") && !strings.HasPrefix(a, "float"):
				p.hint = "Go converts no number by itself: write " + b + "(" + left + ")."
			case strings.HasPrefix(a, "float") && !strings.HasPrefix(b, "float"):
				p.hint = "Go converts no number by itself: write " + a + "(" + right + ")."
			default:
				p.hint = "Go converts no number by itself: write " + a + "(" + right + ") or " + b + "(" + left + ")."
			}
		}
	}},
	{regexp.MustCompile(`^cannot use nil as (.+) value in `), func(_ *cell, p *problem, _ report, m []string) {
		p.sentence = "nil cannot be " + article(m[1]) + "."
		if numeric(m[1]) {
			p.hint = "A number is 0 as long as nobody gives it another value."
		}
	}},
	{unusable, (*cell).wrongType},
}

// operands are the two sides of an expression that has no more than two.
func operands(expression string) (left, right string) {
	m := regexp.MustCompile(`^([\w.]+(?:\(\)|\[\w+\])?) (?:[-+*/%<>]|==|!=|<=|>=) ([\w.]+(?:\(\)|\[\w+\])?)$`).FindStringSubmatch(expression)
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}

func numeric(name string) bool {
	t, ok := types.Universe.Lookup(name).(*types.TypeName)
	if !ok {
		return false
	}
	basic, ok := t.Type().(*types.Basic)
	return ok && basic.Info()&types.IsNumeric != 0
}

// wrongType explains that a value stands where another type is wanted.
func (c *cell) wrongType(p *problem, r report, m []string) {
	value, have, want, where, why, how := m[1], m[2], m[3], m[4], m[5], m[6]
	kind := ""
	if u := untyped.FindStringSubmatch(have); u != nil {
		kind = u[1]
		have = map[string]string{"int": "a whole number", "float": "a number with a point", "string": "a string", "rune": "a rune, one letter",
			"bool": "a truth value"}[kind]
	} else if t := typed.FindStringSubmatch(have); t != nil {
		have = t[1]
	}
	wanted := map[string]string{"return statement": "the function returns " + article(want), "variable declaration": "the variable is " + article(want),
		"assignment": "the variable is " + article(want), "struct literal": "the field is " + article(want)}[where]
	if function, ok := strings.CutPrefix(where, "argument to "); ok {
		wanted = function + " wants " + article(want) + " here"
	} else if wanted == "" {
		wanted = article(want) + " is wanted here"
	}
	if kind == "" {
		have = "of type " + have
	}
	p.sentence = value + " is " + have + ", but " + wanted + "."
	bare := strings.TrimPrefix(have, "of type ")
	switch {
	case how == "truncated":
		p.sentence = value + " has a part behind the point, but " + wanted + ", a whole number."
		p.hint = "A float64 holds numbers with a point."
	case how == "overflows":
		p.sentence = value + " does not fit: " + wanted + span(want) + "."
		if where == "assignment" && kind == "int" && want == "int" { // also a cell's result, of which there is no variable to be seen
			p.sentence = value + " is too large for an int."
			p.hint = "A float64 holds it, but not exactly: float64(" + value + ")."
		}
	case kind == "string" && numeric(want) && (want == "byte" || want == "rune") && singleLetter(value):
		p.hint = "A single letter stands in single quotes: '" + strings.Trim(value, `"`) + "'."
	case kind == "string" && numeric(want):
		if _, err := strconv.ParseFloat(strings.Trim(value, `"`), 64); err == nil {
			p.hint = "Write the number without quotation marks: " + strings.Trim(value, `"`) + "."
		}
	case kind == "rune" && want == "string":
		p.hint = "Single quotes are for one letter. Text stands in double quotes: \"" + strings.Trim(value, "'") + "\"."
	case kind == "int" && want == "string", numeric(bare) && want == "string":
		p.hint = "fmt.Sprint(" + value + ") makes a string of it."
	case numeric(bare) && numeric(want) && strings.Contains(value, "/") && strings.HasPrefix(want, "float") && !strings.HasPrefix(bare, "float"):
		left, right := operands(value)
		p.hint = "/ between whole numbers drops what is behind the point. Convert them first."
		if left != "" {
			p.hint = "/ between whole numbers drops what is behind the point. Convert them first: " + want + "(" + left + ") / " + convert(want, right) + "."
		}
	case numeric(bare) && numeric(want):
		p.hint = "Go converts no number by itself: write " + want + "(" + value + ")."
		if strings.HasPrefix(bare, "float") && !strings.HasPrefix(want, "float") {
			p.hint = "Go converts no number by itself: " + want + "(" + value + ") drops what is behind the point."
		}
	case strings.HasPrefix(bare, "[]") && strings.HasPrefix(want, "[") && strings.HasSuffix(want, bare[1:]):
		p.hint = "An array has a fixed length, which is part of its type: write " + want + "{…}, or declare a slice, " + bare + "."
	case want == "*"+bare:
		p.hint = "An & in front makes a pointer to it."
	case bare == "*"+want:
		p.hint = "A * in front takes what it points to."
	case strings.HasSuffix(why, "has pointer receiver)"):
		p.hint = "Put & in front: its methods belong to the pointer."
	case strings.HasPrefix(bare, "[]") && strings.TrimPrefix(bare, "[]") == want:
		p.hint = "Write them one after the other, without a slice around them. Behind a slice that you have, write three points: layers..."
	case want == "nn.Layer":
		p.hint = "A layer is made like this: nn.Dense{Units: 10}."
	case want == "nn.Optimizer":
		p.hint = "An optimizer is made like this: nn.Adam{}."
	case want == "nn.Size":
		p.hint = "A size is made like this: nn.Size{3, 3}."
	case want == "string" && where == "argument to nn.Sequential":
		p.hint = `A model's name comes first: nn.Sequential("digits", …). It may be "".`
	case strings.Contains(why, "missing method "):
		_, method, _ := strings.Cut(why, "missing method ")
		p.hint = "To be " + article(want) + ", it needs a method " + strings.TrimSuffix(method, ")") + "."
	}
}

func convert(want, operand string) string {
	if _, err := strconv.ParseFloat(operand, 64); err == nil {
		return operand
	}
	return want + "(" + operand + ")"
}

func singleLetter(literal string) bool {
	text, err := strconv.Unquote(literal)
	return err == nil && len([]rune(text)) == 1
}

// span says which numbers a type holds.
func span(name string) string {
	return map[string]string{"uint8": ", 0 to 255", "byte": ", 0 to 255", "int8": ", −128 to 127", "uint16": ", 0 to 65535",
		"int16": ", −32768 to 32767", "uint": ", which is never negative", "uint32": ", 0 to 4294967295", "uint64": ", which is never negative",
		"int32": ", −2147483648 to 2147483647", "rune": ", a single letter"}[name]
}
