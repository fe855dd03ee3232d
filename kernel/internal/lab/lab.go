// Package lab opens the lesson: it sets up what is missing and runs JupyterLab until it is stopped.
package lab

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/jupyter"
	"gopherlens/kernel/internal/progress"
	"gopherlens/kernel/internal/setup"
)

// Command opens the lesson in JupyterLab.
type Command struct {
	Port      int  `placeholder:"N" help:"The port on this machine; 8888, or the next free one, by default."`
	NoBrowser bool `help:"Print the address, and open no browser."`
	Notebook  int  `placeholder:"N" default:"0" help:"The notebook to open: 1 to 4; the first by default."`
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
	return cmd.serve(ctx, c, page)
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

// serve runs the server.
func (cmd *Command) serve(ctx context.Context, c clone.Clone, page string) error {
	token := rand.Text()
	log, err := os.Create(c.Lab("log", "jupyter.log"))
	if err != nil {
		return err
	}
	defer log.Close()

	line := progress.Start(os.Stdout, "Starting JupyterLab")
	server := jupyter.Command(context.WithoutCancel(ctx), c, cmd.arguments(c, page)...)
	server.Env = append(server.Env, "JUPYTER_TOKEN="+token) // arguments can be seen by other users
	server.Dir = c.Path("notebooks")
	server.Stdout, server.Stderr = log, log
	server.SysProcAttr = attributes()
	if err := server.Start(); err != nil {
		line.Fail("")
		return fmt.Errorf("cannot start JupyterLab: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	address, err := wait(ctx, c, server.Process.Pid, token, ended)
	if err != nil {
		line.Fail("")
		stop(server, ended)
		if ctx.Err() != nil {
			return errors.New("stopped")
		}
		return fmt.Errorf("%w (details: %s)", err, log.Name())
	}
	line.Done("")
	fmt.Printf("\n  %s%s?token=%s\n\nThe lesson is open at this address, for this machine only. Press Ctrl-C here to end it.\n",
		strings.TrimSuffix(address, "/"), page, token)
	select {
	case <-ctx.Done():
		fmt.Println("\nEnding JupyterLab and its kernels …")
		stop(server, ended)
		return nil
	case <-ended: // File → Shut Down in the browser, or a crash
		if server.ProcessState.Success() {
			fmt.Println("JupyterLab was shut down.")
			return nil
		}
		return fmt.Errorf("JupyterLab ended unexpectedly (details: %s)", log.Name())
	}
}

// arguments are the server's.
func (cmd *Command) arguments(c clone.Clone, page string) []string {
	args := []string{"-m", "jupyterlab",
		"--ServerApp.ip=127.0.0.1",
		"--ServerApp.root_dir=" + c.Path("notebooks"),
		"--ServerApp.password=",
		"--ServerApp.allow_remote_access=False",
		"--ServerApp.disable_check_xsrf=False",
		"--LabApp.default_url=" + page,
		"--LabApp.news_url=",
		"--LabApp.extension_manager=readonly", // the versions are locked
	}
	if cmd.Port != 0 {
		args = append(args, "--ServerApp.port="+strconv.Itoa(cmd.Port), "--ServerApp.port_retries=0")
	}
	if cmd.NoBrowser {
		args = append(args, "--no-browser")
	}
	if os.Geteuid() == 0 { // in a container
		args = append(args, "--allow-root")
	}
	return args
}

// wait waits until the server listens and returns its address.
func wait(ctx context.Context, c clone.Clone, pid int, token string, ended <-chan error) (string, error) {
	ready := time.NewTicker(50 * time.Millisecond)
	defer ready.Stop()
	late := time.After(2 * time.Minute)
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-ended:
			return "", errors.New("JupyterLab did not start")
		case <-late:
			return "", errors.New("JupyterLab did not start within two minutes")
		case <-ready.C:
			text, err := os.ReadFile(c.Lab("jupyter", "runtime", fmt.Sprintf("jpserver-%d.json", pid)))
			if err != nil {
				continue
			}
			// The file may be half written, or left by a server that was killed and had this number.
			var info struct{ URL, Token string }
			if json.Unmarshal(text, &info) == nil && info.Token == token {
				return info.URL, nil
			}
		}
	}
}

// stop ends the server, which ends its kernels.
func stop(server *exec.Cmd, ended <-chan error) {
	server.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		server.Process.Kill()
	}
}
