package mistakes

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

// A kind of mistake stands in white on red, which can be read on Lab's red ground in its light and its dark theme,
// as no red letters can.
const (
	label = "\x1b[1;38;5;231;48;5;124m"
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)

// mostProblems is how many mistakes are told at once: a learner mends one at a time.
const mostProblems = 3

// render makes a message of problems.
func render(problems []problem) Message {
	var lines []string
	for i, p := range problems {
		if i == mostProblems {
			lines = append(lines, "", fmt.Sprintf("… and %s. Mend these first.", count(len(problems)-i, "more mistake")))
			break
		}
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, p.render()...)
	}
	first := problems[0]
	value := shortened(first.sentence)
	if where := first.at.String(); where != "" {
		value = where + ": " + value
	}
	return Message{first.kind, value, lines}
}

func (p problem) render() []string {
	title := label + p.kind + reset
	if where := p.at.String(); where != "" {
		title += " in " + where
	}
	lines := append([]string{title}, strings.Split(shortened(strings.TrimSpace(p.sentence)), "\n")...)
	if len(lines) > 9 {
		lines = append(lines[:8], "…")
	}
	if p.at.text != "" {
		lines = append(lines, p.at.quote()...)
	}
	for _, call := range p.calls {
		lines = append(lines, "called from "+call.String())
		if call.text != "" {
			lines = append(lines, call.quote()...)
		}
	}
	if len(p.also) > 0 {
		lines = append(lines, "The same in "+list("line", p.also)+".")
	}
	if p.hint != "" {
		lines = append(lines, bold+"Hint:"+reset+" "+shortened(p.hint))
	}
	if p.said != "" && !strings.Contains(p.sentence, p.said) {
		lines = append(lines, "Go says: "+shortened(strings.TrimSpace(p.said)))
	}
	return lines
}

func (p place) String() string {
	switch {
	case p.cell > 0 && p.line > 0:
		return fmt.Sprintf("cell %d, line %d", p.cell, p.line)
	case p.line > 0:
		return fmt.Sprintf("line %d", p.line)
	case p.cell > 0:
		return fmt.Sprintf("cell %d", p.cell)
	case p.text != "":
		return "this line"
	}
	return ""
}

// quote is the line with its number and, below, a caret.
func (p place) quote() []string {
	text, from, to := crop(plainLine(p.text), p.from, p.to)
	number := ""
	if p.line > 0 {
		number = strconv.Itoa(p.line)
	}
	wide := strings.NewReplacer("\t", "    ").Replace // as the editor shows them
	quoted := []string{fmt.Sprintf("%5s │ %s", number, wide(text))}
	if p.from == p.to {
		return quoted
	}
	var under strings.Builder
	for graphemes := uniseg.NewGraphemes(text[:from]); graphemes.Next(); {
		if graphemes.Str() == "\t" {
			under.WriteByte('\t')
		} else {
			under.WriteString(strings.Repeat(" ", graphemes.Width()))
		}
	}
	carets := strings.Repeat("^", max(1, uniseg.StringWidth(text[from:to])))
	return append(quoted, fmt.Sprintf("%5s │ %s%s%s%s", "", wide(under.String()), bold, carets, reset))
}

// plainLine is a line in which nothing is for the terminal. It is as long as before, for the caret's sake.
func plainLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

// crop keeps what is around the caret of a line that is too long to be shown.
func crop(text string, from, to int) (string, int, int) {
	const most, before = 160, 60
	from, to = min(from, len(text)), min(to, len(text))
	if len(text) <= most {
		return text, from, max(from, to)
	}
	start := max(0, min(from-before, len(text)-most))
	end := min(len(text), start+most)
	left, right := "", ""
	if start > 0 {
		left = "…"
	}
	if end < len(text) {
		right = "…"
	}
	cut := strings.ToValidUTF8(text[start:from], "")
	point := strings.ToValidUTF8(text[from:max(from, min(to, end))], "")
	rest := strings.ToValidUTF8(text[from+len(point):max(from+len(point), end)], "")
	return left + cut + point + rest + right, len(left + cut), len(left + cut + point)
}

// count is a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// list is "line 3" or "lines 3, 4 and 5".
func list(thing string, numbers []int) string {
	const most = 5
	var words []string
	for _, n := range numbers[:min(len(numbers), most)] {
		words = append(words, strconv.Itoa(n))
	}
	switch {
	case len(words) == 1:
		return thing + " " + words[0]
	case len(numbers) > most:
		return thing + "s " + strings.Join(words, ", ") + " and more"
	}
	return thing + "s " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
