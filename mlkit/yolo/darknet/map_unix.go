//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package darknet

import (
	"encoding/binary"
	"os"
	"syscall"
)

// mapFile maps a file into memory. What is written there stays in this process.
func mapFile(file *os.File) (data []byte, unmap func() error, err error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 { // the numbers must lie as they do in the file
		return nil, nil, errCannotMap
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 || int64(int(info.Size())) != info.Size() {
		return nil, nil, errCannotMap
	}
	data, err = syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
	if err != nil { // a file system that cannot map
		return nil, nil, err
	}
	return data, func() error { return syscall.Munmap(data) }, nil
}
