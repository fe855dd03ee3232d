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
	"os"
	"path/filepath"
	"strings"

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
	draw          func(draw.Canvas)
}

// String returns the alt text.
func (f *Figure) String() string { return f.Alt }

// SVG draws the figure as an SVG document.
func (f *Figure) SVG() []byte {
	canvas := vgsvg.New(f.width, f.height)
	f.draw(draw.New(canvas))
	var out bytes.Buffer
	canvas.WriteTo(&out) // a bytes.Buffer takes everything

	// vgsvg names one font; a page that lacks it needs others of the same widths. It calls every
	// picture a JPEG. And the pixels of a picture are to stay squares however much it is enlarged.
	svg := strings.ReplaceAll(out.String(), "data:image/jpg;", "data:image/png;")
	root := strings.Index(svg, "<svg")
	end := root + strings.Index(svg[root:], ">")
	return []byte(svg[:end] + ` role="img">` +
		"\n<title>" + html.EscapeString(f.Alt) + "</title>" +
		"\n<style>text{font-family:'" + fontFamily + "',Arial,Helvetica,sans-serif!important}image{image-rendering:pixelated}</style>" +
		svg[end+1:])
}

// HTML returns the figure as an <img> with its alt text, on a white card, no wider than the page.
func (f *Figure) HTML() string {
	return fmt.Sprintf(`<img alt="%s" style="max-width:100%%;height:auto;box-sizing:border-box;padding:12px;`+
		`background:#fff;border:1px solid #d0d0d0;border-radius:8px" src="data:image/svg+xml;base64,%s">`,
		html.EscapeString(f.Alt), base64.StdEncoding.EncodeToString(f.SVG()))
}

// Save writes the figure to a file, whose name ends in .svg.
func (f *Figure) Save(path string) error {
	if ext := filepath.Ext(path); !strings.EqualFold(ext, ".svg") {
		return fmt.Errorf("%s: a figure is saved as SVG, so give it a name that ends in .svg", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".*.svg")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // no longer there if all went well
	_, err = file.Write(f.SVG())
	if e := file.Chmod(0o644); err == nil {
		err = e
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// message is a figure that only says something.
func message(sentence string) *Figure {
	style := aligned(words(large, ink), draw.XLeft, draw.YTop)
	f := &Figure{Alt: sentence, width: style.Width(sentence), height: style.Height(sentence) + 4}
	f.draw = func(c draw.Canvas) { c.FillText(style, vg.Point{X: 0, Y: f.height}, sentence) }
	return f
}
