package mistakes

import (
	"cmp"
	"regexp"
	"strings"
)

// arrayMethods are what an array has in place of operators.
var arrayMethods = map[string]string{"+": "Add", "-": "Sub", "*": "Mul", "/": "Div"}

var (
	withArray = regexp.MustCompile(`^invalid operation: (.+) \(mismatched types .*\*array\.Array\b.*\)$`)
	ofArray   = regexp.MustCompile(`^invalid operation: operator (\S+) not defined on (.+) \(.* of (?:\w+ )?type \*array\.Array\)$`)
	notCalled = regexp.MustCompile(`^invalid operation: operator \S+ not defined on (\S+) \(.* of (?:\w+ )?type func\(.*\)$`)
	comma     = regexp.MustCompile(`(^|[^\w.])(\d+),(\d+)`)
	tableCall = regexp.MustCompile(`[\pL\pN_]\[[^\]]*$`)
	inner     = regexp.MustCompile(`[\pL\pN_,(] *\([^()]*$`)
	percent   = regexp.MustCompile(`(\d+) *%$`)
)

// lessonRules are about what somebody writes into a gap of the lesson who knows mathematics, or NumPy and Keras.
var lessonRules = []compileRule{
	{withArray, func(_ *cell, p *problem, r report, m []string) { arrays(p, m[1]) }},
	{ofArray, func(_ *cell, p *problem, r report, m []string) { arrays(p, m[2]+" "+m[1]+" ") }},
	{notCalled, words("$1 is a function, and it is not called here.", "Parentheses behind its name call it: $1().")},
	{regexp.MustCompile(`^invalid operation: (?:([\w.]+) \S+ .+ \(mismatched types func\(|.+ \S+ ([\w.]+) \(mismatched types .+ and func\()`),
		words("$1$2 is a function, and it is not called here.", "Parentheses behind its name call it: $1$2(…).")},
	{regexp.MustCompile(`^(\S+) \(built-in\) must be called$`), words("$1 is a function of Go's, and it is not called here.", "An array has methods of that kind: a.Min(), a.Max().")},
	{regexp.MustCompile(`^(\S+) \(value of type func\(.*\) is not a type$`), words("$1 is a function: it is called with parentheses.", "Braces are for types, as in nn.Dense{Units: 10}.")},
	{regexp.MustCompile(`^invalid argument: (\S+) \(.* of (?:\w+ )?type \*array\.Array\) for built-in (?:len|cap)$`),
		words("len is for lists and strings, and $1 is an array.", "$1.Shape() has the length of each of its axes; $1.Len() is the number of its elements.")},
	{regexp.MustCompile(`^mixture of field:value and value elements in struct literal$`), func(_ *cell, p *problem, r report, _ []string) {
		p.sentence = "In these braces, one value has the name of a field and another has none."
		p.hint = cmp.Or(decimals(r), "Each has one, as in nn.Dense{Units: 10, Activation: nn.ReLU}.")
	}},
	{regexp.MustCompile(`^missing type in composite literal$`), words("Before the { stands a type in Go.", "A size is made like this: nn.Size{3, 3}; and a shape: nn.Shape{28, 28, 1}.")},
}

// arrays explains that Go's operators do not compute with arrays.
func arrays(p *problem, expression string) {
	p.sentence = "Go's operators do not compute with arrays."
	p.hint = "An array has methods for that: a.Add(b), a.Sub(b), a.Mul(b) and a.Div(b)."
	if strings.Contains(expression, "==") {
		p.hint = "a.Equal(b) tells whether two have the same shape and numbers."
	} else if m := regexp.MustCompile(`^([\w.]+) ([-+*/]) (.*)$`).FindStringSubmatch(expression); m != nil {
		p.hint = "Its method does: " + m[1] + "." + arrayMethods[m[2]] + "(" + cmp.Or(m[3], "…") + ")."
	}
}

// decimals is a hint for a line in which a number has a comma where Go wants a point, or "".
func decimals(r report) string {
	if m := comma.FindStringSubmatch(r.at.text); m != nil {
		return "Decimals begin behind a point: " + m[2] + "." + m[3] + "."
	}
	return ""
}

// lessonSyntax is what Go's parser expects where mathematics or Python has something else.
func (r report) lessonSyntax(expected, found string) (sentence, hint string) {
	before := r.before()
	switch {
	case percent.MatchString(before) && expected == "operand":
		return "% is the rest of a division in Go.", "A part is a number: " + percent.FindStringSubmatch(before)[1] + " % is that divided by 100, as 0.25 for 25 %."
	case expected == "type" && tableCall.MatchString(before):
		return inParens, "As in a.Reshape(2, 3)."
	case expected == "')'" && found == "','" && inner.MatchString(before) && !sizeField.MatchString(before):
		return noTuples, "What a function is given stands in its own parentheses, side by side: a.Reshape(2, 3)."
	case expected == "'=='" && found == "'='" && r.first() == "return":
		return "= gives a variable a value, and cannot stand here.", "To compare, write ==."
	case expected == "';'" && opens[r.first()] && !strings.Contains(r.at.text, "{"):
		return "A { is missing in this line.", "What belongs to " + r.first() + " stands in braces."
	}
	return "", ""
}

// signs are what mathematics and word processors write, and Go's way.
var signs = map[string]string{
	"×": "Multiplication is *.", "·": "Multiplication is *.", "÷": "Division is /.", "−": "Minus is the sign - of the keyboard.", "–": "Minus is the sign - of the keyboard.",
	"²": "The square of x is x * x.", "³": "The third power of x is x * x * x.", "√": "The root of x is math.Sqrt(x).",
	"≤": "Write <=.", "≥": "Write >=.", "≠": "Write !=.", "…": "It stands for what you are to fill in.",
	"“": quotes, "”": quotes, "„": quotes, "‘": quotes, "’": quotes, "«": quotes, "»": quotes,
}

const quotes = `Text stands in the straight quotation marks of the keyboard: "hello".`
