package lab_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/labtest"
)

const hello = `{"cells": [
  {"cell_type": "code", "id": "hello", "metadata": {}, "execution_count": null, "outputs": [],
   "source": "import \"fmt\"\n%%\nfmt.Println(6*7)"},
  {"cell_type": "code", "id": "wrong", "metadata": {}, "execution_count": null, "outputs": [], "source": ""},
  {"cell_type": "code", "id": "question", "metadata": {}, "execution_count": null, "outputs": [], "source": ""}
], "metadata": {"kernelspec": {"name": "gopherlens", "display_name": "Go (Gopherlens)", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`

// menuItem opens a panel that explains what is being typed.
const menuItem = `[...document.querySelectorAll(".lm-Menu-item")].find(e => e.innerText.includes("Show Contextual Help"))`

// A notebook opens in JupyterLab and in Notebook 7, in the light theme and the dark one, without a question or a
// pop-up, gets our kernel by itself, executes its cells, shows where a cell is wrong, and helps with what is typed.
func TestBrowser(t *testing.T) {
	labtest.Clone(t)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "hello.ipynb"), []byte(hello), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ theme, address string }{
		"lab":      {"JupyterLab Dark", "/lab/tree/hello.ipynb"},
		"notebook": {"JupyterLab Light", "/notebooks/hello.ipynb"},
	} {
		t.Run(name, func(t *testing.T) {
			page := labtest.Open(t, labtest.Hub(t, root, test.theme), test.address)
			if got := page.Execute(0, time.Minute); strings.TrimSpace(got) != "42" {
				t.Errorf("the first cell shows %q, want 42", got)
			}
			page.Type(1, "%%\nfmt.Println(sixTimesSeven)")
			got := page.Execute(1, time.Minute)
			for _, want := range []string{"Compile error in cell 2, line 2", "Go knows nothing called sixTimesSeven", "2 │ fmt.Println(sixTimesSeven)"} {
				if !strings.Contains(got, want) {
					t.Errorf("the wrong cell shows %q, want %q in it", got, want)
				}
			}
			if got := page.Complete(2, "cell."); !strings.Contains(got, "Show") || !strings.Contains(got, "func") {
				t.Errorf("Tab behind cell. shows %q, want Show, a func", got)
			}
			page.Wait(time.Minute, `document.querySelector(".jp-Completer-docpanel").innerText.includes("func cell.Check(")`)
			page.Screenshot(name + "-complete")
			got = page.Inspect(2, "cell.Show")
			for _, want := range []string{"func cell.Show(values ...any)", "below the cell", "Example"} {
				if !strings.Contains(got, want) {
					t.Errorf("Shift-Tab on cell.Show shows %q, want %q in it", got, want)
				}
			}
			page.Screenshot(name + "-inspect")
			if name == "lab" {
				page.Click(`[...document.querySelectorAll(".lm-MenuBar-item")].find(e => e.innerText.trim() === "Help")`)
				page.Wait(time.Minute, menuItem)
				page.Click(menuItem)
				page.Type(2, "strings.Repeat(\"ab\", ")
				page.Wait(time.Minute, `document.querySelector(".jp-Inspector").innerText.includes("Next: count int")`)
				page.Screenshot(name + "-as-one-types")
			}
			if n := page.Dialogs(); n != 0 {
				t.Errorf("%d dialogs or pop-ups are open, want none", n)
			}
		})
	}
}
