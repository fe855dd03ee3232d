package run

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/progress"
)

// Command executes a notebook and shows how it goes.
type Command struct {
	Notebook    string        `arg:"" type:"path" help:"The notebook to execute."`
	Output      string        `type:"path" placeholder:"FILE" help:"Write the executed notebook to FILE."`
	AllowErrors bool          `help:"Go on after a cell that fails. The exit status still says that one failed."`
	Timeout     time.Duration `placeholder:"D" help:"The longest that a cell may take, as 90s or 5m; no limit by default."`
}

// Run executes the notebook. It returns an error if a cell failed.
func (cmd *Command) Run(ctx context.Context) error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	if cmd.Timeout < 0 {
		return fmt.Errorf("--timeout is %v; it must not be negative", cmd.Timeout)
	}
	started := time.Now()
	result, err := Notebook(ctx, c, Request{
		Notebook:    cmd.Notebook,
		Output:      cmd.Output,
		AllowErrors: cmd.AllowErrors,
		Timeout:     cmd.Timeout,
	}, &Printer{W: os.Stdout})
	if err != nil {
		return err
	}
	if result.Failed > 0 {
		return fmt.Errorf("%s: %d passed, %d failed, %d not executed", cmd.Notebook,
			result.Passed, result.Failed, result.Cells-result.Passed-result.Failed)
	}
	fmt.Printf("✓ %s: %d of %d cells passed in %s\n", cmd.Notebook, result.Passed, result.Cells, progress.Seconds(time.Since(started)))
	return nil
}

// Printer shows each cell in a line, and why it failed below.
type Printer struct {
	W    io.Writer
	line *progress.Line
}

// Started shows that a cell is being executed, where the output is a terminal.
func (p *Printer) Started(cell Cell) {
	p.line = progress.Quiet(p.W, title(cell))
}

// Ended shows how a cell went.
func (p *Printer) Ended(cell Cell) {
	if !cell.Failed {
		p.line.Done("")
		return
	}
	p.line.Fail("")
	fmt.Fprintln(p.W, indented(cell.Problem))
}

// title is a cell's number and its first line that says something.
func title(cell Cell) string {
	digits := len(fmt.Sprint(cell.Of))
	return fmt.Sprintf("cell %*d/%d  %s", digits, cell.Number, cell.Of, telling(cell.Source))
}

// telling is the first line of a cell that says what it does: no magic, no import.
func telling(source string) string {
	inImport := false
	first := ""
	for _, line := range strings.Split(source, "\n") {
		line = strings.TrimSpace(line)
		if first == "" {
			first = line
		}
		switch {
		case strings.HasPrefix(line, "import ("):
			inImport = true
		case inImport:
			inImport = line != ")"
		case line == "", strings.HasPrefix(line, "%"), strings.HasPrefix(line, "import "), strings.HasPrefix(line, "//go:"):
		default:
			return shortened(line)
		}
	}
	return shortened(first)
}

func shortened(line string) string {
	const most = 70
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return line
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}
