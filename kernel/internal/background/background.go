// Package background keeps what nobody waits for from slowing down what somebody does wait for: it stands still while
// a cell is being compiled, and takes second place to everything else on the machine.
//
//	work := &background.Work{}
//	out, err := work.Output(exec.Command("go", "list", "std")) // takes its time
//	defer work.Pause()()                                       // elsewhere, while a cell is executed
package background

import (
	"bytes"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// most is how long a pause lasts: after that, what a cell does is to run, not to be compiled.
const most = 3 * time.Second

// Work is some processes that can be made to pause. The zero value has none yet; a nil Work never pauses.
type Work struct {
	mu              sync.Mutex
	groups          map[int]bool // process groups
	pauses, hurries int
}

// Add makes a process group part of the work, until remove is called, which has to be before its leader is waited for.
func (w *Work) Add(group int) (remove func()) {
	if w == nil {
		return func() {}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.groups == nil {
		w.groups = map[int]bool{}
	}
	w.groups[group] = true
	if w.paused() {
		signal(group, syscall.SIGSTOP)
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.groups, group)
		signal(group, syscall.SIGCONT)
	}
}

// Output runs a command as part of the work, at the lowest priority, and returns what it prints.
func (w *Work) Output(cmd *exec.Cmd) ([]byte, error) {
	cmd.SysProcAttr = Attributes()
	runtime.LockOSThread() // for Linux, the command's parent is this thread
	defer runtime.UnlockOSThread()
	if cmd.Cancel != nil { // it has a context, whose end is to end all that the command has started
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, 19) // of all its threads
	remove := w.Add(cmd.Process.Pid)
	var text bytes.Buffer
	_, err = text.ReadFrom(out)
	remove()
	if failed := cmd.Wait(); failed != nil {
		err = failed
	}
	return text.Bytes(), err
}

// Pause makes the work stand still until resume is called, but not for more than some seconds.
func (w *Work) Pause() (resume func()) {
	if w == nil {
		return func() {}
	}
	w.change(&w.pauses, 1)
	over := sync.OnceFunc(func() { w.change(&w.pauses, -1) })
	late := time.AfterFunc(most, over)
	return func() {
		late.Stop()
		over()
	}
}

// Hurry lets the work go on until done is called, even in a pause: somebody waits for it after all.
func (w *Work) Hurry() (done func()) {
	if w == nil {
		return func() {}
	}
	w.change(&w.hurries, 1)
	return sync.OnceFunc(func() { w.change(&w.hurries, -1) })
}

// paused tells whether the work is to stand still. w.mu is held.
func (w *Work) paused() bool { return w.pauses > 0 && w.hurries == 0 }

func (w *Work) change(count *int, by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.paused()
	*count += by
	if after := w.paused(); after != before {
		for group := range w.groups {
			if after {
				signal(group, syscall.SIGSTOP)
			} else {
				signal(group, syscall.SIGCONT)
			}
		}
	}
}

func signal(group int, s syscall.Signal) { _ = syscall.Kill(-group, s) }
