// Package dataset is what a detector is trained on: pictures with a box around each object.
//
//	set, err := dataset.Open("balls") // balls/images, balls/labels, balls/names.txt
//	if err != nil {
//		log.Fatal(err)
//	}
//	sample, err := set.Sample(0)
//	…
//	varied, err := dataset.Augment{Flip: true, Crop: .2, Hue: .1, Saturation: 1.5, Exposure: 1.5}.Apply(rng, sample, nil, 416, 416)
//
// Open reads YOLO's text labels, Darknet's .data files and Pascal VOC. Augment makes many pictures of one, and Anchors
// finds the sizes that objects have.
package dataset

import (
	"fmt"
	"image"

	"gopherlens/mlkit/yolo/detection"
)

// An Object is something that a picture shows.
type Object struct {
	Class     int           // the number of its class, from 0
	Box       detection.Box // in pixels of the picture, counted from its upper left corner
	Difficult bool          // so hard to see that a detector need not find it
}

// A Sample is a picture and all that it shows of the set's classes.
type Sample struct {
	Image   *image.RGBA // opaque
	Objects []Object
}

// A Set is a number of samples. Several goroutines may use it at once.
type Set interface {
	Len() int
	// Sample reads or draws sample i, from 0 to Len()-1. It belongs to the caller.
	Sample(i int) (Sample, error)
	// Names are those of the classes, in the order of their numbers.
	Names() []string
}

// An Error says what is wrong with a file of a data set.
type Error struct {
	File   string // or the folder
	Line   int    // counted from 1; 0 if it is not about a line
	Reason string // and what to do
	Cause  error  // or nil
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Reason)
}

// Unwrap gives Cause.
func (e *Error) Unwrap() error { return e.Cause }
