package darknet

// Reorder copies a kernel from Darknet's order, [filters, channels, size, size], to the one that TensorFlow and GoMLX
// have, [size, size, channels, filters], or back. The shape is the latter.
func Reorder(oihw, hwio []float32, shape []int, toHWIO bool) {
	// Tiles, as one side is read or written across its rows: what was fetched for one pixel must still be in the
	// cache for the next.
	const tileOfFilters, tileOfChannels = 8, 16
	pixels, channels, filters := shape[0]*shape[1], shape[2], shape[3]
	perFilter := channels * pixels
	for f := 0; f < filters; f += tileOfFilters {
		for c0 := 0; c0 < channels; c0 += tileOfChannels {
			for p := range pixels {
				for c := c0; c < min(c0+tileOfChannels, channels); c++ {
					row := hwio[(p*channels+c)*filters:][f:min(f+tileOfFilters, filters)]
					at := (f*channels+c)*pixels + p
					for i := range row {
						if toHWIO {
							row[i] = oihw[at]
						} else {
							oihw[at] = row[i]
						}
						at += perFilter
					}
				}
			}
		}
	}
}
