package kernel

import (
	"math"
	"testing"
)

// quantized makes ties likely.
func quantized(x []float32) []float32 {
	for i := range x {
		x[i] = float32(math.Round(float64(x[i]) * 2))
	}
	return x
}

func TestMaxPool2x2(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, windows := range []int{1, 2, 13} {
			for _, channels := range []int{1, 3, 7, 8, 9, 16, 17, 31, 32, 40, 64} {
				n := windows * channels
				seed := uint64(n)
				a, b := quantized(numbers(t, 2*n, seed)), quantized(numbers(t, 2*n, seed+1))
				a[n], b[n/2], b[2*n-1] = nan, inf, nan
				dy, y := numbers(t, n, seed+2), guarded[float32](t, n, false)
				da, db := numbers(t, 2*n, seed+3), numbers(t, 2*n, seed+4)
				MaxPool2x2(y, a, b, windows, channels)
				MaxPool2x2Grad(da, db, a, b, dy, windows, channels)
				// The general window, on one image of both rows, is the reference.
				x := append(append([]float32(nil), a...), b...)
				dx, want := make([]float32, len(x)), make([]float32, channels)
				for w := range windows {
					first := int32(2 * w * channels)
					right, below := int32(channels), int32(2*n)
					offsets := []int32{first, first + right, first + below, first + below + right}
					for c := range want {
						want[c] = -inf
						for _, o := range offsets {
							want[c] = max(want[c], x[int(o)+c])
						}
						if got := y[w*channels+c]; got != want[c] && !same(got, want[c]) {
							t.Fatalf("%d windows of %d channels: window %d channel %d is %v, want %v", windows, channels, w, c, got, want[c])
						}
					}
					MaxWindowGrad(dx, x, dy[w*channels:][:channels], offsets)
				}
				for i, g := range append(append([]float32(nil), da...), db...) {
					if g != dx[i] {
						t.Fatalf("%d windows of %d channels: the gradient at %d is %v, want %v", windows, channels, i, g, dx[i])
					}
				}
			}
		}
	})
}

func TestMaxWindowGradFirst(t *testing.T) {
	for _, c := range []struct {
		x    []float32
		want int
	}{
		{[]float32{1, 2, 3}, 2}, {[]float32{3, 3, 3}, 0}, {[]float32{1, 3, 3}, 1}, {[]float32{nan, 5, 1}, 0}, {[]float32{nan, 5, nan}, 2}, {[]float32{-inf, -inf}, 0},
	} {
		dx := make([]float32, len(c.x))
		MaxWindowGrad(dx, c.x, []float32{7}, []int32{0, 1, 2}[:len(c.x)])
		for i, g := range dx {
			if (g == 7) != (i == c.want) {
				t.Errorf("%v: the gradient is %v, want it at %d", c.x, dx, c.want)
			}
		}
	}
}

func BenchmarkMaxPool2x2(b *testing.B) {
	const windows, channels = 13, 32
	n := windows * channels
	x, y := make([]float32, 4*n), make([]float32, 4*n)
	EachLevel(func(l Level) {
		b.Run(l.String()+"/forward", func(b *testing.B) {
			for b.Loop() {
				MaxPool2x2(y[:n], x[:2*n], x[2*n:], windows, channels)
			}
		})
		b.Run(l.String()+"/gradient", func(b *testing.B) {
			for b.Loop() {
				MaxPool2x2Grad(y[:2*n], y[2*n:], x[:2*n], x[2*n:], x, windows, channels)
			}
		})
	})
}
