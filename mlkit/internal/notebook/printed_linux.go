package notebook

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// waitForPrinted waits until what was written to those of the files that are pipes has been read by
// whoever is at the other end, but not longer than atMost, and tells whether any of them is a pipe.
func waitForPrinted(atMost time.Duration, files ...*os.File) (piped bool) {
	for end := time.Now().Add(atMost); ; time.Sleep(20 * time.Microsecond) {
		waiting := false
		for _, f := range files {
			if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
				continue
			}
			piped = true
			var unread int32
			_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCINQ, uintptr(unsafe.Pointer(&unread)))
			waiting = waiting || errno == 0 && unread > 0
		}
		if !waiting || time.Now().After(end) {
			return piped
		}
	}
}
