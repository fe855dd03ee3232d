package digitnet

// A convolution with stride 1 and without padding. A dense layer is one, too, whose filters are as large as the maps
// that they see.
type convolution struct {
	shape
	kernel []float32 // [filters / 4, taps, 4]: four filters are computed together
	bias   []float32 // [filters], filled up to a multiple of 4
	taps   []int     // [channels, size, size]: where a filter's weights meet the input, counted from the first
}

// A shape is that of a layer with weights.
type shape struct {
	side, channels int // of what it takes
	size, filters  int // the filters are size × size
}

// shapes are those of the network's layers with weights.
var shapes = [...]shape{{28, 1, 3, 32}, {13, 32, 2, 64}, {6, 64, 6, 128}, {1, 128, 1, 10}}

// weights is how many there are, biases aside.
func (s shape) weights() int { return s.size * s.size * s.channels * s.filters }

func newConvolution(s shape, w Weights) convolution {
	perFilter := s.weights() / s.filters
	c := convolution{s, make([]float32, (s.filters+3)/4*4*perFilter), append(w.Bias[:s.filters:s.filters], 0, 0, 0), make([]int, perFilter)}
	for tap := range perFilter {
		channel, y, x := tap/(s.size*s.size), tap/s.size%s.size, tap%s.size
		c.taps[tap] = (channel*s.side+y)*s.side + x
		for filter := range s.filters {
			c.kernel[(filter/4*perFilter+tap)*4+filter%4] = w.Kernel[((y*s.size+x)*s.channels+channel)*s.filters+filter]
		}
	}
	return c
}

// forward computes to, [filters, side, side], from from, [channels, side, side].
func (c *convolution) forward(from, to []float32) {
	side := c.side - c.size + 1
	for f := 0; f < c.filters; f += 4 {
		for y := range side {
			for x := 0; x < side; x += 2 {
				// Two pixels of four maps at a time: what is loaded is used often. At an odd end the two overlap.
				x := max(0, min(x, side-2))
				left, right := c.tile(from, f, y*c.side+x, min(1, side-1))
				for i := range min(4, c.filters-f) {
					at := ((f+i)*side+y)*side + x
					to[at] = left[i]
					if side > 1 {
						to[at+1] = right[i]
					}
				}
			}
		}
	}
}

// tile computes the filters f to f+3 at a place in from, and next to it.
func (c *convolution) tile(from []float32, f, place, next int) (left, right [4]float32) {
	bias := (*[4]float32)(c.bias[f:])
	l0, l1, l2, l3 := bias[0], bias[1], bias[2], bias[3]
	r0, r1, r2, r3 := l0, l1, l2, l3
	kernel := c.kernel[f*len(c.taps):][:4*len(c.taps)]
	in := from[place:]
	beside := in[next:]
	for i, tap := range c.taps { // float32 keeps processors that multiply and add in one step from rounding otherwise
		k := (*[4]float32)(kernel[4*i:])
		l, r := in[tap], beside[tap]
		l0 += float32(k[0] * l)
		l1 += float32(k[1] * l)
		l2 += float32(k[2] * l)
		l3 += float32(k[3] * l)
		r0 += float32(k[0] * r)
		r1 += float32(k[1] * r)
		r2 += float32(k[2] * r)
		r3 += float32(k[3] * r)
	}
	return [4]float32{l0, l1, l2, l3}, [4]float32{r0, r1, r2, r3}
}

// Filter returns the nine weights, [3, 3], and the bias of one of the 32 filters that look at the picture itself.
func (n *Network) Filter(i int) (weights [9]float32, bias float32) {
	for tap := range weights {
		weights[tap] = n.conv1.kernel[(i/4*len(weights)+tap)*4+i%4]
	}
	return weights, n.conv1.bias[i]
}
