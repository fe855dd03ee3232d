// Package door is the kernel's front door: it speaks Jupyter's messaging protocol with the clients, whole, and
// has GoNB as a child that compiles and runs the cells.
//
//	client ── shell, control, stdin, iopub, heartbeat (tcp) ── door ── the same but the last (ipc) ── GoNB
//
// Only what is to be executed goes to GoNB, one cell at a time. All other questions are answered here, also
// while a cell runs. If GoNB ends, a fresh one takes its place and is told what the notebook had declared.
//
// The protocol is Jupyter's: https://jupyter-client.readthedocs.io/en/stable/messaging.html
package door

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"gopherlens/kernel/internal/background"
	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/door/zmtp"
)

// Config says what a door needs.
type Config struct {
	ConnectionFile string
	GoNB           []string // the command that starts GoNB, without --kernel
	Guard          []string // the command that calls Guard; GoNB's is appended
	Env            []string // the environment of GoNB, and so of the cells
	GoVersion      string   // "1.27.4"
	History        string   // the file in which the history is kept
	Helper         Helper   // completes and inspects; nil if nothing does
	Packages       *cells.Packages
	Background     *background.Work // pauses while a cell is being compiled
}

// Helper answers questions about code; cursors are counted in Unicode code points.
type Helper interface {
	Declare(decls string)
	Complete(ctx context.Context, cell string, cursor int) (matches []string, start, end int, metadata map[string]any)
	Inspect(ctx context.Context, cell string, cursor, detail int) (mime map[string]string, found bool)
}

// Door is a running kernel.
type Door struct {
	config  Config
	key     wire.Key
	session string
	history *history

	shell, control, stdin, iopub, heartbeat *zmtp.Socket

	work chan struct{} // says that there is something in the queue
	stop chan struct{} // closed when the kernel is to end

	mu      sync.Mutex
	stopped bool
	queue   []request
	running *request                   // what is being executed
	asked   *request                   // whose input is asked for
	recent  map[string]json.RawMessage // the headers of the last executions, by msg_id
	order   []string                   // these msg_ids, the oldest first
	comms   map[string]string          // the targets of what is open between front end and cells, by comm_id
	child   *gonb                      // nil while there is none

	gathered gathered

	starting sync.WaitGroup // GoNB is being started

	interrupted bool // what is being executed was interrupted

	runner
}

// request is a message of a client's, and the socket that it came from.
type request struct {
	from *zmtp.Socket
	m    wire.Message
	h    wire.Header
}

// Run runs a kernel until a client shuts it down, or a signal or the end of the process that started it does.
func Run(config Config) error {
	signal.Ignore(syscall.SIGPIPE) // Jupyter may close our log before it ends us
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	connection, err := wire.ReadConnection(config.ConnectionFile)
	if err != nil {
		return err
	}
	d := &Door{
		config:  config,
		key:     connection.Key,
		session: wire.NewID(),
		work:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
		recent:  map[string]json.RawMessage{},
		comms:   map[string]string{},
	}
	d.notebook.Packages = config.Packages
	if err := d.bind(connection); err != nil {
		return err
	}
	d.history = openHistory(config.History)
	for _, socket := range d.sockets() {
		go socket.Serve()
	}
	d.publish("status", nil, map[string]any{"execution_state": "starting"})
	d.begin()
	go d.executeQueue()
	go d.signals(signals)
	d.watchParent()
	<-d.stop
	started := make(chan struct{})
	go func() {
		d.starting.Wait()
		close(started)
	}()
	select {
	case <-started:
	case <-time.After(3 * time.Second): // then its guard ends it
	}
	d.mu.Lock()
	child := d.child
	d.mu.Unlock()
	if child != nil {
		child.close()
	}
	d.history.close()
	for _, socket := range d.sockets() {
		socket.Close(time.Second)
	}
	return nil
}

func (d *Door) sockets() []*zmtp.Socket {
	return []*zmtp.Socket{d.shell, d.control, d.stdin, d.iopub, d.heartbeat}
}

// bind listens where the connection file says.
func (d *Door) bind(c wire.Connection) error {
	for _, s := range []struct {
		socket  **zmtp.Socket
		name    string
		port    int
		kind    string
		receive func(name string, frames [][]byte)
	}{
		{&d.iopub, "iopub", c.IOPubPort, "PUB", d.welcome},
		{&d.stdin, "stdin", c.StdinPort, "ROUTER", func(name string, frames [][]byte) { d.receive(d.stdin, name, frames, d.fromStdin) }},
		{&d.heartbeat, "heartbeat", c.HBPort, "ROUTER", func(name string, frames [][]byte) { d.heartbeat.Send(name, frames) }},
		{&d.control, "control", c.ControlPort, "ROUTER", func(name string, frames [][]byte) { d.receive(d.control, name, frames, d.fromControl) }},
		{&d.shell, "shell", c.ShellPort, "ROUTER", func(name string, frames [][]byte) { d.receive(d.shell, name, frames, d.fromShell) }},
	} {
		network, address := c.Address(s.port)
		socket, err := listen(network, address, s.kind, s.receive)
		if err != nil {
			return fmt.Errorf("the kernel's %s socket cannot be bound: %w", s.name, err)
		}
		*s.socket = socket
	}
	return nil
}

// listen waits for a moment until the kernel that used the address before has left it.
func listen(network, address, kind string, receive func(string, [][]byte)) (socket *zmtp.Socket, err error) {
	if network == "unix" {
		_ = os.Remove(address)
	}
	for range 20 {
		if socket, err = zmtp.Listen(network, address, kind, receive); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return socket, err
}

// receive parses what a client has sent, and drops what is no message or was not signed with our key.
func (d *Door) receive(from *zmtp.Socket, name string, frames [][]byte, handle func(request)) {
	m, h, err := d.key.Parse(frames)
	if err != nil {
		log.Printf("dropped: %v", err)
		return
	}
	m.Identities = append([][]byte{[]byte(name)}, m.Identities...)
	guarding(h.Type, func() { handle(request{from, m, h}) })
}

// guarding does something for a message, which must not take the kernel down.
func guarding(kind string, do func()) {
	defer func() {
		if problem := recover(); problem != nil {
			log.Printf("a %s went wrong inside the kernel: %v\n%s", kind, problem, debug.Stack())
		}
	}()
	do()
}

// fromControl takes what overtakes the cells that wait.
func (d *Door) fromControl(r request) {
	switch r.h.Type {
	case "interrupt_request":
		d.busy(r, func() {
			d.interrupt()
			d.reply(r, map[string]any{"status": "ok"})
		})
	case "shutdown_request":
		d.shutdown(r)
	default:
		d.fromShell(r)
	}
}

// fromShell takes what a client asks for.
func (d *Door) fromShell(r request) {
	switch r.h.Type {
	case "execute_request":
		d.mu.Lock()
		d.queue = append(d.queue, r)
		d.mu.Unlock()
		select {
		case d.work <- struct{}{}:
		default:
		}
	case "shutdown_request":
		d.shutdown(r)
	case "comm_open", "comm_msg", "comm_close":
		d.busy(r, func() { d.comm(r) })
	default:
		if !strings.HasSuffix(r.h.Type, "_request") {
			return // nobody waits for an answer
		}
		go guarding(r.h.Type, func() {
			d.busy(r, func() { d.reply(r, d.answer(r)) })
		})
	}
}

// fromStdin takes the answer to a question for input.
func (d *Door) fromStdin(r request) {
	d.mu.Lock()
	child, asked := d.child, d.asked
	d.asked = nil
	d.mu.Unlock()
	if r.h.Type == "input_reply" && child != nil && asked != nil {
		_ = child.send(child.stdin, wire.Message{Header: r.m.Header, Content: r.m.Content})
	}
}

// shutdown answers, and ends the kernel. Cells that still wait are told that they will not run.
func (d *Door) shutdown(r request) {
	var content struct {
		Restart bool `json:"restart"`
	}
	_ = json.Unmarshal(r.m.Content, &content)
	answer := map[string]any{"status": "ok", "restart": content.Restart}
	d.busy(r, func() {
		for _, waiting := range d.takeQueue() {
			d.abort(waiting)
		}
		d.reply(r, answer)
		d.publish("shutdown_reply", r.m.Header, answer)
	})
	d.end()
}

// end makes Run return.
func (d *Door) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.stopped {
		d.stopped = true
		close(d.stop)
	}
}

// signals does what Jupyter or a terminal asks for by a signal.
func (d *Door) signals(all <-chan os.Signal) {
	for s := range all {
		if s != os.Interrupt {
			d.end()
			return
		}
		d.interrupt()
	}
}

// watchParent ends the kernel when the Jupyter that started it is gone without a word.
func (d *Door) watchParent() {
	parent := os.Getppid()
	if os.Getenv("JPY_PARENT_PID") != strconv.Itoa(parent) {
		return
	}
	go func() {
		for os.Getppid() == parent {
			time.Sleep(time.Second)
		}
		d.end()
	}()
}

// busy tells everybody that the kernel works on a request, and then that it does not any more.
func (d *Door) busy(r request, do func()) {
	d.publish("status", r.m.Header, map[string]any{"execution_state": "busy"})
	defer func() {
		d.publish("status", r.m.Header, map[string]any{"execution_state": "idle"})
		d.mu.Lock()
		running := d.running
		d.mu.Unlock()
		if running != nil { // front ends show the last state that they heard of
			d.publish("status", running.m.Header, map[string]any{"execution_state": "busy"})
		}
	}()
	do()
}

// publish tells all clients something that a request has led to.
func (d *Door) publish(kind string, parent json.RawMessage, content any) {
	m := wire.New(kind, d.session, parent, content)
	m.Identities = [][]byte{[]byte(kind)}
	d.tell(m)
}

// welcome tells a new subscriber that it will miss nothing from now on.
func (d *Door) welcome(name string, frames [][]byte) {
	if len(frames) == 1 && len(frames[0]) > 0 && frames[0][0] == 1 {
		topic := frames[0][1:]
		m := wire.New("iopub_welcome", d.session, nil, map[string]any{"subscription": string(topic)})
		m.Identities = [][]byte{topic}
		d.iopub.Send(name, d.key.Frames(m))
	}
}

// reply answers a request where it came from.
func (d *Door) reply(r request, content any) {
	m := wire.New(strings.TrimSuffix(r.h.Type, "_request")+"_reply", d.session, r.m.Header, content)
	m.Identities = r.m.Identities[1:]
	r.from.Send(string(r.m.Identities[0]), d.key.Frames(m))
}
