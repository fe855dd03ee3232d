package digitnet

import "math"

// A Point of a stroke: to the right and downwards from the upper left corner of a square with a side of 1.
type Point struct{ X, Y float64 }

const (
	box    = 20   // pixels: a digit is as large as fits into so many
	radius = 1.25 // of the pen, in pixels
	soft   = .6   // how far ink runs, in pixels
	least  = .15  // of the square: what is smaller, such as a dot, is not made as large as a digit
)

// Ink draws strokes into a picture of Side × Side as MNIST's pictures are made: the digit fits into 20 × 20 pixels, and
// its centre of mass is the picture's middle. 0 is the paper and 1 ink. Points that are no numbers are left out.
//
// Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, 1998,
// section III A.
func Ink(strokes [][]Point, picture []float32) {
	picture = picture[:Side*Side]
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, stroke := range strokes {
		for _, p := range stroke {
			if p.finite() {
				low = Point{min(low.X, p.X), min(low.Y, p.Y)}
				high = Point{max(high.X, p.X), max(high.Y, p.Y)}
			}
		}
	}
	if low.X > high.X {
		clear(picture)
		return
	}
	scale := (box - 2*radius) / max(high.X-low.X, high.Y-low.Y, least)
	// First in the middle of the picture; then from its centre of mass.
	shift := Point{Side/2 - scale*(low.X+high.X)/2, Side/2 - scale*(low.Y+high.Y)/2}
	draw(strokes, scale, shift, picture)
	var mass, x, y float64
	for i, v := range picture {
		mass += float64(v)
		x += float64(v) * (float64(i%Side) + .5)
		y += float64(v) * (float64(i/Side) + .5)
	}
	const margin = (Side - box) / 2
	shift.X += max(-margin, min(margin, Side/2-x/mass))
	shift.Y += max(-margin, min(margin, Side/2-y/mass))
	draw(strokes, scale, shift, picture)
}

func (p Point) finite() bool {
	return math.Abs(p.X) <= math.MaxFloat32 && math.Abs(p.Y) <= math.MaxFloat32
}

// draw draws the strokes, scaled and shifted.
func draw(strokes [][]Point, scale float64, shift Point, picture []float32) {
	clear(picture)
	for _, stroke := range strokes {
		var from Point
		begun := false
		for _, p := range stroke {
			if !p.finite() {
				continue
			}
			to := Point{scale*p.X + shift.X, scale*p.Y + shift.Y}
			if !begun {
				from, begun = to, true
			}
			line(from, to, picture)
			from = to
		}
	}
}

// line inks the pixels near the line from a to b.
func line(a, b Point, picture []float32) {
	const reach = radius + soft
	left, right := int(max(0, min(a.X, b.X)-reach)), int(min(Side-1, max(a.X, b.X)+reach))
	top, bottom := int(max(0, min(a.Y, b.Y)-reach)), int(min(Side-1, max(a.Y, b.Y)+reach))
	dx, dy := b.X-a.X, b.Y-a.Y
	length := max(dx*dx+dy*dy, 1e-9)
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			px, py := float64(x)+.5-a.X, float64(y)+.5-a.Y
			t := max(0, min(1, (px*dx+py*dy)/length))
			away := math.Hypot(px-t*dx, py-t*dy) - radius
			ink := float32(max(0, min(1, (soft-away)/(2*soft))))
			picture[y*Side+x] = max(picture[y*Side+x], ink)
		}
	}
}
