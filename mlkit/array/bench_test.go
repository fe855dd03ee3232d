package array_test

import (
	"testing"

	"gopherlens/mlkit/array"
)

// testImages are as large as MNIST's test images, [10000, 28, 28].
func testImages() *array.Array {
	pixels := make([]uint8, 10000*28*28)
	for i := range pixels {
		pixels[i] = uint8(1 + i*31%254) // neither 0 nor 255, so that Min and Max have to look at all
	}
	return array.From(pixels, 10000, 28, 28)
}

// BenchmarkNormalise is what the digit lesson does with its images, each time a cell runs.
func BenchmarkNormalise(b *testing.B) {
	images := testImages()
	b.SetBytes(int64(images.Len()))
	for b.Loop() {
		images.Sub(1.0).Div(254.0)
	}
}

func BenchmarkArithmetic(b *testing.B) {
	images := testImages()
	floats := images.Float32()
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"float32 with a number", func() { floats.Mul(0.5) }},
		{"float32 with float32", func() { floats.Add(floats) }},
		{"uint8 with uint8", func() { images.Add(images) }},
		{"float32 with a mean image", func() { floats.Sub(floats.Index(0)) }},
		{"float32 with three channels", func() { floats.Slice(0, 9999).Reshape(-1, 3).Sub(array.From([]float32{1, 2, 3})) }},
		{"float32 with a number per image", func() { floats.Sub(array.Zeros(array.Float32, 10000, 1, 1)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(images.Len()))
			for b.Loop() {
				c.do()
			}
		})
	}
}

func BenchmarkReduce(b *testing.B) {
	images := testImages()
	for _, a := range []*array.Array{images, images.Float32(), images.Int()} {
		for _, c := range []struct {
			name string
			do   func()
		}{
			{"Min", func() { a.Min() }},
			{"Max", func() { a.Max() }},
			{"Mean", func() { a.Mean() }},
			{"ArgMax", func() { a.ArgMax() }},
			{"ArgMaxAxis", func() { a.ArgMaxAxis(-1) }},
			{"Equal", func() { a.Equal(a) }},
		} {
			b.Run(c.name+" of "+a.DType().String(), func(b *testing.B) {
				b.SetBytes(int64(a.Len()))
				for b.Loop() {
					c.do()
				}
			})
		}
	}
}

func BenchmarkConvert(b *testing.B) {
	images := testImages()
	floats := images.Float32()
	b.Run("uint8 to float32", func(b *testing.B) {
		b.SetBytes(int64(images.Len()))
		for b.Loop() {
			images.Float32()
		}
	})
	b.Run("float32 to uint8", func(b *testing.B) {
		b.SetBytes(int64(images.Len()))
		for b.Loop() {
			floats.Uint8()
		}
	})
}

// BenchmarkString prints a large array, of which few numbers are shown.
func BenchmarkString(b *testing.B) {
	images := testImages().Div(255)
	for b.Loop() {
		_ = images.String()
	}
}
