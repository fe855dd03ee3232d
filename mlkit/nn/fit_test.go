package nn

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"gopherlens/mlkit/array"
)

// bars are pictures of 8×8 with a bar that lies (class 0) or stands (class 1), in noise.
func bars(n int, seed uint64) (x, y *array.Array) {
	rng := rand.New(rand.NewPCG(seed, 0))
	pixels, classes := make([]float32, n*64), make([]int, n)
	for i := range n {
		classes[i] = rng.IntN(2)
		at := rng.IntN(8)
		for j := range 64 {
			pixels[i*64+j] = 0.3 * rng.Float32()
			if classes[i] == 0 && j/8 == at || classes[i] == 1 && j%8 == at {
				pixels[i*64+j] += 0.7
			}
		}
	}
	return array.From(pixels, n, 8, 8, 1), ToCategorical(array.From(classes), 2)
}

// barModel tells the bars apart.
func barModel(name string) *Model {
	return Sequential(name,
		Conv2D{Filters: 4, KernelSize: Size{3, 3}, Activation: ReLU, InputShape: Shape{8, 8, 1}},
		MaxPooling2D{},
		Flatten{},
		Dense{Units: 8, Activation: ReLU},
		Dropout{Rate: 0.2},
		Dense{Units: 2, Activation: Softmax},
	).Compile(Adam{LearningRate: 0.01}, CategoricalCrossentropy, Accuracy)
}

func fit(t testing.TB, m *Model, o FitOptions) History {
	t.Helper()
	x, y := bars(100, 1)
	o.Quiet = o.Output == nil
	h, err := m.Fit(x, y, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestFitLearns(t *testing.T) {
	m := barModel("")
	vx, vy := bars(50, 2)
	h := fit(t, m, FitOptions{Epochs: 25, ValidationX: vx, ValidationY: vy})
	if got := slices.Sorted(maps.Keys(h)); !slices.Equal(got, []string{"accuracy", "loss", "val_accuracy", "val_loss"}) || h.Epochs() != 25 {
		t.Fatalf("the history has %v over %d epochs", got, h.Epochs())
	}
	if h["val_accuracy"][24] < 0.95 || h["loss"][24] > 0.5*h["loss"][0] {
		t.Errorf("it learnt too little:\n%v", h)
	}
	r, err := m.Evaluate(vx, vy)
	if err != nil {
		t.Fatal(err)
	}
	if r["accuracy"] != h["val_accuracy"][24] || math.Abs(r["loss"]-h["val_loss"][24]) > 1e-6 {
		t.Errorf("Evaluate has %v, the validation had %v", r, h)
	}
	p, err := m.Predict(vx)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, class := range array.Values[int](p.ArgMaxAxis(1)) {
		if vy.At(i, class) == 1 {
			right++
		}
	}
	if got := float64(right) / 50; got != r["accuracy"] {
		t.Errorf("%v of the predictions are right, Evaluate has %v", got, r["accuracy"])
	}
}

// TestSameSeed checks that a seed decides everything: weights, order and dropout.
func TestSameSeed(t *testing.T) {
	a, b := barModel(""), barModel("")
	ha, hb := fit(t, a, FitOptions{Epochs: 3, Seed: 5}), fit(t, b, FitOptions{Epochs: 3, Seed: 5})
	if !reflect.DeepEqual(ha, hb) {
		t.Errorf("the same seed gave\n%v\nand\n%v", ha, hb)
	}
	if again := fit(t, a, FitOptions{Epochs: 3, Seed: 5}); !reflect.DeepEqual(ha, again) {
		t.Errorf("Fit called twice gave\n%v\nand\n%v", ha, again)
	}
	if other := fit(t, b, FitOptions{Epochs: 3, Seed: 6}); reflect.DeepEqual(ha, other) {
		t.Errorf("another seed gave the same history\n%v", other)
	}
}

// TestSameSeedInParallel checks it where the backend works on several cores.
func TestSameSeedInParallel(t *testing.T) {
	x, y := digitsLike(320)
	var first History
	for range 3 {
		h, err := digitModel("").Fit(x, y, FitOptions{ValidationX: x, ValidationY: y, Quiet: true})
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !reflect.DeepEqual(h, first) {
			t.Fatalf("the same seed gave\n%v\nand\n%v", first, h)
		}
		first = h
	}
}

// TestContinue checks that two epochs and two more are the same as four.
func TestContinue(t *testing.T) {
	t.Chdir(t.TempDir())
	want := fit(t, barModel(""), FitOptions{Epochs: 4})
	fit(t, barModel("bars"), FitOptions{Epochs: 2})
	got := fit(t, barModel("bars"), FitOptions{Epochs: 2, Continue: true})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("continued, the history is\n%v\nin one go\n%v", got, want)
	}
}

func TestShuffle(t *testing.T) {
	shuffled, ordered := fit(t, barModel(""), FitOptions{}), fit(t, barModel(""), FitOptions{NoShuffle: true})
	if reflect.DeepEqual(shuffled, ordered) {
		t.Errorf("shuffled or not, the history is\n%v", shuffled)
	}
}

// counted is a layer that does nothing but count how often a graph is built with it.
type counted struct{ graphs *int }

func (l counted) Config() map[string]any { return config("Counted", nil, map[string]any{}) }

func (l counted) build(in Shape) (Shape, []weight, error) { return in, nil, nil }

func (l counted) apply(_ *call, x *graph.Node) *graph.Node {
	*l.graphs++
	return x
}

// TestGraphs checks that batches that are not full, at an epoch's end, cost no graph of their own.
func TestGraphs(t *testing.T) {
	graphs := 0
	x, y := bars(100, 1)
	m := Sequential("", Flatten{InputShape: Shape{8, 8, 1}}, counted{&graphs}, Dense{Units: 2, Activation: Softmax}).
		Compile(SGD{}, CategoricalCrossentropy)
	vx, vy := bars(evaluationBatch+6, 2)
	if _, err := m.Fit(x, y, FitOptions{Epochs: 3, ValidationX: vx, ValidationY: vy, Quiet: true}); err != nil {
		t.Fatal(err)
	}
	if graphs != 2 {
		t.Errorf("training and validation built %d graphs in place of 2", graphs)
	}
	for range 2 {
		if _, err := m.Predict(vx); err != nil {
			t.Fatal(err)
		}
	}
	if graphs != 3 {
		t.Errorf("two predictions built %d graphs in place of 1", graphs-2)
	}
}

// TestDTypes checks that samples of every type are taken for what they are.
func TestDTypes(t *testing.T) {
	x := array.From([]uint8{1, 2, 3, 4, 5, 6}, 3, 2)
	m := Sequential("", Dense{Units: 2, InputShape: Shape{2}})
	if err := m.SetWeights("dense", array.From([]float32{1, 2, 3, 4}, 2, 2), array.From([]float32{10, 20})); err != nil {
		t.Fatal(err)
	}
	want := ref{[]int{3, 2}, []float64{17, 30, 25, 42, 33, 54}}
	for _, x := range []*array.Array{x, x.Int(), x.Float32(), x.Float64()} {
		p, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		near(t, x.DType().String(), refArray(p), want, 0)
	}
}

// TestDropout checks what is dropped in training: the right part, scaled, and others for every sample.
func TestDropout(t *testing.T) {
	const samples, units = 40, 500
	m := Sequential("", Dropout{Rate: 0.4, InputShape: Shape{units}}).Compile(SGD{}, MeanSquaredError, MeanAbsoluteError)
	ones := array.Zeros(array.Float32, samples, units).Add(1)
	h, err := m.Fit(ones, array.Zeros(array.Float32, samples, units), FitOptions{BatchSize: samples, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	// What is kept is 1/0.6, so the mean stays 1 and the mean square is 1/0.6.
	if mean, square := h["mean_absolute_error"][0], h["loss"][0]; math.Abs(mean-1) > 0.03 || math.Abs(square-1/0.6) > 0.05 {
		t.Errorf("after dropout the mean is %v and the mean square %v", mean, square)
	}
	p, err := m.Predict(ones)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Equal(ones) {
		t.Error("dropout changes predictions")
	}
}

func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send itself an interrupt on Windows")
	}
	t.Chdir(t.TempDir())
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	x, y := bars(100, 1)
	goroutines := runtime.NumGoroutine()
	h, err := barModel("bars").Fit(x, y, FitOptions{Epochs: 1000, Quiet: true, Callbacks: []Callback{
		OnEpoch(func(epoch int, h History) {
			if epoch == 2 {
				self.Signal(os.Interrupt)
			}
		})}})
	if !errors.Is(err, ErrInterrupted) {
		t.Fatalf("the error is %v", err)
	}
	if n := h.Epochs(); n < 3 || n > 900 {
		t.Errorf("the history has %d epochs", n)
	}
	kept, err := barModel("bars").History()
	if err != nil || !reflect.DeepEqual(kept, h) {
		t.Errorf("kept was %v, %v; returned was %v", kept, err, h)
	}
	if now := runtime.NumGoroutine(); now > goroutines+20 {
		t.Errorf("there were %d goroutines, and are %d", goroutines, now)
	}
}

func TestExplodingLoss(t *testing.T) {
	x, y := bars(100, 1)
	m := barModel("").Compile(SGD{LearningRate: 1e30}, CategoricalCrossentropy)
	if h, err := m.Fit(x, y, FitOptions{Epochs: 3, Quiet: true}); err == nil || !strings.Contains(err.Error(), "the loss became NaN") || h.Epochs() > 2 {
		t.Errorf("the history is %v, and the error %v", h, err)
	}
	// Losses that grow without end, after an epoch that was good.
	line := Sequential("", Dense{Units: 1, InputShape: Shape{1}}).Compile(SGD{LearningRate: 30}, MeanSquaredError)
	one := array.From([]float32{1}, 1, 1)
	h, err := line.Fit(one, array.From([]float32{2}, 1, 1), FitOptions{Epochs: 20, Quiet: true})
	if err == nil || !strings.Contains(err.Error(), "the weights of epoch") {
		t.Fatalf("the history is %v, and the error %v", h, err)
	}
	if _, err := line.Predict(one); err != nil {
		t.Errorf("after the last good epoch nothing is left: %v", err)
	}
}

func TestEarlyStopping(t *testing.T) {
	x, y := bars(60, 1)
	worse, worseY := bars(60, 3)
	worseY = worseY.Mul(-1).Add(1) // the wrong way round: the better the model gets, the worse is its validation
	o := FitOptions{Epochs: 30, ValidationX: worse, ValidationY: worseY, Quiet: true}
	full, err := barModel("").Fit(x, y, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, patience := range []int{0, 1, 4} {
		m := barModel("")
		o.Callbacks = []Callback{EarlyStopping{Patience: patience, RestoreBestWeights: true}}
		h, err := m.Fit(x, y, o)
		if err != nil {
			t.Fatal(err)
		}
		best, want := 0, 0
		for i, v := range full["val_loss"] {
			if v < full["val_loss"][best] {
				best = i
			}
			if want = i + 1; i-best >= max(patience, 1) {
				break
			}
		}
		if h.Epochs() != want || want == 30 {
			t.Errorf("with patience %d it stopped after %d epochs in place of %d:\n%v", patience, h.Epochs(), want, full)
		}
		r, err := m.Evaluate(worse, worseY)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r["loss"]-h["val_loss"][best]) > 1e-6 {
			t.Errorf("the weights kept have a loss of %v, the best epoch had %v", r["loss"], h["val_loss"][best])
		}
	}
	o.Callbacks = []Callback{EarlyStopping{Monitor: "val_accuracy", MinDelta: 0.001, Patience: 2}}
	if h, err := barModel("").Fit(x, y, o); err != nil || h.Epochs() == 30 {
		t.Errorf("watching the accuracy, it ran %d epochs: %v", h.Epochs(), err)
	}
}

func TestOnEpoch(t *testing.T) {
	var told []string
	fit(t, barModel(""), FitOptions{Epochs: 2, Callbacks: []Callback{OnEpoch(func(epoch int, h History) {
		told = append(told, fmt.Sprint(epoch, h.Epochs(), len(h["accuracy"])))
	})}})
	if want := []string{"0 1 1", "1 2 2"}; !slices.Equal(told, want) {
		t.Errorf("OnEpoch was called with %q in place of %q", told, want)
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	vx, vy := bars(10, 2)
	fit(t, barModel(""), FitOptions{Epochs: 2, Output: &out, ValidationX: vx, ValidationY: vy})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("two epochs wrote %q", out.String())
	}
	for i, line := range lines {
		for _, want := range []string{fmt.Sprintf("Epoch %d/2", i+1), "4/4", "/step", " - loss: 0.", " - accuracy: 0.", " - val_loss: 0.", " - val_accuracy: "} {
			if !strings.Contains(line, want) {
				t.Errorf("the line %q lacks %q", line, want)
			}
		}
	}
}

// TestNote checks, in a process of its own, that Fit says once that another backend computes than was asked for.
func TestNote(t *testing.T) {
	if os.Getenv("GOMLX_BACKEND") == "nonsense" {
		fit(t, barModel(""), FitOptions{Quiet: true})
		for range 2 {
			fit(t, barModel(""), FitOptions{Output: os.Stdout})
		}
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestNote$")
	child.Env = append(os.Environ(), "GOMLX_BACKEND=nonsense")
	out, err := child.CombinedOutput()
	const note = `GOMLX_BACKEND=nonsense cannot be used, so the CPU backend computes in its place: there is no backend "nonsense"`
	if err != nil || strings.Count(string(out), note) != 1 || strings.Count(string(out), "Epoch 1/1") != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestProgressLive checks the line that is written again and again.
func TestProgressLive(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, live: true, epochs: 10, steps: 4}
	p.begin(0)
	p.step(1, []value{{"loss", 123456}})
	p.step(2, []value{{"loss", 1}}) // too soon after the first to be shown
	p.end(4, []value{{"loss", 0.5}})
	lines := strings.Split(out.String(), "\r")
	if len(lines) != 3 || !strings.Contains(lines[1], "1/4 ━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ ") || !strings.HasSuffix(lines[2], "\n") {
		t.Fatalf("it wrote %q", out.String())
	}
	if first, last := []rune(lines[1]), []rune(strings.TrimSuffix(lines[2], "\n")); len(last) < len(first) {
		t.Errorf("%q does not cover %q", lines[2], lines[1])
	}
}
