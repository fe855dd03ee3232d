package nn

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"flag"
	"html"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gopherlens/mlkit/array"
)

var update = flag.Bool("update", false, "write the golden files anew")

// digitModel is the digit lesson's network.
func digitModel(name string) *Model {
	return Sequential(name,
		Conv2D{Filters: 32, KernelSize: Size{3, 3}, Activation: ReLU, InputShape: Shape{28, 28, 1}},
		MaxPooling2D{PoolSize: Size{2, 2}},
		Conv2D{Filters: 64, KernelSize: Size{2, 2}, Activation: ReLU},
		MaxPooling2D{PoolSize: Size{2, 2}},
		Flatten{},
		Dense{Units: 128, Activation: ReLU},
		Dropout{Rate: 0.4},
		Dense{Units: 10, Activation: Softmax},
	).Compile(Adam{}, CategoricalCrossentropy, Accuracy)
}

func TestConfig(t *testing.T) {
	c := digitModel("digits").Config()
	if c["class_name"] != "Sequential" || c["name"] != "digits" || c["loss"] != "categorical_crossentropy" ||
		!reflect.DeepEqual(c["metrics"], []string{"accuracy"}) || c["optimizer"].(map[string]any)["class_name"] != "Adam" {
		t.Errorf("the model's Config is %v", c)
	}
	layers := c["layers"].([]map[string]any)
	first := layers[0]
	if first["class_name"] != "Conv2D" || first["filters"] != 32 || !reflect.DeepEqual(first["kernel_size"], []int{3, 3}) ||
		first["activation"] != "relu" || !reflect.DeepEqual(first["input_shape"], []int{28, 28, 1}) {
		t.Errorf("the first layer's Config is %v", first)
	}
	var names []string
	for _, l := range layers {
		names = append(names, l["name"].(string))
	}
	if got := strings.Join(names, " "); got != "conv2d max_pooling2d conv2d_1 max_pooling2d_1 flatten dense dropout dense_1" {
		t.Errorf("the layers are called %s", got)
	}
	if c := Sequential("digits", TODO("withConv1")).Config()["layers"].([]map[string]any)[0]; c["class_name"] != "TODO" || c["name"] != "withConv1" {
		t.Errorf("a TODO's Config is %v", c)
	}
	if c := Sequential("x").Config(); c["loss"] != nil || c["optimizer"] != nil {
		t.Errorf("before Compile the Config is %v", c)
	}
}

// TestImmutable checks that methods that build leave the model as it is, even where two grow from one.
func TestImmutable(t *testing.T) {
	base := Sequential("base", Flatten{InputShape: Shape{2, 2, 1}})
	a := base.Add(Dense{Units: 3}, Dropout{Rate: 0.1})
	b := a.Add(Dense{Units: 4})
	c := a.Add(Dense{Units: 5})
	compiled := c.Compile(Adam{}, MeanSquaredError, MeanAbsoluteError)
	named := compiled.Named("other")
	if len(base.Layers()) != 1 || len(a.Layers()) != 3 || b.Layers()[3].(Dense).Units != 4 || c.Layers()[3].(Dense).Units != 5 {
		t.Error("a model changed when another one was made of it")
	}
	if c.Optimizer() != nil || c.Loss() != "" || compiled.Loss() != MeanSquaredError || compiled.Optimizer() != (Adam{}) || compiled.Metrics()[0] != MeanAbsoluteError {
		t.Error("Compile changed the wrong model")
	}
	if compiled.Name() != "base" || named.Name() != "other" || named.Loss() != MeanSquaredError {
		t.Error("Named changed the wrong model")
	}
	if l := c.Layers(); len(l) > 0 {
		l[0] = Dense{}
		if _, ok := c.Layers()[0].(Flatten); !ok {
			t.Error("Layers hands out the model's own slice")
		}
	}
}

func TestOutputShape(t *testing.T) {
	if got, err := digitModel("").OutputShape(); err != nil || !reflect.DeepEqual(got, Shape{10}) {
		t.Errorf("the output's shape is %v, %v", got, err)
	}
	_, err := Sequential("", Dense{Units: 3}).OutputShape()
	if !errors.Is(err, errNoInputShape) {
		t.Errorf("without an InputShape the error is %v", err)
	}
}

// TestCheap checks that what a cell evaluates again and again costs next to nothing.
func TestCheap(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() { digitModel("digits") }); n > 25 {
		t.Errorf("describing the digit lesson's model takes %v allocations", n)
	}
}

func TestSummary(t *testing.T) {
	for name, m := range map[string]*Model{
		"summary":        digitModel("digits"),
		"summary-frozen": Sequential("frozen", Dense{Units: 1200, InputShape: Shape{1000}}, BatchNormalization{}),
		"summary-todo":   Sequential("digits", Conv2D{Filters: 32, KernelSize: Size{3, 3}, InputShape: Shape{28, 28, 1}}, TODO("withPool1")),
		"summary-open":   Sequential("open", Flatten{}, Dense{Units: 10}),
		"summary-broken": Sequential("broken", Dense{Units: 4, InputShape: Shape{3}}, MaxPooling2D{}, Flatten{}),
		"summary-empty":  Sequential("empty"),
	} {
		t.Run(name, func(t *testing.T) {
			s := m.Summary()
			checkGolden(t, name+".txt", s.String())
			checkGolden(t, name+".html", s.HTML())
		})
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("%s should be\n%s\nand is\n%s\n(-update writes it anew)", path, want, got)
	}
}

// TestDrawing checks that the drawing is XML, tells its shapes to those who cannot see it, and names each layer.
func TestDrawing(t *testing.T) {
	page := digitModel("digits").Summary().HTML()
	alt := "Shapes through the model: 28 × 28 × 1 goes in, conv2d makes 26 × 26 × 32, max_pooling2d makes 13 × 13 × 32"
	if !strings.Contains(html.UnescapeString(page), `<img alt="`+alt) {
		t.Error("the drawing has no alternative text")
	}
	_, encoded, found := strings.Cut(page, "data:image/svg+xml;base64,")
	if !found {
		t.Fatal("there is no drawing")
	}
	svg, err := base64.StdEncoding.DecodeString(encoded[:strings.Index(encoded, `"`)])
	if err != nil {
		t.Fatal(err)
	}
	boxes := 0
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok && s.Name.Local == "polygon" {
			boxes++
		}
	}
	if boxes != 9*3 {
		t.Errorf("9 shapes are drawn with %d faces", boxes)
	}
	for _, want := range append(digitModel("").layerNames(), "input", "26 × 26 × 32", "2304", `aria-label="`+alt) {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the drawing lacks %q", want)
		}
	}
	if bad := regexp.MustCompile(`NaN|Inf|"-|,-`).Find(svg); bad != nil {
		t.Errorf("the drawing has %q", bad)
	}
}

func TestWeightsAndLayerOutput(t *testing.T) {
	m := barModel("")
	fit(t, m, FitOptions{})
	weights, err := m.Weights("conv2d")
	if err != nil {
		t.Fatal(err)
	}
	if len(weights) != 2 || !reflect.DeepEqual(weights[0].Shape(), []int{3, 3, 1, 4}) || !reflect.DeepEqual(weights[1].Shape(), []int{4}) {
		t.Fatalf("the convolution's weights are %v", weights)
	}
	if none, err := m.Weights("flatten"); err != nil || len(none) != 0 {
		t.Errorf("flatten has the weights %v, %v", none, err)
	}
	x, _ := bars(70, 4) // more than one batch
	layers, _ := m.place(nil)
	w := refOf(t, m.state)
	for i, l := range layers {
		maps, err := m.LayerOutput(l.name, x)
		if err != nil {
			t.Fatal(err)
		}
		near(t, l.name, refArray(maps), refForward(layers[:i+1], w, refArray(x), false), 1e-5)
	}
	// Copies: changing them changes nothing.
	before, _ := m.Predict(x)
	array.Values[float32](weights[0])[0] += 100
	if after, _ := m.Predict(x); !after.Equal(before) {
		t.Error("Weights hands out the model's own weights")
	}
	store, err := m.Store()
	if err != nil || store.GetVariable("/conv2d/kernel") == nil {
		t.Errorf("the GoMLX store has no kernel: %v", err)
	}
}

// TestConcurrent checks that several goroutines can ask a trained model.
func TestConcurrent(t *testing.T) {
	t.Chdir(t.TempDir())
	fit(t, barModel("bars"), FitOptions{})
	m := barModel("bars") // which has to be read from its file first
	x, y := bars(70, 4)
	want, err := barModel("bars").Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := m.Predict(x); err != nil || !got.Equal(want) {
				t.Errorf("a prediction differs, or fails: %v", err)
			}
			if _, err := m.Evaluate(x, y); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestOneSample checks that a sample's prediction does not depend on those around it.
func TestOneSample(t *testing.T) {
	m := barModel("")
	fit(t, m, FitOptions{})
	x, _ := bars(65, 4)
	all, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 63, 64} {
		one, err := m.Predict(x.Slice(i, i+1))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "prediction", refArray(one), refArray(all.Slice(i, i+1)), 1e-6)
	}
}
