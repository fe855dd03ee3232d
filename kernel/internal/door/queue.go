package door

import (
	"syscall"
	"time"

	"gopherlens/kernel/internal/door/wire"
)

// executeQueue executes the cells that wait, one after the other.
func (d *Door) executeQueue() {
	for {
		select {
		case <-d.work:
		case <-d.stop:
			return
		}
		for {
			d.mu.Lock()
			if len(d.queue) == 0 || d.stopped {
				d.mu.Unlock()
				break
			}
			r := d.queue[0]
			d.queue = d.queue[1:]
			d.running, d.interrupted = &r, false
			d.remember(r)
			d.mu.Unlock()
			replied := false
			var aborted []request
			guarding(r.h.Type, func() { aborted = d.execute(r, &replied) })
			if !replied {
				d.reply(r, failedExecution(d.count, "KernelError", "Something went wrong inside the kernel; its log says what."))
			}
			d.mu.Lock()
			d.running = nil
			d.mu.Unlock()
			d.publish("status", r.m.Header, map[string]any{"execution_state": "idle"})
			for _, waiting := range aborted {
				d.abort(waiting)
			}
		}
	}
}

// remember keeps the header of a request that may still have output when it has ended. d.mu is held.
func (d *Door) remember(r request) {
	const kept = 200
	if _, known := d.recent[r.h.ID]; !known {
		d.order = append(d.order, r.h.ID)
	}
	d.recent[r.h.ID] = r.m.Header
	if len(d.order) > kept {
		delete(d.recent, d.order[0])
		d.order = d.order[1:]
	}
}

func (d *Door) takeQueue() []request {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue := d.queue
	d.queue = nil
	return queue
}

// abort tells a client that a cell is not executed, because one before it failed.
func (d *Door) abort(r request) {
	d.busy(r, func() {
		answer := failedExecution(d.count, "aborted", "An earlier cell failed.")
		answer["status"] = "aborted"
		delete(answer, "execution_count") // it has none: front ends show it as never executed
		d.reply(r, answer)
	})
}

// ask hands a cell's question for input on to the client that executes the cell.
func (d *Door) ask(r request, allowed bool, child *gonb, m wire.Message) {
	if !allowed {
		d.stream(r.m.Header, stream{"stderr", "The cell asks for input, and there is nobody to give it: it was started where input is not allowed.\n"})
		d.interrupt()
		return
	}
	d.mu.Lock()
	d.asked = &r
	d.mu.Unlock()
	d.flush()
	question := wire.New("input_request", d.session, r.m.Header, m.Content)
	question.Identities = r.m.Identities[1:]
	d.stdin.Send(string(r.m.Identities[0]), d.key.Frames(question))
}

// interrupt stops the cell that is being executed. A cell may ignore the signal, and while GoNB compiles or is
// starting there is nobody yet to hear it: so it is sent again, after two seconds in earnest, and after three to GoNB.
func (d *Door) interrupt() {
	d.mu.Lock()
	running := d.running
	d.interrupted = d.interrupted || running != nil
	d.mu.Unlock()
	if running == nil {
		return
	}
	go func() {
		for i := 0; ; i++ {
			d.mu.Lock()
			child, over := d.child, d.running != running || d.stopped
			d.mu.Unlock()
			switch {
			case over:
				return
			case child == nil:
			case i < 10:
				child.interrupt(syscall.SIGINT)
			case i < 15:
				child.interrupt(syscall.SIGKILL)
			default: // it is GoNB itself that goes on and on
				_ = syscall.Kill(-child.pid, syscall.SIGKILL)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
}
