package kernel

import (
	"math"
	"math/rand/v2"
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

// numbers returns n guarded values in [-1, 1), which side by the seed.
func numbers(t testing.TB, n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := guarded[float32](t, n, seed%2 == 0)
	for i := range x {
		x[i] = 2*r.Float32() - 1
	}
	return x
}

// canary fills the elements of x that no kernel may write; intact finds out whether one did.
const canary = 12345.678

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// eachLevel runs a subtest for every level of the machine.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	EachLevel(func(l Level) { t.Run(l.String(), f) })
}

// near tells whether got is want within a relative error of the sum's magnitude.
func near(got float32, want, magnitude, tolerance float64) bool {
	if math.IsNaN(want) {
		return got != got
	}
	if math.IsInf(want, 0) {
		return float64(got) == want
	}
	return math.Abs(float64(got)-want) <= tolerance*max(magnitude, 1e-30)
}
