// Package plot draws pictures of data, of training and of what a network makes of them, with
// gonum.org/v1/plot, as SVG.
//
//	%%
//	cell.Show(plot.Images(digits.TrainImages, plot.ImagesOptions{
//		Rows: 4, Columns: 4, Labels: plot.Numbers(digits.TrainLabels),
//	}))
//	cell.Show(plot.Curves(history))
//
// Each function returns a Figure, which a notebook shows and Save writes to a file. Figures share one
// look: colours that colour-blind people can tell apart, and that differ in lightness, line or mark as
// well; a white ground, so that they are legible on a dark page too; and alt text that says what is to
// be seen. An array that does not have the shape that a picture needs is a caller's mistake: the
// function panics with a sentence that names both shapes, and in a notebook that sentence is shown.
package plot

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/png"
	"io"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/internal/whole"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Figure is a picture. It is drawn when it is asked for, not when it is made, so that a figure in a
// variable costs nothing in the cells that do not show it.
type Figure struct {
	// Alt says what is to be seen, for who cannot see it. Each function fills it in from the data;
	// set it to say something better.
	Alt string

	width, height vg.Length
	draw          func(draw.Canvas) // draws all but the pictures
	pictures      []placed
}

// placed is a picture and where it stands: its upper left corner, from that of the figure, and its size.
type placed struct {
	picture             image.Image
	x, y, width, height vg.Length
}

// String returns the alt text.
func (f *Figure) String() string { return f.Alt }

// SVG draws the figure as an SVG document.
func (f *Figure) SVG() []byte {
	canvas := &measured{Canvas: vgsvg.New(f.width, f.height)}
	f.draw(draw.New(canvas))
	var out bytes.Buffer
	canvas.WriteTo(&out) // a bytes.Buffer takes everything

	// vgsvg names one font. A page that lacks it takes others, of the same widths if it can; if not, they are squeezed.
	const text = "<text "
	var sized strings.Builder
	for i, part := range strings.Split(out.String(), text) {
		if i > 0 {
			fmt.Fprintf(&sized, `%stextLength="%.4g" lengthAdjust="spacingAndGlyphs" `, text, canvas.widths[i-1].Points())
		}
		sized.WriteString(part)
	}
	svg := sized.String()
	root := strings.Index(svg, "<svg")
	end := root + strings.Index(svg[root:], ">")
	var b strings.Builder
	b.WriteString(svg[:end] + ` role="img">` + "\n<title>" + html.EscapeString(f.Alt) + "</title>\n<style>" +
		"text{font-family:'" + fontFamily + "',Arial,Helvetica,sans-serif!important}image{image-rendering:pixelated}</style>")
	f.writePictures(&b)
	b.WriteString(svg[end+1:])
	return []byte(b.String())
}

// measured is a canvas that knows how wide each text on it is meant to be.
type measured struct {
	*vgsvg.Canvas
	widths []vg.Length
}

func (m *measured) FillString(face font.Face, at vg.Point, text string) {
	m.widths = append(m.widths, face.Width(text))
	m.Canvas.FillString(face, at, text)
}

// writePictures writes the figure's pictures as elements of an SVG. vgsvg could do it, but it makes a
// new compressor for each picture, which takes longer than to compress a hundred of ours.
func (f *Figure) writePictures(b *strings.Builder) {
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: new(onePool)}
	var data bytes.Buffer
	for _, p := range f.pictures {
		data.Reset()
		encoder.Encode(&data, p.picture) // it has pixels, and a bytes.Buffer takes everything
		fmt.Fprintf(b, "\n<image x=\"%.5g\" y=\"%.5g\" width=\"%.5g\" height=\"%.5g\" href=\"data:image/png;base64,%s\"/>",
			p.x, p.y, p.width, p.height, base64.StdEncoding.EncodeToString(data.Bytes()))
	}
}

// onePool keeps the one buffer that an encoder uses for one picture after the other.
type onePool struct{ buffer *png.EncoderBuffer }

func (p *onePool) Get() *png.EncoderBuffer  { return p.buffer }
func (p *onePool) Put(b *png.EncoderBuffer) { p.buffer = b }

// HTML returns the figure as an <img> with its alt text, on a white card, no wider than the page.
func (f *Figure) HTML() string {
	return fmt.Sprintf(`<img alt="%s" style="max-width:100%%;height:auto;box-sizing:border-box;padding:12px;`+
		`background:#fff;border:1px solid #d0d0d0;border-radius:8px" src="data:image/svg+xml;base64,%s">`,
		html.EscapeString(f.Alt), base64.StdEncoding.EncodeToString(f.SVG()))
}

// CheckPath returns the error with which [Figure.Save] refuses a path that does not end in .svg. It is for programs that
// compute long before there is a figure to save.
func CheckPath(path string) error {
	if !strings.EqualFold(filepath.Ext(path), ".svg") {
		return fmt.Errorf("%s: a figure is saved as SVG, so give it a name that ends in .svg", path)
	}
	return nil
}

// Save writes the figure to a file, whose name ends in .svg.
func (f *Figure) Save(path string) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	return whole.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(f.SVG())
		return err
	})
}

// message is a figure that only says something.
func message(sentence string) *Figure {
	style := aligned(words(large, ink), draw.XLeft, draw.YTop)
	f := &Figure{Alt: sentence, width: style.Width(sentence), height: style.Height(sentence) + 4}
	f.draw = func(c draw.Canvas) { c.FillText(style, vg.Point{X: 0, Y: f.height}, sentence) }
	return f
}
