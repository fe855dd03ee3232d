package notebook

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Fail ends the program with status 1 and a sentence: on a card in a notebook, on standard error
// elsewhere.
func Fail(sentence string) { fail(Card(sentence)) }

// Hint, if set, knows what to try about a mistake in a line of the learner's. Package exercise sets it.
var Hint func(line string) string

// FailAtLine does the same, and quotes the learner's line that made the mistake, where it is known, with
// a hint if there is one.
func FailAtLine(sentence string) {
	line := learnersLine()
	if Hint != nil {
		if hint := Hint(line); hint != "" {
			sentence += "\nHint: " + hint
		}
	}
	fail(card(sentence, line))
}

func fail(o Output) {
	if Running() {
		Show(o, "")
	} else {
		os.Stderr.WriteString(o.Text + "\n")
	}
	os.Exit(1)
}

// Card shows a mistake in one sentence. It is legible on a light page and on a dark one, and its mark
// says the same as its colour.
func Card(sentence string) Output { return card(sentence, "") }

func card(sentence, line string) Output {
	if line != "" {
		line = `<pre style="margin:.4em 0 0;padding:0;color:inherit;background:none;white-space:pre-wrap">` + Escape(line) + `</pre>`
	}
	return Output{
		HTML: `<div role="alert" style="border-left:4px solid #c2410c;border-radius:4px;padding:.4em .9em;margin:.3em 0;` +
			`line-height:1.5;white-space:pre-line;color:var(--jp-ui-font-color1,#222);background:var(--jp-layout-color2,#f3f4f6)">` +
			`<span aria-hidden="true" style="font-weight:bold">✗ </span>` + Escape(sentence) + line + `</div>`,
		Text: sentence,
	}
}

// Escape makes text fit for HTML, between tags and in attributes.
var Escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace

// learnersLine is the text of the learner's line that is running: of the innermost function that is in
// the program's main.go, which GoNB makes of the cells and keeps while the program runs. The line's
// number there would mean nothing to the learner. It is "" where there is none.
func learnersLine() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "main.") && filepath.Base(frame.File) == "main.go" {
			source, err := os.ReadFile(frame.File)
			if lines := strings.Split(string(source), "\n"); err == nil && frame.Line <= len(lines) {
				return strings.TrimSpace(lines[frame.Line-1])
			}
		}
		if !more {
			return ""
		}
	}
}
