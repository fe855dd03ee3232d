package yolo

import (
	"math/rand/v2"

	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// A pupil goes through a set: every picture comes once in an epoch, in an order of the epoch's own.
type pupil struct {
	set           dataset.Set
	options       FitOptions
	width, height int // of the network's input
	at, epoch     int // pictures that it has seen, and the epoch whose order this is
	order         []int
}

// batch makes the next n examples.
func (p *pupil) batch(n int) ([]Example, error) {
	o := p.options
	o.Augment.Fit = photo.Stretch
	examples := make([]Example, n)
	for i := range examples {
		if e := p.at / p.set.Len(); e != p.epoch {
			p.epoch = e
			p.order = rand.New(rand.NewPCG(o.Seed, uint64(e))).Perm(p.set.Len())
		}
		sample, err := p.set.Sample(p.order[p.at%p.set.Len()])
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(o.Seed, 1<<32+uint64(p.at)))
		other := func() (dataset.Sample, error) { return p.set.Sample(rng.IntN(p.set.Len())) }
		if sample, err = o.Augment.Apply(rng, sample, other, p.width, p.height); err != nil {
			return nil, err
		}
		examples[i] = example(sample, p.width, p.height)
		p.at++
	}
	return examples, nil
}

// example is a sample as a network of that input learns from it.
func example(s dataset.Sample, width, height int) Example {
	var e Example
	e.Picture, _ = photo.Prepare(s.Image, width, height, photo.Stretch, photo.HalfPixel)
	size := s.Image.Bounds().Size()
	w, h := float64(size.X), float64(size.Y)
	for _, o := range s.Objects {
		e.Objects = append(e.Objects, Object{o.Class, detection.Box{X1: o.Box.X1 / w, Y1: o.Box.Y1 / h, X2: o.Box.X2 / w, Y2: o.Box.Y2 / h}})
	}
	return e
}
