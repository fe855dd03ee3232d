// Package parallel shares work among the cores.
package parallel

import (
	"runtime"
	"sync"
)

// Do calls do for the numbers from 0 to n−1, a range of them on each core, and returns when all are done.
func Do(n int, do func(first, end int)) {
	var done sync.WaitGroup
	parts := min(n, runtime.GOMAXPROCS(0))
	for i := range parts {
		done.Go(func() { do(i*n/parts, (i+1)*n/parts) })
	}
	done.Wait()
}
