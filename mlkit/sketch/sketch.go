// Package sketch draws diagrams and simple charts as SVG, in the look of package plot: its colours, its font, on a
// white card that is legible on a dark page too.
//
//	s := sketch.New(200, 80, "An arrow leads from a box to a circle.")
//	s.Rect("box", 20, 20, 60, 40)
//	s.Text("middle", 50, 40, "input")
//	s.Arrow("line", 80, 40, 140, 40)
//	s.Circle("blue", 160, 40, 20)
//	os.WriteFile("arrow.svg", s.SVG(), 0o644)
//
// It knows lines, circles, words and axes, and links nothing but the standard library, so that a cell that shows a
// sketch starts at once. Charts of data and of training are package plot's.
//
// Lengths are pixels at a zoom of 100 %, from the upper left corner. Every shape has a class, or several with blanks
// between them, that the [Style] describes: blue, orange, green, grey, pale and ink are colours; line, thin, bold and
// dashed draw the outline of a shape in its colour, and not its inside.
package sketch

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/png"
	"math"
	"strconv"
	"strings"
)

// Style is the style sheet that is part of every sketch. The colours are package plot's.
const Style = `text{font:13px "Liberation Sans",Arial,Helvetica,sans-serif;fill:#222;dominant-baseline:central}` +
	`.small{font-size:11px}.large{font-size:16px}.strong{font-weight:bold}.middle{text-anchor:middle}.end{text-anchor:end}` +
	`.blue{fill:#0072b2;color:#0072b2}.orange{fill:#d55e00;color:#d55e00}.green{fill:#00795c;color:#00795c}` +
	`.grey{fill:#595959;color:#595959}.pale{fill:#ddd;color:#ddd}.ink{fill:#222;color:#222}.white{fill:#fff}` +
	`.line,.thin,.bold{fill:none;stroke:currentColor;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}` +
	`.thin{stroke-width:1}.bold{stroke-width:3}.dashed{stroke-dasharray:5 4}` +
	`.box{fill:#f4f6f8;stroke:#595959;stroke-width:1.2}.ringed{stroke:#222;stroke-width:1.2}`

// A Sketch is a picture as it grows.
type Sketch struct {
	Alt           string // what is to be seen, for who cannot see it
	width, height float64
	body          strings.Builder
}

// New begins a picture of a size in pixels. The alt text says what is to be seen, for who cannot see it.
func New(width, height float64, alt string) *Sketch {
	return &Sketch{Alt: alt, width: width, height: height}
}

// Line draws a straight line.
func (s *Sketch) Line(class string, x1, y1, x2, y2 float64) {
	s.element(`<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, number(x1), number(y1), number(x2), number(y2))
}

// Connection draws a straight line of a width.
func (s *Sketch) Connection(class string, width, x1, y1, x2, y2 float64) {
	s.element(`<line class="line %s" style="stroke-width:%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`,
		class, number(width), number(x1), number(y1), number(x2), number(y2))
}

// Arrow draws a straight line with a head at its end.
func (s *Sketch) Arrow(class string, x1, y1, x2, y2 float64) {
	const size, spread = 9, 0.42
	angle := math.Atan2(y2-y1, x2-x1)
	point := func(turn float64) string {
		return number(x2-size*math.Cos(angle+turn)) + " " + number(y2-size*math.Sin(angle+turn))
	}
	s.Path(class, fmt.Sprintf("M%s %sL%s %sM%sL%s %sL%s", number(x1), number(y1), number(x2), number(y2),
		point(spread), number(x2), number(y2), point(-spread)))
}

// Circle draws a circle around a point.
func (s *Sketch) Circle(class string, x, y, radius float64) {
	s.element(`<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, number(x), number(y), number(radius))
}

// Rect draws a rectangle with rounded corners.
func (s *Sketch) Rect(class string, x, y, width, height float64) {
	s.element(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="3"/>`, class, number(x), number(y), number(width), number(height))
}

// Path draws what the path data of an SVG says.
func (s *Sketch) Path(class, data string) { s.element(`<path class="%s" d="%s"/>`, class, data) }

// Text writes words that begin at a point, or are around it with the class middle, or before it with the class end.
// Vertically, the point is their middle.
func (s *Sketch) Text(class string, x, y float64, words string) {
	s.element(`<text class="%s" x="%s" y="%s">%s</text>`, class, number(x), number(y), html.EscapeString(words))
}

// Image shows a picture of a type as "image/jpeg". Its description is part of the sketch's.
func (s *Sketch) Image(x, y, width, height float64, mime string, data []byte) {
	s.element(`<image x="%s" y="%s" width="%s" height="%s" href="data:%s;base64,%s"/>`,
		number(x), number(y), number(width), number(height), mime, base64.StdEncoding.EncodeToString(data))
}

// Pixels shows a picture so that each of its pixels stays a sharp square. Its description is part of the sketch's.
func (s *Sketch) Pixels(x, y, width, height float64, picture image.Image) {
	var file bytes.Buffer
	png.Encode(&file, picture) // a bytes.Buffer takes everything
	s.element(`<image style="image-rendering:pixelated" preserveAspectRatio="none" x="%s" y="%s" width="%s" height="%s" href="data:image/png;base64,%s"/>`,
		number(x), number(y), number(width), number(height), base64.StdEncoding.EncodeToString(file.Bytes()))
}

// Styled gives what draw draws a style of CSS, where its class does not say otherwise: "color:#d33682" is the colour of
// outlines without one.
func (s *Sketch) Styled(style string, draw func()) {
	s.element(`<g style="%s">`, html.EscapeString(style))
	draw()
	s.element("</g>")
}

// Named puts what draw draws into a group with a name, by which a script finds it: [data-name="line"].
func (s *Sketch) Named(name string, draw func()) {
	s.element(`<g data-name="%s">`, html.EscapeString(name))
	draw()
	s.element("</g>")
}

// At puts what draw draws at a place, which is (0, 0) for it.
func (s *Sketch) At(x, y float64, draw func()) {
	s.element(`<g transform="translate(%s %s)">`, number(x), number(y))
	draw()
	s.element("</g>")
}

func (s *Sketch) element(format string, values ...any) {
	fmt.Fprintf(&s.body, format+"\n", values...)
}

// number writes a length with at most two decimals.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100+0, 'f', -1, 64)
}

// SVG returns the picture as an SVG document.
func (s *Sketch) SVG() []byte {
	return fmt.Appendf(nil, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %[1]s %[2]s\" width=\"%[1]s\" height=\"%[2]s\" role=\"img\" aria-label=\"%[3]s\">\n"+
		"<style>%[4]s</style>\n"+
		"<rect x=\".5\" y=\".5\" width=\"%[5]s\" height=\"%[6]s\" rx=\"8\" fill=\"#fff\" stroke=\"#d0d0d0\"/>\n%[7]s</svg>\n",
		number(s.width), number(s.height), html.EscapeString(s.Alt), Style, number(s.width-1), number(s.height-1), s.body.String())
}

// HTML returns the picture as an <img> with its alt text, no wider than the page.
func (s *Sketch) HTML() string {
	return fmt.Sprintf(`<img alt="%s" style="max-width:100%%;height:auto" src="data:image/svg+xml;base64,%s">`,
		html.EscapeString(s.Alt), base64.StdEncoding.EncodeToString(s.SVG()))
}

// String returns the alt text.
func (s *Sketch) String() string { return s.Alt }
