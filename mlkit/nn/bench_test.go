package nn

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"gopherlens/mlkit/array"
)

// digitsLike are samples of the shape of MNIST's, mostly black.
func digitsLike(samples int) (x, y *array.Array) {
	rng := rand.New(rand.NewPCG(1, 1))
	pixels := make([]float32, samples*28*28)
	classes := make([]int, samples)
	for i := range pixels {
		pixels[i] = max(0, 2*rng.Float32()-1.2)
	}
	for i := range classes {
		classes[i] = rng.IntN(10)
	}
	return array.From(pixels, samples, 28, 28, 1), ToCategorical(array.From(classes), 10)
}

// digitState is the digit lesson's network with initial weights.
func digitState(b testing.TB) (*Model, *state) {
	b.Helper()
	m := digitModel("")
	layers, err := m.place(nil)
	if err != nil {
		b.Fatal(err)
	}
	s, err := initialState(layers, 1)
	if err != nil {
		b.Fatal(err)
	}
	m.state = s
	return m, s
}

// digitStep is a training step of the digit lesson, 32 samples, once its graph is compiled.
func digitStep(t testing.TB) (step func()) {
	t.Helper()
	m, s := digitState(t)
	exec, err := m.trainer(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	x, y := digitsLike(32)
	batch := newBatch(32, s.input(), s.output())
	rows := make([]int, 32)
	for i := range rows {
		rows[i] = i
	}
	step = func() {
		batch.fill(x, y, rows)
		if _, err := s.score(exec, batch); err != nil {
			t.Fatal(err)
		}
	}
	step()
	return step
}

// BenchmarkTrainStep is a training step of the digit lesson: 32 samples.
func BenchmarkTrainStep(b *testing.B) {
	step := digitStep(b)
	for b.Loop() {
		step()
	}
}

// BenchmarkEvaluate evaluates 1000 samples in the digit lesson's network.
func BenchmarkEvaluate(b *testing.B) {
	m, _ := digitState(b)
	x, y := digitsLike(1000)
	for b.Loop() {
		if _, err := m.Evaluate(x, y); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPredict sends samples through the digit lesson's network.
func BenchmarkPredict(b *testing.B) {
	for name, samples := range map[string]int{"one": 1, "thousand": 1000} {
		b.Run(name, func(b *testing.B) {
			m, _ := digitState(b)
			x, _ := digitsLike(samples)
			for b.Loop() {
				if _, err := m.Predict(x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDescribe is what each later cell of a notebook does with the model's variables.
func BenchmarkDescribe(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		digitModel("digits")
	}
}

// BenchmarkSaveLoad writes the digit lesson's model and reads it again.
func BenchmarkSaveLoad(b *testing.B) {
	m, _ := digitState(b)
	path := filepath.Join(b.TempDir(), "digits")
	for b.Loop() {
		if err := m.Save(path); err != nil {
			b.Fatal(err)
		}
		if err := m.Load(path); err != nil {
			b.Fatal(err)
		}
	}
}
