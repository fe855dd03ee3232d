package nn

import (
	"math"
	"os"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
)

// TestFitErrors checks the sentences for what a learner gets wrong.
func TestFitErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	x, y := bars(10, 1)
	digits := func(layers ...Layer) *Model { return compiled(Sequential("digits", layers...)) }
	start := Dense{Units: 4, InputShape: Shape{3}}
	three := array.Zeros(array.Float32, 10, 3)
	for _, c := range []struct {
		name string
		m    *Model
		x, y *array.Array
		o    FitOptions
		want string
	}{
		{"no layers", digits(), x, y, FitOptions{}, `the model "digits" has no layers`},
		{"a layer to do", digits(start, TODO("withPool1")), three, y, FitOptions{}, "withPool1 is still a TODO: fill in its cell and run it first"},
		{"samples to do", barModel(""), array.TODO("xTrainNorm"), y, FitOptions{}, "xTrainNorm is still a TODO: fill in its cell and run it first"},
		{"labels to do", barModel(""), x, array.TODO("yTrainCat"), FitOptions{}, "yTrainCat is still a TODO: fill in its cell and run it first"},
		{"no samples", barModel(""), nil, y, FitOptions{}, "x is missing"},
		{"empty", barModel(""), x.Slice(0, 0), y.Slice(0, 0), FitOptions{}, "x is empty: it has the shape (0, 8, 8, 1), but the model needs at least one sample"},
		{"not compiled", Sequential("digits", start), three, y, FitOptions{}, `the model "digits" is not compiled: call Compile with an optimizer, a loss and metrics first`},
		{"other lengths", barModel(""), x, y.Slice(0, 9), FitOptions{}, "x has 10 samples, but y has 9 labels: their shapes are (10, 8, 8, 1) and (9, 2)"},
		{"wrong input", barModel(""), x.Reshape(10, 64), y, FitOptions{}, "the layer conv2d takes samples of the shape (8, 8, 1), but x has the shape (10, 64), so its samples have (64,)"},
		{"no depth", digits(Conv2D{Filters: 2, KernelSize: Size{3, 3}, InputShape: Shape{8, 8}}), x, y, FitOptions{}, "the layer conv2d: it takes pictures (height, width, channels), but gets the shape (8, 8)"},
		{"convolution of a list", digits(Flatten{InputShape: Shape{8, 8, 1}}, Conv2D{Filters: 2, KernelSize: Size{3, 3}}), x, y, FitOptions{}, "the layer conv2d, after flatten: it takes pictures (height, width, channels), but gets the shape (64,)"},
		{"kernel too large", digits(Conv2D{Filters: 2, KernelSize: Size{9, 3}, InputShape: Shape{8, 8, 1}}), x, y, FitOptions{}, "the layer conv2d: its window (9, 3) does not fit into the pictures (8, 8, 1) that it gets"},
		{"no kernel", digits(Conv2D{Filters: 2, InputShape: Shape{8, 8, 1}}), x, y, FitOptions{}, "the layer conv2d: its kernel size is (0, 0), but both numbers must be at least 1"},
		{"no filters", digits(Conv2D{KernelSize: Size{3, 3}, InputShape: Shape{8, 8, 1}}), x, y, FitOptions{}, "the layer conv2d: it has 0 filters, but needs at least 1"},
		{"no units", digits(Dense{InputShape: Shape{3}}), three, y, FitOptions{}, "the layer dense: it has 0 units, but needs at least 1"},
		{"strides", digits(MaxPooling2D{Strides: Size{0, 1}, InputShape: Shape{8, 8, 1}}), x, y, FitOptions{}, "the layer max_pooling2d: its strides are (0, 1), but both must be at least 1"},
		{"padding", digits(MaxPooling2D{Padding: "full", InputShape: Shape{8, 8, 1}}), x, y, FitOptions{}, `the layer max_pooling2d: its padding is "full", but it can only be "valid" or "same"`},
		{"activation", digits(Dense{Units: 2, Activation: "swish", InputShape: Shape{3}}), three, y, FitOptions{}, `the layer dense: there is no activation "swish", only linear, relu, leaky_relu, sigmoid, tanh and softmax`},
		{"dropout", digits(start, Dropout{Rate: 40}), three, y, FitOptions{}, "the layer dropout, after dense: its rate is 40, but it is a part of one: from 0 up to but not including 1 (40 % is 0.4)"},
		{"momentum", digits(start, BatchNormalization{Momentum: 1}), three, y, FitOptions{}, "the layer batch_normalization, after dense: its momentum is 1, but must lie between 0 and 1"},
		{"epsilon", digits(start, BatchNormalization{Epsilon: -1}), three, y, FitOptions{}, "the layer batch_normalization, after dense: its epsilon is -1, but must be positive"},
		{"after softmax", digits(start, Dense{Units: 5, Activation: Softmax}, Dense{Units: 2}), three, y, FitOptions{}, "the layer dense_2, (5,) to (2,), comes after the softmax of dense_1, (4,) to (5,); softmax gives the final probabilities, so its layer has to be the last one"},
		{"input shape in the middle", digits(start, Dense{Units: 2, InputShape: Shape{5}}), three, y, FitOptions{}, "the layer dense_1 says that its InputShape is (5,), but dense before it puts out (4,)"},
		{"empty input shape", digits(Dense{Units: 2, InputShape: Shape{0}}), three, y, FitOptions{}, "the layer dense gets the shape (0,), but every number of a shape has to be at least 1"},
		{"not one-hot", barModel(""), x, y.ArgMaxAxis(1), FitOptions{}, "the labels are not one-hot: y has the shape (10,), but the layer dense_1 puts out (2,), so the labels have to be (10, 2) (make them with nn.ToCategorical(labels, 2))"},
		{"not one-hot values", barModel(""), x, y.Mul(3), FitOptions{}, "the labels are not one-hot: row 0 of y is ["},
		{"not a number", barModel(""), x, y.Mul(math.NaN()), FitOptions{}, "the labels are not one-hot: row 0 of y is [NaN NaN]"},
		{"classes", sparse(), x, array.From([]int{0, 1, 2, 0, 0, 0, 0, 0, 0, 0}), FitOptions{}, "label 2 of y is 2, but the layer dense puts out (2,), so labels are whole numbers from 0 to 1"},
		{"classes one-hot", sparse(), x, y, FitOptions{}, "y has the shape (10, 2), but for the loss sparse_categorical_crossentropy and the layer dense, which puts out (2,), the labels have to be class numbers of the shape (10,)"},
		{"mean squared error", Sequential("", start).Compile(SGD{}, MeanSquaredError), three, y, FitOptions{}, "y has the shape (10, 2), but the layer dense puts out (4,), so it has to be (10, 4)"},
		{"loss", Sequential("", start).Compile(SGD{}, "huber"), three, y, FitOptions{}, `there is no loss "huber", only categorical_crossentropy, sparse_categorical_crossentropy and mean_squared_error`},
		{"metric", Sequential("", start).Compile(SGD{}, MeanSquaredError, "auc"), three, y, FitOptions{}, `there is no metric "auc", only accuracy and mean_absolute_error`},
		{"validation alone", barModel(""), x, y, FitOptions{ValidationX: x}, "ValidationY is missing"},
		{"validation shape", barModel(""), x, y, FitOptions{ValidationX: x.Reshape(10, 64), ValidationY: y}, "the layer conv2d takes samples of the shape (8, 8, 1), but ValidationX has the shape (10, 64), so its samples have (64,)"},
		{"epochs", barModel(""), x, y, FitOptions{Epochs: -1}, "Fit needs at least 1 epoch and 1 sample a batch, not -1 and 32"},
		{"continue what", barModel("bars"), x, y, FitOptions{Continue: true}, `the model "bars" has not been trained yet: call Fit first (there is no models/bars.safetensors)`},
		{"early stopping", barModel(""), x, y, FitOptions{Callbacks: []Callback{EarlyStopping{}}}, "EarlyStopping watches val_loss, but there is no validation: give Fit ValidationX and ValidationY"},
		{"early stopping of what", barModel(""), x, y, FitOptions{Callbacks: []Callback{EarlyStopping{Monitor: "auc"}}}, "EarlyStopping watches auc, but this training only reports loss, accuracy"},
		{"name", barModel(strings.Repeat("ü", 100)), x, y, FitOptions{}, "is too long: it would be a file name of 600 letters, but at most 200 are possible"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Quiet = true
			_, err := c.m.Fit(c.x, c.y, c.o)
			checkSentence(t, err, c.want)
		})
	}
	if entries, _ := os.ReadDir("."); len(entries) > 0 {
		t.Errorf("trainings that failed left %v", entries)
	}
}

func compiled(m *Model) *Model { return m.Compile(Adam{}, CategoricalCrossentropy, Accuracy) }

func sparse() *Model {
	return Sequential("", Flatten{InputShape: Shape{8, 8, 1}}, Dense{Units: 2, Activation: Softmax}).
		Compile(Adam{}, SparseCategoricalCrossentropy, Accuracy)
}

func checkSentence(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("there is no error; %q was expected", want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("the error is\n%q, expected was\n%q", err, want)
	case strings.Contains(err.Error(), "\n"):
		t.Errorf("the error has more than one line: %q", err)
	}
}

func TestUntrained(t *testing.T) {
	t.Chdir(t.TempDir())
	x, y := bars(10, 1)
	const want = `the model "bars" has not been trained yet: call Fit first`
	m := barModel("bars")
	_, err := m.Predict(x)
	checkSentence(t, err, want)
	_, err = m.Evaluate(x, y)
	checkSentence(t, err, want)
	_, err = m.History()
	checkSentence(t, err, want)
	_, err = m.Weights("dense")
	checkSentence(t, err, want)
	_, err = m.Store()
	checkSentence(t, err, want)
	checkSentence(t, m.Save("elsewhere"), want)
	_, err = barModel("").Predict(x)
	checkSentence(t, err, "the model has not been trained yet: call Fit first")
}

func TestQuestionErrors(t *testing.T) {
	m := barModel("")
	fit(t, m, FitOptions{})
	x, y := bars(10, 1)
	_, err := m.Predict(x.Reshape(10, 64))
	checkSentence(t, err, "the layer conv2d takes samples of the shape (8, 8, 1), but x has the shape (10, 64), so its samples have (64,)")
	_, err = m.Predict(array.TODO("picture"))
	checkSentence(t, err, "picture is still a TODO")
	_, err = m.Evaluate(x, y.Slice(0, 3))
	checkSentence(t, err, "x has 10 samples, but y has 3 labels")
	_, err = m.LayerOutput("conv", x)
	checkSentence(t, err, `the model has no layer "conv", only conv2d, max_pooling2d, flatten, dense, dropout, dense_1`)
	_, err = m.Weights("conv")
	checkSentence(t, err, `the model has no layer "conv"`)
	checkSentence(t, m.SetWeights("dense_1", y), "the layer dense_1 has 2 weights, but 1 are given")
	checkSentence(t, m.SetWeights("dense_1", y, y), "the weight kernel of the layer dense_1 has the shape (8, 2), but one of (10, 2) is given")
}

func TestToCategorical(t *testing.T) {
	want := array.From([]float32{0, 0, 1, 1, 0, 0, 0, 1, 0}, 3, 3)
	for _, y := range []*array.Array{
		array.From([]uint8{2, 0, 1}), array.From([]int{2, 0, 1}), array.From([]float64{2, 0, 1}, 3, 1),
	} {
		if got := ToCategorical(y, 3); !got.Equal(want) || got.DType() != array.Float32 {
			t.Errorf("%v became\n%v", y, got)
		}
	}
	for want, call := range map[string]func(){
		"ToCategorical: label 1 is 3, but with 3 classes labels are whole numbers from 0 to 2":             func() { ToCategorical(array.From([]int{0, 3}), 3) },
		"ToCategorical: label 0 is -1, but with 3 classes labels are whole numbers from 0 to 2":            func() { ToCategorical(array.From([]int{-1}), 3) },
		"ToCategorical: label 0 is 0.5, but with 3 classes labels are whole numbers from 0 to 2":           func() { ToCategorical(array.From([]float64{0.5}), 3) },
		"ToCategorical takes class numbers of the shape (samples,), but gets an array of the shape (3, 3)": func() { ToCategorical(array.Zeros(array.Int, 3, 3), 3) },
		"ToCategorical needs at least 1 class, but gets 0":                                                 func() { ToCategorical(array.From([]int{0}), 0) },
	} {
		func() {
			defer func() {
				err, ok := recover().(*fault.Error)
				if !ok || err.Sentence != want {
					t.Errorf("the mistake is reported as %v in place of %q", err, want)
				}
			}()
			call()
		}()
	}
}
