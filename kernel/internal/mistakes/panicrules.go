package mistakes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// panicRule explains the panics whose message matches. A sentence may be made of the parts of the match.
type panicRule struct {
	message *regexp.Regexp
	explain func(c *cell, p *problem, m []string)
}

func say(kind, sentence, hint string) func(*cell, *problem, []string) {
	return func(_ *cell, p *problem, m []string) {
		p.sentence, p.hint = fill(sentence, m), fill(hint, m)
		if kind != "" {
			p.kind = kind
		}
	}
}

// fill puts the parts of a match in the place of $1, $2 …
func fill(text string, m []string) string {
	for i := len(m) - 1; i > 0; i-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), m[i])
	}
	return text
}

var panicRules = []panicRule{
	{regexp.MustCompile(`^runtime error: index out of range \[(-?\d+)\](?: with length (\d+))?`), func(_ *cell, p *problem, m []string) {
		p.at.point("[")
		switch {
		case strings.HasPrefix(m[1], "-"):
			p.sentence = "The index is " + m[1] + ", but the first element has index 0."
		default:
			p.sentence = "Index " + m[1] + " is out of range: " + elements(number(m[2])) + "."
			if m[1] == m[2] && m[1] != "0" {
				p.hint = "Counting begins at 0, so the last index is the length minus 1; a loop goes on while i < len(…)."
			}
		}
	}},
	{regexp.MustCompile(`^runtime error: slice bounds out of range \[(-?\d*):(-?\d*)\](?: with (?:length|capacity) (\d+))?$`), func(_ *cell, p *problem, m []string) {
		switch {
		case m[1] != "" && m[2] != "" && m[3] == "":
			p.sentence = fmt.Sprintf("A slice from %s to %s runs backwards: the first number must not be the larger one.", m[1], m[2])
		case strings.HasPrefix(m[1]+m[2], "-"):
			p.sentence = "A slice cannot begin or end at " + m[1] + m[2] + ": counting begins at 0."
		case m[2] != "" && m[3] != "":
			p.sentence = fmt.Sprintf("The slice is to end at %s, but there are only %s elements.", m[2], m[3])
		}
	}},
	// Cells are compiled with gonum/plot's tag minimal, as all its formats take 90 ms to link.
	{regexp.MustCompile(`^unsupported format: "(?:(png|jpe?g|tiff?)|(svg|pdf|eps|tex))"$`), func(_ *cell, p *problem, m []string) {
		name := "img"
		if m[2] != "" {
			name = m[2]
		}
		p.hint = `gonum/plot draws pictures of this format in a cell that has imported it: import _ "gonum.org/v1/plot/vg/vg` + name + `".`
	}},
	{regexp.MustCompile(`^runtime error: integer divide by zero`), func(_ *cell, p *problem, _ []string) {
		p.at.point("/")
		p.at.point("%")
		p.sentence = "Here a whole number is divided by zero."
		p.hint = "Look where the number on the right of / or % comes from, and treat zero on its own."
	}},
	{regexp.MustCompile(`^runtime error: invalid memory address or nil pointer dereference`), (*cell).nilPointer},
	{regexp.MustCompile(`^assignment to entry in nil map`), func(_ *cell, p *problem, _ []string) {
		p.sentence = "This map was declared, but not made yet: it is nil, and nothing can be put in."
		p.hint = "Make it before you fill it: m := map[string]int{}, with your own types."
	}},
	{regexp.MustCompile(`^interface conversion: (?:interface \{\}|any|\S+) is (\S+), not (\S+)$`), func(_ *cell, p *problem, m []string) {
		p.at.point(".(")
		p.sentence = "The value is " + article(m[1]) + ", not " + article(m[2]) + "."
		p.hint = "v, ok := x.(" + m[2] + ") asks first: ok is false where the type is another."
	}},
	{regexp.MustCompile(`^runtime error: makeslice: (?:len|cap) out of range`),
		say("", "Here make is asked for a slice whose length is negative, or larger than any memory.", "")},
	{regexp.MustCompile(`^send on closed channel`), say("", "Something is sent to a channel that is closed already.", "Close a channel only after the last value was sent, where the sending is done.")},
	{regexp.MustCompile(`^close of closed channel`), say("", "A channel is closed a second time.", "")},
	{regexp.MustCompile(`^close of nil channel`), say("", "A channel is closed that was never made.", "Make it first: c := make(chan int), with your own type.")},
	{regexp.MustCompile(`^runtime error: hash of unhashable type (\S+)`), say("", "A value of type $1 cannot be the key of a map, since Go cannot compare two of them.", "")},
	{regexp.MustCompile(`^runtime error: comparing uncomparable type (\S+)`), say("", "Two values of type $1 cannot be compared with ==.", "")},
	{regexp.MustCompile(`^stack overflow`), say("Stack overflow", "A function calls itself again and again, without an end.", "It needs a case in which it returns without calling itself, and every call must come closer to that.")},
	{regexp.MustCompile(`^(?:runtime: )?(?:out of memory|cannot allocate memory)`), say("Out of memory", "The cell needs more memory than there is.", "Work with fewer or smaller pictures at once, and shut down notebooks that you don't need.")},
	{regexp.MustCompile(`^concurrent map `), say("", "Two goroutines use one map at the same time, and one of them changes it.", "Let one goroutine own the map, or guard it with a sync.Mutex.")},
	{regexp.MustCompile(`^no goroutines \(main called runtime\.Goexit\)`), say("", "The cell ended its main goroutine, and no other one is left.", "return ends a function.")},
	{regexp.MustCompile(`^\((.+?)\) (?:0x[0-9a-f]+|\{)`), func(_ *cell, p *problem, m []string) {
		p.sentence = "The cell panicked with a value of type " + strings.ReplaceAll(m[1], "main.", "") + "."
		p.at.point("panic")
	}},
}

// explainPanic gives a panic its sentence and its hint. Where the library's function went wrong that
// the learner called, the sentence names it.
func (c *cell) explainPanic(p *problem, t trace, library string) {
	if strings.HasPrefix(t.message, "all goroutines are asleep - deadlock!") {
		c.deadlock(p, t.state)
		return
	}
	for _, rule := range panicRules {
		if m := rule.message.FindStringSubmatch(t.message); m != nil {
			rule.explain(c, p, m)
			break
		}
	}
	if library == "" && p.sentence == t.message && strings.Contains(p.at.text, "panic(") {
		p.at.point("panic")
	}
	if library == "" || t.fatal {
		return
	}
	if p.sentence == t.message {
		p.at.point(callName(library))
		p.sentence = library + " panicked: " + t.message
		return
	}
	if strings.Contains(t.message, "nil pointer dereference") {
		if strings.HasPrefix(p.sentence, "Nothing came") {
			return
		}
		if p.hint == "" {
			p.at.point(callName(library))
		}
		p.sentence = library + " met something that is nil: it was declared, but never given a value."
		return
	}
	p.at.from, p.at.to = 0, 0
	p.at.point(callName(library))
	p.sentence, p.hint = "Inside "+library+": "+p.sentence, ""
}

func (c *cell) deadlock(p *problem, state string) {
	p.kind = "Deadlock"
	waits := map[string]string{
		"chan receive":            "to receive from a channel",
		"chan send":               "until somebody receives what it sends to a channel",
		"chan receive (nil chan)": "for a channel that was never made",
		"chan send (nil chan)":    "for a channel that was never made",
		"sync.WaitGroup.Wait":     "for a sync.WaitGroup",
		"sync.Mutex.Lock":         "for a lock",
		"sync.RWMutex.Lock":       "for a lock",
		"sync.RWMutex.RLock":      "for a lock",
		"sync.Cond.Wait":          "for a sync.Cond",
		"select":                  "in a select",
		"select (no cases)":       "in a select without a case",
	}
	what := waits[state]
	if what == "" {
		p.sentence = "Every goroutine waits for another, so the cell can never go on."
		return
	}
	p.sentence = "This waits " + what + ", and nothing is left running that could end the wait."
	started := func(s Source) bool { return strings.Contains(s.Cell, "go func") }
	switch {
	case !strings.Contains(c.Cell, "go ") && slices.ContainsFunc(c.Earlier, started):
		p.hint = "A goroutine ends with the cell that starts it: start it in the cell that waits for it."
	case strings.HasPrefix(state, "chan receive"), strings.HasPrefix(state, "chan send"):
		p.hint = "Sender and receiver must run at the same time: put one of them in a goroutine (go func() { … }())."
	case state == "sync.WaitGroup.Wait":
		p.hint = "Each Add(1) needs a Done(); group.Go(func() { … }) counts by itself."
	}
}

// nilPointer looks which of the names in the line was declared without a value.
func (c *cell) nilPointer(p *problem, _ []string) {
	p.sentence = "Something in this line is nil: it was declared, but never given a value."
	for _, name := range identifier.FindAllString(p.at.text, 50) {
		m := regexp.MustCompile(`(?m)^[^/\n]*\b` + name + `\s*,\s*(err\w*)\s*:?=`).FindStringSubmatch(c.Cell + "\n" + c.Main)
		if m != nil && !strings.Contains(p.at.text, m[1]) {
			p.sentence = "Nothing came for " + name + ": what was to give it failed."
			p.hint = m[1] + " says why. Look at it before " + name + " is used: if " + m[1] + " != nil { fmt.Println(" + m[1] + ") }"
			p.at.point(name)
			return
		}
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(\.?)([\pL_][\pL\pN_]*)`).FindAllStringSubmatch(p.at.text, 50) {
		names[m[2]] = names[m[2]] || m[1] == "" // fields are set elsewhere
	}
	var unset []string
	for name, whole := range names {
		if !whole {
			continue
		}
		declared := regexp.MustCompile(`(?m)^\s*(?:var\s+)?` + name + `\s+(?:\*[\w.]+|func\([^=\n]*)\s*(?://.*)?$`)
		given := regexp.MustCompile(`(?m)^[^/\n]*\b` + name + `\b[^=\n!<>]*[^=!<>\n]=[^=]`)
		if text := c.Cell + "\n" + c.Main; declared.MatchString(text) && !given.MatchString(text) {
			unset = append(unset, name)
		}
	}
	if len(unset) == 1 {
		p.at.point(unset[0])
		p.hint = unset[0] + " was declared without a value, so it is nil. Give it one first."
		if !regexp.MustCompile(`(?m)^\s*(?:var\s+)?` + unset[0] + `\s`).MatchString(c.Cell) {
			p.hint = unset[0] + " was declared without a value, so it is nil. Give it one in the cell that declares it, run that, and then this one again."
		}
	}
}

// article puts "a" or "an" before a type.
func article(thing string) string {
	switch {
	case thing == "nil":
		return "nil"
	case strings.HasPrefix(thing, "nn."), strings.HasPrefix(thing, "mnist."):
		return "an " + thing
	case strings.HasPrefix(thing, "[]"):
		return "a " + thing
	case thing != "" && strings.ContainsRune("aeiouAEIO", rune(thing[0])) && !strings.HasPrefix(thing, "uint"):
		return "an " + thing
	}
	return "a " + thing
}
