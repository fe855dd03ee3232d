// Command kernel sets up, checks and starts the Jupyter kernel of these notebooks:
//
//	go run ./kernel doctor          # is everything right on this machine?
//	go run ./kernel run NOTEBOOK    # execute a notebook without a browser
//	go run ./kernel install --user  # offer the kernel in your own Jupyter
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"gopherlens/kernel/internal/doctor"
	"gopherlens/kernel/internal/door"
	"gopherlens/kernel/internal/install"
	"gopherlens/kernel/internal/lab"
	"gopherlens/kernel/internal/run"
	"gopherlens/kernel/internal/setup"
	"gopherlens/kernel/internal/start"
)

type commands struct {
	Setup     setup.Command     `cmd:"" help:"Set up all that the lesson needs; what is there already is left alone."`
	Lab       lab.Command       `cmd:"" help:"Set up what is missing and open the lesson in JupyterLab."`
	Doctor    doctor.Command    `cmd:"" help:"Check what may be wrong on this machine, and say how to mend it."`
	Run       run.Command       `cmd:"" help:"Execute a notebook without a browser, through the real kernel."`
	Install   install.Command   `cmd:"" help:"Offer the kernel in a Jupyter that you have already."`
	Uninstall install.Uninstall `cmd:"" help:"Take away what install put there."`
	Start     start.Command     `cmd:"" hidden:"" help:"Start the kernel of a notebook (Jupyter does that)."`
}

func main() {
	if len(os.Args) > 3 && os.Args[1] == start.Guard {
		os.Exit(door.Guard(os.Args[2:]))
	}
	ctx := context.Background()
	if len(os.Args) < 2 || os.Args[1] != "start" { // a notebook's kernel takes signals itself: one that came before would be lost
		var stop func()
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
	}
	var c commands
	parsed := kong.Parse(&c,
		kong.Name("kernel"),
		kong.Description("The Jupyter kernel of Gopherlens: set up, check, run."),
		kong.ShortUsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "✗", err)
		os.Exit(1)
	}
}
