// Package setup makes everything that the lesson needs, in the clone's folder .lab: the pinned tools, a
// virtual environment with JupyterLab, the kernelspec, a warm build cache, the digits.
//
// Each step looks first whether its work is done already, so set-up can be interrupted and run again
// at any time.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gofrs/flock"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/progress"
)

// Command sets up all that the lesson needs; what is there already is left alone.
type Command struct {
	NoData bool `help:"Leave the MNIST digits out."`
}

// Run sets up.
func (cmd *Command) Run(ctx context.Context) error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	if err := Do(ctx, os.Stdout, c, Options{NoData: cmd.NoData, FetchAgain: true}); err != nil {
		return err
	}
	fmt.Println("✓ Everything is set up.")
	return nil
}

// Options say what Do leaves out.
type Options struct {
	NoData     bool // no digits
	FetchAgain bool // try to fetch the digits although an earlier try failed
}

// Do sets up the clone, telling w what it does.
func Do(ctx context.Context, w io.Writer, c clone.Clone, options Options) error {
	if err := os.MkdirAll(c.Lab("log"), 0o755); err != nil {
		return fmt.Errorf("cannot write to %s: %w", c.Root, err)
	}
	unlock, err := lock(ctx, w, c)
	if err == nil {
		defer unlock()
		err = steps(ctx, w, c, options)
	}
	if ctx.Err() != nil {
		return errors.New("stopped; start it again whenever you like, and it carries on from here")
	}
	return err
}

func steps(ctx context.Context, w io.Writer, c clone.Clone, options Options) error {
	g, err := goenv.Find(ctx, c)
	if err != nil {
		return err
	}
	if err := goenv.Save(c, g); err != nil {
		return err
	}
	if err := kernel(ctx, c); err != nil {
		return err
	}
	if err := tools(ctx, w, c, g); err != nil {
		return err
	}
	if err := venv(ctx, w, c); err != nil {
		return err
	}
	if err := settings(c); err != nil {
		return err
	}
	if err := warm(ctx, w, c, g); err != nil {
		return err
	}
	return nil
}

// lock keeps two set-ups of one clone from getting in each other's way.
func lock(ctx context.Context, w io.Writer, c clone.Clone) (unlock func(), err error) {
	mutex := flock.New(c.Lab("lock"))
	locked, err := mutex.TryLock()
	if err == nil && !locked {
		line := progress.Start(w, "Waiting for another set-up of this clone to end")
		if locked, err = mutex.TryLockContext(ctx, 200*time.Millisecond); locked {
			line.Done("")
		} else {
			line.Fail("")
		}
	}
	if err != nil {
		return nil, err
	}
	return func() { mutex.Unlock() }, nil
}
