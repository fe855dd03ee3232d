// Package run executes a notebook without a browser: through the real kernel and a Jupyter client, so
// that what passes here passes in JupyterLab.
//
//	result, err := run.Notebook(ctx, c, run.Request{Notebook: "3-handwritten-digits.ipynb"}, report)
package run

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/jupyter"
	"gopherlens/kernel/internal/kernelspec"
	"gopherlens/kernel/internal/mistakes"
	"gopherlens/kernel/internal/setup"
)

// client is the program that talks to the kernel. It runs in the virtual environment, since Jupyter's
// own client library is the measure of what works.
//
//go:embed execute.py
var client string

// Request says what to execute.
type Request struct {
	Notebook    string
	Output      string        // where the executed notebook goes; "" if it is not wanted
	AllowErrors bool          // go on after a cell that fails
	Timeout     time.Duration // the longest that a cell may take; 0 for no limit
}

// Result says how it went.
type Result struct {
	Cells  int           // code cells in the notebook
	Ready  time.Duration // until the kernel had started
	Passed int
	Failed int
}

// Cell is a cell while it is executed and after.
type Cell struct {
	Number, Of int // counting code cells from 1
	Source     string
	Took       time.Duration
	Failed     bool
	Problem    string // in words, if it failed
	Output     string // what it printed to stdout
}

// Reporter is told of every cell twice: when it starts and when it has ended.
type Reporter interface {
	Started(Cell)
	Ended(Cell)
}

// event is a line that the client prints.
type event struct {
	Event   string
	Cells   int
	Number  int
	Seconds float64
	Source  string
	Problem string
	Text    string
	Outputs []output
}

// Notebook executes a notebook. A cell that fails is no error: Result counts it.
func Notebook(ctx context.Context, c clone.Clone, request Request, report Reporter) (Result, error) {
	if _, err := goenv.Read(c); err != nil { // the kernel would die of it, far from where it can be told
		return Result{}, err
	}
	arguments, err := request.arguments()
	if err != nil {
		return Result{}, err
	}
	if _, err := os.Stat(c.Python()); err != nil {
		return Result{}, errors.New("JupyterLab is not set up: run scripts/lab")
	}
	if current, err := kernelspec.Current(c, kernelspec.Ours, setup.Kernelspec(c)); err == nil && !current {
		return Result{}, errors.New("the set-up is unfinished, or of another place than the clone is at now: run scripts/lab")
	}
	cmd := jupyter.Command(ctx, c, "-c", client, arguments)
	cmd.Env = append(cmd.Env, "GOPHERLENS_HISTORY=:memory:") // nobody typed these cells
	var log bytes.Buffer
	cmd.Stderr = &log
	// The client shuts its kernel down when it is asked to end; an interrupt from the terminal, which
	// goes to all of the foreground group, must not get there first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	events, err := cmd.StdoutPipe()
	if err != nil {
		return Result{}, err
	}
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("cannot start Jupyter's client: %w; run scripts/lab to set it up anew", err)
	}
	result, problem := follow(events, request, report)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return result, errors.New("stopped")
	case problem != nil:
		return result, fmt.Errorf("%w%s", problem, lastWords(log.String()))
	case err != nil:
		return result, fmt.Errorf("Jupyter's client failed%s", lastWords(log.String()))
	}
	return result, nil
}

// arguments is the request as the client wants it.
func (r Request) arguments() (string, error) {
	notebook, err := filepath.Abs(r.Notebook)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(notebook); err != nil {
		return "", fmt.Errorf("there is no notebook %s", r.Notebook)
	}
	output := ""
	if r.Output != "" {
		if output, err = filepath.Abs(r.Output); err != nil {
			return "", err
		}
		if info, err := os.Stat(filepath.Dir(output)); err != nil || !info.IsDir() {
			return "", fmt.Errorf("cannot write %s: there is no folder %s", r.Output, filepath.Dir(output))
		}
	}
	text, err := json.Marshal(map[string]any{
		"notebook":     notebook,
		"output":       output,
		"kernel":       kernelspec.Name,
		"allow_errors": r.AllowErrors,
		"timeout":      r.Timeout.Seconds(),
	})
	return string(text), err
}

// follow reads the client's events until it ends, and hands on what they say of the cells.
func follow(events io.Reader, request Request, report Reporter) (result Result, problem error) {
	var cell Cell
	reader := bufio.NewReader(events)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			return result, problem
		}
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			problem = fmt.Errorf("Jupyter's client said %q", strings.TrimSpace(string(line)))
			continue
		}
		switch e.Event {
		case "unreadable":
			problem = fmt.Errorf("%s is no notebook (%s)", request.Notebook, e.Text)
		case "opened":
			result.Cells = e.Cells
		case "ready":
			result.Ready = seconds(e.Seconds)
		case "cell":
			cell = Cell{Number: e.Number, Of: result.Cells, Source: e.Source}
			report.Started(cell)
		case "done":
			cell.Took = seconds(e.Seconds)
			cell.Failed = e.Problem != ""
			cell.Output = stdout(e.Outputs)
			switch e.Problem {
			case "":
				result.Passed++
			case "timeout":
				result.Failed++
				cell.Problem = fmt.Sprintf("it took longer than %v and was interrupted", request.Timeout)
			default:
				result.Failed++
				cell.Problem = words(cell, e.Outputs)
			}
			report.Ended(cell)
		case "died":
			problem = errors.New("the kernel did not start")
			if cell.Number > 0 {
				problem = fmt.Errorf("the kernel died in cell %d", cell.Number)
			}
			if e.Text != "" {
				problem = fmt.Errorf("%w: %s", problem, firstLine(e.Text))
			}
		}
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// lastWords is the end of what the kernel or the client wrote to its log, for a problem that has no
// words of its own.
func lastWords(log string) string {
	log = strings.TrimSpace(mistakes.Plain(log))
	if log == "" {
		return ""
	}
	return " (its last words: " + log[strings.LastIndexByte(log, '\n')+1:] + ")"
}
