package plot

import (
	"fmt"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// Mistakes draws the first pictures, up to twenty-four, whose predicted class is not their actual one,
// with both below: "4, read as 9". The images are as for Images; actual and predicted have the shape
// [n] and hold class numbers, which classes may name.
func Mistakes(images, actual, predicted *array.Array, classes ...string) *Figure {
	const most, columns = 24, 6
	p := picturesOf("Mistakes", images)
	was, read := classNumbers("Mistakes", "actual", actual), classNumbers("Mistakes", "predicted", predicted)
	sameLength("Mistakes", was, read)
	if p.n != len(was) {
		fault.Panicf("plot.Mistakes needs a class for each picture, and there are %d pictures and %d classes", p.n, len(was))
	}
	var wrong []int
	for i := range was {
		if was[i] != read[i] {
			wrong = append(wrong, i)
		}
	}
	if len(wrong) == 0 {
		return message(fmt.Sprintf("No mistakes: all %s are right.", thousands(p.n)))
	}

	g := grid{title: fmt.Sprintf("%s of %s read wrong", thousands(len(wrong)), thousands(p.n))}
	if len(wrong) > most {
		wrong = wrong[:most]
		g.title += fmt.Sprintf(", the first %d of them", most)
	}
	g.columns = min(columns, len(wrong))
	s := scaleOf(images)
	var labels []string
	for _, i := range wrong {
		label := fmt.Sprintf("%s, read as %s", className(classes, was[i]), className(classes, read[i]))
		labels = append(labels, label)
		g.tiles = append(g.tiles, tile{p.at(i, s), label})
	}
	return g.figure(fmt.Sprintf("%s: %s.", g.title, strings.Join(labels, "; ")))
}
