package mistakes

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

var exitPattern = regexp.MustCompile(`^(exit status \d+|signal: [\w ]+)( \(core dumped\))?$`)

// exitStatus tells whether an error is about how a cell's program ended.
func exitStatus(value string) (status string, exited bool) {
	m := exitPattern.FindStringSubmatch(strings.TrimSpace(value))
	if m == nil {
		return "", false
	}
	return m[1], true
}

// ended says why a cell's program ended.
func (c *cell) ended(status string) problem {
	if t, ok := c.trace(); ok {
		return c.panicked(t)
	}
	p := problem{kind: "Exit"}
	switch status {
	case "signal: killed":
		p.kind, p.sentence = "Killed", "The cell was killed from outside. Most often that means that the computer ran out of memory."
		p.hint = "Work with fewer or smaller pictures at once, and shut down notebooks that you don't need."
	case "signal: terminated", "signal: quit", "signal: hangup":
		p.kind, p.sentence = "Killed", "The cell was ended from outside ("+status+")."
	default:
		number, isNumber := strings.CutPrefix(status, "exit status ")
		switch {
		case !isNumber:
			p.kind, p.sentence = "Killed", "The cell's program was ended by the operating system ("+status+")."
		case number == "1" && testMagic.MatchString(c.Cell):
			p.kind, p.sentence = "Test failed", "A test of this cell failed; what it says is above."
		default:
			p.sentence = "The cell's program ended itself with exit status " + number + ", by os.Exit or a function like log.Fatal."
			if c.Number > 0 {
				p.at.cell = c.Number
			}
			if words := lastWords(c.Stderr); words != "" {
				p.sentence += "\nIts last words: " + words
			}
		}
	}
	return p
}

var testMagic = regexp.MustCompile(`(?m)^%test\b`)

// lastWords is the last line that a cell wrote, but for its exit status.
func lastWords(stderr string) string {
	lines := strings.Split(Plain(tail(stderr)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" && !exitPattern.MatchString(line) && line != "^C" {
			return shortened(line)
		}
	}
	return ""
}

// trace is what Go's runtime says at the end of a program.
type trace struct {
	fatal    bool   // the runtime gave up: no panic
	message  string // what the panic said
	state    string // of the first goroutine: running, chan receive …
	frames   []frame
	starting bool // the program was still setting its variables
}

// frame is a function that was running.
type frame struct {
	name    string // as Go writes it, without arguments
	mine    bool   // in the learner's cells
	at      place
	created bool // it did not call the one before, but started it as a goroutine
}

var (
	header   = regexp.MustCompile(`(?m)^goroutine \d+ (?:[^\n\[]* )?\[([^\]\n]*)\]:\n`)
	cellMark = regexp.MustCompile(`\[\[ Cell (?:\[(\d+)\] )?Line (\d+) \]\]`)
	mainLine = regexp.MustCompile(`/gonb_[0-9a-f]{8}/main(?:_test)?\.go:(\d+)`)
)

// trace reads what the runtime wrote to stderr.
func (c *cell) trace() (trace, bool) {
	const mostTrace = 256 << 10
	stderr := "\n" + c.Stderr
	start, fatal := strings.LastIndex(stderr, "\npanic: "), false
	if at := strings.LastIndex(stderr, "\nfatal error: "); at > start {
		start, fatal = at, true
	}
	if start < 0 {
		return trace{}, false
	}
	text := Plain(stderr[start+1 : min(len(stderr), start+mostTrace)])
	_, text, _ = strings.Cut(text, ": ")
	t := trace{fatal: fatal, message: text}
	if at := header.FindStringSubmatchIndex(text); at != nil {
		t.message, t.state = text[:at[0]], text[at[2]:at[3]]
		t.state, _, _ = strings.Cut(t.state, ",") // [chan receive, 2 minutes]
		t.frames = c.frames(text[at[1]:])
	}
	if at := strings.Index(t.message, "\n[signal "); at >= 0 {
		t.message = t.message[:at]
	}
	if at := strings.Index(t.message, "\nruntime stack:"); at >= 0 {
		t.message = t.message[:at]
	}
	t.message, _, _ = strings.Cut(t.message, "\n\tpanic: ") // what went wrong while tidying up
	t.message = strings.TrimSpace(strings.ReplaceAll(t.message, "\n\t", "\n"))
	if at := strings.LastIndexByte(t.message, '\n'); at >= 0 && exitPattern.MatchString(t.message[at+1:]) { // GoNB's word
		t.message = t.message[:at]
	}
	t.message = strings.TrimSuffix(strings.TrimSuffix(t.message, " [recovered, repanicked]"), " [recovered]")
	// What runs while tidying up stands above the panic.
	for i := len(t.frames) - 1; i >= 0; i-- {
		if t.frames[i].name == "panic" {
			t.frames = t.frames[i+1:]
			break
		}
	}
	for _, f := range t.frames {
		t.starting = t.starting || f.mine && f.name == "main.init"
	}
	return t, true
}

// frames reads a goroutine's functions, two lines each.
func (c *cell) frames(text string) []frame {
	const most = 200
	text, _, _ = strings.Cut(text, "\n\n")
	lines := strings.Split(text, "\n")
	var frames []frame
	for i := 0; i+1 < len(lines) && len(frames) < most; i++ {
		name, where := lines[i], lines[i+1]
		if !strings.HasPrefix(where, "\t") || strings.HasPrefix(name, "\t") {
			continue
		}
		i++
		f := frame{name: name}
		if creator, ok := strings.CutPrefix(name, "created by "); ok {
			f.name, _, _ = strings.Cut(creator, " in goroutine ")
			f.created = true
		} else if at := strings.LastIndexByte(name, '('); at > 0 {
			f.name = name[:at]
		}
		if m := cellMark.FindStringSubmatch(where); m != nil {
			f.mine = true
			number, _ := strconv.Atoi(m[1]) // digits, or none
			line, _ := strconv.Atoi(m[2])
			text, inMain := "", 0
			if l := mainLine.FindStringSubmatch(where); l != nil {
				if n, err := strconv.Atoi(l[1]); err == nil && c.Main != "" && n >= 1 && n <= len(c.main) {
					text, inMain = c.main[n-1], n
				}
			}
			f.at = c.learners(number, line, inMain, text, 0)
		} else if m := mainLine.FindStringSubmatch(where); m != nil { // GoNB marks only what it reads in one piece
			f.mine = true
			n, _ := strconv.Atoi(m[1])
			f.at = c.inMain(n)
		}
		frames = append(frames, f)
	}
	return frames
}

// panicked explains a panic.
func (c *cell) panicked(t trace) problem {
	p := problem{kind: "Panic", sentence: t.message, said: t.message}
	if t.fatal {
		p.kind = "Fatal error"
	}
	library := "" // the function that the learner's line called, if it went wrong in there
	var last frame
	for _, f := range t.frames {
		if f.mine {
			if len(p.calls) == 0 && p.at == (place{}) {
				p.at, library = f.at, last.readable()
			} else {
				p.calls = append(p.calls, f.at)
			}
		} else if !strings.HasPrefix(f.name, "runtime.") && !strings.HasPrefix(f.name, "internal/runtime/") {
			last = f
			continue
		}
		last = frame{}
	}
	if p.at == (place{}) {
		p.at.cell = c.Number
	}
	p.calls = calls(p.at, p.calls)
	c.explainPanic(&p, t, library)
	if t.starting && !t.fatal {
		p.hint = strings.TrimSpace(p.hint + " This is in a var, which Go sets before anything else.")
	}
	return p
}

// calls drops the repetitions and what is too much.
func calls(first place, all []place) []place {
	const most = 5
	var kept []place
	last := first
	for _, at := range all {
		if at != last && at.text != "" || at.line > 0 && at != last {
			kept = append(kept, at)
		}
		last = at
		if len(kept) == most {
			break
		}
	}
	return kept
}

// readable is a function's name as the learner would write it: strings.Repeat, nn.Model.OutputShape.
func (f frame) readable() string {
	if f.name == "" {
		return ""
	}
	name := path.Base(f.name)
	name = strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(name)
	for closure.MatchString(name) { // a function inside a function
		name = closure.ReplaceAllString(name, "")
	}
	return name
}

var closure = regexp.MustCompile(`\.(func\d+|gowrap\d+|deferwrap\d+|\d+)$`)

// callName is what stands in the learner's line for a function: Repeat( or OutputShape(.
func callName(function string) string {
	if function == "" {
		return ""
	}
	return strings.TrimPrefix(path.Ext(function), ".")
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// elements says how many elements there are and how they are counted.
func elements(n int) string {
	switch n {
	case 0:
		return "there are no elements"
	case 1:
		return "there is 1 element, and its index is 0"
	}
	return fmt.Sprintf("there are %d elements, counted from 0 to %d", n, n-1)
}
