package darknet

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// tensors are the names of what a convolution has learnt, in the order of the file.
var tensors = [5]string{"biases", "scales", "means", "variances", "kernel"}

// sizes are how many numbers each of them has; 0 where the layer has no such thing.
func (l Layer) sizes() (n [5]int) {
	k, ok := l.Kind.(Convolutional)
	if !ok {
		return n
	}
	n[0] = k.Filters
	if k.BatchNormalize {
		n[1], n[2], n[3] = k.Filters, k.Filters, k.Filters
	}
	n[4] = k.Filters * (l.In.Channels / k.Groups) * k.Size * k.Size
	return n
}

// Parameters is how many numbers the layer keeps in a file of weights.
func (l Layer) Parameters() int {
	sum := 0
	for _, n := range l.sizes() {
		sum += n
	}
	return sum
}

// FLOPs is how many floating-point operations the layer takes for one picture, as Darknet counts them: a
// multiplication and an addition for every weight and place of a convolution, and nothing else.
func (l Layer) FLOPs() float64 {
	return 2 * float64(l.sizes()[4]) * float64(l.Out.Height) * float64(l.Out.Width)
}

// Parameters is how many numbers the network has: kernels, biases, scales, means and variances. Keras calls the
// means and variances non-trainable, and counts them too. YOLOv3 has 62,001,757.
func (c *Config) Parameters() int {
	sum := 0
	for _, l := range c.Layers {
		sum += l.Parameters()
	}
	return sum
}

// FLOPs is how many floating-point operations one picture takes: 65.9·10⁹ for YOLOv3 at 416 × 416.
func (c *Config) FLOPs() float64 {
	sum := 0.0
	for _, l := range c.Layers {
		sum += l.FLOPs()
	}
	return sum
}

// String says how large the network is: "107 layers for pictures of 416 × 416 × 3, 62,001,757 parameters (248.0 MB),
// 65.864 BFLOPs".
func (c *Config) String() string {
	return fmt.Sprintf("%d layers for pictures of %v, %s", len(c.Layers), Shape{c.Height, c.Width, c.Channels}, c.size())
}

// size is the last line of a Table.
func (c *Config) size() string {
	return fmt.Sprintf("%s parameters (%.1f MB), %.3f BFLOPs", thousands(c.Parameters()), float64(c.Parameters())*4/1e6, c.FLOPs()/1e9)
}

// Table lists the layers, as Darknet does when it loads a network, with the number of parameters, as Keras'
// summary does. Shapes are height × width × channels.
func (c *Config) Table() string {
	rows := [][8]string{{"layer", "kind", "filters", "size / stride", "input", "output", "parameters", "BFLOPs"}}
	for i, l := range c.Layers {
		row := [8]string{fmt.Sprint(i), l.Kind.Name(), "", "", l.In.String(), l.Out.String(), "", ""}
		switch k := l.Kind.(type) {
		case Convolutional:
			row[2], row[3] = fmt.Sprint(k.Filters), fmt.Sprintf("%d × %d / %d", k.Size, k.Size, k.Stride)
			if k.Groups > 1 {
				row[3] += fmt.Sprintf(", %d groups", k.Groups)
			}
			if k.Dilation > 1 {
				row[3] += fmt.Sprintf(", dilation %d", k.Dilation)
			}
			row[6], row[7] = thousands(l.Parameters()), fmt.Sprintf("%.3f", l.FLOPs()/1e9)
		case MaxPool:
			row[3] = fmt.Sprintf("%d × %d / %d", k.Size, k.Size, k.Stride)
		case Upsample:
			row[3] = fmt.Sprintf("× %d", k.Stride)
		case Route:
			row[3], row[4] = "layer "+numbers(k.Layers), ""
			if k.Groups > 1 {
				row[3] += fmt.Sprintf(", part %d of %d", k.GroupID+1, k.Groups)
			}
		case Shortcut:
			row[3] = fmt.Sprintf("+ layer %d", k.From)
		case Dropout:
			row[3] = fmt.Sprint(k.Probability)
		case YOLO:
			row[3] = "anchors " + numbers(k.Mask)
		}
		rows = append(rows, row)
	}
	var widths [8]int
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := fmt.Sprintf("%*s  %-*s  %*s  %-*s  %*s  %*s  %*s  %*s", widths[0], row[0], widths[1], row[1], widths[2], row[2],
			widths[3], row[3], widths[4], row[4], widths[5], row[5], widths[6], row[6], widths[7], row[7])
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String() + c.size() + "\n"
}

// numbers writes 36, 61.
func numbers(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

// thousands writes 304906 as 304,906.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
