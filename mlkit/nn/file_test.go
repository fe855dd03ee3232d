package nn

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopherlens/mlkit/array"
)

// TestPersistence checks that another model of the same name, as in a later cell, finds what was learnt.
func TestPersistence(t *testing.T) {
	t.Chdir(t.TempDir())
	trained := barModel("bars")
	h := fit(t, trained, FitOptions{Epochs: 2})
	later := barModel("bars")
	x, y := bars(20, 9)
	if got, err := later.History(); err != nil || !reflect.DeepEqual(got, h) {
		t.Errorf("the history is %v, %v in place of %v", got, err, h)
	}
	want, err := trained.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := later.Predict(x); err != nil || !got.Equal(want) {
		t.Errorf("the later model predicts otherwise: %v", err)
	}
	// Prediction needs no Compile, evaluation does.
	bare := Sequential("bars", later.Layers()...)
	if got, err := bare.Predict(x); err != nil || !got.Equal(want) {
		t.Errorf("the model without Compile predicts otherwise: %v", err)
	}
	if _, err := bare.Evaluate(x, y); err == nil {
		t.Error("a model without a loss was evaluated")
	}
	if names, _ := filepath.Glob("models/*"); len(names) != 1 || names[0] != filepath.Join("models", "bars.safetensors") {
		t.Errorf("there are the files %v", names)
	}
	if _, err := barModel("bars").Named("others").Predict(x); err == nil {
		t.Error("a model of another name knows what this one learnt")
	}
}

// TestInputShapeFromFile checks that a model without an InputShape is found again too.
func TestInputShapeFromFile(t *testing.T) {
	t.Chdir(t.TempDir())
	build := func() *Model {
		return Sequential("free", Flatten{}, Dense{Units: 2, Activation: Softmax}).Compile(SGD{}, CategoricalCrossentropy)
	}
	fit(t, build(), FitOptions{})
	x, _ := bars(3, 1)
	if _, err := build().Predict(x); err != nil {
		t.Error(err)
	}
	if s := build().Summary().String(); !strings.Contains(s, "(None, 64)") {
		t.Errorf("the summary of the trained model does not know its shapes:\n%s", s)
	}
	_, err := build().Predict(x.Reshape(3, 64))
	checkSentence(t, err, "the layer flatten takes samples of the shape (8, 8, 1), but x has the shape (3, 64), so its samples have (64,)")
}

func TestChangedArchitecture(t *testing.T) {
	t.Chdir(t.TempDir())
	fit(t, barModel("bars"), FitOptions{})
	x, _ := bars(3, 1)
	layers := barModel("").Layers()
	for _, c := range []struct {
		layers []Layer
		want   string
	}{
		{append(layers[:5:5], Dense{Units: 3, Activation: Softmax}), "the layer dense_1 had units = 2, and now has 3"},
		{append(layers[:4:4], layers[5]), "layer 5 was a Dropout, and now is a Dense"},
		{layers[:5], "it had 6 layers, and now has 5"},
		{append([]Layer{Conv2D{Filters: 4, KernelSize: Size{3, 3}, Activation: ReLU, InputShape: Shape{8, 8, 2}}}, layers[1:]...), "it took samples of the shape (8, 8, 1), and now takes (8, 8, 2)"},
		{append([]Layer{Conv2D{Filters: 4, KernelSize: Size{3, 3}, InputShape: Shape{8, 8, 1}}}, layers[1:]...), `the layer conv2d had activation = "relu", and now has "linear"`},
	} {
		m := Sequential("bars", c.layers...)
		_, err := m.learnt()
		checkSentence(t, err, `the model "bars" was changed after it was trained (`+c.want+`): call Fit to train it again`)
		if _, err := m.Predict(x); err == nil {
			t.Error("a changed model predicts")
		}
	}
	// Training it again replaces the file.
	changed := Sequential("bars", append(layers[:3:3], Dense{Units: 2, Activation: Softmax})...).Compile(Adam{}, CategoricalCrossentropy)
	fit(t, changed, FitOptions{})
	if _, err := Sequential("bars", changed.Layers()...).Predict(x); err != nil {
		t.Error(err)
	}
}

func TestSaveLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my.safetensors")
	m := barModel("")
	h := fit(t, m, FitOptions{Epochs: 2})
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	x, y := bars(20, 9)
	want, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	loaded := barModel("")
	if err := loaded.Load(path); err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Predict(x); err != nil || !got.Equal(want) {
		t.Errorf("the loaded model predicts otherwise: %v", err)
	}
	if got, _ := loaded.History(); !reflect.DeepEqual(got, h) {
		t.Errorf("the history is %v in place of %v", got, h)
	}
	// The optimizer's own arrays come along: both go on alike.
	o := FitOptions{Epochs: 1, Continue: true, Quiet: true}
	a, errA := m.Fit(x, y, o)
	b, errB := loaded.Fit(x, y, o)
	if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("continued, they differ:\n%v %v\n%v %v", a, errA, b, errB)
	}
	if err := barModel("").Load(filepath.Join(t.TempDir(), "none")); err == nil || !os.IsNotExist(err) {
		t.Errorf("loading a file that is not there gives %v", err)
	}
	if err := m.Save(filepath.Join(path, "in-a-file")); err == nil || !strings.Contains(err.Error(), "could not be saved") {
		t.Errorf("saving where that cannot be gives %v", err)
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"digits":        "digits",
		"no-dropout_2":  "no-dropout_2",
		"../../etc/x":   "%2E.%2F..%2Fetc%2Fx",
		".hidden":       "%2Ehidden",
		`C:\a`:          "C%3A%5Ca",
		"two words":     "two%20words",
		"Ziffern für 3": "Ziffern%20f%C3%BCr%203",
		"a%2Fb":         "a%252Fb",
		"v1.2":          "v1.2",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q becomes %q in place of %q", name, got, want)
		}
	}
}

// tinyFile is a small model's file.
func tinyFile(t testing.TB) (*Model, []byte) {
	t.Helper()
	m := Sequential("", Dense{Units: 2, InputShape: Shape{3}})
	if err := m.SetWeights("dense", array.Zeros(array.Float32, 3, 2).Add(1.5), array.Zeros(array.Float32, 2)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tiny")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return m, content
}

// load loads a file's content into a new model.
func load(t testing.TB, content []byte) (*Model, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hostile")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	m := Sequential("", Dense{Units: 2, InputShape: Shape{3}})
	return m, m.Load(path)
}

func TestHostileFiles(t *testing.T) {
	_, good := tinyFile(t)
	if _, err := load(t, good); err != nil {
		t.Fatal(err)
	}
	headerOf := func(text string, data int) []byte {
		return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), make([]byte, data)...)
	}
	edit := func(old, new string) []byte {
		text, data := good[8:8+binary.LittleEndian.Uint64(good)], good[8+binary.LittleEndian.Uint64(good):]
		if !bytes.Contains(text, []byte(old)) {
			t.Fatalf("the header has no %q: %s", old, text)
		}
		return append(headerOf(strings.Replace(string(text), old, new, 1), 0), data...)
	}
	nan := bytes.Clone(good)
	binary.LittleEndian.PutUint32(nan[len(nan)-4:], math.Float32bits(float32(math.NaN())))
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "it has only 0 bytes"},
		{"seven bytes", good[:7], "it has only 7 bytes"},
		{"huge header", append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), good[8:]...), "its header claims to have 18446744073709551615 bytes"},
		{"large header", append(binary.LittleEndian.AppendUint64(nil, 1<<30), good[8:]...), "its header claims to have 1073741824 bytes"},
		{"no json", headerOf("hello", 0), "its header cannot be read"},
		{"null", headerOf("null", 0), "was not written by this version of nn"},
		{"empty header", headerOf("{}", 0), "was not written by this version of nn"},
		{"truncated", good[:len(good)-1], "bytes of data in place of"},
		{"trailing", append(bytes.Clone(good), 0), "bytes of data in place of"},
		{"offsets swapped", edit(`"data_offsets":[0,8]`, `"data_offsets":[8,0]`), "lies at the wrong place"},
		{"offsets negative", edit(`"data_offsets":[0,8]`, `"data_offsets":[-8,8]`), "its header cannot be read"},
		{"offsets beyond", edit(`"data_offsets":[0,8]`, `"data_offsets":[0,4294967296]`), "lies at the wrong place"},
		{"shape overflows", edit(`"shape":[3,2]`, `"shape":[4611686018427387904,16]`), "is larger than the file"},
		{"shape of zeros", edit(`"shape":[3,2]`, `"shape":[0,18446744073709551615]`), "lies at the wrong place"},
		{"other shape", edit(`"shape":[3,2]`, `"shape":[2,3]`), "the weight dense/kernel has the shape (2, 3) in place of (3, 2)"},
		{"other type", edit(`"dtype":"F32"`, `"dtype":"I32"`), "lies at the wrong place"},
		{"other name", edit(`"dense/kernel"`, `"dense/kernal"`), "the weight dense/kernel is missing"},
		{"slot of nothing", edit(`"dense/kernel"`, `"optimizer/m/nothing"`), "the weight dense/kernel is missing"},
		{"version", edit(`"gopherlens":"1"`, `"gopherlens":"2"`), "was not written by this version of nn"},
		{"not finite", nan, "has numbers that are not finite"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.content)
			checkSentence(t, err, c.want)
		})
	}
}

// FuzzLoad checks that no file makes Load panic, and that a file that loads gives weights that are numbers.
func FuzzLoad(f *testing.F) {
	_, good := tinyFile(f)
	f.Add(good)
	f.Add(good[:20])
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 2), "{}"...))
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 60), `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}      1234`...))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := load(t, content)
		if err != nil {
			return
		}
		weights, err := m.Weights("dense")
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range weights {
			if math.IsNaN(w.Sum()) {
				t.Errorf("loaded %v", w)
			}
		}
	})
}
