package array_test

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// mistake runs do, and returns the sentence of the fault that it ends in, or "".
func mistake(t *testing.T, do func()) (sentence string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			var f *fault.Error
			if err, ok := r.(error); !ok || !errors.As(err, &f) {
				t.Fatalf("panics with %v, which is not a sentence for the caller", r)
			}
			sentence = f.Sentence
		}
	}()
	do()
	return ""
}

// count is an array of the ints 0, 1, 2, ….
func count(shape ...int) *array.Array {
	a := array.Zeros(array.Int, shape...)
	for i := range array.Values[int](a) {
		array.Values[int](a)[i] = i
	}
	return a
}

func TestMistakes(t *testing.T) {
	images := array.Zeros(array.Uint8, 6, 28, 28)
	todo := array.TODO("xTrain4D")
	var none *array.Array
	const isTODO = "xTrain4D is still a TODO: fill in its cell and run it first"
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() { array.From([]int{1, 2, 3}, 2, 2) }, "From: 3 values cannot take the shape (2, 2): that is 4 numbers in place of 3"},
		{func() { array.From([]int{1, 2, 3}, -2) }, "From: 3 values cannot take the shape (-2,): a length cannot be negative"},
		{func() { array.Zeros(array.Int, 2, -1) }, "Zeros: the shape (2, -1) has a negative length"},
		{func() { array.Zeros(array.Int, 1<<40, 1<<40) }, "Zeros: an array of shape (1099511627776, 1099511627776) would not fit in memory; are these the lengths you mean?"},
		{func() { array.Zeros(9, 1) }, "Zeros: there is no DType(9); an array holds Uint8, Int, Float32 or Float64"},
		{func() { images.Reshape(6, 28, 29) }, "Reshape: an array of shape (6, 28, 28) cannot take the shape (6, 28, 29): that is 4872 numbers in place of 4704"},
		{func() { images.Reshape(-1, -1) }, "Reshape: an array of shape (6, 28, 28) cannot take the shape (-1, -1): only one length can be -1"},
		{func() { images.Reshape(5, -1) }, "Reshape: an array of shape (6, 28, 28) cannot take the shape (5, -1): 4704 numbers cannot be shared out among 5"},
		{func() { images.Reshape(0, -1) }, "Reshape: an array of shape (6, 28, 28) cannot take the shape (0, -1): beside a length of 0, the -1 could be anything"},
		{func() { images.Slice(0, 7) }, "Slice(0, 7) of an array of shape (6, 28, 28): the first axis goes from 0 to 6"},
		{func() { images.Slice(3, 2) }, "Slice(3, 2) of an array of shape (6, 28, 28): the first axis goes from 0 to 6"},
		{func() { images.Slice(-1, 2) }, "Slice(-1, 2) of an array of shape (6, 28, 28): the first axis goes from 0 to 6"},
		{func() { images.Index(6) }, "Index(6) of an array of shape (6, 28, 28): the first axis has 6, counted from 0"},
		{func() { images.At(1, 2) }, "At(1, 2) of an array of shape (6, 28, 28): it takes 3 indices, one for each axis"},
		{func() { images.At(1, 28, 2) }, "At(1, 28, 2) of an array of shape (6, 28, 28): axis 1 has 28, counted from 0"},
		{func() { count().Slice(0, 1) }, "Slice: an array of shape () is a single number and has no axis to slice"},
		{func() { count().Index(0) }, "Index: an array of shape () is a single number; read it with At()"},
		{func() { images.Sub(count(28, 27)) }, "Sub: the shapes (6, 28, 28) and (28, 27) do not fit together: axis -1, counted from the end, is 28 in one and 27 in the other; they have to be equal, or one of them 1"},
		{func() { images.Add("1") }, `Add takes a number or an array, and was given "1"`},
		{func() { images.Div(images.Max) }, "Div takes a number or an array, and was given a function that is not called: parentheses behind its name call it"},
		{func() { images.Mul(nil) }, "Mul takes a number or an array, and was given <nil>"},
		{func() { images.Add(uint64(math.MaxUint64)) }, "Add takes a number or an array, and was given 0xffffffffffffffff"},
		{func() { count(1<<16, 1).Sub(count(1 << 16)) }, "Sub: an array of shape (65536, 65536) would not fit in memory; are these the lengths you mean?"},
		{func() { count(0, 3).Min() }, "Min of an array of shape (0, 3): it is empty"},
		{func() { count(0, 3).Max() }, "Max of an array of shape (0, 3): it is empty"},
		{func() { count(0, 3).Mean() }, "Mean of an array of shape (0, 3): it is empty"},
		{func() { count(0, 3).ArgMax() }, "ArgMax of an array of shape (0, 3): it is empty"},
		{func() { count(0, 3).ArgMaxAxis(0) }, "ArgMaxAxis(0) of an array of shape (0, 3): that axis is empty"},
		{func() { images.ArgMaxAxis(3) }, "ArgMaxAxis(3) of an array of shape (6, 28, 28): it has 3 axes, counted from 0"},
		{func() { none.Shape() }, "Shape: there is no array here, the variable is nil"},
		{func() { images.Add(none) }, "Add: there is no array here, the variable is nil"},
		{func() { images.Equal(none) }, "Equal: there is no array here, the variable is nil"},
		{func() { new(array.Array).Len() }, "this array holds nothing yet: make one with array.From or array.Zeros"},
		{func() { todo.Shape() }, isTODO},
		{func() { todo.Dims() }, isTODO},
		{func() { todo.Len() }, isTODO},
		{func() { todo.DType() }, isTODO},
		{func() { todo.Reshape(1) }, isTODO},
		{func() { todo.Slice(0, 1) }, isTODO},
		{func() { todo.Index(0) }, isTODO},
		{func() { todo.At() }, isTODO},
		{func() { todo.Min() }, isTODO},
		{func() { todo.Max() }, isTODO},
		{func() { todo.Mean() }, isTODO},
		{func() { todo.Sum() }, isTODO},
		{func() { todo.ArgMax() }, isTODO},
		{func() { todo.ArgMaxAxis(0) }, isTODO},
		{func() { todo.Add(1) }, isTODO},
		{func() { images.Div(todo) }, isTODO},
		{func() { todo.Float32() }, isTODO},
		{func() { array.Values[int](todo) }, isTODO},
		{func() { todo.Equal(images) }, isTODO},
		{func() { images.Equal(todo) }, isTODO},
	} {
		if got := mistake(t, c.do); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestIsTODO(t *testing.T) {
	if name, yes := array.TODO("x").IsTODO(); name != "x" || !yes {
		t.Errorf("got %q, %v", name, yes)
	}
	if _, yes := count(1).IsTODO(); yes {
		t.Error("an array of numbers is no TODO")
	}
	var none *array.Array
	if _, yes := none.IsTODO(); yes {
		t.Error("nil is no TODO")
	}
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		a    *array.Array
		want []int
	}{
		{array.From([]int{1, 2, 3}), []int{3}},
		{array.From([]int(nil)), []int{0}},
		{array.From([]int{1, 2, 3, 4}, 2, -1), []int{2, 2}},
		{array.From([]int{}, 3, 0), []int{3, 0}},
		{array.Zeros(array.Int), []int{}},
		{count(6).Reshape(2, 3), []int{2, 3}},
		{count(6).Reshape(-1, 1), []int{6, 1}},
		{count(1, 1).Reshape(), []int{}},
		{count().Reshape(-1), []int{1}},
		{count(0).Reshape(2, -1), []int{2, 0}},
		{count(0).Reshape(1<<62, 1<<62, 0), []int{1 << 62, 1 << 62, 0}},
		{count(4, 5).Slice(1, 3), []int{2, 5}},
		{count(4, 5).Slice(4, 4), []int{0, 5}},
		{count(4, 5).Index(3), []int{5}},
		{count(4).Index(3), []int{}},
		{count(4, 5, 6).ArgMaxAxis(1), []int{4, 6}},
		{count(4).ArgMaxAxis(0), []int{}},
		{count(0, 2).Add(count(2)), []int{0, 2}},
		{count(0, 1).Add(count(3)), []int{0, 3}},
	} {
		if got := c.a.Shape(); !slices.Equal(got, c.want) || c.a.Dims() != len(c.want) {
			t.Errorf("got %v, %d dimensions; want %v", got, c.a.Dims(), c.want)
		}
	}
	a := count(2, 3)
	a.Shape()[0] = 7
	if a.Shape()[0] != 2 {
		t.Error("Shape gives the array's own slice away")
	}
}

// TestSharing tells views, which share the numbers, from new arrays, which do not.
func TestSharing(t *testing.T) {
	values := []float32{0, 1, 2, 3, 4, 5}
	a := array.From(values, 2, 3)
	before := a.Add(0)
	values[4] = 40
	for _, view := range []*array.Array{a, a.Reshape(3, 2), a.Slice(1, 2), a.Index(1), a.Float32(), array.From(array.Values[float32](a))} {
		if view.Max() != 40 {
			t.Errorf("%v does not share the numbers", view)
		}
	}
	if before.Max() != 5 || a.Float64().DType() != array.Float64 {
		t.Errorf("%v changed with what it was made from", before)
	}
	first := array.Values[float32](a.Index(0))
	_ = append(first, -1)
	if a.At(1, 0) != 3 {
		t.Error("appending to the values of a view writes into the array")
	}
}

// TestAllocations holds that views and shared values copy nothing, and that a calculation makes room
// for its result only, whatever the types.
func TestAllocations(t *testing.T) {
	const n, little = 1 << 20, 64 << 10
	floats := array.Zeros(array.Float32, n/8, 8)
	bytes := array.Zeros(array.Uint8, n/8, 8)
	for _, c := range []struct {
		name string
		most uint64
		do   func()
	}{
		{"Reshape", little, func() { floats.Reshape(8, -1) }},
		{"Slice", little, func() { floats.Slice(10, 90) }},
		{"Index", little, func() { floats.Index(5) }},
		{"Values", little, func() { array.Values[float32](floats) }},
		{"Float32", little, func() { floats.Float32() }},
		{"Sum", little, func() { bytes.Sum() }},
		{"Max", little, func() { floats.Max() }},
		{"Equal", little, func() { bytes.Equal(floats) }},
		{"String", little, func() { _ = floats.String() }},
		{"Add", 8*n + little, func() { bytes.Add(bytes) }},
		{"Div", 4*n + little, func() { bytes.Div(255) }},
		{"Sub", 4*n + little, func() { bytes.Sub(floats.Index(0)) }},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c.do()
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > c.most {
			t.Errorf("%s allocates %d bytes, more than %d", c.name, got, c.most)
		}
	}
}

// FuzzViews takes an array through a chain of views, beside a plain slice that is cut as the shapes say.
func FuzzViews(f *testing.F) {
	f.Add([]byte{0, 2, 255, 1, 1, 3, 2, 1})
	f.Add([]byte{0, 4, 5, 3, 1, 0, 60, 2, 7, 1, 3, 3})
	f.Add([]byte{1, 9, 3, 2, 200, 0, 1, 0})
	f.Fuzz(func(t *testing.T, steps []byte) {
		a := count(60)
		shape, values := []int{60}, array.Values[int](a)
		next := func() int { // the next byte as a small number, some of them negative
			if len(steps) == 0 {
				return 0
			}
			b := int8(steps[0])
			steps = steps[1:]
			return int(b)
		}
		for range 10 {
			row := 1
			for _, d := range shape[min(1, len(shape)):] {
				row *= d
			}
			view, possible := a, true
			var sentence string
			switch next() & 3 {
			case 0:
				to, known := []int{next(), next(), next()}, 1
				sentence = mistake(t, func() { view = a.Reshape(to...) })
				unknown := slices.Index(to, -1)
				for k, d := range to {
					if k != unknown {
						known *= d
						possible = possible && d >= 0
					}
				}
				if unknown >= 0 && possible && known > 0 && len(values)%known == 0 {
					to[unknown] = len(values) / known
				} else {
					possible = possible && unknown < 0 && known == len(values)
				}
				if possible {
					shape = to
				}
			case 1:
				from, to := next(), next()
				sentence = mistake(t, func() { view = a.Slice(from, to) })
				if possible = len(shape) > 0 && 0 <= from && from <= to && to <= shape[0]; possible {
					shape, values = append([]int{to - from}, shape[1:]...), values[from*row:to*row]
				}
			case 2:
				i := next()
				sentence = mistake(t, func() { view = a.Index(i) })
				if possible = len(shape) > 0 && 0 <= i && i < shape[0]; possible {
					shape, values = shape[1:], values[i*row:(i+1)*row]
				}
			}
			if possible != (sentence == "") {
				t.Fatalf("%v: possible is %v, but it says %q", a.Shape(), possible, sentence)
			}
			a = view
			if !slices.Equal(a.Shape(), shape) || !slices.Equal(array.Values[int](a), values) || a.Len() != len(values) {
				t.Fatalf("got %v of %v, want %v of %v", a.Shape(), array.Values[int](a), shape, values)
			}
			_ = a.String()
		}
	})
}
