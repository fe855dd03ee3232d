package mnist

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/internal/fault"
)

// Synthetic draws n digits, with strokes as people write them: bent, slanted, thick and thin, no two alike.
// They are made as MNIST's are, 20 × 20 pixels large about their centre of mass, so that a network that learnt
// from them reads MNIST too: the lesson's, after 6,000 of them, about 95 % of its test digits.
//
// The same seed gives the same digits, and more of them begin with the same ones. Different seeds have none in
// common. images are uint8 [n, 28, 28], labels uint8 [n], in random order.
func Synthetic(n int, seed uint64) (images, labels *array.Array) {
	if n < 0 {
		fault.Panicf("mnist.Synthetic is to draw %d digits, but there cannot be fewer than none", n)
	}
	pixels, answers := make([]uint8, n*side*side), make([]uint8, n)
	const batch = 256
	var group sync.WaitGroup
	batches := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			source := new(rand.PCG)
			p := &pen{rng: rand.New(source)}
			for first := range batches {
				for i := first; i < min(first+batch, n); i++ {
					source.Seed(seed, uint64(i)) // each digit for itself, whoever draws it
					answers[i] = uint8(p.rng.IntN(10))
					p.digit(int(answers[i]), pixels[i*side*side:(i+1)*side*side])
				}
			}
		})
	}
	for first := 0; first < n; first += batch {
		batches <- first
	}
	close(batches)
	group.Wait()
	return array.From(pixels, n, side, side), array.From(answers, n)
}

// drawing counts the versions of what Synthetic draws, so that no digits of an old one are taken from the cache.
const drawing = 1

// synthetic loads the lesson's synthetic digits from the cache. What is not there, or damaged, it draws, and
// keeps it there if it can.
func synthetic() *Digits {
	dir, err := folder()
	paths := [4]string{}
	for i, f := range Files {
		paths[i] = filepath.Join(dir, fmt.Sprintf("synthetic-%d", drawing), f.Name)
	}
	const source = "Synthetic digits"
	if err == nil {
		if d, err := loadFiles(paths, source); err == nil && d.TrainLabels.Len() == Files[0].Shape[0] && d.TestLabels.Len() == Files[2].Shape[0] {
			d.Synthetic = true
			return d
		}
	}
	d := &Digits{Source: source, Synthetic: true}
	d.TrainImages, d.TrainLabels = Synthetic(Files[0].Shape[0], 1)
	d.TestImages, d.TestLabels = Synthetic(Files[2].Shape[0], 2)
	if err != nil {
		return d
	}
	for i, a := range d.all() {
		file := encode(*a)
		if cache.Write(paths[i], bytes.NewReader(file), cache.Content{Size: int64(len(file))}) != nil {
			break // without the cache they are drawn again the next time
		}
	}
	return d
}
