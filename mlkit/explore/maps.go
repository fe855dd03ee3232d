package explore

import (
	"image"
	"math"
	"slices"

	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/mnist"
)

// FeatureMaps draws the maps of one of digitnet.Layers side by side, in so many columns, each number as one pixel: black
// is 0, white the largest number in the layer, and a quarter of it is middle grey. Between maps of more than one number
// there is a white line.
func FeatureMaps(maps *digitnet.Maps, layer, columns int) *image.Gray {
	l := digitnet.Layers[layer]
	step := l.Side + min(1, l.Side-1)
	rows := (l.Channels + columns - 1) / columns
	picture := image.NewGray(image.Rect(0, 0, (columns-1)*step+l.Side, (rows-1)*step+l.Side))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	largest := max(slices.Max(maps.Layer(layer)), 1e-9)
	for channel := range l.Channels {
		x, y := channel%columns*step, channel/columns*step
		for i, v := range maps.Map(layer, channel) {
			picture.Pix[picture.PixOffset(x+i%l.Side, y+i/l.Side)] = uint8(math.Round(255 * math.Sqrt(float64(max(0, v)/largest))))
		}
	}
	return picture
}

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
