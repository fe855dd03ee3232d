// Package mistakes tells a learner in words why a cell failed: what kind of mistake it is, a sentence,
// the learner's own line with a caret under the place, and a hint where one is sure to help.
//
//	message := mistakes.Explain(mistakes.Failure{
//		Cell: source, Number: 3, Name: "ERROR", Value: "# gonb_1f\n./main.go:9:1: declared and not used: count\n", …})
//
// GoNB says it in the compiler's words, about a program that it made of all cells. What is not known
// here stays in the compiler's words, with the learner's line: no hint is better than a wrong one.
package mistakes

import (
	"regexp"
	"strings"
)

// Failure is what GoNB, started with -raw_error, said of a cell that failed.
type Failure struct {
	Cell   string // the cell as the learner wrote it
	Given  string // what GoNB got; "" if that was Cell itself
	Lines  []int  // for each line of Given, the line of Cell (from 1), or 0; nil if GoNB got Cell itself
	Number int    // of the cell, as the notebook shows it
	GoNB   int    // GoNB's own number of it; 0 if that is the same

	Earlier []Source // the cells whose declarations may be part of the program, the latest first

	Name, Value string // of GoNB's error message
	Traceback   []string
	Stderr      string // what the cell wrote there

	Card string // what CardText said of the last thing that the cell displayed
	Main string // the program that GoNB made, if it is at hand: see Program
}

// Source is a cell that was executed before: the same as in Failure.
type Source struct {
	Number, GoNB int
	Cell, Given  string
	Lines        []int
}

// Again is the GoNB of a cell whose declarations GoNB was told again, not as that cell: their lines are found by their
// text.
const Again = -1

// is tells whether GoNB has this number for a cell.
func (s Source) is(number int) bool {
	if s.GoNB == 0 {
		return s.Number == number
	}
	return s.GoNB == number
}

// Message is an error for a Jupyter client.
type Message struct {
	Name, Value string
	Traceback   []string // lines, in ANSI colours
}

// The kinds of mistakes that are not the compiler's.
const (
	carded    = "Mistake"
	interrupt = "Interrupted"
	unknown   = "Error"
)

// Explain says why a cell failed. However much a cell wrote, the message is short. An error that is not
// GoNB's own, such as one that was explained already, stays as it is.
func Explain(f Failure) Message {
	f.Value, f.Card = Plain(tail(f.Value)), Plain(head(f.Card))
	if f.Name != "" && f.Name != "ERROR" {
		return Message{f.Name, f.Value, bounded(f.Traceback)}
	}
	c := &cell{Failure: f, lines: strings.Split(f.Cell, "\n"), main: strings.Split(f.Main, "\n")}
	for _, s := range append([]Source{{f.Number, f.GoNB, f.Cell, f.Given, f.Lines}}, f.Earlier...) {
		c.sources = append(c.sources, s.split())
	}
	var problems []problem
	status, exited := exitStatus(f.Value)
	switch {
	case status == "signal: interrupt" || exited && strings.HasPrefix(lastLines(f.Stderr, 2), "^C\n"):
		problems = []problem{{kind: interrupt, sentence: "The cell was interrupted."}}
	case exited && f.Card != "" && status == "exit status 1":
		return Message{carded, f.Card, []string{"The cell stopped here: the card above says why."}}
	case exited:
		problems = []problem{c.ended(status)}
	case noSpace.MatchString(f.Value):
		problems = []problem{{kind: "Disk full", sentence: DiskFull + ".", said: noSpace.FindString(f.Value),
			hint: "Delete what you don't need, and run the cell again."}}
	default:
		if problems = c.missingPackages(); problems == nil {
			problems = c.compileErrors()
		}
	}
	return render(problems)
}

// DiskFull is how an error begins that is the disk's.
const DiskFull = "The disk is full: nothing more can be written"

// noSpace matches how the system says so.
var noSpace = regexp.MustCompile(`(\w+ /\S*: )?(no space left on device|disk quota exceeded)`)

// Text is a message for a terminal that shows nothing of what the cell displayed.
func (m Message) Text() string {
	if m.Name == carded {
		return m.Value
	}
	return strings.TrimRight(Plain(strings.Join(m.Traceback, "\n")), "\n")
}

// CardText returns the sentence of a card that says why a cell ends, as cell.Check shows one, and ""
// for anything else that a cell displays.
func CardText(html, text string) string {
	if strings.HasPrefix(html, `<div role="alert"`) {
		return text
	}
	return ""
}

// problem is a mistake to be told.
type problem struct {
	kind     string
	sentence string
	at       place
	hint     string
	said     string  // in Go's words, if the sentence is not in them
	calls    []place // the learner's lines that led there, the innermost first
	also     []int   // further lines with the same mistake
}

// most bounds what is read of a text, and of a line that is shown.
const (
	mostText = 64 << 10
	mostLine = 400
)

// head and tail are the beginning and the end of a text that may be huge.
func head(text string) string { return text[:min(len(text), mostText)] }
func tail(text string) string { return text[max(0, len(text)-mostText):] }

func lastLines(text string, n int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(tail(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

var (
	escapes  = regexp.MustCompile("\x1b(\\[[0-9;?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)?)?")
	controls = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f]")
)

// Plain is text without colours and what else a terminal would obey.
func Plain(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return controls.ReplaceAllString(escapes.ReplaceAllString(text, ""), "")
}

// shortened is a text that fits into a sentence.
func shortened(text string) string {
	if runes := []rune(text[:min(len(text), 4*mostLine)]); len(runes) > mostLine || len(text) > 4*mostLine {
		return strings.ToValidUTF8(string(runes[:min(len(runes), mostLine)]), "") + "…"
	}
	return text
}

// bounded is a traceback of a sensible length.
func bounded(traceback []string) []string {
	const most = 100
	var lines []string
	for i, line := range traceback {
		if i == most {
			return append(lines, "…")
		}
		if len(line) > mostText/16 {
			line = strings.ToValidUTF8(line[:mostText/16], "") + "…"
		}
		lines = append(lines, line)
	}
	return lines
}
