package setup

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"gopherlens/kernel/internal/clone"
)

// logged runs cmd and hands every line that it prints to each; all of it is kept in .lab/log/NAME.log.
// What fails is told in one sentence that begins with task.
func logged(c clone.Clone, cmd *exec.Cmd, name, task string, each func(line string)) error {
	log, err := os.Create(c.Lab("log", name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	// An interrupt from the terminal goes to the whole foreground group, which would make the child
	// print a trace of its own; we end it instead, children included.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	var text bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		scanner := bufio.NewScanner(io.TeeReader(reader, io.MultiWriter(log, &text)))
		for scanner.Scan() {
			each(scanner.Text())
		}
		io.Copy(io.Discard, reader) // a line too long for the scanner must not block the command
	}()
	err = cmd.Run()
	writer.Close()
	<-done
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", task, reason(err, text.String(), log.Name()))
}

// offline matches what the go command and pip say when they cannot reach the network.
var offline = regexp.MustCompile(`(?i)no such host|name resolution|network is unreachable|connection refused|` +
	`NewConnectionError|ConnectTimeout|ReadTimeout|i/o timeout|proxyconnect|ProxyError|TLS handshake|SSLError|` +
	`lookup disabled by GOPROXY=off|No matching distribution|connection reset`)

// reason turns the output of a failed command into a sentence.
func reason(err error, text, log string) error {
	var exit *exec.ExitError
	switch {
	case errors.Is(err, context.Canceled), errors.As(err, &exit) && !exit.Exited():
		return errors.New("it was stopped")
	case strings.Contains(text, "no space left") || strings.Contains(text, "No space left"):
		return errors.New("the disk is full; free 3 GB and start it again")
	case strings.Contains(text, "THESE PACKAGES DO NOT MATCH THE HASHES"):
		return fmt.Errorf("what arrived is not what was published; try another network (details: %s)", log)
	case offline.MatchString(text):
		return fmt.Errorf("no network; start it again when you are online (details: %s)", log)
	}
	last := "it ended with " + err.Error()
	if lines := strings.Split(strings.TrimSpace(text), "\n"); lines[len(lines)-1] != "" {
		last = strings.TrimSpace(lines[len(lines)-1])
	}
	return fmt.Errorf("%s (details: %s)", last, log)
}
