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
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/jupyter"
)

// logName is the server's log in .lab/log.
const logName = "jupyter.log"

// Options say what a server shows.
type Options struct {
	Root    string // the folder whose notebooks it shows
	Page    string // the path that opens first, as "/lab/tree/1-neural-networks.ipynb"
	Port    int    // 0 for 8888 or the next free one
	Browser bool   // open Page in the user's browser
}

// Server is a JupyterLab on the loopback interface.
type Server struct {
	address string // "http://127.0.0.1:8888/"
	token   string
	cmd     *exec.Cmd
	ended   chan error // says once how the server ended
}

// Start starts a server and waits until it listens.
func Start(ctx context.Context, c clone.Clone, options Options) (*Server, error) {
	log, err := os.Create(c.Lab("log", logName))
	if err != nil {
		return nil, err
	}
	defer log.Close() // the server has its own copy
	s := &Server{
		token: rand.Text(),
		cmd:   jupyter.Command(context.WithoutCancel(ctx), c, options.arguments()...),
		ended: make(chan error, 1),
	}
	s.cmd.Env = append(s.cmd.Env, "JUPYTER_TOKEN="+s.token) // other users can see arguments
	s.cmd.Dir = options.Root
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = attributes()
	started := make(chan error)
	go func() {
		// Linux takes the end of the thread that started the server for the end of this program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			s.ended <- s.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start JupyterLab: %w", err)
	}
	if err := s.wait(ctx, c); err != nil {
		s.Stop()
		if ctx.Err() != nil {
			return nil, errors.New("stopped")
		}
		return nil, fmt.Errorf("%w (details: %s)", err, log.Name())
	}
	return s, nil
}

// arguments are the server's. What protects it is said here, so that no configuration file can undo it.
func (o Options) arguments() []string {
	args := []string{"-m", "jupyterlab",
		"--ServerApp.ip=127.0.0.1",
		"--ServerApp.root_dir=" + o.Root,
		"--ServerApp.password=",
		"--ServerApp.allow_remote_access=False",
		"--ServerApp.disable_check_xsrf=False",
		"--LabApp.default_url=" + o.Page,
		"--LabApp.news_url=",
		"--LabApp.extension_manager=readonly", // the versions are locked
	}
	if o.Port != 0 {
		args = append(args, "--ServerApp.port="+strconv.Itoa(o.Port), "--ServerApp.port_retries=0")
	}
	if !o.Browser {
		args = append(args, "--no-browser")
	}
	if os.Geteuid() == 0 { // in a container
		args = append(args, "--allow-root")
	}
	return args
}

// wait waits until the server listens, and learns its address.
func (s *Server) wait(ctx context.Context, c clone.Clone) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(2 * time.Minute)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.ended:
			s.ended <- err
			return errors.New("JupyterLab did not start")
		case <-late:
			return errors.New("JupyterLab did not start within two minutes")
		case <-tick.C:
			text, err := os.ReadFile(c.Lab("jupyter", "runtime", fmt.Sprintf("jpserver-%d.json", s.cmd.Process.Pid)))
			if err != nil {
				continue
			}
			// The file may be half written, or left by a server that was killed and had this number.
			var info struct{ URL, Token string }
			if json.Unmarshal(text, &info) != nil || info.Token != s.token {
				continue
			}
			// The file is there a moment before the server listens.
			address, err := url.Parse(info.URL)
			if err != nil {
				return fmt.Errorf("JupyterLab names an address that is none: %w", err)
			}
			if c, err := net.Dial("tcp", address.Host); err == nil {
				c.Close()
				s.address = info.URL
				return nil
			}
		}
	}
}

// URL is the address of a page of the server, as "/lab", with the token that lets one in.
func (s *Server) URL(page string) string {
	return strings.TrimSuffix(s.address, "/") + page + "?token=" + s.token
}

// Stop ends the server and its kernels.
func (s *Server) Stop() {
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		s.ended <- err
	case <-time.After(15 * time.Second):
		s.cmd.Process.Kill()
	}
}
