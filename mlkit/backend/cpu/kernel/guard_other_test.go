//go:build !unix

package kernel

import "testing"

// guarded returns n elements of T between others that must stay zero.
func guarded[T comparable](t testing.TB, n int, low bool) []T {
	t.Helper()
	const rim = 64
	all := make([]T, n+2*rim)
	t.Cleanup(func() {
		var zero T
		for i, x := range all {
			if (i < rim || i >= rim+n) && x != zero {
				t.Errorf("element %d beside a slice of %d was written", i-rim, n)
			}
		}
	})
	return all[rim : rim+n : rim+n]
}
