package run

import (
	"strings"

	"gopherlens/kernel/internal/mistakes"
)

// output is something that a cell put out: kind is stdout, stderr, display or error.
type output struct {
	Kind      string
	Name      string // of an error
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

// words says why a cell failed.
func words(cell Cell, outputs []output) string {
	f := mistakes.Failure{Cell: cell.Source, Number: cell.Number}
	var stderr strings.Builder
	for _, out := range outputs {
		switch out.Kind {
		case "display":
			f.Card = mistakes.CardText(out.HTML, out.Text)
		case "stderr":
			stderr.WriteString(out.Text)
		case "error":
			f.Name, f.Value, f.Traceback = out.Name, out.Text, out.Traceback
		}
	}
	f.Stderr = stderr.String()
	return mistakes.Explain(f).Text()
}

// firstLine is the first line of a text.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
