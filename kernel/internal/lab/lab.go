// Package lab opens the lesson: it sets up what is missing and runs JupyterLab until it is stopped.
package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/progress"
	"gopherlens/kernel/internal/setup"
)

// Command opens the lesson in JupyterLab.
type Command struct {
	Port      int  `placeholder:"N" help:"The port on this machine; 8888, or the next free one, by default."`
	NoBrowser bool `help:"Print the address, and open no browser."`
	Notebook  int  `placeholder:"N" help:"The notebook to open: 1 to 4; the first by default."`
}

// Run sets up and serves the lesson until ctx ends or the server does.
func (cmd *Command) Run(ctx context.Context) error {
	c, err := clone.Find()
	if err != nil {
		return err
	}
	page, err := page(c.Notebooks(), cmd.Notebook)
	if err != nil {
		return err
	}
	if err := free(cmd.Port); err != nil {
		return err
	}
	if err := setup.Do(ctx, os.Stdout, c, setup.Options{}); err != nil {
		return err
	}
	line := progress.Start(os.Stdout, "Starting JupyterLab")
	server, err := Start(ctx, c, Options{Root: c.Path("notebooks"), Page: page, Port: cmd.Port, Browser: !cmd.NoBrowser})
	if err != nil {
		line.Fail("")
		return err
	}
	line.Done("")
	fmt.Printf("\n  %s\n\nThe lesson is open at this address, for this machine only. Press Ctrl-C here to end it.\n", server.URL(page))
	select {
	case <-ctx.Done():
		fmt.Println("\nEnding JupyterLab and its kernels …")
		server.Stop()
		return nil
	case err := <-server.ended:
		if err != nil {
			return fmt.Errorf("JupyterLab ended unexpectedly (details: %s)", c.Lab("log", logName))
		}
		fmt.Println("JupyterLab was shut down.") // File → Shut Down in the browser
		return nil
	}
}

// page is the path under which JupyterLab shows notebook n; 0 stands for the first.
func page(notebooks []string, n int) (string, error) {
	if n < 0 {
		return "", fmt.Errorf("--notebook is %d; the notebooks are numbered from 1", n)
	}
	for _, name := range notebooks {
		if n == 0 || strings.HasPrefix(name, strconv.Itoa(n)+"-") {
			return "/lab/tree/" + url.PathEscape(name), nil
		}
	}
	if n == 0 {
		return "/lab", nil
	}
	return "", fmt.Errorf("there is no notebook %d; there are: %s", n, strings.Join(notebooks, ", "))
}

// free tells whether a port that was asked for can be used.
func free(port int) error {
	if port == 0 {
		return nil
	}
	if port < 1 || port > 65535 {
		return fmt.Errorf("--port is %d; ports go from 1 to 65535", port)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d needs an administrator's rights: choose one from 1024 on", port)
	case err != nil:
		return fmt.Errorf("port %d is taken: choose another with --port, or leave --port out", port)
	}
	return listener.Close()
}
