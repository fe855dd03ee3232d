package lab_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/labtest"
)

// A notebook in JupyterLab and in Notebook 7 shows what it shows in Jupyter's other clients (kernel/conformance), and
// what only a person can do works: answering a question, stopping a cell, running all, starting the kernel again.
func TestNotebookInBrowser(t *testing.T) {
	labtest.Clone(t)
	sources := []string{
		"func half(n int) int { return n / 2 }",
		`fmt.Println("half of 6 is", half(6))`,
		"x := 6\nx * 7",
		"type note string\n\nfunc (n note) HTML() string { return \"<b class='rich'>\" + string(n) + \"</b>\" }\n\nnote(\"rich\")",
		"import \"github.com/janpfeifer/gonb/gonbui\"\n%%\ngonbui.RequestInput(\"Who is it? \", false)\nvar name string\nfmt.Scan(&name)\nfmt.Println(\"It is \" + name + \".\")",
		`fmt.Println("it", "runs"); for { }`,
		"list := []int{1}\nlist[half(6)]",
		`fmt.Println("after")`,
	}
	for name, address := range map[string]string{"lab": "/lab/tree/", "notebook": "/notebooks/"} {
		t.Run(name, func(t *testing.T) {
			path := labtest.Notebook(t, sources...)
			page := labtest.Open(t, labtest.Hub(t, filepath.Dir(path), "JupyterLab Light"), address+filepath.Base(path))
			defer page.Screenshot(name + "-through")
			const most = time.Minute
			shows := func(got string, want ...string) {
				t.Helper()
				for _, want := range want {
					if !strings.Contains(got, want) {
						t.Errorf("got %q, want %q in it", got, want)
					}
				}
			}
			for n, want := range []string{"", "half of 6 is 3", "[3]:\n42", "rich"} {
				shows(page.Execute(n, most), want)
			}
			page.Wait(most, `document.querySelector(".jp-OutputArea-executeResult b.rich")`)

			const box = `document.querySelector("input.jp-Stdin-input")`
			page.Begin(4, most)
			page.Wait(most, box)
			page.Click(box)
			page.Press("Ada\r", 1)
			shows(page.Ended(4, most), "Who is it?", "It is Ada.")

			page.Begin(5, most)
			page.Wait(most, `document.querySelectorAll(".jp-CodeCell")[5].innerText.includes("it runs")`)
			page.Click(`document.querySelector("[data-command='notebook:interrupt-kernel']")`)
			shows(page.Ended(5, most), "it runs", "The cell was stopped.")

			// All are run by a fresh kernel, up to the first mistake.
			page.Type(4, `fmt.Println("no question")`)
			page.Type(5, `fmt.Println("it ends")`)
			page.Click(`document.querySelector("[data-command='notebook:restart-run-all']")`)
			page.Wait(most, `document.querySelector(".jp-Dialog .jp-mod-warn")`)
			page.Click(`document.querySelector(".jp-Dialog .jp-mod-warn")`)
			page.Wait(most, `document.querySelectorAll(".jp-CodeCell")[6].innerText.includes("[7]:")`)
			shows(page.Ended(6, most), "Panic in cell 7, line 2", "list[half(6)]")
			shows(page.Output(2), "[3]:\n42")
			page.Wait(most, `document.querySelectorAll(".jp-CodeCell")[7].querySelector(".jp-InputPrompt").textContent === "[ ]:"`)
			if got := page.Output(7); got != "" {
				t.Errorf("the cell after the mistake shows %q, want nothing", got)
			}
		})
	}
}
