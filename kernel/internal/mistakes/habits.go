package mistakes

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// habits are words with which other languages begin a line, and what Go has for them.
var habits = map[string][2]string{
	"def":      function,
	"function": function,
	"fn":       function,
	"class":    {"Go knows no class.", "A type begins with type: type point struct { x, y float64 }"},
	"while":    {"Go has no while.", "Its only loop is for: for i < 3 {"},
	"do":       {"Go has no do.", "Its only loop is for: for { … }, which a break ends."},
	"elif":     {"Go has no elif.", "Write } else if x > 0 {"},
	"let":      {"Go knows no let.", "x := 3 makes a variable."},
	"lambda":   {"Go knows no lambda.", "func(x int) int { return x + 1 } is a function without a name."},
	"try":      exceptions,
	"except":   exceptions,
	"catch":    exceptions,
	"raise":    exceptions,
	"throw":    exceptions,
	"assert":   {"Go has no assert.", `Write it as if x != 3 { panic("x is not 3") }.`},
	"del":      {"Go has no del.", "delete(m, key) takes an entry out of a map; slices.Delete(list, i, i+1) an element out of a slice."},
	"global":   {"Go has no global.", "A function sees the variables that are declared outside of it without a word."},
	"pass":     {"Go has no pass.", "A block may be empty: {}."},
	"public":   {"Go has no public.", "What begins with a capital letter is there for other packages, too."},
	"from":     {"An import begins otherwise in Go.", `The path of a package stands in quotation marks, as in import "math".`},
}

var (
	function   = [2]string{"A function begins with func in Go.", "As in func half(x float64) float64 {"}
	exceptions = [2]string{"Go has no exceptions.", "What can fail returns an error: value, err := f(), and in the next line if err != nil {"}
)

// opens are the words that a block follows.
var opens = map[string]bool{"if": true, "for": true, "else": true, "switch": true, "while": true, "elif": true, "func": true, "def": true}

const (
	noNames    = "Go has no arguments with names."
	noFormat   = `Go has no f"…".`
	formatHint = `fmt.Sprintf("a is %v", a) puts values into a text.`
	noColon    = "Between a name and its type stands no : in Go."
	colonHint  = "As in var x int = 3, in func half(x float64) float64 {, and in a struct."
	fieldColon = "A field gets its value behind a colon."
	fieldHint  = "As in point{x: 3}."
	rangeLoop  = "A loop over a range is written otherwise in Go."
	rangeHint  = "for i := range 3 { counts 0, 1, 2; for i, x := range list { takes the elements of a list."
	countHint  = "As in for i := 0; i < 3; i++ {"
	noTuples   = "Go has no tuples."
	inParens   = "What a function is given stands in parentheses."
)

func braces(word string) (sentence, hint string) {
	return "Go has no : here.", "What belongs to " + word + " stands in braces: the line ends with {, and a } follows below."
}

func statementAlone(sign string) (sentence, hint string) {
	return sign + " cannot stand inside an expression.", "In Go it is a statement: put it on a line of its own."
}

// first is the word that the line begins with.
func (r report) first() string { return firstWord(r.at.text) }

func firstWord(line string) string {
	return identifier.FindString(strings.Split(strings.TrimLeft(line, " \t}"), " ")[0])
}

// habit is what the line begins with, if that is another language's word and no name of the learner's.
func (r report) habit() (habit [2]string, ok bool) {
	first := r.first()
	_, rest, _ := strings.Cut(r.at.text, first)
	habit, ok = habits[first]
	return habit, ok && (foreign.MatchString(rest) || strings.HasSuffix(rest, "{") || strings.HasSuffix(rest, ":"))
}

var foreign = regexp.MustCompile(`^\s*$|^\s+[\pL_"']`)

// before is what stands before the place in its line.
func (r report) before() string {
	return strings.TrimRight(r.at.text[:min(r.at.from, len(r.at.text))], " \t")
}

// blockAbove points at the line above if that begins a block of another language's, which Go takes for a list.
func (c *cell) blockAbove(p *problem, r report) {
	if above := r.at.line - 2; r.at.cell == c.Number && above >= 0 && above < len(c.lines) {
		line := report{at: place{cell: c.Number, line: above + 1, text: strings.TrimRight(c.lines[above], " \t\r")}}
		if habit, ok := line.habit(); ok {
			p.at, p.sentence, p.hint = line.at, habit[0], habit[1]
		}
	}
}

// formatted tells whether there is a text with an f before it.
func (r report) formatted() bool {
	return strings.HasPrefix(r.rest, `"`) && regexp.MustCompile(`(^|[^\pL\pN_])f$`).MatchString(r.before())
}

var (
	commaLoop  = regexp.MustCompile(`^\s*for\s+\w+\s*:?=[^;{]*,[^;{]*,`)
	typeFirst  = regexp.MustCompile(`^\s*(int|float64|float|double|string|String|bool|boolean|char|auto)\s+([\pL_][\pL\pN_]*)\s*(?:=|$)`)
	sizeField  = regexp.MustCompile(`(?:Size|Strides): *\([^()]*$`)
	forParens  = regexp.MustCompile(`^\s*for\s*\(`)
	forTyped   = regexp.MustCompile(`^\s*for\s+(?:int|let|var|auto|const)\s+\w+\s*=`)
	command    = regexp.MustCompile(`^\s+(?:[%!]\w|%%)`)
	callee     = regexp.MustCompile(`^\s*[\pL_][\pL\pN_.]*$`)
	behindType = regexp.MustCompile(`\b(?:int|float64|string|bool|byte|rune|float32|int64|float|double|String|boolean|char)\[$`)
	chain      = regexp.MustCompile(`^\s*[\pL_][\pL\pN_.]*\s*:?=[^=]`)
	tuple      = regexp.MustCompile(`(=|return)\s*\([^()]*$`)
	typeNames  = []string{"int", "float64", "string", "bool", "byte", "rune", "float32", "int64"}
	otherWords = map[string]string{"and": "&&", "or": "||", "is": "=="}
	called     = map[string]string{"operand": "a value", "'IDENT'": "a name", "'EOF'": "the end of the cell", "newline": "the end of the line",
		"';'": "the end of the statement", "type": "a type", "statement": "a statement", "expression": "a value"}
)

// unexpected knows what other languages have at the places where Go expects something else.
func (c *cell) unexpected(p *problem, r report, m []string) {
	expected, found, first, before := m[1], m[2], r.first(), r.before()
	say := func(sentence, hint string) { p.sentence, p.hint = sentence, hint }
	habit, habitual := r.habit()
	if found == "newline" {
		before = r.at.text
	}
	switch {
	case command.MatchString(r.at.text):
		say("A command stands at the very left of its line.", "Take away the spaces before it.")
	case forParens.MatchString(r.at.text):
		say("A for has no parentheses in Go.", countHint)
	case forTyped.MatchString(r.at.text):
		say("A for makes its variable with :=.", countHint)
	case first == "for" && found == "in":
		say(rangeLoop, rangeHint)
	case otherWords[found] != "":
		say("Go has no "+found+".", "Write "+otherWords[found]+".")
	case strings.HasSuffix(" "+before, " not"), found == "not":
		say("Go has no not.", "Write ! in front, as in !ready; not equal is !=.")
	case found == "in":
		say("Go has no in.", "strings.Contains(text, part), slices.Contains(list, x), and _, there := m[key] tell whether something is in something else.")
	case habitual:
		say(habit[0], habit[1])
	case strings.HasSuffix(before, " lambda"):
		say(habits["lambda"][0], habits["lambda"][1])
	case first == "func" && expected == "'('":
		say("A function with a name cannot be declared among statements.", "Put it above all statements, or write name := func() { … }.")
	case commaLoop.MatchString(r.at.text):
		say("The three parts of a for are set apart by semicolons.", "As in for i := 0; i < 3; i++ {")
	case expected == "'{'" && found == "newline":
		say("A { is missing at the end of this line.", "What belongs to an if, a for or a func stands in braces, however far it is indented.")
		if above := r.at.line - 2; !opens[first] && r.at.cell == c.Number && above >= 0 && above < len(c.lines) && opens[firstWord(c.lines[above])] {
			p.at = place{cell: c.Number, line: above + 1, text: strings.TrimRight(c.lines[above], " \t\r")}
		}
	case found == "'++'", found == "'--'":
		say(statementAlone(strings.Trim(found, "'")))
	case found == "'if'" && (expected == "';'" || expected == "operand"):
		say("An if has no value in Go.", "Write an if with an else on lines of their own, and set the variable in both.")
	case typeFirst.MatchString(r.at.text):
		name := typeFirst.FindStringSubmatch(r.at.text)[2]
		say("The type stands behind the name in Go.", "Write var "+name+" int = 3, with your own type, or "+name+" := 3.")
	case first == "var" && found == "':='", expected == "';'" && slices.Contains(typeNames, found) && strings.Contains(r.rest, ":="):
		say("var, a type and := do not go together.", "Write var x int = 3, or x := 3.")
	case found == "':='" && strings.Contains(before, ":="):
		say("Only one := fits into a statement.", "Write one line for each, or x, y := 3, 3.")
	case expected == "';'" && slices.Contains(typeNames, found) && callee.MatchString(before):
		say("A variable is declared with var.", "Write var "+strings.TrimSpace(before)+" "+found+", or "+strings.TrimSpace(before)+" := 3.")
	case first == "func" && (found == "':'" || found == "'->'" || strings.HasPrefix(r.rest, "->")) && strings.HasSuffix(before, ")"):
		say("The type of the result stands right behind the parentheses.", "As in func half(x float64) float64 {")
	case found == "':'" && opens[first]:
		say(braces(first))
	case found == "':'" && expected == "type":
		say(noColon, colonHint)
	case strings.HasSuffix(before, "[]") && expected == "type":
		say("A list has the type of its elements behind the brackets.", "An empty one is []int{}, with your own type.")
	case first == "var" && expected == "type" && (found == "newline" || found == "'EOF'"):
		say("A variable needs a type, or a value that it gets its type from.", "As in var x int, or x := 3.")
	case behindType.MatchString(before):
		say("The brackets stand before the type in Go.", "[3]int is an array of three, []int a list of any length.")
	case first == "type" && found == "'{'", first == "struct" && expected == "'{'":
		say("A type begins with type, and says which kind it is.", "As in type point struct { x, y float64 }")
	case first == "type" && strings.HasPrefix(strings.TrimSpace(r.at.text), "type("):
		say("type declares a type.", functions["type"])
	case first == "import" && found == "as":
		say("Another name for a package stands before its path.", `As in import str "strings".`)
	case expected == "';'" && strings.HasSuffix(" "+before, " new"):
		say("A new value is made without new in Go.", "point{} is a struct, []int{} a list, map[string]int{} a map.")
	case expected == "';'" && strings.HasSuffix(before, "}") && habits[found][0] != "":
		say(habits[found][0], habits[found][1])
	case expected == "operand" && found == "'{'":
		say("Before the { stands a type in Go.", `As in map[string]int{"a": 1} and []int{1, 2}.`)
	case expected == "operand" && found == "'='" && before != "" && strings.ContainsAny(before[len(before)-1:], "+-*/%"):
		say(before[len(before)-1:]+"= is one sign.", "Write it without a space.")
	case expected == "']'" && found == "'for'":
		say("A list cannot be made by a for inside of it.", "Begin with an empty one, list := []int{}, and append to it in a loop.")
	case expected == "')'" && found == "','" && sizeField.MatchString(before):
		say(noTuples, "A size is made like this: nn.Size{3, 3}.")
	case expected == "')'" && found == "','" && (tuple.MatchString(before) || strings.LastIndex(" "+strings.TrimSpace(before), "(") == 1):
		say(noTuples, "Several values of one type are a slice, []int{1, 2}; to declare several variables, write a, b := 1, 2.")
	case expected == "'=='" && found == "'='" && strings.LastIndexByte(before, '{') > strings.LastIndexByte(before, '('):
		say(fieldColon, fieldHint)
	case expected == "'=='" && found == "'='" && strings.Contains(before, "("):
		say(noNames, "Give the values in the order in which the function has them. To compare, write ==.")
	case expected == "'=='" && found == "'='" && chain.MatchString(before):
		say("Go gives a value to one variable at a time.", "Write a line for each, or x, y = 3, 3.")
	case strings.Contains(before, "struct") && found == "','":
		say("Fields are set apart by semicolons, or stand on lines of their own.", "Fields of one type may share it: x, y int.")
	case r.formatted():
		say(noFormat, formatHint)
	case found == "'range'":
		say("range stands only in a for.", "As in for i := range 3 {")
	case expected == "boolean or range expression" && strings.HasPrefix(found, "assignment") && first == "for":
		say("This for does not say how to go on.", "for i, x := range list { takes the elements of a list; for i := 0; i < 3; i++ { counts.")
		p.at.from, p.at.to = 0, 0
	case expected == "';'" && strings.HasPrefix(found, `"`) && callee.MatchString(before):
		say(inParens, `As in fmt.Println("hello").`)
	default:
		if p.sentence, p.hint = r.lessonSyntax(expected, found); p.sentence != "" {
			return
		}
		p.sentence = "Go expects " + cmp.Or(called[expected], expected) + " here, and finds " + cmp.Or(called[found], found) + "."
	}
}

// methods are what other languages' strings, lists and maps can do, and how Go does it with x.
var methods = map[string]string{
	"len": "len(x)", "length": "len(x)", "size": "len(x)", "Len": "len(x)",
	"append": "x = append(x, …)", "push": "x = append(x, …)", "add": "x = append(x, …)", "extend": "x = append(x, more...)",
	"upper": "strings.ToUpper(x)", "lower": "strings.ToLower(x)", "strip": "strings.TrimSpace(x)", "trim": "strings.TrimSpace(x)",
	"split": `strings.Split(x, " ")`, "join": "strings.Join(list, x)", "replace": "strings.ReplaceAll(x, old, new)",
	"startswith": "strings.HasPrefix(x, …)", "endswith": "strings.HasSuffix(x, …)", "find": "strings.Index(x, …)", "format": "fmt.Sprintf(x, …)",
	"sort": "slices.Sort(x)", "reverse": "slices.Reverse(x)", "index": "slices.Index(x, …)", "contains": "slices.Contains(x, …)",
	"keys": "for key := range x {", "values": "for _, value := range x {", "items": "for key, value := range x {", "get": "value, there := x[key]",
}

// method is how Go does with a value what another language's method does, or "".
func method(value, name string) string {
	if way, ok := methods[name]; ok {
		return "In Go it is " + regexp.MustCompile(`\bx\b`).ReplaceAllLiteralString(way, value) + "."
	}
	return ""
}

// functions are other languages' functions, and how Go does what they do.
var functions = map[string]string{
	"str": "fmt.Sprint(x) makes a string of any x.", "float": "It is float64(x) for a number x, and strconv.ParseFloat(s, 64) for a string s.",
	"input": "fmt.Scan(&x) reads a word or a number into a variable x.", "sum": "Add the elements up in a loop: for _, x := range list { total += x }.",
	"abs": "It is math.Abs(x), for a float64.", "pow": "It is math.Pow(x, y), for float64s.", "sqrt": "It is math.Sqrt(x), for a float64.",
	"round": "It is math.Round(x), for a float64.", "sorted": "slices.Sort(list) sorts a list in its place.", "enumerate": "for i, x := range list { has both.",
	"zip": "for i := range a { has an index for both.", "list": "A list is a slice: []int{1, 2}, or make([]int, n).", "dict": `A dictionary is a map: map[string]int{"a": 1}.`,
	"open": "os.ReadFile(name) reads a file; os.Open(name) opens it.", "type": `fmt.Printf("%T", x) prints a type.`, "exit": "os.Exit(1) ends the cell.",
	"Println": "Write fmt.Println.", "Printf": "Write fmt.Printf.", "Print": "Write fmt.Print.", "Sprintf": "Write fmt.Sprintf.", "Errorf": "Write fmt.Errorf.",
	"printf": "Write fmt.Printf.", "help": "?fmt.Println, in a cell of its own, shows what is known of a name.",
}

// parameter is a hint for a name in a func's parentheses that Go takes for a type, or "".
func parameter(line, name string) string {
	if m := regexp.MustCompile(`^\s*func\b[^{]*[(,]\s*(\w+)\s+` + name + `\s*[,)]`).FindStringSubmatch(line); m != nil {
		return "The type stands behind the name: " + name + " " + m[1] + "."
	}
	if regexp.MustCompile(`^\s*func\b[^{]*[(,]\s*` + name + `\s*[,)]`).MatchString(line) {
		return "Every parameter has a type, which stands behind its name: " + name + " int."
	}
	return ""
}

// habitRules are about what the compiler says of other languages' ways.
var habitRules = []compileRule{
	{regexp.MustCompile(`^cannot assign to (\w+)\[[^\]]+\] \(neither addressable nor a map index expression\)$`),
		words("The letters of a string cannot be changed.", "Make letters of it first: letters := []rune($1). They can be changed, and string(letters) is a string again.")},
	{regexp.MustCompile(`^cannot assign to struct field (.+)\[(.+)\]\.(\w+) in map$`),
		words("A struct that is in a map cannot be changed there.", "Take it out, and put it back: v := $1[$2]; v.$3 = …; $1[$2] = v.")},
	{regexp.MustCompile(`^cannot convert (.+) \((?:untyped string constant|\w+ of type string).*\) to type (\w+)$`), func(_ *cell, p *problem, _ report, m []string) {
		if numeric(m[2]) {
			p.sentence, p.hint = "A string is no number, and Go does not read one from it by itself.", "n, err := strconv.Atoi("+m[1]+") reads a whole number."
			if strings.HasPrefix(m[2], "float") {
				p.hint = "x, err := strconv.ParseFloat(" + m[1] + ", 64) reads a number."
			}
		}
	}},
	{regexp.MustCompile(`^use of untyped nil in `), words("nil alone has no type, so Go cannot make a variable of it.", "Declare the variable with its type: var x *int, or var err error, is nil.")},
	{regexp.MustCompile(`^(.+) \((?:value|variable) of (?:\w+ )?type (.+)\) is not constant$`),
		words("A constant is known before the program runs: a number, a string or a truth value. This is of type $2.", "Declare it with var in place of const.")},
	{regexp.MustCompile(`^invalid operation: cannot indirect (.+) \(`), func(_ *cell, p *problem, r report, m []string) {
		if strings.Contains(r.at.text, "**") {
			p.sentence, p.hint = "Go has no ** for powers.", "math.Pow(x, 3) is the third power of x, a float64; x * x * x is it for any number."
			p.at.point("**")
		}
	}},
	{regexp.MustCompile(`^invalid argument: (\S+) \((?:value|variable) of type (\[\].+)\) cannot be ordered$`), func(_ *cell, p *problem, r report, m []string) {
		if name := regexp.MustCompile(`\b(max|min)\(`).FindStringSubmatch(r.at.text); name != nil {
			p.sentence = name[1] + " takes the numbers themselves, and this is a slice."
			p.hint = "slices." + strings.ToUpper(name[1][:1]) + name[1][1:] + " takes a slice."
		}
	}},
}
