package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
)

// TestGraphs makes small graphs out of random bytes and computes them here and on the stock backend, and once more
// with all inputs donated.
func TestGraphs(t *testing.T) {
	const graphs = 1000
	b, d, computed := newSequentialBoth(t), rand.New(rand.NewPCG(13, 14)), 0
	for range graphs {
		if b.graph(t, graphBytes(d)) {
			computed++
		}
	}
	if computed < graphs*9/10 {
		t.Errorf("the stock backend computed %d graphs of %d", computed, graphs)
	}
}

// FuzzGraph goes on from there.
func FuzzGraph(f *testing.F) {
	d := rand.New(rand.NewPCG(17, 18))
	for range 100 {
		f.Add(graphBytes(d))
	}
	b := newSequentialBoth(f)
	f.Fuzz(func(t *testing.T, data []byte) { b.graph(t, data) })
}

func graphBytes(d *rand.Rand) []byte {
	data := make([]byte, 40+d.IntN(160))
	for i := range data {
		data[i] = byte(d.Uint32())
	}
	return data
}

// newSequentialBoth keeps the stock backend from panicking on a goroutine where nobody can recover.
func newSequentialBoth(t testing.TB) both {
	b := newBoth(t)
	stock, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	b.stock = stock
	return b
}

// graph computes a recipe's graph. It tells whether the stock backend can.
func (b both) graph(t *testing.T, data []byte) bool {
	t.Helper()
	r := &recipe{data: data}
	inputs, dims, known := r.inputs()
	start := r.at
	build := func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
		r.at, r.said = start, nil
		return r.graph(g, in, slices.Clone(known))
	}
	want, err := tryRun(b.stock, inputs, dims, build)
	if err != nil {
		return false
	}
	what := strings.Join(r.said, "\n")
	got, err := tryRun(b.ours, inputs, dims, build)
	if err != nil {
		t.Fatalf("%s\n%v", what, err)
	}
	for i := range want {
		if err := agree(got[i], want[i], 1e-5); err != nil {
			t.Fatalf("%s\noutput %d%v", what, i, err)
		}
	}
	given, err := runDonated(b.ours, inputs, dims, build)
	if err != nil || fmt.Sprint(given) != fmt.Sprint(got) {
		t.Fatalf("%s\nwith donated inputs: %v, %v, want %v", what, given, err, got)
	}
	return true
}

// tryRun is run where a panic is an error.
func tryRun(b compute.Backend, inputs []any, dims []shapes.Shape, build func(f compute.Function, in []compute.Value) ([]compute.Value, error)) (out []any, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("panic: %v\n%s", e, debug.Stack())
		}
	}()
	return run(b, inputs, dims, build)
}

// agree compares two flat slices: whole numbers exactly, others with a tolerance relative to the largest one, or to 1.
// NaN is NaN, and an infinity the same infinity.
func agree(got, want any, tolerance float64) error {
	w, isFloat := float64s(want)
	if !isFloat {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf(" is %v, want %v", got, want)
		}
		return nil
	}
	g, _ := float64s(got)
	if len(g) != len(w) {
		return fmt.Errorf(" has %d elements, want %d", len(g), len(w))
	}
	scale := 1.0
	for _, v := range w {
		if a := math.Abs(v); a > scale && !math.IsInf(a, 0) {
			scale = a
		}
	}
	for i := range w {
		same := g[i] == w[i] || g[i] != g[i] && w[i] != w[i]
		if !same && !(math.Abs(g[i]-w[i]) <= tolerance*scale) {
			return fmt.Errorf("[%d] is %v, want %v (±%g)", i, g[i], w[i], tolerance*scale)
		}
	}
	return nil
}

func float64s(flat any) ([]float64, bool) {
	switch x := flat.(type) {
	case []float64:
		return x, true
	case []float32:
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = float64(v)
		}
		return y, true
	}
	return nil, false
}

// runDonated is run, once, with inputs that lend their memory to the results.
func runDonated(b compute.Backend, inputs []any, dims []shapes.Shape, build func(f compute.Function, in []compute.Value) ([]compute.Value, error)) ([]any, error) {
	bl := b.Builder("donated")
	var in []compute.Value
	var buffers []compute.Buffer
	donate := make([]bool, len(inputs))
	for i, x := range inputs {
		p, err := bl.Main().Parameter(fmt.Sprint("p", i), dims[i], nil)
		if err != nil {
			return nil, err
		}
		buffer, err := b.BufferFromFlatData(0, x, dims[i])
		if err != nil {
			return nil, err
		}
		in, buffers, donate[i] = append(in, p), append(buffers, buffer), true
	}
	out, err := build(bl.Main(), in)
	if err != nil {
		return nil, err
	}
	if err := bl.Main().Return(out, nil); err != nil {
		return nil, err
	}
	x, err := bl.Compile()
	if err != nil {
		return nil, err
	}
	defer x.Finalize()
	results, err := x.Execute(buffers, donate, 0)
	if err != nil {
		return nil, err
	}
	var flats []any
	for _, o := range results {
		flat, err := o.Data()
		if err != nil {
			return nil, err
		}
		flats = append(flats, flat)
	}
	return flats, nil
}

// A recipe says with its bytes which graph to make. Numbers are small and whole as long as they can be, so that
// sums are the same in every order; what is rounded goes on only to where it cannot grow.
type recipe struct {
	data []byte
	at   int
	said []string
}

// pick is a number below n; 0 when the bytes are used up.
func (r *recipe) pick(n int) int {
	if r.at >= len(r.data) || n <= 1 {
		return 0
	}
	r.at++
	return int(r.data[r.at-1]) % n
}

// known is what a recipe has to know about a value.
type known struct {
	shape shapes.Shape
	// bound is how large its numbers are at most; +Inf where they are rounded.
	bound   float64
	special bool // it may have NaN and infinities
}

const mostElements = 3000

func (r *recipe) dims(rank int) []int {
	d := make([]int, rank)
	for i := range d {
		d[i] = []int{1, 2, 3, 4, 5, 7, 6, 0}[min(r.pick(9), 7)]
		if i > 2 && product(d[:i+1]) > mostElements {
			d[i] = 1
		}
	}
	return d
}

var fuzzTypes = []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Int32, dtypes.Bool, dtypes.Uint8, dtypes.Int64}

// inputs are some values of all types. Those of one type have one shape, or are numbers alone. The last one is what
// weights are cut from.
func (r *recipe) inputs() (flats []any, dims []shapes.Shape, all []known) {
	numbers := rand.New(rand.NewPCG(uint64(r.pick(256)), 15))
	specials := r.pick(4) == 3
	shape := r.dims(r.pick(5))
	add := func(d dtypes.DType, special bool, dims2 ...int) {
		s := shapes.Make(d, dims2...)
		flats, dims = append(flats, smallNumbers(numbers, d, s.Size(), special)), append(dims, s)
		all = append(all, known{s, 3, special})
	}
	for range 2 {
		add(dtypes.Float32, specials, shape...)
	}
	add(dtypes.Float32, false)
	for range 2 {
		add(fuzzTypes[1+r.pick(len(fuzzTypes)-1)], false, shape...)
	}
	add(dtypes.Float32, specials, r.dims(r.pick(5))...)
	add(dtypes.Float32, false, mostElements)
	return flats, dims, all
}

// smallNumbers are whole ones up to 3, and sometimes those that are none.
func smallNumbers(d *rand.Rand, dtype dtypes.DType, n int, special bool) any {
	flat := dtypes.MakeAnySlice(dtype, n)
	for i := range n {
		v := d.IntN(7) - 3
		switch x := flat.(type) {
		case []float32:
			x[i] = float32(v)
			if special && d.IntN(8) == 0 {
				x[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}[d.IntN(3)]
			}
		case []float64:
			x[i] = float64(v)
		case []int32:
			x[i] = int32(v)
		case []int64:
			x[i] = int64(v)
		case []uint8:
			x[i] = uint8(max(v, 0))
		case []bool:
			x[i] = v > 0
		}
	}
	return flat
}

// kitchen is a graph in the making.
type kitchen struct {
	*recipe
	g   compute.Function
	in  []compute.Value
	all []compute.Value
	k   []known
	err error // of the operation at hand
}

// graph follows the recipe and returns some of the values, the last one among them.
func (r *recipe) graph(g compute.Function, in []compute.Value, k []known) ([]compute.Value, error) {
	c := &kitchen{recipe: r, g: g, in: in, all: slices.Clone(in), k: k}
	for range 2 + r.pick(11) {
		c.err = nil
		op := operations[r.pick(len(operations))]
		before := len(c.all)
		if op(c); c.err != nil {
			return nil, c.err
		}
		for i := before; i < len(c.all); i++ {
			r.said = append(r.said, fmt.Sprintf("%d is %s", i, c.k[i].shape))
		}
	}
	which := []int{len(c.all) - 1}
	for i := len(c.all) - 2; i >= len(in) && len(which) < 4; i-- {
		if r.pick(3) == 0 {
			which = append(which, i)
		}
	}
	if r.pick(4) == 0 {
		which = append(which, r.pick(len(in)-1))
	}
	r.said = append(r.said, fmt.Sprintf("returns %v", which))
	var out []compute.Value
	for _, i := range which {
		out = append(out, c.all[i])
	}
	return out, nil
}

// add keeps a value, and says how it came about.
func (c *kitchen) add(v compute.Value, err error, bound float64, special bool, format string, args ...any) {
	if err == nil {
		var s shapes.Shape
		if s, err = c.g.Shape(v); err == nil {
			switch s.DType {
			case dtypes.Float32:
				if bound > 1<<23 {
					bound = math.Inf(1)
				}
			case dtypes.Float64:
				if bound > 1<<50 {
					bound = math.Inf(1)
				}
			default: // whole numbers wrap around, the same everywhere
				bound = min(bound, math.MaxInt32)
			}
			c.all, c.k = append(c.all, v), append(c.k, known{s, bound, special})
		}
	}
	c.said = append(c.said, fmt.Sprintf(format, args...))
	if err != nil {
		c.err = fmt.Errorf("%s: %w", strings.Join(c.said, "\n"), err)
	}
}

// choose is a value that will do, the weights aside; −1 where there is none.
func (c *kitchen) choose(will func(k known) bool) int {
	n := len(c.all)
	first := n - 1 - c.pick(n) // the last ones first, so that operations follow one another
	for i := range n {
		p := (first + n - i) % n
		if p != len(c.in)-1 && will(c.k[p]) {
			return p
		}
	}
	return -1
}

func isFloat(k known) bool  { return k.shape.DType.IsFloat() }
func isNumber(k known) bool { return k.shape.DType != dtypes.Bool }
func isExact(k known) bool  { return !math.IsInf(k.bound, 1) }
func anything(known) bool   { return true }
func and(a, b func(known) bool) func(known) bool {
	return func(k known) bool { return a(k) && b(k) }
}

// partner is a value that goes with p in an operation of two.
func (c *kitchen) partner(p int, will func(known) bool) int {
	s := c.k[p].shape
	return c.choose(func(k known) bool {
		if k.shape.DType != s.DType || !will(k) {
			return false
		}
		if k.shape.IsScalar() || s.IsScalar() {
			return true
		}
		if k.shape.Rank() != s.Rank() {
			return false
		}
		for i, d := range s.Dimensions {
			// Stretched from 1 to 0, an axis would have the length 1 to the stock backend.
			if e := k.shape.Dimensions[i]; d != e && (d != 1 && e != 1 || d*e == 0) {
				return false
			}
		}
		return max(k.shape.Size(), s.Size()) <= mostElements
	})
}

// weights are a value of a shape, cut from the last input or constant.
func (c *kitchen) weights(dims ...int) (compute.Value, bool) {
	s := f32(dims...)
	if s.Size() > mostElements {
		return nil, false
	}
	var v compute.Value
	if c.pick(2) == 0 {
		v, c.err = c.g.Slice(c.in[len(c.in)-1], []int{0}, []int{s.Size()}, []int{1})
	} else {
		v, c.err = c.g.Constant(smallNumbers(rand.New(rand.NewPCG(uint64(c.pick(256)), 16)), dtypes.Float32, s.Size(), false), s.Size())
	}
	if c.err == nil {
		v, c.err = c.g.Reshape(v, dims...)
	}
	return v, c.err == nil
}

// ranked is a float32 value of a rank, reshaped if need be.
func (c *kitchen) ranked(rank int) (compute.Value, known, bool) {
	p := c.choose(func(k known) bool { return k.shape.DType == dtypes.Float32 && isExact(k) })
	if p < 0 {
		return nil, known{}, false
	}
	v, k := c.all[p], c.k[p]
	dims := slices.Clone(k.shape.Dimensions)
	for len(dims) > rank {
		dims = append([]int{dims[0] * dims[1]}, dims[2:]...)
	}
	for len(dims) < rank {
		dims = slices.Insert(dims, c.pick(len(dims)+1), 1)
	}
	if len(dims) != k.shape.Rank() {
		v, c.err = c.g.Reshape(v, dims...)
		k.shape = f32(dims...)
	}
	c.said = append(c.said, fmt.Sprintf("of %d, as %v:", p, dims))
	return v, k, c.err == nil
}

var operations = []func(*kitchen){
	(*kitchen).unary, (*kitchen).unary, (*kitchen).rounding, (*kitchen).binary, (*kitchen).binary,
	(*kitchen).binary, (*kitchen).division, (*kitchen).comparison, (*kitchen).logical, (*kitchen).choice,
	(*kitchen).conversion, (*kitchen).broadcast, (*kitchen).reduction, (*kitchen).reduction, (*kitchen).reshaping,
	(*kitchen).transposition, (*kitchen).slicing, (*kitchen).padding, (*kitchen).concatenation, (*kitchen).reversal,
	(*kitchen).dot, (*kitchen).dot, (*kitchen).denseLayer, (*kitchen).convolution, (*kitchen).convolution,
	(*kitchen).convolution, (*kitchen).pooling, (*kitchen).poolingGradient, (*kitchen).activations, (*kitchen).argument,
}

func (c *kitchen) unary() {
	p := c.choose(isNumber)
	k, v := c.k[p], c.all[p]
	type f = func(compute.Value) (compute.Value, error)
	exact := []f{c.g.Abs, c.g.Neg, c.g.Sign, c.g.Identity}
	if isFloat(k) && isExact(k) {
		exact = append(exact, c.g.Floor, c.g.Ceil, c.g.Round)
	}
	if k.shape.DType == dtypes.Uint8 || !isExact(k) {
		exact = []f{c.g.Identity}
	}
	i := c.pick(len(exact))
	y, err := exact[i](v)
	c.add(y, err, k.bound, k.special, "unary %d of %d", i, p)
}

// rounding are functions whose results are not exact.
func (c *kitchen) rounding() {
	// The stock backend's functions are not made for NaN, infinities and what overflows.
	p := c.choose(func(k known) bool { return isFloat(k) && k.bound < 80 && !k.special })
	v := c.all[p]
	fs := []func(compute.Value) (compute.Value, error){c.g.Exp, c.g.Expm1, c.g.Log, c.g.Log1p, c.g.Sqrt, c.g.Tanh, c.g.Logistic, c.g.Erf, c.g.Sin, c.g.Cos}
	i := c.pick(len(fs))
	y, err := fs[i](v)
	c.add(y, err, math.Inf(1), true, "function %d of %d", i, p)
}

func (c *kitchen) binary() {
	p := c.choose(and(isNumber, isExact))
	q := c.partner(p, isExact)
	a, b := c.k[p].bound, c.k[q].bound
	special := c.k[p].special || c.k[q].special
	var v compute.Value
	var err error
	op := c.pick(5)
	if special {
		op %= 3 // what the stock backend takes for the larger of NaN and a number depends on their order
	}
	switch op {
	case 0:
		v, err = c.g.Add(c.all[p], c.all[q])
	case 1:
		v, err = c.g.Sub(c.all[p], c.all[q])
	case 2:
		v, err = c.g.Mul(c.all[p], c.all[q])
	case 3:
		v, err = c.g.Max(c.all[p], c.all[q])
	case 4:
		v, err = c.g.Min(c.all[p], c.all[q])
	}
	c.add(v, err, max(a+b, a*b), special, "%s of %d and %d", []string{"sum", "difference", "product", "maximum", "minimum"}[op], p, q)
}

// division is by what is not 0.
func (c *kitchen) division() {
	p := c.choose(and(isFloat, isExact))
	q := c.partner(p, func(k known) bool { return k.bound < 2000 })
	if q < 0 {
		return
	}
	v, err := c.g.Mul(c.all[q], c.all[q])
	c.add(v, err, c.k[q].bound*c.k[q].bound, c.k[q].special, "square of %d", q)
	if c.err != nil {
		return
	}
	one, err := c.g.Constant(oneOf(c.k[q].shape.DType))
	if err == nil {
		v, err = c.g.Add(v, one)
	}
	if err == nil {
		v, err = c.g.Div(c.all[p], v)
	}
	c.add(v, err, math.Inf(1), true, "%d over that and 1", p)
}

func oneOf(d dtypes.DType) any {
	if d == dtypes.Float64 {
		return []float64{1}
	}
	return []float32{1}
}

func (c *kitchen) comparison() {
	p := c.choose(and(isNumber, isExact))
	q := c.partner(p, isExact)
	fs := []func(a, b compute.Value) (compute.Value, error){c.g.Equal, c.g.NotEqual, c.g.LessThan, c.g.LessOrEqual, c.g.GreaterThan, c.g.GreaterOrEqual}
	i := c.pick(len(fs))
	v, err := fs[i](c.all[p], c.all[q])
	c.add(v, err, 1, false, "comparison %d of %d and %d", i, p, q)
}

func (c *kitchen) logical() {
	p := c.choose(func(k known) bool { return k.shape.DType == dtypes.Bool })
	if p < 0 {
		return
	}
	q := c.partner(p, anything)
	fs := []func(a, b compute.Value) (compute.Value, error){c.g.LogicalAnd, c.g.LogicalOr, c.g.LogicalXor,
		func(a, _ compute.Value) (compute.Value, error) { return c.g.LogicalNot(a) }}
	i := c.pick(len(fs))
	v, err := fs[i](c.all[p], c.all[q])
	c.add(v, err, 1, false, "logical %d of %d and %d", i, p, q)
}

func (c *kitchen) choice() {
	p := c.choose(func(k known) bool { return k.shape.DType == dtypes.Bool })
	if p < 0 {
		return
	}
	s := c.k[p].shape
	a := c.choose(func(k known) bool { return slices.Equal(k.shape.Dimensions, s.Dimensions) || k.shape.IsScalar() })
	if a < 0 {
		return
	}
	b := c.choose(func(k known) bool {
		return k.shape.DType == c.k[a].shape.DType && (k.shape.Equal(c.k[a].shape) || k.shape.IsScalar() || c.k[a].shape.IsScalar() && slices.Equal(k.shape.Dimensions, s.Dimensions))
	})
	v, err := c.g.Where(c.all[p], c.all[a], c.all[b])
	c.add(v, err, max(c.k[a].bound, c.k[b].bound), c.k[a].special || c.k[b].special, "where %d: %d, else %d", p, a, b)
}

func (c *kitchen) conversion() {
	to := fuzzTypes[c.pick(len(fuzzTypes))]
	p := c.choose(func(k known) bool {
		// Go leaves open what a number becomes that the type cannot hold.
		return isExact(k) && (to.IsFloat() || to == dtypes.Bool || !k.special && k.bound < math.MaxInt32 && (to != dtypes.Uint8 || k.shape.DType == dtypes.Bool))
	})
	if p < 0 {
		return
	}
	v, err := c.g.ConvertDType(c.all[p], to)
	c.add(v, err, c.k[p].bound, c.k[p].special, "%d as %s", p, to)
}

func (c *kitchen) broadcast() {
	p := c.choose(func(k known) bool { return k.shape.Rank() <= 3 && k.shape.Size() <= 400 })
	if p < 0 {
		return
	}
	rank := c.k[p].shape.Rank()
	dims := r4(c.dims(min(rank+c.pick(3), 4)), rank)
	var axes []int
	for i := range dims {
		if left := rank - len(axes); left > 0 && (len(dims)-i == left || c.pick(2) == 0) {
			if d := c.k[p].shape.Dimensions[len(axes)]; d != 1 || c.pick(2) == 0 {
				dims[i] = d
			}
			axes = append(axes, i)
		}
	}
	s := shapes.Make(c.k[p].shape.DType, dims...)
	if s.Size() > mostElements {
		return
	}
	v, err := c.g.BroadcastInDim(c.all[p], s, axes)
	c.add(v, err, c.k[p].bound, c.k[p].special, "%d broadcast on axes %v", p, axes)
}

// r4 makes dims at least as long as a rank.
func r4(dims []int, rank int) []int {
	for len(dims) < rank {
		dims = append(dims, 1)
	}
	return dims
}

func (c *kitchen) someAxes(rank int) []int {
	var axes []int
	for i := range rank {
		if c.pick(2) == 0 {
			axes = append(axes, i)
		}
	}
	return axes
}

func (c *kitchen) reduction() {
	op := c.pick(4)
	p := c.choose(func(k known) bool {
		return isNumber(k) && k.shape.Size() > 0 && (isExact(k) || op == 1 || op == 2) && (op == 0 || !k.special)
	})
	if p < 0 {
		return
	}
	axes := c.someAxes(c.k[p].shape.Rank())
	bound := c.k[p].bound
	var v compute.Value
	var err error
	switch op {
	case 0:
		bound *= float64(c.k[p].shape.Size())
		v, err = c.g.ReduceSum(c.all[p], axes...)
	case 1:
		v, err = c.g.ReduceMax(c.all[p], axes...)
	case 2:
		v, err = c.g.ReduceMin(c.all[p], axes...)
	case 3:
		bound = math.Inf(1)
		v, err = c.g.ReduceProduct(c.all[p], axes...)
	}
	c.add(v, err, bound, c.k[p].special, "%s of %d over %v", []string{"sum", "maximum", "minimum", "product"}[op], p, axes)
}

func (c *kitchen) reshaping() {
	p := c.choose(anything)
	dims := slices.Clone(c.k[p].shape.Dimensions)
	switch {
	case len(dims) >= 2 && c.pick(2) == 0:
		i := c.pick(len(dims) - 1)
		dims[i] *= dims[i+1]
		dims = slices.Delete(dims, i+1, i+2)
	case len(dims) > 0 && c.pick(2) == 0:
		i := c.pick(len(dims))
		for _, f := range []int{2, 3, 5, 7} {
			if dims[i] > f && dims[i]%f == 0 {
				dims[i] /= f
				dims = slices.Insert(dims, i, f)
				break
			}
		}
	default:
		dims = slices.Insert(dims, c.pick(len(dims)+1), 1)
	}
	if len(dims) > 5 {
		dims = []int{c.k[p].shape.Size()}
	}
	v, err := c.g.Reshape(c.all[p], dims...)
	c.add(v, err, c.k[p].bound, c.k[p].special, "%d as %v", p, dims)
}

// perm is an order of n axes.
func (c *kitchen) perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := range p {
		j := i + c.pick(n-i)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

func (c *kitchen) transposition() {
	// The stock backend forgets to write the transpose of a scalar.
	p := c.choose(func(k known) bool { return !k.shape.IsScalar() })
	if p < 0 {
		return
	}
	perm := c.perm(c.k[p].shape.Rank())
	v, err := c.g.Transpose(c.all[p], perm...)
	c.add(v, err, c.k[p].bound, c.k[p].special, "%d with its axes as %v", p, perm)
}

func (c *kitchen) slicing() {
	p := c.choose(func(k known) bool { return !k.shape.IsScalar() })
	if p < 0 {
		return
	}
	var from, to, strides []int
	for _, d := range c.k[p].shape.Dimensions {
		a := c.pick(d + 1)
		b := a + c.pick(d-a+1)
		from, to, strides = append(from, a), append(to, b), append(strides, 1+c.pick(3))
	}
	v, err := c.g.Slice(c.all[p], from, to, strides)
	c.add(v, err, c.k[p].bound, c.k[p].special, "%d from %v to %v by %v", p, from, to, strides)
}

func (c *kitchen) padding() {
	p := c.choose(func(k known) bool { return k.shape.Size() <= 500 })
	if p < 0 {
		return
	}
	fill := c.choose(func(k known) bool { return k.shape.DType == c.k[p].shape.DType && k.shape.IsScalar() })
	if fill < 0 {
		var v compute.Value
		v, err := c.g.Constant(dtypes.MakeAnySlice(c.k[p].shape.DType, 1))
		c.add(v, err, 0, false, "0")
		if fill = len(c.all) - 1; c.err != nil {
			return
		}
	}
	axes := make([]compute.PadAxis, c.k[p].shape.Rank())
	size := 1
	for i, d := range c.k[p].shape.Dimensions {
		axes[i] = compute.PadAxis{Start: c.pick(3), End: c.pick(3), Interior: max(0, c.pick(4)-2)}
		if d == 0 {
			axes[i].Interior = 0
		}
		size *= d*(axes[i].Interior+1) + 4
	}
	if size > mostElements {
		return
	}
	v, err := c.g.Pad(c.all[p], c.all[fill], axes...)
	c.add(v, err, max(c.k[p].bound, c.k[fill].bound), c.k[p].special || c.k[fill].special, "%d padded %v with %d", p, axes, fill)
}

func (c *kitchen) concatenation() {
	p := c.choose(func(k known) bool { return !k.shape.IsScalar() && k.shape.Size() < mostElements/3 })
	if p < 0 {
		return
	}
	s := c.k[p].shape
	axis := c.pick(s.Rank())
	operands, which := []compute.Value{c.all[p]}, []int{p}
	bound, special := c.k[p].bound, c.k[p].special
	for range 1 + c.pick(2) {
		q := c.choose(func(k known) bool {
			if k.shape.DType != s.DType || k.shape.Rank() != s.Rank() {
				return false
			}
			for i, d := range k.shape.Dimensions {
				if i != axis && d != s.Dimensions[i] {
					return false
				}
			}
			return true
		})
		operands, which = append(operands, c.all[q]), append(which, q)
		bound, special = max(bound, c.k[q].bound), special || c.k[q].special
	}
	v, err := c.g.Concatenate(axis, operands...)
	c.add(v, err, bound, special, "%v side by side along axis %d", which, axis)
}

func (c *kitchen) reversal() {
	p := c.choose(anything)
	axes := c.someAxes(c.k[p].shape.Rank())
	v, err := c.g.Reverse(c.all[p], axes...)
	c.add(v, err, c.k[p].bound, c.k[p].special, "%d reversed along %v", p, axes)
}

// dot multiplies matrices, in any order of their axes.
func (c *kitchen) dot() {
	x, k, ok := c.ranked(1 + c.pick(4))
	if !ok {
		return
	}
	order := c.perm(k.shape.Rank())
	batch := c.pick(min(2, len(order)))
	contracted := c.pick(min(3, len(order)-batch+1))
	other := slices.Clone(order[:batch+contracted])
	dims := make([]int, 0, 6)
	terms := 1
	for i, axis := range other {
		dims = append(dims, k.shape.Dimensions[axis])
		if i >= batch {
			terms *= k.shape.Dimensions[axis]
		}
	}
	for range c.pick(3) {
		dims = append(dims, []int{1, 3, 8, 17}[c.pick(4)])
	}
	at := c.perm(len(dims))
	turned := make([]int, len(dims))
	for i, p := range at {
		turned[p] = dims[i]
	}
	if terms == 0 {
		return // the stock backend does not write the zeros
	}
	w, ok := c.weights(turned...)
	if !ok || product(dims[batch+contracted:])*k.shape.Size() > 20*mostElements {
		return
	}
	lhs, lb, lc, rhs, rb, rc := x, order[:batch], order[batch:batch+contracted], w, at[:batch], at[batch:batch+contracted]
	if c.pick(2) == 0 {
		lhs, lb, lc, rhs, rb, rc = rhs, rb, rc, lhs, lb, lc
	}
	v, err := c.g.DotGeneral(lhs, lc, lb, rhs, rc, rb, compute.DotGeneralConfig{})
	c.add(v, err, 3*k.bound*float64(terms), k.special, "%v %v %v · weights %v %v %v", k.shape.Dimensions, order[:batch], order[batch:batch+contracted], turned, at[:batch], at[batch:batch+contracted])
}

func (c *kitchen) denseLayer() {
	x, k, ok := c.ranked(2)
	if !ok || k.shape.Dimensions[1] == 0 {
		return
	}
	n := k.shape.Dimensions[1]
	f := []int{1, 4, 10, 17, 33}[c.pick(5)]
	w, ok := c.weights(n, f)
	if !ok {
		return
	}
	var bias compute.Value
	if c.pick(2) == 0 {
		if bias, ok = c.weights(f); !ok {
			return
		}
	}
	if k.special || k.bound*float64(n)*3 > 2000 {
		return
	}
	activation := []compute.ActivationType{compute.ActivationNone, compute.ActivationRelu, compute.ActivationTanh}[c.pick(3)]
	bound := 3*k.bound*float64(n) + 3
	if activation == compute.ActivationTanh {
		bound = math.Inf(1)
	}
	v, err := c.g.FusedDense(x, w, bias, compute.DenseConfig{Activation: compute.ActivationConfig{Type: activation}})
	c.add(v, err, bound, k.special, "dense layer of %d, bias %v, %s", f, bias != nil, activation)
}

// convolution may be followed by a bias and a relu.
func (c *kitchen) convolution() {
	spatial := []int{2, 1, 2, 2, 3}[c.pick(5)]
	x, k, ok := c.ranked(spatial + 2)
	if !ok {
		return
	}
	rank := spatial + 2
	last := []int{0, rank - 1}
	for i := range spatial {
		last = append(last, 1+i)
	}
	in, out, ks := last, last, append([]int{rank - 2, rank - 1}, []int{0, 1, 2}[:spatial]...)
	if c.pick(2) == 1 {
		in, out, ks = c.perm(rank), c.perm(rank), c.perm(rank)
	}
	axes := compute.ConvolveAxesConfig{
		InputBatch: in[0], InputChannels: in[1], InputSpatial: in[2:],
		KernelInputChannels: ks[0], KernelOutputChannels: ks[1], KernelSpatial: ks[2:],
		OutputBatch: out[0], OutputChannels: out[1], OutputSpatial: out[2:],
	}
	channels, groups := k.shape.Dimensions[in[1]], 1
	if n := 1 + c.pick(4); n > 1 && channels > 0 && channels%n == 0 {
		groups = n
	}
	dims := make([]int, rank)
	dims[ks[0]], dims[ks[1]] = channels/groups, groups*[]int{1, 2, 3, 16}[c.pick(4)]
	var strides, inDil, kDil []int
	var pads [][2]int
	terms := channels / groups
	for i := range spatial {
		dims[ks[2+i]] = 1 + c.pick(3)
		terms *= dims[ks[2+i]]
		strides, inDil, kDil = append(strides, 1+max(0, c.pick(4)-1)), append(inDil, 1+max(0, c.pick(4)-2)), append(kDil, 1+max(0, c.pick(4)-2))
		pads = append(pads, [2]int{c.pick(3), c.pick(3)})
	}
	switch c.pick(4) {
	case 0:
		strides, pads, inDil, kDil = nil, nil, nil, nil
	case 1:
		pads = nil
	case 2:
		strides, inDil, kDil = nil, nil, nil
	}
	rim := make([]compute.PadAxis, rank) // of zeros around the kernel, as gradients have it
	whole := slices.Clone(dims)
	var turned []int
	if !k.special && c.pick(3) == 0 {
		for i := range spatial {
			p := compute.PadAxis{Start: c.pick(2), End: c.pick(2), Interior: max(0, c.pick(6)-4)}
			rim[ks[2+i]] = p
			whole[ks[2+i]] += p.Start + p.End + p.Interior*(dims[ks[2+i]]-1)
		}
		turned = c.someAxes(rank)
	}
	for i := range spatial {
		// Where nothing fits, there is nothing to compute.
		size, window := k.shape.Dimensions[in[2+i]], whole[ks[2+i]]
		if inDil != nil {
			size, window = (size-1)*inDil[i]+1, (window-1)*kDil[i]+1
		}
		if pads != nil {
			size += pads[i][0] + pads[i][1]
		}
		if size < window || k.shape.Dimensions[in[2+i]] == 0 {
			return
		}
	}
	w, ok := c.weights(dims...)
	if !ok {
		return
	}
	if !slices.Equal(dims, whole) {
		var zero compute.Value
		if zero, c.err = c.g.Constant([]float32{0}); c.err == nil {
			w, c.err = c.g.Pad(w, zero, rim...)
		}
	}
	if len(turned) > 0 && c.err == nil {
		w, c.err = c.g.Reverse(w, turned...)
	}
	if c.err != nil {
		return
	}
	v, err := c.g.ConvGeneral(x, w, axes, strides, pads, inDil, kDil, groups, 1)
	c.add(v, err, 3*k.bound*float64(terms), k.special, "convolution of %v with %v, in a rim %v, turned along %v, %+v, strides %v, paddings %v, dilations %v %v, %d groups", k.shape.Dimensions, dims, rim, turned, axes, strides, pads, inDil, kDil, groups)
	if c.err != nil {
		return
	}
	p := len(c.all) - 1
	if c.pick(3) == 0 {
		b := make([]int, rank)
		for i := range b {
			b[i] = 1
		}
		b[out[1]] = dims[ks[1]]
		if bias, ok := c.weights(b...); ok {
			v, err = c.g.Add(v, bias)
			c.add(v, err, c.k[p].bound+3, k.special, "with bias")
		}
	}
	if out := c.k[len(c.k)-1].shape.Dimensions; c.err == nil && c.pick(3) == 0 && product(out) > 0 {
		from, to := make([]int, rank), slices.Clone(out)
		for i, d := range out {
			if c.pick(2) == 0 {
				from[i] = min(c.pick(2), d-1)
				to[i] = max(d-c.pick(2), from[i]+1)
			}
		}
		v, err = c.g.Slice(v, from, to, ones(rank))
		c.add(v, err, c.k[len(c.k)-1].bound, k.special, "from %v to %v of it", from, to)
	}
	if c.err == nil && c.pick(3) == 0 {
		p = len(c.all) - 1
		v, err = c.g.FusedActivation(v, compute.ActivationConfig{Type: compute.ActivationRelu})
		c.add(v, err, c.k[p].bound, k.special, "with relu")
	}
}

// window draws the windows of pooling for a shape.
func (c *kitchen) window(dims []int) (window, strides []int, pads [][2]int) {
	for _, d := range dims {
		n := min(1+c.pick(3), max(d, 1))
		window, strides, pads = append(window, n), append(strides, 1+c.pick(3)), append(pads, [2]int{min(c.pick(2), n-1), min(c.pick(2), n-1)})
	}
	return
}

func (c *kitchen) pooling() {
	x, k, ok := c.ranked(1 + c.pick(4))
	if !ok || k.shape.Size() == 0 {
		return
	}
	window, strides, pads := c.window(k.shape.Dimensions)
	op := []compute.ReduceOpType{compute.ReduceOpMax, compute.ReduceOpSum, compute.ReduceOpMin, compute.ReduceOpProduct}[c.pick(4)]
	bound := k.bound
	switch op {
	case compute.ReduceOpSum:
		bound *= float64(product(window))
	case compute.ReduceOpProduct:
		bound = math.Inf(1)
	}
	v, err := c.g.ReduceWindow(x, op, window, strides, nil, nil, pads)
	c.add(v, err, bound, k.special, "%s of windows %v, strides %v, paddings %v", op, window, strides, pads)
}

func (c *kitchen) poolingGradient() {
	x, k, ok := c.ranked(1 + c.pick(4))
	if !ok || k.shape.Size() == 0 {
		return
	}
	window, strides, pads := c.window(k.shape.Dimensions)
	y, err := c.g.ReduceWindow(x, compute.ReduceOpMax, window, strides, nil, nil, pads)
	c.add(y, err, k.bound, k.special, "maximum of windows %v, strides %v, paddings %v", window, strides, pads)
	if c.err != nil {
		return
	}
	dy, ok := c.weights(c.k[len(c.k)-1].shape.Dimensions...)
	if !ok {
		return
	}
	v, err := c.g.SelectAndScatterMax(x, dy, window, strides, pads)
	c.add(v, err, 3*float64(product(window)), false, "its gradient")
}

func (c *kitchen) activations() {
	p := c.choose(func(k known) bool {
		return k.shape.DType == dtypes.Float32 && k.bound < 80 && !k.special && !k.shape.IsScalar()
	})
	if p < 0 {
		return
	}
	types := []compute.ActivationType{compute.ActivationRelu, compute.ActivationTanh, compute.ActivationSigmoid, compute.ActivationGelu, compute.ActivationSilu}
	i := c.pick(len(types) + 1)
	if i == len(types) {
		axis := c.k[p].shape.Rank() - 1
		v, err := c.g.FusedSoftmax(c.all[p], axis)
		c.add(v, err, math.Inf(1), true, "softmax of %d", p)
		return
	}
	bound := math.Inf(1)
	if i == 0 {
		bound = c.k[p].bound
	}
	v, err := c.g.FusedActivation(c.all[p], compute.ActivationConfig{Type: types[i]})
	c.add(v, err, bound, true, "%s of %d", types[i], p)
}

func (c *kitchen) argument() {
	p := c.choose(func(k known) bool { return isNumber(k) && isExact(k) && !k.shape.IsScalar() && k.shape.Size() > 0 })
	if p < 0 {
		return
	}
	axis, least := c.pick(c.k[p].shape.Rank()), c.pick(2) == 0
	v, err := c.g.ArgMinMax(c.all[p], axis, dtypes.Int32, least)
	c.add(v, err, 7, false, "place of the largest (least: %v) of %d along %d", least, p, axis)
}
