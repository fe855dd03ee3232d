package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// directConv is y[oy, ox, o] = Σ w[ky, kx, i, o]·x[oy+ky−pad, ox+kx−pad, i] in float64, and the sum of the
// terms' magnitudes.
func directConv(x, w []float32, h, width, in, out, pad int) (y, magnitude []float64, oh, ow int) {
	oh, ow = h+2*pad-2, width+2*pad-2
	y, magnitude = make([]float64, oh*ow*out), make([]float64, oh*ow*out)
	for oy := range oh {
		for ox := range ow {
			for ky := range 3 {
				for kx := range 3 {
					iy, ix := oy+ky-pad, ox+kx-pad
					if iy < 0 || iy >= h || ix < 0 || ix >= width {
						continue
					}
					for i := range in {
						for o := range out {
							p := float64(x[(iy*width+ix)*in+i]) * float64(w[((ky*3+kx)*in+i)*out+o])
							y[(oy*ow+ox)*out+o] += p
							magnitude[(oy*ow+ox)*out+o] += math.Abs(p)
						}
					}
				}
			}
		}
	}
	return
}

// winogradConv is the same convolution by the kernels.
func winogradConv(t *testing.T, x, w []float32, h, width, in, out, pad int, bias []float32, slope float32) []float32 {
	oh, ow := h+2*pad-2, width+2*pad-2
	th, tw := (oh+3)/4, (ow+3)/4
	tiles := th * tw
	v, u, m := guarded[float32](t, 36*in*out, false), guarded[float32](t, 36*tiles*in, false), guarded[float32](t, 36*tiles*out, true)
	y := guarded[float32](t, oh*ow*out, false)
	WinogradWeights(v, in*out, w, in*out, in*out)
	for ty := range th {
		for tx := range tw {
			y0, x0 := 4*ty-pad, 4*tx-pad
			r := Rectangle{max(0, -y0), min(6, h-y0), max(0, -x0), min(6, width-x0)}
			WinogradInput(u[(ty*tw+tx)*in:], tiles*in, x, (y0*width+x0)*in, width*in, in, in, r)
		}
	}
	for p := range 36 {
		(&Brgemm{M: tiles, N: out, K: in, A: u[p*tiles*in:], AMS: in, AKS: 1, B: v[p*in*out:], BKS: out, C: m[p*tiles*out:], LDC: out}).Run()
	}
	for ty := range th {
		for tx := range tw {
			WinogradOutput(y[(4*ty*ow+4*tx)*out:], ow*out, out, m[(ty*tw+tx)*out:], tiles*out, out, bias, slope, oh-4*ty, ow-4*tx)
		}
	}
	return y
}

func TestWinograd(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for i, s := range [][5]int{{6, 6, 1, 1, 0}, {6, 6, 16, 16, 0}, {4, 4, 3, 8, 1}, {13, 13, 17, 5, 1}, {10, 7, 8, 33, 1}, {3, 3, 2, 2, 0}, {1, 1, 4, 4, 1}, {9, 14, 40, 31, 0}, {5, 5, 2, 300, 1}} {
			h, width, in, out, pad := s[0], s[1], s[2], s[3], s[4]
			x, w := numbers(t, h*width*in, uint64(i)), numbers(t, 9*in*out, uint64(i+1))
			var bias []float32
			slope := float32(1)
			if i%2 == 1 {
				bias, slope = numbers(t, out, uint64(i)), 0.1
			}
			got := winogradConv(t, x, w, h, width, in, out, pad, bias, slope)
			want, magnitude, _, _ := directConv(x, w, h, width, in, out, pad)
			for k, y := range want {
				if bias != nil {
					y += float64(bias[k%out])
				}
				if y < 0 {
					y *= float64(slope)
				}
				// The transforms multiply magnitudes by up to 100 (1-norms 10 of Bᵀ, 18 of Aᵀ squared).
				if math.Abs(float64(got[k])-y) > 1e-5*(magnitude[k]+float64(in)) {
					t.Fatalf("%v: element %d is %v, want %v", s, k, got[k], y)
				}
			}
		}
	})
}

func TestDepthwise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for seed := range uint64(300) {
			r := rand.New(rand.NewPCG(seed, 3))
			channels, pixels, taps, stride := 1+r.IntN(70), 1+r.IntN(20), r.IntN(10), 1+r.IntN(2)
			if seed == 7 {
				channels = 600
			}
			d := Depthwise{Pixels: pixels, Channels: channels, DstStep: channels + r.IntN(3), SrcStep: stride * channels, Activation: Activation(r.IntN(3)), Slope: 0.1}
			size := (pixels+3)*d.SrcStep + channels
			d.Src, d.W = numbers(t, size, seed), numbers(t, 10*channels, seed+1)
			d.Dst = numbers(t, (pixels-1)*d.DstStep+channels, seed+2)
			for i := range taps {
				d.Off = append(d.Off, int32(r.IntN(size-(pixels-1)*d.SrcStep-channels+1)))
				d.WOff = append(d.WOff, int32(i*channels))
			}
			if r.IntN(2) == 0 {
				d.Bias = numbers(t, channels, seed+3)
			}
			before := append([]float32(nil), d.Dst...)
			d.Run()
			for i, got := range d.Dst {
				x, c := i/d.DstStep, i%d.DstStep
				if c >= channels {
					if got != before[i] {
						t.Fatalf("seed %d: wrote between the pixels", seed)
					}
					continue
				}
				var want float64
				if d.Bias != nil {
					want = float64(d.Bias[c])
				}
				for k, o := range d.Off {
					want += float64(d.Src[int(o)+x*d.SrcStep+c]) * float64(d.W[int(d.WOff[k])+c])
				}
				if want < 0 {
					want *= []float64{1, 0, float64(d.Slope)}[d.Activation]
				}
				if math.Abs(float64(got)-want) > 2e-6 {
					t.Fatalf("seed %d: pixel %d channel %d of %d is %v, want %v", seed, x, c, channels, got, want)
				}
			}
		}
	})
}

func TestDepthwiseSpecial(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, act := range []Activation{Identity, ReLU, LeakyReLU} {
			d := Depthwise{Pixels: 1, Channels: 4, Dst: make([]float32, 4), DstStep: 4, Src: []float32{inf, -inf, nan, -2}, SrcStep: 4, Off: []int32{0}, W: []float32{1, 1, 1, 1}, WOff: []int32{0}, Activation: act, Slope: 0.5}
			d.Run()
			want := map[Activation][]float32{Identity: {inf, -inf, nan, -2}, ReLU: {inf, 0, nan, 0}, LeakyReLU: {inf, -inf, nan, -1}}[act]
			for i, x := range d.Dst {
				if x != want[i] && !same(x, want[i]) {
					t.Errorf("activation %d of %v: %v, want %v", act, d.Src[i], x, want[i])
				}
			}
		}
	})
}

func TestConvAllocatesNothing(t *testing.T) {
	x, y := make([]float32, 36*64), make([]float32, 36*64)
	d := Depthwise{Pixels: 4, Channels: 64, Dst: y, DstStep: 64, Src: x, SrcStep: 64, Off: []int32{0, 64}, W: x, WOff: []int32{0, 64}}
	eachLevel(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(10, func() {
			WinogradWeights(y, 64, x, 64, 64)
			WinogradInput(y, 64, x, 0, 6*64, 64, 64, Rectangle{1, 6, 0, 6})
			WinogradOutput(y, 4*64, 64, x, 64, 64, nil, 0, 3, 4)
			d.Run()
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func BenchmarkConv(b *testing.B) {
	const c = 128
	x, y := make([]float32, 36*c*9), make([]float32, 36*c*9)
	d := Depthwise{Pixels: 26, Channels: c, Dst: y, DstStep: c, Src: x, SrcStep: c, W: x}
	for i := range 9 {
		d.Off, d.WOff = append(d.Off, int32((i%3+i/3*36)*c)), append(d.WOff, int32(i*c))
	}
	EachLevel(func(l Level) {
		for _, f := range []struct {
			name string
			run  func()
			per  int
		}{
			{"WinogradInput", func() { WinogradInput(y, c, x, 0, 6*c, c, c, Rectangle{0, 6, 0, 6}) }, c},
			{"WinogradOutput", func() { WinogradOutput(y, 4*c, c, x, c, c, nil, 0.1, 4, 4) }, c},
			{"Depthwise3x3", d.Run, 26 * c * 9},
		} {
			b.Run(fmt.Sprintf("%s/%s", l, f.name), func(b *testing.B) {
				for b.Loop() {
					f.run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(f.per), "ns/each")
			})
		}
	})
}
