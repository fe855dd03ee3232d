package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func message() Message {
	m := New("execute_request", "a session", json.RawMessage(`{"msg_id": "before"}`), map[string]any{"code": "x := \"ü\"", "n": 1.5})
	m.Identities = [][]byte{[]byte("client"), {}}
	m.Buffers = [][]byte{{0, 1, 2}, {}}
	return m
}

// What is sent is what arrives, buffers and all.
func TestRoundTrip(t *testing.T) {
	for _, key := range []Key{"", "secret"} {
		want := message()
		got, h, err := key.Parse(key.Frames(want))
		if err != nil {
			t.Fatal(err)
		}
		if h.Type != "execute_request" || h.Session != "a session" || h.ID == "" || got.ParentID() != "before" {
			t.Errorf("got %+v", h)
		}
		if string(got.Content) != string(want.Content) || !slices.EqualFunc(got.Buffers, want.Buffers, bytes.Equal) ||
			!slices.EqualFunc(got.Identities, want.Identities, bytes.Equal) || string(got.Metadata) != "{}" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The same signature as Python's hmac computes.
func TestSignature(t *testing.T) {
	parts := [][]byte{[]byte(`{"msg_id":"1"}`), []byte(`{}`), []byte(`{}`), []byte(`{"code":"1+1"}`)}
	const want = "571f54ca20ac469366661f0eb466e6d650eee65ae12436bc786b76a5eb890b86"
	if got := string(Key("a0436f6c-1916-498b-8eb9-e81ab9368e84").sign(parts)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRefused(t *testing.T) {
	const key = Key("secret")
	good := key.Frames(message())
	signed := func(parts ...string) [][]byte {
		frames := [][]byte{[]byte(delimiter), nil}
		for _, part := range parts {
			frames = append(frames, []byte(part))
		}
		frames[1] = key.sign(frames[2:6])
		return frames
	}
	for name, frames := range map[string][][]byte{
		"nothing":           nil,
		"no delimiter":      {[]byte("a"), []byte("b"), []byte("c"), []byte("d"), []byte("e"), []byte("f"), []byte("g")},
		"cut off":           good[:len(good)-4],
		"another key":       Key("guessed").Frames(message()),
		"no signature":      Key("").Frames(message()),
		"changed":           append(slices.Clone(good[:7]), append([][]byte{[]byte(`{"code": "evil"}`)}, good[8:]...)...),
		"no JSON":           signed(`{"msg_id": "1", "msg_type": "x"}`, `{}`, `{}`, `{`),
		"no object":         signed(`{"msg_id": "1", "msg_type": "x"}`, `{}`, `{}`, `[]`),
		"no msg_id":         signed(`{"msg_type": "x"}`, `{}`, `{}`, `{}`),
		"no type":           signed(`{"msg_id": "1"}`, `{}`, `{}`, `{}`),
		"a type of a kind":  signed(`{"msg_id": "1", "msg_type": 7}`, `{}`, `{}`, `{}`),
		"null for a header": signed(`null`, `{}`, `{}`, `{}`),
	} {
		if m, _, err := key.Parse(frames); err == nil {
			t.Errorf("%s: parsed as %q", name, m)
		}
	}
}

// Whatever comes, parsing ends, and what passes has all that the kernel relies on.
func FuzzParse(f *testing.F) {
	for _, frame := range Key("").Frames(message()) {
		f.Add(frame, frame, []byte("{}"), []byte(`{"msg_id": "1", "msg_type": "x"}`))
	}
	f.Fuzz(func(t *testing.T, a, b, c, d []byte) {
		for _, key := range []Key{"", "secret"} {
			frames := [][]byte{a, []byte(delimiter), nil, d, c, b, a}
			frames[2] = key.sign(frames[3:7])
			m, h, err := key.Parse(frames)
			if err != nil {
				continue
			}
			if h.ID == "" || h.Type == "" || !json.Valid(m.Content) {
				t.Errorf("%q passed", frames)
			}
		}
	})
}

func TestReadConnection(t *testing.T) {
	good := Connection{Transport: "tcp", IP: "127.0.0.1", ShellPort: 1, ControlPort: 2, StdinPort: 3, IOPubPort: 4, HBPort: 5,
		Scheme: "hmac-sha256", Key: "secret"}
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	write := func(c Connection) {
		t.Helper()
		if err := c.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	write(good)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := ReadConnection(path)
	if err != nil || got != good {
		t.Errorf("got %+v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others could read the file, and now its mode is %v (%v)", info.Mode(), err)
	}
	if network, address := got.Address(8888); network != "tcp" || address != "127.0.0.1:8888" {
		t.Errorf("got %s %s", network, address)
	}
	for want, change := range map[string]func(c *Connection){
		"neither tcp nor ipc": func(c *Connection) { c.Transport = "epgm" },
		"signs by":            func(c *Connection) { c.Scheme = "hmac-md5" },
		"the port 70000":      func(c *Connection) { c.HBPort = 70000 },
	} {
		bad := good
		change(&bad)
		write(bad)
		if _, err := ReadConnection(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for want, text := range map[string]string{"no JSON": "{", "the port 0": `{"transport": "tcp"}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConnection(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, err := ReadConnection(filepath.Dir(path)); err == nil {
		t.Error("a folder was read")
	}
}
