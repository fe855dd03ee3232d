package mnist

import (
	"math"
	"math/rand/v2"

	"gopherlens/mlkit/internal/fault"
)

// side is the number of pixels in a row and in a column of an image.
const side = 28

// A pen draws one digit after another. It holds the memory that this takes.
type pen struct {
	rng    *rand.Rand
	points []point // of all strokes
	starts []int   // which of them begin a stroke
	away   [side * side]float64
}

// Strokes returns how a digit from 0 to 9 may be written: for each stroke of the pen the points on its way, x to the
// right and y downwards, from the upper left corner; the digit is 1 high.
func Strokes(digit int) [][][2]float64 {
	if digit < 0 || digit > 9 {
		fault.Panicf("mnist.Strokes is to write a %d, but the digits are 0 to 9", digit)
	}
	var strokes [][][2]float64
	for _, stroke := range shapes[digit][0] {
		var p pen
		p.curve(stroke)
		points := make([][2]float64, len(p.points))
		for i, at := range p.points {
			points[i] = [2]float64{at.x / 100, at.y / 100}
		}
		strokes = append(strokes, points)
	}
	return strokes
}

// digit draws a digit by hand, as it were, into an image of side × side pixels: 0 is the paper, 255 ink.
func (p *pen) digit(label int, image []uint8) {
	p.write(shapes[label][p.rng.IntN(len(shapes[label]))])
	p.distort()
	p.ink(image)
}

// around is a number near mean, spread by deviation, but never further off than twice that.
func (p *pen) around(mean, deviation float64) float64 {
	return mean + deviation*max(-2, min(2, p.rng.NormFloat64()))
}

// write turns a shape into points close to one another, with an unsteady hand.
func (p *pen) write(s shape) {
	const unsteady = 2.5
	p.points, p.starts = p.points[:0], p.starts[:0]
	for _, stroke := range s {
		p.starts = append(p.starts, len(p.points))
		var c [24]point
		var off point
		for i, at := range stroke {
			if i == 0 || at != stroke[i-1] { // a corner stays one
				off = point{p.around(.8*off.x, unsteady), p.around(.8*off.y, unsteady)}
			}
			c[i] = point{at.x + off.x, at.y + off.y}
		}
		p.curve(c[:len(stroke)])
	}
}

// curve adds the points of a Catmull-Rom spline, which goes through all points of c.
func (p *pen) curve(c []point) {
	for i := range len(c) - 1 {
		a, b := c[i], c[i+1]
		if a == b {
			continue
		}
		before, after := c[max(i-1, 0)], c[min(i+2, len(c)-1)]
		const every = 6 // hundredths of the height
		steps := max(1, int(math.Hypot(b.x-a.x, b.y-a.y)/every))
		for k := range steps {
			t := float64(k) / float64(steps)
			p.points = append(p.points, point{spline(before.x, a.x, b.x, after.x, t), spline(before.y, a.y, b.y, after.y, t)})
		}
	}
	p.points = append(p.points, c[len(c)-1])
}

// spline is the Catmull-Rom spline through a and b at t from 0 to 1.
func spline(before, a, b, after, t float64) float64 {
	return a + t/2*(b-before+t*(2*before-5*a+4*b-after+t*(3*(a-b)+after-before)))
}

// distort bends all strokes together, slants, turns and stretches them.
func (p *pen) distort() {
	// Two waves a direction bend what is straight.
	type wave struct{ amplitude, fx, fy, phase float64 }
	var waves [4]wave
	for i := range waves {
		waves[i] = wave{p.around(0, 4.5), p.around(0, .045), p.around(0, .045), p.rng.Float64() * 2 * math.Pi}
	}
	stretch := math.Exp(p.around(0, .2))
	slant := p.around(.2, .3)
	sin, cos := math.Sincos(p.around(0, .14))
	for i, at := range p.points {
		x, y := at.x, at.y
		for k, w := range waves {
			d := w.amplitude * math.Sin(w.fx*at.x+w.fy*at.y+w.phase)
			if k%2 == 0 {
				x += d
			} else {
				y += d
			}
		}
		x = x*stretch - slant*y
		p.points[i] = point{x*cos - y*sin, x*sin + y*cos}
	}
}

// ink draws the strokes as MNIST's digits are: as large as fits into 20 × 20 pixels, and moved by whole
// pixels so that the centre of mass is the image's.
func (p *pen) ink(image []uint8) {
	const box, margin = 20, 4
	low, high := p.points[0], p.points[0]
	for _, at := range p.points {
		low = point{min(low.x, at.x), min(low.y, at.y)}
		high = point{max(high.x, at.x), max(high.y, at.y)}
	}
	radius := math.Exp(p.around(math.Log(1.22), .3))
	soft := .45 + .3*p.rng.Float64()                               // how far ink runs, in pixels
	pressure, phase := p.around(0, .15), p.rng.Float64()*2*math.Pi // makes the stroke thicker here and there
	scale := (box - 2*radius*(1+math.Abs(pressure))) / max(high.x-low.x, high.y-low.y)
	shift := point{side/2 - scale*(low.x+high.x)/2, side/2 - scale*(low.y+high.y)/2}
	for i, at := range p.points {
		p.points[i] = point{scale*at.x + shift.x, scale*at.y + shift.y}
	}

	for i := range p.away {
		p.away[i] = 4
	}
	for s, start := range p.starts {
		end := len(p.points)
		if s+1 < len(p.starts) {
			end = p.starts[s+1]
		}
		for i := start + 1; i < end; i++ {
			p.line(p.points[i-1], p.points[i], radius*(1+pressure*math.Sin(phase+float64(i)/8)), soft)
		}
	}

	var mass, mx, my float64
	var ink [side * side]float64
	for i, away := range p.away {
		if away >= soft {
			continue
		}
		v := max(0, min(1, (soft-away)/(2*soft)))
		ink[i] = v
		mass += v
		mx += v * (float64(i%side) + .5)
		my += v * (float64(i/side) + .5)
	}
	dx := max(-margin, min(margin, int(math.Round(side/2-mx/mass))))
	dy := max(-margin, min(margin, int(math.Round(side/2-my/mass))))
	clear(image)
	for y := max(0, -dy); y < min(side, side-dy); y++ {
		for x := max(0, -dx); x < min(side, side-dx); x++ {
			if v := ink[y*side+x]; v > 0 {
				v *= 255
				if v < 250 {
					v += 12 * p.rng.NormFloat64()
				}
				image[(y+dy)*side+x+dx] = uint8(max(0, min(255, v)))
			}
		}
	}
}

// line notes for the pixels near the line from a to b how far away they are from its ink.
func (p *pen) line(a, b point, radius, soft float64) {
	reach := radius + soft
	left, right := int(max(0, min(a.x, b.x)-reach)), int(min(side-1, max(a.x, b.x)+reach))
	top, bottom := int(max(0, min(a.y, b.y)-reach)), int(min(side-1, max(a.y, b.y)+reach))
	ux, uy := b.x-a.x, b.y-a.y
	length := max(ux*ux+uy*uy, 1e-9)
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			px, py := float64(x)+.5-a.x, float64(y)+.5-a.y
			t := max(0, min(1, (px*ux+py*uy)/length))
			px, py = px-t*ux, py-t*uy
			at := &p.away[y*side+x]
			*at = min(*at, math.Sqrt(px*px+py*py)-radius)
		}
	}
}
