//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package mnist

import (
	"os"
	"syscall"
)

// mapFile returns a file's content, which is read only where it is touched. What is written there stays in this
// process.
func mapFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || int64(int(info.Size())) != info.Size() {
		return os.ReadFile(path)
	}
	mapped, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
	if err != nil { // a file system that cannot map
		return os.ReadFile(path)
	}
	return mapped, nil
}
