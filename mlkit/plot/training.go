package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gopherlens/mlkit/internal/fault"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Training draws how a detector's training goes, from the history that yolo.FitOptions.Curves is given, with a value
// for each step: the three parts of the loss ("box", "objectness", "classes"), the "learning rate" and, where they are
// measured, "mAP@0.5" and "COCO mAP". Losses that differ widely stand on a logarithmic axis. Of many steps, means of
// some at a time are drawn. Values that are not finite are left out.
func Training(history map[string][]float64) *Figure {
	panels := []panel{
		{name: "loss", curves: []curve{
			{label: "box", color: blue},
			{label: "objectness", color: orange, dashes: []vg.Length{5, 3}},
			{label: "classes", color: green, dashes: []vg.Length{2, 2}},
		}},
		{name: "learning rate", curves: []curve{{label: "learning rate", color: grey}}},
		{name: "mean average precision", axis: fromZeroToOne, curves: []curve{
			{label: "mAP@0.5", color: blue, mark: draw.CircleGlyph{}},
			{label: "COCO mAP", color: orange, mark: draw.BoxGlyph{}, dashes: []vg.Length{5, 3}},
		}},
	}
	steps := 0
	for key, values := range history {
		if steps != 0 && len(values) != steps {
			fault.Panicf("plot.Training needs a value for each step, and %q has %d of them where others have %d", key, len(values), steps)
		}
		steps = len(values)
	}
	alt := "Training over " + count(steps, "step") + "."
	for i := range panels {
		p := &panels[i]
		p.curves = slices.DeleteFunc(p.curves, func(c curve) bool { return len(history[c.label]) == 0 })
		for k := range p.curves {
			c := &p.curves[k]
			what := c.label
			if i == 0 {
				what += " loss"
			}
			if c.points = thinned(finite(history[c.label])); len(c.points) == 0 {
				continue
			}
			first, last := c.points[0].Y, c.points[len(c.points)-1].Y
			switch {
			case len(c.points) == 1 || first == last:
				alt += fmt.Sprintf(" The %s is %.3g.", what, last)
			case last < first:
				alt += fmt.Sprintf(" The %s falls from %.3g to %.3g.", what, first, last)
			default:
				alt += fmt.Sprintf(" The %s rises from %.3g to %.3g.", what, first, last)
			}
		}
	}
	panels = slices.DeleteFunc(panels, func(p panel) bool { return len(p.curves) == 0 })
	if steps == 0 || len(panels) == 0 {
		fault.Panicf("plot.Training has nothing to draw: the history has no steps yet")
	}
	for i := range panels {
		switch p := &panels[i]; p.name {
		case "loss":
			p.scale()
		case "learning rate": // the axis has the name; the end of the line may have the number
			if points := p.curves[0].points; len(points) > 0 {
				p.curves[0].label = strconv.FormatFloat(points[len(points)-1].Y, 'g', 2, 64)
			}
		}
	}
	return inRow(alt, panels, "step", countTicks{steps, 5})
}

// thinned makes means of neighbours, so that no more than 100 points are left.
func thinned(points plotter.XYs) plotter.XYs {
	const most = 100
	n := (len(points) + most - 1) / most
	if n < 2 {
		return points
	}
	var thin plotter.XYs
	for part := range slices.Chunk(points, n) {
		var sum plotter.XY
		for _, p := range part {
			sum.X, sum.Y = sum.X+p.X, sum.Y+p.Y
		}
		thin = append(thin, plotter.XY{X: sum.X / float64(len(part)), Y: sum.Y / float64(len(part))})
	}
	return thin
}

// scale makes the axis logarithmic if it has to show more than one order of magnitude.
func (pa *panel) scale() {
	low, high := math.Inf(1), math.Inf(-1)
	for _, c := range pa.curves {
		for _, p := range c.points {
			low, high = min(low, p.Y), max(high, p.Y)
		}
	}
	if low > 0 && high > 10*low {
		pa.axis = func(y *gonum.Axis) { y.Scale, y.Tick.Marker = gonum.LogScale{}, logTicks{} }
	}
}

// logTicks makes ticks at powers of ten; where these are few, at twice and five times as much too, and where they are
// many, at some of them.
type logTicks struct{}

func (logTicks) Ticks(low, high float64) (ticks []gonum.Tick) {
	first, last := math.Floor(math.Log10(low)), math.Log10(high)
	factors, apart := []float64{1, 2, 5}, 1.0
	if last-first > 4 {
		factors, apart = factors[:1], math.Ceil((last-first)/8)
	}
	for power := first; power <= last; power += apart {
		for _, factor := range factors {
			if value := factor * math.Pow(10, power); value >= low && value <= high {
				ticks = append(ticks, gonum.Tick{Value: value, Label: strconv.FormatFloat(value, 'g', 3, 64)})
			}
		}
	}
	return ticks
}

// fromZeroToOne is the axis of what is a part.
func fromZeroToOne(a *gonum.Axis) {
	a.Min, a.Max = 0, 1
	a.Tick.Marker = gonum.ConstantTicks{{Value: 0, Label: "0"}, {Value: 0.2, Label: "0.2"}, {Value: 0.4, Label: "0.4"}, {Value: 0.6, Label: "0.6"}, {Value: 0.8, Label: "0.8"}, {Value: 1, Label: "1"}}
}
