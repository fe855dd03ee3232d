package zmtp

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxQueued is how many bytes may wait for a peer before those who send to it have to wait.
	maxQueued = 64 << 20
	// stalled is how long they wait for a peer that reads nothing at all. Then it is let go; a ZeroMQ peer
	// comes back by itself when it reads again.
	stalled = 3 * time.Second
)

// Socket is a bound ROUTER or PUB.
type Socket struct {
	kind     string
	receive  func(name string, frames [][]byte)
	listener net.Listener

	mu     sync.Mutex
	peers  map[string]*peer // by name
	named  int              // how many have been given a name
	closed bool
}

// Listen binds a socket of kind "ROUTER" or "PUB". Peers wait until it is served. receive is called with what a peer
// sends, one message at a time for each peer, and has to return soon. To a PUB a peer sends subscriptions: 1 and how
// the messages begin that it wants.
//
// A peer's name is its identity and a number, for several may call themselves the same: jupyter_client's clients of
// one kernel manager do.
func Listen(network, address, kind string, receive func(name string, frames [][]byte)) (*Socket, error) {
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	if receive == nil {
		receive = func(string, [][]byte) {}
	}
	return &Socket{kind: kind, receive: receive, listener: listener, peers: map[string]*peer{}}, nil
}

// Addr is where the socket listens.
func (s *Socket) Addr() net.Addr { return s.listener.Addr() }

// Serve talks to the peers that connect, until the socket is closed.
func (s *Socket) Serve() {
	for {
		c, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // too many open files: it may get better
			time.Sleep(50 * time.Millisecond)
			continue
		}
		go s.serve(c)
	}
}

// serve reads from a peer until it goes.
func (s *Socket) serve(c net.Conn) {
	defer c.Close()
	conn, err := Open(c, s.kind, "")
	if err != nil {
		return
	}
	p := &peer{conn: conn, topics: map[string]bool{}}
	p.changed.L = &p.mu
	if !s.add(p) {
		return
	}
	go p.write()
	defer s.remove(p)
	for {
		frames, err := conn.Read()
		if err != nil {
			return
		}
		if s.kind == "PUB" {
			p.subscribe(frames)
		}
		s.receive(p.name, frames)
	}
}

// add gives a peer a name.
func (s *Socket) add(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.named++
	p.number, p.name = s.named, p.conn.Identity+"\x00"+strconv.Itoa(s.named)
	s.peers[p.name] = p
	return true
}

func (s *Socket) remove(p *peer) {
	p.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p.name)
}

// Send sends a message to the peer of that name. If that has gone, it may have come back: then the newest peer of
// the same identity is meant, and so it is if the name is one that another socket gave. Without any, the message is
// lost.
func (s *Socket) Send(name string, frames [][]byte) {
	s.mu.Lock()
	p := s.peers[name]
	if end := strings.LastIndexByte(name, 0); p == nil && end > 0 {
		for _, other := range s.peers {
			if other.conn.Identity == name[:end] && (p == nil || other.number > p.number) {
				p = other
			}
		}
	}
	s.mu.Unlock()
	if p != nil {
		p.send(frames)
	}
}

// Publish sends a message to all peers that have subscribed to how it begins.
func (s *Socket) Publish(frames [][]byte) {
	s.mu.Lock()
	all := make([]*peer, 0, len(s.peers))
	for _, p := range s.peers {
		all = append(all, p)
	}
	s.mu.Unlock()
	for _, p := range all {
		if p.wants(string(frames[0])) {
			p.send(frames)
		}
	}
}

// Close ends the socket. What waits for its peers still goes out, for as long as they read, but at most for
// the time given.
func (s *Socket) Close(wait time.Duration) {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	all := make([]*peer, 0, len(s.peers))
	for _, p := range s.peers {
		all = append(all, p)
	}
	s.mu.Unlock()
	deadline := time.Now().Add(wait)
	for _, p := range all {
		for p.pending() && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		p.close()
	}
}

// peer is who has connected. What is sent to it waits in a queue, so that nobody has to wait for a slow reader.
type peer struct {
	conn     *Conn
	name     string
	number   int
	progress atomic.Int64 // of bytes that it has taken

	mu      sync.Mutex
	changed sync.Cond
	queue   []net.Buffers
	queued  int // bytes that wait, or are on their way
	closed  bool
	topics  map[string]bool
}

func size(message net.Buffers) int {
	n := 0
	for _, part := range message {
		n += len(part)
	}
	return n
}

// send puts a message into the queue. If that is full, it waits while the peer goes on reading.
func (p *peer) send(frames [][]byte) {
	message := encode(frames)
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.queued > maxQueued && !p.closed {
		before := p.progress.Load()
		timer := time.AfterFunc(stalled, func() {
			if p.progress.Load() == before {
				p.close()
			}
			p.changed.Broadcast()
		})
		p.changed.Wait()
		timer.Stop()
	}
	if p.closed {
		return
	}
	p.queue = append(p.queue, message)
	p.queued += size(message)
	p.changed.Broadcast()
}

// write sends what is in the queue until the peer is closed.
func (p *peer) write() {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.closed {
			p.changed.Wait()
		}
		if p.closed {
			p.mu.Unlock()
			return
		}
		batch := p.queue
		p.queue = nil
		p.mu.Unlock()
		for _, message := range batch {
			n := size(message)
			if err := p.put(message); err != nil {
				p.close()
				return
			}
			p.mu.Lock()
			p.queued -= n
			p.changed.Broadcast()
			p.mu.Unlock()
		}
	}
}

// put writes a message, long ones piece by piece, so that progress is seen.
func (p *peer) put(message net.Buffers) error {
	const piece = 1 << 20
	for _, part := range message {
		for len(part) > piece {
			if _, err := p.conn.Write(part[:piece]); err != nil {
				return err
			}
			p.progress.Add(piece)
			part = part[piece:]
		}
		if _, err := p.conn.Write(part); err != nil {
			return err
		}
		p.progress.Add(int64(len(part)))
	}
	return nil
}

func (p *peer) close() {
	p.conn.Close()
	p.mu.Lock()
	p.closed = true
	p.queue = nil
	p.changed.Broadcast()
	p.mu.Unlock()
}

func (p *peer) pending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queued > 0 && !p.closed
}

// subscribe takes what a subscriber sends: 1 or 0, and how the messages begin that it wants, or no longer wants.
func (p *peer) subscribe(frames [][]byte) {
	if len(frames) != 1 || len(frames[0]) == 0 {
		return
	}
	topic := string(frames[0][1:])
	p.mu.Lock()
	defer p.mu.Unlock()
	switch frames[0][0] {
	case 0:
		delete(p.topics, topic)
	case 1:
		if len(p.topics) < 1000 {
			p.topics[topic] = true
		}
	}
}

func (p *peer) wants(topic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for prefix := range p.topics {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// Dial connects to a socket as soon as it is there, as a "DEALER" of this identity or a "SUB" of everything.
func Dial(network, address, kind, identity string, wait time.Duration) (*Conn, error) {
	deadline := time.Now().Add(wait)
	for {
		c, err := net.Dial(network, address)
		if err != nil {
			if time.Now().After(deadline) {
				return nil, err
			}
			time.Sleep(2 * time.Millisecond)
			continue
		}
		conn, err := Open(c, kind, identity)
		if err == nil && kind == "SUB" {
			err = conn.Send([][]byte{{1}})
		}
		if err != nil {
			c.Close()
			return nil, err
		}
		return conn, nil
	}
}
