package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// operation is one on all inputs.
type operation = func(g compute.Function, in []compute.Value) (compute.Value, error)

// one makes a graph of an operation.
func one(op operation) func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	return func(g compute.Function, in []compute.Value) ([]compute.Value, error) { return single(op(g, in)) }
}

// TestEmpty computes with dimensions of 0.
func TestEmpty(t *testing.T) {
	ours := newBoth(t).ours
	for _, c := range []struct {
		name string
		dims []shapes.Shape
		op   operation
		want []float32
	}{
		{"sum", []shapes.Shape{f32(0, 3), f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.Add(in[0], in[1]) }, nil},
		{"function", []shapes.Shape{f32(3, 0)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.Tanh(in[0]) }, nil},
		{"with a number", []shapes.Shape{f32(3, 0), f32()}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.Mul(in[0], in[1]) }, nil},
		{"all reduced", []shapes.Shape{f32(0)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0]) }, []float32{0}},
		{"columns reduced", []shapes.Shape{f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0], 0) }, []float32{0, 0, 0}},
		{"maximum", []shapes.Shape{f32(2, 0)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceMax(in[0], 1) }, []float32{float32(math.Inf(-1)), float32(math.Inf(-1))}},
		{"rows left", []shapes.Shape{f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0], 1) }, nil},
		{"transpose", []shapes.Shape{f32(0, 3, 2)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.Transpose(in[0], 2, 0, 1)
		}, nil},
		{"reshape", []shapes.Shape{f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.Reshape(in[0], 5, 0) }, nil},
		{"reverse", []shapes.Shape{f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.Reverse(in[0], 0, 1) }, nil},
		{"slice", []shapes.Shape{f32(4)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.Slice(in[0], []int{2}, []int{2}, []int{1})
		}, nil},
		{"padding", []shapes.Shape{f32(0, 2), f32()}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.Pad(in[0], in[1], compute.PadAxis{Start: 1, End: 1}, compute.PadAxis{})
		}, []float32{1, 1, 1, 1}},
		{"concatenation", []shapes.Shape{f32(0, 2), f32(1, 2)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.Concatenate(0, in[0], in[1], in[0])
		}, []float32{1, 2}},
		{"broadcast", []shapes.Shape{f32(1, 2)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.BroadcastInDim(in[0], f32(0, 2), []int{0, 1})
		}, nil},
		{"product without rows", []shapes.Shape{f32(0, 2), f32(2, 3)}, matrices, nil},
		{"product without columns", []shapes.Shape{f32(2, 2), f32(2, 0)}, matrices, nil},
		{"dense", []shapes.Shape{f32(0, 2), f32(2, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.FusedDense(in[0], in[1], nil, compute.DenseConfig{})
		}, nil},
		{"product without terms", []shapes.Shape{f32(2, 0), f32(0, 2)}, matrices, []float32{0, 0, 0, 0}},
		{"convolution without channels", []shapes.Shape{f32(1, 2, 2, 0), f32(2, 2, 0, 2)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ConvGeneral(in[0], in[1], pictures, nil, nil, nil, nil, 1, 1)
		}, []float32{0, 0}},
		{"convolution", []shapes.Shape{f32(0, 4, 4, 2), f32(3, 3, 2, 5)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ConvGeneral(in[0], in[1], pictures, nil, nil, nil, nil, 1, 1)
		}, nil},
		{"convolution without filters", []shapes.Shape{f32(2, 4, 4, 2), f32(3, 3, 2, 0)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ConvGeneral(in[0], in[1], pictures, nil, nil, nil, nil, 1, 1)
		}, nil},
		{"softmax", []shapes.Shape{f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.FusedSoftmax(in[0], 1) }, nil},
		{"largest", []shapes.Shape{f32(0, 3)}, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			v, err := g.ArgMinMax(in[0], 1, dtypes.Int32, false)
			if err != nil {
				return nil, err
			}
			return g.ConvertDType(v, dtypes.Float32)
		}, nil},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			var inputs []any
			for _, s := range c.dims {
				x := make([]float32, s.Size())
				for i := range x {
					x[i] = float32(i + 1)
				}
				inputs = append(inputs, x)
			}
			got, err := tryRun(ours, inputs, c.dims, one(c.op))
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got[0]) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got[0], c.want)
			}
		})
	}
}

func matrices(g compute.Function, in []compute.Value) (compute.Value, error) {
	return g.DotGeneral(in[0], []int{1}, nil, in[1], []int{0}, nil, compute.DotGeneralConfig{})
}

// TestSizes goes over sizes around those of vectors, tiles and blocks, and over primes.
func TestSizes(t *testing.T) {
	b, d := newBoth(t), draw{rand.New(rand.NewPCG(19, 20))}
	sizes := []int{1, 2, 3, 5, 7, 13, 15, 16, 17, 31, 33, 47}
	numbers := func(dims ...shapes.Shape) (x []any) {
		for _, s := range dims {
			x = append(x, smallNumbers(d.Rand, s.DType, s.Size(), false))
		}
		return x
	}
	check := func(op operation, dims ...shapes.Shape) {
		t.Helper()
		b.compare(t, fmt.Sprint(dims), 1e-5, numbers(dims...), dims, one(op))
	}
	for _, n := range append([]int{61, 127, 1021, 1023, 1024, 1025, 2053}, sizes...) {
		check(func(g compute.Function, in []compute.Value) (compute.Value, error) {
			v, err := g.Mul(in[0], in[1])
			if err != nil {
				return nil, err
			}
			return g.Sub(v, in[2])
		}, f32(n), f32(n), f32())
		for _, dims := range [][]int{{n}, {n, 1}, {1, n}, {3, n}, {n, 3}, {2, n, 5}} {
			for axis := range dims {
				check(func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0], axis) }, f32(dims...))
				check(func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceMax(in[0], axis) }, f32(dims...))
			}
		}
	}
	for _, m := range sizes {
		for _, n := range sizes {
			k := sizes[d.IntN(len(sizes))]
			check(matrices, f32(m, k), f32(k, n))
			check(func(g compute.Function, in []compute.Value) (compute.Value, error) {
				return g.FusedDense(in[0], in[1], in[2], compute.DenseConfig{Activation: compute.ActivationConfig{Type: compute.ActivationRelu}})
			}, f32(m, k), f32(k, n), f32(n))
			// Channels m, filters n.
			size, taps := []int{1, 2, 5, 7, 13}[d.IntN(5)], 1+2*d.IntN(2)
			pads := [][2]int{{1, 1}, {1, 1}}
			check(func(g compute.Function, in []compute.Value) (compute.Value, error) {
				return g.ConvGeneral(in[0], in[1], pictures, nil, pads, nil, nil, 1, 1)
			}, f32(2, size, size+1, m), f32(taps, taps, m, n))
		}
		// A filter or two a channel.
		for filters := range 2 {
			check(func(g compute.Function, in []compute.Value) (compute.Value, error) {
				return g.ConvGeneral(in[0], in[1], pictures, nil, [][2]int{{1, 1}, {0, 2}}, nil, nil, m, 1)
			}, f32(2, 7, 5, m), f32(3, 3, 1, m*(filters+1)))
		}
		for _, op := range []compute.ReduceOpType{compute.ReduceOpMax, compute.ReduceOpSum} {
			check(func(g compute.Function, in []compute.Value) (compute.Value, error) {
				return g.ReduceWindow(in[0], op, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, nil, nil, nil)
			}, f32(2, 7, 6, m))
		}
		check(func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.SelectAndScatterMax(in[0], in[1], []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, nil)
		}, f32(2, 7, 6, m), f32(2, 3, 3, m))
	}
}

// specials are numbers that operations treat differently.
func specials() []float64 {
	return []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -7, 1e-30, -1e-30, 88, -88, 200, -200, 1e30, -1e30,
		math.Inf(1), math.Inf(-1), math.NaN()}
}

// pairs are all pairs of special numbers.
func pairs() (a, b []float64) {
	for _, x := range specials() {
		for _, y := range specials() {
			a, b = append(a, x), append(b, y)
		}
	}
	return a, b
}

// flatFloats makes a slice of a type.
func flatFloats(d dtypes.DType, x []float64) any {
	if d == dtypes.Float64 {
		return x
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// TestSpecialNumbers holds the element-wise operations against Go's mathematics. The stock backend's functions stop at
// some number where they should reach infinity, and its maximum of NaN and a number depends on their order.
func TestSpecialNumbers(t *testing.T) {
	ours := newBoth(t).ours
	x, y := pairs()
	sign := func(a float64) float64 {
		switch {
		case a > 0:
			return 1
		case a < 0:
			return -1
		}
		return 0 // of NaN, too, as in the stock backend
	}
	truth := func(f func(a, b float64) bool) func(a, b float64) float64 {
		return func(a, b float64) float64 {
			if f(a, b) {
				return 1
			}
			return 0
		}
	}
	of1 := func(f func(float64) float64) func(a, _ float64) float64 {
		return func(a, _ float64) float64 { return f(a) }
	}
	un := func(op func(g compute.Function, x compute.Value) (compute.Value, error)) operation {
		return func(g compute.Function, in []compute.Value) (compute.Value, error) { return op(g, in[0]) }
	}
	bi := func(op func(g compute.Function, x, y compute.Value) (compute.Value, error)) operation {
		return func(g compute.Function, in []compute.Value) (compute.Value, error) { return op(g, in[0], in[1]) }
	}
	for name, c := range map[string]struct {
		op   operation
		want func(a, b float64) float64
	}{
		"Abs":            {un(compute.Function.Abs), of1(math.Abs)},
		"Neg":            {un(compute.Function.Neg), of1(func(a float64) float64 { return -a })},
		"Sign":           {un(compute.Function.Sign), of1(sign)},
		"Sqrt":           {un(compute.Function.Sqrt), of1(math.Sqrt)},
		"Rsqrt":          {un(compute.Function.Rsqrt), of1(func(a float64) float64 { return 1 / math.Sqrt(a) })},
		"Exp":            {un(compute.Function.Exp), of1(math.Exp)},
		"Expm1":          {un(compute.Function.Expm1), of1(math.Expm1)},
		"Log":            {un(compute.Function.Log), of1(math.Log)},
		"Log1p":          {un(compute.Function.Log1p), of1(math.Log1p)},
		"Tanh":           {un(compute.Function.Tanh), of1(math.Tanh)},
		"Logistic":       {un(compute.Function.Logistic), of1(func(a float64) float64 { return 1 / (1 + math.Exp(-a)) })},
		"Erf":            {un(compute.Function.Erf), of1(math.Erf)},
		"Sin":            {un(compute.Function.Sin), of1(math.Sin)},
		"Cos":            {un(compute.Function.Cos), of1(math.Cos)},
		"Floor":          {un(compute.Function.Floor), of1(math.Floor)},
		"Ceil":           {un(compute.Function.Ceil), of1(math.Ceil)},
		"Round":          {un(compute.Function.Round), of1(math.RoundToEven)},
		"Add":            {bi(compute.Function.Add), func(a, b float64) float64 { return a + b }},
		"Sub":            {bi(compute.Function.Sub), func(a, b float64) float64 { return a - b }},
		"Mul":            {bi(compute.Function.Mul), func(a, b float64) float64 { return a * b }},
		"Div":            {bi(compute.Function.Div), func(a, b float64) float64 { return a / b }},
		"Max":            {bi(compute.Function.Max), func(a, b float64) float64 { return max(a, b) }},
		"Min":            {bi(compute.Function.Min), func(a, b float64) float64 { return min(a, b) }},
		"Pow":            {bi(compute.Function.Pow), math.Pow},
		"Rem":            {bi(compute.Function.Rem), math.Mod},
		"Equal":          {bi(compute.Function.Equal), truth(func(a, b float64) bool { return a == b })},
		"NotEqual":       {bi(compute.Function.NotEqual), truth(func(a, b float64) bool { return a != b })},
		"LessThan":       {bi(compute.Function.LessThan), truth(func(a, b float64) bool { return a < b })},
		"LessOrEqual":    {bi(compute.Function.LessOrEqual), truth(func(a, b float64) bool { return a <= b })},
		"GreaterThan":    {bi(compute.Function.GreaterThan), truth(func(a, b float64) bool { return a > b })},
		"GreaterOrEqual": {bi(compute.Function.GreaterOrEqual), truth(func(a, b float64) bool { return a >= b })},
		"IsNaN":          {un(compute.Function.IsNaN), truth(func(a, _ float64) bool { return a != a })},
		"IsFinite":       {un(compute.Function.IsFinite), truth(func(a, _ float64) bool { return a-a == 0 })},
		"Where": {func(g compute.Function, in []compute.Value) (compute.Value, error) {
			c, err := g.LessThan(in[0], in[1])
			if err != nil {
				return nil, err
			}
			return g.Where(c, in[0], in[1])
		}, func(a, b float64) float64 {
			if a < b {
				return a
			}
			return b
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
				s := shapes.Make(d, len(x))
				got, err := run(ours, []any{flatFloats(d, x), flatFloats(d, y)}, []shapes.Shape{s, s}, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
					v, err := c.op(g, in)
					if err != nil {
						return nil, err
					}
					return single(g.ConvertDType(v, d))
				})
				if err != nil {
					t.Fatal(err)
				}
				values, _ := float64s(got[0])
				for i, v := range values {
					a, b, units := x[i], y[i], 1e-14
					if d == dtypes.Float32 {
						a, b, units = float64(float32(a)), float64(float32(b)), 1e-6
					}
					want := c.want(a, b)
					if d == dtypes.Float32 {
						want = float64(float32(want))
					}
					same := v == want && (v != 0 || math.Signbit(v) == math.Signbit(want)) || v != v && want != want
					// What lies below the normal numbers may come out as 0.
					if !same && !(math.Abs(v-want) <= units*math.Abs(want)+1e-38) {
						t.Errorf("%s of %v and %v is %v, want %v", d, a, b, v, want)
					}
				}
			}
		})
	}
}

// TestWholeNumbers compares the operations on whole numbers, at their limits as well.
func TestWholeNumbers(t *testing.T) {
	b := newBoth(t)
	limits := map[dtypes.DType]any{
		dtypes.Int8:   []int8{0, 1, -1, 2, -7, math.MaxInt8, math.MinInt8},
		dtypes.Int16:  []int16{0, 1, -1, 2, -7, math.MaxInt16, math.MinInt16},
		dtypes.Int32:  []int32{0, 1, -1, 2, -7, math.MaxInt32, math.MinInt32},
		dtypes.Int64:  []int64{0, 1, -1, 2, -7, math.MaxInt64, math.MinInt64},
		dtypes.Uint8:  []uint8{0, 1, 2, 7, 127, 128, math.MaxUint8},
		dtypes.Uint16: []uint16{0, 1, 2, 7, 127, 128, math.MaxUint16},
		dtypes.Uint32: []uint32{0, 1, 2, 7, 127, 128, math.MaxUint32},
		dtypes.Uint64: []uint64{0, 1, 2, 7, 127, 128, math.MaxUint64},
	}
	for d, x := range limits {
		for name, op := range map[string]func(g compute.Function, x, y compute.Value) (compute.Value, error){
			"Add": compute.Function.Add, "Sub": compute.Function.Sub, "Mul": compute.Function.Mul, "Max": compute.Function.Max, "Min": compute.Function.Min,
			"Equal": compute.Function.Equal, "NotEqual": compute.Function.NotEqual, "LessThan": compute.Function.LessThan,
			"LessOrEqual": compute.Function.LessOrEqual, "GreaterThan": compute.Function.GreaterThan, "GreaterOrEqual": compute.Function.GreaterOrEqual,
			"And": compute.Function.BitwiseAnd, "Or": compute.Function.BitwiseOr, "Xor": compute.Function.BitwiseXor,
		} {
			column, row := shapes.Make(d, 7, 1), shapes.Make(d, 1, 7)
			b.compare(t, fmt.Sprint(name, " of ", d), 0, []any{x, x}, []shapes.Shape{column, row}, one(func(g compute.Function, in []compute.Value) (compute.Value, error) {
				return op(g, in[0], in[1])
			}))
		}
	}
}

// TestSpecialsSpread puts one NaN or infinity into operands of operations that add up or compare, and sees that it
// shows where it does on the stock backend.
func TestSpecialsSpread(t *testing.T) {
	b, d := newBoth(t), rand.New(rand.NewPCG(21, 22))
	pads := [][2]int{{1, 1}, {1, 1}}
	for name, c := range map[string]struct {
		dims []shapes.Shape
		into int // the operands that may have them
		op   operation
	}{
		"sum of all":     {[]shapes.Shape{f32(7, 19)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0]) }},
		"sum of rows":    {[]shapes.Shape{f32(7, 19)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0], 1) }},
		"sum of columns": {[]shapes.Shape{f32(7, 19)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) { return g.ReduceSum(in[0], 0) }},
		"product":        {[]shapes.Shape{f32(13, 17), f32(17, 35)}, 2, matrices},
		"dense with relu": {[]shapes.Shape{f32(5, 17), f32(17, 35), f32(35)}, 3, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.FusedDense(in[0], in[1], in[2], compute.DenseConfig{Activation: compute.ActivationConfig{Type: compute.ActivationRelu}})
		}},
		"convolution": {[]shapes.Shape{f32(2, 6, 7, 3), f32(3, 3, 3, 5)}, 2, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ConvGeneral(in[0], in[1], pictures, nil, nil, nil, nil, 1, 1)
		}},
		"padded convolution": {[]shapes.Shape{f32(2, 6, 7, 3), f32(3, 3, 3, 5)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ConvGeneral(in[0], in[1], pictures, nil, pads, nil, nil, 1, 1)
		}},
		"convolution with bias and relu": {[]shapes.Shape{f32(2, 6, 7, 3), f32(3, 3, 3, 5), f32(1, 1, 1, 5)}, 3, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			v, err := g.ConvGeneral(in[0], in[1], pictures, nil, nil, nil, nil, 1, 1)
			if err != nil {
				return nil, err
			}
			if v, err = g.Add(v, in[2]); err != nil {
				return nil, err
			}
			return g.FusedActivation(v, compute.ActivationConfig{Type: compute.ActivationRelu})
		}},
		"convolution of groups": {[]shapes.Shape{f32(2, 6, 7, 4), f32(3, 3, 1, 8)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ConvGeneral(in[0], in[1], pictures, nil, pads, nil, nil, 4, 1)
		}},
		"relu": {[]shapes.Shape{f32(40)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.FusedActivation(in[0], compute.ActivationConfig{Type: compute.ActivationRelu})
		}},
		"largest of windows": {[]shapes.Shape{f32(2, 6, 6, 5)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ReduceWindow(in[0], compute.ReduceOpMax, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, nil, nil, nil)
		}},
		"largest of overlapping windows": {[]shapes.Shape{f32(2, 6, 6, 5)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ReduceWindow(in[0], compute.ReduceOpMax, []int{1, 3, 3, 1}, []int{1, 1, 1, 1}, nil, nil, [][2]int{{}, {1, 1}, {1, 1}, {}})
		}},
		"sum of windows": {[]shapes.Shape{f32(2, 6, 6, 5)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ReduceWindow(in[0], compute.ReduceOpSum, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, nil, nil, nil)
		}},
		"place of the largest": {[]shapes.Shape{f32(7, 19)}, 1, func(g compute.Function, in []compute.Value) (compute.Value, error) {
			return g.ArgMinMax(in[0], 1, dtypes.Int32, false)
		}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			for _, special := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				for range 5 {
					var inputs []any
					for _, s := range c.dims {
						x := draw{d}.floats(s)
						inputs = append(inputs, x)
					}
					x := inputs[d.IntN(c.into)].([]float32)
					x[d.IntN(len(x))] = float32(special)
					b.compare(t, fmt.Sprint(special), 1e-5, inputs, c.dims, one(c.op))
				}
			}
		})
	}
}

// TestLargest checks that the largest and the smallest of numbers with a NaN among them is NaN, in vectors and behind
// them. The stock backend overlooks some.
func TestLargest(t *testing.T) {
	ours := newBoth(t).ours
	for _, n := range []int{1, 2, 7, 16, 17, 64, 100, 1025} {
		for _, at := range []int{0, n / 2, n - 1} {
			x := make([]float32, 2*n)
			for i := range x {
				x[i] = float32(i%7) - 3
			}
			x[n+at] = float32(math.NaN())
			got, err := run(ours, []any{x}, []shapes.Shape{f32(2, n)}, func(g compute.Function, in []compute.Value) (out []compute.Value, err error) {
				columns, err := g.Transpose(in[0], 1, 0)
				if err != nil {
					return nil, err
				}
				for _, op := range []func(x compute.Value, axes ...int) (compute.Value, error){g.ReduceMax, g.ReduceMin} {
					rows, err := op(in[0], 1)
					if err != nil {
						return nil, err
					}
					down, err := op(columns, 0)
					if err != nil {
						return nil, err
					}
					out = append(out, rows, down)
				}
				return out, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, flat := range got {
				if r := flat.([]float32); r[0] != r[0] || r[1] == r[1] {
					t.Errorf("%d numbers, NaN at %d: %d is %v", n, at, i, r)
				}
			}
		}
	}
}
