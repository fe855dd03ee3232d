// Package start is what the kernelspec runs: it becomes GoNB, in the environment that cells need.
package start

import (
	"fmt"
	"os"
	"syscall"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
)

// Command starts the kernel for one notebook.
type Command struct {
	ConnectionFile string `arg:"" help:"The file in which Jupyter says how to reach it."`
}

// Run replaces this process by GoNB, so that signals and exit status are GoNB's own.
func (cmd *Command) Run() error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	g, err := goenv.Read(c)
	if err != nil {
		return err
	}
	gonb := c.Bin("gonb")
	// Errors as text show the line with a caret under it in every front end, where GoNB's HTML hides the
	// line behind a mouse-over and leaves nothing to clients that show no HTML.
	args := []string{gonb, "--kernel", cmd.ConnectionFile, "-logtostderr=true", "-go_work=" + c.Root, "-raw_error"}
	if err := syscall.Exec(gonb, args, goenv.Cell(os.Environ(), c, g)); err != nil {
		return fmt.Errorf("cannot start %s (%w): run scripts/lab to build it anew", gonb, err)
	}
	return nil
}
