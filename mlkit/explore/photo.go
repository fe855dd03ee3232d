package explore

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"

	"gopherlens/assets"
	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// Photo is a picture of a laid table, which was drawn for this lesson: red, green and blue from 0 to 255, of shape
// [128, 192, 3].
func Photo() *array.Array {
	const scale = 5 // of the pixels of the file, 5 × 5 make one here
	file, err := assets.Samples.ReadFile("samples/table.jpg")
	if err != nil {
		panic(err) // it is embedded
	}
	picture, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	width, height := picture.Bounds().Dx()/scale, picture.Bounds().Dy()/scale
	var numbers []uint8
	for i := range width * height {
		var r, g, b uint32
		for k := range scale * scale {
			c := color.NRGBAModel.Convert(picture.At(i%width*scale+k%scale, i/width*scale+k/scale)).(color.NRGBA)
			r, g, b = r+uint32(c.R), g+uint32(c.G), b+uint32(c.B)
		}
		for _, sum := range [...]uint32{r, g, b} {
			numbers = append(numbers, uint8((sum+scale*scale/2)/(scale*scale)))
		}
	}
	return array.From(numbers, height, width, 3)
}

// Grey turns a colour picture of shape [height, width, 3] into a grey one of shape [height, width]: 0.299 red + 0.587
// green + 0.114 blue, which is about how bright the eye finds them (ITU-R BT.601).
func Grey(picture *array.Array) *array.Array {
	shape := picture.Shape()
	if len(shape) != 3 || shape[2] != 3 || picture.DType() != array.Uint8 {
		fault.Panicf("explore.Grey needs a colour picture of shape [height, width, 3] with numbers from 0 to 255, and this array has the shape %v", shape)
	}
	numbers := array.Values[uint8](picture)
	grey := make([]uint8, len(numbers)/3)
	for i := range grey {
		c := numbers[3*i:]
		grey[i] = uint8(math.Round(0.299*float64(c[0]) + 0.587*float64(c[1]) + 0.114*float64(c[2])))
	}
	return array.From(grey, shape[0], shape[1])
}

// shades draws numbers as greys: the smallest is black, the largest white.
func shades(values []float64, width int) *image.Gray {
	low, high := slices.Min(values), slices.Max(values)
	picture := image.NewGray(image.Rect(0, 0, width, len(values)/width))
	for i, v := range values {
		if high > low {
			picture.Pix[i] = uint8(math.Round(255 * (v - low) / (high - low)))
		}
	}
	return picture
}
