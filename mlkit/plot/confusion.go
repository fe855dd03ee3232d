package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gopherlens/mlkit/array"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion draws a confusion matrix: a row for each class that there was, a column for each class
// that was predicted, and in each cell how often that happened. Both arrays have the shape [n] and hold
// class numbers. Classes are named by classes, and by their numbers where it is too short.
func Confusion(actual, predicted *array.Array, classes ...string) *Figure {
	was, read := classNumbers("Confusion", "actual", actual), classNumbers("Confusion", "predicted", predicted)
	sameLength("Confusion", was, read)
	n := max(slices.Max(was), slices.Max(read), len(classes)-1) + 1
	m := &matrix{n: n, counts: make([]int, n*n), classes: make([]string, n)}
	for i := range m.classes {
		m.classes[i] = className(classes, i)
	}
	for i := range was {
		m.counts[was[i]*n+read[i]]++
	}
	return m.figure(len(was))
}

// matrix draws the counts, of shape [n, n], into a plot whose axes go from 0 to n−1.
type matrix struct {
	n       int
	counts  []int
	classes []string
}

func (m *matrix) figure(total int) *Figure {
	right := 0
	var mistakes []int // cells off the diagonal that are not empty, the fullest first
	for i, count := range m.counts {
		if i/m.n == i%m.n {
			right += count
		} else if count > 0 {
			mistakes = append(mistakes, i)
		}
	}
	slices.SortStableFunc(mistakes, func(a, b int) int { return cmp.Compare(m.counts[b], m.counts[a]) })
	title := fmt.Sprintf("%s of %s right", percent(float64(right)/float64(total)), thousands(total))
	alt := fmt.Sprintf("Confusion matrix of %d classes: %s (%s).", m.n, title, thousands(right))
	if len(mistakes) > 0 {
		var said []string
		for _, i := range mistakes[:min(3, len(mistakes))] {
			said = append(said, fmt.Sprintf("%s taken for %s (%s)", m.classes[i/m.n], m.classes[i%m.n], thousands(m.counts[i])))
		}
		alt += " The most frequent mistakes: " + strings.Join(said, ", ") + "."
	}

	p := newPlot()
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = "predicted", "actual"
	cell := vg.Length(max(360/max(m.n, 10), 8))
	names := vg.Length(0)
	xTicks, yTicks := make(gonum.ConstantTicks, m.n), make(gonum.ConstantTicks, m.n)
	for i, name := range m.classes {
		xTicks[i] = gonum.Tick{Value: float64(i), Label: name}
		yTicks[i] = gonum.Tick{Value: float64(m.n - 1 - i), Label: name}
		names = max(names, p.X.Tick.Label.Width(name))
	}
	for _, axis := range []*gonum.Axis{&p.X, &p.Y} {
		axis.Min, axis.Max = -0.5, float64(m.n)-0.5
		axis.Padding, axis.Width, axis.Tick.Length = 4, 0, 0
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = xTicks, yTicks
	beside, below := names+26, vg.Length(26)+small
	if names > cell { // the names of the columns stand upright
		p.X.Tick.Label.Rotation = math.Pi / 2
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
		below = 26 + names
	}
	p.Add(m)
	return &Figure{
		Alt:    alt,
		width:  vg.Length(m.n)*cell + beside,
		height: vg.Length(m.n)*cell + below + 18,
		draw:   p.Draw,
	}
}

// Plot draws the cells: the right ones in blue, the darker the more of their row they are, the wrong
// ones in orange, the darker the more there are.
func (m *matrix) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	mostWrong := 0
	sums := make([]int, m.n)
	for i, count := range m.counts {
		sums[i/m.n] += count
		if i/m.n != i%m.n {
			mostWrong = max(mostWrong, count)
		}
	}
	empty := mix(white, pale, 0.3)
	style := aligned(words(small, ink), draw.XCenter, draw.YCenter)
	for i, count := range m.counts {
		row, column := i/m.n, i%m.n
		fill := empty
		switch {
		case count > 0 && row == column:
			fill = mix(white, blue, 0.15+0.5*float64(count)/float64(sums[row]))
		case count > 0:
			fill = mix(white, orange, 0.1+0.6*float64(count)/float64(mostWrong))
		}
		const half = 0.48 // of a cell, so that a thin gap stays white
		r := vg.Rectangle{
			Min: vg.Point{X: x(float64(column) - half), Y: y(float64(m.n-1-row) - half)},
			Max: vg.Point{X: x(float64(column) + half), Y: y(float64(m.n-1-row) + half)},
		}
		fillRect(c, r, fill)
		if s := strconv.Itoa(count); count > 0 && style.Width(s) < r.Size().X && small < r.Size().Y {
			c.FillText(style, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2}, s)
		}
	}
}
