package labtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"gopherlens/kernel/internal/clone"
)

// axeVersion is the version of npm's axe-core that pages are tested with.
const axeVersion = "4.11.0"

// Accessible looks with axe-core for what keeps people from using those parts of the page that a CSS selector finds,
// and fails the test if it finds something serious or critical. It skips where axe-core is not to be had.
func Accessible(t *testing.T, p *Page, within string) {
	t.Run("accessible", func(t *testing.T) {
		for _, v := range violations(t, p, within) {
			t.Errorf("%s: %q", v.Help, v.Nodes)
		}
	})
}

type violation struct {
	ID, Help string
	Nodes    []string // the elements, and what to do about them
}

func violations(t testing.TB, p *Page, within string) (found []violation) {
	t.Helper()
	script := axe(t)
	p.run(time.Minute, chromedp.Evaluate(script+"\n;0", nil), chromedp.Evaluate(fmt.Sprintf(`axe.run(%q).then((r) => r.violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => ({ID: v.id, Help: v.help, Nodes: v.nodes.map((n) => n.html.slice(0, 300) + " " + n.failureSummary)})))`, within),
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return found
}

// fetchAxe fetches axe-core into .lab, once, and returns the path of its script.
var fetchAxe = sync.OnceValues(func() (string, error) {
	c, err := clone.Find()
	if err != nil {
		return "", err
	}
	folder := c.Lab("axe-core-" + axeVersion)
	script := filepath.Join(folder, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(script); err == nil {
		return script, nil
	}
	if err := os.MkdirAll(c.Lab(), 0o755); err != nil {
		return "", err
	}
	draft, err := os.MkdirTemp(c.Lab(), "axe-core-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(draft)
	fetch := exec.Command("npm", "install", "--prefix", draft, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts",
		"--fetch-retries=1", "--fetch-timeout=30000", "axe-core@"+axeVersion)
	if err := fetch.Run(); err != nil {
		return "", err
	}
	if err := os.Rename(draft, folder); err != nil {
		if _, there := os.Stat(script); there != nil { // another test may have been faster
			return "", err
		}
	}
	return script, nil
})

// axe is axe-core's script. It skips the test where there is none.
func axe(t testing.TB) string {
	t.Helper()
	path, err := fetchAxe()
	if err != nil {
		t.Skip("skipped: needs axe-core, which npm fetches once")
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}
