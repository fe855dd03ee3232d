// Package doctor looks for whatever may be wrong on a learner's machine, and says how to mend it.
package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"gopherlens/kernel/internal/clone"
)

// Command checks this machine.
type Command struct {
	JSON bool `help:"Print one JSON object, for scripts."`
}

// Run checks everything and returns an error if something is broken.
func (cmd *Command) Run(ctx context.Context) error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	broken, of := 0, 0
	report := struct {
		OK     bool     `json:"ok"`
		Checks []Result `json:"checks"`
	}{}
	for _, check := range checks {
		result := check.run(ctx, c)
		result.Name = check.name
		if result.Status == Broken {
			broken++
		}
		of++
		report.Checks = append(report.Checks, result)
		if !cmd.JSON {
			result.print(os.Stdout)
		}
	}
	report.OK = broken == 0
	if cmd.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d checks found something broken", broken, of)
	}
	return nil
}

// Status says how a check came out.
type Status string

const (
	OK     Status = "ok"
	Warn   Status = "warning" // the lesson works, though not as well as it could
	Broken Status = "broken"
)

// Result is what a check found.
type Result struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	Mend   string `json:"mend,omitempty"` // what to do, unless all is well
}

// print writes the result in one line.
func (r Result) print(w io.Writer) {
	marks := map[Status]string{OK: "✓", Warn: "!", Broken: "✗"}
	fmt.Fprintf(w, "%s %-10s %s", marks[r.Status], r.Name, r.Found)
	if r.Mend != "" {
		fmt.Fprintf(w, " → %s", r.Mend)
	}
	fmt.Fprintln(w)
}

// setUp is the mend for everything that set-up makes.
const setUp = "run scripts/lab, or go run ./kernel setup"

func ok(format string, args ...any) Result {
	return Result{Status: OK, Found: fmt.Sprintf(format, args...)}
}

func warn(mend, format string, args ...any) Result {
	return Result{Status: Warn, Mend: mend, Found: fmt.Sprintf(format, args...)}
}

func broken(mend, format string, args ...any) Result {
	return Result{Status: Broken, Mend: mend, Found: fmt.Sprintf(format, args...)}
}
