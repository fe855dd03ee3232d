package dataset

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// An Augment makes new pictures of one, so that a detector does not learn the few there are by heart. Its zero value
// changes nothing but the size. The meanings are Darknet's.
type Augment struct {
	Fit  photo.Fit // how a picture gets into another shape: as the detector will get its photos
	Flip bool      // mirror every other picture

	// Crop moves each edge of the picture by up to this part of its width or height, in or out, where there is grey;
	// from 0 to 0.4. (jitter in a .cfg file)
	Crop float64

	// Colours as in other light: Hue turns the colour wheel by up to this part, from 0 to 0.5. Saturation and Exposure
	// multiply or divide by up to that, from 1; 0 is as 1.
	Hue, Saturation, Exposure float64

	// Mosaic is the probability, from 0 to 1, that a picture is put together from parts of four, each changed as above.
	// (A. Bochkovskiy et al., "YOLOv4: Optimal Speed and Accuracy of Object Detection", 2020)
	Mosaic float64
}

// grey is what Darknet pads with.
var grey = image.NewUniform(color.Gray{128})

// minVisible is how much of an object must be left: of less, nobody could tell what it is.
const minVisible = .25

// check says what cannot be done.
func (a Augment) check(width, height int) error {
	for _, field := range []struct {
		name      string
		value     float64
		low, high float64
	}{
		{"Crop", a.Crop, 0, .4}, {"Hue", a.Hue, 0, .5}, {"Mosaic", a.Mosaic, 0, 1},
		{"Saturation", factor(a.Saturation), 1, 100}, {"Exposure", factor(a.Exposure), 1, 100},
	} {
		if !(field.value >= field.low && field.value <= field.high) {
			return fmt.Errorf("dataset.Augment: %s is %g, not from %g to %g", field.name, field.value, field.low, field.high)
		}
	}
	if a.Fit != photo.Letterbox && a.Fit != photo.Stretch {
		return fmt.Errorf("dataset.Augment: there is no photo.Fit(%d): give photo.Letterbox or photo.Stretch", a.Fit)
	}
	if width < 1 || height < 1 {
		return fmt.Errorf("dataset.Augment: a picture of %d × %d pixels: width and height must be positive", width, height)
	}
	return nil
}

func factor(v float64) float64 {
	if v == 0 {
		return 1
	}
	return v
}

// Apply makes a picture of width × height pixels from a sample, and says where the objects are in it. Boxes end where
// the picture does, and objects of which less than a quarter is left are not in the result. The same rng gives the
// same picture; the zero Augment needs none. The sample is not changed.
//
// A mosaic calls others for three more samples, such as random ones of the set; without Mosaic, others may be nil. An
// error is about the options or is one of others.
func (a Augment) Apply(rng *rand.Rand, s Sample, others func() (Sample, error), width, height int) (Sample, error) {
	if err := a.check(width, height); err != nil {
		return Sample{}, err
	}
	if a.Mosaic == 0 || rng.Float64() >= a.Mosaic {
		img, objects, err := a.one(rng, s, width, height)
		if err != nil {
			return Sample{}, err
		}
		return Sample{img, left(objects, img.Rect, image.Point{}, nil)}, nil
	}
	if others == nil {
		return Sample{}, errors.New("dataset.Augment: a mosaic needs three more samples: give others, a function that finds some")
	}
	out := Sample{Image: image.NewRGBA(image.Rect(0, 0, width, height))}
	cutX, cutY := int(float64(width)*(.25+.5*rng.Float64())), int(float64(height)*(.25+.5*rng.Float64()))
	for i, part := range []image.Rectangle{
		image.Rect(0, 0, cutX, cutY), image.Rect(cutX, 0, width, cutY),
		image.Rect(0, cutY, cutX, height), image.Rect(cutX, cutY, width, height),
	} {
		if i > 0 {
			var err error
			if s, err = others(); err != nil {
				return Sample{}, err
			}
		}
		img, objects, err := a.one(rng, s, width, height)
		if err != nil {
			return Sample{}, err
		}
		// What is shown is some part of the picture, as large as there is room.
		from := image.Pt(rng.IntN(width-part.Dx()+1), rng.IntN(height-part.Dy()+1))
		draw.Draw(out.Image, part, img, from, draw.Src)
		out.Objects = left(objects, part, part.Min.Sub(from), out.Objects)
	}
	return out, nil
}

// A whole is an object with its whole area, of which its box may show a part.
type whole struct {
	Object
	area float64
}

// left appends the objects of which enough is left in a part of a picture, moved there.
func left(objects []whole, part image.Rectangle, shift image.Point, to []Object) []Object {
	dx, dy := float64(shift.X), float64(shift.Y)
	window := detection.Box{X1: float64(part.Min.X), Y1: float64(part.Min.Y), X2: float64(part.Max.X), Y2: float64(part.Max.Y)}
	for _, o := range objects {
		moved := detection.Box{X1: o.Box.X1 + dx, Y1: o.Box.Y1 + dy, X2: o.Box.X2 + dx, Y2: o.Box.Y2 + dy}
		// The comparison is for what rounding takes off of exactly a quarter.
		if o.Box = moved.Intersect(window); o.Box.Area() > 0 && o.Box.Area() >= minVisible*o.area*(1-1e-9) {
			to = append(to, o.Object)
		}
	}
	return to
}

// one makes a picture from one sample.
func (a Augment) one(rng *rand.Rand, s Sample, width, height int) (*image.RGBA, []whole, error) {
	if s.Image == nil || s.Image.Rect.Empty() {
		return nil, nil, errors.New("dataset.Augment: a sample has no picture")
	}
	size := s.Image.Rect.Size()
	region := image.Rectangle{Max: size}
	if a.Crop > 0 {
		edge := func(length int) int { return int(math.Round(a.Crop * (2*rng.Float64() - 1) * float64(length))) }
		region.Min = image.Pt(edge(size.X), edge(size.Y))
		region.Max = image.Pt(max(region.Min.X+1, size.X-edge(size.X)), max(region.Min.Y+1, size.Y-edge(size.Y)))
	}
	// HalfPixel, since its pixels lie where the boxes' arithmetic has them.
	pixels, m := photo.Prepare(cut(s.Image, region), width, height, a.Fit, photo.HalfPixel)
	if a.Hue > 0 || factor(a.Saturation) > 1 || factor(a.Exposure) > 1 {
		hue := a.Hue * (2*rng.Float64() - 1)
		saturation, exposure := scale(rng, factor(a.Saturation)), scale(rng, factor(a.Exposure))
		for y := m.Inner.Min.Y; y < m.Inner.Max.Y; y++ {
			row := pixels[3*(y*width+m.Inner.Min.X):][:3*m.Inner.Dx()]
			for x := 0; x < len(row); x += 3 {
				recolour((*[3]float32)(row[x:]), float32(hue), float32(saturation), float32(exposure))
			}
		}
	}
	flip := a.Flip && rng.IntN(2) == 0

	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		row := img.Pix[y*img.Stride:][:4*width]
		for x := range width {
			from := y*width + x
			if flip {
				from = y*width + width - 1 - x
			}
			for k, v := range pixels[3*from:][:3] {
				row[4*x+k] = uint8(255*v + .5)
			}
			row[4*x+3] = 255
		}
	}

	visible := region.Intersect(image.Rectangle{Max: size})
	window := detection.Box{X1: float64(visible.Min.X), Y1: float64(visible.Min.Y), X2: float64(visible.Max.X), Y2: float64(visible.Max.Y)}
	fx, fy := float64(m.Inner.Dx())/float64(region.Dx()), float64(m.Inner.Dy())/float64(region.Dy())
	toX := func(x float64) float64 { return float64(m.Inner.Min.X) + (x-float64(region.Min.X))*fx }
	toY := func(y float64) float64 { return float64(m.Inner.Min.Y) + (y-float64(region.Min.Y))*fy }
	var objects []whole
	for _, o := range s.Objects {
		area := o.Box.Area() * fx * fy
		b := o.Box.Intersect(window)
		if b.Area() == 0 {
			continue
		}
		o.Box = detection.Box{X1: toX(b.X1), Y1: toY(b.Y1), X2: toX(b.X2), Y2: toY(b.Y2)}
		if flip {
			o.Box.X1, o.Box.X2 = float64(width)-o.Box.X2, float64(width)-o.Box.X1
		}
		objects = append(objects, whole{o, area})
	}
	return img, objects, nil
}

// cut is a region of a picture, counted from its upper left corner, and grey where it reaches beyond.
func cut(img *image.RGBA, region image.Rectangle) *image.RGBA {
	region = region.Add(img.Rect.Min)
	if region.In(img.Rect) {
		return img.SubImage(region).(*image.RGBA)
	}
	out := image.NewRGBA(region)
	draw.Draw(out, region, grey, image.Point{}, draw.Src)
	draw.Draw(out, region.Intersect(img.Rect), img, region.Intersect(img.Rect).Min, draw.Src)
	return out
}

// scale is a factor from 1/most to most, larger and smaller alike.
func scale(rng *rand.Rand, most float64) float64 {
	f := 1 + (most-1)*rng.Float64()
	if rng.IntN(2) == 0 {
		return 1 / f
	}
	return f
}

// recolour changes a pixel's hue, saturation and value (HSV).
func recolour(pixel *[3]float32, hue, saturation, exposure float32) {
	r, g, b := pixel[0], pixel[1], pixel[2]
	value := max(r, g, b)
	chroma := value - min(r, g, b)
	if chroma > 0 {
		var h float32 // from 0 to 6
		switch value {
		case r:
			h = (g - b) / chroma
		case g:
			h = 2 + (b-r)/chroma
		default:
			h = 4 + (r-g)/chroma
		}
		h += 6*hue + 12
		s := min(1, chroma/value*saturation)
		value = min(1, value*exposure)
		for k := range pixel {
			at := h + []float32{5, 3, 1}[k]
			at -= 6 * float32(int(at/6))
			pixel[k] = value * (1 - s*max(0, min(at, 4-at, 1)))
		}
		return
	}
	value = min(1, value*exposure)
	*pixel = [3]float32{value, value, value}
}
