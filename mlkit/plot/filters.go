package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// Filters draws the weights of a convolution layer, of shape [height, width, inputs, filters], as a
// grid of small pictures: mid-grey is zero, white the largest weight, black the same below zero. Where
// there is one input each picture is a filter; where there are more, each row is a filter with a
// picture for each input, and the first sixteen of each are drawn.
func Filters(weights *array.Array) *Figure {
	const most = 16
	shape := needDims("Filters", "weights of shape [height, width, inputs, filters]", weights, 4)
	height, width, inputs, filters := shape[0], shape[1], shape[2], shape[3]
	values := array.Values[float64](weights)
	largest := 0.0
	for _, w := range values {
		if a := math.Abs(w); a > largest && !math.IsInf(a, 0) {
			largest = a
		}
	}
	s := scale{-largest, largest}

	g := grid{columns: 8, note: fmt.Sprintf("white %+.2g, grey 0, black %+.2g", largest, -largest)}
	of := fmt.Sprintf("%d×%d", height, width)
	rows, columns := filters, 1
	if inputs == 1 {
		rows = min(filters, maxTiles)
		g.columns = min(g.columns, rows)
		g.title = fmt.Sprintf("%d filters of %s weights", filters, of)
	} else {
		rows, columns = min(filters, most), min(inputs, most)
		g.columns = columns
		g.title = fmt.Sprintf("%d filters of %s weights for each of %d inputs", filters, of, inputs)
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
	alt := fmt.Sprintf("%s, between %.2g and %.2g. Light squares are weights above zero, dark ones below.", g.title, weights.Min(), weights.Max())
	return g.figure(alt)
}

// FeatureMaps draws what the filters of a layer make of one picture, of shape [height, width, filters],
// as a grid. The smallest number of all is black; white is the largest number of each map, which stands
// below it in brackets, so that faint maps can be seen too.
func FeatureMaps(maps *array.Array) *Figure {
	shape := needDims("FeatureMaps", "the maps of one picture, of shape [height, width, filters]", maps, 3)
	height, width, filters := shape[0], shape[1], shape[2]
	values := array.Values[float64](maps)
	black := maps.Min()
	n := min(filters, maxTiles)
	g := grid{
		title:   fmt.Sprintf("%d feature maps of %d×%d", filters, height, width),
		note:    fmt.Sprintf("black %.2g, white the number in brackets", black),
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
		g.tiles = append(g.tiles, tile{scale{black, largest}.raster(one, height, width, 1), fmt.Sprintf("%d (%.2g)", f, largest)})
	}
	alt := fmt.Sprintf("%s. Map %d answers most strongly, with %.2g.", g.title, strongest, peak)
	if silent > 0 {
		alt += fmt.Sprintf(" %d of them are black all over.", silent)
	}
	return g.figure(alt)
}

// needDims checks that an array has dims dimensions, none of them empty, and returns them.
func needDims(name, wanted string, a *array.Array, dims int) []int {
	present(name, a)
	shape := a.Shape()
	if len(shape) != dims || a.Len() == 0 {
		fault.Panicf("plot.%s draws %s, and this array has the shape %v", name, wanted, shape)
	}
	return shape
}
