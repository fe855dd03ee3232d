package start

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
)

// watch compiles, while the learner reads, what the next cells will import: the packages that the notebook names, when
// it is opened and when it was saved, and those of the clone whenever one of their files was changed. A cell need not
// wait for it then, and its result is found by the types as they are now.
func watch(ctx context.Context, c clone.Clone, g goenv.Go, packages *cells.Packages) {
	const interval = 2 * time.Second
	// Jupyter Server tells the notebook's path; we are in its folder.
	notebook := os.Getenv("JPY_SESSION_NAME")
	var saved time.Time
	known := state(c, g)
	for {
		if info, err := os.Stat(filepath.Base(notebook)); notebook != "" && err == nil && info.ModTime() != saved {
			saved = info.ModTime()
			if text, err := os.ReadFile(filepath.Base(notebook)); err == nil {
				packages.Want(cells.Imports(text)...)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
		if now := state(c, g); now != known {
			known = now
			packages.Reload()
		}
	}
}
