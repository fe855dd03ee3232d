package explore

import (
	"fmt"
	"image"
	"math"
	"slices"

	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/sketch"
)

// Walk is the way of a digit through the network of package digitnet: picture, filter, map, pooling, …, probabilities. The
// stages stand side by side; played, they follow one another, filters slide, and the numbers are told.
type Walk struct {
	Digit int // 0 to 9
}

// A slide is a window that slides over one map and fills another.
type slide struct {
	From   [2]float64 `json:"from"` // where the maps stand, in pixels
	To     [2]float64 `json:"to"`
	Size   int        `json:"size"`   // of the window, in numbers
	Stride int        `json:"stride"` // by how many numbers it moves
	Side   int        `json:"side"`   // of the map that it fills
	Input  []float32  `json:"input"`
	Output []float32  `json:"output"`
}

// A stage is one of the walk's.
type stage struct {
	Words string `json:"words"`
	Slide *slide `json:"slide"` // nil if nothing slides
}

const walkPixel = 6 // a number's width in a map, in pixels

// A place is one channel of a layer, and where its map stands.
type place struct {
	layer, channel int
	x, y           float64
}

// followed is the channel of a layer that shows most, of those that are black where there is no ink; weight says how much
// each counts.
func followed(maps *digitnet.Maps, layer int, weight func(channel int) float32) (channel int) {
	largest := float32(-1)
	for i := range digitnet.Layers[layer].Channels {
		sum := float32(0)
		for _, v := range maps.Map(layer, i) {
			sum += v * weight(i)
		}
		if sum > largest && maps.Map(layer, i)[0] == 0 {
			channel, largest = i, sum
		}
	}
	return channel
}

// contrast is 1 for a filter of the first convolution that looks for edges, whose weights add up to 0, and 0 for one that
// blurs, whose weights have one sign.
func contrast(channel int) float32 {
	weights, _ := digitnet.Trained().Filter(channel)
	var sum, size float64
	for _, w := range weights {
		sum += float64(w)
		size += math.Abs(float64(w))
	}
	return float32(1 - math.Abs(sum)/size)
}

// String says what the picture shows.
func (w Walk) String() string {
	if w.Digit < 0 || w.Digit > 9 {
		return fmt.Sprintf("There is no digit %d.", w.Digit)
	}
	digit, p := Read(w.Digit).Digit()
	return fmt.Sprintf("The way of a handwritten %d through a network, in ten stages: the picture, a filter, the map that it makes, all 32 maps, "+
		"pooling, a map of the second convolution, pooling, flattening, 128 neurons, and ten probabilities: %d has %.1f %%.", w.Digit, digit, 100*p)
}

// HTML returns the explorable.
func (w Walk) HTML() string {
	if w.Digit < 0 || w.Digit > 9 {
		return fmt.Sprintf("<p>explore.Walk needs a digit from 0 to 9; %d is none.</p>", w.Digit)
	}
	maps := Read(w.Digit)
	const top, below, cell = 44, 311, 34
	edges := followed(maps, 1, contrast)
	parts := followed(maps, 3, func(int) float32 { return 1 })
	picture := place{0, 0, 16, top}
	first, firstPooled := place{1, edges, 310, top + 6}, place{2, edges, 478, top + 116}
	second, secondPooled := place{3, parts, 16, below}, place{4, parts, 160, below + 18}
	filter, bias := digitnet.Trained().Filter(edges)
	digit, probability := maps.Digit()

	var stages []stage
	s := sketch.New(640, 440, w.String())
	// begin draws a stage with its heading.
	begin := func(x, y float64, heading, words string, slide *slide, draw func()) {
		s.Named(fmt.Sprintf("stage-%d", len(stages)), func() {
			s.Text("small", x, y-12, fmt.Sprintf("%d · %s", len(stages)+1, heading))
			draw()
		})
		stages = append(stages, stage{words, slide})
	}
	// beginMap draws a stage that is one map. It is filled by a window of size × size numbers on the map before it, if
	// that is given, which moves by stride.
	beginMap := func(at place, heading, words string, before *place, size, stride int) {
		side := digitnet.Layers[at.layer].Side
		var window *slide
		if before != nil {
			window = &slide{[2]float64{before.x, before.y}, [2]float64{at.x, at.y}, size, stride, side,
				maps.Map(before.layer, before.channel), maps.Map(at.layer, at.channel)}
		}
		begin(at.x, at.y, fmt.Sprintf("%s, %d × %d", heading, side, side), words, window, func() {
			s.Pixels(at.x, at.y, walkPixel*float64(side), walkPixel*float64(side), FeatureMaps(maps, at.layer, 1, at.channel))
		})
	}

	beginMap(picture, "picture", fmt.Sprintf("A handwritten %d: 28 × 28 numbers from 0, black, to 1, white.", w.Digit), nil, 0, 0)
	begin(191, top+33, "filter, 3 × 3", fmt.Sprintf("A filter: nine weights, which training has found. This is number %d of 32.", edges+1), nil, func() {
		for i, v := range filter {
			x, y := 191+cell*float64(i%3), top+33+cell*float64(i/3)
			colour := "#0072b2"
			if v < 0 {
				colour = "#d55e00"
			}
			s.Styled(fmt.Sprintf("fill:%s;fill-opacity:%.2f", colour, min(.6, math.Abs(float64(v)))), func() { s.Rect("", x, y, cell, cell) })
			s.Rect("thin grey", x, y, cell, cell)
			s.Text("small middle", x+cell/2, y+cell/2, number(float64(v)))
		}
	})
	beginMap(first, "its map", "The filter slides over the picture. Everywhere, nine numbers times nine weights, and the bias, add up to one number of the map; below 0 it becomes 0.",
		&picture, 3, 1)
	begin(478, top+6, "all 32 maps", "Each of the 32 filters makes a map of its own: some answer to strokes that lie, some to strokes that stand, some to one side of a stroke.", nil, func() {
		all := FeatureMaps(maps, 1, 8)
		s.Pixels(478, top+6, 146, 146*float64(all.Bounds().Dy())/float64(all.Bounds().Dx()), all)
	})
	beginMap(firstPooled, "max pooling", "Of each 2 × 2 numbers, the largest is kept: a quarter of the numbers, and what was found is still there.", &first, 2, 2)
	beginMap(second, "second map", fmt.Sprintf("The second convolution has 64 filters, and each looks at all 32 maps at once: strokes become corners, bows and ends. This is map %d of 64.", parts+1),
		&firstPooled, 2, 1)
	beginMap(secondPooled, "pooling", "Pooling again: 64 maps of 6 × 6 numbers are left.", &second, 2, 2)
	begin(270, below+12, "flattened", "Flattened: 64 × 6 × 6 = 2,304 numbers in a row, here in 24 lines.", nil, func() {
		row := image.NewGray(image.Rect(0, 0, 96, 24))
		for i, v := range maps.Layer(4) {
			row.Pix[i] = grey(v, slices.Max(maps.Layer(4)))
		}
		s.Pixels(270, below+12, 96, 48, row)
	})
	begin(388, below+12, "128 neurons", "A dense layer: each of its 128 neurons has a weight for each of the 2,304 numbers.", nil, func() {
		s.Pixels(388, below+12, 96, 48, FeatureMaps(maps, 5, 16))
	})
	begin(504, below-36, "probabilities", fmt.Sprintf("Ten neurons, one for each digit. Softmax makes probabilities of their numbers: %d has %.1f %%.", digit, 100*probability), nil, func() {
		answers(s, maps, 504, below-38, 624, 15.4)
	})
	for _, a := range [][3]float64{{294, 307, top + 84}, {467, 476, top + 40}, {467, 476, top + 155},
		{92, 155, below + 36}, {200, 265, below + 36}, {370, 384, below + 36}, {488, 502, below + 36}} {
		s.Arrow("line grey", a[0], a[2], a[1], a[2])
	}
	s.Path("line grey", "M517 240V252H52V284M48 277L52 284L56 277")
	return render("walk", s, w.String(), map[string]any{"stages": stages, "pixel": walkPixel, "filter": filter, "bias": bias})
}
