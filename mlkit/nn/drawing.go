package nn

import (
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"strings"
)

// drawing shows the shapes that flow through the layers: a picture with channels is a box as deep as it has
// channels, a list of numbers is a bar. It is an image on a light card, so that it can be read on any
// background, and its alternative text tells the same.
func drawing(layers []placed) string {
	type stop struct {
		what  string // the layer that puts the shape out
		shape Shape
	}
	stops := []stop{{"input", layers[0].in}}
	for _, l := range layers {
		stops = append(stops, stop{l.name, l.out})
	}
	const (
		tall    = 120 // of the largest box
		ground  = 160 // where the boxes stand
		height  = 214
		fontCSS = `font-family="system-ui, sans-serif" font-size="11"`
	)
	var b, alt strings.Builder
	x := 16.0
	for i, s := range stops {
		w, h, d := boxSize(s.shape, layers[0].in, tall)
		label := shapeLabel(s.shape)
		column := math.Max(w+d, 6.4*float64(max(len(s.what), len([]rune(label)))))
		left := x + (column-w-d)/2
		fill := "#4c78a8"
		if len(s.shape) < 3 {
			fill = "#e0823d"
		}
		top := ground - h
		face := func(points string, opacity float64) {
			fmt.Fprintf(&b, `<polygon points="%s" fill="%s" fill-opacity="%.2f" stroke="#333" stroke-width="0.8"/>`, points, fill, opacity)
		}
		face(fmt.Sprintf("%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f", left, top, left+d, top-d/2, left+d+w, top-d/2, left+w, top), 0.35)
		face(fmt.Sprintf("%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f", left+w, top, left+w+d, top-d/2, left+w+d, ground-d/2, left+w, float64(ground)), 0.55)
		face(fmt.Sprintf("%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f", left, top, left+w, top, left+w, float64(ground), left, float64(ground)), 0.8)
		middle := x + column/2
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" %s fill="#222">%s</text>`, middle, ground+20, fontCSS, html.EscapeString(s.what))
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" %s fill="#555">%s</text>`, middle, ground+36, fontCSS, label)
		x += column
		if i < len(stops)-1 {
			fmt.Fprintf(&b, `<path d="M%.1f %d h14 m-5 -4 l5 4 l-5 4" fill="none" stroke="#777"/>`, x+4, ground-20)
			x += 24
		}
		if i > 0 {
			fmt.Fprintf(&alt, ", %s makes %s", s.what, label)
		} else {
			fmt.Fprintf(&alt, "Shapes through the model: %s goes in", label)
		}
	}
	width := math.Ceil(x + 16)
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d" role="img" aria-label="%s"><rect width="100%%" height="100%%" rx="8" fill="#fff"/>%s</svg>`,
		width, height, width, height, html.EscapeString(alt.String()), b.String())
	return fmt.Sprintf(`<img alt="%s" style="max-width:100%%" src="data:image/svg+xml;base64,%s">`,
		html.EscapeString(alt.String()), base64.StdEncoding.EncodeToString([]byte(svg)))
}

// boxSize is the width, height and depth of the box of a shape. Pictures are to scale beside the input; how
// many channels or numbers there are is drawn on a logarithmic scale.
func boxSize(s, input Shape, tall float64) (w, h, d float64) {
	if len(s) == 3 {
		largest := 1.0
		if len(input) == 3 {
			largest = float64(max(input[0], input[1]))
		}
		scale := tall / 2 / largest
		return math.Max(4, float64(s[1])*scale), math.Max(4, math.Min(tall, float64(s[0])*scale)), 4 + 6*math.Log2(float64(s[2]))
	}
	return 8, math.Min(tall, 8+10*math.Log2(float64(count(s)))), 4
}

// shapeLabel is like 26 × 26 × 32.
func shapeLabel(s Shape) string {
	if len(s) == 0 {
		return "1"
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(s), "[]"), " ", " × ")
}
