package door

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gopherlens/kernel/internal/door/wire"
)

func TestExecute(t *testing.T) {
	_, c := start(t)
	if got := c.ask("kernel_info_request", map[string]any{}); got["status"] != "ok" || got["protocol_version"] != wire.Version ||
		!strings.Contains(got["banner"].(string), "1.2.3") || len(got["help_links"].([]any)) == 0 {
		t.Errorf("kernel_info is %v", got)
	}
	id := c.execute("!print hello\n!complain oops")
	if got := c.reply(id); got["status"] != "ok" || got["execution_count"] != 1.0 {
		t.Errorf("the reply is %v", got)
	}
	c.want(id, "execute_input !print hello\n!complain oops", "stream hello", "stream oops")

	id = c.execute("!command\n!print on\n!command", "store_history", false)
	c.reply(id)
	c.want(id, "execute_input !command\n!print on\n!command", "stream exit status 1", "stream on", "stream exit status 1")

	// What the runtime says of a panic is the error's to say; what the cell wrote before is not.
	id = c.execute("!panic")
	if got := c.reply(id); got["status"] != "error" || got["execution_count"] != 2.0 || len(got["traceback"].([]any)) == 0 {
		t.Errorf("the reply is %v", got)
	}
	if got := c.outputs(id); len(got) != 5 || got[2] != "stream before" || !strings.HasPrefix(got[3], "error ") {
		t.Errorf("published is %q", got)
	}

	// How a program ended, the error says alone.
	id = c.execute("!print before\n!fail", "store_history", false)
	c.reply(id)
	if got := c.outputs(id); len(got) != 5 || got[2] != "stream before" || !strings.HasPrefix(got[3], "error ") {
		t.Errorf("published is %q", got)
	}

	id = c.execute("!print quietly", "silent", true)
	if got := c.reply(id); got["execution_count"] != 2.0 {
		t.Errorf("the reply to a silent request is %v", got)
	}
	c.want(id, "stream quietly")
	id = c.execute("!print unstored", "store_history", false)
	if got := c.reply(id); got["execution_count"] != 2.0 {
		t.Errorf("the reply to an unstored request is %v", got)
	}
	history := c.ask("history_request", map[string]any{"hist_access_type": "range", "session": 0, "start": 1, "output": false, "raw": true})
	if got := fmt.Sprint(history["history"]); got != "[[1 1 !print hello\n!complain oops] [1 2 !panic]]" {
		t.Errorf("the history is %s", got)
	}
}

// What nobody knows is answered, too.
func TestQuestions(t *testing.T) {
	_, c := start(t)
	for kind, want := range map[string]string{
		"is_complete_request": "incomplete", "comm_info_request": "ok", "complete_request": "ok", "inspect_request": "ok",
		"debug_request": "error", "create_subshell_request": "error",
	} {
		if got := c.ask(kind, map[string]any{"code": "func f() {", "cursor_pos": 99}); got["status"] != want {
			t.Errorf("%s is answered by %v", kind, got)
		}
	}
	for _, kind := range []string{"is_complete_request", "complete_request", "inspect_request", "history_request", "execute_request"} {
		if got := c.ask(kind, map[string]any{"code": 1, "n": "x", "cursor_pos": "x"}); got["status"] != "error" {
			t.Errorf("a %s of the wrong kind is answered by %v", kind, got)
		}
	}
}

// Cells that wait when one fails are not executed, unless the one that fails says otherwise.
func TestAbort(t *testing.T) {
	_, c := start(t)
	for _, stop := range []bool{true, false} {
		first := c.execute("!sleep", "stop_on_error", stop)
		second, third := c.execute("!print two"), c.execute("!print three")
		for got := (heard{}); got.kind != "execute_input" || got.ParentID() != first; {
			got = c.next(c.published)
		}
		c.send(c.control, "interrupt_request", map[string]any{})
		if got := c.reply(first); got["status"] != "error" || got["ename"] != "Interrupted" {
			t.Errorf("the reply is %v", got)
		}
		want := map[bool]string{true: "aborted", false: "ok"}[stop]
		for _, id := range []string{second, third} {
			if got := c.reply(id); got["status"] != want {
				t.Errorf("stop_on_error is %v: a cell that waited gets %v", stop, got)
			}
		}
	}
	for range 100 { // a cell that is sent when the reply is there has not waited
		c.reply(c.execute("!fail"))
		if got := c.reply(c.execute("!print on we go")); got["status"] != "ok" {
			t.Fatalf("the next cell gets %v", got)
		}
	}
}

// Questions are answered while a cell runs, and front ends go on showing that it does.
func TestAnswersWhileACellRuns(t *testing.T) {
	_, c := start(t)
	running := c.execute("!sleep")
	id := c.send(c.shell, "kernel_info_request", map[string]any{})
	c.reply(id)
	for last := ""; ; {
		got := c.next(c.published)
		if got.kind == "status" {
			state := got.content(t)["execution_state"].(string)
			if last == "idle" && state == "busy" && got.ParentID() == running {
				break
			}
			if last = state; got.ParentID() != id {
				last = ""
			}
		}
	}
	c.reply(c.send(c.control, "interrupt_request", map[string]any{}))
	c.reply(running)
}

// A cell that hears no signals, and what it has started, is ended all the same.
func TestDeafCell(t *testing.T) {
	_, c := start(t)
	id := c.execute("!deaf")
	pid := c.pid(id)
	c.send(c.control, "interrupt_request", map[string]any{})
	if got := c.reply(id); got["ename"] != "Interrupted" {
		t.Errorf("the reply is %v", got)
	}
	gone(t, pid)
}

// pid is the number that a cell prints.
func (c *client) pid(id string) int {
	c.t.Helper()
	for {
		if got := c.next(c.published); got.kind == "stream" && got.ParentID() == id {
			pid, err := strconv.Atoi(got.content(c.t)["text"].(string))
			if err != nil {
				c.t.Fatal(err)
			}
			return pid
		}
	}
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			if syscall.Kill(pid, 0) != nil || err == nil {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

// GoNB's end is one sentence, and the next cell is executed by a fresh one.
func TestCrash(t *testing.T) {
	_, c := start(t)
	c.reply(c.execute("!print one"))
	id := c.execute("!crash")
	if got := c.reply(id); got["status"] != "error" || got["ename"] != "KernelError" || !strings.Contains(got["evalue"].(string), "fresh one") {
		t.Errorf("the reply is %v", got)
	}
	c.outputs(id)
	id = c.execute("!print three")
	if got := c.reply(id); got["status"] != "ok" || got["execution_count"] != 3.0 {
		t.Errorf("the reply after a crash is %v", got)
	}
	c.want(id, "execute_input !print three", "stream three")
}

// What a cell writes line by line is published in few messages, in its order.
func TestGathered(t *testing.T) {
	_, c := start(t)
	var code, want strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&code, "!print %d\n", i)
		fmt.Fprint(&want, i)
		if i%500 == 0 {
			fmt.Fprintf(&code, "!complain %d\n", i)
		}
	}
	id := c.execute(code.String())
	c.reply(id)
	messages, written, complained := 0, "", ""
	for {
		got := c.next(c.published)
		switch content := got.content(t); {
		case got.kind == "stream" && content["name"] == "stdout":
			messages, written = messages+1, written+content["text"].(string)
		case got.kind == "stream":
			complained += content["text"].(string)
		case content["execution_state"] == "idle" && got.ParentID() == id:
			if written != want.String() || complained != "050010001500" {
				t.Errorf("written is %.100q…, complained %q", written, complained)
			}
			if messages > 1000 {
				t.Errorf("published in %d messages", messages)
			}
			return
		}
	}
}

func TestInput(t *testing.T) {
	_, c := start(t)
	id := c.execute("!ask Your name?")
	question := c.next(c.asked)
	if question.kind != "input_request" || question.ParentID() != id || question.content(t)["prompt"] != "Your name?" {
		t.Errorf("asked is a %s %v", question.kind, question.content(t))
	}
	c.send(c.stdin, "input_reply", map[string]any{"value": "Ada"})
	c.reply(id)
	c.want(id, "execute_input !ask Your name?", "stream Ada")
}

// What is not signed with the key is dropped, and so is what is no message; the kernel goes on.
func TestForged(t *testing.T) {
	_, c := start(t)
	forged := wire.New("execute_request", c.session, nil, map[string]any{"code": "!print evil"})
	for _, frames := range [][][]byte{wire.Key("guessed").Frames(forged), wire.Key("").Frames(forged), {[]byte("x")}, {{}}} {
		if err := c.shell.Send(frames); err != nil {
			t.Fatal(err)
		}
	}
	id := c.execute("!print good")
	if got := c.reply(id); got["execution_count"] != 1.0 {
		t.Errorf("the reply is %v", got)
	}
	c.want(id, "execute_input !print good", "stream good")
}

// Buffers of 20 MB go to a cell's widgets and come back as they were.
func TestBuffers(t *testing.T) {
	_, c := start(t)
	c.reply(c.execute("!print started"))
	c.send(c.shell, "comm_open", map[string]any{"comm_id": "0", "target_name": "unknown", "data": map[string]any{}})
	c.send(c.shell, "comm_open", map[string]any{"comm_id": "1", "target_name": target, "data": map[string]any{}})
	buffer := bytes.Repeat([]byte("0123456789"), 2<<20)
	id := c.send(c.shell, "comm_msg", map[string]any{"comm_id": "1", "data": map[string]any{}}, buffer)
	closed := false
	for {
		got := c.next(c.published)
		closed = closed || got.kind == "comm_close" && got.content(t)["comm_id"] == "0"
		if got.kind == "comm_msg" {
			want := fmt.Sprintf("%x", sha256.Sum256(buffer))
			if got.ParentID() != id || got.content(t)["data"] != want || len(got.Buffers) != 1 || !bytes.Equal(got.Buffers[0], buffer) {
				t.Error("the buffer is not what was sent")
			}
			break
		}
	}
	if !closed {
		t.Error("a comm for nobody was not closed")
	}
	if got := c.ask("comm_info_request", map[string]any{}); fmt.Sprint(got["comms"]) != "map[1:map[target_name:gonb_comm]]" {
		t.Errorf("open is %v", got["comms"])
	}
}

// A message of 100 MB is answered.
func TestHugeMessage(t *testing.T) {
	_, c := start(t)
	id := c.execute("%%writefile x\n"+strings.Repeat("x", 100<<20), "store_history", false)
	if got := c.reply(id); got["status"] != "ok" {
		t.Errorf("the reply is %v", got)
	}
}

// A question that is longer than what somebody writes is answered without a look into it.
func TestHugeQuestions(t *testing.T) {
	_, c := start(t)
	for kind, want := range map[string]string{"is_complete_request": "unknown", "complete_request": "ok", "inspect_request": "ok", "history_request": "error"} {
		if got := c.ask(kind, map[string]any{"code": strings.Repeat("x", 2*longest), "cursor_pos": 1}); got["status"] != want {
			t.Errorf("a %s is answered by %v", kind, got)
		}
	}
}

// Two clients send a thousand cells; each gets its own replies, and hears of all.
func TestManyCells(t *testing.T) {
	path, a := start(t)
	b := connect(t, path)
	const n = 500
	var ids [2][]string
	for i := range n {
		for k, c := range []*client{a, b} {
			ids[k] = append(ids[k], c.execute(fmt.Sprintf("!print %d", i)))
		}
	}
	for k, c := range []*client{a, b} {
		for _, id := range ids[k] {
			if got := c.reply(id); got["status"] != "ok" {
				t.Fatalf("the reply is %v", got)
			}
		}
		for heard := 0; heard < 2*n; {
			if c.next(c.published).kind == "stream" {
				heard++
			}
		}
	}
}

// A kernel that is killed leaves nothing, whatever its cell does about signals.
func TestKilled(t *testing.T) {
	for _, victim := range []string{"door", "guard", "gonb"} {
		path := connection(t)
		temporary := t.TempDir()
		cmd := exec.Command(os.Args[0], "door", path)
		cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		c := connect(t, path)
		id := c.execute("!deaf")
		pids := []int{c.pid(id)}
		kill := cmd.Process.Pid
		for _, p := range descendants(cmd.Process.Pid) {
			line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.pid))
			if args := strings.Split(string(line), "\x00"); len(args) > 1 && args[1] == victim {
				kill = p.pid
			}
			pids = append(pids, p.pid)
		}
		if len(pids) < 4 {
			t.Skip("skipped: needs /proc")
		}
		if err := syscall.Kill(kill, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if victim != "door" {
			if got := c.reply(id); got["ename"] != "KernelError" {
				t.Errorf("%s was killed: the reply is %v", victim, got)
			}
			c.send(c.control, "shutdown_request", map[string]any{"restart": false})
		}
		_ = cmd.Wait()
		for _, pid := range pids {
			gone(t, pid)
		}
		if left, err := os.ReadDir(temporary); victim != "guard" && (err != nil || len(left) > 0) {
			t.Errorf("%s was killed, and left are %v, %v", victim, left, err)
		}
	}
}

// The history is there in the next kernel, and nobody else can read it.
func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder?", "history.sqlite")
	first := openHistory(path)
	for i, source := range []string{"a := 1", "b := 2", "a := 1"} {
		first.add(i+1, source)
	}
	first.result(2, "2")
	first.close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history's file: %v, %v", info, err)
	}
	second := openHistory(path)
	second.add(1, "c := 3")
	two := 2
	for want, r := range map[string]historyRequest{
		`[[1,3,"a := 1"],[2,1,"c := 3"]]`:              {Access: "tail", N: &two},
		`[[1,2,["b := 2","2"]],[1,3,["a := 1",null]]]`: {Access: "range", Session: -1, Start: 2, Output: true},
		`[[1,1,"a := 1"]]`:                             {Access: "range", Session: 1, Start: 1, Stop: &two},
		`[[1,1,"a := 1"],[1,3,"a := 1"]]`:              {Access: "search", Pattern: "a*"},
		`[[1,3,"a := 1"]]`:                             {Access: "search", Pattern: "a*", Unique: true},
		`[]`:                                           {Access: "search", Pattern: "nothing"},
	} {
		found, err := second.find(r)
		got, _ := json.Marshal(found)
		if err != nil || string(got) != want {
			t.Errorf("%+v finds %s (%v), want %s", r, got, err, want)
		}
	}
	if _, err := second.find(historyRequest{Access: "elsewhere"}); err == nil {
		t.Error("an unknown way finds something")
	}
	// Where no file can be, there is a history all the same.
	third := openHistory(filepath.Join(path, "no folder"))
	third.add(1, "d := 4")
	if found, err := third.find(historyRequest{Access: "tail"}); err != nil || len(found) != 1 {
		t.Errorf("without a file it finds %v, %v", found, err)
	}
}
