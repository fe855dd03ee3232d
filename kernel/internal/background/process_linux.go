package background

import "syscall"

// Attributes put a process into a group of its own, and end it with the thread that starts it: when the kernel is
// killed, at the latest.
func Attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
