package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// echo is a ROUTER that sends back what it gets.
func echo(t *testing.T) *Socket {
	t.Helper()
	var s *Socket
	s, err := Listen("tcp", "127.0.0.1:0", "ROUTER", func(identity string, frames [][]byte) { s.Send(identity, frames) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(0) })
	go s.Serve()
	return s
}

func dial(t *testing.T, s *Socket, kind, identity string) *Conn {
	t.Helper()
	conn, err := Dial("tcp", s.Addr().String(), kind, identity, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestEcho(t *testing.T) {
	s := echo(t)
	messages := [][][]byte{
		{[]byte("one")},
		{{}, []byte("two")},
		{[]byte("a"), bytes.Repeat([]byte("b"), 255), bytes.Repeat([]byte("c"), 256), {}},
		{bytes.Repeat([]byte("long"), 1<<20), []byte("x"), bytes.Repeat([]byte("long"), 3<<20)},
	}
	for _, identity := range []string{"", "me"} {
		conn := dial(t, s, "DEALER", identity)
		for i, want := range messages {
			if err := conn.Send(want); err != nil {
				t.Fatal(err)
			}
			got, err := conn.Read()
			if err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
				t.Fatalf("message %d came back with %d frames (%v), want %d", i, len(got), err, len(want))
			}
		}
	}
}

// Subscribers get what begins with what they subscribed to, and all of it in order.
func TestPublish(t *testing.T) {
	s, err := Listen("tcp", "127.0.0.1:0", "PUB", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(0)
	go s.Serve()
	all, some := dial(t, s, "SUB", ""), dial(t, s, "SUB", "")
	if err := some.Send([][]byte{{0}}); err != nil { // no longer everything
		t.Fatal(err)
	}
	if err := some.Send([][]byte{[]byte("\x01even")}); err != nil {
		t.Fatal(err)
	}
	for subscribed := false; !subscribed; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		n := 0
		for _, p := range s.peers {
			if p.wants("even") {
				n++
			}
			if p.wants("odd") {
				n += 10
			}
		}
		s.mu.Unlock()
		subscribed = n == 12
	}
	const n = 20000
	go func() {
		for i := range n {
			s.Publish([][]byte{[]byte([]string{"even", "odd"}[i%2]), fmt.Append(nil, i)})
		}
	}()
	var wait sync.WaitGroup
	for conn, step := range map[*Conn]int{all: 1, some: 2} {
		wait.Go(func() {
			for i := 0; i < n; i += step {
				frames, err := conn.Read()
				if err != nil || string(frames[1]) != fmt.Sprint(i) {
					t.Errorf("got %q (%v), want message %d", frames, err, i)
					return
				}
			}
		})
	}
	wait.Wait()
}

// Who says nothing, something else, or more than is allowed keeps nobody from being served, and costs no memory.
func TestHostilePeers(t *testing.T) {
	s := echo(t)
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	exabyte := binary.BigEndian.AppendUint64([]byte{long}, 1<<60)
	hello := join(greeting, ready("DEALER", "x"))
	for name, says := range map[string][]byte{
		"nothing":                  nil,
		"HTTP":                     []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + strings.Repeat("x", 64)),
		"an older protocol":        join(greeting[:10], []byte{1}, greeting[11:]),
		"a mechanism":              join(greeting[:12], []byte("CURVE"), greeting[17:]),
		"an exabyte to begin with": join(greeting, exabyte),
		"an exabyte later":         join(hello, exabyte),
		"a frame without an end":   join(hello, binary.BigEndian.AppendUint64([]byte{long}, MaxMessage), []byte("x")),
		"flags that are none":      join(hello, []byte{0xf0, 1, 1}),
		"READY, cut off":           join(greeting, []byte{command, 8}, []byte("\x05READY\x40x")),
		"no READY":                 join(greeting, []byte{command, 6}, []byte("\x05ERROR")),
		"a subscriber":             join(greeting, ready("SUB", "")),
	} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write(says); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	conn := dial(t, s, "DEALER", "")
	if err := conn.Send([][]byte{[]byte("still there?")}); err != nil {
		t.Fatal(err)
	}
	if got, err := conn.Read(); err != nil || string(got[0]) != "still there?" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A peer that has stopped reading is let go; the others get everything.
func TestSlowReader(t *testing.T) {
	s, err := Listen("tcp", "127.0.0.1:0", "PUB", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(0)
	go s.Serve()
	stuck, reader := dial(t, s, "SUB", ""), dial(t, s, "SUB", "")
	for subscribed := 0; subscribed < 2; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		subscribed = 0
		for _, p := range s.peers {
			if p.wants("") {
				subscribed++
			}
		}
		s.mu.Unlock()
	}
	const n, megabyte = 2 * maxQueued >> 20, 1 << 20
	go func() {
		body := make([]byte, megabyte)
		for range n {
			s.Publish([][]byte{[]byte("x"), body})
		}
	}()
	for i := range n {
		if _, err := reader.Read(); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	// What had been sent to it can still be read; then there is an end.
	for range n {
		if _, err = stuck.Read(); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("the peer that did not read got everything")
	}
}

// Of two peers that call themselves the same, each gets what is its own, and when one has gone, the other gets that too.
func TestSameIdentity(t *testing.T) {
	names := make(chan string, 2)
	s, err := Listen("tcp", "127.0.0.1:0", "ROUTER", func(name string, frames [][]byte) { names <- name })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(0)
	go s.Serve()
	var conns []*Conn
	for range 2 {
		conns = append(conns, dial(t, s, "DEALER", "me"))
	}
	hears := func(conn *Conn, name, what string) {
		t.Helper()
		s.Send(name, [][]byte{[]byte(what)})
		if got, err := conn.Read(); err != nil || string(got[0]) != what {
			t.Errorf("heard is %q (%v), want %q", got, err, what)
		}
	}
	var name string
	for i, conn := range conns {
		if err := conn.Send([][]byte{{}}); err != nil {
			t.Fatal(err)
		}
		name = <-names
		hears(conn, name, fmt.Sprint(i))
	}
	conns[1].Close()
	for gone := false; !gone; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		gone = len(s.peers) == 1
		s.mu.Unlock()
	}
	hears(conns[0], name, "for the other")
}

// fed is a connection from which these bytes can be read.
type fed struct {
	net.Conn
	io.Reader
}

func (f fed) Read(p []byte) (int, error)  { return f.Reader.Read(p) }
func (f fed) Write(p []byte) (int, error) { return len(p), nil }
func (f fed) SetDeadline(time.Time) error { return nil }

// Whatever a peer sends, reading ends, and what was read would be sent in the same way.
func FuzzRead(f *testing.F) {
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	hello := append(greeting, ready("DEALER", "x")...)
	f.Add([]byte{})
	f.Add(hello)
	f.Add(append(slices.Clone(hello), bytes.Join(encode([][]byte{[]byte("a"), {}, make([]byte, 300)}), nil)...))
	f.Add(append(slices.Clone(hello), long|more, 0, 0, 0, 0, 0x1f, 0, 0, 0, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		conn, err := Open(fed{Reader: bytes.NewReader(data)}, "ROUTER", "")
		if err != nil {
			return
		}
		for {
			frames, err := conn.Read()
			if err != nil {
				return
			}
			again := &Conn{r: bufio.NewReader(bytes.NewReader(bytes.Join(encode(frames), nil)))}
			got, err := again.Read()
			if err != nil || !slices.EqualFunc(got, frames, bytes.Equal) {
				t.Fatalf("%q was read, and %q (%v) after it was sent", frames, got, err)
			}
		}
	})
}
