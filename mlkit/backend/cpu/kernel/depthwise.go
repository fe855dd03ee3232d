package kernel

import "gopherlens/mlkit/internal/fault"

// Depthwise convolves each channel with a filter of its own, for a row of output pixels:
//
//	Dst[x, c] = activation(Bias[c] + Σ_t W[WOff[t] + c] · Src[Off[t] + x·SrcStep + c]),  x < Pixels,
//
// Dst's pixels being DstStep apart. Off is the table of the filter's taps; a row at the image's rim
// leaves out the taps that lie outside. SrcStep is the stride times the channels. Steps and offsets
// count elements.
type Depthwise struct {
	Pixels, Channels int
	Dst              []float32
	DstStep          int
	Src              []float32
	SrcStep          int
	Off              []int32
	W                []float32
	WOff             []int32
	Bias             []float32 // nil is zero
	Activation       Activation
	Slope            float32
}

// Run computes the row. It panics if an operand reaches outside of its slice.
func (d *Depthwise) Run() {
	if d.Pixels <= 0 || d.Channels <= 0 {
		return
	}
	if len(d.Off) != len(d.WOff) {
		fault.Panicf("kernel: a depthwise convolution has %d offsets of pixels but %d of weights", len(d.Off), len(d.WOff))
	}
	inside("the result", len(d.Dst), 0, (d.Pixels-1)*d.DstStep+d.Channels-1, d.DstStep, 0)
	lo, hi := span(d.Off)
	if len(d.Off) > 0 {
		inside("the image", len(d.Src), lo, hi+(d.Pixels-1)*d.SrcStep+d.Channels-1, d.SrcStep, 0)
		lo, hi = span(d.WOff)
		inside("the weights", len(d.W), lo, hi+d.Channels-1, 0, 0)
	}
	if d.Bias != nil {
		inside("the bias", len(d.Bias), 0, d.Channels-1, 0, 0)
	}
	slope := float32(1)
	switch d.Activation {
	case ReLU:
		slope = 0
	case LeakyReLU:
		slope = d.Slope
	}
	// Blocks of channels: as many zeros as there are for a bias.
	for c := 0; c < d.Channels; c += len(zeros) {
		n := min(len(zeros), d.Channels-c)
		bias := zeros[:n]
		if d.Bias != nil {
			bias = d.Bias[c:][:n]
		}
		if len(d.Off) == 0 || !depthwise(d, c, n, bias, slope) {
			d.generic(c, n, bias, slope)
		}
	}
}

// generic computes n channels from c on by channel vectors.
func (d *Depthwise) generic(c, n int, bias []float32, slope float32) {
	for x := range d.Pixels {
		y := d.Dst[x*d.DstStep+c:][:n]
		copy(y, bias)
		for t, o := range d.Off {
			MulAdd(y, d.Src[int(o)+x*d.SrcStep+c:], d.W[int(d.WOff[t])+c:], y)
		}
		for i, v := range y {
			y[i] = leaky(v, slope)
		}
	}
}
