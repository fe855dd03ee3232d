package background

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// process starts something that would run for a long time, and tells whether it is stopped.
func process(t *testing.T, w *Work) (stopped func() bool) {
	t.Helper()
	runtime.LockOSThread() // it ends with this thread
	cmd := exec.Command("sleep", "600")
	cmd.SysProcAttr = Attributes()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	remove := w.Add(cmd.Process.Pid)
	t.Cleanup(func() {
		remove()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		return rest[0] == 'T'
	}
}

func TestPause(t *testing.T) {
	w := &Work{}
	stopped := process(t, w)
	want := func(is bool, when string) {
		t.Helper()
		for late := time.Now().Add(10 * time.Second); stopped() != is; time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("%s it is stopped: %t", when, !is)
			}
		}
	}
	want(false, "at first")
	resume := w.Pause()
	want(true, "in a pause")
	again := w.Pause()
	resume()
	want(true, "in the second of two pauses")
	done := w.Hurry()
	want(false, "while somebody waits")
	done()
	want(true, "when nobody waits any more")
	late := process(t, w)
	for !late() {
		time.Sleep(time.Millisecond)
	}
	want(false, "when the pause has lasted long enough")
	again()
	resume()
	if w.pauses != 0 || w.hurries != 0 {
		t.Errorf("%d pauses and %d hurries are left", w.pauses, w.hurries)
	}
}

func TestOutput(t *testing.T) {
	w := &Work{}
	out, err := w.Output(exec.Command("sh", "-c", "sleep 0.1; nice"))
	if err != nil || strings.TrimSpace(string(out)) != "19" {
		t.Errorf("the priority is %q, %v", out, err)
	}
	var failed *exec.ExitError
	if _, err := w.Output(exec.Command("false")); !errors.As(err, &failed) {
		t.Errorf("a command that fails gives %v", err)
	}
	if _, err := w.Output(exec.Command("no such program")); err == nil {
		t.Error("a program that is not there gives no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := w.Output(exec.CommandContext(ctx, "sh", "-c", "sleep 600; true")); err == nil {
		t.Error("a command that was stopped gives no error")
	}
	if len(w.groups) != 0 {
		t.Errorf("of what has ended, %v is left", w.groups)
	}
}

func TestNone(t *testing.T) {
	var w *Work
	w.Pause()()
	w.Hurry()()
	w.Add(1 << 30)()
}
