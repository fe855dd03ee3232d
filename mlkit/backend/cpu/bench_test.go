package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"gopherlens/mlkit/backend/cpu"
)

// must is for graphs that cannot be wrong.
func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// benchmark runs a graph of so many multiplications and additions on random inputs.
func benchmark(b *testing.B, operations int, inputs [][]int, build func(f compute.Function, in []compute.Value) compute.Value) {
	backend := must(cpu.New(""))
	defer backend.Finalize()
	rng := rand.New(rand.NewPCG(1, 1))
	builder := backend.Builder(b.Name())
	f := builder.Main()
	var values []compute.Value
	var buffers []compute.Buffer
	for i, dimensions := range inputs {
		shape := shapes.Make(dtypes.Float32, dimensions...)
		data := make([]float32, shape.Size())
		for k := range data {
			data[k] = rng.Float32() - 0.5
		}
		values = append(values, must(f.Parameter(fmt.Sprint(i), shape, nil)))
		buffers = append(buffers, must(backend.BufferFromFlatData(0, data, shape)))
	}
	if err := f.Return([]compute.Value{build(f, values)}, nil); err != nil {
		b.Fatal(err)
	}
	graph := must(builder.Compile())
	defer graph.Finalize()
	run := func() {
		for _, result := range must(graph.Execute(buffers, nil, 0)) {
			if err := result.Finalize(); err != nil {
				b.Fatal(err)
			}
		}
	}
	run() // finds its memory
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(operations)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkConv is a convolutional layer: square pictures and kernels, a bias, an activation.
func BenchmarkConv(b *testing.B) {
	for _, l := range []struct {
		net                     string
		batch, size, in, k, out int
		stride, padding         int
		slope                   float32 // of the activation, below zero
	}{
		// YOLOv3's shapes, at 416×416.
		{"yolo", 1, 416, 3, 3, 32, 1, 1, 0.1},
		{"yolo", 1, 416, 32, 3, 64, 2, 1, 0.1},
		{"yolo", 1, 208, 64, 1, 32, 1, 0, 0.1},
		{"yolo", 1, 208, 32, 3, 64, 1, 1, 0.1},
		{"yolo", 1, 104, 64, 3, 128, 1, 1, 0.1},
		{"yolo", 1, 52, 128, 3, 256, 1, 1, 0.1},
		{"yolo", 1, 52, 256, 3, 512, 2, 1, 0.1},
		{"yolo", 1, 26, 512, 1, 256, 1, 0, 0.1},
		{"yolo", 1, 26, 256, 3, 512, 1, 1, 0.1},
		{"yolo", 1, 13, 1024, 1, 512, 1, 0, 0.1},
		{"yolo", 1, 13, 512, 3, 1024, 1, 1, 0.1},
		// The digit lesson's two, for a step of training.
		{"digits", 32, 28, 1, 3, 32, 1, 0, 0},
		{"digits", 32, 13, 32, 2, 64, 1, 0, 0},
	} {
		o := (l.size+2*l.padding-l.k)/l.stride + 1
		name := fmt.Sprintf("%s/%dx%d-%dx%dx%d-to-%dx%dx%d", l.net, l.k, l.k, l.size, l.size, l.in, o, o, l.out)
		b.Run(name, func(b *testing.B) {
			inputs := [][]int{{l.batch, l.size, l.size, l.in}, {l.k, l.k, l.in, l.out}, {l.out}}
			benchmark(b, 2*l.batch*o*o*l.out*l.k*l.k*l.in, inputs, func(f compute.Function, in []compute.Value) compute.Value {
				axes := compute.ConvolveAxesConfig{
					InputChannels: 3, InputSpatial: []int{1, 2},
					KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
					OutputChannels: 3, OutputSpatial: []int{1, 2},
				}
				pad := [2]int{l.padding, l.padding}
				x := must(f.ConvGeneral(in[0], in[1], axes, []int{l.stride, l.stride}, [][2]int{pad, pad}, nil, nil, 1, 1))
				x = must(f.Add(x, must(f.Reshape(in[2], 1, 1, 1, l.out))))
				if l.slope == 0 {
					return must(f.FusedActivation(x, compute.ActivationConfig{Type: compute.ActivationRelu}))
				}
				// As package nn has its leaky relu.
				positive := must(f.GreaterThan(x, must(f.Constant([]float32{0}))))
				return must(f.Where(positive, x, must(f.Mul(x, must(f.Constant([]float32{l.slope}))))))
			})
		})
	}
}

// BenchmarkMatMul is a product of square matrices.
func BenchmarkMatMul(b *testing.B) {
	const size = 1024
	b.Run(fmt.Sprint(size), func(b *testing.B) {
		benchmark(b, 2*size*size*size, [][]int{{size, size}, {size, size}}, func(f compute.Function, in []compute.Value) compute.Value {
			return must(f.DotGeneral(in[0], []int{1}, nil, in[1], []int{0}, nil, compute.DotGeneralConfig{}))
		})
	})
}
