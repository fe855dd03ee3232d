//go:build !linux

package background

import "syscall"

// Attributes put a process into a group of its own. When the kernel is killed, gopls ends with its standard input, and
// a go command when it has done its work.
func Attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
