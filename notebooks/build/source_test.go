package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	l, err := parse(strings.Join([]string{
		"# A title", "", "text", "<!-- cell -->", "more",
		"```go", "var a = 1", "```",
		"```go todo=b c", "// TODO: two", "// BEGIN SOLUTION", "var b = 2", "// STUB: var b = 0", "// END SOLUTION", "```",
		"```go wrong", "var b = 3", "```",
		"", "```go check=b c", "check(b)", "```",
		"```text", "not a cell", "```",
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []block{
		{Kind: markdown, Text: "# A title\n\ntext", Line: 1},
		{Kind: markdown, Text: "more", Line: 5},
		{Kind: code, Text: "var a = 1", Line: 6},
		{Kind: todo, ID: "b c", Text: "// TODO: two\nvar b = 0", Answer: "// TODO: two\nvar b = 2", Solution: "var b = 2", Wrong: []string{"var b = 3"}, Line: 9},
		{Kind: check, ID: "b c", Text: "check(b)", Line: 20},
		{Kind: markdown, Text: "```text\nnot a cell\n```", Line: 23},
	}
	if len(l.Blocks) != len(want) {
		t.Fatalf("%d blocks, want %d: %+v", len(l.Blocks), len(want), l.Blocks)
	}
	for i, w := range want {
		got := l.Blocks[i]
		if got.Kind != w.Kind || got.Text != w.Text || got.ID != w.ID || got.Answer != w.Answer || got.Solution != w.Solution ||
			strings.Join(got.Wrong, "|") != strings.Join(w.Wrong, "|") || got.Line != w.Line {
			t.Errorf("block %d:\n got %+v\nwant %+v", i, got, w)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for name, text := range map[string]string{
		"open fence":       "```go\nvar a = 1",
		"stray wrong":      "text\n```go wrong\nvar a\n```",
		"no solution":      "```go todo=a\nvar a = 1\n```",
		"open solution":    "```go todo=a\n// BEGIN SOLUTION\nvar a = 1\n```",
		"end before begin": "```go todo=a\n// END SOLUTION\nvar a\n// BEGIN SOLUTION\n```",
		"quiz":             "```quiz\nWhat?\n\n- [x] This\n  Yes.\n```",
		"empty solution":   "```go todo=a\n// BEGIN SOLUTION\n// STUB: var a = 1\n// END SOLUTION\n```",
	} {
		if _, err := parse(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// sources are the lesson's, by name.
func sources(t *testing.T) map[string]lesson {
	t.Helper()
	paths, err := filepath.Glob("../source/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	all := map[string]lesson{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		l, err := parse(string(text))
		if err == nil {
			err = l.checkFigures("../figures")
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".md")] = l
	}
	return all
}

// sameCells tells whether a notebook on disk has the cells of another, outputs aside.
func sameCells(path string, want notebook) (bool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	var have notebook
	if err := json.Unmarshal(data, &have); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	if len(have.Cells) != len(want.Cells) {
		return false, nil
	}
	for i, c := range want.Cells {
		h := have.Cells[i]
		if h.ID != c.ID || h.Type != c.Type || strings.Join(h.Source, "") != strings.Join(c.Source, "") {
			return false, nil
		}
	}
	return true, nil
}

func TestNotebooksAreInStep(t *testing.T) {
	for name, l := range sources(t) {
		for path, want := range map[string]notebook{
			"../" + name + ".ipynb":           l.student(),
			"../solutions/" + name + ".ipynb": l.solution(),
		} {
			if same, err := sameCells(path, want); err != nil || !same {
				t.Errorf("%s is out of step with its source (%v): run go run ./notebooks/build", path, err)
			}
		}
	}
}

// TestOutputsAreKept changes the text of a notebook, which keeps its outputs, and then its code, which does not.
func TestOutputsAreKept(t *testing.T) {
	notebookOf := func(text string) notebook {
		l, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return l.solution()
	}
	const first = "one\n```go\nvar a = 1\n```\n```go\nvar b = 2\n```\n"
	path := filepath.Join(t.TempDir(), "executed.ipynb")
	data, err := marshal(notebookOf(first))
	if err != nil {
		t.Fatal(err)
	}
	data = []byte(strings.Replace(string(data), `"outputs": []`, `"outputs": ["its output"]`, 1))
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if same, err := withOutputs(path, notebookOf(first)); err != nil || string(same) == "" {
		t.Errorf("the same notebook: %v", err)
	}
	kept, err := withOutputs(path, notebookOf("another\n<!-- cell -->\n"+first+"more"))
	if err != nil || strings.Count(string(kept), "its output") != 1 || !strings.Contains(string(kept), "another") || !strings.Contains(string(kept), "more") {
		t.Errorf("with other text: %v\n%s", err, kept)
	}
	for _, text := range []string{"```go\nvar a = 1\n```", "```go\nvar b = 2\n```\n```go\nvar a = 1\n```", first + "```go\nvar c = 3\n```"} {
		if _, err := withOutputs(path, notebookOf(text)); err == nil {
			t.Errorf("no error for other code: %q", text)
		}
	}
}

// TestStudentHasNoAnswers looks for what a learner should not find: outputs, and solutions that are not folded.
func TestStudentHasNoAnswers(t *testing.T) {
	for name, l := range sources(t) {
		data, err := os.ReadFile("../" + name + ".ipynb")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), `"output_type"`) {
			t.Errorf("%s.ipynb has outputs", name)
		}
		for i, b := range l.Blocks {
			if b.Kind != todo {
				continue
			}
			if b.Text == b.Answer || strings.Contains(b.Text, b.Solution) {
				t.Errorf("%s: todo %s shows its solution", name, b.ID)
			}
			if len(b.Wrong) < 3 {
				t.Errorf("%s: todo %s has %d wrong answers, want at least 3", name, b.ID, len(b.Wrong))
			}
			checked := strings.Contains(b.Text, "exercise.") || i+1 < len(l.Blocks) && l.Blocks[i+1].Kind == check && l.Blocks[i+1].ID == b.ID
			if !checked {
				t.Errorf("%s: todo %s has no check", name, b.ID)
			}
		}
	}
}

// TestCellsAreShort keeps the story's cells to what one reads at a glance, imports aside.
func TestCellsAreShort(t *testing.T) {
	for name, l := range sources(t) {
		for _, b := range l.Blocks {
			if name[0] > '2' || b.Kind == markdown || strings.HasPrefix(b.Text, "import (") {
				continue
			}
			if n := strings.Count(b.Text, "\n") + 1; n > 12 {
				t.Errorf("%s: the cell in line %d has %d lines", name, b.Line, n)
			}
		}
	}
}

func TestQuiz(t *testing.T) {
	got, err := quiz("What is `a`?\n\n- [ ] *x* < 1\n  It\n  is not.\n- [x] b\n  Yes.\n\nAnd?\n- [x] c\n  C.\n- [ ] d\n  D.")
	const want = "### Check yourself\n\nOpen the answer that you think is right.\n\n**What is `a`?**\n\n" +
		"<details><summary><em>x</em> &lt; 1</summary>\n\n> ✗ Not this one. It is not.\n\n</details>\n\n" +
		"<details><summary>b</summary>\n\n> ✓ Right. Yes.\n\n</details>\n\n<br>\n\n**And?**\n\n" +
		"<details><summary>c</summary>\n\n> ✓ Right. C.\n\n</details>\n\n<details><summary>d</summary>\n\n> ✗ Not this one. D.\n\n</details>"
	if err != nil || got != want {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
	for name, text := range map[string]string{
		"no choices":            "What?",
		"no right choice":       "What?\n- [ ] a\n  A.\n- [ ] b\n  B.",
		"two right choices":     "What?\n- [x] a\n  A.\n- [x] b\n  B.",
		"no explanation":        "What?\n- [x] a\n- [ ] b\n  B.",
		"no question":           "- [x] a\n  A.\n- [ ] b\n  B.",
		"question of two lines": "What\nis it?\n- [x] a\n  A.\n- [ ] b\n  B.",
	} {
		if _, err := quiz(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFigures(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "there.svg"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"![A figure.](figure:there)":  "",
		"\n\n![ ](figure:there)":      "alt text",
		"![A figure.](figure:absent)": "no figure absent",
	} {
		l, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.checkFigures(folder); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSolutionIsExecuted(t *testing.T) {
	for name := range sources(t) {
		data, err := os.ReadFile("../solutions/" + name + ".ipynb")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(data), `"execution_count": null`); n > 0 {
			t.Errorf("%s: %d cells of the solution were not executed", name, n)
		}
		if strings.Contains(string(data), `"output_type": "error"`) {
			t.Errorf("%s: a cell of the solution failed", name)
		}
	}
}

func TestOnScreen(t *testing.T) {
	const printed = "\rone\rtwo\rthree\nfour\r\n\n\r"
	if got, want := onScreen(printed), "three\nfour\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
