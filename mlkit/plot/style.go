package plot

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// fontFamily has the widths of Arial and Helvetica, so that what is measured in one fits in the others.
const fontFamily = "Liberation Sans"

// The colours of Okabe and Ito, "Color Universal Design" (2008), that differ for every kind of colour
// vision, and greys for what only supports.
var (
	blue   = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.NRGBA{0x00, 0x9e, 0x73, 0xff}
	white  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	ink    = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	grey   = color.NRGBA{0x59, 0x59, 0x59, 0xff} // 7:1 on white
	pale   = color.NRGBA{0xdd, 0xdd, 0xdd, 0xff}
)

const (
	small  = vg.Length(9)
	medium = vg.Length(10)
	large  = vg.Length(12)
)

// words is a style of text, which begins at its point and stands on it unless it is aligned.
func words(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: gonum.DefaultTextHandler,
	}
}

func bold(s text.Style) text.Style {
	s.Font.Weight = xfont.WeightBold
	return s
}

func aligned(s text.Style, x text.XAlignment, y text.YAlignment) text.Style {
	s.XAlign, s.YAlign = x, y
	return s
}

// shorten cuts what is wider than width, and marks the cut.
func shorten(s string, style text.Style, width vg.Length) string {
	if style.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && style.Width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimSpace(string(runes)) + "…"
}

// newPlot is a plot of gonum's in our look.
func newPlot() *gonum.Plot {
	p := gonum.New()
	for _, axis := range []*gonum.Axis{&p.X, &p.Y} {
		axis.Color, axis.Tick.Color = grey, grey
		axis.Tick.Length = 4
		axis.Label.Padding = 4
		label, tick := words(medium, ink), words(small, ink)
		label.XAlign, label.YAlign = axis.Label.TextStyle.XAlign, axis.Label.TextStyle.YAlign
		tick.XAlign, tick.YAlign = axis.Tick.Label.XAlign, axis.Tick.Label.YAlign
		axis.Label.TextStyle, axis.Tick.Label = label, tick
	}
	p.Title.TextStyle = aligned(bold(words(large, ink)), draw.XCenter, draw.YTop)
	p.Title.Padding = 6
	return p
}

// fillRect fills a rectangle.
func fillRect(c draw.Canvas, r vg.Rectangle, fill color.Color) {
	c.SetColor(fill)
	c.Fill(r.Path())
}

// mix is part of the way, from 0 to 1, from one colour to another.
func mix(from, to color.NRGBA, part float64) color.NRGBA {
	m := func(a, b uint8) uint8 { return uint8(float64(a) + part*(float64(b)-float64(a)) + 0.5) }
	return color.NRGBA{m(from.R, to.R), m(from.G, to.G), m(from.B, to.B), 0xff}
}

// thousands writes a count with commas: 10,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes how many there are of something: 1 filter, 32 filters.
func count(n int, one string) string {
	if n != 1 {
		one += "s"
	}
	return fmt.Sprintf("%d %s", n, one)
}

// brief writes a number with about as many digits as one wants to read: 0.03, 1.2, 1204.
func brief(v float64) string {
	if a := math.Abs(v); a >= 100 && a < 1e6 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// percent writes a part of one with as many digits as say something: 97.8 %, 0.02 %.
func percent(part float64) string {
	switch {
	case part == 0 || part == 1:
		return strconv.Itoa(int(100*part)) + " %"
	case part < 0.0001:
		return "< 0.01 %"
	case part > 0.9999:
		return "> 99.99 %"
	case part < 0.001 || part > 0.999:
		return strconv.FormatFloat(100*part, 'f', 2, 64) + " %"
	}
	return strconv.FormatFloat(100*part, 'f', 1, 64) + " %"
}
