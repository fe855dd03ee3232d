package door

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// Guard runs a program, GoNB, and sees to it that nothing of it is left in the end: neither when the program
// crashes, nor when the process that started the guard is killed, nor when a cell ignores signals. It stands
// between the two as a process of its own, because a process that is killed by SIGKILL cannot clean up.
//
// The first argument is a folder that the guard removes in the end; the others start the program. The guard tells
// the program's process id on its standard output, and ends the program when its standard input ends. What it
// returns is the guard's exit status.
func Guard(args []string) int {
	folder, args := args[0], args[1:]
	defer os.RemoveAll(folder)
	adoptOrphans()
	signal.Ignore(os.Interrupt, syscall.SIGHUP, syscall.SIGPIPE)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = guarded()
	runtime.LockOSThread() // Linux takes the end of the thread that started it for the end of the guard
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	pid := cmd.Process.Pid
	fmt.Println(pid)

	ended := make(chan int, 1)
	go func() { ended <- reap(pid) }()
	released := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(released)
	}()
	status := 1
	select {
	case status = <-ended:
	case <-released:
		status = end(pid, ended)
	case <-stop:
		status = end(pid, ended)
	}
	killAll(pid)
	return status
}

// end asks the program to end, so that it can remove its files, but not for long.
func end(pid int, ended <-chan int) int {
	_ = syscall.Kill(pid, syscall.SIGTERM)
	select {
	case status := <-ended:
		return status
	case <-time.After(time.Second):
		return 1
	}
}

// reap waits for children, those that were adopted too, until the one that counts has ended.
func reap(pid int) (status int) {
	for {
		var state syscall.WaitStatus
		switch child, err := syscall.Wait4(-1, &state, 0, nil); {
		case err == syscall.EINTR:
		case err != nil:
			return 1
		case child == pid && state.Exited():
			return state.ExitStatus()
		case child == pid && state.Signaled():
			return 128 + int(state.Signal())
		}
	}
}

// killAll kills the program's process group, and all that this process has adopted of it.
func killAll(group int) {
	for _, p := range descendants(os.Getpid()) {
		removePipes(p.pid)
	}
	_ = syscall.Kill(-group, syscall.SIGKILL)
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		all := descendants(os.Getpid())
		for _, p := range all {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
		for {
			if child, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != nil || child <= 0 {
				break
			}
		}
		if len(all) == 0 {
			return
		}
	}
}
