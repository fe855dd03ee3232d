package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gopherlens/mlkit/array"
)

// Filters draws the weights of a convolution layer, of shape [height, width, inputs, filters], as a
// grid of small pictures: mid-grey is zero, white the largest weight, black the same below zero. Where
// there is one input each picture is a filter; where there are more, each row is a filter with a
// picture for each input, and the first sixteen of each are drawn.
func Filters(weights *array.Array) *Figure {
	const most = 16
	shape := needDims("Filters", "weights of shape (height, width, inputs, filters)", weights, 4)
	height, width, inputs, filters := shape[0], shape[1], shape[2], shape[3]
	values := array.Values[float64](weights)
	largest := 0.0
	for _, w := range values {
		if a := math.Abs(w); a > largest && !math.IsInf(a, 0) {
			largest = a
		}
	}
	if largest == 0 {
		largest = 1
	}
	s := scale{-largest, largest}

	g := grid{columns: 8, note: fmt.Sprintf("white +%s, grey 0, black −%s", brief(largest), brief(largest))}
	of := fmt.Sprintf("%d×%d", height, width)
	rows, columns := filters, 1
	if inputs == 1 {
		rows = min(filters, maxTiles)
		g.columns = min(g.columns, rows)
		g.title = fmt.Sprintf("%s of %s weights", count(filters, "filter"), of)
	} else {
		rows, columns = min(filters, most), min(inputs, most)
		g.columns = columns
		g.title = fmt.Sprintf("%s of %s weights for each of %d inputs", count(filters, "filter"), of, inputs)
	}
	shown := ""
	if rows < filters || columns < inputs {
		shown = fmt.Sprintf(" (drawn: %d filters, %d inputs)", rows, columns)
	}
	g.title += shown
	for f := range rows {
		for in := range columns {
			one := make([]float64, 0, height*width)
			for i := range height * width {
				one = append(one, values[(i*inputs+in)*filters+f])
			}
			t := tile{picture: s.raster(one, height, width, 1)}
			if inputs == 1 {
				t.label = strconv.Itoa(f)
			}
			g.tiles = append(g.tiles, t)
		}
	}
	alt := fmt.Sprintf("%s, between %s and %s. Light squares are weights above zero, dark ones below.",
		g.title, brief(weights.Min()), brief(weights.Max()))
	return g.figure(alt)
}

// FeatureMaps draws what the filters of a layer make of one picture, of shape [height, width, filters],
// as a grid. The smallest number of all is black; white is the largest number of each map, which stands
// below it in brackets, so that faint maps can be seen too.
func FeatureMaps(maps *array.Array) *Figure {
	shape := needDims("FeatureMaps", "the maps of one picture, of shape (height, width, filters)", maps, 3)
	height, width, filters := shape[0], shape[1], shape[2]
	values := array.Values[float64](maps)
	black := maps.Min()
	n := min(filters, maxTiles)
	g := grid{
		title:   fmt.Sprintf("%s of %d×%d", count(filters, "feature map"), height, width),
		note:    fmt.Sprintf("black %s, white the number in brackets", brief(black)),
		columns: min(8, n),
	}
	if n < filters {
		g.title += fmt.Sprintf(" (drawn: %d)", n)
	}
	strongest, silent, peak := 0, 0, math.Inf(-1)
	for f := range n {
		one := make([]float64, height*width)
		for i := range one {
			one[i] = values[i*filters+f]
		}
		largest := slices.Max(one)
		if largest > peak {
			strongest, peak = f, largest
		}
		if largest <= black {
			silent++
		}
		g.tiles = append(g.tiles, tile{scale{black, largest}.raster(one, height, width, 1), fmt.Sprintf("%d (%s)", f, brief(largest))})
	}
	alt := fmt.Sprintf("%s. Map %d answers most strongly, with %s.", g.title, strongest, brief(peak))
	if silent > 0 {
		alt += fmt.Sprintf(" Black all over: %d of them.", silent)
	}
	return g.figure(alt)
}
