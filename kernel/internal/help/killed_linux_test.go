package help

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilled kills a kernel that cannot clean up, and looks whether its gopls ends, which ignores that its standard
// input has.
func TestKilled(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "log")
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module gopherlens\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	kernel := exec.Command(os.Args[0])
	kernel.Env = append(os.Environ(), "FAKE_KERNEL="+root, "FAKE_GOPLS=deaf", "FAKE_LOG="+path)
	if err := kernel.Start(); err != nil {
		t.Fatal(err)
	}
	log := ""
	for !strings.HasSuffix(log, "\n") {
		text, _ := os.ReadFile(path) // it is not there at first
		log = string(text)
		time.Sleep(10 * time.Millisecond)
	}
	_ = kernel.Process.Kill()
	_ = kernel.Wait()
	pid := pidIn(t, log)
	for range 500 {
		stat, err := os.ReadFile("/proc/" + strings.Fields(log)[1] + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Errorf("gopls, process %d, outlived its kernel", pid)
}
