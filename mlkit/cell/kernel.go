package cell

import (
	"encoding/gob"
	"fmt"
	"os"
	"sync"
	"time"
)

// patience bounds how long a cell waits for the kernel to say that what it sent has been shown. A
// kernel that is alive answers in under a millisecond.
var patience = 10 * time.Second

// The kernel's messages, as github.com/janpfeifer/gonb/gonbui/protocol defines them: gob matches
// fields by name, and values in an interface by the name they are registered under.
type (
	displayData struct {
		Data      map[string]any
		Metadata  map[string]any
		DisplayID string
	}
	commValue struct {
		Address string
		Request bool
		Value   any
	}
)

func init() {
	gob.RegisterName("github.com/janpfeifer/gonb/gonbui/protocol.CommValue", commValue{})
}

func inNotebook() bool { return os.Getenv("GONB_PIPE") != "" }

// kernel is the connection to GoNB: one pipe each way.
var kernel struct {
	sync.Mutex
	out    *gob.Encoder
	acks   chan int
	syncID int
	err    error
}

// display sends a bundle to the kernel and waits until it has arrived there. A displayID names an
// output: a second bundle with the same one takes the first one's place.
func display(b bundle, displayID string) {
	if !inNotebook() {
		fmt.Println(b.text)
		return
	}
	kernel.Lock()
	defer kernel.Unlock()
	if kernel.out == nil && kernel.err == nil {
		kernel.err = connect()
	}
	if kernel.err == nil {
		kernel.err = send(b, displayID)
	}
	if kernel.err != nil {
		fmt.Println(b.text)
	}
}

func connect() error {
	out, err := os.OpenFile(os.Getenv("GONB_PIPE"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	back, err := os.OpenFile(os.Getenv("GONB_PIPE_BACK"), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	kernel.out, kernel.acks = gob.NewEncoder(out), make(chan int, 1)
	go func() {
		defer close(kernel.acks)
		for in := gob.NewDecoder(back); ; {
			var v commValue
			if in.Decode(&v) != nil {
				return
			}
			if id, ok := v.Value.(int); ok && v.Address == "#gonbui/sync_ack" {
				kernel.acks <- id
			}
		}
	}()
	return nil
}

func send(b bundle, displayID string) error {
	data := map[string]any{"text/plain": b.text}
	if b.html != "" {
		data["text/html"] = b.html
	}
	if err := kernel.out.Encode(displayData{Data: data, DisplayID: displayID}); err != nil {
		return err
	}
	kernel.syncID++
	sync := commValue{Address: "#gonbui/sync", Value: kernel.syncID}
	if err := kernel.out.Encode(displayData{Data: map[string]any{"gonb/comm_value": sync}}); err != nil {
		return err
	}
	timeout := time.After(patience)
	for {
		select {
		case id, open := <-kernel.acks:
			if !open || id == kernel.syncID {
				return nil
			}
		case <-timeout:
			return fmt.Errorf("the kernel has not answered for %v", patience)
		}
	}
}
