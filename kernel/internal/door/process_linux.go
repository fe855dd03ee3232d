package door

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// guarded are the attributes of a process that has a process group of its own, and dies with its parent.
func guarded() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// adoptOrphans makes this process the parent of what its descendants leave behind.
func adoptOrphans() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// removePipes removes the named pipes through which GoNB and a cell talk. GoNB does that, unless it is killed.
func removePipes(cell int) {
	environ, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(cell), "environ")) // none if it has ended
	for pair := range strings.SplitSeq(string(environ), "\x00") {
		name, path, _ := strings.Cut(pair, "=")
		if name != "GONB_PIPE" && name != "GONB_PIPE_BACK" {
			continue
		}
		if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeNamedPipe {
			_ = os.Remove(path)
		}
	}
}

// process is a process and the program that it runs, shortened by the system to 15 bytes.
type process struct {
	pid  int
	name string
}

// descendants are the processes below pid.
func descendants(pid int) []process {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	children := map[int][]process{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil { // it has ended
			continue
		}
		before, after, _ := strings.Cut(string(text), " (")
		last := strings.LastIndexByte(after, ')') // the name may have one, too
		fields := strings.Fields(after[last+1:])
		if last < 0 || len(fields) < 2 || fields[0] == "Z" {
			continue
		}
		child, _ := strconv.Atoi(before)
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], process{child, after[:last]})
	}
	below := children[pid]
	for i := 0; i < len(below); i++ {
		below = append(below, children[below[i].pid]...)
	}
	return below
}
