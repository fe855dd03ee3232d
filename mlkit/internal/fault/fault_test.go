//go:build unix

package fault_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/internal/notebook/notebooktest"
)

func TestPanicf(t *testing.T) {
	defer func() {
		var mistake *fault.Error
		if err, ok := recover().(error); !ok || !errors.As(err, &mistake) || mistake.Sentence != "shapes [2 3] and [4]" {
			t.Errorf("panics with %v", err)
		}
	}()
	fault.Panicf("shapes %v and %v", []int{2, 3}, []int{4})
}

// TestEnds runs programs that end with a mistake, in a notebook and as they are.
func TestEnds(t *testing.T) {
	program := filepath.Join(t.TempDir(), "lesson")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/lesson").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for where, sentence := range map[string]string{
		"in a statement": "6000×28×28 numbers do not fit into the shape [1 2]",
		"in a var":       "6000×28×28 numbers do not fit into the shape [6000 784]",
		"nowhere":        "",
	} {
		t.Run(where, func(t *testing.T) {
			k := notebooktest.Start(t, true)
			run := func(environ []string) (stdout, stderr string, status int) {
				var out, err bytes.Buffer
				cmd := exec.Command(program, where)
				cmd.Env, cmd.Stdout, cmd.Stderr = environ, &out, &err
				cmd.Run()
				return out.String(), err.String(), cmd.ProcessState.ExitCode()
			}
			stdout, stderr, status := run(k.Environ())
			if sentence == "" {
				if stdout != "before\nafter\n" || stderr != "" || status != 0 {
					t.Errorf("without a mistake it ends with %d, %q and %q", status, stdout, stderr)
				}
				return
			}
			if stderr != "" || status != 1 || strings.Contains(stdout, "after") {
				t.Errorf("ends with %d, %q and %q: want status 1, and no word on the standard error", status, stdout, stderr)
			}
			text, html, _ := k.Next(t)
			if text != sentence || !strings.Contains(html, "// the learner&#39;s line</pre>") {
				t.Errorf("it shows %q and %s", text, html)
			}
			if _, stderr, status := run(append(os.Environ(), "GONB_PIPE=")); status != 2 || !strings.Contains(stderr, sentence) || !strings.Contains(stderr, "goroutine 1") {
				t.Errorf("outside a notebook it ends with %d and %q: want a panic", status, stderr)
			}
		})
	}
}
