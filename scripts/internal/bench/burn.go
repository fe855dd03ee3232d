//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
)

type burnCommand struct{}

// Run ends with its standard input, and so with the process that holds the other end, however that one ends.
func (burnCommand) Run() error {
	go func() {
		for {
		}
	}()
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// burn starts a process that keeps a core busy until stop.
func burn() (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "burn")
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		hold.Close()
		cmd.Wait()
	}, nil
}
