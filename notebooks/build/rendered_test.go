package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/labtest"
	"gopherlens/notebooks/internal/saved"
)

// TestRendered looks at the solutions as JupyterLab shows them: trusted, where what can be played with is alive, and
// not trusted, where a static picture stands for each of it.
func TestRendered(t *testing.T) {
	labtest.Clone(t)
	for _, trusted := range []bool{true, false} {
		root := t.TempDir()
		for _, folder := range []string{"figures", "solutions"} {
			if err := os.CopyFS(filepath.Join(root, folder), os.DirFS("../"+folder)); err != nil {
				t.Fatal(err)
			}
		}
		kind, theme := "untrusted", "JupyterLab Light"
		if trusted {
			kind, theme = "trusted", "JupyterLab Dark"
		}
		server := labtest.Hub(t, root, theme)
		for name := range sources(t) {
			t.Run(kind+"/"+name, func(t *testing.T) {
				path := "solutions/" + name + ".ipynb"
				notebook, err := saved.Read(filepath.Join(root, path))
				if err != nil {
					t.Fatal(err)
				}
				outputs, explorables, words := 0, 0, 0
				for _, c := range notebook.Cells {
					outputs += len(c.Outputs)
					for _, o := range c.Outputs {
						explorables += strings.Count(string(o.Data["text/html"]), "<div data-explore=")
					}
					if c.Type == "markdown" {
						words++
					}
				}
				if trusted {
					answer, err := http.Post(server.URL("/api/contents/"+path+"/trust"), "", nil)
					if err != nil {
						t.Fatal(err)
					}
					answer.Body.Close()
					if answer.StatusCode >= 300 {
						t.Fatalf("it cannot be trusted: %s", answer.Status)
					}
				}
				page := labtest.Open(t, server, "/lab/workspaces/"+name+"/tree/"+path) // a workspace that has no other tabs
				page.Wait(2*time.Minute, fmt.Sprintf(`document.querySelectorAll(".jp-OutputArea-output").length >= %d`, outputs))
				page.Wait(time.Minute, fmt.Sprintf(`document.querySelectorAll(".jp-MarkdownOutput").length >= %d`, words))
				page.Wait(time.Minute, `[...document.querySelectorAll(".jp-RenderedMarkdown img, .jp-OutputArea-output img")].every((i) => i.naturalWidth > 0)`)
				// JupyterLab leaves of an explorable that is not trusted its figure.
				all := `[...document.querySelectorAll(".jp-OutputArea-output figure")].filter((e) => e.innerText.includes("run this cell"))`
				lives := `e.querySelector("img").getBoundingClientRect().height > 100`
				if trusted {
					all = `[...document.querySelectorAll(".jp-OutputArea-output [data-explore]")]`
					lives = `e.shadowRoot?.querySelector("figure").getBoundingClientRect().height > 100`
				}
				page.Wait(time.Minute, fmt.Sprintf(`%s.filter((e) => %s).length === %d`, all, lives, explorables))
				for i := range explorables {
					page.Evaluate(fmt.Sprintf(all+`[%d].scrollIntoView({block: "center"}); true`, i), nil)
					page.Screenshot(fmt.Sprintf("%s-%s-%d", kind, name, i))
				}
				var stray string // JupyterLab's Markdown does not take for stress all that should be
				page.Evaluate(`[...document.querySelectorAll(".jp-RenderedMarkdown")].map((e) => {
					const copy = e.cloneNode(true); copy.querySelectorAll("pre, code").forEach((c) => c.remove()); return copy.textContent
				}).find((s) => s.includes("*")) ?? ""`, &stray)
				if stray != "" {
					t.Errorf("asterisks are on the page: %s", stray)
				}
				labtest.Accessible(t, page, ".jp-RenderedMarkdown, .jp-OutputArea-output")
			})
		}
	}
}
