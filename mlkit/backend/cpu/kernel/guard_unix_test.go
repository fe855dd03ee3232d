//go:build unix

package kernel

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns n elements of T that lie against a page which must not be touched: behind them, or
// before them if low. A kernel that reads or writes past the slice dies.
func guarded[T any](t testing.TB, n int, low bool) []T {
	t.Helper()
	page := os.Getpagesize()
	var zero T
	size := (n*int(unsafe.Sizeof(zero)) + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	for _, guard := range [][]byte{all[:page], all[page+size:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { syscall.Munmap(all) })
	at := page
	if !low {
		at += size - n*int(unsafe.Sizeof(zero))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(all[at:]))), n)
}
