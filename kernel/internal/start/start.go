// Package start is what the kernelspec runs: the front door, with GoNB behind it in the environment that cells
// need.
package start

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"gopherlens/kernel/internal/background"
	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/door"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/help"
)

// Guard is the argument with which this program guards GoNB.
const Guard = "guard"

// Command starts the kernel for one notebook.
type Command struct {
	ConnectionFile string   `arg:"" help:"The file in which Jupyter says how to reach it."`
	Stock          bool     `help:"Start GoNB without anything before it."`
	Others         []string `arg:"" optional:"" hidden:"" help:"Ignored: jupyter run hands the files that it runs to the kernel, too."`
}

// Run runs the kernel until it is shut down.
func (cmd *Command) Run() error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	g, err := goenv.Read(c)
	if err != nil {
		return err
	}
	// -raw_error has GoNB say errors as text, not as a page.
	gonb := []string{c.Bin("gonb"), "-logtostderr=true", "-go_work=" + c.Root, "-raw_error"}
	environ := goenv.Cell(os.Environ(), c, g)
	if cmd.Stock {
		err := syscall.Exec(gonb[0], append(gonb, "--kernel", cmd.ConnectionFile), environ)
		return fmt.Errorf("cannot start %s (%w): run scripts/lab to build it anew", gonb[0], err)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	version, err := c.GoVersion()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	log.SetFlags(log.Ltime)
	log.SetPrefix("gopherlens: ")
	work := &background.Work{}
	var helper door.Helper
	if server, err := help.Start(ctx, c.Bin("gopls"), environ, c.Root, work); err != nil {
		log.Printf("Nothing completes and explains names: %v.", err)
	} else {
		defer server.Close()
		helper = server
	}
	ask := func(args ...string) ([]byte, error) { return work.Output(goenv.Command(ctx, c, g, args...)) }
	packages := cells.LoadPackages(listed(c, g, ask), "./mlkit/...")
	go watch(ctx, c, g, packages)
	return door.Run(door.Config{
		ConnectionFile: cmd.ConnectionFile,
		GoNB:           gonb,
		Guard:          []string{program, Guard},
		Env:            withoutGopls(c, environ),
		GoVersion:      strings.TrimPrefix(version, "go"),
		History:        historyFile(),
		Helper:         helper,
		Packages:       packages,
		Background:     work,
	})
}

// withoutGopls is environ where GoNB finds the goimports that it needs, but no gopls: it would start one of its own
// that nobody asks anything, and that takes 200 MB.
func withoutGopls(c clone.Clone, environ []string) []string {
	dir := c.Lab("cells")
	if os.MkdirAll(dir, 0o755) != nil {
		return environ
	}
	link := filepath.Join(dir, "goimports")
	to, err := filepath.Rel(dir, c.Bin("goimports")) // which is right after the clone was moved, too
	if err != nil {
		return environ
	}
	if have, err := os.Readlink(link); err != nil || have != to {
		os.Remove(link)
		if err := os.Symlink(to, link); err != nil && !errors.Is(err, fs.ErrExist) {
			return environ
		}
	}
	environ = slices.Clone(environ)
	for i, pair := range environ {
		if rest, found := strings.CutPrefix(pair, "PATH="+c.Lab("bin")); found {
			environ[i] = "PATH=" + dir + rest
		}
	}
	return environ
}

// historyFile is where the history is kept: in the folder for the user's data, or nowhere if there is none or if
// what is executed was not typed by anybody, which $GOPHERLENS_HISTORY says.
func historyFile() string {
	switch file := os.Getenv("GOPHERLENS_HISTORY"); {
	case file == ":memory:":
		return ""
	case file != "":
		return file
	}
	dir := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "share")
		if runtime.GOOS == "darwin" {
			dir = filepath.Join(home, "Library", "Application Support")
		}
	}
	return filepath.Join(dir, "gopherlens", "history.sqlite")
}
