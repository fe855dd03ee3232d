//go:build unix

package video

import (
	"os/exec"
	"syscall"
)

// apart keeps a Ctrl-C on the terminal from a program: it is to finish its file when we close it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
