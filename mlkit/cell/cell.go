// Package cell is what a notebook's cell shows: pictures, tables, text, progress and mistakes.
//
//	%%
//	digits := cell.Must(mnist.Load())          // or a sentence, if that fails
//	cell.Show(plot.Images(digits.TrainImages, plot.ImagesOptions{}))
//	cell.Show(cell.Table([]string{"array", "shape"}, [][]string{
//		{"TrainImages", fmt.Sprint(digits.TrainImages.Shape())},
//	}))
//
// It speaks GoNB's protocol itself, since a cell is a program that is linked while the learner waits
// and the protocol's own package takes longer to link than most cells. Outside a notebook everything
// is printed as text, so that the same code runs as an ordinary program.
package cell

import (
	"os"

	"gopherlens/mlkit/internal/fault"
)

// Show shows each value below the cell, in order. A value with a method HTML() string, as figures,
// tables and verdicts have, is shown as that HTML; an image.Image and the bytes of a PNG or of an SVG
// as a picture; an error as a card with its sentence; anything else as text.
//
// When Show returns, what it showed has arrived. Outside a notebook the values are printed as text.
func Show(values ...any) {
	for _, v := range values {
		display(bundleOf(v), "")
	}
}

// Must returns v where err is nil. Otherwise it shows the error's sentence and ends the cell.
func Must[T any](v T, err error) T {
	Check(err)
	return v
}

// Check does nothing where err is nil. Otherwise it shows the error's sentence and ends the cell with
// status 1.
func Check(err error) {
	if err != nil {
		fail(err.Error(), "")
	}
}

func init() {
	if inNotebook() {
		fault.Handler = func(mistake *fault.Error) { fail(mistake.Sentence, learnersLine()) }
	}
}

// fail ends the program with a sentence, and with the learner's line that it is about if that is known.
func fail(sentence, line string) {
	if inNotebook() {
		display(errorCard(sentence, line), "")
	} else {
		os.Stderr.WriteString(sentence + "\n")
	}
	os.Exit(1)
}
