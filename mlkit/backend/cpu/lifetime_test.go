package cpu

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// compiled makes a program of the backend.
func compiled(t testing.TB, b compute.Backend, dims []shapes.Shape, build func(g compute.Function, in []compute.Value) ([]compute.Value, error)) compute.Executable {
	t.Helper()
	bl := b.Builder("lifetime")
	var in []compute.Value
	for i, s := range dims {
		p, err := bl.Main().Parameter(fmt.Sprint("p", i), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, p)
	}
	out, err := build(bl.Main(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := bl.Main().Return(out, nil); err != nil {
		t.Fatal(err)
	}
	x, err := bl.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func buffersOf(t testing.TB, b compute.Backend, inputs []any, dims []shapes.Shape) (buffers []compute.Buffer) {
	t.Helper()
	for i, x := range inputs {
		buffer, err := b.BufferFromFlatData(0, x, dims[i])
		if err != nil {
			t.Fatal(err)
		}
		buffers = append(buffers, buffer)
	}
	return buffers
}

// large is an element-wise graph that several threads share.
var largeDims = []shapes.Shape{f32(1 << 17)}

func large(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	return single(g.Exp(in[0]))
}

// panics is a step that panics in one of its parts.
type panics struct{ parts, at int }

func (p *panics) run(fr *frame) error {
	fr.plan.backend.pool.run(p, fr, p.parts)
	return nil
}

func (p *panics) part(_ *frame, _, i int) {
	if i == p.at {
		panic("a step's part")
	}
}

// fails is a step that returns an error.
type fails struct{}

func (fails) run(*frame) error { return errors.New("a step's error") }

// TestGoroutinesEnd counts the goroutines that a backend leaves behind, also after executions that went wrong.
func TestGoroutinesEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	ours, err := New("")
	if err != nil {
		t.Fatal(err)
	}
	b := ours.(*Backend)
	x := compiled(t, b, largeDims, large).(*plan)
	in := buffersOf(t, b, []any{make([]float32, 1<<17)}, largeDims)
	works := func(when string) {
		t.Helper()
		out, err := x.Execute(in, nil, 0)
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		flat, err := out[0].Data()
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if y := flat.([]float32); y[0] != 1 || y[len(y)-1] != 1 {
			t.Fatalf("%s: exp(0) is %v and %v", when, y[0], y[len(y)-1])
		}
	}
	works("at first")
	wrong := buffersOf(t, b, []any{make([]float32, 2)}, []shapes.Shape{f32(2)})
	if _, err := x.Execute(wrong, nil, 0); err == nil || !strings.Contains(err.Error(), "shape") {
		t.Errorf("an input of another shape: %v", err)
	}
	if _, err := x.Execute(nil, nil, 0); err == nil {
		t.Error("no inputs, and no error")
	}
	works("after wrong inputs")
	steps := x.steps
	x.steps = []step{fails{}}
	if _, err := x.Execute(in, nil, 0); err == nil || !strings.Contains(err.Error(), "a step's error") {
		t.Errorf("a step that fails: %v", err)
	}
	for at := range 16 {
		x.steps = []step{&panics{16, at}}
		func() {
			defer func() {
				if e := recover(); e != "a step's part" {
					t.Errorf("part %d panicked, and %v arrived", at, e)
				}
			}()
			_, err := x.Execute(in, nil, 0)
			t.Errorf("part %d panicked, and Execute returned %v", at, err)
		}()
	}
	x.steps = steps
	works("after steps that failed")
	b.Finalize()
	b.Finalize()
	for k := 0; runtime.NumGoroutine() > before && k < 1000; k++ {
		time.Sleep(time.Millisecond) // until what has ended is gone
	}
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, before %d\n%s", after, before, stacks[:runtime.Stack(stacks, true)])
	}
}

// TestAfterFinalize uses what is finalized: that is an error, and no more.
func TestAfterFinalize(t *testing.T) {
	programs := map[string]func(g compute.Function, in []compute.Value) ([]compute.Value, error){
		"plan": large,
		"one operation of the stock backend's": func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
			return single(g.CumSum(in[0], 0, compute.CumSumOptions{}))
		},
		"the stock backend's": sorted,
	}
	for name, program := range programs {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			b, err := New("")
			if err != nil {
				t.Fatal(err)
			}
			x, y := compiled(t, b, largeDims, program), compiled(t, b, largeDims, program)
			in := buffersOf(t, b, []any{make([]float32, 1<<17)}, largeDims)
			if _, err := x.Execute(in, nil, 0); err != nil {
				t.Fatal(err)
			}
			x.Finalize()
			x.Finalize()
			if _, err := x.Execute(in, nil, 0); err == nil {
				t.Error("the program is finalized, and Execute returned no error")
			}
			if _, err := y.Execute(in, nil, 0); err != nil {
				t.Errorf("another program was finalized: %v", err)
			}
			bl := b.Builder("late")
			b.Finalize()
			if _, err := y.Execute(in, nil, 0); err == nil {
				t.Error("the backend is finalized, and Execute returned no error")
			}
			if _, err := in[0].Data(); err == nil {
				t.Error("the backend is finalized, and Data returned no error")
			}
			if err := in[0].Finalize(); err != nil {
				t.Error(err)
			}
			if _, err := b.BufferFromFlatData(0, []float32{1}, f32(1)); err == nil {
				t.Error("the backend is finalized, and BufferFromFlatData returned no error")
			}
			if _, err := bl.Compile(); err == nil {
				t.Error("the backend is finalized, and Compile returned no error")
			}
			y.Finalize()
		})
	}
}

// sorted is a graph with a function, which is handed over as a whole.
func sorted(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	less, err := g.Closure()
	if err != nil {
		return nil, err
	}
	var sides []compute.Value
	for _, name := range []string{"a", "b"} {
		p, err := less.Parameter(name, f32(), nil)
		if err != nil {
			return nil, err
		}
		sides = append(sides, p)
	}
	v, err := less.LessThan(sides[0], sides[1])
	if err != nil {
		return nil, err
	}
	if err := less.Return([]compute.Value{v}, nil); err != nil {
		return nil, err
	}
	return g.Sort(less, 0, true, in[0])
}

// TestManyAtOnce executes several programs on many goroutines, and each has the results that it has alone, bit by bit.
func TestManyAtOnce(t *testing.T) {
	ours, d := newBoth(t).ours, draw{rand.New(rand.NewPCG(25, 26))}
	dims := []shapes.Shape{f32(8, 14, 14, 16), f32(3, 3, 16, 24), f32(6*6*24, 40), f32(40)}
	network := func(g compute.Function, in []compute.Value) (out []compute.Value, err error) {
		y, err := g.ConvGeneral(in[0], in[1], pictures, nil, nil, nil, nil, 1, 1)
		if err != nil {
			return nil, err
		}
		if y, err = g.ReduceWindow(y, compute.ReduceOpMax, []int{1, 2, 2, 1}, []int{1, 2, 2, 1}, nil, nil, nil); err != nil {
			return nil, err
		}
		if y, err = g.Reshape(y, 8, 6*6*24); err != nil {
			return nil, err
		}
		if y, err = g.FusedDense(y, in[2], in[3], compute.DenseConfig{}); err != nil {
			return nil, err
		}
		if y, err = g.FusedSoftmax(y, 1); err != nil {
			return nil, err
		}
		sum, err := g.ReduceSum(in[0], 0, 1, 2)
		return []compute.Value{y, sum}, err
	}
	type program struct {
		x    compute.Executable
		in   []compute.Buffer
		want string
	}
	results := func(p program) (string, error) {
		out, err := p.x.Execute(p.in, nil, 0)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		for _, o := range out {
			flat, err := o.Data()
			if err != nil {
				return "", err
			}
			fmt.Fprint(&b, flat)
			if err := o.Finalize(); err != nil {
				return "", err
			}
		}
		return b.String(), nil
	}
	var programs []program
	add := func(inputs []any, dims []shapes.Shape, build func(g compute.Function, in []compute.Value) ([]compute.Value, error)) {
		p := program{x: compiled(t, ours, dims, build), in: buffersOf(t, ours, inputs, dims)}
		var err error
		if p.want, err = results(p); err != nil {
			t.Fatal(err)
		}
		programs = append(programs, p)
	}
	for range 2 {
		var inputs []any
		for _, s := range dims {
			inputs = append(inputs, d.floats(s))
		}
		add(inputs, dims, network)
	}
	for seed := range uint64(4) {
		s := []shapes.Shape{f32(41, 67), f32(41, 67), f32(1, 67), f32()}
		var inputs []any
		for _, s := range s {
			inputs = append(inputs, d.floats(s))
		}
		add(inputs, s, func(g compute.Function, in []compute.Value) ([]compute.Value, error) {
			return randomGraph(draw{rand.New(rand.NewPCG(seed, 10))}, g, in)
		})
	}
	var done sync.WaitGroup
	for k := range 12 {
		done.Go(func() {
			for i := range 12 {
				p := programs[(k+i)%len(programs)]
				if got, err := results(p); err != nil || got != p.want {
					t.Errorf("program %d on goroutine %d: error %v, or other results than alone", (k+i)%len(programs), k, err)
				}
			}
		})
	}
	done.Wait()
}

// step trains a little: weights and their momentum are donated, and take the places of the old ones.
func trainingStep(g compute.Function, in []compute.Value) ([]compute.Value, error) {
	weights, momentum, x := in[0], in[1], in[2]
	y, err := g.DotGeneral(x, []int{1}, nil, weights, []int{0}, nil, compute.DotGeneralConfig{})
	if err != nil {
		return nil, err
	}
	dw, err := g.DotGeneral(x, []int{0}, nil, y, []int{0}, nil, compute.DotGeneralConfig{})
	if err != nil {
		return nil, err
	}
	rate, err := g.Constant([]float32{0.01})
	if err != nil {
		return nil, err
	}
	if momentum, err = g.Mul(momentum, rate); err != nil {
		return nil, err
	}
	if momentum, err = g.Add(momentum, dw); err != nil {
		return nil, err
	}
	change, err := g.Mul(momentum, rate)
	if err != nil {
		return nil, err
	}
	weights, err = g.Sub(weights, change)
	return []compute.Value{weights, momentum}, err
}

// trainer is a loop that does steps of training.
func trainer(t testing.TB, b compute.Backend) (step func()) {
	dims := []shapes.Shape{f32(12, 9), f32(12, 9), f32(20, 12)}
	d := draw{rand.New(rand.NewPCG(27, 28))}
	x := compiled(t, b, dims, trainingStep)
	state := buffersOf(t, b, []any{d.floats(dims[0]), d.floats(dims[1]), d.floats(dims[2])}, dims)
	donate := []bool{true, true, false}
	return func() {
		out, err := x.Execute(state, donate, 0)
		if err != nil {
			t.Fatal(err)
		}
		copy(state, out)
	}
}

// TestMemoryStaysFlat trains for 10,000 steps.
func TestMemoryStaysFlat(t *testing.T) {
	step := trainer(t, newBoth(t).ours)
	steps := func(n int) uint64 {
		for range n {
			step()
		}
		runtime.GC()
		runtime.GC() // what pools of the first collection kept
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	early, late := steps(1000), steps(9000)
	if late > early+256<<10 {
		t.Errorf("the heap had %d kB after 1,000 steps, and has %d kB after 10,000", early>>10, late>>10)
	}
}

// TestAllocations counts what one execution allocates, once there is memory for it: the list of the outputs, and their
// buffers.
func TestAllocations(t *testing.T) {
	step := trainer(t, newBoth(t).ours)
	step()
	if n := testing.AllocsPerRun(100, step); n > 4 {
		t.Errorf("a step allocates %v times, want at most 4", n)
	}
}

// TestDonatedBuffer uses an input that was given away.
func TestDonatedBuffer(t *testing.T) {
	b := newBoth(t).ours
	dims := []shapes.Shape{f32(3)}
	x := compiled(t, b, dims, func(g compute.Function, in []compute.Value) ([]compute.Value, error) { return single(g.Neg(in[0])) })
	in := buffersOf(t, b, []any{[]float32{1, 2, 3}}, dims)
	out, err := x.Execute(in, []bool{true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if flat, err := out[0].Data(); err != nil || !slices.Equal(flat.([]float32), []float32{-1, -2, -3}) {
		t.Errorf("%v, %v", flat, err)
	}
	if _, err := in[0].Data(); err == nil {
		t.Error("the input was given away, and Data returned no error")
	}
	if _, err := x.Execute(in, nil, 0); err == nil {
		t.Error("the input was given away, and Execute returned no error")
	}
	if err := in[0].Finalize(); err != nil {
		t.Error(err)
	}
	// The memory is the output's now: the next buffers may not take it.
	buffersOf(t, b, []any{[]float32{7, 7, 7}}, dims)
	if flat, err := out[0].Data(); err != nil || !slices.Equal(flat.([]float32), []float32{-1, -2, -3}) {
		t.Errorf("after a new buffer: %v, %v", flat, err)
	}
}

// TestReusedMemory executes a graph again and again: a result takes the memory of one that is finalized, and never that
// of one that is alive, however often others are finalized.
func TestReusedMemory(t *testing.T) {
	b := newBoth(t).ours
	dims := []shapes.Shape{f32(16)}
	x := compiled(t, b, dims, func(g compute.Function, in []compute.Value) ([]compute.Value, error) { return single(g.Neg(in[0])) })
	result := func(of float32) compute.Buffer {
		t.Helper()
		in := buffersOf(t, b, []any{slices.Repeat([]float32{of}, 16)}, dims)
		out, err := x.Execute(in, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		return out[0]
	}
	alive := result(1)
	held, err := alive.Data()
	if err != nil {
		t.Fatal(err)
	}
	gone := result(2)
	for range 2 {
		if err := gone.Finalize(); err != nil {
			t.Error(err)
		}
	}
	if _, err := gone.Data(); err == nil {
		t.Error("the result is finalized, and Data returned no error")
	}
	if err := gone.ToFlatData(make([]float32, 16)); err == nil {
		t.Error("the result is finalized, and ToFlatData returned no error")
	}
	if _, err := x.Execute([]compute.Buffer{gone}, nil, 0); err == nil {
		t.Error("the input is finalized, and Execute returned no error")
	}
	var others []*float32
	for k := range 4 { // twice the same memory would be given out after finalizing twice
		flat, err := result(float32(3 + k)).Data()
		if err != nil {
			t.Fatal(err)
		}
		values := flat.([]float32)
		if values[0] != float32(-3-k) {
			t.Errorf("result %d is %v", k, values[0])
		}
		if slices.Contains(others, &values[0]) || &values[0] == &held.([]float32)[0] {
			t.Error("two results that are alive share their memory")
		}
		others = append(others, &values[0])
	}
	if want := slices.Repeat([]float32{-1}, 16); !slices.Equal(held.([]float32), want) {
		t.Errorf("the result that is alive became %v", held)
	}
}
