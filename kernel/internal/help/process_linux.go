package help

import "syscall"

// attributes put gopls into a process group of its own, and end it when the kernel is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
