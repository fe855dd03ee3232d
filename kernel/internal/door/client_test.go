package door

import (
	"encoding/json"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/door/zmtp"
)

// client is a Jupyter client.
type client struct {
	t                            *testing.T
	key                          wire.Key
	session                      string
	shell, control, stdin, iopub *zmtp.Conn
	replies, published, asked    chan heard
}

// heard is a message that a client gets.
type heard struct {
	wire.Message
	kind string
}

// content reads the content of a message.
func (h heard) content(t *testing.T) map[string]any {
	t.Helper()
	var content map[string]any
	if err := json.Unmarshal(h.Content, &content); err != nil {
		t.Fatalf("a %s: %v", h.kind, err)
	}
	return content
}

// connection writes a connection file for five free ports.
func connection(t *testing.T) string {
	t.Helper()
	var ports []int
	for range 5 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	c := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: "hmac-sha256", Key: "secret", ShellPort: ports[0],
		ControlPort: ports[1], StdinPort: ports[2], IOPubPort: ports[3], HBPort: ports[4]}
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// connect connects a client to a kernel and waits until it hears what is published.
func connect(t *testing.T, path string) *client {
	t.Helper()
	at, err := wire.ReadConnection(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, key: at.Key, session: wire.NewID(),
		replies: make(chan heard, 10000), published: make(chan heard, 100000), asked: make(chan heard, 10)}
	for _, s := range []struct {
		conn **zmtp.Conn
		kind string
		port int
		to   chan heard
	}{{&c.shell, "DEALER", at.ShellPort, c.replies}, {&c.control, "DEALER", at.ControlPort, c.replies},
		{&c.stdin, "DEALER", at.StdinPort, c.asked}, {&c.iopub, "SUB", at.IOPubPort, c.published}} {
		network, address := at.Address(s.port)
		if *s.conn, err = zmtp.Dial(network, address, s.kind, c.session, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*s.conn).Close() })
		go func() {
			for {
				frames, err := (*s.conn).Read()
				if err != nil {
					return
				}
				m, h, err := c.key.Parse(frames)
				if err != nil {
					t.Errorf("the kernel sent %v", err)
					return
				}
				s.to <- heard{m, h.Type}
			}
		}()
	}
	if got := c.next(c.published); got.kind != "iopub_welcome" {
		t.Errorf("the first thing that is heard is a %s", got.kind)
	}
	return c
}

// send sends a request and returns its msg_id.
func (c *client) send(conn *zmtp.Conn, kind string, content any, buffers ...[]byte) string {
	c.t.Helper()
	m := wire.New(kind, c.session, nil, content)
	m.Buffers = buffers
	if err := conn.Send(c.key.Frames(m)); err != nil {
		c.t.Fatal(err)
	}
	var h wire.Header
	if err := json.Unmarshal(m.Header, &h); err != nil {
		c.t.Fatal(err)
	}
	return h.ID
}

func (c *client) next(from chan heard) heard {
	c.t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(time.Minute):
		c.t.Fatal("nothing is heard")
		panic("unreachable")
	}
}

// reply waits for the reply to a request.
func (c *client) reply(id string) map[string]any {
	c.t.Helper()
	for {
		if got := c.next(c.replies); got.ParentID() == id {
			return got.content(c.t)
		}
	}
}

// ask sends a request on shell and returns the reply.
func (c *client) ask(kind string, content any) map[string]any {
	c.t.Helper()
	return c.reply(c.send(c.shell, kind, content))
}

// execute begins to execute a cell.
func (c *client) execute(code string, more ...any) string {
	content := map[string]any{"code": code, "silent": false, "store_history": true, "allow_stdin": true,
		"stop_on_error": true, "user_expressions": map[string]any{}}
	for i := 0; i < len(more); i += 2 {
		content[more[i].(string)] = more[i+1]
	}
	return c.send(c.shell, "execute_request", content)
}

// outputs is what a request leads to, up to the idle status: kinds, with a word of what they say.
func (c *client) outputs(id string) []string {
	c.t.Helper()
	var all []string
	for {
		got := c.next(c.published)
		if got.ParentID() != id {
			continue
		}
		content := got.content(c.t)
		word := got.kind
		for _, name := range []string{"execution_state", "code", "text", "evalue"} {
			if value, found := content[name].(string); found {
				word += " " + strings.TrimSpace(value)
			}
		}
		all = append(all, word)
		if word == "status idle" {
			return all
		}
	}
}

// want compares what is published for a request with what should be, busy and idle aside.
func (c *client) want(id string, want ...string) {
	c.t.Helper()
	want = append(append([]string{"status busy"}, want...), "status idle")
	if got := c.outputs(id); !slices.Equal(got, want) {
		c.t.Errorf("published is\n%q, want\n%q", got, want)
	}
}

// start runs a kernel until the test ends.
func start(t *testing.T) (path string, c *client) {
	t.Helper()
	path = connection(t)
	return path, run(t, config(path))
}

func run(t *testing.T, config Config) *client {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- Run(config) }()
	c := connect(t, config.ConnectionFile)
	t.Cleanup(func() {
		c.send(c.control, "shutdown_request", map[string]any{"restart": false})
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the kernel does not end")
		}
	})
	return c
}
