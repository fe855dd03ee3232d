// Command build makes the lesson's notebooks out of their sources: for each notebooks/source/NAME.md the
// notebook that a learner opens, notebooks/NAME.ipynb, with its TODO cells to fill in, and
// notebooks/solutions/NAME.ipynb, filled in and executed through the real kernel.
//
//	go run ./notebooks/build            # executes those whose code has changed
//	go run ./notebooks/build --force    # all, with fresh outputs
package main

import (
	"bytes"
	"encoding/json"
	"errors"
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
	if kept, err := withOutputs(solution, l.solution()); err == nil && !force {
		return writeFile(solution, kept)
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

var errOtherCode = errors.New("the code cells are others")

// withOutputs is a notebook with the outputs that its code cells have in an executed one on disk. It is an error if
// those are not the same cells in the same order; the text between them may be another.
func withOutputs(executed string, n notebook) ([]byte, error) {
	data, err := os.ReadFile(executed)
	if err != nil {
		return nil, err
	}
	var file map[string]any
	var read struct{ Cells []cell }
	if err := errors.Join(json.Unmarshal(data, &file), json.Unmarshal(data, &read)); err != nil {
		return nil, fmt.Errorf("%s: %w", executed, err)
	}
	var cells []any
	next := 0 // of the executed ones
	toCode := func() bool {
		for next < len(read.Cells) && read.Cells[next].Type != "code" {
			next++
		}
		return next < len(read.Cells)
	}
	for _, c := range n.Cells {
		if c.Type != "code" {
			cells = append(cells, c)
			continue
		}
		if !toCode() || read.Cells[next].ID != c.ID || strings.Join(read.Cells[next].Source, "") != strings.Join(c.Source, "") {
			return nil, errOtherCode
		}
		cells = append(cells, file["cells"].([]any)[next])
		next++
	}
	if toCode() {
		return nil, errOtherCode
	}
	file["cells"] = cells
	return marshal(file)
}

func write(path string, n notebook) error {
	data, err := marshal(n)
	if err != nil {
		return err
	}
	return writeFile(path, data)
}

func writeFile(path string, data []byte) error {
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
