package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"gopherlens/mlkit/array"
)

// batch is room for some samples, used again and again.
type batch struct {
	x, y, real *tensors.Tensor
	size       int
}

func newBatch(size int, x, y Shape) *batch {
	room := func(s ...int) *tensors.Tensor {
		return tensors.FromShape(shapes.Make(dtypes.Float32, append([]int{size}, s...)...))
	}
	return &batch{x: room(x...), y: room(y...), real: room(), size: size}
}

// fill takes rows of x and y. If there are too few, the rest of the batch is zeros and not real.
func (b *batch) fill(x, y *array.Array, rows []int) {
	fillRows(b.x, x, rows)
	if y != nil {
		fillRows(b.y, y, rows)
		tensors.MustMutableFlatData(b.real, func(real []float32) {
			for i := range real {
				real[i] = 0
				if i < len(rows) {
					real[i] = 1
				}
			}
		})
	}
}

func fillRows(t *tensors.Tensor, a *array.Array, rows []int) {
	tensors.MustMutableFlatData(t, func(to []float32) {
		each := len(to) / t.Shape().Dimensions[0]
		switch a.DType() {
		case array.Uint8:
			copyRows(to, array.Values[uint8](a), rows, each)
		case array.Int:
			copyRows(to, array.Values[int](a), rows, each)
		case array.Float64:
			copyRows(to, array.Values[float64](a), rows, each)
		default:
			from := array.Values[float32](a)
			for i, row := range rows {
				copy(to[i*each:(i+1)*each], from[row*each:])
			}
		}
		clear(to[len(rows)*each:])
	})
}

func copyRows[T array.Number](to []float32, from []T, rows []int, each int) {
	for i, row := range rows {
		for j, v := range from[row*each : (row+1)*each] {
			to[i*each+j] = float32(v)
		}
	}
}

// eachBatch fills the batch with all samples in turn; f gets how many of them are real.
func eachBatch(b *batch, x, y *array.Array, f func(n int) error) error {
	rows := make([]int, 0, b.size)
	for from := 0; from < x.Shape()[0]; from += b.size {
		rows = rows[:0]
		for row := from; row < min(from+b.size, x.Shape()[0]); row++ {
			rows = append(rows, row)
		}
		b.fill(x, y, rows)
		if err := f(len(rows)); err != nil {
			return err
		}
	}
	return nil
}
