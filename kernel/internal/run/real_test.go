package run_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gopherlens/kernel/internal/run"
	"gopherlens/kernel/labtest"
)

// The notebook, cell by cell: each cell's source, whether it passes, and words of why it does not.
var cells = []struct {
	source string
	passes bool
	words  []string
}{
	{source: "import (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n%%\nfmt.Println(os.Getpid())", passes: true},
	{source: "func half(n int) int { return \"n/2\" }\n%%\nfmt.Println(half(4))",
		words: []string{"cell 2, line 1", "cannot use", "func half(n int) int", "^"}},
	{source: "%%\nvar digits []int\nfmt.Println(digits[3])", words: []string{"cell 3, line 3", "index out of range [3] with length 0"}},
	{source: "%%\nfmt.Println(os.Getpid())\ntime.Sleep(time.Hour)", words: []string{"longer than 5s"}},
	{source: "%%\nfmt.Println(\"on we go\")", passes: true},
}

// cellEnds collects the cells that have ended.
type cellEnds struct {
	cells   []run.Cell
	started func(run.Cell)
}

func (c *cellEnds) Started(cell run.Cell) {
	if c.started != nil {
		c.started(cell)
	}
}
func (c *cellEnds) Ended(cell run.Cell) { c.cells = append(c.cells, cell) }

// write writes a notebook of the first n cells.
func write(t *testing.T, n int) string {
	t.Helper()
	var sources []string
	for _, c := range cells[:n] {
		sources = append(sources, c.source)
	}
	return labtest.Notebook(t, sources...)
}

// Every way in which a cell can end is told apart, and the notebook goes on where that is asked for.
func TestAllowErrors(t *testing.T) {
	c := labtest.Clone(t)
	notebook := write(t, len(cells))
	output := filepath.Join(filepath.Dir(notebook), "executed.ipynb")
	var ends cellEnds
	result, err := run.Notebook(t.Context(), c,
		run.Request{Notebook: notebook, Output: output, AllowErrors: true, Timeout: 5 * time.Second}, &ends)
	if err != nil {
		t.Fatal(err)
	}
	if result.Cells != 5 || result.Passed != 2 || result.Failed != 3 || len(ends.cells) != 5 {
		t.Fatalf("got %+v and %d ends of cells, want 2 passed and 3 failed of 5", result, len(ends.cells))
	}
	for i, want := range cells {
		got := ends.cells[i]
		if got.Failed == want.passes {
			t.Errorf("cell %d failed: %v, want %v (%s)", i+1, got.Failed, !want.passes, got.Problem)
		}
		for _, word := range want.words {
			if !strings.Contains(got.Problem, word) {
				t.Errorf("cell %d says %q, want %q in it", i+1, got.Problem, word)
			}
		}
	}
	// The cell that slept was ended, not forgotten.
	pid, err := strconv.Atoi(strings.TrimSpace(ends.cells[3].Output))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, pid)

	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"on we go\n"`, "cannot use", `"execution_count": 5`, `"language_info"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the executed notebook lacks %s", want)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(notebook)); err != nil || len(left) != 2 {
		t.Errorf("beside the notebook there is %v (%v), want the executed one alone", left, err)
	}
}

// Without --allow-errors the first failure is the last cell. What is run is not in the user's history.
func TestStopsAtTheFirstError(t *testing.T) {
	c := labtest.Clone(t)
	history := filepath.Join(t.TempDir(), "history.sqlite")
	t.Setenv("GOPHERLENS_HISTORY", history)
	var ends cellEnds
	result, err := run.Notebook(t.Context(), c, run.Request{Notebook: write(t, len(cells))}, &ends)
	if err != nil {
		t.Fatal(err)
	}
	if result.Passed != 1 || result.Failed != 1 || len(ends.cells) != 2 {
		t.Errorf("got %+v, want one passed and one failed", result)
	}
	if _, err := os.Stat(history); err == nil {
		t.Error("the cells are in the user's history")
	}
}

// Stopping ends the cell and its kernel.
func TestStop(t *testing.T) {
	c := labtest.Clone(t)
	ctx, cancel := context.WithCancel(t.Context())
	ends := cellEnds{started: func(cell run.Cell) {
		if cell.Number == 4 {
			time.AfterFunc(2*time.Second, cancel)
		}
	}}
	notebook := write(t, 4)
	_, err := run.Notebook(ctx, c, run.Request{Notebook: notebook, AllowErrors: true}, &ends)
	if err == nil || err.Error() != "stopped" {
		t.Errorf("got %v, want that it was stopped", err)
	}
	// The kernel's own process was the parent of the first cell; it names the notebook's folder.
	deadline := time.Now().Add(15 * time.Second)
	for running(filepath.Dir(notebook)) {
		if time.Now().After(deadline) {
			t.Fatal("the kernel, or a cell of it, still runs")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func TestUnusable(t *testing.T) {
	c := labtest.Clone(t)
	broken := filepath.Join(t.TempDir(), "broken.ipynb")
	if err := os.WriteFile(broken, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		request run.Request
		want    string
	}{
		{"missing", run.Request{Notebook: "nowhere.ipynb"}, "there is no notebook nowhere.ipynb"},
		{"no notebook", run.Request{Notebook: broken}, "is no notebook"},
		{"no folder", run.Request{Notebook: broken, Output: "/nowhere/out.ipynb"}, "there is no folder /nowhere"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := run.Notebook(t.Context(), c, test.request, &cellEnds{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH); time.Sleep(100 * time.Millisecond) {
		if zombie(pid) { // nobody waits for it in a container without an init
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

func zombie(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

// running tells whether a process works in dir. Where there is no /proc it cannot know.
func running(dir string) bool {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd") // the pattern is well-formed
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == dir {
			return true
		}
	}
	return false
}
