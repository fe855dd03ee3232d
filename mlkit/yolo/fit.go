package yolo

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"

	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// FitOptions say how long and how fast a network learns.
type FitOptions struct {
	// Steps is how many batches are learnt from; 1,000 if it is 0.
	Steps int
	// LearningRate is the highest; 0.001 if it is 0. It grows from 0 during the first WarmUp steps, a tenth of all if
	// that is 0, and falls along half a cosine to a hundredth.
	LearningRate float64
	WarmUp       int
	// Augment changes the pictures at random.
	Augment dataset.Augment
	// Seed decides the pictures' order and changes.
	Seed uint64
	// Progress is told each step's loss.
	Progress func(step int, loss Loss)
}

// rate is the learning rate of a step.
func (o FitOptions) rate(step int) float64 {
	if step < o.WarmUp {
		return o.LearningRate * float64(step+1) / float64(o.WarmUp)
	}
	part := float64(step-o.WarmUp) / float64(max(1, o.Steps-o.WarmUp))
	return o.LearningRate * (0.01 + 0.99*(1+math.Cos(math.Pi*part))/2)
}

// Fit learns from a set of pictures. Interrupted by the context, it stops after the step at hand, with what was
// learnt.
func (t *Trainer) Fit(ctx context.Context, set dataset.Set, o FitOptions) error {
	if set.Len() == 0 {
		return errors.New("yolo: there is no picture to learn from")
	}
	if o.Steps == 0 {
		o.Steps = 1000
	}
	if o.LearningRate == 0 {
		o.LearningRate = 0.001
	}
	if o.WarmUp == 0 {
		o.WarmUp = o.Steps / 10
	}
	// The next batch is made while the network learns from this one.
	type batch struct {
		examples []Example
		err      error
	}
	batches := make(chan batch)
	loading, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(batches)
		next := pupil{set: set, options: o, width: t.config.Width, height: t.config.Height, epoch: -1}
		for range o.Steps {
			examples, err := next.batch(t.settings.Batch)
			select {
			case batches <- batch{examples, err}:
			case <-loading.Done():
				return
			}
		}
	}()
	for step := range o.Steps {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b := <-batches:
			if b.err != nil {
				return b.err
			}
			loss, err := t.Step(b.examples, o.rate(step))
			if err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(step, loss)
			}
		}
	}
	return nil
}

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

// Evaluate holds what a model finds in a set against what is there.
func Evaluate(m *Model, set dataset.Set, options Options) (*detection.Result, error) {
	var found [][]detection.Detection
	var truth [][]detection.Truth
	for i := range set.Len() {
		s, err := set.Sample(i)
		if err != nil {
			return nil, err
		}
		all, err := m.DetectAll([]image.Image{s.Image}, options)
		if err != nil {
			return nil, fmt.Errorf("picture %d: %w", i, err)
		}
		var there []detection.Truth
		for _, o := range s.Objects {
			there = append(there, detection.Truth{Detection: detection.Detection{Class: o.Class, Box: o.Box}, Difficult: o.Difficult})
		}
		found, truth = append(found, all[0]), append(truth, there)
	}
	return detection.Evaluate(found, truth)
}
