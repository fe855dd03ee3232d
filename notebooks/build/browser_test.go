package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/labtest"
)

// TestExerciseInBrowser fills in a TODO of the digit lesson as a learner would, in JupyterLab in a real
// browser: not at all, wrongly, rightly.
func TestExerciseInBrowser(t *testing.T) {
	labtest.Clone(t)
	// The cells that lead to the TODO, so that the page is short.
	var part lesson
	var wrong, right string
	todoCell := -1
	l := sources(t)["3-handwritten-digits"]
	for i, b := range l.Blocks {
		switch {
		case b.Kind == code && (strings.HasPrefix(b.Text, "import") || strings.HasPrefix(b.Text, "var digits") || strings.HasPrefix(b.Text, "var xTrain")):
			part.Blocks = append(part.Blocks, b)
		case b.Kind == todo && b.ID == "xTrain4D":
			todoCell, wrong, right = len(part.Blocks), b.Wrong[1], b.Solution
			part.Blocks = append(part.Blocks, b, l.Blocks[i+1])
		}
	}
	if todoCell < 0 {
		t.Fatal("the lesson has no TODO xTrain4D")
	}
	root := t.TempDir()
	if err := write(filepath.Join(root, "part.ipynb"), part.student()); err != nil {
		t.Fatal(err)
	}
	page := labtest.Open(t, labtest.Server(t, root), "/lab/tree/part.ipynb")
	for i := range todoCell {
		page.Execute(i, time.Minute)
	}
	for _, step := range []struct{ name, answer, want string }{
		{"unfilled", "", "Still to do"},
		{"wrong", wrong, "Not yet"},
		{"right", right, "Right"},
	} {
		if step.answer != "" {
			page.Type(todoCell, step.answer)
		}
		page.Execute(todoCell, time.Minute)
		if got := page.Execute(todoCell+1, time.Minute); !strings.HasPrefix(strings.TrimSpace(got), step.want) {
			t.Errorf("%s: the check says %q, want %q…", step.name, got, step.want)
		}
		page.Screenshot("exercise-" + step.name)
	}
}
