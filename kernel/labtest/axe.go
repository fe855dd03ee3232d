package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/runtime"

	"gopherlens/kernel/internal/clone"
)

// axeVersion is the version of npm's axe-core that pages are tested with.
const axeVersion = "4.11.0"

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

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
