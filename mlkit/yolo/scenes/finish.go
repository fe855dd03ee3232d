package scenes

import "math"

// finish makes the picture more like a photo: light from one side, a lens that is not quite sharp, and noise.
func (p *painter) finish() {
	if p.chance(.4) {
		p.blur(p.between(.2, 1))
	}
	brightness, slope := p.between(.75, 1.15), p.between(0, .3)/p.side
	sin, cos := math.Sincos(2 * math.Pi * p.rng.Float64())
	noise := p.between(0, 12)
	if p.chance(.3) {
		noise = 0
	}
	for y := range p.height {
		row := p.img.Pix[y*p.img.Stride:][:4*p.width]
		light := brightness + slope*(sin*(float64(y)-float64(p.height)/2)-cos*float64(p.width)/2)
		for x := 0; x < len(row); x += 4 {
			bits := p.rng.Uint64()
			pixel := (*[4]uint8)(row[x:])
			pixel[0] = exposed(pixel[0], light, noise, bits)
			pixel[1] = exposed(pixel[1], light, noise, bits>>16)
			pixel[2] = exposed(pixel[2], light, noise, bits>>32)
			light += slope * cos
		}
	}
}

// exposed is a part of a pixel, in that light and with that noise. The sum of two evenly spread bytes is most often near
// its middle.
func exposed(v uint8, light, noise float64, bits uint64) uint8 {
	spread := float64(int(bits&255+bits>>8&255)-255) / 255
	return uint8(max(0, min(255, int(light*float64(v)+noise*spread+.5))))
}

// blur mixes each pixel with those around it, by 1-2-1 in both directions.
func (p *painter) blur(strength float64) {
	pix, stride := p.img.Pix, p.img.Stride
	sharp := make([]uint8, len(pix))
	part := int(64 * strength) // of 256
	for _, step := range []int{4, stride} {
		copy(sharp, pix)
		for start := 0; start < len(pix); start += stride {
			first, last := start+4, start+stride-4
			if step == stride {
				if start == 0 || start+stride == len(pix) {
					continue
				}
				first, last = start, start+stride
			}
			before, at, after := sharp[first-step:], sharp[first:], sharp[first+step:]
			to := pix[first:last]
			for i := range to { // opaque stays opaque
				v := int(at[i])
				to[i] = uint8(v + (part*(int(before[i])+int(after[i])-2*v)+128)>>8)
			}
		}
	}
}
