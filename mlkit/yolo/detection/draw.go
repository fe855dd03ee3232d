package detection

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"gopherlens/mlkit/internal/parallel"
)

// DrawOptions are for Draw. The zero value chooses by the size of the photo.
type DrawOptions struct {
	LineWidth int     // of the boxes, in pixels
	TextSize  float64 // of the labels, in pixels
}

// maxDrawn bounds how much is drawn: more boxes than that hide the photo.
const maxDrawn = 1000

// Draw returns a copy of a photo with a box around each detection and a label on it: "dog 65 %". The
// upper left corner of the copy is at (0, 0), wherever the photo's is. Each class has its Color. The
// labels keep within the photo, and off one another where there is room; a label that the photo has no
// room for is shortened or left out. Of more than 1,000 detections, those with the best scores are drawn.
func Draw(photo image.Image, list []Detection, options DrawOptions) *image.RGBA {
	size := photo.Bounds().Size()
	out := image.NewRGBA(image.Rectangle{Max: size})
	rows := func(first, end int) {
		draw.Draw(out, image.Rect(0, first, size.X, end), photo, photo.Bounds().Min.Add(image.Pt(0, first)), draw.Src)
	}
	if _, ok := photo.(*image.YCbCr); ok { // which takes time, and may be read by several at once
		parallel.Do(size.Y, rows)
	} else {
		rows(0, size.Y)
	}

	side := math.Sqrt(float64(size.X) * float64(size.Y))
	line := options.LineWidth
	if line <= 0 {
		line = max(1, int(side/200+.5))
	}
	textSize := options.TextSize
	if !(textSize > 0) {
		textSize = max(10, side/40)
	}

	visible := make([]Detection, 0, len(list))
	for _, d := range list {
		d.Box = d.Box.Clip(size.X, size.Y)
		if d.Box.Width() > 0 && d.Box.Height() > 0 { // not so if it is no number
			visible = append(visible, d)
		}
	}
	slices.SortStableFunc(visible, func(a, b Detection) int { return cmp.Compare(b.Score, a.Score) })
	visible = visible[:min(len(visible), maxDrawn)]

	for _, d := range slices.Backward(visible) { // the best on top
		outline(out, pixels(d.Box), line, Color(d.Class))
	}
	if len(visible) > 0 {
		w := newWriter(out, min(textSize, float64(size.Y)))
		defer w.face.Close()
		for _, d := range visible {
			w.label(d)
		}
	}
	return out
}

// Color is the colour of a class: the same in every picture, and far from those of the classes next to it.
func Color(class int) color.RGBA {
	// Steps of the golden ratio spread hues evenly, however many there are.
	_, hue := math.Modf(.02 + float64(class)*(math.Sqrt(5)-1)/2)
	if hue < 0 {
		hue++
	}
	channel := func(offset float64) uint8 {
		_, h := math.Modf(hue + offset)
		return uint8(25 + 230*max(0, min(1, math.Abs(6*h-3)-1)))
	}
	return color.RGBA{channel(0), channel(2. / 3), channel(1. / 3), 255}
}

// ink is black or white, whichever is easier to read on a colour.
func ink(on color.RGBA) color.RGBA {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	// Black and white have the same contrast on this luminance, by WCAG 2's (1 + .05)/(L + .05) = (L + .05)/.05.
	if .2126*linear(on.R)+.7152*linear(on.G)+.0722*linear(on.B) > .179 {
		return color.RGBA{0, 0, 0, 255}
	}
	return color.RGBA{255, 255, 255, 255}
}

// pixels are those that a box within a photo covers most of, and at least one.
func pixels(b Box) image.Rectangle {
	x1, x2 := span(b.X1, b.X2)
	y1, y2 := span(b.Y1, b.Y2)
	return image.Rect(x1, y1, x2, y2)
}

func span(from, to float64) (int, int) {
	first, end := int(math.Round(from)), int(math.Round(to))
	if first == end {
		first = int(from)
		end = first + 1
	}
	return first, end
}

// outline draws a rectangle's edges within it.
func outline(out *image.RGBA, r image.Rectangle, line int, c color.RGBA) {
	inner := r.Inset(line)
	if inner.Empty() {
		fill(out, r, c)
		return
	}
	fill(out, image.Rect(r.Min.X, r.Min.Y, r.Max.X, inner.Min.Y), c)
	fill(out, image.Rect(r.Min.X, inner.Max.Y, r.Max.X, r.Max.Y), c)
	fill(out, image.Rect(r.Min.X, inner.Min.Y, inner.Min.X, inner.Max.Y), c)
	fill(out, image.Rect(inner.Max.X, inner.Min.Y, r.Max.X, inner.Max.Y), c)
}

func fill(out *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(out, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// A writer writes labels.
type writer struct {
	out             *image.RGBA
	face            font.Face
	ascent, padding int
	height          int // of a label
	taken           []image.Rectangle
}

// parsed is the labels' font. A sync.OnceValue here would link the font into programs that draw nothing.
var parsed struct {
	sync.Once
	font *opentype.Font
}

func parsedFont() *opentype.Font {
	parsed.Do(func() {
		font, err := opentype.Parse(gobold.TTF)
		if err != nil {
			panic(err) // it is part of the program
		}
		parsed.font = font
	})
	return parsed.font
}

func newWriter(out *image.RGBA, size float64) *writer {
	face, err := opentype.NewFace(parsedFont(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err) // it never fails
	}
	m := face.Metrics()
	padding := int(size/5 + .5)
	return &writer{
		out: out, face: face, ascent: m.Ascent.Ceil(), padding: padding,
		height: m.Ascent.Ceil() + m.Descent.Ceil() + padding/2*2,
	}
}

// label writes a detection's name and score at its box.
func (w *writer) label(d Detection) {
	text, width := w.fit(d)
	if text == "" || w.height > w.out.Rect.Dy() {
		return
	}
	at := w.place(pixels(d.Box), width)
	w.taken = append(w.taken, at)
	c := Color(d.Class)
	fill(w.out, at, c)
	pen := font.Drawer{
		Dst: w.out, Src: image.NewUniform(ink(c)), Face: w.face,
		Dot: fixed.P(at.Min.X+w.padding, at.Min.Y+w.padding/2+w.ascent),
	}
	pen.DrawString(text)
}

// fit is as much of a label as the photo has room for, and its width with padding.
func (w *writer) fit(d Detection) (text string, width int) {
	fits := func(s string) bool {
		text, width = s, font.MeasureString(w.face, s).Ceil()+2*w.padding
		return width <= w.out.Rect.Dx()
	}
	const longest = 80
	full := []rune(d.caption())
	d.Score = -1
	name := []rune(d.caption())
	if len(full) <= longest && fits(string(full)) || len(name) <= longest && fits(string(name)) {
		return text, width
	}
	for n := min(len(name)-1, longest); n > 0; n-- {
		if fits(string(name[:n]) + "…") {
			return text, width
		}
	}
	return "", 0
}

// place finds where a label of that width goes at a box: above its left corner if that is free.
func (w *writer) place(box image.Rectangle, width int) image.Rectangle {
	var best image.Rectangle
	least := math.MaxInt
	try := func(x, y int) bool {
		x = max(0, min(x, w.out.Rect.Max.X-width))
		y = max(0, min(y, w.out.Rect.Max.Y-w.height))
		at := image.Rect(x, y, x+width, y+w.height)
		hidden := 0
		for _, other := range w.taken {
			shared := at.Intersect(other).Size()
			hidden += shared.X * shared.Y
		}
		if hidden < least {
			best, least = at, hidden
		}
		return hidden == 0
	}
	right := box.Max.X - width
	// Above the box, then within it, then below: at its left, at its right, and as further labels of boxes
	// that are much the same.
	for _, y := range [...]int{
		box.Min.Y - w.height, box.Min.Y, box.Max.Y, box.Max.Y - w.height,
		box.Min.Y - 2*w.height, box.Min.Y + w.height, box.Min.Y + 2*w.height, box.Min.Y + 3*w.height,
	} {
		if try(box.Min.X, y) || try(right, y) {
			break
		}
	}
	return best
}
