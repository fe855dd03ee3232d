//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/door/zmtp"
)

// kernel is a running kernel and a client of it.
type kernel struct {
	stock                  bool // it is GoNB as it comes
	began                  time.Time
	cmd                    *exec.Cmd
	dir                    string
	key                    wire.Key
	session                string
	shell, control, iopub  *zmtp.Conn
	replies, idle, streams chan wire.Message
}

// patience is how long anything may take.
const patience = time.Minute

// start starts ours, or GoNB as it comes. It returns when the sockets are there.
func start(c clone.Clone, stock bool) (k *kernel, err error) {
	k = &kernel{stock: stock, key: wire.Key(wire.NewID()), session: wire.NewID(),
		replies: make(chan wire.Message, 100), idle: make(chan wire.Message, 100), streams: make(chan wire.Message, 10000)}
	if k.dir, err = os.MkdirTemp("", "gopherlens-bench-"); err != nil {
		return nil, err
	}
	at := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: "hmac-sha256", Key: k.key}
	var free []net.Listener // held until all are found: no port is found twice
	for _, port := range []*int{&at.ShellPort, &at.ControlPort, &at.StdinPort, &at.IOPubPort, &at.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		free = append(free, l)
		*port = l.Addr().(*net.TCPAddr).Port
	}
	for _, l := range free {
		l.Close()
	}
	file := filepath.Join(k.dir, "kernel-"+wire.NewID()+".json")
	if err := at.Write(file); err != nil {
		return nil, err
	}
	args := []string{"start", file}
	if stock {
		args = append(args, "--stock")
	}
	k.cmd = exec.Command(c.Kernel(), args...)
	k.cmd.Dir = k.dir
	k.cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+k.dir) // the user's history is not ours
	k.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return k, k.connect(at)
}

func (k *kernel) connect(at wire.Connection) (err error) {
	k.began = time.Now()
	if err := k.cmd.Start(); err != nil {
		return err
	}
	for _, s := range []struct {
		conn **zmtp.Conn
		kind string
		port int
		take func(wire.Message, wire.Header)
	}{
		{&k.shell, "DEALER", at.ShellPort, func(m wire.Message, _ wire.Header) { k.replies <- m }},
		{&k.control, "DEALER", at.ControlPort, func(wire.Message, wire.Header) {}},
		{&k.iopub, "SUB", at.IOPubPort, func(m wire.Message, h wire.Header) {
			var content struct {
				State string `json:"execution_state"`
			}
			switch {
			case h.Type == "stream":
				k.streams <- m
			case h.Type == "status" && json.Unmarshal(m.Content, &content) == nil && content.State == "idle":
				k.idle <- m
			}
		}},
	} {
		network, address := at.Address(s.port)
		if *s.conn, err = zmtp.Dial(network, address, s.kind, k.session, patience); err != nil {
			return err
		}
		conn, take := *s.conn, s.take
		go func() {
			for {
				frames, err := conn.Read()
				if err != nil {
					return
				}
				if m, h, err := k.key.Parse(frames); err == nil {
					take(m, h)
				}
			}
		}()
	}
	return nil
}

// close ends the kernel and all that it has started.
func (k *kernel) close() {
	_, _ = k.send(k.control, "shutdown_request", map[string]any{"restart": false})
	ended := make(chan struct{})
	go func() {
		_ = k.cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGKILL) // GoNB's gopls stays
	<-ended
	for _, conn := range []*zmtp.Conn{k.shell, k.control, k.iopub} {
		conn.Close()
	}
	_ = os.RemoveAll(k.dir)
}

// send sends a request and returns its identifier.
func (k *kernel) send(conn *zmtp.Conn, kind string, content any) (id string, err error) {
	m := wire.New(kind, k.session, nil, content)
	var h wire.Header
	if err := json.Unmarshal(m.Header, &h); err != nil {
		return "", err
	}
	return h.ID, conn.Send(k.key.Frames(m))
}

// answer waits for what answers a request.
func answer(from chan wire.Message, id string) (wire.Message, error) {
	late := time.After(patience)
	for {
		select {
		case m := <-from:
			if m.ParentID() == id {
				return m, nil
			}
		case <-late:
			return wire.Message{}, errors.New("the kernel does not answer")
		}
	}
}

// ask sends a request and returns the reply, and how long it took to come.
func (k *kernel) ask(kind string, content, reply any) (time.Duration, error) {
	began := time.Now()
	id, err := k.send(k.shell, kind, content)
	if err != nil {
		return 0, err
	}
	m, err := answer(k.replies, id)
	took := time.Since(began)
	if err == nil {
		err = json.Unmarshal(m.Content, reply)
	}
	return took, err
}

// execute executes a cell, and returns how long it took to be told how it went: this status, if it is as it should be.
func (k *kernel) execute(code, status string) (time.Duration, error) {
	began := time.Now()
	id, err := k.send(k.shell, "execute_request", execution(code))
	if err != nil {
		return 0, err
	}
	m, err := answer(k.replies, id)
	took := time.Since(began)
	if err == nil {
		_, err = answer(k.idle, id)
	}
	var reply struct{ Status, EValue string }
	if err == nil {
		err = json.Unmarshal(m.Content, &reply)
	}
	if err == nil && reply.Status != status {
		err = fmt.Errorf("the reply to %q is %s: %s", code, reply.Status, reply.EValue)
	}
	return took, err
}

// execution is the content of an execute_request.
func execution(code string) map[string]any {
	return map[string]any{"code": code, "silent": false, "store_history": true, "allow_stdin": false,
		"stop_on_error": true, "user_expressions": map[string]any{}}
}

// complete asks what could stand at the end of a cell.
func (k *kernel) complete(code string) (time.Duration, error) {
	var reply struct{ Matches []string }
	took, err := k.ask("complete_request", map[string]any{"code": code, "cursor_pos": len(code)}, &reply)
	if err == nil && !slices.ContainsFunc(reply.Matches, func(match string) bool { return strings.HasSuffix(match, "Println") }) {
		err = fmt.Errorf("Println is not among what completes %q: %q", code, reply.Matches)
	}
	return took, err
}

// info waits until the kernel has answered and what it publishes comes through, and returns when it answered first.
func (k *kernel) info() (first time.Duration, err error) {
	for {
		id, err := k.send(k.shell, "kernel_info_request", map[string]any{})
		if err != nil {
			return 0, err
		}
		if _, err := answer(k.replies, id); err != nil {
			return 0, err
		}
		if first == 0 {
			first = time.Since(k.began)
		}
		select {
		case <-k.idle:
			return first, nil
		case <-time.After(50 * time.Millisecond):
		}
	}
}
