//go:build !linux

package help

import "syscall"

// attributes put gopls into a process group of its own. It ends by itself when its standard input does.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
