package array

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// chunk is how many numbers a core takes at a time: enough to be worth the asking, and few enough that
// a core that is busy elsewhere does not keep the others waiting.
const chunk = 1 << 16

// inParallel calls do for the chunks of 0…n, on all cores, each call on [from, to).
func inParallel(n int, do func(from, to int)) {
	chunks := (n + chunk - 1) / chunk
	workers := min(chunks, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for from := 0; from < n; from += chunk {
			do(from, min(from+chunk, n))
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for {
				from := int(next.Add(1)-1) * chunk
				if from >= n {
					return
				}
				do(from, min(from+chunk, n))
			}
		})
	}
	done.Wait()
}
