package mnist

import (
	"math/rand/v2"
	"runtime"
	"sync"

	"gopherlens/mlkit/array"
)

// Synthetic draws n digits.
func Synthetic(n int, seed uint64) (images, labels *array.Array) {
	pixels, answers := make([]uint8, n*side*side), make([]uint8, n)
	const batch = 256
	var group sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), (n+batch-1)/batch) {
		group.Go(func() {
			source := new(rand.PCG)
			p := &pen{rng: rand.New(source)}
			for start := range next {
				for i := start; i < min(start+batch, n); i++ {
					source.Seed(seed, uint64(i))
					answers[i] = uint8(p.rng.IntN(10))
					p.digit(int(answers[i]), pixels[i*side*side:(i+1)*side*side])
				}
			}
		})
	}
	for start := 0; start < n; start += batch {
		next <- start
	}
	close(next)
	group.Wait()
	return array.From(pixels, n, side, side), array.From(answers, n)
}
