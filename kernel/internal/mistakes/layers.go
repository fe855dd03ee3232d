package mistakes

import (
	"regexp"
	"strings"
)

// layerRules are about what Keras writes with parentheses and names of arguments, and Go with braces and names of
// fields.
var layerRules = []compileRule{
	{regexp.MustCompile(`^(?:too many arguments|missing argument) in conversion to (\w+\.\w+)$`), madeWithBraces},
	{regexp.MustCompile(`^cannot convert .+ to type (nn\.\w+)$`), madeWithBraces},
	{regexp.MustCompile(`^(\w+\.\w+) \(type\) is not an expression$`), madeWithBraces},
	{regexp.MustCompile(`^too few values in struct literal of type (\S+)$`),
		words("In these braces are fewer values than $1 has fields.", "With the names of the fields, as in nn.Dense{Units: 10}, you may leave some out.")},
	{regexp.MustCompile(`^missing ',' in argument list$`), func(c *cell, p *problem, r report, m []string) {
		if !strings.HasPrefix(r.rest, ":") {
			parserRules[1].explain(c, p, r, append(m, "argument list"))
			return
		}
		p.sentence = "Go has no arguments with names."
		p.hint = "What has names are the fields of a struct, and it is made with braces, as in nn.Dense{Units: 10}."
	}},
	{regexp.MustCompile(`^undefined: (\w+)\.\w+ \(but have (\w+)\)$`), words("The package $1 has no such name, but it has $2.", "Capital and small letters count: write $1.$2.")},
}

// madeWithBraces explains that a type was called as if it were a function, or stands where a value is wanted.
func madeWithBraces(_ *cell, p *problem, _ report, m []string) {
	p.sentence = m[1] + " is a type. A value of it is made with braces: " + m[1] + "{}."
	p.hint = "In the braces stand fields with their names, as in nn.Dense{Units: 10}. Shift-Tab on " + m[1] + " shows its fields."
	p.at.point(m[1])
}
