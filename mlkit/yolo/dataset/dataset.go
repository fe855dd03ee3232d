// Package dataset is what a detector is trained on: pictures with a box around each object.
package dataset

import (
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
