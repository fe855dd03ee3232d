// Package cell is what a notebook's cell shows: pictures, tables, text, progress and mistakes.
//
//	digits := cell.Must(mnist.Load()) // or the reason why not, in a sentence
//
//	%%
//	cell.Show("The digits:", digits)
//	cell.Show(cell.Table([]string{"array", "shape"}, [][]string{
//		{"TrainImages", fmt.Sprint(digits.TrainImages.Shape())},
//		{"TestImages", fmt.Sprint(digits.TestImages.Shape())},
//	}))
//
// A cell is a program that GoNB compiles, links and runs while the learner waits. So this package
// speaks GoNB's protocol by itself (internal/notebook), since the protocol's own package would take longer
// to link than most cells; and it waits for each thing it shows to arrive, since what is still under
// way when the program ends is lost. Widgets of gonbui read the same pipe: use one or the other.
//
// Outside a notebook everything is printed as text, so that the same code runs as a program.
package cell

import "gopherlens/mlkit/internal/notebook"

// Show shows each value below the cell, in order:
//
//   - a value with a method HTML() string (a figure, a table, a verdict) as that HTML;
//   - an error as a card with its sentence;
//   - an image.Image, and a []byte that holds a PNG, a JPEG or an SVG, as a picture;
//   - anything else as fmt.Print prints it.
//
// When Show returns, the notebook has what it showed. Outside a notebook the values are printed.
func Show(values ...any) {
	for _, v := range values {
		notebook.Show(outputOf(v), "")
	}
}

// Must returns v if err is nil. If not, it shows the error's sentence and ends the cell with status 1.
func Must[T any](v T, err error) T {
	Check(err)
	return v
}

// Check does nothing if err is nil. If not, it shows the error's sentence and ends the cell with
// status 1.
func Check(err error) {
	if err != nil {
		notebook.Fail(err.Error())
	}
}
