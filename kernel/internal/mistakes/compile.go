package mistakes

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// report is an error of the compiler's, or of the parser's.
type report struct {
	message string   // its words
	more    []string // what it says in further lines
	at      place
	rest    string // of the line, from the place on
	gap     gap    // in that line
}

var (
	compilerLine = regexp.MustCompile(`^\S*main(?:_test)?\.go:(\d+):(\d+): (.+)$`)
	otherFile    = regexp.MustCompile(`^(\S+\.go):(\d+):(?:\d+:)? (.+)$`)
	cellInfo     = regexp.MustCompile(`^Cell(?:\[(-?\d+)\]:)? Line (\d+)\n`)
	andMore      = regexp.MustCompile(` \(and \d+ more errors?\)$`)
	cImport      = regexp.MustCompile(`(?m)^\s*(?:import\s+)?"C"`)
	importPath   = regexp.MustCompile(`"(?:[^"\s]*/)?(\w+)"\.`)
)

// compileErrors explains what the compiler says.
func (c *cell) compileErrors() []problem {
	var problems []problem
	kind := "Compile error"
	if !strings.HasPrefix(c.Value, "# ") && compilerLine.MatchString(c.Value) {
		kind = "Syntax error" // GoNB's parser is the one who says it
	}
	for _, r := range consequences(c.reports()) {
		p := problem{kind: kind, sentence: r.message, at: r.at}
		for _, same := range r.same {
			p.also = append(p.also, same.at.line)
		}
		p.said = r.message
		c.explainReport(&p, r.report)
		c.outdated(&p)
		if p.sentence == r.message {
			p.sentence = strings.Join(append([]string{r.message}, r.more...), "\n")
		}
		problems = append(problems, p)
	}
	if problems == nil {
		return []problem{c.unknown()}
	}
	return problems
}

var (
	declaration = regexp.MustCompile(`(?m)^\s*(?:(?:func|type|var|const)\s+([\pL_][\pL\pN_]*)|([\pL_][\pL\pN_]*)\s*:=)`)
	methodOf    = regexp.MustCompile(`^func\s*\(\s*\w*\s*\*?(\w+)\s*\)\s*(\w+)`)
)

// outdated explains that the line of an earlier cell no longer fits to what this cell declares.
func (c *cell) outdated(p *problem) {
	if p.at.cell == 0 || p.at.cell == c.Number || p.at.text == "" || strings.HasSuffix(p.said, " redeclared in this block") {
		return
	}
	for _, m := range declaration.FindAllStringSubmatch(c.Cell, 100) {
		name := m[1] + m[2]
		line := declaration.FindStringSubmatch(p.at.text)
		if !slices.Contains(identifier.FindAllString(p.at.text, 100), name) || line != nil && line[1]+line[2] == name {
			continue
		}
		p.hint = fmt.Sprintf("This cell declares %s anew, and cell %d still uses it as it was. ", name, p.at.cell)
		switch method := methodOf.FindStringSubmatch(p.at.text); {
		case method != nil:
			p.hint += "%rm " + method[1] + "~" + method[2] + " forgets that line."
		case line != nil:
			p.hint += "%rm " + line[1] + line[2] + " forgets that line."
		default:
			p.hint += "Give the new one another name."
		}
		return
	}
}

// unknown keeps an error in its own words.
func (c *cell) unknown() problem {
	if strings.Contains(c.Value, "build constraints exclude all Go files") && cImport.MatchString(c.Cell) {
		return problem{kind: "Compile error", sentence: "Cells cannot import C: they are compiled without a C compiler.", at: place{cell: c.Number}}
	}
	words := strings.TrimSpace(c.Value)
	if words == "" {
		words = strings.TrimSpace(Plain(strings.Join(bounded(c.Traceback), "\n")))
	}
	if words == "" {
		words = "The cell failed, and nothing says why."
	}
	kind := unknown
	if strings.HasPrefix(words, "# ") {
		kind = "Compile error"
	}
	return problem{kind: kind, sentence: words, at: place{cell: c.Number}}
}

// reports reads GoNB's error. Its traceback has an entry for each line of the compiler's.
func (c *cell) reports() []report {
	const most = 200
	var reports []report
	for i, line := range strings.Split(c.Value, "\n") {
		m := compilerLine.FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(line, "\t") && len(reports) > 0 && len(reports[len(reports)-1].more) < 4 {
				last := &reports[len(reports)-1]
				last.more = append(last.more, importPath.ReplaceAllString(strings.TrimSpace(line), "$1."))
			} else if m := otherFile.FindStringSubmatch(line); m != nil && len(reports) < most { // a package that the cell imports
				reports = append(reports, report{message: m[1] + ", line " + m[2] + ": " + m[3]})
			}
			continue
		}
		if len(reports) == most {
			break
		}
		inMain, _ := strconv.Atoi(m[1])
		column, _ := strconv.Atoi(m[2])
		r := report{message: importPath.ReplaceAllString(andMore.ReplaceAllString(m[3], ""), "$1.")}
		entry := ""
		if i < len(c.Traceback) {
			entry = Plain(head(c.Traceback[i]))
		}
		text := marked(entry, column)
		if info := cellInfo.FindStringSubmatch(entry); info != nil {
			number, _ := strconv.Atoi(info[1])
			line, _ := strconv.Atoi(info[2])
			r.at = c.learners(number, line, inMain, text, column)
		} else {
			r.at = c.inMain(inMain)
		}
		if before, ok := strings.CutSuffix(r.message, "found '}'"); ok && r.at.line == 0 { // a brace that the learner did not write
			r.message, r.at = before+"found 'EOF'", c.end()
		}
		if r.at.from < len(r.at.text) {
			r.rest = r.at.text[r.at.from:]
		}
		r.widen()
		r.gap = c.gap(r.at)
		reports = append(reports, r)
	}
	return reports
}

// marked is the line of GoNB's program that stands above a caret in a column.
func marked(entry string, column int) string {
	lines := strings.Split(entry, "\n")
	for i := 1; i < len(lines); i++ {
		if column >= 1 && len(lines[i]) == column && strings.TrimLeft(lines[i], " ") == "^" {
			return lines[i-1]
		}
	}
	return ""
}

// quoted finds the expression that a message is about.
var quoted = regexp.MustCompile(`^(?:cannot use |invalid operation: )(.+?) \((?:untyped|mismatched|variable|value|constant|slice|truncated|overflows)`)

// widen points at the whole expression that the message quotes.
func (r *report) widen() {
	m := quoted.FindStringSubmatch(r.message)
	if m == nil || r.at.from == r.at.to {
		return
	}
	if strings.HasPrefix(r.rest, m[1]) {
		r.at.to = r.at.from + len(m[1])
	} else if at := strings.Index(r.at.text, m[1]); at >= 0 && at < r.at.from && r.at.from <= at+len(m[1]) &&
		strings.Count(r.at.text, m[1]) == 1 { // the compiler points at the operator, or at an operand
		r.at.from, r.at.to = at, at+len(m[1])
	}
}

// gap is a place where a variable should be given a value: its name, and := or =.
type gap struct{ name, sign string }

// gap looks whether the value is missing in a line. It may follow in the next one, further to the right.
func (c *cell) gap(at place) gap {
	m := noValue.FindStringSubmatch(at.text)
	if m == nil {
		return gap{}
	}
	if at.cell == c.Number && at.line > 0 && at.line < len(c.lines) && indent(c.lines[at.line]) > indent(at.text) {
		return gap{}
	}
	return gap{m[1], m[2]}
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// cause is a report, and others that say the same again.
type cause struct {
	report
	same []report
}

var (
	unused    = regexp.MustCompile(`^declared and not used: (\S+)$`)
	undefined = regexp.MustCompile(`^undefined: ([\pL\pN_.]+)$`)
	labelled  = regexp.MustCompile(`^label (\w+) defined and not used$`)
	noValue   = regexp.MustCompile(`^\s*(?:var\s+)?([\pL_][\pL\pN_]*)[^=]*?(:=|=)\s*(?://.*|/\*.*\*/)?$`)
)

// consequences drops the reports that others are the reason of.
func consequences(reports []report) []cause {
	var causes []cause
	var missing, gaps []string // undefined names; names that are given nothing
	var uneven, labels []place // lines with another number of values than of names; lines that Go takes for a label
	for _, r := range reports {
		if m := undefined.FindStringSubmatch(r.message); m != nil {
			missing = append(missing, m[1])
		}
		if r.gap.name != "" {
			gaps = append(gaps, r.gap.name)
		}
		if strings.HasPrefix(r.message, "assignment mismatch: ") {
			uneven = append(uneven, r.at)
		}
		if labelled.MatchString(r.message) {
			labels = append(labels, r.at)
		}
	}
	for _, r := range reports {
		if r.message == "too many errors" {
			continue
		}
		if m := unused.FindStringSubmatch(r.message); m != nil && slices.ContainsFunc(missing, func(name string) bool { return alike(name, m[1]) }) {
			continue // it is used, but misspelt there
		}
		on := func(at place) bool { return at.cell == r.at.cell && at.line == r.at.line && at.text == r.at.text }
		if unused.MatchString(r.message) && slices.ContainsFunc(uneven, on) || !labelled.MatchString(r.message) && slices.ContainsFunc(labels, on) {
			continue
		}
		if r.gap.name == "" && slices.ContainsFunc(gaps, func(name string) bool {
			return strings.HasSuffix(r.message, ": "+name) || strings.HasPrefix(r.message, "assignment mismatch: 1 variable but ")
		}) {
			continue
		}
		i := slices.IndexFunc(causes, func(c cause) bool { return c.message == r.message && undefined.MatchString(r.message) })
		if i < 0 {
			causes = append(causes, cause{report: r})
			continue
		}
		if line := r.at.line; line > 0 && line != causes[i].at.line && r.at.cell == causes[i].at.cell &&
			!slices.ContainsFunc(causes[i].same, func(s report) bool { return s.at.line == line }) {
			causes[i].same = append(causes[i].same, r)
		}
	}
	slices.SortStableFunc(causes, func(a, b cause) int { return rank(a) - rank(b) })
	return causes
}

// rank puts what is not used behind what is wrong.
func rank(c cause) int {
	if unused.MatchString(c.message) {
		return 1
	}
	return 0
}

var (
	goGet   = regexp.MustCompile(`(?m)^(?:\t|go: )?(?:module )?(\S+?):? (?:cannot find module providing package|package) (\S+)(?: is not in std.*)?$`)
	noModul = regexp.MustCompile(`(?m)^\S*main(?:_test)?\.go:\d+:\d+: (?:no required module provides package (\S+?)[;:]|package (\S+) is not in std|cannot find (?:module providing )?package "?([^\s"]+))`)
)

// missingPackages explains that the packages were not found that a cell imports.
func (c *cell) missingPackages() []problem {
	var paths []string
	if strings.HasPrefix(c.Value, "failed to run ") {
		for _, m := range goGet.FindAllStringSubmatch(c.Value, 20) {
			paths = append(paths, strings.TrimSuffix(m[2], ":"))
		}
	}
	for _, m := range noModul.FindAllStringSubmatch(c.Value, 20) {
		paths = append(paths, strings.TrimSuffix(m[1]+m[2]+m[3], ":"))
	}
	slices.Sort(paths)
	var problems []problem
	for _, path := range slices.Compact(paths) {
		p := problem{kind: "Missing package", sentence: fmt.Sprintf("Go could not find the package %q.", path), at: place{cell: c.Number}}
		for i, line := range c.lines {
			if piece := strconv.Quote(path); strings.Contains(line, piece) {
				p.at = place{cell: c.Number, line: i + 1, text: strings.TrimRight(line, " \t\r")}
				p.at.point(piece)
				break
			}
		}
		p.hint = packageHint(path)
		problems = append(problems, p)
	}
	return problems
}

// packageHint knows what somebody who imports a package that is not there may have meant.
func packageHint(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for _, known := range append(slices.Clone(ours), standard...) {
		if path != known && (name == known[strings.LastIndexByte(known, '/')+1:] || alike(path, known)) {
			return fmt.Sprintf("Do you mean %q?", known)
		}
	}
	if strings.HasPrefix(path, "gopherlens/") {
		return "The packages for the lesson are " + strings.Join(ours, ", ") + "."
	}
	if strings.Contains(path, ".") {
		return "A cell downloads nothing: it can import what comes with Go, and the modules in the go.mod of this repository."
	}
	return "Is its name spelt right?"
}

// ours are the packages that the lesson's cells import.
var ours = []string{"gopherlens/mlkit/array", "gopherlens/mlkit/cell", "gopherlens/mlkit/exercise", "gopherlens/mlkit/explore",
	"gopherlens/mlkit/mnist", "gopherlens/mlkit/nn", "gopherlens/mlkit/plot", "gopherlens/mlkit/sketch", "gopherlens/mlkit/yolo"}

// standard are the packages of Go's that beginners use.
var standard = []string{"bufio", "bytes", "errors", "fmt", "image", "image/color", "image/png", "io", "log", "maps", "math", "math/rand",
	"os", "path/filepath", "regexp", "slices", "sort", "strconv", "strings", "sync", "time", "unicode"}

// alike tells whether a name may be the other one, misspelt.
func alike(a, b string) bool {
	if a == b {
		return false
	}
	if strings.EqualFold(a, b) {
		return true
	}
	long := max(len(a), len(b))
	return long <= 64 && min(len(a), len(b)) >= 4 && distance(a, b) <= max(1, long/6)
}

// distance is how many letters must be put in, taken out, changed or swapped with the next.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
