package run

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// output is something that a cell put out: kind is stdout, stderr, display or error.
type output struct {
	Kind      string
	Text      string
	HTML      string
	Traceback []string
}

// stdout is what a cell printed.
func stdout(outputs []output) string {
	var text strings.Builder
	for _, out := range outputs {
		if out.Kind == "stdout" {
			text.WriteString(out.Text)
		}
	}
	return text.String()
}

// words says why a cell failed. Its outputs tell it in several places: a sentence that the cell showed,
// a panic on stderr, the compiler's text in the error.
func words(outputs []output) string {
	var displays, said, errors []string
	var stderr strings.Builder
	for _, out := range outputs {
		switch out.Kind {
		case "display":
			if text := displayed(out); text != "" {
				displays = append(displays, text)
			}
		case "stderr":
			stderr.WriteString(out.Text)
		case "error":
			errors = append(errors, compileErrors(out)...)
		}
	}
	if text := panicked(plain(stderr.String())); text != "" {
		said = append(said, text)
	}
	if len(displays) > 0 { // the last thing shown is what ended the cell
		said = append(said, displays[len(displays)-1])
	}
	for _, text := range errors {
		// "exit status 2" is worth a line only where nothing else was said.
		if !exitStatus.MatchString(text) || len(said) == 0 {
			said = append(said, text)
		}
	}
	return strings.Join(said, "\n")
}

var (
	exitStatus = regexp.MustCompile(`^(exit status \d+|signal: \w+)$`)
	escapes    = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	invisible  = regexp.MustCompile(`(?s)<(style|script)\b.*?</(style|script)>`)
	tags       = regexp.MustCompile(`<[^>]*>`)
	blank      = regexp.MustCompile(`\s*\n\s*`)
	cellLine   = regexp.MustCompile(`^Cell\[(\d+)\]: Line (\d+)\n`)
	cellMark   = regexp.MustCompile(`\[\[ Cell \[(\d+)\] Line (\d+) \]\]`)
	caret      = regexp.MustCompile(`(?m)^(.*)\n([ \t]*\^)$`)
	goroutine  = regexp.MustCompile(`(?s)\n+goroutine \d+ \[.*`)
	mainGo     = regexp.MustCompile(`^\S*main\.go:\d+:\d+: `)
)

// plain is text without a terminal's colours.
func plain(text string) string { return escapes.ReplaceAllString(text, "") }

// displayed is a display as text.
func displayed(out output) string {
	if text := strings.TrimSpace(out.Text); text != "" {
		return text
	}
	text := tags.ReplaceAllString(invisible.ReplaceAllString(out.HTML, ""), "")
	return strings.TrimSpace(blank.ReplaceAllString(html.UnescapeString(text), "\n"))
}

// panicked is what a cell wrote to stderr, where a panic's trace is replaced by the line it happened in.
func panicked(stderr string) string {
	var lines []string
	for _, line := range strings.Split(goroutine.ReplaceAllString(stderr, ""), "\n") {
		if line = strings.TrimSpace(line); line != "" && !exitStatus.MatchString(line) {
			lines = append(lines, line)
		}
	}
	text := strings.Join(lines, "\n")
	if place := cellMark.FindStringSubmatch(stderr); place != nil {
		text = fmt.Sprintf("cell %s, line %s: %s", place[1], place[2], text)
	}
	return text
}

// compileErrors are the errors of one error message: each with the cell and line that it is about, and
// that line with a caret under the place.
func compileErrors(out output) []string {
	var found []string
	for _, entry := range out.Traceback {
		entry = strings.TrimRight(plain(entry), " \t\n")
		switch place := cellLine.FindStringSubmatch(entry); {
		case place != nil:
			text := fmt.Sprintf("cell %s, line %s: %s", place[1], place[2], entry[strings.LastIndexByte(entry, '\n')+1:])
			if marked := caret.FindStringSubmatch(entry); marked != nil {
				text += "\n    " + marked[1] + "\n    " + marked[2]
			}
			found = append(found, text)
		case entry == "", strings.HasPrefix(entry, "# gonb_"), strings.HasPrefix(entry, "exit status"):
		default:
			found = append(found, mainGo.ReplaceAllString(entry, ""))
		}
	}
	if len(found) == 0 && out.Text != "" {
		found = append(found, strings.TrimSpace(plain(out.Text)))
	}
	return found
}

// firstLine is the first line of a text.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
