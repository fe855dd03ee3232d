package cell

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// waitForPrinted waits until the reader of each pipe has taken what was written to it, but no longer
// than a tenth of a second, and tells whether any of the files was a pipe.
func waitForPrinted(files ...*os.File) (piped bool) {
	for end := time.Now().Add(100 * time.Millisecond); ; time.Sleep(20 * time.Microsecond) {
		waiting := false
		for _, f := range files {
			var unread int32
			_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCINQ, uintptr(unsafe.Pointer(&unread)))
			piped = piped || errno == 0
			waiting = waiting || errno == 0 && unread > 0
		}
		if !waiting || time.Now().After(end) {
			return piped
		}
	}
}
