package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"gopherlens/mlkit/array"
)

// steps are models and losses that one training step is checked for, with every layer in them.
var stepCases = []struct {
	name   string
	layers []Layer
	loss   Loss
}{
	{"dense", []Layer{Dense{Units: 4, InputShape: Shape{3}}}, MeanSquaredError},
	{"dense without bias", []Layer{Dense{Units: 4, NoBias: true, Activation: Tanh, InputShape: Shape{3}}}, MeanSquaredError},
	{"dense on rows", []Layer{Dense{Units: 2, Activation: Sigmoid, InputShape: Shape{2, 3}}}, MeanSquaredError},
	{"relu", []Layer{Dense{Units: 4, Activation: ReLU, InputShape: Shape{3}}, Dense{Units: 2}}, MeanSquaredError},
	{"leaky relu", []Layer{Dense{Units: 4, Activation: LeakyReLU, InputShape: Shape{3}}, Dense{Units: 2}}, MeanSquaredError},
	{"softmax", []Layer{Dense{Units: 4, Activation: Softmax, InputShape: Shape{3}}}, CategoricalCrossentropy},
	{"sparse", []Layer{Dense{Units: 4, Activation: Softmax, InputShape: Shape{3}}}, SparseCategoricalCrossentropy},
	{"activation layers", []Layer{Dense{Units: 4, InputShape: Shape{3}}, Activation{Function: Tanh}, Dense{Units: 3}, Activation{Function: Softmax}}, CategoricalCrossentropy},
	{"dropout of nothing", []Layer{Dense{Units: 4, InputShape: Shape{3}}, Dropout{}, Dense{Units: 2}}, MeanSquaredError},
	{"convolution", []Layer{Conv2D{Filters: 3, KernelSize: Size{3, 2}, InputShape: Shape{5, 5, 2}}, Flatten{}, Dense{Units: 2}}, MeanSquaredError},
	{"same convolution", []Layer{Conv2D{Filters: 2, KernelSize: Size{3, 2}, Padding: Same, Activation: Tanh, InputShape: Shape{4, 5, 2}}, Conv2D{Filters: 2, KernelSize: Size{2, 2}, Padding: Same}, Flatten{}, Dense{Units: 2}}, MeanSquaredError},
	{"strided convolution", []Layer{Conv2D{Filters: 2, KernelSize: Size{3, 3}, Strides: Size{2, 2}, InputShape: Shape{7, 6, 1}}, Flatten{}}, MeanSquaredError},
	{"strided same convolution", []Layer{Conv2D{Filters: 2, KernelSize: Size{3, 3}, Strides: Size{2, 2}, Padding: Same, NoBias: true, InputShape: Shape{6, 5, 1}}, Flatten{}}, MeanSquaredError},
	{"softmax of channels", []Layer{Conv2D{Filters: 2, KernelSize: Size{1, 1}, Activation: Softmax, InputShape: Shape{5, 4, 2}}}, MeanSquaredError},
	{"even convolutions", []Layer{Conv2D{Filters: 2, KernelSize: Size{3, 3}, InputShape: Shape{8, 9, 1}}, Conv2D{Filters: 3, KernelSize: Size{4, 2}, Strides: Size{1, 2}}, Flatten{}}, MeanSquaredError},
	{"even strided same convolutions", []Layer{Conv2D{Filters: 2, KernelSize: Size{3, 3}, InputShape: Shape{8, 9, 1}}, Conv2D{Filters: 3, KernelSize: Size{2, 4}, Strides: Size{2, 2}, Padding: Same}, Flatten{}}, MeanSquaredError},
	{"convolution and pooling", []Layer{Conv2D{Filters: 3, KernelSize: Size{2, 3}, Activation: ReLU, InputShape: Shape{6, 7, 1}}, MaxPooling2D{}, Flatten{}, Dense{Units: 2}}, MeanSquaredError},
	{"deep convolution and pooling", []Layer{Conv2D{Filters: 8, KernelSize: Size{2, 2}, Activation: Tanh, InputShape: Shape{6, 6, 1}}, Conv2D{Filters: 2, KernelSize: Size{2, 2}, Padding: Same, Activation: LeakyReLU}, MaxPooling2D{PoolSize: Size{2, 3}}, Flatten{}}, MeanSquaredError},
	{"strided convolution and pooling", []Layer{Conv2D{Filters: 2, KernelSize: Size{2, 2}, Strides: Size{2, 1}, InputShape: Shape{9, 6, 1}}, MaxPooling2D{}, Flatten{}}, MeanSquaredError},
	{"overlapping pooling", []Layer{Conv2D{Filters: 2, KernelSize: Size{2, 2}, InputShape: Shape{6, 6, 1}}, MaxPooling2D{PoolSize: Size{3, 3}, Strides: Size{1, 2}}, Flatten{}}, MeanSquaredError},
	{"same pooling", []Layer{Conv2D{Filters: 2, KernelSize: Size{2, 2}, InputShape: Shape{6, 6, 1}}, MaxPooling2D{Padding: Same}, Flatten{}}, MeanSquaredError},
	{"average pooling", []Layer{Conv2D{Filters: 2, KernelSize: Size{2, 2}, InputShape: Shape{6, 6, 1}}, AveragePooling2D{}, Flatten{}}, MeanSquaredError},
	{"same average pooling", []Layer{Conv2D{Filters: 2, KernelSize: Size{2, 2}, InputShape: Shape{6, 6, 1}}, AveragePooling2D{PoolSize: Size{3, 2}, Strides: Size{2, 2}, Padding: Same}, Flatten{}}, MeanSquaredError},
	{"batch normalization", []Layer{Dense{Units: 3, InputShape: Shape{2}}, BatchNormalization{}, Dense{Units: 2}}, MeanSquaredError},
	{"batch normalization of pictures", []Layer{Conv2D{Filters: 2, KernelSize: Size{2, 2}, InputShape: Shape{4, 4, 1}}, BatchNormalization{Momentum: 0.8, Epsilon: 0.01}, Flatten{}}, MeanSquaredError},
}

func TestStep(t *testing.T) {
	for _, c := range stepCases {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			// The learning rate is large so that a wrong gradient shows.
			m := Sequential("", c.layers...).Compile(SGD{LearningRate: 0.1}, c.loss)
			onBackends(t, func() { checkSteps(t, m, 1) })
		})
	}
}

func TestOptimizers(t *testing.T) {
	for name, o := range map[string]Optimizer{
		"Adam":             Adam{},
		"Adam-set":         Adam{LearningRate: 0.01, Beta1: 0.7, Beta2: 0.9, Epsilon: 1e-3},
		"SGD":              SGD{},
		"SGD-momentum":     SGD{LearningRate: 0.05, Momentum: 0.9},
		"RMSprop":          RMSprop{},
		"RMSprop-momentum": RMSprop{LearningRate: 0.01, Rho: 0.8, Momentum: 0.5, Epsilon: 1e-2},
	} {
		t.Run(name, func(t *testing.T) {
			m := Sequential("", Dense{Units: 4, Activation: Tanh, InputShape: Shape{3}}, Dense{Units: 3, Activation: Softmax})
			checkSteps(t, m.Compile(o, CategoricalCrossentropy), 4)
		})
	}
}

// onBackends runs a test on the backend that computes by default, and on the stock Go backend.
func onBackends(t *testing.T, test func()) {
	t.Helper()
	test()
	defer func(before func() (compute.Backend, error)) { newBackend = before }(newBackend)
	stock := gobackend.GetBackend()
	newBackend = func() (compute.Backend, error) { return stock, nil }
	test()
}

// checkSteps trains a model for some steps of one batch each, here and with the reference.
func checkSteps(t *testing.T, m *Model, n int) {
	t.Helper()
	layers, err := m.place(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := initialState(layers, 7)
	if err != nil {
		t.Fatal(err)
	}
	m.state = s
	// Biases and the like begin where they cannot hide a mistake.
	rng := rand.New(rand.NewPCG(3, 5))
	shake(s, rng)
	want := refOf(t, s)
	const samples = 5
	x := randomRef(rng, append(Shape{samples}, layers[0].in...)...)
	y := labels(rng, m.loss, samples, s.output())
	loss, slots := 0.0, refWeights{}
	for step := 1; step <= n; step++ {
		loss = refLoss(m.loss, y, refForward(layers, want, x, true))
		gradient := refGradient(layers, want, m.loss, x, y)
		refMovingAverages(layers, want, x)
		refOptimizer(m.optimizer, want, gradient, slots, step)
	}
	h, err := m.Fit(x.array(), y.array(), FitOptions{Epochs: n, BatchSize: samples, NoShuffle: true, Continue: true, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := h["loss"][n-1]; math.Abs(got-loss) > 2e-5*(1+loss) {
		t.Errorf("the loss is %v, the reference has %v", got, loss)
	}
	for name, got := range refOf(t, s) {
		near(t, name, got, want[name], 2e-5)
	}
	p, err := m.Predict(x.array())
	if err != nil {
		t.Fatal(err)
	}
	near(t, "prediction", refArray(p), refForward(layers, want, x, false), 1e-4)
}

// TestPartialBatch checks that filling a batch up changes nothing: neither the loss, nor the gradient, nor the
// moments of batch normalization.
func TestPartialBatch(t *testing.T) {
	build := func() *Model {
		return Sequential("", Dense{Units: 3, InputShape: Shape{2}}, BatchNormalization{}, Dense{Units: 2, Activation: Softmax}).
			Compile(SGD{LearningRate: 0.5}, CategoricalCrossentropy, Accuracy)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	x, y := randomRef(rng, 5, 2), labels(rng, CategoricalCrossentropy, 5, Shape{2})
	m := build()
	if _, err := m.Fit(x.array(), y.array(), FitOptions{BatchSize: 3, NoShuffle: true, Quiet: true}); err != nil {
		t.Fatal(err)
	}
	layers, _ := m.place(nil)
	s, err := initialState(layers, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := refOf(t, s)
	for _, rows := range [][2]int{{0, 3}, {3, 5}} {
		xs := ref{[]int{rows[1] - rows[0], 2}, x.data[rows[0]*2 : rows[1]*2]}
		ys := ref{xs.shape, y.data[rows[0]*2 : rows[1]*2]}
		gradient := refGradient(layers, want, m.loss, xs, ys)
		refMovingAverages(layers, want, xs)
		refOptimizer(m.optimizer, want, gradient, refWeights{}, 1)
	}
	for name, got := range refOf(t, m.state) {
		near(t, name, got, want[name], 1e-5)
	}
}

// TestEqualInWindow checks that where all numbers in a pooling window are equal, one of them gets the gradient:
// the first, as in Keras.
func TestEqualInWindow(t *testing.T) {
	onBackends(t, func() {
		b, err := newBackend()
		if err != nil {
			t.Fatal(err)
		}
		gradient, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
			y := MaxPooling2D{}.apply(&call{training: true}, x)
			return graph.Gradient(graph.ReduceAllSum(y), x)[0]
		}, tensors.FromFlatDataAndDimensions(make([]float32, 16), 1, 4, 4, 1))
		if err != nil {
			t.Fatal(err)
		}
		want := []float32{1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}
		if got := tensors.MustCopyFlatData[float32](gradient); !slices.Equal(got, want) {
			t.Errorf("on %s the gradient is %v", b, got)
		}
	})
}

// refMovingAverages does what a training step does to the moving averages of batch normalization.
func refMovingAverages(layers []placed, w refWeights, x ref) {
	for i, l := range layers {
		n, ok := l.Layer.(BatchNormalization)
		if !ok {
			continue
		}
		mean, variance := refMoments(refForward(layers[:i], w, x, true))
		for c := range mean {
			for name, now := range map[string]float64{"moving_mean": mean[c], "moving_variance": variance[c]} {
				moving := &w[l.name+"/"+name].data[c]
				*moving = *moving*n.momentum() + now*(1-n.momentum())
			}
		}
	}
}

// shake moves all weights a little, those of a kernel as well as those that begin with zeros or ones.
func shake(s *state, rng *rand.Rand) {
	for _, l := range s.layers {
		for _, w := range l.weights {
			tensors.MustMutableFlatData(s.store.GetVariable(weightPath(l.name, w.name)).MustValue(), func(values []float32) {
				for i := range values {
					values[i] += float32(0.3 * rng.Float64())
				}
			})
		}
	}
}

// refOf are a state's weights.
func refOf(t *testing.T, s *state) refWeights {
	t.Helper()
	copies, err := s.snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w := refWeights{}
	for path, tensor := range copies {
		if strings.HasPrefix(path, optimizerScope) || tensor.DType() != dtypes.Float32 {
			continue
		}
		r := newRef(tensor.Shape().Dimensions...)
		for i, v := range tensors.MustCopyFlatData[float32](tensor) {
			r.data[i] = float64(v)
		}
		w[path[1:]] = r
	}
	return w
}

func (r ref) array() *array.Array { return array.From(r.data, r.shape...) }

func refArray(a *array.Array) ref { return ref{a.Shape(), array.Values[float64](a)} }

// labels draws labels of the form that a loss takes.
func labels(rng *rand.Rand, loss Loss, samples int, out Shape) ref {
	classes := out[len(out)-1]
	switch loss {
	case MeanSquaredError:
		return randomRef(rng, append(Shape{samples}, out...)...)
	case SparseCategoricalCrossentropy:
		y := newRef(samples)
		for i := range y.data {
			y.data[i] = float64(rng.IntN(classes))
		}
		return y
	}
	y := newRef(samples, classes)
	for i := range samples {
		y.data[i*classes+rng.IntN(classes)] = 1
	}
	return y
}

// near compares arrays, number by number.
func near(t *testing.T, what string, got, want ref, tolerance float64) {
	t.Helper()
	if len(got.data) != len(want.data) {
		t.Errorf("%s has the shape %v in place of %v", what, got.shape, want.shape)
		return
	}
	for i, v := range got.data {
		if !(math.Abs(v-want.data[i]) <= tolerance*(1+math.Abs(want.data[i]))) {
			t.Errorf("%s[%d] is %v in place of %v", what, i, v, want.data[i])
			return
		}
	}
}
