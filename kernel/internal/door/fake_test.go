package door

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gopherlens/kernel/internal/door/wire"
	"gopherlens/kernel/internal/door/zmtp"
)

// The test's own program stands for the guard, for a kernel that can be killed, and for GoNB.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 3 && os.Args[1] == "guard":
		os.Exit(Guard(os.Args[2:]))
	case len(os.Args) > 2 && os.Args[1] == "door":
		if err := Run(config(os.Args[2])); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case len(os.Args) > 3 && os.Args[1] == "gonb":
		fakeGoNB(os.Args[3])
	default:
		os.Exit(m.Run())
	}
}

func config(connectionFile string) Config {
	return Config{
		ConnectionFile: connectionFile,
		GoNB:           []string{os.Args[0], "gonb"},
		Guard:          []string{os.Args[0], "guard"},
		GoVersion:      "1.2.3",
		Env:            os.Environ(),
	}
}

// fakeGoNB is a GoNB that compiles nothing. It does what a cell's lines say: print WORD, complain WORD, command, fail, panic,
// sleep, deaf (sleep in a process that hears no signals), ask, crash.
func fakeGoNB(file string) {
	c, err := wire.ReadConnection(file)
	if err != nil {
		panic(err)
	}
	signal.Ignore(os.Interrupt)
	var shell, control, stdin, iopub *zmtp.Socket
	var interrupted atomic.Bool
	requests, inputs := make(chan wire.Message, 100), make(chan wire.Message, 1)
	listen := func(port int, kind string, receive func(m wire.Message, h wire.Header)) *zmtp.Socket {
		network, address := c.Address(port)
		s, err := zmtp.Listen(network, address, kind, func(identity string, frames [][]byte) {
			if m, h, err := c.Key.Parse(frames); err == nil {
				m.Identities = [][]byte{[]byte(identity)}
				receive(m, h)
			}
		})
		if err != nil {
			panic(err)
		}
		return s
	}
	publish := func(parent wire.Message, kind string, content any, buffers ...[]byte) {
		m := wire.New(kind, "fake", parent.Header, content)
		m.Identities, m.Buffers = [][]byte{[]byte("x")}, buffers
		iopub.Publish(c.Key.Frames(m))
	}
	iopub = listen(c.IOPubPort, "PUB", nil)
	stdin = listen(c.StdinPort, "ROUTER", func(m wire.Message, h wire.Header) { inputs <- m })
	control = listen(c.ControlPort, "ROUTER", func(m wire.Message, h wire.Header) { interrupted.Store(true) })
	shell = listen(c.ShellPort, "ROUTER", func(m wire.Message, h wire.Header) {
		if strings.HasPrefix(h.Type, "comm_") {
			if len(m.Buffers) > 0 {
				publish(m, "comm_msg", map[string]any{"comm_id": "1", "data": fmt.Sprintf("%x", sha256.Sum256(m.Buffers[0]))}, m.Buffers...)
			}
			return
		}
		requests <- m
	})
	for _, s := range []*zmtp.Socket{shell, control, stdin, iopub} {
		go s.Serve()
	}
	for m := range requests {
		publish(m, "status", map[string]any{"execution_state": "busy"})
		var ask struct {
			Code string `json:"code"`
		}
		if err := json.Unmarshal(m.Content, &ask); err != nil {
			panic(err)
		}
		interrupted.Store(false)
		status := ""
		for _, line := range strings.Split(ask.Code, "\n") {
			word, rest, _ := strings.Cut(strings.TrimPrefix(line, "!"), " ")
			switch word {
			case "print":
				publish(m, "stream", stream{"stdout", rest})
			case "complain":
				publish(m, "stream", stream{"stderr", rest})
			case "command": // one that fails does not fail its cell
				publish(m, "stream", stream{"stderr", "exit status 1\n"})
			case "fail", "panic":
				if word == "panic" {
					publish(m, "stream", stream{"stderr", "before\npanic: oh\n\ngoroutine 1 [running]:\nmain.main()\n"})
				}
				status = "exit status 2"
				publish(m, "stream", stream{"stderr", status + "\n"})
			case "sleep":
				for !interrupted.Load() {
					time.Sleep(time.Millisecond)
				}
				status = "signal: interrupt"
			case "deaf":
				cmd := exec.Command("sh", "-c", `trap "" INT TERM HUP; sleep 1000 & sleep 1000`)
				if err := cmd.Start(); err != nil {
					panic(err)
				}
				publish(m, "stream", stream{"stdout", fmt.Sprint(cmd.Process.Pid)})
				if err := cmd.Wait(); err != nil {
					status = err.Error()
				}
			case "ask":
				question := wire.New("input_request", "fake", m.Header, map[string]any{"prompt": rest, "password": false})
				stdin.Send(string(m.Identities[0]), c.Key.Frames(question))
				var answer struct{ Value string }
				select {
				case got := <-inputs:
					_ = json.Unmarshal(got.Content, &answer)
					publish(m, "stream", stream{"stdout", answer.Value})
				case <-time.After(20 * time.Second):
				}
			case "crash":
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
		answer := map[string]any{"status": "ok"}
		if status != "" {
			answer = map[string]any{"status": "error", "ename": "ERROR", "evalue": status, "traceback": []string{status}}
			publish(m, "error", answer)
		}
		reply := wire.New("execute_reply", "fake", m.Header, answer)
		shell.Send(string(m.Identities[0]), c.Key.Frames(reply))
		publish(m, "status", map[string]any{"execution_state": "idle"})
	}
}
