package lab

import "syscall"

// attributes keep Ctrl-C from the server, which would ask whether it is meant; and end the server if
// this program is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
