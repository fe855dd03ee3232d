package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// maxTiles bounds how many pictures a grid shows: more would be too small to see.
const maxTiles = 400

// grid is pictures side by side, in rows, each with a label below it.
type grid struct {
	title   string
	note    string // a line below it all
	columns int
	tiles   []tile
}

type tile struct {
	picture image.Image
	label   string
}

// figure lays the grid out. Fewer columns make larger tiles, within what is good to look at.
func (g grid) figure(alt string) *Figure {
	const gap, heading, labelling, tallest = 6, 20, 14, 240
	rows := (len(g.tiles) + g.columns - 1) / g.columns
	width := vg.Length(min(max(420/g.columns-gap, 16), 80))
	size := g.tiles[0].picture.Bounds().Size()
	height := width * vg.Length(size.Y) / vg.Length(size.X)
	if height > tallest {
		width, height = width*tallest/height, tallest
	}
	below := vg.Length(0)
	for _, t := range g.tiles {
		if t.label != "" {
			below = labelling
		}
	}
	head, foot := vg.Length(0), vg.Length(0)
	if g.title != "" {
		head = heading
	}
	if g.note != "" {
		foot = labelling
	}
	title := aligned(bold(words(large, ink)), draw.XLeft, draw.YTop)
	note := aligned(words(small, grey), draw.XLeft, draw.YBottom)
	label := aligned(words(medium, ink), draw.XCenter, draw.YTop)
	if width < 40 {
		label.Font.Size = 8
	}
	f := &Figure{
		Alt:    alt,
		width:  max(vg.Length(g.columns)*(width+gap)-gap, title.Width(g.title), note.Width(g.note)),
		height: head + vg.Length(rows)*(height+below+gap) - gap + foot,
	}
	at := func(i int) (x, y vg.Length) { // of tile i, from the upper left corner
		return vg.Length(i%g.columns) * (width + gap), head + vg.Length(i/g.columns)*(height+below+gap)
	}
	for i, t := range g.tiles {
		x, y := at(i)
		f.pictures = append(f.pictures, placed{t.picture, x, y, width, height})
	}
	f.draw = func(c draw.Canvas) {
		c.FillText(title, vg.Point{X: 0, Y: f.height}, g.title)
		c.FillText(note, vg.Point{X: 0, Y: 2}, g.note)
		for i, t := range g.tiles {
			x, y := at(i)
			frame := vg.Rectangle{Min: vg.Point{X: x, Y: f.height - y - height}, Max: vg.Point{X: x + width, Y: f.height - y}}
			c.SetLineStyle(draw.LineStyle{Color: grey, Width: 0.4}) // or white pixels would be lost at the edge
			c.Stroke(frame.Path())
			c.FillText(label, vg.Point{X: x + width/2, Y: frame.Min.Y - 2}, shorten(t.label, label, width+gap))
		}
	}
	return f
}

// scale says which numbers are black and white; the greys lie between.
type scale struct{ black, white float64 }

// scaleOf is the scale of an array: uint8 has its own, others go from their smallest number to their
// largest.
func scaleOf(a *array.Array) scale {
	if a.DType() == array.Uint8 {
		return scale{0, 255}
	}
	return scale{a.Min(), a.Max()}
}

func (s scale) grey(v float64) uint8 {
	part := (v - s.black) / (s.white - s.black)
	if !(part > 0) { // not a number, or all numbers are the same: black
		return 0
	}
	return uint8(math.Round(255 * min(part, 1)))
}

// raster makes a picture of values of shape [height, width, depth] with a depth of 1 (grey) or 3 (red,
// green and blue).
func (s scale) raster(values []float64, height, width, depth int) image.Image {
	if depth == 1 {
		img := image.NewGray(image.Rect(0, 0, width, height))
		for i, v := range values {
			img.Pix[i] = s.grey(v)
		}
		return img
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		rgb := values[3*i : 3*i+3]
		img.SetNRGBA(i%width, i/width, color.NRGBA{s.grey(rgb[0]), s.grey(rgb[1]), s.grey(rgb[2]), 0xff})
	}
	return img
}

// pictures are images in an array of shape [n, height, width], or [n, height, width, depth] with a
// depth of 1 or 3.
type pictures struct {
	array                *array.Array
	n                    int
	height, width, depth int
}

// picturesOf checks that an array holds pictures, on behalf of the function called name.
func picturesOf(name string, a *array.Array) pictures {
	shape := a.Shape()
	p := pictures{array: a, depth: 1}
	if len(shape) == 4 {
		p.depth = shape[3]
	}
	if len(shape) != 3 && len(shape) != 4 || p.depth != 1 && p.depth != 3 {
		fault.Panicf("plot.%s draws pictures of shape (n, height, width) or (n, height, width, depth) with a depth of 1 or 3, "+
			"and this array has the shape %s", name, tuple(shape))
	}
	p.n, p.height, p.width = shape[0], shape[1], shape[2]
	if p.n*p.height*p.width == 0 {
		fault.Panicf("plot.%s has nothing to draw: the array has the shape %s", name, tuple(shape))
	}
	return p
}

// at makes picture i.
func (p pictures) at(i int, s scale) image.Image {
	return s.raster(array.Values[float64](p.array.Index(i)), p.height, p.width, p.depth)
}

// needDims checks, on behalf of the function called name, that an array has dims axes, none of them
// empty, and returns its shape.
func needDims(name, wanted string, a *array.Array, dims int) []int {
	shape := a.Shape()
	if len(shape) != dims || a.Len() == 0 {
		fault.Panicf("plot.%s draws %s, and this array has the shape %s", name, wanted, tuple(shape))
	}
	return shape
}

// tuple writes a shape as arrays do in their messages: (6000, 28, 28).
func tuple(shape []int) string {
	s := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(shape), "[]")), ", ")
	if len(shape) == 1 {
		s += ","
	}
	return "(" + s + ")"
}
