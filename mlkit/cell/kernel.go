package cell

import (
	"encoding/gob"
	"fmt"
	"os"
	"sync"
	"time"
)

// GoNB runs a cell's program with two named pipes, one each way, whose paths are in the environment.
// Messages are gobs of the types in github.com/janpfeifer/gonb/gonbui/protocol. Those below are the
// same to gob, which goes by the names of fields, and by registered names for values in interfaces.
const (
	pipeEnv     = "GONB_PIPE"
	pipeBackEnv = "GONB_PIPE_BACK"
	commMIME    = "gonb/comm_value"
	syncAddress = "#gonbui/sync"
	ackAddress  = "#gonbui/sync_ack"
	commType    = "github.com/janpfeifer/gonb/gonbui/protocol.CommValue"
)

// displayData asks for an output. Data holds a form of it for each MIME type. The first message with
// a DisplayID makes an output, the later ones change it.
type displayData struct {
	Data      map[string]any
	DisplayID string
}

// commValue carries a value to or from an address; a value sent to syncAddress comes back from
// ackAddress once all that was sent before it has been dealt with.
type commValue struct {
	Address string
	Value   any
}

func init() { gob.RegisterName(commType, commValue{}) }

func inNotebook() bool { return os.Getenv(pipeEnv) != "" }

// patience bounds how long a cell waits for the kernel, which answers in under a millisecond if it
// is alive and well.
var patience = 10 * time.Second

// pipes is the connection to the kernel, made at the first display.
var pipes struct {
	sync.Mutex
	in   *gob.Decoder
	out  *gob.Encoder
	sent int  // how many messages have asked to be acknowledged
	dead bool // something failed: print from now on
}

// display is the one way out of this package: it shows a bundle and returns when the kernel has it.
// Outside a notebook, and if the kernel does not answer, it prints the bundle's text.
func display(b bundle, displayID string) {
	pipes.Lock()
	defer pipes.Unlock()
	if inNotebook() && !pipes.dead {
		sent := make(chan error, 1)
		go func() { sent <- send(b, displayID) }()
		select {
		case err := <-sent:
			pipes.dead = err != nil
		case <-time.After(patience):
			pipes.dead = true
		}
		if !pipes.dead {
			return
		}
	}
	fmt.Println(b.text)
}

func send(b bundle, displayID string) error {
	if pipes.out == nil {
		out, err := os.OpenFile(os.Getenv(pipeEnv), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		in, err := os.Open(os.Getenv(pipeBackEnv))
		if err != nil {
			return err
		}
		pipes.out, pipes.in = gob.NewEncoder(out), gob.NewDecoder(in)
	}
	// What the cell has printed goes another way: let it arrive first.
	if waitForPrinted(os.Stdout, os.Stderr) {
		if err := roundTrip(); err != nil {
			return err
		}
	}
	forms := map[string]any{"text/plain": b.text}
	if b.html != "" {
		forms["text/html"] = b.html
	}
	if err := pipes.out.Encode(displayData{forms, displayID}); err != nil {
		return err
	}
	return roundTrip()
}

// roundTrip returns when the kernel has dealt with everything sent to it so far.
func roundTrip() error {
	pipes.sent++
	request := map[string]any{commMIME: commValue{syncAddress, pipes.sent}}
	if err := pipes.out.Encode(displayData{Data: request}); err != nil {
		return err
	}
	for {
		var answer commValue
		if err := pipes.in.Decode(&answer); err != nil {
			return err
		}
		if answer.Address == ackAddress && answer.Value == pipes.sent {
			return nil
		}
	}
}
