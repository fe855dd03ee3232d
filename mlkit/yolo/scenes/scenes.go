// Package scenes draws pictures to train a small detector with: coloured shapes and handwritten digits on cluttered
// grounds, as many as anyone wants.
//
//	train := scenes.New(1, 10_000, 160)
//	sample, err := train.Sample(0) // a picture of 160 × 160 pixels, and what it shows
//
// A detector that learns from them needs no photos, no labels made by hand and no network.
package scenes

import (
	"fmt"
	"math/rand/v2"

	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
)

// names are those of the classes: first the shapes, then the digits.
var names = [...]string{"circle", "square", "triangle", "star", "heart", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

const (
	maxObjects = 6
	minSide    = .12 // of an object's longer side, in parts of the picture's
	maxSide    = .50
	minShorter = .05 // of a digit's shorter side, unless the longer one would be too long
	maxOverlap = .30 // of two boxes, in parts of the smaller one
)

// New gives n pictures of size × size pixels. Each depends on the seed and its number only, so the same seed gives the
// same pictures and a larger n begins with those of a smaller one; different seeds have none in common. They are
// drawn when they are asked for, in less than two milliseconds each for a size of 160.
//
// A picture shows 1 to 6 objects of 15 classes: "circle", "square", "triangle", "star", "heart", and "0" to "9". Their
// boxes are tight, lie wholly in the picture, and share at most 30 % of the smaller one. What another object covers
// belongs to the box all the same. New panics if n is negative, or the size is not from 64 to 4096.
func New(seed uint64, n int, size int) dataset.Set {
	if n < 0 {
		fault.Panicf("scenes.New is to draw %d pictures, but there cannot be fewer than none", n)
	}
	if size < 64 || size > 4096 {
		fault.Panicf("scenes.New is to draw pictures of %d × %d pixels: give a size from 64 to 4096", size, size)
	}
	return &set{seed, n, size}
}

type set struct {
	seed    uint64
	n, size int
}

func (s *set) Len() int { return s.n }

func (s *set) Names() []string { return append([]string(nil), names[:]...) }

func (s *set) Sample(i int) (dataset.Sample, error) {
	if i < 0 || i >= s.n {
		return dataset.Sample{}, fmt.Errorf("there is no picture %d: the set has %d, counted from 0", i, s.n)
	}
	return paint(rand.New(rand.NewPCG(s.seed, uint64(i))), s.size, s.size), nil
}

// Draw draws one picture of width × height pixels by the rules of New, with objects sized by its shorter side: for
// what a photo is wanted for, 640 × 480 say. Its pictures are none of New's. It panics if a side is not from 64 to 4096.
func Draw(seed uint64, width, height int) dataset.Sample {
	if least, most := min(width, height), max(width, height); least < 64 || most > 4096 {
		fault.Panicf("scenes.Draw is to draw a picture of %d × %d pixels: give sides from 64 to 4096", width, height)
	}
	return paint(rand.New(rand.NewPCG(seed, 1<<63)), width, height)
}

// paint draws a background and what stands before it.
func paint(rng *rand.Rand, width, height int) dataset.Sample {
	p := newPainter(rng, width, height)
	p.background()
	var objects []dataset.Object
	for range 1 + p.rng.IntN(maxObjects) {
		class := p.rng.IntN(5)
		var stamp stamp
		if p.rng.IntN(3) == 0 {
			stamp = p.shape(class)
		} else {
			class, stamp = p.digit()
		}
		// Where there is no room left, the picture has one object less.
		if p.place(&stamp, objects) {
			p.press(stamp)
			box := stamp.box
			objects = append(objects, dataset.Object{Class: class, Box: detection.Box{
				X1: float64(box.Min.X), Y1: float64(box.Min.Y), X2: float64(box.Max.X), Y2: float64(box.Max.Y)}})
		}
	}
	p.finish()
	return dataset.Sample{Image: p.img, Objects: objects}
}

// Samples are three pictures of 640 × 480 pixels for those who have no photo at hand.
func Samples() []dataset.Sample {
	var all []dataset.Sample
	for _, seed := range []uint64{6, 59, 9} {
		all = append(all, Draw(seed, 640, 480))
	}
	return all
}
