package mistakes

import "regexp"

// layerRules are about what Keras writes with parentheses, and Go with braces and the names of fields.
var layerRules = []compileRule{
	{regexp.MustCompile(`^(?:too many arguments|missing argument) in conversion to (\w+\.\w+)$`), madeWithBraces},
	{regexp.MustCompile(`^cannot convert .+ to type (nn\.\w+)$`), madeWithBraces},
	{regexp.MustCompile(`^(\w+\.\w+) \(type\) is not an expression$`), madeWithBraces},
	{regexp.MustCompile(`^too few values in struct literal of type (\S+)$`),
		words("In these braces are fewer values than $1 has fields.", "With the names of the fields, as in nn.Dense{Units: 10}, you may leave some out.")},
}

// madeWithBraces explains that a type was called as if it were a function, or stands where a value is wanted.
func madeWithBraces(_ *cell, p *problem, _ report, m []string) {
	p.sentence = m[1] + " is a type. A value of it is made with braces: " + m[1] + "{}."
	p.hint = "In the braces stand fields with their names, as in nn.Dense{Units: 10}. Shift-Tab on " + m[1] + " shows its fields."
	p.at.point(m[1])
}
