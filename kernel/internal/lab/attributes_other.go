//go:build !linux

package lab

import "syscall"

// attributes keep Ctrl-C from the server, which would ask whether it is meant.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
