package plot

import (
	"fmt"
	"strconv"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// ImagesOptions says how Images lays out its grid. The zero value is a good one.
type ImagesOptions struct {
	// Rows and Columns are the size of the grid: 4 and 4 if they are 0.
	Rows, Columns int
	// Labels are written below the pictures, as far as there are any.
	Labels []string
	// Title is written above the grid.
	Title string
}

// Images draws the first pictures of an array of shape [n, height, width], or [n, height, width,
// depth] with a depth of 1 (grey) or 3 (red, green, blue), as a grid. Numbers of uint8 are drawn as
// they are, 0 black and 255 white; of other numbers the smallest of those drawn is black and the
// largest white.
func Images(images *array.Array, options ImagesOptions) *Figure {
	p := picturesOf("Images", images)
	o := options
	if o.Rows == 0 {
		o.Rows = 4
	}
	if o.Columns == 0 {
		o.Columns = 4
	}
	if o.Rows < 0 || o.Columns < 0 || o.Rows > maxTiles || o.Columns > maxTiles || o.Rows*o.Columns > maxTiles {
		fault.Panicf("plot.Images draws up to %d pictures, and a grid of %d × %d is asked for", maxTiles, o.Rows, o.Columns)
	}
	n := min(p.n, o.Rows*o.Columns)
	s := scaleOf(images.Slice(0, n))
	g := grid{title: o.Title, columns: min(o.Columns, n), tiles: make([]tile, n)}
	for i := range g.tiles {
		g.tiles[i].picture = p.at(i, s)
		if i < len(o.Labels) {
			g.tiles[i].label = o.Labels[i]
		}
	}

	alt := fmt.Sprintf("%s of %d×%d pixels", count(n, "picture"), p.width, p.height)
	if o.Title != "" {
		alt = o.Title + ": " + alt
	}
	if labels := o.Labels[:min(n, len(o.Labels))]; len(labels) > 0 {
		alt += ", labelled " + strings.Join(labels, ", ")
	}
	return g.figure(alt + ".")
}

// Numbers makes labels of an array of numbers of shape [n]: "5", "0", "4".
func Numbers(a *array.Array) []string {
	if a.Dims() != 1 {
		fault.Panicf("plot.Numbers makes a label of each number of an array of shape (n,), and this array has the shape %s", tuple(a.Shape()))
	}
	labels := make([]string, a.Len())
	for i, v := range array.Values[float64](a) {
		labels[i] = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return labels
}
