package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"gopherlens/mlkit/array"
)

// golden is testdata/golden.json: what Keras does, written by testdata/golden.py.
type golden struct {
	Defaults    []map[string]any
	Activations struct {
		X []float64
		Y map[Function][]float64
	}
	Cases []goldenCase
}

type goldenCase struct {
	Name          string
	Input         []int
	Layers        []map[string]any
	Loss          Loss
	Settings      map[string]float64
	Optimizer     map[string]any
	X, Y          []float64
	YShape        []int `json:"y_shape"`
	Before, After []goldenWeight
	Predicted     []float64
	Evaluated     []float64
	Losses        []float64
	Accuracies    []float64
}

// goldenWeight is [name, shape, values].
type goldenWeight struct {
	name   string
	shape  []int
	values []float64
}

func (w *goldenWeight) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&w.name, &w.shape, &w.values})
}

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestKerasDefaults holds the defaults of everything against those of Keras.
func TestKerasDefaults(t *testing.T) {
	ours := []interface{ Config() map[string]any }{
		Conv2D{Filters: 3, KernelSize: Size{2, 2}}, MaxPooling2D{}, AveragePooling2D{}, Flatten{}, Dense{Units: 3},
		Dropout{Rate: 0.5}, Activation{Function: ReLU}, BatchNormalization{}, Adam{}, SGD{}, RMSprop{},
	}
	theirs := readGolden(t).Defaults
	if len(theirs) != len(ours) {
		t.Fatalf("Keras has %d defaults, nn %d", len(theirs), len(ours))
	}
	for i, o := range ours {
		if got, want := toJSON(o.Config()), toJSON(theirs[i]); got != want {
			t.Errorf("nn has\n%s\nKeras has\n%s", got, want)
		}
	}
}

func TestKerasActivations(t *testing.T) {
	g := readGolden(t).Activations
	x := array.From(g.X, 1, len(g.X))
	for f, want := range g.Y {
		m := Sequential("", Activation{Function: f, InputShape: Shape{len(g.X)}})
		layers, err := m.place(nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.state, err = initialState(layers, 0); err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(f), refArray(p), ref{[]int{1, len(want)}, want}, 1e-6)
	}
}

// TestKerasTraining trains the small models of testdata/golden.py from the same weights on the same batch.
func TestKerasTraining(t *testing.T) {
	for _, c := range readGolden(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			onBackends(t, func() { checkCase(t, c) })
		})
	}
}

func checkCase(t *testing.T, c goldenCase) {
	t.Helper()
	m := c.model(t)
	x := array.From(c.X, append([]int{len(c.X) / count(c.Input)}, c.Input...)...)
	y := array.From(c.Y, c.YShape...)
	c.setWeights(t, m)
	p, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "prediction", refArray(p), ref{p.Shape(), c.Predicted}, 2e-6)
	r, err := m.Evaluate(x, y)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "evaluation", ref{[]int{2}, []float64{r["loss"], r["accuracy"]}}, ref{[]int{2}, c.Evaluated}, 2e-6)
	h, err := m.Fit(x, y, FitOptions{Epochs: 2, BatchSize: x.Shape()[0], NoShuffle: true, Continue: true, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "loss", ref{[]int{2}, h["loss"]}, ref{[]int{2}, c.Losses}, 1e-5)
	near(t, "accuracy", ref{[]int{2}, h["accuracy"]}, ref{[]int{2}, c.Accuracies}, 1e-6)
	after := c.After
	for _, l := range m.state.layers {
		weights, err := m.Weights(l.name)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range weights {
			near(t, l.name+"/"+l.weights[i].name, refArray(w), ref{after[0].shape, after[0].values}, 1e-5)
			after = after[1:]
		}
	}
}

// model is the model of a case, made from Keras' words.
func (c goldenCase) model(t *testing.T) *Model {
	t.Helper()
	m := Sequential("")
	for i, words := range c.Layers {
		l := layerOf(words)
		got := l.Config()
		for key, want := range words {
			if toJSON(got[key]) != toJSON(want) {
				t.Errorf("layer %d has %s = %v in place of %v", i, key, got[key], want)
			}
		}
		m = m.Add(l)
	}
	var o Optimizer
	switch s := c.Settings; c.Optimizer["class_name"] {
	case "Adam":
		o = Adam{s["learning_rate"], s["beta_1"], s["beta_2"], s["epsilon"]}
	case "SGD":
		o = SGD{s["learning_rate"], s["momentum"]}
	case "RMSprop":
		o = RMSprop{s["learning_rate"], s["rho"], s["momentum"], s["epsilon"]}
	}
	if got, want := toJSON(o.Config()), toJSON(c.Optimizer); got != want {
		t.Errorf("the optimizer is %s in place of %s", got, want)
	}
	return m.Compile(o, c.Loss, Accuracy)
}

// layerOf makes a layer from Keras' words.
func layerOf(words map[string]any) Layer {
	size := func(key string) Size {
		two := words[key].([]any)
		return Size{int(two[0].(float64)), int(two[1].(float64))}
	}
	text := func(key string) string { return fmt.Sprint(words[key]) }
	number := func(key string) float64 { return words[key].(float64) }
	switch words["class_name"] {
	case "Conv2D":
		return Conv2D{Filters: int(number("filters")), KernelSize: size("kernel_size"), Strides: size("strides"),
			Padding: Padding(text("padding")), Activation: Function(text("activation")), NoBias: words["use_bias"] == false}
	case "MaxPooling2D":
		return MaxPooling2D{PoolSize: size("pool_size"), Strides: size("strides"), Padding: Padding(text("padding"))}
	case "AveragePooling2D":
		return AveragePooling2D{PoolSize: size("pool_size"), Strides: size("strides"), Padding: Padding(text("padding"))}
	case "Dense":
		return Dense{Units: int(number("units")), Activation: Function(text("activation")), NoBias: words["use_bias"] == false}
	case "BatchNormalization":
		return BatchNormalization{Momentum: number("momentum"), Epsilon: number("epsilon")}
	case "Activation":
		return Activation{Function: Function(text("activation"))}
	case "Dropout":
		return Dropout{Rate: number("rate")}
	}
	return Flatten{}
}

// setWeights gives the model the case's weights. Its first layer has no InputShape, as in Keras with an Input.
func (c goldenCase) setWeights(t *testing.T, m *Model) {
	t.Helper()
	layers, err := m.place(c.Input)
	if err != nil {
		t.Fatal(err)
	}
	if m.state, err = initialState(layers, 0); err != nil {
		t.Fatal(err)
	}
	before := c.Before
	for _, l := range layers {
		var weights []*array.Array
		for range l.weights {
			weights = append(weights, array.From(before[0].values, before[0].shape...))
			before = before[1:]
		}
		if err := m.SetWeights(l.name, weights...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGlorotUniform checks the range and the spread of the initial weights, as Keras documents them.
func TestGlorotUniform(t *testing.T) {
	m := Sequential("", Conv2D{Filters: 40, KernelSize: Size{3, 3}, InputShape: Shape{9, 9, 20}}, Flatten{}, Dense{Units: 7})
	layers, err := m.place(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := initialState(layers, 1)
	if err != nil {
		t.Fatal(err)
	}
	w := refOf(t, s)
	for name, fans := range map[string]float64{"conv2d/kernel": 9*20 + 9*40, "dense/kernel": 7*7*40 + 7} {
		limit, largest, squares := math.Sqrt(6/fans), 0.0, 0.0
		for _, v := range w[name].data {
			largest = math.Max(largest, math.Abs(v))
			squares += v * v
		}
		deviation := math.Sqrt(squares / float64(len(w[name].data)))
		if largest > limit || largest < 0.99*limit || math.Abs(deviation/(limit/math.Sqrt(3))-1) > 0.02 {
			t.Errorf("%s reaches to %v with a deviation of %v, but the limit is %v", name, largest, deviation, limit)
		}
	}
	for _, name := range []string{"conv2d/bias", "dense/bias"} {
		near(t, name, w[name], newRef(w[name].shape...), 0)
	}
}
