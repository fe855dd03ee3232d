// Package zmtp speaks ZeroMQ's wire protocol, ZMTP 3.0 without security (https://rfc.zeromq.org/spec/23/),
// as much of it as Jupyter's sockets need: ROUTER and PUB on the kernel's side, DEALER and SUB on a client's.
//
// A kernel's ports can be reached by everybody on the machine, who may connect and say nothing, promise a
// frame of an exabyte, or stop reading. So every peer is served by goroutines of its own, a handshake has to
// end in time, memory is used only for bytes that have really arrived, and whoever does not read is waited
// for a moment and then let go. (github.com/go-zeromq/zmq4, which GoNB uses, accepts one peer at a time,
// allocates what a frame's header says, and has one writer for all subscribers.)
package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

const (
	// MaxMessage is the most bytes that a message may have in all its frames.
	MaxMessage = 512 << 20
	maxFrames  = 1 << 16
	// maxCommand is the most bytes of a command; those of the handshake have some dozens.
	maxCommand = 64 << 10
	// patience is how long a handshake may take.
	patience = 5 * time.Second
)

const ( // a frame's flags
	more    = 1
	long    = 2
	command = 4
)

// peers are the kinds of sockets that a kind may talk to.
var peers = map[string][]string{
	"ROUTER": {"DEALER", "REQ", "ROUTER"},
	"DEALER": {"ROUTER", "REP", "DEALER"},
	"PUB":    {"SUB", "XSUB"},
	"SUB":    {"PUB", "XPUB"},
}

// Conn is a connection after the handshake. One goroutine may read from it while another writes.
type Conn struct {
	net.Conn
	Identity string // what the peer calls itself; often ""
	r        *bufio.Reader
}

// Open makes a handshake as a socket of this kind ("ROUTER", "DEALER", "PUB", "SUB") and identity.
func Open(c net.Conn, kind, identity string) (*Conn, error) {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	conn := &Conn{Conn: c, r: bufio.NewReaderSize(c, 64<<10)}
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:32], "NULL")
	if _, err := c.Write(append(greeting, ready(kind, identity)...)); err != nil {
		return nil, err
	}
	theirs := make([]byte, 64)
	if _, err := io.ReadFull(conn.r, theirs); err != nil {
		return nil, err
	}
	switch {
	case theirs[0] != 0xff || theirs[9]&1 == 0 || theirs[10] < 3:
		return nil, errors.New("the peer does not speak ZMTP 3")
	case strings.TrimRight(string(theirs[12:32]), "\x00") != "NULL":
		return nil, errors.New("the peer wants a security mechanism")
	}
	flags, body, err := conn.frame(maxCommand)
	if err != nil {
		return nil, err
	}
	properties, err := parseReady(flags, body)
	if err != nil {
		return nil, err
	}
	if theirKind := properties["socket-type"]; !slices.Contains(peers[kind], theirKind) {
		return nil, fmt.Errorf("a %q cannot talk to a %s", theirKind, kind)
	}
	conn.Identity = properties["identity"]
	return conn, c.SetDeadline(time.Time{})
}

// ready is the command that ends a handshake.
func ready(kind, identity string) []byte {
	body := []byte("\x05READY")
	for _, property := range [][2]string{{"Socket-Type", kind}, {"Identity", identity}} {
		name, value := property[0], property[1]
		body = append(append(body, byte(len(name))), name...)
		body = append(binary.BigEndian.AppendUint32(body, uint32(len(value))), value...)
	}
	return append(header(nil, command, len(body)), body...)
}

// parseReady returns the properties in a READY command; their names are in lower case.
func parseReady(flags byte, body []byte) (map[string]string, error) {
	body, found := bytes.CutPrefix(body, []byte("\x05READY"))
	if flags&command == 0 || !found {
		return nil, errors.New("the peer did not say READY")
	}
	properties := map[string]string{}
	for len(body) > 0 {
		n := int(body[0]) + 1
		if len(body) < n+4 {
			return nil, errors.New("the peer's READY is cut off")
		}
		size := binary.BigEndian.Uint32(body[n:])
		if uint64(len(body)-n-4) < uint64(size) {
			return nil, errors.New("the peer's READY is cut off")
		}
		end := n + 4 + int(size)
		properties[strings.ToLower(string(body[1:n]))] = string(body[n+4 : end])
		body = body[end:]
	}
	return properties, nil
}

// Read returns the next message's frames. Commands are not messages: they are passed over.
func (c *Conn) Read() ([][]byte, error) {
	var frames [][]byte
	left := MaxMessage
	for {
		flags, body, err := c.frame(left)
		if err != nil {
			return nil, err
		}
		if flags&command != 0 {
			if len(frames) > 0 {
				return nil, errors.New("a command within a message")
			}
			continue
		}
		frames = append(frames, body)
		left -= len(body)
		if flags&more == 0 {
			return frames, nil
		}
		if len(frames) == maxFrames {
			return nil, fmt.Errorf("a message of more than %d frames", maxFrames)
		}
	}
}

// frame reads one frame of at most limit bytes.
func (c *Conn) frame(limit int) (flags byte, body []byte, err error) {
	if flags, err = c.r.ReadByte(); err != nil {
		return 0, nil, err
	}
	if flags&^(more|long|command) != 0 {
		return 0, nil, fmt.Errorf("a frame with the flags %#x", flags)
	}
	var size uint64
	if flags&long != 0 {
		var eight [8]byte
		if _, err := io.ReadFull(c.r, eight[:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(eight[:])
	} else {
		one, err := c.r.ReadByte()
		if err != nil {
			return 0, nil, err
		}
		size = uint64(one)
	}
	if flags&command != 0 {
		limit = min(limit, maxCommand)
	}
	if size > uint64(limit) {
		return 0, nil, fmt.Errorf("a frame of %d bytes, more than the %d that are allowed here", size, limit)
	}
	const trusted = 1 << 20 // more than that is allocated as it arrives
	if size <= trusted {
		body = make([]byte, size)
		_, err = io.ReadFull(c.r, body)
		return flags, body, err
	}
	for have := 0; have < int(size); have = len(body) {
		body = append(make([]byte, 0, min(int(size), max(trusted, 4*have))), body...)
		body = body[:cap(body)]
		if _, err := io.ReadFull(c.r, body[have:]); err != nil {
			return 0, nil, err
		}
	}
	return flags, body, nil
}

// Send writes a message.
func (c *Conn) Send(frames [][]byte) error {
	buffers := encode(frames)
	_, err := buffers.WriteTo(c.Conn)
	return err
}

// encode returns what goes over the wire for a message. Long frames are not copied.
func encode(frames [][]byte) net.Buffers {
	const short = 8 << 10
	var buffers net.Buffers
	var gathered []byte
	for i, frame := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = more
		}
		gathered = header(gathered, flags, len(frame))
		if len(frame) <= short {
			gathered = append(gathered, frame...)
			continue
		}
		buffers = append(buffers, gathered, frame)
		gathered = nil
	}
	if len(gathered) > 0 {
		buffers = append(buffers, gathered)
	}
	return buffers
}

// header appends a frame's flags and size.
func header(to []byte, flags byte, size int) []byte {
	if size > 255 {
		return binary.BigEndian.AppendUint64(append(to, flags|long), uint64(size))
	}
	return append(to, flags, byte(size))
}
