package plot_test

import (
	"encoding/base64"
	"errors"
	"html"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/internal/fault"
	"gopherlens/mlkit/plot"
	"gopherlens/mlkit/yolo/detection"
)

const hostile = `<&"'>`

func TestHTML(t *testing.T) {
	images, _ := digits(1)
	figure := plot.Images(images, plot.ImagesOptions{Title: hostile, Labels: []string{hostile}})
	wellFormed(t, figure.SVG())
	match := regexp.MustCompile(`^<img alt="([^"]*)" style="[^"]*" src="data:image/svg\+xml;base64,([^"]*)">$`).FindStringSubmatch(figure.HTML())
	if match == nil {
		t.Fatalf("HTML is %s", figure.HTML())
	}
	if got := html.UnescapeString(match[1]); got != figure.Alt || !strings.HasPrefix(got, hostile+": 1 picture") {
		t.Errorf("alt text is %q, want %q", got, figure.Alt)
	}
	if svg, err := base64.StdEncoding.DecodeString(match[2]); err != nil || string(svg) != string(figure.SVG()) {
		t.Errorf("the source is not the figure's SVG: %v", err)
	}
	figure.Alt = "my own"
	if figure.String() != "my own" || !strings.Contains(figure.HTML(), `alt="my own"`) || !strings.Contains(string(figure.SVG()), "<title>my own</title>") {
		t.Error("an alt text of one's own is not used")
	}
}

func TestSave(t *testing.T) {
	images, _ := digits(1)
	figure := plot.Images(images, plot.ImagesOptions{})
	dir := t.TempDir()
	path := filepath.Join(dir, "one.svg")
	for range 2 { // the second time there is a file already
		if err := figure.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(figure.SVG()) {
		t.Errorf("what was saved is not the figure's SVG: %v", err)
	}
	if err := figure.Save(filepath.Join(dir, "one.png")); err == nil || !strings.Contains(err.Error(), "one.png") || !strings.Contains(err.Error(), ".svg") {
		t.Errorf("saving as PNG: %v", err)
	}
	if err := figure.Save(filepath.Join(dir, "none", "one.svg")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("saving where there is no folder: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder has %v, want one.svg only", entries)
	}
}

// TestFaults tells what a caller reads who gives something that cannot be drawn.
func TestFaults(t *testing.T) {
	images, labels := digits(1, 2, 3)
	one := array.From([]int{1})
	history := func(values ...[]float64) map[string][]float64 {
		return map[string][]float64{"loss": values[0], "val_loss": values[1]}
	}
	tests := []struct {
		name string
		do   func()
		want string
	}{
		{"flat images", func() { plot.Images(labels, plot.ImagesOptions{}) },
			"plot.Images draws pictures of shape (n, height, width) or (n, height, width, depth) with a depth of 1 or 3, and this array has the shape (3,)"},
		{"two channels", func() { plot.Images(array.Zeros(array.Uint8, 1, 4, 4, 2), plot.ImagesOptions{}) }, "this array has the shape (1, 4, 4, 2)"},
		{"no images", func() { plot.Images(array.Zeros(array.Uint8, 0, 4, 4), plot.ImagesOptions{}) }, "plot.Images has nothing to draw: the array has the shape (0, 4, 4)"},
		{"nil", func() { plot.Images(nil, plot.ImagesOptions{}) }, "nil"},
		{"a TODO", func() { plot.Images(array.TODO("xTrain"), plot.ImagesOptions{}) }, "xTrain is still a TODO: fill in its cell and run it first"},
		{"a huge grid", func() { plot.Images(images, plot.ImagesOptions{Rows: 100, Columns: 60}) }, "plot.Images draws up to 400 pictures, and a grid of 100 × 60 is asked for"},
		{"a grid that overflows", func() { plot.Images(images, plot.ImagesOptions{Rows: math.MaxInt, Columns: math.MaxInt}) }, "up to 400 pictures"},
		{"a negative grid", func() { plot.Images(images, plot.ImagesOptions{Rows: -1}) }, "a grid of -1 × 4 is asked for"},
		{"numbers of a matrix", func() { plot.Numbers(images) }, "of shape (n,), and this array has the shape (3, 9, 9)"},

		{"no history", func() { plot.Curves(nil) }, "plot.Curves has nothing to draw: the history has no epochs yet"},
		{"an empty history", func() { plot.Curves(history([]float64{}, []float64{})) }, "the history has no epochs yet"},
		{"a comparison without a validation", func() { plot.Compare("a", map[string][]float64{"loss": {1}}, "b", map[string][]float64{"loss": {2}}) }, "both trainings need a validation"},
		{"curves of two lengths", func() { plot.Curves(history([]float64{1}, []float64{1, 2})) }, "plot.Curves needs a value for each epoch"},

		{"no steps", func() { plot.Training(nil) }, "plot.Training has nothing to draw: the history has no steps yet"},
		{"steps of other things", func() { plot.Training(map[string][]float64{"accuracy": {1}}) }, "plot.Training has nothing to draw"},
		{"steps of two lengths", func() { plot.Training(map[string][]float64{"box": {1}, "classes": {1, 2}}) }, "plot.Training needs a value for each step"},
		{"nothing to be found", func() { plot.PrecisionRecall(&detection.Result{Classes: []detection.ClassResult{{}}}) }, "there is no object to be found in the photos"},

		{"one-hot classes", func() { plot.Confusion(array.Zeros(array.Float32, 3, 10), labels) },
			"plot.Confusion needs the actual classes as an array of numbers of shape (n,), and it has the shape (3, 10): take the most probable of each row with ArgMaxAxis(1)"},
		{"classes in three axes", func() { plot.Confusion(labels, images) }, "needs the predicted classes as an array of numbers of shape (n,), and it has the shape (3, 9, 9)"},
		{"no classes", func() { plot.Confusion(array.From([]int{}), labels) }, "it has the shape (0,)"},
		{"half a class", func() { plot.Confusion(labels, array.From([]float64{1, 2, 0.5})) }, "as whole numbers from 0 to 99, and number 2 of them is 0.5"},
		{"a negative class", func() { plot.Confusion(labels, array.From([]int{1, -1, 2})) }, "number 1 of them is -1"},
		{"a huge class", func() { plot.Confusion(labels, array.From([]int{1, 2, 1 << 40})) }, "as whole numbers from 0 to 99"},
		{"classes that do not match", func() { plot.Confusion(labels, one) }, "plot.Confusion needs as many predicted classes as actual ones, and there are 1 and 3"},

		{"mistakes that do not match", func() { plot.Mistakes(images, labels, one) }, "plot.Mistakes needs as many predicted classes as actual ones"},
		{"mistakes without pictures", func() { plot.Mistakes(images, one, one) }, "there are 3 pictures and 1 classes"},

		{"filters of a dense layer", func() { plot.Filters(array.Zeros(array.Float32, 128, 10)) },
			"plot.Filters draws weights of shape (height, width, inputs, filters), and this array has the shape (128, 10)"},
		{"maps of a batch", func() { plot.FeatureMaps(array.Zeros(array.Float32, 1, 8, 8, 3)) },
			"plot.FeatureMaps draws the maps of one picture, of shape (height, width, filters), and this array has the shape (1, 8, 8, 3)"},
		{"no maps", func() { plot.FeatureMaps(array.Zeros(array.Float32, 8, 8, 0)) }, "(8, 8, 0)"},

		{"a batch of predictions", func() { plot.Probabilities(array.Zeros(array.Float32, 1, 10)) },
			"plot.Probabilities draws one prediction of shape (classes,), with up to 100 classes, and this array has the shape (1, 10): take one of its rows with Index"},
		{"logits", func() { plot.Probabilities(array.From([]float64{0.5, 3})) }, "plot.Probabilities draws numbers from 0 to 1, and number 1 is 3"},
		{"no numbers", func() { plot.Probabilities(array.From([]float64{math.NaN()})) }, "number 0 is NaN"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				mistake, ok := recover().(*fault.Error)
				if !ok || !strings.Contains(mistake.Sentence, test.want) {
					t.Errorf("mistake is %v, want %q", mistake, test.want)
				}
			}()
			test.do()
		})
	}
}

// TestCompareOfAllKinds draws comparisons that have hardly anything to compare.
func TestCompareOfAllKinds(t *testing.T) {
	of := func(values ...float64) map[string][]float64 { return map[string][]float64{"val_loss": values} }
	for name, pair := range map[string][2]map[string][]float64{
		"one epoch":     {of(1), of(1)},
		"all the same":  {of(0, 0), of(0, 0)},
		"not finite":    {of(1, math.NaN(), 0.5), of(math.Inf(1), 2, 1)},
		"other lengths": {of(3, 2, 1), of(3)},
		"worse":         {of(1, 2, 3), of(3, 2, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			wellFormed(t, plot.Compare("a", pair[0], "b", pair[1]).SVG())
		})
	}
}

// TestCurvesOfAllKinds draws what training can come to, and reads the words on it.
func TestCurvesOfAllKinds(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	long := make([]float64, 250)
	for i := range long {
		long[i] = 5000 / float64(i+1)
	}
	tests := []struct {
		name    string
		history map[string][]float64
		alt     string
		words   []string
	}{
		{"one epoch", map[string][]float64{"loss": {0.5}, "val_loss": {0.4}},
			"Training curves over 1 epoch. The training loss is 0.5. The test loss is 0.4.", []string{"training", "test", "epoch", "loss", "1", "0.40", "0.50"}},
		{"all the same", map[string][]float64{"accuracy": {1, 1}}, "The training accuracy begins and ends at 1.", []string{"1.00", "accuracy"}},
		{"zero", map[string][]float64{"loss": {0, 0, 0}}, "The training loss begins and ends at 0.", []string{"0.0000"}},
		{"the same but for rounding", map[string][]float64{"loss": {1, 1 + 1e-15}}, "The training loss rises from 1 to 1.", []string{"1.00"}},
		{"no longer a number", map[string][]float64{"loss": {0.5, nan}}, "The training loss is not a finite number in epoch 2.", []string{"training"}},
		{"never a number", map[string][]float64{"loss": {nan, inf}}, "The training loss is not a finite number in epoch 1.", []string{"epoch", "loss"}},
		{"huge", map[string][]float64{"loss": {1e300, 1}}, "The training loss falls from 1e+300 to 1.", []string{"8e+299"}},
		{"long", map[string][]float64{"loss": long}, "The training loss falls from 5000 to 20.", []string{"1", "50", "100", "250", "4000"}},
		{"other metrics, after the usual", map[string][]float64{"mse": {2, 1}, "loss": {2, 1}, "accuracy": {0, 1}, "": {1, 2}},
			"The training accuracy rises from 0 to 1. The training loss falls from 2 to 1. The training  rises from 1 to 2. The training mse falls", []string{"mse"}},
	}
	text := regexp.MustCompile(`<text[^>]*>([^<]*)</text>`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			figure := plot.Curves(test.history)
			if !strings.Contains(figure.Alt, test.alt) {
				t.Errorf("alt text is %q, want %q in it", figure.Alt, test.alt)
			}
			svg := figure.SVG()
			wellFormed(t, svg)
			drawn := map[string]bool{}
			for _, match := range text.FindAllSubmatch(svg, -1) {
				drawn[string(match[1])] = true
			}
			for _, word := range test.words {
				if !drawn[word] {
					t.Errorf("%q is not drawn; drawn are %v", word, drawn)
				}
			}
			if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") || len(svg) > 50_000 {
				t.Errorf("not a picture to show: %.300s", svg)
			}
		})
	}
}

// TestTrainingOfAllKinds draws what a detector's training can come to, and reads the words about it.
func TestTrainingOfAllKinds(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		history map[string][]float64
		alt     string
	}{
		{map[string][]float64{"box": {0.5}, "learning rate": {0.1}}, "Training over 1 step. The box loss is 0.5. The learning rate is 0.1."},
		{map[string][]float64{"box": {0, 0}, "objectness": {100, 1e-9}}, "The box loss is 0. The objectness loss falls from 100 to 1e-09."},
		{map[string][]float64{"box": {1e300, 1e-300}, "mAP@0.5": {nan, nan}}, "The box loss falls from 1e+300 to 1e-300."},
		{map[string][]float64{"classes": {nan, inf}}, "Training over 2 steps."},
		{map[string][]float64{"classes": {1, 2}, "mAP@0.5": {nan, 0.5}, "other": {1, 2}}, "The classes loss rises from 1 to 2. The mAP@0.5 is 0.5."},
	} {
		figure := plot.Training(test.history)
		if !strings.HasSuffix(figure.Alt, test.alt) {
			t.Errorf("alt text is %q, want %q", figure.Alt, test.alt)
		}
		svg := figure.SVG()
		wellFormed(t, svg)
		if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") || len(svg) > 50_000 {
			t.Errorf("not a picture to show: %.300s", svg)
		}
	}
	long := make([]float64, 1_000_000)
	for i := range long {
		long[i] = 1000 / float64(i+1)
	}
	if svg := plot.Training(map[string][]float64{"box": long, "learning rate": long}).SVG(); len(svg) > 50_000 {
		t.Errorf("a million steps are a picture of %d bytes", len(svg))
	}
}

// TestEpochTicks tells that epochs are counted in whole numbers, and in few enough to read.
func TestEpochTicks(t *testing.T) {
	text := regexp.MustCompile(`<text[^>]*>(\d+)</text>`)
	for epochs, want := range map[int]string{
		1: "1", 3: "1 2 3", 10: "1 2 3 4 5 6 7 8 9 10", 11: "1 2 4 6 8 10", 30: "1 5 10 15 20 25 30",
		100: "1 10 20 30 40 50 60 70 80 90 100", 101: "1 10 20 30 40 50 60 70 80 90 100", 110: "1 20 40 60 80 100", 1000: "1 100 200 300 400 500 600 700 800 900 1000",
	} {
		values := make([]float64, epochs)
		for i := range values {
			values[i] = 0.5 + 0.1*float64(i)/float64(epochs)
		}
		var got []string
		for _, match := range text.FindAllSubmatch(plot.Curves(map[string][]float64{"loss": values}).SVG(), -1) {
			got = append(got, string(match[1]))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("ticks of %d epochs are %s, want %s", epochs, s, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	images, labels := digits(1, 2)
	if got := plot.Mistakes(images, labels, labels); got.Alt != "No mistakes: all 2 are right." {
		t.Errorf("without mistakes: %q", got.Alt)
	} else {
		wellFormed(t, got.SVG())
	}

	const n = 1200
	many := array.Zeros(array.Uint8, n, 2, 2)
	actual, predicted := array.Zeros(array.Int, n), array.Zeros(array.Int, n)
	for i := range array.Values[int](predicted) {
		array.Values[int](predicted)[i] = i % 2
	}
	figure := plot.Mistakes(many, actual, predicted, "cat", "dog")
	if !strings.HasPrefix(figure.Alt, "600 of 1,200 read wrong, the first 24 of them: cat, read as dog; ") {
		t.Errorf("alt text is %q", figure.Alt)
	}
	if got := len(pixels(t, figure.SVG())); got != 24 {
		t.Errorf("%d pictures are drawn, want 24", got)
	}
}

// TestManyFilters tells that what does not fit is left out, and that the picture says so.
func TestManyFilters(t *testing.T) {
	figure := plot.Filters(array.Zeros(array.Float32, 2, 2, 32, 64))
	if want := "64 filters of 2×2 weights for each of 32 inputs (drawn: 16 filters, 16 inputs), between 0 and 0"; !strings.HasPrefix(figure.Alt, want) {
		t.Errorf("alt text is %q, want it to begin %q", figure.Alt, want)
	}
	drawn := pixels(t, figure.SVG())
	if len(drawn) != 256 || drawn[0][0] != 128 {
		t.Errorf("%d pictures are drawn, and weights of 0 as %v: want 256, and mid-grey", len(drawn), drawn[0])
	}
	figure = plot.FeatureMaps(array.Zeros(array.Float32, 2, 2, 512))
	if want := "512 feature maps of 2×2 (drawn: 400)."; !strings.HasPrefix(figure.Alt, want) {
		t.Errorf("alt text is %q, want it to begin %q", figure.Alt, want)
	}
}

// TestManyClasses tells that a large matrix still is a picture.
func TestManyClasses(t *testing.T) {
	numbers := make([]int, 100)
	for i := range numbers {
		numbers[i] = i
	}
	all := array.From(numbers)
	svg := plot.Confusion(all, all).SVG()
	wellFormed(t, svg)
	width, err := strconv.ParseFloat(regexp.MustCompile(`width="([0-9.]+)pt"`).FindStringSubmatch(string(svg))[1], 64)
	if err != nil || width > 900 {
		t.Errorf("it is %v points wide: %v", width, err)
	}
}

// TestLongLabels tells that a label stays below its own picture.
func TestLongLabels(t *testing.T) {
	images, _ := digits(1, 2)
	svg := string(plot.Images(images, plot.ImagesOptions{Labels: []string{strings.Repeat("wide ", 20), "short"}}).SVG())
	if !strings.Contains(svg, ">wide wide wide…</text>") || !strings.Contains(svg, ">short</text>") {
		t.Errorf("the labels are not there, or not cut: %s", svg)
	}
}

func BenchmarkImages(b *testing.B) {
	images := array.Zeros(array.Uint8, 16, 28, 28)
	for b.Loop() {
		plot.Images(images, plot.ImagesOptions{}).HTML()
	}
}

func BenchmarkCurves(b *testing.B) {
	history := map[string][]float64{"loss": {3, 2, 1}, "val_loss": {3, 2, 1}, "accuracy": {0, 1, 2}, "val_accuracy": {0, 1, 2}}
	for b.Loop() {
		plot.Curves(history).HTML()
	}
}

// TestFiguresAreDrawnLate tells that a figure in a variable, which every later cell makes again, costs
// next to nothing there.
func TestFiguresAreDrawnLate(t *testing.T) {
	history := map[string][]float64{"loss": {3, 2, 1}, "accuracy": {0.5, 0.7, 0.9}}
	made := testing.AllocsPerRun(10, func() { plot.Curves(history) })
	figure := plot.Curves(history)
	drawn := testing.AllocsPerRun(10, func() { figure.SVG() })
	if made > 100 || drawn < 10*made {
		t.Errorf("making the figure takes %v allocations, drawing it %v", made, drawn)
	}
}
