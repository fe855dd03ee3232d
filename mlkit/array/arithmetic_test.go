package array_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
)

// TestTypes is the table of the package comment.
func TestTypes(t *testing.T) {
	arrays := []*array.Array{array.From([]uint8{1}), array.From([]int{1}), array.From([]float32{1}), array.From([]float64{1})}
	const u, i, f, d = array.Uint8, array.Int, array.Float32, array.Float64
	type named uint16
	for _, c := range []struct {
		x         any
		sum, quot [4]array.DType // with each of the arrays
	}{
		{arrays[u], [4]array.DType{i, i, f, d}, [4]array.DType{f, f, f, d}},
		{arrays[i], [4]array.DType{i, i, f, d}, [4]array.DType{f, f, f, d}},
		{arrays[f], [4]array.DType{f, f, f, d}, [4]array.DType{f, f, f, d}},
		{arrays[d], [4]array.DType{d, d, d, d}, [4]array.DType{d, d, d, d}},
		{2, [4]array.DType{i, i, f, d}, [4]array.DType{f, f, f, d}},
		{uint8(2), [4]array.DType{i, i, f, d}, [4]array.DType{f, f, f, d}},
		{named(2), [4]array.DType{i, i, f, d}, [4]array.DType{f, f, f, d}},
		{int64(2), [4]array.DType{i, i, f, d}, [4]array.DType{f, f, f, d}},
		{2.0, [4]array.DType{f, f, f, d}, [4]array.DType{f, f, f, d}},
		{float32(2), [4]array.DType{f, f, f, d}, [4]array.DType{f, f, f, d}},
	} {
		for k, a := range arrays {
			for _, got := range []*array.Array{a.Add(c.x), a.Sub(c.x), a.Mul(c.x)} {
				if got.DType() != c.sum[k] {
					t.Errorf("%v with %T: got %v, want %v", a.DType(), c.x, got.DType(), c.sum[k])
				}
			}
			if got := a.Div(c.x).DType(); got != c.quot[k] {
				t.Errorf("%v divided by %T: got %v, want %v", a.DType(), c.x, got, c.quot[k])
			}
		}
	}
}

// TestArithmetic has the calculations where a rule shows.
func TestArithmetic(t *testing.T) {
	bytes := array.From([]uint8{200, 100})
	for _, c := range []struct {
		got  *array.Array
		want string
	}{
		{bytes.Add(bytes), "[400 200]"},        // and not 144
		{bytes.Sub(201), "[  -1 -101]"},        // and not 255
		{bytes.Mul(-1), "[-200 -100]"},         //
		{bytes.Div(200), "[1.  0.5]"},          // and not 0
		{bytes.Div(0), "[inf inf]"},            //
		{bytes.Sub(bytes).Div(0), "[nan nan]"}, //
		{bytes.Add(0.5), "[200.5 100.5]"},      //
		{count(3).Div(3), "[0.         0.33333334 0.6666667 ]"},
		{count(3).Float64().Div(3), "[0.         0.33333333 0.66666667]"},
		{array.From([]float32{0.1}).Mul(0.1), "[0.01]"},
		{array.From([]int{math.MaxInt}).Sub(1), "[9223372036854775806]"},
		{count(2, 1).Add(count(3)), "[[0 1 2]\n [1 2 3]]"},
		{count().Add(count(2)), "[0 1]"},
		{count(1, 2).Sub(count()), "[[0 1]]"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %v, want %s", c.got, c.want)
		}
	}
}

// naive calculates element by element, as the definition of broadcasting says. It is nil where the
// shapes do not fit.
func naive(operation string, a, b *array.Array) *array.Array {
	x, y := a.Shape(), b.Shape()
	for len(x) < len(y) {
		x = append([]int{1}, x...)
	}
	for len(y) < len(x) {
		y = append([]int{1}, y...)
	}
	shape := make([]int, len(x))
	for k := range x {
		switch {
		case x[k] == y[k], y[k] == 1:
			shape[k] = x[k]
		case x[k] == 1:
			shape[k] = y[k]
		default:
			return nil
		}
	}
	a, b = a.Reshape(x...), b.Reshape(y...)
	kind := max(array.Int, a.DType(), b.DType())
	if operation == "Div" {
		kind = max(kind, array.Float32)
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float64, n)
	for flat := range values {
		i, j := make([]int, len(x)), make([]int, len(x))
		for k, rest := len(shape)-1, flat; k >= 0; k-- {
			i[k], j[k] = rest%shape[k]%x[k], rest%shape[k]%y[k]
			rest /= shape[k]
		}
		p, q := a.At(i...), b.At(j...)
		if kind == array.Float32 {
			p, q = float64(float32(p)), float64(float32(q))
		}
		// A float64 has room for the exact result of whole numbers as small as ours, and rounding it to
		// float32 gives what float32 would: https://doi.org/10.1145/221332.221334.
		switch operation {
		case "Add":
			values[flat] = p + q
		case "Sub":
			values[flat] = p - q
		case "Mul":
			values[flat] = p * q
		case "Div":
			values[flat] = p / q
		}
	}
	result := array.From(values).Reshape(shape...)
	switch kind {
	case array.Int:
		return result.Int()
	case array.Float32:
		return result.Float32()
	}
	return result
}

// compare holds one calculation against naive.
func compare(t *testing.T, operation string, a, b *array.Array) {
	t.Helper()
	var got *array.Array
	sentence := mistake(t, func() {
		got = map[string]func(any) *array.Array{"Add": a.Add, "Sub": a.Sub, "Mul": a.Mul, "Div": a.Div}[operation](b)
	})
	want := naive(operation, a, b)
	switch {
	case want == nil:
		if !strings.Contains(sentence, "do not fit together") {
			t.Errorf("%s of %v and %v gives %q", operation, a.Shape(), b.Shape(), sentence)
		}
	case sentence != "":
		t.Errorf("%s of %v and %v gives %q", operation, a.Shape(), b.Shape(), sentence)
	case got.DType() != want.DType() || !got.Equal(want):
		t.Errorf("%s of %v %v and %v %v: got\n%v\nwant\n%v", operation, a.DType(), a, b.DType(), b, got, want)
	}
}

var operations = []string{"Add", "Sub", "Mul", "Div"}

// small makes an array of numbers that are not 0, so that nothing is NaN.
func small(rng *rand.Rand, dtype array.DType, shape ...int) *array.Array {
	a := array.Zeros(array.Int, shape...)
	for i := range array.Values[int](a) {
		array.Values[int](a)[i] = 1 + rng.IntN(200)
	}
	switch dtype {
	case array.Uint8:
		return a.Uint8()
	case array.Float32:
		return a.Float32().Div(7)
	case array.Float64:
		return a.Float64().Div(7)
	}
	return a
}

func TestBroadcastAsDefined(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		a := make([]int, rng.IntN(5))
		for k := range a {
			a[k] = rng.IntN(4)
		}
		b := append([]int{}, a[rng.IntN(len(a)+1):]...)
		for k := range b {
			switch rng.IntN(8) {
			case 0, 1, 2:
				b[k] = 1
			case 3:
				b[k] = rng.IntN(4)
			}
		}
		x, y := small(rng, array.DType(rng.IntN(4)), a...), small(rng, array.DType(rng.IntN(4)), b...)
		if rng.IntN(2) == 0 {
			x, y = y, x
		}
		compare(t, operations[rng.IntN(4)], x, y)
	}
	// Arrays that take several blocks, and several cores.
	for _, shapes := range [][2][]int{
		{{70000}, {70000}}, {{70000}, {}}, {{70000, 2}, {2}}, {{2, 70000}, {2, 1}}, {{300, 400}, {300, 1}}, {{300, 300}, {300}},
		{{10, 1, 20, 30}, {15, 1, 30}}, {{1500, 1}, {1, 70}}, {{90, 9, 90}, {90, 1, 90}}, {{3, 9000, 3}, {3, 1, 3}},
	} {
		x, y := small(rng, array.DType(rng.IntN(4)), shapes[0]...), small(rng, array.DType(rng.IntN(4)), shapes[1]...)
		compare(t, operations[rng.IntN(4)], x, y)
		compare(t, operations[rng.IntN(4)], y, x)
	}
}

func FuzzBroadcast(f *testing.F) {
	f.Add(uint8(0), []byte{2, 3}, []byte{3}, uint64(1))
	f.Add(uint8(27), []byte{6, 1, 4}, []byte{5, 1}, uint64(2))
	f.Add(uint8(50), []byte{}, []byte{0, 2}, uint64(3))
	f.Add(uint8(33), []byte{2, 2}, []byte{3, 2}, uint64(4))
	f.Fuzz(func(t *testing.T, kind uint8, a, b []byte, seed uint64) {
		shape := func(of []byte) (dims []int) {
			for _, d := range of[:min(len(of), 5)] {
				dims = append(dims, int(d)%6)
			}
			return dims
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		x := small(rng, array.DType(kind%4), shape(a)...)
		y := small(rng, array.DType(kind/4%4), shape(b)...)
		compare(t, operations[kind/16%4], x, y)
	})
}
