package explore

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/sketch"
)

// Digit is a sheet of paper to draw a digit on, with the mouse, a pen, a finger or the keyboard. At every stroke the
// network of package digitnet reads it anew, in the browser: all of its maps are shown, and the ten probabilities. A 3
// is there to begin with.
type Digit struct{}

// reader is package digitnet for browsers: a gzipped WebAssembly module, which go generate builds.
//
//go:embed dist/digitnet.wasm.gz
var reader []byte

const firstDigit = 3

// A panel is where the picture shows a layer's maps.
type panel struct {
	Layer   int     `json:"layer"`
	Columns int     `json:"columns"`
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	Width   float64 `json:"width"`
	words   string
}

const (
	digitWidth, digitHeight, digitMargin = 640, 588, 16

	paperX, paperY, paperSide = digitMargin, 44, 196
	answersX, answersStep     = 476, 19.6
)

var panels = [...]panel{
	{0, 1, 252, 58, 168, ""},
	{1, 16, digitMargin, 282, 608, "Convolution 3 × 3: 32 maps of 26 × 26 numbers"},
	{2, 32, digitMargin, 384, 608, "Max pooling 2 × 2: 32 maps of 13 × 13"},
	{3, 32, digitMargin, 430, 608, "Convolution 2 × 2: 64 maps of 12 × 12"},
	{4, 32, digitMargin, 493, 608, "Max pooling 2 × 2: 64 maps of 6 × 6"},
	{5, 64, digitMargin, 553, 608, "Dense: 128 neurons"},
}

// String says what the picture shows.
func (d Digit) String() string {
	digit, p := Read(firstDigit).Digit()
	return fmt.Sprintf("A handwritten %d, the maps that each layer of a trained network makes of it, and the probabilities of the ten digits: %d has %.1f %%.",
		firstDigit, digit, 100*p)
}

// HTML returns the explorable. It has the network in it, and is about 1.2 MB large.
func (d Digit) HTML() string {
	strokes := written(firstDigit)
	maps := read(strokes)
	s := sketch.New(digitWidth, digitHeight, d.String())
	s.Text("strong", paperX, 26, "Your digit")
	s.Text("strong", panels[0].X, 26, "What the network gets")
	s.Text("strong", answersX, 26, "What it answers")
	s.Named("paper", func() {
		s.Rect("white ringed", paperX, paperY, paperSide, paperSide)
		s.At(paperX, paperY, func() {
			s.Styled("fill:none;stroke:#222;stroke-width:12;stroke-linecap:round;stroke-linejoin:round", func() {
				s.Named("strokes", func() { s.Path("", pathOf(strokes)) })
			})
			s.Named("pen", func() {})
		})
	})
	s.Arrow("line grey", paperX+paperSide+8, paperY+paperSide/2, panels[0].X-8, paperY+paperSide/2)
	s.Arrow("line grey", panels[0].X+panels[0].Width+8, paperY+paperSide/2, answersX-8, paperY+paperSide/2)
	s.Named("answers", func() { answers(s, maps, answersX, paperY, digitWidth-digitMargin, answersStep) })
	for _, p := range panels {
		picture := FeatureMaps(maps, p.Layer, p.Columns)
		size := picture.Bounds().Size()
		s.Text("", p.X, p.Y-11, p.words)
		s.Pixels(p.X, p.Y, p.Width, p.Width*float64(size.Y)/float64(size.X), picture)
	}
	var samples [10][][][2]float64
	for digit := range samples {
		for _, stroke := range written(digit) {
			var points [][2]float64
			for _, p := range stroke {
				points = append(points, [2]float64{thousandth(p.X), thousandth(p.Y)})
			}
			samples[digit] = append(samples[digit], points)
		}
	}
	return render("digit", s, d.String(), map[string]any{
		"module": base64.StdEncoding.EncodeToString(reader), "samples": samples, "first": firstDigit,
		"layers": digitnet.Layers, "panels": panels, "size": [2]float64{digitWidth, digitHeight},
		"paper": [3]float64{paperX, paperY, paperSide}, "full": digitWidth - digitMargin - answersX - answersWords,
	})
}

// pathOf is strokes as an SVG's path data, in pixels of the paper.
func pathOf(strokes [][]digitnet.Point) string {
	var path strings.Builder
	for _, stroke := range strokes {
		for i, p := range stroke {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], paperSide*p.X, paperSide*p.Y)
		}
	}
	return path.String()
}

func thousandth(v float64) float64 { return math.Round(1000*v) / 1000 }
