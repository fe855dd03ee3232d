// Package exercise checks what a learner wrote in a TODO cell, and says what is right, what is
// missing and one hint.
//
// A TODO cell compiles before it is filled in, because array.TODO, nn.TODO or exercise.TODO stands
// where the answer goes; a check follows it:
//
//	var xTrain4D = array.TODO("xTrain4D") // ← the learner's answer goes here
//
//	%%
//	exercise.Check("xTrain4D", xTrain4D)
//
// Where an answer is only to be shown, Show does both:
//
//	%%
//	exercise.Show("show xTrain", exercise.TODO)
//
// The checks are a table: each Exercise is a list of rules, and each Rule says what has to be so, how
// to tell, and what to try if it is not. Register adds an exercise of one's own to the table.
package exercise

import (
	"fmt"
	"html"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"gopherlens/mlkit/cell"
	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/internal/notebook"
)

// An Exercise is what one TODO cell asks for: its rules are tried in order, up to the first that an
// answer breaks.
type Exercise struct {
	// ID names the exercise in Check and Show: the name of the variable to fill in, or what to show.
	ID string
	// Rules say, together, what a right answer is.
	Rules []Rule
}

// A Rule is one thing that is so in every right answer.
type Rule struct {
	// What has to be so, as a short statement: "the shape is (6000, 28, 28, 1)".
	What string
	// Tell returns "" where the answer keeps the rule, and otherwise what is so instead, as the end of
	// a sentence that begins with What: "yours is (6000, 784)".
	Tell func(answer any) string
	// Hint is what to try when the rule is broken, in one or two sentences.
	Hint string
}

// TODO stands for an answer that is not there yet, in a cell that shows something.
var TODO = todo{}

type todo struct{}

func (todo) String() string         { return "(nothing to show yet)" }
func (todo) IsTODO() (string, bool) { return "this cell", true }

// A Verdict is what a check found.
type Verdict struct {
	// ID is the exercise's.
	ID string
	// Right says that the answer keeps every rule; Unfilled that there is no answer yet.
	Right, Unfilled bool
	// Kept are the rules that the answer keeps, as far as they were tried.
	Kept []string
	// Missing is the first rule that it breaks and what is so instead; Hint what to try. Both are empty
	// where the answer is right.
	Missing, Hint string
}

var table = map[string]Exercise{}

func init() {
	// A mistake that ends the program before the check can run gets the hint of its exercise too.
	notebook.Hint = func(line string) string {
		if m := declaration.FindStringSubmatch(line); m != nil && len(table[m[1]].Rules) > 1 {
			return table[m[1]].Rules[1].Hint
		}
		return ""
	}
}

var declaration = regexp.MustCompile(`^\s*(?:var\s+)?(\w+)\s*=`)

// Register adds an exercise to the table, or puts another in the place of one with the same ID. An
// exercise without rules would call every answer right, so it is refused.
func Register(exercises ...Exercise) {
	for _, e := range exercises {
		if e.ID == "" || len(e.Rules) == 0 {
			fault.Panicf("exercise %q needs an ID and at least one rule", e.ID)
		}
		table[e.ID] = e
	}
}

// IDs lists the exercises of the table, sorted.
func IDs() []string {
	ids := make([]string, 0, len(table))
	for id := range table {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

// Check shows the verdict on an answer below the cell. When nbgrader executes the notebook, an answer that is
// not right fails the cell besides, which is how nbgrader counts.
func Check(id string, answer any) {
	verdict := Judge(id, answer)
	cell.Show(verdict)
	if os.Getenv("NBGRADER_EXECUTION") != "" && !verdict.Right {
		os.Exit(1)
	}
}

// Show shows an answer and, below it, the verdict, as Check does.
func Show(id string, answer any) {
	if _, unfilled := isTODO(answer); !unfilled && !isFunc(answer) {
		cell.Show(answer)
	}
	Check(id, answer)
}

// Judge holds an answer against the rules of an exercise.
func Judge(id string, answer any) (v Verdict) {
	e, ok := table[id]
	if !ok {
		fault.Panicf("there is no exercise %q; there are: %s", id, strings.Join(IDs(), ", "))
	}
	v.ID = id
	if name, unfilled := isTODO(answer); unfilled {
		v.Unfilled, v.Missing, v.Hint = true, "this TODO is not filled in yet", e.Rules[0].Hint
		if name != "" && name != id && name != "this cell" {
			v.Missing = fmt.Sprintf("%s is still a TODO: fill in its cell and run it first", name)
			v.Hint = ""
		}
		return v
	}
	for _, rule := range e.Rules {
		if instead := rule.Tell(answer); instead != "" {
			v.Missing, v.Hint = rule.What+" – not yet: "+instead, rule.Hint
			return v
		}
		v.Kept = append(v.Kept, rule.What)
	}
	v.Right = true
	return v
}

// isTODO tells whether an answer is one of mlkit's placeholders, or rests on one, and which.
func isTODO(answer any) (name string, yes bool) {
	switch v := reflect.ValueOf(answer); v.Kind() {
	case reflect.Invalid:
		return "", true
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return "", true
		}
	}
	switch a := answer.(type) {
	case interface{ IsTODO() (string, bool) }:
		return a.IsTODO()
	case configured:
		if have := layers(a); len(have) > 0 && have[len(have)-1]["class_name"] == "TODO" {
			return fmt.Sprint(have[len(have)-1]["name"]), true
		}
	}
	return "", false
}

// sentence ends a text with a full stop, unless it ends already.
func sentence(s string) string {
	if strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// String is the verdict in plain text, a line a rule.
func (v Verdict) String() string {
	var b strings.Builder
	for _, what := range v.Kept {
		fmt.Fprintf(&b, "✓ %s\n", what)
	}
	switch {
	case v.Right:
		fmt.Fprintf(&b, "Right: %s.", v.ID)
	case v.Unfilled:
		fmt.Fprintf(&b, "○ %s: %s", v.ID, sentence(v.Missing))
	default:
		fmt.Fprintf(&b, "✗ %s", sentence(v.Missing))
	}
	if v.Hint != "" {
		fmt.Fprintf(&b, "\nHint: %s", v.Hint)
	}
	return b.String()
}

// HTML is the verdict as a card whose mark, words and colour all say the same.
func (v Verdict) HTML() string {
	colour, head := "#c2410c", "Not yet"
	switch {
	case v.Right:
		colour, head = "#15803d", "Right"
	case v.Unfilled:
		colour, head = "#6b7280", "Still to do"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<div role="status" style="border-left:4px solid %s;padding:.4em .9em;margin:.3em 0;`+
		`color:var(--jp-ui-font-color1,#222);background:var(--jp-layout-color2,#f3f4f6);border-radius:4px;line-height:1.5">`, colour)
	fmt.Fprintf(&b, `<strong>%s: %s</strong><ul style="list-style:none;margin:.2em 0 0;padding:0">`, head, html.EscapeString(v.ID))
	for _, what := range v.Kept {
		fmt.Fprintf(&b, `<li>✓ %s</li>`, html.EscapeString(what))
	}
	if v.Missing != "" {
		mark := "✗"
		if v.Unfilled {
			mark = "○"
		}
		fmt.Fprintf(&b, `<li>%s %s</li>`, mark, html.EscapeString(sentence(v.Missing)))
	}
	b.WriteString(`</ul>`)
	if v.Hint != "" {
		fmt.Fprintf(&b, `<details><summary style="cursor:pointer">Hint</summary>%s</details>`, html.EscapeString(v.Hint))
	}
	b.WriteString(`</div>`)
	return b.String()
}
