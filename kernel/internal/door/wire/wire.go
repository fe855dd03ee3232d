// Package wire is the form of Jupyter's messages on its sockets: frames, signatures, JSON.
//
// The format is Jupyter's: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Version is the version of the messaging protocol.
const Version = "5.4"

const delimiter = "<IDS|MSG>"

// Message is a message. Its parts stay as they came, so that what is handed on is the same to the byte.
type Message struct {
	Identities [][]byte // the frames before the delimiter: whom a ROUTER sends it to, or a PUB's topic
	Header     json.RawMessage
	Parent     json.RawMessage // the header of the message that this one answers, or {}
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte
}

// Header is what a message says of itself.
type Header struct {
	ID       string `json:"msg_id"`
	Username string `json:"username"`
	Session  string `json:"session"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

var empty = json.RawMessage("{}")

// New makes a message of this type and session that answers the one whose header is parent.
func New(kind, session string, parent json.RawMessage, content any) Message {
	header, err := json.Marshal(Header{
		ID:       NewID(),
		Username: "kernel",
		Session:  session,
		Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		Type:     kind,
		Version:  Version,
	})
	if err != nil {
		panic(err) // strings alone
	}
	body, isRaw := content.(json.RawMessage)
	if !isRaw {
		if body, err = json.Marshal(content); err != nil {
			panic(fmt.Sprintf("wire: the content of a %s: %v", kind, err))
		}
	}
	return Message{Header: header, Parent: parent, Metadata: empty, Content: body}
}

// NewID is an identifier that nobody has used: 32 hexadecimal digits.
func NewID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// Key signs messages, and tells the signed ones from others. Without a key, everything passes.
type Key string

// Frames are the message's frames, signed.
func (k Key) Frames(m Message) [][]byte {
	parts := [][]byte{m.Header, m.Parent, m.Metadata, m.Content}
	for i, part := range parts {
		if len(part) == 0 {
			parts[i] = empty
		}
	}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(delimiter), k.sign(parts))
	frames = append(frames, parts...)
	return append(frames, m.Buffers...)
}

func (k Key) sign(parts [][]byte) []byte {
	if k == "" {
		return nil
	}
	mac := hmac.New(sha256.New, []byte(k))
	for _, part := range parts {
		mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Parse reads a message from its frames. It refuses what is not signed with the key, and what is no message.
func (k Key) Parse(frames [][]byte) (Message, Header, error) {
	at := 0
	for at < len(frames) && !bytes.Equal(frames[at], []byte(delimiter)) {
		at++
	}
	if len(frames)-at < 6 {
		return Message{}, Header{}, fmt.Errorf("a message of %d frames, without the delimiter and the five after it", len(frames))
	}
	parts := frames[at+2 : at+6]
	if k != "" && !hmac.Equal(k.sign(parts), frames[at+1]) {
		return Message{}, Header{}, errors.New("a message that is not signed with the key of the connection file")
	}
	for i, name := range []string{"header", "parent header", "metadata", "content"} {
		if first := bytes.TrimLeft(parts[i], " \t\r\n"); len(first) == 0 || first[0] != '{' || !json.Valid(parts[i]) {
			return Message{}, Header{}, fmt.Errorf("a message whose %s is no JSON object", name)
		}
	}
	var h Header
	if err := json.Unmarshal(parts[0], &h); err != nil {
		return Message{}, Header{}, fmt.Errorf("a message whose header cannot be read: %w", err)
	}
	if h.ID == "" || h.Type == "" {
		return Message{}, Header{}, errors.New("a message without msg_id or msg_type")
	}
	return Message{
		Identities: frames[:at],
		Header:     parts[0],
		Parent:     parts[1],
		Metadata:   parts[2],
		Content:    parts[3],
		Buffers:    frames[at+6:],
	}, h, nil
}

// ParentID is the msg_id of the message that m answers, or "".
func (m Message) ParentID() string {
	var parent struct {
		ID string `json:"msg_id"`
	}
	if json.Unmarshal(m.Parent, &parent) != nil {
		return ""
	}
	return parent.ID
}
