package notebook

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"io"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// FuzzMessages holds the messages against what GoNB makes of them.
func FuzzMessages(f *testing.F) {
	f.Add("<b>ä</b>", "ä", "id")
	f.Add("", "", "")
	f.Add(strings.Repeat("h", 127), strings.Repeat("t", 128), "")
	f.Add(strings.Repeat("h", 255), strings.Repeat("t", 256), strings.Repeat("i", 65536))
	f.Fuzz(func(t *testing.T, html, text, displayID string) {
		stream := bytes.NewBuffer(gobTypes)
		stream.Write(displayMessage(Output{HTML: html, Text: text}, displayID))
		stream.Write(syncMessage())
		in := gob.NewDecoder(stream)

		var shown protocol.DisplayData
		if err := in.Decode(&shown); err != nil {
			t.Fatal(err)
		}
		forms := 2
		if html == "" {
			forms = 1
		} else if shown.Data[protocol.MIMETextHTML] != html {
			t.Errorf("HTML %q arrives as %q", html, shown.Data[protocol.MIMETextHTML])
		}
		if len(shown.Data) != forms || shown.Data[protocol.MIMETextPlain] != text || shown.DisplayID != displayID {
			t.Errorf("text %q, display id %q arrive as %v", text, displayID, shown)
		}

		var sync protocol.DisplayData
		if err := in.Decode(&sync); err != nil {
			t.Fatal(err)
		}
		want := protocol.CommValue{Address: protocol.GonbuiSyncAddress, Value: 1}
		if len(sync.Data) != 1 || sync.Data[protocol.MIMECommValue] != want {
			t.Errorf("the request for an acknowledgement arrives as %v", sync)
		}
		if in.Decode(&sync) != io.EOF {
			t.Error("something is left over")
		}
	})
}

// FuzzReadMessage tells that no input makes readMessage panic, or give more than there is.
func FuzzReadMessage(f *testing.F) {
	var real bytes.Buffer
	gob.NewEncoder(&real).Encode(&protocol.CommValue{Address: ackAddress, Value: 1})
	f.Add(real.Bytes())
	f.Add([]byte{})
	f.Add([]byte{3, 1, 2, 3, 0xff, 128})
	f.Add([]byte{0xff})
	f.Add([]byte{0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		got := 0
		for in := bufio.NewReader(bytes.NewReader(data)); ; {
			message, err := readMessage(in)
			if err != nil {
				return
			}
			if got += 1 + len(message); got > len(data) {
				t.Fatalf("read %d bytes of %d", got, len(data))
			}
		}
	})
}

func TestReadMessage(t *testing.T) {
	var stream bytes.Buffer
	out := gob.NewEncoder(&stream)
	long := strings.Repeat("l", 300)
	out.Encode(&protocol.CommValue{Address: long})
	out.Encode(&protocol.CommValue{Address: ackAddress, Value: 7})
	in := bufio.NewReader(&stream)
	for _, want := range []string{"CommValue", long, ackAddress} {
		message, err := readMessage(in)
		if err != nil || !bytes.Contains(message, []byte(want)) {
			t.Errorf("read %q, %v: want a message with %q", message, err, want)
		}
	}
	if _, err := readMessage(in); err != io.EOF {
		t.Errorf("at the end: %v, want EOF", err)
	}
}
