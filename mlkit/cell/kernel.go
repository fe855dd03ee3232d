package cell

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"sync"
	"time"
)

// GoNB tells a cell's program the paths of two named pipes, one to the kernel and one back.
const (
	pipeEnv     = "GONB_PIPE"
	pipeBackEnv = "GONB_PIPE_BACK"
)

func inNotebook() bool { return os.Getenv(pipeEnv) != "" }

// patience bounds how long a cell waits for the kernel, which answers in under a millisecond if it
// is alive and well.
var patience = 10 * time.Second

// pipes is the connection to the kernel, made at the first display.
var pipes struct {
	sync.Mutex
	out  *os.File
	back *bufio.Reader
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
		back, err := os.Open(os.Getenv(pipeBackEnv))
		if err != nil {
			return err
		}
		if _, err := out.Write(gobTypes); err != nil {
			return err
		}
		pipes.out, pipes.back = out, bufio.NewReader(back)
	}
	// What the cell has printed goes another way: let it arrive first.
	if waitForPrinted(100*time.Millisecond, os.Stdout, os.Stderr) {
		if err := roundTrip(); err != nil {
			return err
		}
	}
	if _, err := pipes.out.Write(displayMessage(b.html, b.text, displayID)); err != nil {
		return err
	}
	return roundTrip()
}

// roundTrip returns when the kernel has dealt with everything sent to it so far.
func roundTrip() error {
	if _, err := pipes.out.Write(syncMessage()); err != nil {
		return err
	}
	for {
		answer, err := readMessage(pipes.back)
		if err != nil || bytes.Contains(answer, []byte(ackAddress)) {
			return err
		}
	}
}
