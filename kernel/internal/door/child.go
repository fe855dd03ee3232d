package door

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/mistakes"
)

// stray hands on what belongs to a cell that has ended: what its widgets say, and displays that come late.
func (d *Door) stray(kind string, m wire.Message) {
	switch kind {
	case "comm_open", "comm_msg", "comm_close", "display_data", "update_display_data", "stream":
	default:
		return
	}
	d.mu.Lock()
	parent, known := d.recent[m.ParentID()]
	d.mu.Unlock()
	if known {
		(&output{d: d, parent: parent}).hand(kind, m)
	}
}

// gonb is the child, which is waited for if it is starting, and started if there is none.
func (d *Door) gonb() (*gonb, error) {
	<-d.ready
	d.mu.Lock()
	child := d.child
	d.mu.Unlock()
	if child != nil {
		select {
		case <-child.ended: // while no cell was being executed
			d.drop(child)
		default:
			return child, nil
		}
	}
	d.begin()
	<-d.ready
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.child == nil {
		return nil, d.failure
	}
	return d.child, nil
}

// drop forgets a child that has ended.
func (d *Door) drop(child *gonb) {
	child.close()
	d.mu.Lock()
	if d.child == child {
		d.child = nil
	}
	clear(d.comms)
	d.mu.Unlock()
}

// begin starts GoNB, and tells it what the notebook has declared.
func (d *Door) begin() {
	ready := make(chan struct{})
	d.ready = ready
	known := strings.Join(append(slices.Clone(d.lasting), d.notebook.Source()), "\n")
	for i := range d.earlier {
		d.earlier[i].GoNB = mistakes.Again
	}
	resume := d.config.Background.Pause()
	d.starting.Go(func() {
		defer close(ready)
		defer resume()
		child, err := startGoNB(d.config, d.stray)
		if err == nil {
			err = d.prepare(child, known)
			if err != nil {
				child.close()
			}
		}
		d.mu.Lock()
		d.failure = err
		stopped := d.stopped
		if err == nil && !stopped {
			d.child = child
		}
		d.mu.Unlock()
		switch {
		case err != nil:
			log.Printf("GoNB did not start: %v", err)
		case stopped:
			child.close()
		}
	})
}

// prepare makes a fresh GoNB as the one before was.
func (d *Door) prepare(child *gonb, known string) error {
	// `go get` before each cell finds nothing, as cells never fetch: it would take 20 ms.
	if _, err := d.hidden(child, fmt.Sprintf("%%noautoget\n%%env TMPDIR %q", os.TempDir()), nil); err != nil {
		return err
	}
	if strings.TrimSpace(known) == "" {
		return nil
	}
	went, err := d.declare(child, known)
	if err == nil && went.Status != "ok" {
		log.Printf("What the notebook had declared is not known any more: %s", went.Value)
	}
	return err
}

// crashed says in a sentence that GoNB ended while it executed a cell, and starts a fresh one.
func (d *Door) crashed(child *gonb, interrupted bool) *mistakes.Message {
	d.mu.Lock()
	stopped := d.stopped
	d.mu.Unlock()
	if stopped { // it was we who ended it
		return kernelError("The kernel was shut down.")
	}
	words := child.words.all()
	d.drop(child)
	d.begin()
	sentence := "The kernel's inner part, GoNB, ended while it executed this cell. A fresh one has been started, which knows what earlier cells declared: go on with the next cell, or run this one again."
	if interrupted {
		sentence = "The cell was stopped, and GoNB with it. A fresh one has been started, which knows what earlier cells declared."
	}
	log.Printf("GoNB ended: %s", words)
	return kernelError(sentence)
}

func kernelError(sentence string) *mistakes.Message {
	return &mistakes.Message{Name: "KernelError", Value: sentence, Traceback: []string{sentence}}
}
