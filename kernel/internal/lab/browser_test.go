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
  {"cell_type": "code", "id": "empty", "metadata": {}, "execution_count": null, "outputs": [], "source": ""}
], "metadata": {"kernelspec": {"name": "gopherlens", "display_name": "Go (Gopherlens)", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`

// A notebook opens in JupyterLab and in Notebook 7 without a question or a pop-up, gets our kernel by
// itself, executes its cells, and shows where a cell is wrong.
func TestBrowser(t *testing.T) {
	labtest.Clone(t)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "hello.ipynb"), []byte(hello), 0o644); err != nil {
		t.Fatal(err)
	}
	server := labtest.Server(t, root)
	for name, address := range map[string]string{"lab": "/lab/tree/hello.ipynb", "notebook": "/notebooks/hello.ipynb"} {
		t.Run(name, func(t *testing.T) {
			page := labtest.Open(t, server, address)
			defer page.Screenshot(name)
			if got := page.Execute(0, time.Minute); strings.TrimSpace(got) != "42" {
				t.Errorf("the first cell shows %q, want 42", got)
			}
			page.Type(1, "%%\nfmt.Println(sixTimesSeven)")
			got := page.Execute(1, time.Minute)
			for _, want := range []string{"cell 2, line 2", "undefined: sixTimesSeven"} {
				if !strings.Contains(got, want) {
					t.Errorf("the wrong cell shows %q, want %q in it", got, want)
				}
			}
			if n := page.Dialogs(); n != 0 {
				t.Errorf("%d dialogs or pop-ups are open, want none", n)
			}
		})
	}
}
