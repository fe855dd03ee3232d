package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"gopherlens/mlkit/internal/fault"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curves draws how training went, with a panel for each thing that was measured. The history has a
// value for each epoch under Keras' keys: "accuracy" and "loss" on the training data, "val_accuracy"
// and "val_loss" on the test data, and the same for other metrics. Values that are not finite are left
// out.
func Curves(history map[string][]float64) *Figure {
	epochs := 0
	for key, values := range history {
		if epochs != 0 && len(values) != epochs {
			fault.Panicf("plot.Curves needs a value for each epoch, and %q has %d of them where others have %d", key, len(values), epochs)
		}
		epochs = len(values)
	}
	if epochs == 0 {
		fault.Panicf("plot.Curves has nothing to draw: the history has no epochs yet")
	}

	var names []string
	for key := range maps.Keys(history) {
		if name := strings.TrimPrefix(key, "val_"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byRank)

	alt := "Training curves over " + count(epochs, "epoch") + "."
	panels := make([]panel, len(names))
	for i, name := range names {
		panels[i].name = name
		for _, c := range []curve{
			{label: "training", color: blue, mark: draw.CircleGlyph{}},
			{label: "test", color: orange, mark: draw.BoxGlyph{}, dashes: []vg.Length{5, 3}},
		} {
			key := name
			if c.label == "test" {
				key = "val_" + name
			}
			if epochs > 30 { // marks would hide the line
				c.mark = nil
			}
			if values := history[key]; len(values) > 0 {
				c.points = finite(values)
				panels[i].curves = append(panels[i].curves, c)
				alt += fmt.Sprintf(" The %s %s %s.", c.label, name, course(values))
			}
		}
	}
	return inRow(alt, panels, "epoch", countTicks{epochs, 10})
}

// Compare draws how two trainings did on the test data, with a panel for each thing that was measured and a curve for
// each training. The histories are as for [Curves]; they may have different numbers of epochs. Each panel begins with
// the worst value of the training whose worst is better, so that the slow beginning of the other does not make what
// matters small.
func Compare(nameA string, a map[string][]float64, nameB string, b map[string][]float64) *Figure {
	var panels []panel
	epochs := 0
	alt := fmt.Sprintf("Two trainings, %s and %s, on the test data.", nameA, nameB)
	for _, key := range slices.SortedFunc(maps.Keys(a), byRank) {
		name, tested := strings.CutPrefix(key, "val_")
		pointsA, pointsB := finite(a[key]), finite(b[key])
		if !tested || len(pointsA) == 0 || len(pointsB) == 0 {
			continue
		}
		epochs = max(epochs, len(a[key]), len(b[key]))
		from, to := narrower(pointsA, pointsB)
		panels = append(panels, panel{name: "test " + name, axis: func(y *gonum.Axis) { y.Min, y.Max = from, to }, curves: []curve{
			{label: nameA, points: pointsA, color: blue},
			{label: nameB, points: pointsB, color: orange, dashes: []vg.Length{5, 3}},
		}})
		alt += fmt.Sprintf(" The %s %s %s; %s it %s.", name, nameA, course(a[key]), nameB, course(b[key]))
	}
	if len(panels) == 0 {
		fault.Panicf("plot.Compare has nothing to draw: both trainings need a validation, and the same metrics")
	}
	return inRow(alt, panels, "epoch", countTicks{epochs, 10})
}

// narrower is the range from the worst value of the training whose worst is better to the best of both. Where the curves
// end is always within.
func narrower(a, b plotter.XYs) (from, to float64) {
	_, _, lowA, highA := plotter.XYRange(a)
	_, _, lowB, highB := plotter.XYRange(b)
	endA, endB := a[len(a)-1].Y, b[len(b)-1].Y
	from, to = min(lowA, lowB), max(highA, highB)
	if endA < a[0].Y { // less is better
		to = max(min(highA, highB), endA, endB)
	} else {
		from = min(max(lowA, lowB), endA, endB)
	}
	room := max((to-from)/20, math.Abs(to)/1000+1e-6)
	return from - room, to + room
}

// byRank sorts what was measured: accuracy and loss first.
func byRank(a, b string) int {
	rank := func(key string) string {
		name := strings.TrimPrefix(key, "val_")
		if i := slices.Index([]string{"accuracy", "loss"}, name); i >= 0 {
			return strconv.Itoa(i)
		}
		return "2" + name
	}
	return strings.Compare(rank(a), rank(b))
}

// inRow draws panels beside each other, of epochs or steps.
func inRow(alt string, panels []panel, unit string, ticks countTicks) *Figure {
	const width, height, gap = 250, 190, 20
	return &Figure{
		Alt:    alt,
		width:  vg.Length(len(panels))*(width+gap) - gap,
		height: height,
		draw: func(c draw.Canvas) {
			tiles := draw.Tiles{Rows: 1, Cols: len(panels), PadX: gap}
			for i, p := range panels {
				p.plot(unit, ticks).Draw(tiles.At(c, i, 0))
			}
		},
	}
}

// finite are the points of a curve that can be drawn: 1 and the first value, 2 and the second, …
func finite(values []float64) (points plotter.XYs) {
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			points = append(points, plotter.XY{X: float64(i + 1), Y: v})
		}
	}
	return points
}

// course says in words how a curve runs.
func course(values []float64) string {
	number := func(v float64) string {
		if a := math.Abs(v); a >= 1000 && a < 1e6 {
			return strconv.FormatFloat(v, 'f', 0, 64)
		}
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprintf("is not a finite number in epoch %d", i+1)
		}
	}
	first, last := values[0], values[len(values)-1]
	moves, best, name := "rises", slices.Max(values), "highest"
	switch {
	case len(values) == 1:
		return "is " + number(first)
	case first == last:
		return "begins and ends at " + number(first)
	case last < first:
		moves, best, name = "falls", slices.Min(values), "lowest"
	}
	s := fmt.Sprintf("%s from %s to %s", moves, number(first), number(last))
	if best != last {
		s += fmt.Sprintf(", and is %s, at its %s, in epoch %d", number(best), name, slices.Index(values, best)+1)
	}
	return s
}

// panel is the curves of one metric.
type panel struct {
	name   string
	curves []curve
	axis   func(*gonum.Axis) // sets up the axis of the values, if it is not nil
}

type curve struct {
	label  string
	points plotter.XYs
	color  color.Color
	mark   draw.GlyphDrawer // or nil
	dashes []vg.Length
}

func (pa panel) plot(unit string, ticks countTicks) *gonum.Plot {
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = unit, pa.name
	p.X.Min, p.X.Max = 1, float64(ticks.last)
	p.X.Tick.Marker = ticks
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color, grid.Horizontal.Width = nil, pale, 0.5
	p.Add(grid)

	var ends endLabels
	for _, c := range pa.curves {
		points := c.points
		if len(points) == 0 {
			continue
		}
		line := &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: c.color, Width: 1.5, Dashes: c.dashes}}
		p.Add(line)
		if c.mark != nil {
			p.Add(&plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: c.color, Radius: 2.2, Shape: c.mark}})
		}
		ends = append(ends, endLabel{c.label, points[len(points)-1], c.color})
	}
	p.Add(ends)
	if size := math.Abs(p.Y.Max); len(ends) > 0 && p.Y.Max-p.Y.Min < 1e-9*size+1e-300 {
		room := max(size/10, 1e-3) // all values are the same: room above and below
		p.Y.Min, p.Y.Max = p.Y.Min-room, p.Y.Max+room
	}
	p.Y.Tick.Marker = valueTicks{}
	if pa.axis != nil {
		pa.axis(&p.Y)
	}
	return p
}

// endLabels names each curve where it ends, which is easier to follow than a legend.
type endLabels []endLabel

type endLabel struct {
	text  string
	at    plotter.XY
	color color.Color
}

const endGap = 6

func (e endLabels) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	sorted := slices.SortedFunc(slices.Values(e), func(a, b endLabel) int { return cmp.Compare(b.at.Y, a.at.Y) })
	const apart = small + 2
	above := vg.Length(math.Inf(1))
	for i, l := range sorted {
		at := y(l.at.Y)
		if i == 0 && len(sorted) > 1 { // two curves that end close together share the lack of room
			if near := apart - (at - y(sorted[1].at.Y)); near > 0 {
				at = min(at+near/2, c.Max.Y) // above it is room for half a label
			}
		}
		at = min(at, above-apart)
		above = at
		style := aligned(words(small, l.color), draw.XLeft, draw.YCenter)
		c.FillText(style, vg.Point{X: x(l.at.X) + endGap, Y: at}, l.text)
	}
}

// GlyphBoxes tells gonum how much room the labels need.
func (e endLabels) GlyphBoxes(p *gonum.Plot) []gonum.GlyphBox {
	var boxes []gonum.GlyphBox
	for _, l := range e {
		boxes = append(boxes, gonum.GlyphBox{X: p.X.Norm(l.at.X), Y: p.Y.Norm(l.at.Y), Rectangle: vg.Rectangle{
			Min: vg.Point{X: 0, Y: -small / 2},
			Max: vg.Point{X: endGap + words(small, l.color).Width(l.text), Y: small / 2},
		}})
	}
	return boxes
}

// countTicks makes ticks at whole epochs or steps up to the last, most of them and one more at most.
type countTicks struct{ last, most int }

func (t countTicks) Ticks(_, _ float64) []gonum.Tick {
	step := 1
	for tens := 1; t.last/step > t.most; tens *= 10 {
		for _, step = range []int{2 * tens, 5 * tens, 10 * tens} {
			if t.last/step <= t.most {
				break
			}
		}
	}
	ticks := []gonum.Tick{{Value: 1, Label: "1"}}
	for e := step; e <= t.last; e += step {
		if e > 1 {
			ticks = append(ticks, gonum.Tick{Value: float64(e), Label: strconv.Itoa(e)})
		}
	}
	return ticks
}

// valueTicks makes a handful of ticks at round values, all with the same number of decimals.
type valueTicks struct{}

func (valueTicks) Ticks(low, high float64) []gonum.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/3)))
	for _, factor := range []float64{5, 2} {
		if (high-low)/(factor*step) >= 3 {
			step *= factor
			break
		}
	}
	format, decimals := byte('f'), max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	if decimals > 6 || max(math.Abs(low), math.Abs(high)) >= 1e6 {
		format, decimals = 'g', 3
	}
	var ticks []gonum.Tick
	for first, i := math.Ceil(low/step), 0.0; i < 20 && (first+i)*step <= high; i++ {
		value := (first + i) * step
		ticks = append(ticks, gonum.Tick{Value: value, Label: strconv.FormatFloat(value, format, decimals, 64)})
	}
	return ticks
}
