package parallel

import (
	"sync/atomic"
	"testing"
)

func TestDo(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 100} {
		times := make([]atomic.Int32, n)
		Do(n, func(first, end int) {
			for i := first; i < end; i++ {
				times[i].Add(1)
			}
		})
		for i := range times {
			if times[i].Load() != 1 {
				t.Errorf("of %d, %d was done %d times", n, i, times[i].Load())
			}
		}
	}
}
