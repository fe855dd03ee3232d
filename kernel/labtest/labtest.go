// Package labtest helps tests that need what set-up makes: the real kernel, JupyterLab in a real
// browser. Where a machine lacks what such a test needs, the test is skipped and says so in one line.
package labtest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/lab"
	"gopherlens/kernel/internal/setup"
)

// Clone returns the clone that the test belongs to, and skips the test if it is not set up.
func Clone(t testing.TB) clone.Clone {
	t.Helper()
	c, err := clone.Find()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile(c.Path("kernel", "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := goenv.Read(c); err != nil || !setup.VenvIsCurrent(c, lock) {
		t.Skip("skipped: needs the set-up (scripts/lab, or go run ./kernel setup)")
	}
	t.Setenv("GOPHERLENS_HISTORY", ":memory:") // the user's has no room for what tests execute
	return c
}

// Browser returns a context in which chromedp's actions run in a headless Chromium, with a window of
// 1400×1000. It skips the test if there is no Chromium. The browser ends with the test.
func Browser(t testing.TB) context.Context {
	t.Helper()
	program := chromium()
	if program == "" {
		t.Skip("skipped: needs Chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.WindowSize(1400, 1000),
		chromedp.UserDataDir(profile(t)),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	if os.Geteuid() == 0 { // Chromium's sandbox does not work for root
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	// Chromium tells of events that this chromedp does not know yet; they are no errors of ours.
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil { // starts the browser, which is to outlive any deadline below
		t.Fatalf("%s does not start: %v", program, err)
	}
	return ctx
}

// profile is a folder for what a browser keeps. The browser's processes write there until a moment after it has
// ended, which would make a TempDir fail the test.
func profile(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	return dir
}

// chromium is the path of a Chromium or Chrome, or "".
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Server starts JupyterLab on a folder of notebooks. It ends with the test.
func Server(t testing.TB, root string) *lab.Server {
	t.Helper()
	c := Clone(t)
	server, err := lab.Start(t.Context(), c, lab.Options{Root: root, Page: "/lab", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// freePort is a port that is free. Servers that look for one themselves take the same one when they start at the
// same time, as those of two packages' tests do.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
