// Package notebook is how a program that runs as a cell of a notebook reaches the kernel, GoNB.
//
// It is apart from package cell, and small, because a caller's mistake has to reach the learner as a
// sentence from any package, in cells that import no more than that package.
package notebook

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

// Running tells whether this program runs as a cell.
func Running() bool { return os.Getenv(pipeEnv) != "" }

// An Output is what a cell shows, in the forms that a front end chooses from. Without HTML and others, the
// text is all.
type Output struct {
	HTML, Text string
	Forms      []Form
}

// Form is another form of an output: text of a MIME type, in base64 if the type is binary.
type Form struct{ MIME, Content string }

// patience bounds how long a cell waits for the kernel, which answers in under a millisecond if it
// is alive and well.
var patience = 10 * time.Second

// pipes is the connection to the kernel, made at the first output.
var pipes = struct {
	sync.Mutex
	*connection
	dead bool // something failed: print from now on
}{connection: &connection{}}

// connection is all that a message which has run out of patience may still touch: the next one may
// have another.
type connection struct {
	path string // of the pipe to the kernel
	out  *os.File
	back *bufio.Reader
}

// Show is the one way in which mlkit shows anything: it returns when the kernel has the output. Outputs
// with the same displayID take the place of one another; without one, each has its own place. Outside
// a notebook, and if the kernel does not answer, it prints the text.
func Show(o Output, displayID string) {
	pipes.Lock()
	defer pipes.Unlock()
	if path := os.Getenv(pipeEnv); path != pipes.path {
		pipes.connection, pipes.dead = &connection{path: path}, false
	}
	if Running() && !pipes.dead {
		sent := make(chan error, 1)
		go func(c *connection) { sent <- c.send(o, displayID) }(pipes.connection)
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
	fmt.Println(o.Text)
}

func (c *connection) send(o Output, displayID string) error {
	if c.out == nil {
		out, err := os.OpenFile(c.path, os.O_WRONLY, 0)
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
		c.out, c.back = out, bufio.NewReader(back)
	}
	// What the cell has printed goes another way: let it arrive first.
	if waitForPrinted(100*time.Millisecond, os.Stdout, os.Stderr) {
		if err := c.roundTrip(); err != nil {
			return err
		}
	}
	if _, err := c.out.Write(displayMessage(o, displayID)); err != nil {
		return err
	}
	return c.roundTrip()
}

// roundTrip returns when the kernel has dealt with everything sent to it so far.
func (c *connection) roundTrip() error {
	if _, err := c.out.Write(syncMessage()); err != nil {
		return err
	}
	for {
		answer, err := readMessage(c.back)
		if err != nil || bytes.Contains(answer, []byte(ackAddress)) {
			return err
		}
	}
}
