// Command build makes the lesson's notebooks out of their sources: for each notebooks/source/NAME.md the
// notebook that a learner opens, notebooks/NAME.ipynb, with its TODO cells to fill in, and
// notebooks/solutions/NAME.ipynb, filled in and executed through the real kernel.
//
//	go run ./notebooks/build            # those whose source has changed
//	go run ./notebooks/build --force    # all, with fresh outputs
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	force := flag.Bool("force", false, "execute the solutions anew though their sources are the same")
	flag.Parse()
	sources, err := filepath.Glob("notebooks/source/*.md")
	if err == nil && len(sources) == 0 {
		err = fmt.Errorf("no notebooks/source/*.md here: run this from the root of the repository")
	}
	for _, source := range sources {
		if err == nil {
			err = build(source, *force)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(source string, force bool) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	l, err := parse(string(text))
	if err == nil {
		err = l.checkFigures("notebooks/figures")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	name := strings.TrimSuffix(filepath.Base(source), ".md") + ".ipynb"
	if err := write(filepath.Join("notebooks", name), l.student()); err != nil {
		return err
	}
	solution := filepath.Join("notebooks", "solutions", name)
	if inStep, _ := sameCells(solution, l.solution()); inStep && !force {
		return nil
	}
	// The executed notebook takes the place of the old one only if every cell passed.
	draft := strings.TrimSuffix(solution, ".ipynb") + ".draft.ipynb"
	defer os.Remove(draft)
	if err := write(draft, l.solution()); err != nil {
		return err
	}
	run := exec.Command("go", "run", "./kernel", "run", draft, "--output", draft)
	run.Stdout, run.Stderr = os.Stdout, os.Stderr
	if err := run.Run(); err != nil {
		return fmt.Errorf("%s: %w", solution, err)
	}
	if err := tidy(draft); err != nil {
		return err
	}
	return os.Rename(draft, solution)
}

// tidy drops from the printed text what a later \r wrote over, as a screen does: the hundreds of states of a
// progress line.
func tidy(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var n map[string]any
	if err := json.Unmarshal(data, &n); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	cells, _ := n["cells"].([]any)
	for _, c := range cells {
		c := c.(map[string]any)
		outputs, _ := c["outputs"].([]any)
		var kept []any
		for _, o := range outputs {
			output := o.(map[string]any)
			if output["output_type"] == "stream" {
				text := printed(output["text"])
				if len(kept) > 0 {
					if last := kept[len(kept)-1].(map[string]any); last["output_type"] == "stream" && last["name"] == output["name"] {
						last["text"] = printed(last["text"]) + text
						continue
					}
				}
				output["text"] = text
			}
			kept = append(kept, output)
		}
		for _, o := range kept {
			if output := o.(map[string]any); output["output_type"] == "stream" {
				output["text"] = onScreen(output["text"].(string))
			}
		}
		if outputs != nil {
			c["outputs"] = append([]any{}, kept...)
		}
	}
	if data, err = marshal(n); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// printed is a text that the notebook format keeps either whole or as a list of lines.
func printed(text any) string {
	lines, ok := text.([]any)
	if !ok {
		return fmt.Sprint(text)
	}
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprint(&b, line)
	}
	return b.String()
}

// onScreen is what is left of a text on a screen, where \r goes back to the beginning of the line.
func onScreen(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		lines[i] = line[strings.LastIndex(line, "\r")+1:]
	}
	return strings.Join(lines, "\n")
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

func write(path string, n notebook) error {
	data, err := marshal(n)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
