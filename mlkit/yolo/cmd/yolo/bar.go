package main

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A bar shows on a terminal how far work is; nil shows nothing.
type bar struct{ *progressbar.ProgressBar }

// newBar is a bar of n steps, or of an unknown number if n is −1. Where the standard error is no terminal it is nil.
func newBar(n int, what string) *bar {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	return &bar{progressbar.NewOptions(n, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetWidth(24), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString(what), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())}
}

func (b *bar) step() {
	if b != nil {
		b.Add(1)
	}
}

// say prints a line, above the bar.
func (b *bar) say(format string, arguments ...any) {
	b.clear()
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
}

// clear makes room for something else, until the next step.
func (b *bar) clear() {
	if b != nil {
		b.Clear()
	}
}

func (b *bar) end() {
	if b != nil {
		b.Exit()
		b.Clear()
	}
}
