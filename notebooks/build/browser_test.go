package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

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

const storySource = `# A figure

![A line with the value 11.15 for 7](figure:line)

` + "```quiz" + `
What is the *bias* of this line?

- [ ] 0.45
  That is its weight.
- [x] 8
  It is what the line says for 0.
` + "```" + `

` + "```go" + `
%%
cell.Show(explore.Line{X: []float64{1, 4, 8, 11, 15, 19}, Y: []float64{8.8, 9.2, 12.1, 12.6, 14.9, 16.2}, Weight: 0.2, Bias: 3})
` + "```" + `

` + "```go" + `
%%
cell.Show(explore.Digit{})
` + "```"

// TestStoryInBrowser looks at a figure, a quiz and an explorable in JupyterLab: as the learner plays, and as they stand
// in a copy that is not trusted, where no script runs.
func TestStoryInBrowser(t *testing.T) {
	labtest.Clone(t)
	l, err := parse(storySource)
	if err != nil {
		t.Fatal(err)
	}
	figure, err := os.ReadFile("../figures/line.svg")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "figures"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "figures", "line.svg"), figure, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(root, "story.ipynb"), l.student()); err != nil {
		t.Fatal(err)
	}
	page := labtest.Open(t, labtest.Hub(t, root, "JupyterLab Dark"), "/lab/tree/story.ipynb")
	page.Execute(0, time.Minute)
	page.Wait(time.Minute, `document.querySelector(".jp-RenderedMarkdown img").naturalWidth > 0`)

	const live = `document.querySelector("[data-explore]").shadowRoot`
	page.Drag(live+`.querySelector("[data-name=bias]")`, 0, -70)
	page.TabTo(live + `.querySelector("[data-name=weight]")`)
	page.Press(kb.ArrowUp, 5)
	page.Press("d", 2) // what would delete the cell
	page.Wait(time.Minute, live+`.querySelector(".says").textContent.startsWith("y = 0.25·x + ")`)
	page.Click(`document.querySelectorAll("summary")[1]`)
	page.Wait(time.Minute, `document.querySelectorAll("details")[1].open && document.querySelectorAll("details")[1].innerText.includes("✓ Right. It is what the line says for 0.")`)
	page.Screenshot("story-dark")

	// A digit is drawn, and read in the browser.
	page.Execute(1, time.Minute)
	const digit = `document.querySelectorAll("[data-explore]")[1].shadowRoot`
	page.Wait(time.Minute, digit+`.querySelector(".says").textContent.startsWith("Most likely a 3,")`)
	page.Click(digit + `.querySelector("button")`) // Clear
	page.Draw(digit+`.querySelector("[data-name=paper] rect")`, [2]float64{.3, .2}, [2]float64{.7, .2}, [2]float64{.6, .5}, [2]float64{.45, .9})
	page.Wait(time.Minute, digit+`.querySelector(".says").textContent.startsWith("Most likely a 7,")`)
	page.Screenshot("story-digit-dark")
	labtest.Accessible(t, page, ".jp-RenderedMarkdown, .jp-OutputArea-output")

	executed := run(t, l.student())
	if err := os.WriteFile(filepath.Join(root, "untrusted.ipynb"), executed.raw, 0o644); err != nil {
		t.Fatal(err)
	}
	page = labtest.Open(t, labtest.Hub(t, root, "JupyterLab Light"), "/lab/tree/untrusted.ipynb")
	page.Wait(time.Minute, `document.querySelector(".jp-OutputArea-output img")?.naturalWidth > 0`)
	page.Wait(time.Minute, `!document.querySelector(".jp-OutputArea-output script") && document.querySelector(".jp-OutputArea-output").innerText.includes("run this cell")`)
	page.Screenshot("story-untrusted")
	page.Evaluate(`document.querySelectorAll(".jp-OutputArea-output figure")[1].scrollIntoView({block: "center"}), true`, nil)
	page.Screenshot("story-digit-untrusted")
}
