package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/yolo/detection"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// PrecisionRecall draws what a detector's evaluation found: for each class, which part of the detections is right
// (precision) where which part of the objects is found (recall), at an IoU of 0.5, and the mean of all classes. As for
// the average precision, each precision is the best at that recall or a higher one. Up to six classes have a colour
// and their average precision each; of more, the best and the worst have.
func PrecisionRecall(r *detection.Result) *Figure {
	classes := slices.DeleteFunc(slices.Clone(r.Classes), func(c detection.ClassResult) bool { return c.Truths == 0 })
	if len(classes) == 0 {
		fault.Panicf("plot.PrecisionRecall has nothing to draw: there is no object to be found in the photos")
	}
	slices.SortStableFunc(classes, func(a, b detection.ClassResult) int { return cmp.Compare(b.AP50, a.AP50) })
	name := func(c detection.ClassResult) string { return cmp.Or(c.Name, fmt.Sprint(c.Class)) }
	best, worst := classes[0], classes[len(classes)-1]
	alt := fmt.Sprintf("Precision against recall of %s, average precision %.3f.", name(best), best.AP50)
	if len(classes) > 1 {
		alt = fmt.Sprintf("Precision against recall of %d classes, mAP@0.5 %.3f.", len(classes), r.MAP50)
		alt += fmt.Sprintf(" The best is %s with an average precision of %.3f, the worst %s with %.3f.", name(best), best.AP50, name(worst), worst.AP50)
	}

	styles := []draw.LineStyle{
		{Color: blue}, {Color: orange, Dashes: []vg.Length{5, 3}}, {Color: green, Dashes: []vg.Length{2, 2}},
		{Color: color.NRGBA{0xcc, 0x79, 0xa7, 0xff}}, {Color: color.NRGBA{0x56, 0xb4, 0xe9, 0xff}, Dashes: []vg.Length{5, 3}},
		{Color: color.NRGBA{0xe6, 0x9f, 0x00, 0xff}, Dashes: []vg.Length{2, 2}},
	}
	var lines []*plotter.Line
	var legend []entry
	add := func(precisions [101]float64, style draw.LineStyle, label string) {
		var points plotter.XYs
		for i, precision := range precisions {
			points = append(points, plotter.XY{X: float64(i) / 100, Y: precision})
			if precision == 0 { // so many are not found
				break
			}
		}
		lines = append(lines, &plotter.Line{XYs: points, LineStyle: style})
		if label != "" {
			legend = append(legend, entry{style, label})
		}
	}
	var mean [101]float64
	for i, c := range classes {
		precisions := c.Interpolated()
		for k, precision := range precisions {
			mean[k] += precision / float64(len(classes))
		}
		style, label := draw.LineStyle{Color: mix(white, grey, 0.4), Width: 0.8}, ""
		switch {
		case len(classes) <= len(styles):
			style, label = styles[i], fmt.Sprintf("%s, AP %.3f", name(c), c.AP50)
			style.Width = 1.2
		case i == 0:
			style, label = draw.LineStyle{Color: blue, Width: 1.2}, fmt.Sprintf("best: %s, AP %.3f", name(c), c.AP50)
		case i == len(classes)-1:
			style, label = draw.LineStyle{Color: orange, Width: 1.2, Dashes: []vg.Length{5, 3}}, fmt.Sprintf("worst: %s, AP %.3f", name(c), c.AP50)
		case i == 1:
			label = "the other classes"
		}
		add(precisions, style, label)
	}
	if len(classes) > 1 {
		add(mean, draw.LineStyle{Color: ink, Width: 2.5}, fmt.Sprintf("mean, mAP@0.5 %.3f", r.MAP50))
		last := len(legend) - 1
		legend = append([]entry{legend[last]}, legend[:last]...)
	}

	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = "recall", "precision"
	p.X.Padding, p.Y.Padding = 0, 0
	fromZeroToOne(&p.X)
	fromZeroToOne(&p.Y)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color, grid.Horizontal.Width = nil, pale, 0.5
	p.Add(grid)
	for _, l := range lines {
		p.Add(l)
	}
	const side, gap, sample, row = 260, 16, 22, 15
	text := aligned(words(small, ink), draw.XLeft, draw.YCenter)
	beside := vg.Length(0)
	for i := range legend {
		legend[i].label = shorten(legend[i].label, text, 160)
		beside = max(beside, text.Width(legend[i].label))
	}
	beside = gap + sample + 6 + 1.1*beside // a page's font may be wider
	return &Figure{
		Alt: alt, width: side + beside, height: side,
		draw: func(c draw.Canvas) {
			p.Draw(draw.Crop(c, 0, -beside, 0, -4))
			for i, e := range legend {
				y := vg.Length(side) - row*(vg.Length(i)+0.5) - 4
				c.StrokeLine2(e.style, side+gap, y, side+gap+sample, y)
				c.FillText(text, vg.Point{X: side + gap + sample + 6, Y: y}, e.label)
			}
		},
	}
}

// entry is a line of a legend.
type entry struct {
	style draw.LineStyle
	label string
}
