package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopherlens/notebooks/internal/saved"
)

// executed is a notebook as it comes back from the kernel.
type executed struct {
	saved.Notebook
	raw []byte // the file
}

// output is all that a learner reads below cell i.
func (e executed) output(i int) string {
	var b strings.Builder
	for _, o := range e.Cells[i].Outputs {
		b.WriteString(string(o.Text) + string(o.Data["text/plain"]) + o.Why + "\n")
	}
	return b.String()
}

// run executes a notebook through the real kernel, in a folder of its own.
func run(t *testing.T, n notebook, flags ...string) executed {
	t.Helper()
	return runIn(t, t.TempDir(), n, flags...)
}

// runIn executes a notebook through the real kernel, in a folder.
func runIn(t *testing.T, folder string, n notebook, flags ...string) executed {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	kernel := filepath.Join(root, ".lab", "bin", "gopherlens-kernel")
	if _, err := os.Stat(kernel); err != nil {
		t.Skip("skipped: the kernel is not set up here; scripts/test does that")
	}
	path := filepath.Join(folder, "notebook.ipynb")
	if err := write(path, n); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(kernel, append([]string{"run", path, "--output", path, "--timeout", "20m"}, flags...)...)
	out, err := cmd.CombinedOutput()
	if _, status := err.(*exec.ExitError); err != nil && !(status && slices.Contains(flags, "--allow-errors")) {
		t.Fatalf("%v\n%s", err, out)
	}
	var e executed
	if e.raw, err = os.ReadFile(path); err == nil {
		e.Notebook, err = saved.Read(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// trace is what no learner should ever read.
var trace = regexp.MustCompile(`goroutine \d+|panic:|runtime error|\.go:\d+`)

// TestAnswers gives every TODO of every notebook its answers, through the real kernel: none, then each
// wrong one, then the right one, each followed by its check. Only the right one may be called right, and
// every other gets a sentence.
func TestAnswers(t *testing.T) {
	for name, l := range sources(t) {
		t.Run(name, func(t *testing.T) {
			if name == detectionLesson {
				offline(t) // with our own detector
			}
			type try struct {
				id, what, text string
				right          bool
				from, to       int // the cells of this try
			}
			n := newNotebook("")
			var tries []try
			for i, b := range l.Blocks {
				switch {
				case b.Kind == code && strings.Contains(b.Text, ".Fit("), b.Kind == code && strings.Contains(b.Text, "cell.Must(model."), b.Kind == check, b.Kind == markdown:
					continue // what rests on a trained model is in the solution's test
				case b.Kind == code:
					n.add(b, b.Text)
					continue
				}
				answers := []try{{what: "unfilled", text: b.Text}}
				for k, wrong := range b.Wrong {
					answers = append(answers, try{what: fmt.Sprintf("wrong answer %d", k+1), text: wrong})
				}
				if b.ID != "history" {
					answers = append(answers, try{what: "right answer", text: b.Answer, right: true})
				}
				for _, a := range answers {
					a.id, a.from = b.ID, len(n.Cells)
					n.add(b, a.text)
					if i+1 < len(l.Blocks) && l.Blocks[i+1].Kind == check {
						n.add(l.Blocks[i+1], l.Blocks[i+1].Text)
					}
					a.to = len(n.Cells)
					tries = append(tries, a)
				}
			}
			e := run(t, n, "--allow-errors")
			for _, a := range tries {
				var said string
				for i := a.from; i < a.to; i++ {
					said += e.output(i)
				}
				context := fmt.Sprintf("%s, %s:\n%s\nsays\n%s", a.id, a.what, a.text, said)
				if trace.MatchString(said) {
					t.Errorf("a stack trace: %s", context)
				}
				if accepted := strings.Contains(said, "Right: "+a.id); accepted != a.right {
					t.Errorf("accepted: %v: %s", accepted, context)
				}
				if !a.right && !strings.Contains(said, "✗ ") && !strings.Contains(said, "○ ") && len(strings.Fields(said)) < 6 {
					t.Errorf("no sentence: %s", context)
				}
				if testing.Verbose() {
					t.Log(context)
				}
			}
		})
	}
}

// TestUnfilled runs the notebook as a learner finds it, from top to bottom: whatever rests on a TODO says so.
func TestUnfilled(t *testing.T) {
	for name, l := range sources(t) {
		t.Run(name, func(t *testing.T) {
			if name == detectionLesson {
				offline(t)
			}
			e := run(t, l.student(), "--allow-errors")
			for i := range e.Cells {
				if said := e.output(i); trace.MatchString(said) {
					t.Errorf("cell %d: a stack trace:\n%s\nsays\n%s", i+1, e.Cells[i].Source, said)
				}
			}
		})
	}
}

// TestSolutions runs the solutions: every cell passes, every check is content.
func TestSolutions(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: the solutions train for minutes, and this is a short run")
	}
	for name, l := range sources(t) {
		if name != detectionLesson { // which has tests of its own
			l.solved(t, run(t, l.solution()))
		}
	}
}

// solved fails the test unless every todo's check is content with an executed solution, and returns all that it says.
func (l lesson) solved(t *testing.T, e executed) string {
	t.Helper()
	var all strings.Builder
	for i := range e.Cells {
		all.WriteString(e.output(i))
	}
	for _, b := range l.Blocks {
		if b.Kind == todo && !strings.Contains(all.String(), "Right: "+b.ID+".") {
			t.Errorf("the solution of %s is not called right", b.ID)
		}
	}
	return all.String()
}
