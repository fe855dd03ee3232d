package scenes

import (
	"image"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// A rgb is a colour, each part from 0 to 255.
type rgb [3]float64

func (c rgb) mix(other rgb, t float64) rgb {
	for k := range c {
		c[k] += t * (other[k] - c[k])
	}
	return c
}

// distance is about how different two colours look: green counts most, blue least.
func (c rgb) distance(other rgb) float64 {
	r, g, b := c[0]-other[0], c[1]-other[1], c[2]-other[2]
	return math.Sqrt(.30*r*r + .55*g*g + .15*b*b)
}

type point struct{ x, y float64 }

// A painter draws one picture.
type painter struct {
	rng           *rand.Rand
	width, height int
	side          float64 // the shorter one
	img           *image.RGBA
	raster        vector.Rasterizer
}

func newPainter(rng *rand.Rand, width, height int) *painter {
	return &painter{rng: rng, width: width, height: height, side: float64(min(width, height)), img: image.NewRGBA(image.Rect(0, 0, width, height))}
}

// between is a number from low to high.
func (p *painter) between(low, high float64) float64 { return low + (high-low)*p.rng.Float64() }

func (p *painter) chance(probability float64) bool { return p.rng.Float64() < probability }

func (p *painter) anywhere() point {
	return point{p.between(0, float64(p.width)), p.between(0, float64(p.height))}
}

// colour is any colour, from grey to bright.
func (p *painter) colour() rgb {
	h, s, v := 6*p.rng.Float64(), math.Sqrt(p.rng.Float64()), p.between(.15, 1)
	if p.chance(.2) {
		s, v = 0, p.rng.Float64()
	}
	var c rgb
	for k := range c { // each part of the colour falls and rises once around the wheel
		d := math.Abs(math.Mod(h+6-2*float64(k), 6) - 3)
		c[k] = 255 * v * (1 - s + s*max(0, min(1, d-1)))
	}
	return c
}

// A shade goes from one colour to another across the picture: at 0 in its direction it is from, at 1 to.
type shade struct {
	from, to rgb
	opacity  float64
	at       float64 // at the picture's upper left corner
	dx, dy   float64 // what a pixel to the right or down adds
}

func plain(c rgb, opacity float64) shade { return shade{from: c, to: c, opacity: opacity} }

// lit is a colour that is lighter on one side of a rectangle and darker on the other.
func (p *painter) lit(c rgb, where image.Rectangle, opacity float64) shade {
	strength := p.between(0, .3)
	s := shade{from: c.mix(rgb{255, 255, 255}, strength), to: c.mix(rgb{}, strength), opacity: opacity}
	sin, cos := math.Sincos(2 * math.Pi * p.rng.Float64())
	length := float64(max(where.Dx(), where.Dy(), 1))
	s.dx, s.dy = cos/length, sin/length
	s.at = .5 - s.dx*float64(where.Min.X+where.Max.X)/2 - s.dy*float64(where.Min.Y+where.Max.Y)/2
	return s
}

// fill paints where the mask is.
func (p *painter) fill(mask *image.Alpha, s shade) {
	r := mask.Rect.Intersect(p.img.Rect)
	if r.Empty() {
		return
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		cover := mask.Pix[mask.PixOffset(r.Min.X, y):][:r.Dx()]
		to := p.img.Pix[p.img.PixOffset(r.Min.X, y):]
		t := s.at + s.dy*float64(y) + s.dx*float64(r.Min.X)
		for i, a := range cover {
			if a > 0 {
				blend((*[4]uint8)(to[4*i:]), s.from.mix(s.to, max(0, min(1, t+s.dx*float64(i)))), s.opacity*float64(a)/255)
			}
		}
	}
}

func blend(pixel *[4]uint8, c rgb, opacity float64) {
	part := int32(opacity * (1 << 16)) // whole numbers are much faster here
	r, g, b := int32(pixel[0]), int32(pixel[1]), int32(pixel[2])
	pixel[0] = uint8(r + (part*(int32(c[0])-r)+1<<15)>>16)
	pixel[1] = uint8(g + (part*(int32(c[1])-g)+1<<15)>>16)
	pixel[2] = uint8(b + (part*(int32(c[2])-b)+1<<15)>>16)
}

// outline is a polygon; those that turn the other way cut holes.
type outline []point

// mask rasterises polygons. Its rectangle is where they are, even beyond the picture, but for at most its size.
func (p *painter) mask(polygons ...outline) *image.Alpha {
	low, high := polygons[0][0], polygons[0][0]
	for _, polygon := range polygons {
		for _, at := range polygon {
			low = point{min(low.x, at.x), min(low.y, at.y)}
			high = point{max(high.x, at.x), max(high.y, at.y)}
		}
	}
	r := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y)))
	r = r.Intersect(image.Rect(-p.width, -p.height, 2*p.width, 2*p.height))
	mask := image.NewAlpha(r)
	p.raster.Reset(r.Dx(), r.Dy())
	for _, polygon := range polygons {
		for i, at := range polygon {
			x, y := float32(at.x-float64(r.Min.X)), float32(at.y-float64(r.Min.Y))
			if i == 0 {
				p.raster.MoveTo(x, y)
			} else {
				p.raster.LineTo(x, y)
			}
		}
		p.raster.ClosePath()
	}
	p.raster.Draw(mask, r, image.Opaque, image.Point{})
	return mask
}

// stroke is a line of some width along points.
func stroke(points []point, width float64) outline {
	left, right := make(outline, 0, 2*len(points)), make(outline, len(points))
	for i, at := range points {
		before, after := points[max(i-1, 0)], points[min(i+1, len(points)-1)]
		dx, dy := after.x-before.x, after.y-before.y
		f := width / 2 / max(math.Hypot(dx, dy), 1e-9)
		left = append(left, point{at.x - f*dy, at.y + f*dx})
		right[len(points)-1-i] = point{at.x + f*dy, at.y - f*dx}
	}
	return append(left, right...)
}
