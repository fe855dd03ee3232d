package explore

import (
	"fmt"
	"image"
	"math"
	"slices"

	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/sketch"
)

// FeatureMaps draws the maps of one of digitnet.Layers side by side, in so many columns, each number as one pixel: black
// is 0, white the largest number in the layer, and a quarter of it is middle grey. Between maps of more than one number
// there is a white line. If channels are given, these are drawn, or else all.
func FeatureMaps(maps *digitnet.Maps, layer, columns int, channels ...int) *image.Gray {
	l := digitnet.Layers[layer]
	if len(channels) == 0 {
		for channel := range l.Channels {
			channels = append(channels, channel)
		}
	}
	step := l.Side + min(1, l.Side-1)
	rows := (len(channels) + columns - 1) / columns
	picture := image.NewGray(image.Rect(0, 0, (columns-1)*step+l.Side, (rows-1)*step+l.Side))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	largest := slices.Max(maps.Layer(layer))
	for i, channel := range channels {
		x, y := i%columns*step, i/columns*step
		for i, v := range maps.Map(layer, channel) {
			picture.Pix[picture.PixOffset(x+i%l.Side, y+i/l.Side)] = grey(v, largest)
		}
	}
	return picture
}

// grey shows a number: 0 as black, the largest as white.
func grey(v, largest float32) uint8 {
	return uint8(math.Round(255 * math.Sqrt(float64(max(0, v)/max(largest, 1e-9)))))
}

// answers draws the ten probabilities as bars and numbers between x and end, step pixels apart.
func answers(s *sketch.Sketch, maps *digitnet.Maps, x, y, end, step float64) {
	best, _ := maps.Digit()
	for digit, p := range maps.Probabilities() {
		y := y + step*(float64(digit)+.5)
		s.Text("strong middle", x+8, y, fmt.Sprint(digit))
		class := "grey"
		if digit == best {
			class = "blue"
		}
		s.Rect(class, x+20, y-6, max(1, (end-x-answersWords)*float64(p)), 12)
		s.Text("end", end, y, fmt.Sprintf("%.1f %%", 100*p))
	}
}

// answersWords is how much of their width is not for the bars.
const answersWords = 78

// Read returns what the trained network makes of a digit from 0 to 9, as mnist.Strokes writes it.
func Read(digit int) *digitnet.Maps { return read(written(digit)) }

// written is how a digit is written in the middle of the square that digitnet's points are in.
func written(digit int) [][]digitnet.Point {
	var strokes [][]digitnet.Point
	left, right := math.Inf(1), math.Inf(-1)
	for _, stroke := range mnist.Strokes(digit) {
		var points []digitnet.Point
		for _, p := range stroke {
			left, right = min(left, p[0]), max(right, p[0])
			points = append(points, digitnet.Point{X: p[0], Y: p[1]})
		}
		strokes = append(strokes, points)
	}
	const high = .7 // of the square
	for _, stroke := range strokes {
		for i, p := range stroke {
			stroke[i] = digitnet.Point{X: .5 + high*(p.X-(left+right)/2), Y: .5 + high*(p.Y-.5)}
		}
	}
	return strokes
}

// read is what the network makes of strokes.
func read(strokes [][]digitnet.Point) *digitnet.Maps {
	maps := new(digitnet.Maps)
	digitnet.Ink(strokes, maps.Layer(0))
	digitnet.Trained().Forward(maps)
	return maps
}
