package scenes

import (
	"image"
	"math"
	"slices"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/yolo/dataset"
)

// A stamp is an object before it has a place and a colour.
type stamp struct {
	inside *image.Alpha // what is filled, or nil
	edge   *image.Alpha // what has a colour of its own, or nil
	box    image.Rectangle
}

// outlines are the shapes around (0, 0). Their edges are about as far from there, so that a smaller one within makes an
// outline.
var outlines = func() (all [5]outline) {
	regular := func(corners int, radii ...float64) (o outline) {
		for i := range corners {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(corners))
			r := radii[i%len(radii)]
			o = append(o, point{r * sin, -r * cos})
		}
		return o
	}
	all[0] = regular(72, 1)
	all[1] = regular(4, 1)
	all[2] = regular(3, 1)
	all[3] = regular(10, 1, .42)
	for i := range 72 {
		t := 2 * math.Pi * float64(i) / 72
		sin := math.Sin(t)
		all[4] = append(all[4], point{16 * sin * sin * sin, -13*math.Cos(t) + 5*math.Cos(2*t) + 2*math.Cos(3*t) + math.Cos(4*t)})
	}
	return all
}()

// longer is how long an object's longer side is to be: small ones are as common as large ones.
func (p *painter) longer() float64 {
	return p.side * minSide * math.Pow(maxSide/minSide, p.rng.Float64())
}

// shape is one of outlines, turned and a little stretched.
func (p *painter) shape(class int) stamp {
	sin, cos := math.Sincos(2 * math.Pi * p.rng.Float64())
	if p.chance(.3) {
		sin, cos = 0, 1
	}
	stretch := p.between(.88, 1.14)
	outer := make(outline, len(outlines[class]))
	low, high := point{}, point{}
	for i, at := range outlines[class] {
		x, y := stretch*at.x, at.y
		if class == 1 { // which stands on a corner
			x, y = stretch*(at.x-at.y), at.x+at.y
		}
		at = point{x*cos - y*sin, x*sin + y*cos}
		outer[i] = at
		low, high = point{min(low.x, at.x), min(low.y, at.y)}, point{max(high.x, at.x), max(high.y, at.y)}
	}
	longer := p.longer()
	scale := longer / max(high.x-low.x, high.y-low.y)
	shift := point{p.rng.Float64() - scale*low.x, p.rng.Float64() - scale*low.y}
	for i, at := range outer {
		outer[i] = point{at.x * scale, at.y * scale}
	}
	thick := min(.7, max(p.between(.15, .35), 5/longer))
	within := func(part float64) outline {
		o := make(outline, len(outer))
		for i, at := range outer {
			o[i] = point{at.x*part + shift.x, at.y*part + shift.y}
		}
		return o
	}
	whole := within(1)
	hole := within(1 - thick)
	slices.Reverse(hole)

	s := stamp{inside: p.mask(whole)}
	s.box = tight(s.inside)
	switch kind := p.rng.Float64(); {
	case kind < .5:
	case kind < .7: // the edge covers that of the inside
		s.inside, s.edge = p.mask(within(1-thick/2)), p.mask(whole, hole)
	default:
		s.inside, s.edge = nil, p.mask(whole, hole)
	}
	return s
}

// digit is one of mnist's, scaled and turned a little.
func (p *painter) digit() (class int, s stamp) {
	images, labels := mnist.Synthetic(1, p.rng.Uint64())
	small := &image.Alpha{Pix: array.Values[uint8](images.Index(0)), Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
	sin, cos := math.Sincos(p.between(-.3, .3))
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)} // of the turned ink
	for i, a := range small.Pix {
		if a >= 128 {
			x, y := float64(i%28)+.5, float64(i/28)+.5
			x, y = x*cos-y*sin, x*sin+y*cos
			low, high = point{min(low.x, x), min(low.y, y)}, point{max(high.x, x), max(high.y, y)}
		}
	}
	middle := point{(low.x + high.x) / 2, (low.y + high.y) / 2}
	width, height := high.x-low.x+1, high.y-low.y+1
	// A thin 1 becomes larger: a pixel beside it would be half its box.
	longer := min(p.side*maxSide, max(p.longer(), p.side*minShorter*max(width, height)/min(width, height)))
	scale := longer / max(width, height)

	half := int(math.Ceil(longer/2)) + 2
	large := image.NewAlpha(image.Rect(0, 0, 2*half, 2*half))
	sharp := max(1, scale) * p.between(.8, 1.2) // the edge stays about a pixel wide
	for y := range 2 * half {
		for x := range 2 * half {
			u, v := middle.x+(float64(x-half)+.5)/scale, middle.y+(float64(y-half)+.5)/scale
			ink := bilinear(small, u*cos+v*sin-.5, v*cos-u*sin-.5)
			large.Pix[y*large.Stride+x] = uint8(max(0, min(255, 110+(ink-110)*sharp)))
		}
	}
	return 5 + int(labels.At(0)), stamp{inside: large, box: tight(large)}
}

// bilinear is what is at a place between pixels.
func bilinear(img *image.Alpha, x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	i, k := int(fx), int(fy)
	if i < 0 || k < 0 || i+1 >= img.Rect.Max.X || k+1 >= img.Rect.Max.Y {
		return 0
	}
	x, y = x-fx, y-fy
	upper, lower := img.Pix[k*img.Stride+i:][:2], img.Pix[(k+1)*img.Stride+i:][:2]
	top := float64(upper[0]) + x*(float64(upper[1])-float64(upper[0]))
	bottom := float64(lower[0]) + x*(float64(lower[1])-float64(lower[0]))
	return top + y*(bottom-top)
}

// tight is the smallest rectangle around all pixels that are at least half covered.
func tight(mask *image.Alpha) image.Rectangle {
	var box image.Rectangle
	for y := mask.Rect.Min.Y; y < mask.Rect.Max.Y; y++ {
		row := mask.Pix[mask.PixOffset(mask.Rect.Min.X, y):][:mask.Rect.Dx()]
		first, last := -1, 0
		for i, a := range row {
			if a >= 128 {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		if first >= 0 {
			box = box.Union(image.Rect(mask.Rect.Min.X+first, y, mask.Rect.Min.X+last+1, y+1))
		}
	}
	return box
}

// place finds room for a stamp, and moves it there.
func (p *painter) place(s *stamp, others []dataset.Object) bool {
	width, height := p.width-s.box.Dx(), p.height-s.box.Dy()
	for range 30 {
		box := s.box.Sub(s.box.Min).Add(image.Pt(p.rng.IntN(width+1), p.rng.IntN(height+1)))
		if slices.ContainsFunc(others, func(o dataset.Object) bool {
			other := image.Rect(int(o.Box.X1), int(o.Box.Y1), int(o.Box.X2), int(o.Box.Y2))
			shared := box.Intersect(other)
			return float64(area(shared)) > maxOverlap*float64(min(area(box), area(other)))
		}) {
			continue
		}
		shift := box.Min.Sub(s.box.Min)
		for _, mask := range []*image.Alpha{s.inside, s.edge} {
			if mask != nil {
				mask.Rect = mask.Rect.Add(shift)
			}
		}
		s.box = box
		return true
	}
	return false
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// press paints a stamp, in colours that differ from what is around it.
func (p *painter) press(s stamp) {
	var around rgb
	for y := s.box.Min.Y; y < s.box.Max.Y; y++ {
		row := p.img.Pix[p.img.PixOffset(s.box.Min.X, y):][:4*s.box.Dx()]
		for i, v := range row {
			if i%4 < 3 {
				around[i%4] += float64(v) / float64(area(s.box))
			}
		}
	}
	opacity := p.between(.85, 1)
	if s.inside != nil {
		if p.chance(.25) { // a shadow
			shadow := *s.inside
			by := max(1, int(.06*float64(s.box.Dy())))
			shadow.Rect = shadow.Rect.Add(image.Pt(p.rng.IntN(2*by+1)-by, by))
			p.fill(&shadow, plain(rgb{}, .35))
		}
		c := p.against(around)
		p.fill(s.inside, p.lit(c, s.box, opacity))
		if s.edge != nil { // an edge that the ground swallowed would make the box wrong
			around = around.mix(c, .4)
		}
	}
	if s.edge != nil {
		p.fill(s.edge, p.lit(p.against(around), s.box, opacity))
	}
}

// against is a colour that stands out from another.
func (p *painter) against(ground rgb) rgb {
	var best rgb
	distance := -1.
	for range 12 {
		c := p.colour()
		if d := c.distance(ground); d > distance {
			best, distance = c, d
		}
		if distance > 100 {
			break
		}
	}
	return best
}
