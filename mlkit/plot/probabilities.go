package plot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Probabilities draws one prediction, of shape [classes], as a bar for each class, the most probable
// one in colour. Classes are named by classes, and by their numbers where it is too short.
func Probabilities(p *array.Array, classes ...string) *Figure {
	if p.Dims() != 1 || p.Len() == 0 || p.Len() > maxClasses {
		fault.Panicf("plot.Probabilities draws one prediction of shape (classes,), with up to %d classes, and this array has the shape %s: "+
			"take one of its rows with Index", maxClasses, tuple(p.Shape()))
	}
	values := array.Values[float64](p)
	names := make([]string, len(values))
	order := make([]int, len(values)) // the most probable first
	for i, v := range values {
		if !(v >= 0 && v <= 1.0001) {
			fault.Panicf("plot.Probabilities draws numbers from 0 to 1, and number %d is %g", i, v)
		}
		names[i], order[i] = className(classes, i), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	best := order[0]

	var said []string
	for _, i := range order[:min(3, len(order))] {
		said = append(said, fmt.Sprintf("%s with %s", names[i], percent(min(values[i], 1))))
	}
	const heading, line, gap, longest, number = 22, 18, 6, 220, 52
	name := aligned(words(medium, ink), draw.XRight, draw.YCenter)
	left := vg.Length(0)
	for _, n := range names {
		left = max(left, name.Width(n))
	}
	f := &Figure{
		Alt:    fmt.Sprintf("Probabilities of %d classes. The most probable: %s.", len(values), strings.Join(said, ", ")),
		width:  left + gap + longest + gap + number,
		height: heading + vg.Length(len(values))*line,
	}
	f.draw = func(c draw.Canvas) {
		c.FillText(aligned(bold(words(large, ink)), draw.XLeft, draw.YTop), vg.Point{X: 0, Y: f.height}, "Probability of each class")
		for i, v := range values {
			middle := f.height - heading - (vg.Length(i)+0.5)*line
			bar, label, value := grey, name, aligned(words(medium, grey), draw.XLeft, draw.YCenter)
			if i == best {
				bar, label, value = blue, bold(name), bold(value)
				value.Color = ink
			}
			end := left + gap + vg.Length(min(v, 1))*longest
			c.FillText(label, vg.Point{X: left, Y: middle}, names[i])
			fillRect(c, vg.Rectangle{Min: vg.Point{X: left + gap, Y: middle - 6}, Max: vg.Point{X: end, Y: middle + 6}}, bar)
			c.FillText(value, vg.Point{X: end + gap, Y: middle}, percent(min(v, 1)))
		}
		axis := draw.LineStyle{Color: grey, Width: 0.5}
		c.StrokeLine2(axis, left+gap, 0, left+gap, f.height-heading)
	}
	return f
}
