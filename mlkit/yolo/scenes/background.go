package scenes

import "math"

// background paints what a detector should learn not to see. None of it looks like an object: lines cross the whole
// picture, curves stay open, bars lie or are crossed, where a 1 stands, and blobs have no edge.
func (p *painter) background() {
	p.ground()
	layers := [...]func(){p.stripes, p.checks, p.clouds, p.blobs, p.lines, p.curves, p.bars}
	for _, k := range p.rng.Perm(len(layers))[:1+p.rng.IntN(4)] {
		layers[k]()
	}
}

// ground is a colour, or goes from one to another along a line or from a point.
func (p *painter) ground() {
	a, b := p.colour(), p.colour()
	if p.chance(.25) {
		b = a
	}
	centre, round := p.anywhere(), p.chance(.3)
	sin, cos := math.Sincos(2 * math.Pi * p.rng.Float64())
	for i := 0; i < len(p.img.Pix); i += 4 {
		blend((*[4]uint8)(p.img.Pix[i:]), a, 1)
		p.img.Pix[i+3] = 255
	}
	p.each(b, func(x, y float64) float64 {
		x, y = x-centre.x, y-centre.y
		if round {
			return min(1, math.Sqrt(x*x+y*y)/p.side)
		}
		return max(0, min(1, .5+(x*cos+y*sin)/p.side))
	})
}

// each paints every pixel of the picture.
func (p *painter) each(c rgb, opacity func(x, y float64) float64) {
	for y := range p.height {
		row := p.img.Pix[y*p.img.Stride:][:4*p.width]
		for x := range p.width {
			if part := opacity(float64(x), float64(y)); part > 0 {
				blend((*[4]uint8)(row[4*x:]), c, part)
			}
		}
	}
}

// soft is 0 below and 1 above 0, and between them a pixel or two wide.
func soft(d, width float64) float64 { return max(0, min(1, .5+d/width)) }

func (p *painter) stripes() {
	c, opacity := p.colour(), p.between(.15, .7)
	period := p.side * p.between(.04, .25)
	part, width := p.between(.2, .6), p.between(1, period/2)
	sin, cos := math.Sincos(math.Pi * p.rng.Float64())
	phase := period * p.rng.Float64()
	p.each(c, func(x, y float64) float64 {
		at := x*cos + y*sin + phase
		at -= period * math.Floor(at/period)
		return opacity * soft(part*period/2-math.Abs(at-period/2), width)
	})
}

func (p *painter) checks() {
	c, opacity := p.colour(), p.between(.1, .5)
	sin, cos := math.Sincos(math.Pi * p.rng.Float64())
	period := p.side * p.between(.03, .09)
	sin, cos = sin/period, cos/period
	p.each(c, func(x, y float64) float64 {
		u, v := math.Floor(x*cos+y*sin), math.Floor(y*cos-x*sin)
		return opacity * float64(int(u+v)&1)
	})
}

// clouds are smooth noise: numbers on a grid, and between them what lies between.
func (p *painter) clouds() {
	const cells = 24
	var grid [cells + 1][cells + 1]float64
	for i := range grid {
		for k := range grid {
			grid[i][k] = p.rng.Float64()
		}
	}
	c, opacity := p.colour(), p.between(.3, .9)
	scale := p.between(3, cells) / float64(max(p.width, p.height))
	p.each(c, func(x, y float64) float64 {
		x, y = x*scale, y*scale
		i, k := int(x), int(y)
		x, y = x-float64(i), y-float64(k)
		x, y = x*x*(3-2*x), y*y*(3-2*y)
		top := grid[i][k] + x*(grid[i+1][k]-grid[i][k])
		bottom := grid[i][k+1] + x*(grid[i+1][k+1]-grid[i][k+1])
		return opacity * (top + y*(bottom-top))
	})
}

func (p *painter) blobs() {
	for range 2 + p.rng.IntN(6) {
		c, opacity, at := p.colour(), p.between(.3, .9), p.anywhere()
		radius := p.side * p.between(.05, .35)
		for y := max(0, int(at.y-radius)); y < min(p.height, int(at.y+radius)); y++ {
			for x := max(0, int(at.x-radius)); x < min(p.width, int(at.x+radius)); x++ {
				dx, dy := (float64(x)-at.x)/radius, (float64(y)-at.y)/radius
				if d := 1 - dx*dx - dy*dy; d > 0 {
					blend((*[4]uint8)(p.img.Pix[p.img.PixOffset(x, y):]), c, opacity*d*d)
				}
			}
		}
	}
}

func (p *painter) lines() {
	for range 2 + p.rng.IntN(8) {
		at := p.anywhere()
		sin, cos := math.Sincos(math.Pi * p.rng.Float64())
		half := .75 * float64(p.width+p.height)
		dx, dy := half*cos, half*sin
		p.fill(p.mask(stroke([]point{{at.x - dx, at.y - dy}, {at.x + dx, at.y + dy}}, p.thin())), plain(p.colour(), p.between(.4, 1)))
	}
}

// thin is a line's width.
func (p *painter) thin() float64 { return max(1, p.side*p.between(.004, .03)) }

// curves are open: scribbles, arcs and zigzags.
func (p *painter) curves() {
	for range 1 + p.rng.IntN(4) {
		at, direction := p.anywhere(), 2*math.Pi*p.rng.Float64()
		step, bend, change := p.side*p.between(.02, .05), 0., p.between(0, .35)
		zigzag := p.chance(.3)
		points := []point{at}
		for i := range 8 + p.rng.IntN(16) {
			if zigzag {
				turn := p.between(.8, 1.2)
				if i%2 == 0 {
					turn = -turn
				}
				direction += turn
			} else {
				bend = max(-.3, min(.3, bend+change*p.rng.NormFloat64()))
				direction += bend
			}
			sin, cos := math.Sincos(direction)
			at = point{at.x + step*cos, at.y + step*sin}
			points = append(points, at)
		}
		p.fill(p.mask(stroke(points, p.thin())), plain(p.colour(), p.between(.4, 1)))
	}
}

// bars are long rectangles, lying or crossed.
func (p *painter) bars() {
	for range 1 + p.rng.IntN(4) {
		at, c := p.anywhere(), plain(p.colour(), p.between(.5, 1))
		length := p.side * p.between(.08, .3)
		width := length * p.between(.1, .25)
		crossed := p.chance(.4)
		lean := .4
		if crossed {
			lean = math.Pi / 2
		}
		sin, cos := math.Sincos(p.between(-lean, lean))
		dx, dy := length*cos/2, length*sin/2
		p.fill(p.mask(stroke([]point{{at.x - dx, at.y - dy}, {at.x + dx, at.y + dy}}, width)), c)
		if crossed {
			p.fill(p.mask(stroke([]point{{at.x + dy, at.y - dx}, {at.x - dy, at.y + dx}}, width)), c)
		}
	}
}
