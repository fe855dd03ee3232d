package cpu

import (
	"syscall"
	"unsafe"
)

// hugePages asks for pages of 2 MiB where memory is large. A panel of a wide matrix takes a few elements of each
// row: with small pages, every row would be looked up in the page table. Where there are none, nothing is lost.
func hugePages(raw []byte) {
	const page = 2 << 20
	skip := int(-uintptr(unsafe.Pointer(&raw[0])) & (page - 1))
	if n := (len(raw) - skip) &^ (page - 1); n > 0 {
		_ = syscall.Madvise(raw[skip:skip+n], syscall.MADV_HUGEPAGE)
	}
}
