//go:build unix

// Package notebooktest stands for the kernel in tests: it reads what a cell shows with GoNB's own types.
package notebooktest

import (
	"encoding/gob"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// A Kernel is what a cell's program is connected with.
type Kernel struct {
	pipe, back string
	shown      chan *protocol.DisplayData
}

// Start makes a kernel that lasts as long as the test. If it is not to answer, it reads what is shown,
// but never says so.
func Start(t *testing.T, answer bool) *Kernel {
	t.Helper()
	dir := t.TempDir()
	k := &Kernel{filepath.Join(dir, "pipe"), filepath.Join(dir, "back"), make(chan *protocol.DisplayData, 100)}
	files := make([]*os.File, 2)
	for i, path := range []string{k.pipe, k.back} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		// Opened for both ways, so that neither end waits for the other and both outlive the cell.
		var err error
		if files[i], err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { files[i].Close() })
	}
	go k.serve(t, files[0], files[1], answer)
	return k
}

func (k *Kernel) serve(t *testing.T, pipe, back *os.File, answer bool) {
	in, out := gob.NewDecoder(pipe), gob.NewEncoder(back)
	for {
		data := &protocol.DisplayData{}
		if err := in.Decode(data); err != nil {
			if !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
			return
		}
		comm, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue)
		switch {
		case !ok:
			k.shown <- data
		case comm.Address != protocol.GonbuiSyncAddress:
			t.Errorf("message to the unknown address %q", comm.Address)
		case answer:
			// Other messages may come before the answer.
			out.Encode(&protocol.CommValue{Address: "#another/widget", Value: 3.5})
			out.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: comm.Value})
		}
	}
}

// Environ is the environment of a program that is a cell of the kernel.
func (k *Kernel) Environ() []string {
	return append(os.Environ(), protocol.GONB_PIPE_ENV+"="+k.pipe, protocol.GONB_PIPE_BACK_ENV+"="+k.back)
}

// Attach makes the test itself a cell of the kernel.
func (k *Kernel) Attach(t *testing.T) {
	t.Setenv(protocol.GONB_PIPE_ENV, k.pipe)
	t.Setenv(protocol.GONB_PIPE_BACK_ENV, k.back)
}

// Next is what was shown next. A cell goes on only when the kernel has what it shows, so it is there.
func (k *Kernel) Next(t *testing.T) (text, html, displayID string) {
	t.Helper()
	d := k.NextForms(t)
	text, _ = d.Data[protocol.MIMETextPlain].(string)
	html, _ = d.Data[protocol.MIMETextHTML].(string)
	return text, html, d.DisplayID
}

// NextForms is the same in all its forms.
func (k *Kernel) NextForms(t *testing.T) *protocol.DisplayData {
	t.Helper()
	select {
	case d := <-k.shown:
		return d
	default:
		t.Fatal("nothing was shown, or the cell went on before the kernel had it")
		return nil
	}
}
