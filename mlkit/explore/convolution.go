package explore

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/sketch"
)

// Convolution is a filter of 3 × 3 numbers that slides over a picture, and the map that it makes. The learner changes
// the filter, the stride and the padding, and sees the sum of products at every place.
type Convolution struct {
	Pictures []*array.Array // of shape [height, width], with numbers from 0 to 255; the learner picks one
	Filter   *array.Array   // of shape [3, 3]
	Stride   int            // by how many pixels the filter moves, from 1 to 3: 1 if it is 0
	Padding  bool           // whether there is a rim of zeros around the picture, one pixel wide
}

// presets are the filters that the learner may begin with.
var presets = []struct {
	Name   string     `json:"name"`
	Filter [9]float64 `json:"filter"`
}{
	{"identity", [9]float64{0, 0, 0, 0, 1, 0, 0, 0, 0}},
	{"upright edges", [9]float64{-1, 0, 1, -1, 0, 1, -1, 0, 1}},
	{"level edges", [9]float64{-1, -1, -1, 0, 0, 0, 1, 1, 1}},
	{"all edges", [9]float64{-1, -1, -1, -1, 8, -1, -1, -1, -1}},
	{"blur", [9]float64{.0625, .125, .0625, .125, .25, .125, .0625, .125, .0625}},
	{"sharpen", [9]float64{0, -1, 0, -1, 5, -1, 0, -1, 0}},
	{"emboss", [9]float64{-2, -1, 0, -1, 1, 1, 0, 1, 2}},
}

// Map is what the filter makes of the first picture, of shape [height', width']. Each of its numbers is the sum of the
// products of the filter's nine numbers with the nine pixels below them; where padding is, those outside are 0.
func (c Convolution) Map() *array.Array {
	if problem := c.problem(); problem != "" {
		fault.Panicf("%s", problem)
	}
	picture, weights := c.Pictures[0], array.Values[float64](c.Filter.Float64())
	pixels := array.Values[uint8](picture)
	height, width := picture.Shape()[0], picture.Shape()[1]
	rows, columns := c.size()
	values := make([]float64, rows*columns)
	for i := range values {
		top, left := i/columns*c.stride()-c.padding(), i%columns*c.stride()-c.padding()
		for k, w := range weights {
			y, x := top+k/3, left+k%3
			if y >= 0 && y < height && x >= 0 && x < width {
				values[i] += w * float64(pixels[y*width+x])
			}
		}
	}
	return array.From(values, rows, columns)
}

func (c Convolution) stride() int { return max(c.Stride, 1) }

func (c Convolution) padding() int {
	if c.Padding {
		return 1
	}
	return 0
}

// size is the map's.
func (c Convolution) size() (rows, columns int) {
	shape := c.Pictures[0].Shape()
	side := func(n int) int { return (n+2*c.padding()-3)/c.stride() + 1 }
	return side(shape[0]), side(shape[1])
}

// problem says what keeps it from being shown, if anything does.
func (c Convolution) problem() string {
	if len(c.Pictures) == 0 {
		return "explore.Convolution needs a picture."
	}
	for _, p := range c.Pictures {
		if p.Dims() != 2 || p.DType() != array.Uint8 || slices.Min(p.Shape()) < 3 {
			return fmt.Sprintf("explore.Convolution needs pictures of shape [height, width], at least 3 × 3, with numbers from 0 to 255, and this array of %v has the shape %v.", p.DType(), p.Shape())
		}
	}
	if c.Filter == nil || !slices.Equal(c.Filter.Shape(), []int{3, 3}) || math.IsNaN(c.Filter.Sum()) || math.IsInf(c.Filter.Sum(), 0) {
		return "explore.Convolution needs a filter of shape [3, 3]."
	}
	if c.Stride < 0 || c.Stride > 3 {
		return fmt.Sprintf("explore.Convolution moves the filter by 1 to 3 pixels, not by %d.", c.Stride)
	}
	return ""
}

// String says what the picture shows.
func (c Convolution) String() string {
	if problem := c.problem(); problem != "" {
		return problem
	}
	shape, m := c.Pictures[0].Shape(), c.Map()
	return fmt.Sprintf("A picture of %d × %d pixels, and the map of %d × %d numbers, from %s to %s, that a filter makes of it.",
		shape[0], shape[1], m.Shape()[0], m.Shape()[1], short(m.Min()), short(m.Max()))
}

// The panels in which picture and map are drawn, and the tables below them.
const (
	panelWidth, panelHeight = 276, 196
	panelTop, tableTop      = 34, 274
	cellWidth, cellHeight   = 46, 22
)

// HTML returns the explorable.
func (c Convolution) HTML() string {
	if problem := c.problem(); problem != "" {
		return "<p>" + problem + "</p>"
	}
	s := sketch.New(616, 350, c.String())
	m := c.Map()
	height, width := c.Pictures[0].Shape()[0], c.Pictures[0].Shape()[1]
	rows, columns := m.Shape()[0], m.Shape()[1]
	scale := min(panelWidth/float64(width), panelHeight/float64(height))
	panel := func(x float64, title, name string, rows, columns int, picture image.Image, mark func()) {
		s.At(x, panelTop, func() {
			s.Named(name+"-title", func() { s.Text("strong", 0, -13, fmt.Sprintf("%s, %d × %d", title, rows, columns)) })
			s.Named(name, func() {
				s.Pixels(0, 0, scale*float64(columns), scale*float64(rows), picture)
			})
			s.Named(name+"-place", mark)
		})
	}
	// It begins in the middle.
	row, column := rows/2, columns/2
	top, left := row*c.stride()-c.padding(), column*c.stride()-c.padding()
	ring := func(x, y, side int) {
		s.Rect("bold orange", scale*float64(x), scale*float64(y), scale*float64(side), scale*float64(side))
	}
	panel(20, "picture", "picture", height, width, &image.Gray{
		Pix: array.Values[uint8](c.Pictures[0]), Stride: width, Rect: image.Rect(0, 0, width, height),
	}, func() { ring(left, top, 3) })
	panel(320, "map", "map", rows, columns, shades(array.Values[float64](m), columns), func() { ring(column, row, 1) })

	weights := array.Values[float64](c.Filter.Float64())
	var under, products [9]float64
	for k := range 9 {
		if y, x := top+k/3, left+k%3; y >= 0 && y < height && x >= 0 && x < width {
			under[k] = c.Pictures[0].At(y, x)
		}
		products[k] = under[k] * weights[k]
	}
	table := func(x float64, name, title string, values []float64) {
		s.At(x, tableTop, func() {
			s.Text("small middle", 1.5*cellWidth, -12, title)
			s.Named(name, func() {
				for k, v := range values {
					x, y := float64(k%3*cellWidth), float64(k/3*cellHeight)
					s.Rect("thin grey", x, y, cellWidth, cellHeight)
					s.Text("small middle", x+cellWidth/2, y+cellHeight/2, short(v))
				}
			})
		})
	}
	table(20, "under", "pixels", under[:])
	s.Text("large middle", 173, tableTop+1.5*cellHeight, "×")
	table(188, "filter", "filter", weights)
	s.Text("large middle", 341, tableTop+1.5*cellHeight, "=")
	table(356, "products", "products", products[:])
	s.Text("small middle", 554, tableTop-12, "their sum")
	s.Text("large middle", 509, tableTop+1.5*cellHeight, "→")
	s.Named("sum", func() { s.Text("large strong orange middle", 556, tableTop+1.5*cellHeight, short(m.At(row, column))) })

	var pictures []map[string]any
	for _, p := range c.Pictures {
		pictures = append(pictures, map[string]any{"rows": p.Shape()[0], "columns": p.Shape()[1], "pixels": array.Values[uint8](p)})
	}
	return render("convolution", s, c.String(), map[string]any{
		"pictures": pictures, "filter": weights, "stride": c.stride(), "padding": c.padding(), "presets": presets,
		"panel": [2]int{panelWidth, panelHeight},
	})
}

// short writes a number with at most two decimals.
func short(v float64) string {
	return strings.Replace(strconv.FormatFloat(math.Round(100*v)/100+0, 'f', -1, 64), "-", "−", 1)
}
