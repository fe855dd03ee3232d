package explore

import (
	"fmt"
	"image"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/sketch"
)

// Pixels is a colour picture at whose pixels the learner points, to see how much red, green and blue each has. Its
// three layers can be switched off.
type Pixels struct {
	Picture     *array.Array // of shape [height, width, 3], with numbers from 0 to 255
	Row, Column int          // the pixel that it begins with, counted from 0
}

var layers = [...]string{"red", "green", "blue"}

// String says what the picture shows.
func (p Pixels) String() string {
	at := func(layer int) int { return int(p.Picture.At(p.Row, p.Column, layer)) }
	return fmt.Sprintf("A picture, and its three layers as pictures of their own. The pixel in row %d, column %d has red %d, green %d, blue %d.",
		p.Row, p.Column, at(0), at(1), at(2))
}

// HTML returns the explorable.
func (p Pixels) HTML() string {
	if p.Picture == nil || p.Picture.DType() != array.Uint8 || p.Picture.Dims() != 3 || p.Picture.Shape()[2] != 3 || p.Picture.Len() == 0 {
		return "<p>explore.Pixels needs a picture of shape [height, width, 3] with numbers from 0 to 255.</p>"
	}
	rows, columns := p.Picture.Shape()[0], p.Picture.Shape()[1]
	if p.Row < 0 || p.Row >= rows || p.Column < 0 || p.Column >= columns {
		return fmt.Sprintf("<p>explore.Pixels: the picture has %d rows and %d columns, so there is no pixel in row %d, column %d.</p>",
			rows, columns, p.Row, p.Column)
	}
	const margin, width, small = 14, 384, 120 // the picture's width, and that of each layer
	scale := width / float64(columns)
	height, low := scale*float64(rows), small/float64(columns)*float64(rows)
	numbers := array.Values[uint8](p.Picture)
	s := sketch.New(2*margin+width+20+small, max(height+42, 3*(low+22))+2*margin-6, p.String())
	s.At(margin, margin, func() {
		colour := image.NewNRGBA(image.Rect(0, 0, columns, rows))
		for i := range rows * columns {
			copy(colour.Pix[4*i:], []uint8{numbers[3*i], numbers[3*i+1], numbers[3*i+2], 255})
		}
		s.Named("picture", func() { s.Pixels(0, 0, width, height, colour) })
		c := colour.NRGBAAt(p.Column, p.Row)
		s.Named("colour", func() {
			s.Styled(fmt.Sprintf("fill:rgb(%d,%d,%d)", c.R, c.G, c.B), func() { s.Rect("ringed", 0, height+12, width, 24) })
		})
		s.Named("place", func() {
			x, y := scale*float64(p.Column), scale*float64(p.Row)
			s.Styled("color:#fff", func() { s.Rect("bold", x-4, y-4, scale+8, scale+8) })
			s.Rect("line ink", x-5, y-5, scale+10, scale+10)
		})
	})
	for k, name := range layers {
		layer := image.NewGray(image.Rect(0, 0, columns, rows))
		for i := range layer.Pix {
			layer.Pix[i] = numbers[3*i+k]
		}
		s.At(margin+width+20, margin+float64(k)*(low+22), func() {
			s.Text("", 0, 6, name)
			s.Named(name, func() { s.Text("strong end", small, 6, fmt.Sprint(p.Picture.At(p.Row, p.Column, k))) })
			s.Named(name+"-layer", func() { s.Pixels(0, 15, small, low, layer) })
		})
	}
	return render("pixels", s, p.String(), map[string]any{
		"pixels": numbers, "rows": rows, "columns": columns, "row": p.Row, "column": p.Column, "layers": layers,
	})
}
