package nn

import "fmt"

// Padding says what a window does at the edges of a picture.
type Padding string

const (
	// Valid windows lie inside the picture, so what comes out is smaller.
	Valid Padding = "valid"
	// Same puts zeros around the picture, so that with strides of 1 what comes out is as large as what went in.
	Same Padding = "same"
)

func (p Padding) orDefault() Padding {
	if p == "" {
		return Valid
	}
	return p
}

// window slides over the height and the width of a picture: a convolution's kernel, or what is pooled.
type window struct {
	size, strides Size
	padding       Padding
}

// check says what is wrong with the window's own numbers.
func (w window) check(what string) error {
	if w.size[0] < 1 || w.size[1] < 1 {
		return fmt.Errorf("its %s is %v, but both numbers must be at least 1", what, w.size)
	}
	if w.strides[0] < 1 || w.strides[1] < 1 {
		return fmt.Errorf("its strides are %v, but both must be at least 1", w.strides)
	}
	if w.padding != Valid && w.padding != Same {
		return fmt.Errorf("its padding is %q, but it can only be %q or %q", w.padding, Valid, Same)
	}
	return nil
}

// output is the height and width of what comes out, for pictures in = [height, width, channels].
func (w window) output(in Shape) (Size, error) {
	var out Size
	for i, n := range in[:2] {
		if w.padding == Same {
			out[i] = (n + w.strides[i] - 1) / w.strides[i]
		} else {
			out[i] = (n-w.size[i])/w.strides[i] + 1
		}
		if n < 1 || w.padding == Valid && n < w.size[i] {
			return out, fmt.Errorf("its window %v does not fit into the pictures %s that it gets", w.size, tuple(in))
		}
	}
	return out, nil
}

// paddings are the rows above and below, and the columns left and right of the picture, as Keras puts them:
// where they are odd, there is one more below and on the right.
func (w window) paddings(in Shape) [][2]int {
	pads := make([][2]int, 2)
	if w.padding == Same {
		for i, n := range in[:2] {
			out := (n + w.strides[i] - 1) / w.strides[i]
			total := max((out-1)*w.strides[i]+w.size[i]-n, 0)
			pads[i] = [2]int{total / 2, total - total/2}
		}
	}
	return pads
}

// inside is, for each step of the window along an axis, how many of its rows or columns are the picture's own.
func (w window) inside(in Shape, axis int) []int {
	out, _ := w.output(in)
	counts := make([]int, out[axis])
	for i := range counts {
		from := i*w.strides[axis] - w.paddings(in)[axis][0]
		counts[i] = min(from+w.size[axis], in[axis]) - max(from, 0)
	}
	return counts
}

// poolWindow is the window of a pooling layer.
func poolWindow(size, strides Size, padding Padding) window {
	size = sizeOr(size, Size{2, 2})
	return window{size, sizeOr(strides, size), padding.orDefault()}
}

func poolConfig(class string, w window, input Shape) map[string]any {
	return config(class, input, map[string]any{
		"pool_size": w.size[:],
		"strides":   w.strides[:],
		"padding":   string(w.padding),
	})
}

func buildPool(w window, in Shape) (Shape, []weight, error) {
	if err := w.check("pool size"); err != nil {
		return nil, nil, err
	}
	if err := needPicture(in); err != nil {
		return nil, nil, err
	}
	out, err := w.output(in)
	return Shape{out[0], out[1], in[2]}, nil, err
}
