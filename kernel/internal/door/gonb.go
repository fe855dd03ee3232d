package door

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/door/zmtp"
)

// gonb is a running GoNB, and the sockets that lead to it.
type gonb struct {
	dir      string // ours and GoNB's alone: the sockets are there
	pid      int
	guard    *exec.Cmd
	lifeline io.Closer // its end ends GoNB
	words    *lastWords
	key      wire.Key
	cells    int // GoNB's number of the last cell

	sending sync.Mutex // one message at a time to a socket
	shell   *zmtp.Conn
	control *zmtp.Conn
	stdin   *zmtp.Conn
	iopub   *zmtp.Conn

	stray func(kind string, m wire.Message) // takes what belongs to no running execution

	mu     sync.Mutex
	call   *call
	closed bool
	ended  chan struct{}
	silent chan struct{} // closed when all that it had published has been read
}

// call is an execution that GoNB works on.
type call struct {
	id      string
	publish func(kind string, m wire.Message) // takes what it puts out, and its input_request
	reply   chan wire.Message
	idle    chan struct{}
	begun   bool // GoNB has said that it works on it
}

var (
	errEnded = errors.New("GoNB has ended")
	errUnmet = errors.New("GoNB had ended before")
)

// startGoNB starts GoNB and waits until it answers.
func startGoNB(config Config, stray func(string, wire.Message)) (*gonb, error) {
	dir, err := privateDir()
	if err != nil {
		return nil, err
	}
	g := &gonb{
		dir:    dir,
		key:    wire.Key(wire.NewID()),
		words:  &lastWords{},
		stray:  stray,
		ended:  make(chan struct{}),
		silent: make(chan struct{}),
	}
	// GoNB learns the kernel's identifier from the file's name.
	file := filepath.Join(dir, filepath.Base(config.ConnectionFile))
	connection := wire.Connection{Transport: "ipc", IP: filepath.Join(dir, "s"), Scheme: "hmac-sha256", Key: g.key,
		ShellPort: 1, ControlPort: 2, StdinPort: 3, IOPubPort: 4, HBPort: 5}
	if err = connection.Write(file); err == nil {
		err = g.start(config, file)
	}
	if err == nil {
		err = g.connect(connection)
	}
	if err != nil {
		g.close()
		if words := g.words.last(); words != "" {
			err = fmt.Errorf("%w: %s", err, words)
		}
		return nil, err
	}
	return g, nil
}

// privateDir is a new folder whose path is short enough for the name of a socket.
func privateDir() (string, error) {
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	return os.MkdirTemp(parent, "gopherlens-kernel-")
}

// start starts the guard, which starts GoNB.
func (g *gonb) start(config Config, file string) error {
	args := slices.Concat(config.Guard[1:], []string{g.dir}, config.GoNB, []string{"--kernel", file})
	g.guard = exec.Command(config.Guard[0], args...)
	// It compiles cells in our folder, so that whoever ends it can remove that. Cells have the TMPDIR that was: see prepare.
	g.guard.Env = append(slices.Clone(config.Env), "TMPDIR="+g.dir, "GOTMPDIR="+g.dir)
	g.guard.Stderr = g.words
	g.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what a terminal or Jupyter signals is for us alone
	g.guard.WaitDelay = time.Second
	lifeline, err := g.guard.StdinPipe()
	if err != nil {
		return err
	}
	g.lifeline = lifeline
	out, err := g.guard.StdoutPipe()
	if err != nil {
		return err
	}
	if err := g.guard.Start(); err != nil {
		return fmt.Errorf("GoNB cannot be started: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		_ = g.guard.Wait()
		if g.pid != 0 {
			_ = syscall.Kill(-g.pid, syscall.SIGKILL) // the guard did that, unless it was killed itself
		}
		close(g.ended)
	}()
	if err != nil {
		<-g.ended
		return errors.New("GoNB cannot be started")
	}
	_, err = fmt.Sscan(line, &g.pid)
	return err
}

// connect connects to the sockets and waits until both a reply and what is published come through: what
// is published before GoNB has noticed the subscription is lost.
func (g *gonb) connect(at wire.Connection) (err error) {
	const identity = "door" // the same on shell and stdin: GoNB asks for input where the execution came from
	for _, socket := range []struct {
		conn **zmtp.Conn
		kind string
		port int
	}{{&g.shell, "DEALER", at.ShellPort}, {&g.control, "DEALER", at.ControlPort}, {&g.stdin, "DEALER", at.StdinPort}, {&g.iopub, "SUB", at.IOPubPort}} {
		network, address := at.Address(socket.port)
		if *socket.conn, err = g.dial(network, address, socket.kind, identity); err != nil {
			return err
		}
	}
	c := &call{id: wire.NewID(), reply: make(chan wire.Message, 1), idle: make(chan struct{}, 1), publish: func(string, wire.Message) {}}
	g.call = c
	go g.read(g.shell, g.fromShell)
	go g.read(g.control, func(string, wire.Message) {})
	go g.read(g.stdin, g.fromStdin)
	go func() {
		g.read(g.iopub, g.fromIOPub)
		close(g.silent)
	}()
	late := time.After(30 * time.Second)
	header, _ := json.Marshal(wire.Header{ID: c.id, Type: "kernel_info_request", Version: wire.Version})
	for {
		if err := g.send(g.shell, wire.Message{Header: header}); err != nil {
			return err
		}
		select {
		case <-c.reply:
		case <-g.ended:
			return errors.New("GoNB has ended at its start")
		case <-late:
			return errors.New("GoNB does not answer")
		}
		select {
		case <-c.idle:
			g.mu.Lock()
			g.call = nil
			g.mu.Unlock()
			return nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (g *gonb) dial(network, address, kind, identity string) (*zmtp.Conn, error) {
	for late := time.Now().Add(30 * time.Second); time.Now().Before(late); {
		conn, err := zmtp.Dial(network, address, kind, identity, 100*time.Millisecond)
		if err == nil {
			return conn, nil
		}
		select {
		case <-g.ended:
			return nil, errors.New("GoNB has ended at its start")
		default:
		}
	}
	return nil, errors.New("GoNB does not listen")
}

// read hands on what comes from a socket until it is closed.
func (g *gonb) read(conn *zmtp.Conn, take func(kind string, m wire.Message)) {
	for {
		frames, err := conn.Read()
		if err != nil {
			return
		}
		if m, h, err := g.key.Parse(frames); err == nil {
			m.Identities = nil
			guarding(h.Type, func() { take(h.Type, m) })
		}
	}
}

// current is the execution that a message belongs to, or nil.
func (g *gonb) current(m wire.Message) *call {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.call != nil && g.call.id == m.ParentID() {
		return g.call
	}
	return nil
}

func (g *gonb) fromShell(kind string, m wire.Message) {
	if c := g.current(m); c != nil && strings.HasSuffix(kind, "_reply") {
		select {
		case c.reply <- m:
		default:
		}
		return
	}
	g.stray(kind, m)
}

func (g *gonb) fromStdin(kind string, m wire.Message) {
	if c := g.current(m); c != nil {
		c.publish(kind, m)
	}
}

func (g *gonb) fromIOPub(kind string, m wire.Message) {
	c := g.current(m)
	switch {
	case kind == "status":
		var content struct {
			State string `json:"execution_state"`
		}
		if c == nil || json.Unmarshal(m.Content, &content) != nil {
			return
		}
		g.mu.Lock()
		c.begun = true
		g.mu.Unlock()
		if content.State == "idle" {
			select {
			case c.idle <- struct{}{}:
			default:
			}
		}
	case c != nil:
		c.publish(kind, m)
	default:
		g.stray(kind, m)
	}
}

// send sends a message to one of GoNB's sockets.
func (g *gonb) send(conn *zmtp.Conn, m wire.Message) error {
	g.sending.Lock()
	defer g.sending.Unlock()
	return conn.Send(g.key.Frames(m))
}

// execute executes a cell and returns the reply when all that the cell put out has been published. The error errUnmet
// says that GoNB never began to.
func (g *gonb) execute(header json.RawMessage, id string, content json.RawMessage, publish func(kind string, m wire.Message)) (wire.Message, error) {
	c := &call{id: id, publish: publish, reply: make(chan wire.Message, 1), idle: make(chan struct{}, 1)}
	g.mu.Lock()
	g.call = c
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.call = nil
		g.mu.Unlock()
	}()
	if err := g.send(g.shell, wire.Message{Header: header, Content: content}); err != nil {
		_ = syscall.Kill(-g.pid, syscall.SIGKILL) // if it has not ended, it does not listen
		<-g.ended
	}
	var reply wire.Message
	select {
	case reply = <-c.reply:
	case <-g.ended:
		select {
		case <-g.silent:
		case <-time.After(time.Second):
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if !c.begun {
			return wire.Message{}, errUnmet
		}
		return wire.Message{}, errEnded
	}
	select {
	case <-c.idle:
	case <-g.ended:
	}
	return reply, nil
}

// interrupt asks GoNB to interrupt what runs, and does so itself for what GoNB's signal does not reach: it
// goes to the cell's process alone, and to none while the cell is being compiled.
func (g *gonb) interrupt(signal syscall.Signal) {
	header, _ := json.Marshal(wire.Header{ID: wire.NewID(), Type: "interrupt_request", Version: wire.Version})
	_ = g.send(g.control, wire.Message{Header: header})
	for _, p := range descendants(g.pid) {
		if p.name != "gopls" {
			_ = syscall.Kill(p.pid, signal)
		}
	}
}

// close ends GoNB and removes what it leaves.
func (g *gonb) close() {
	g.mu.Lock()
	again := g.closed
	g.closed = true
	g.mu.Unlock()
	if again {
		return
	}
	if g.lifeline != nil {
		g.lifeline.Close()
	}
	if g.guard != nil && g.guard.Process != nil {
		select {
		case <-g.ended:
		case <-time.After(3 * time.Second):
			_ = g.guard.Process.Kill()
			<-g.ended
		}
	}
	for _, conn := range []*zmtp.Conn{g.shell, g.control, g.stdin, g.iopub} {
		if conn != nil {
			conn.Close()
		}
	}
	_ = os.RemoveAll(g.dir)
}

// lastWords remembers the end of what GoNB writes to its log. Most of that tells of nothing that anybody needs to know,
// and it would stand in the terminal of whoever runs a notebook there.
type lastWords struct {
	mu   sync.Mutex
	tail []byte
}

var logPrefix = regexp.MustCompile(`^[IWEF]\d{4} \S+ +\d+ \S+\] *(\x1b\[[0-9;]*m\[[0-9a-f]+\]\x1b\[0m *)?`)

func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, p...)
	if len(l.tail) > 4096 {
		l.tail = l.tail[len(l.tail)-4096:]
	}
	return len(p), nil
}

// all is what is remembered.
func (l *lastWords) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.tail))
}

// last is the last line that says something.
func (l *lastWords) last() string {
	lines := strings.Split(l.all(), "\n")
	return strings.TrimSpace(logPrefix.ReplaceAllString(lines[len(lines)-1], ""))
}
