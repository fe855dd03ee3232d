package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gopherlens/kernel/labtest"
)

// TestExerciseInBrowser fills in a TODO of the digit lesson as a learner would, in JupyterLab in a real
// browser: not at all, wrongly, rightly.
func TestExerciseInBrowser(t *testing.T) {
	labtest.Clone(t)
	// The cells that lead to the TODO, so that the page is short.
	l := sources(t)["3-handwritten-digits"]
	var part lesson
	var todoCell, cells int
	var wrong, right string
	for i, b := range l.Blocks {
		switch {
		case b.Kind == code && (strings.HasPrefix(b.Text, "import") || strings.HasPrefix(b.Text, "var digits") || strings.HasPrefix(b.Text, "var xTrain")):
			part.Blocks = append(part.Blocks, b)
		case b.Kind == todo && b.ID == "xTrain4D":
			todoCell = len(part.Blocks)
			wrong, right = b.Wrong[1], b.Solution
			part.Blocks = append(part.Blocks, b, l.Blocks[i+1])
		}
	}
	cells = len(part.Blocks)
	if todoCell == 0 {
		t.Fatal("the lesson has no TODO xTrain4D")
	}
	root := t.TempDir()
	if err := write(filepath.Join(root, "part.ipynb"), part.student()); err != nil {
		t.Fatal(err)
	}
	server := labtest.Server(t, root)
	ctx, cancel := context.WithTimeout(labtest.Browser(t), 4*time.Minute)
	defer cancel()

	editor := func(i int) string { return fmt.Sprintf(`.jp-Notebook .jp-Cell:nth-of-type(%d) .cm-content`, i+1) }
	run := chromedp.KeyEvent("\r", chromedp.KeyModifiers(input.ModifierShift))
	// settled waits until no cell runs or waits.
	settled := chromedp.Poll(`[...document.querySelectorAll(".jp-InputPrompt")].every(p => !p.textContent.includes("*"))`, nil, chromedp.WithPollingInterval(200*time.Millisecond))
	runCell := func(i int) chromedp.Tasks {
		return chromedp.Tasks{chromedp.Click(editor(i), chromedp.ByQuery), run, chromedp.Sleep(300 * time.Millisecond), settled}
	}
	var verdict string
	readVerdict := chromedp.Tasks{
		chromedp.WaitVisible(`.jp-OutputArea-output [role="status"]`, chromedp.ByQuery),
		chromedp.Text(`.jp-OutputArea-output [role="status"]`, &verdict, chromedp.ByQuery),
	}
	if err := chromedp.Run(ctx,
		chromedp.Navigate(server.URL("/lab/tree/part.ipynb")),
		chromedp.WaitVisible(editor(0), chromedp.ByQuery),
		chromedp.Poll(`document.body.innerText.includes("Go (Gopherlens) | Idle")`, nil, chromedp.WithPollingTimeout(time.Minute)),
	); err != nil {
		t.Fatal(err)
	}
	for i := range cells {
		if err := chromedp.Run(ctx, runCell(i)); err != nil {
			t.Fatalf("cell %d: %v", i+1, err)
		}
	}
	for _, step := range []struct{ name, answer, want string }{
		{"unfilled", "", "Still to do"},
		{"wrong", wrong, "Not yet"},
		{"right", right, "Right"},
	} {
		var actions chromedp.Tasks
		if step.answer != "" {
			actions = chromedp.Tasks{
				chromedp.Click(editor(todoCell), chromedp.ByQuery),
				chromedp.KeyEvent("a", chromedp.KeyModifiers(input.ModifierCtrl)),
				chromedp.KeyEvent(kb.Delete),
				input.InsertText(step.answer),
				run, chromedp.Sleep(300 * time.Millisecond), settled,
				runCell(todoCell + 1),
			}
		}
		var picture []byte
		if err := chromedp.Run(ctx, actions, readVerdict, chromedp.CaptureScreenshot(&picture)); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if dir := os.Getenv("GOPHERLENS_SCREENSHOTS"); dir != "" {
			os.WriteFile(filepath.Join(dir, "exercise-"+step.name+".png"), picture, 0o644)
		}
		if !strings.HasPrefix(verdict, step.want) {
			t.Errorf("%s: the check says %q, want %q…", step.name, verdict, step.want)
		}
	}
}
