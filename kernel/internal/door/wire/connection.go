package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// Connection is what a connection file says: where a kernel listens, and the key.
type Connection struct {
	Transport   string `json:"transport"` // "tcp" or "ipc"
	IP          string `json:"ip"`        // for ipc, how the sockets' paths begin
	ShellPort   int    `json:"shell_port"`
	ControlPort int    `json:"control_port"`
	StdinPort   int    `json:"stdin_port"`
	IOPubPort   int    `json:"iopub_port"`
	HBPort      int    `json:"hb_port"`
	Scheme      string `json:"signature_scheme"`
	Key         Key    `json:"key"`
}

// insecure is Jupyter's own variable for file systems that cannot keep a file for its owner alone.
const insecure = "JUPYTER_ALLOW_INSECURE_WRITES"

// ReadConnection reads a connection file. Who reads the file may run code as its owner, so it is made to be
// the owner's alone if others could read it, and refused where that cannot be.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	file, err := os.Open(path)
	if err != nil {
		return c, fmt.Errorf("the connection file cannot be read: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return c, err
	}
	if !info.Mode().IsRegular() {
		return c, fmt.Errorf("the connection file %s is no file", path)
	}
	if info.Mode().Perm()&0o077 != 0 && os.Getenv(insecure) == "" {
		fmt.Fprintf(os.Stderr, "The connection file %s could be read by others; now it is yours alone.\n", path)
		if err := file.Chmod(0o600); err == nil {
			info, err = file.Stat()
		}
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			return c, fmt.Errorf("the connection file %s can be read by others, who could run code as you: keep Jupyter's runtime folder on another file system, or set %s=1", path, insecure)
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("the connection file %s is no JSON of the right kind: %w", path, err)
	}
	if c.Scheme != "" && c.Scheme != "hmac-sha256" {
		return c, fmt.Errorf("the connection file %s wants messages signed by %q; this kernel signs by hmac-sha256", path, c.Scheme)
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return c, fmt.Errorf("the connection file %s names the transport %q, which is neither tcp nor ipc", path, c.Transport)
	}
	for _, port := range []int{c.ShellPort, c.ControlPort, c.StdinPort, c.IOPubPort, c.HBPort} {
		if port < 1 || port > 65535 {
			return c, fmt.Errorf("the connection file %s names the port %d", path, port)
		}
	}
	return c, nil
}

// Write writes a connection file that its owner alone can read.
func (c Connection) Write(path string) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// Address is the network and the address of a port, for package net.
func (c Connection) Address(port int) (network, address string) {
	if c.Transport == "ipc" {
		return "unix", filepath.Clean(c.IP) + "-" + strconv.Itoa(port)
	}
	ip := c.IP
	if ip == "*" { // ZeroMQ's name for all addresses
		ip = ""
	}
	return "tcp", net.JoinHostPort(ip, strconv.Itoa(port))
}
