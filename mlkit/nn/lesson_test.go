package nn_test

import (
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/nn"
)

// lessonModel is the digit lesson's.
func lessonModel() *nn.Model {
	return nn.Sequential("",
		nn.Conv2D{Filters: 32, KernelSize: nn.Size{3, 3}, Activation: nn.ReLU, InputShape: nn.Shape{28, 28, 1}},
		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
		nn.Conv2D{Filters: 64, KernelSize: nn.Size{2, 2}, Activation: nn.ReLU},
		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dropout{Rate: 0.4},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	).Compile(nn.Adam{}, nn.CategoricalCrossentropy, nn.Accuracy)
}

// trainLesson trains as the lesson does, with 6,000 digits, and returns the accuracy on MNIST's 10,000 test digits.
func trainLesson(t *testing.T, images, labels *array.Array, seed int64) float64 {
	t.Helper()
	digits, err := mnist.Load()
	if err != nil {
		t.Skipf("skipped: needs the real MNIST (%v)", err)
	}
	prepare := func(images *array.Array) *array.Array { return images.Reshape(-1, 28, 28, 1).Div(255) }
	m := lessonModel()
	if _, err := m.Fit(prepare(images), nn.ToCategorical(labels, 10), nn.FitOptions{Epochs: 10, Seed: seed, Quiet: true}); err != nil {
		t.Fatal(err)
	}
	result, err := m.Evaluate(prepare(digits.TestImages), nn.ToCategorical(digits.TestLabels, 10))
	if err != nil {
		t.Fatal(err)
	}
	return result["accuracy"]
}

// The lesson promises about 98 %: at least 97.5 % as the mean of three seeds.
func TestLessonAccuracy(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: trains for a minute, and this is a short run")
	}
	digits, err := mnist.Load()
	if err != nil {
		t.Skipf("skipped: needs the real MNIST (%v)", err)
	}
	var mean float64
	for seed := range int64(3) {
		accuracy := trainLesson(t, digits.TrainImages.Slice(0, 6000), digits.TrainLabels.Slice(0, 6000), seed)
		t.Logf("seed %d: %.4f", seed, accuracy)
		mean += accuracy / 3
	}
	if mean < 0.975 {
		t.Errorf("the mean accuracy is %.4f, want at least 0.975", mean)
	}
}

// Trained on digits that were drawn here, the lesson's network reads the real ones.
func TestSyntheticTeachesReal(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: trains for half a minute, and this is a short run")
	}
	images, labels := mnist.Synthetic(6000, 1)
	accuracy := trainLesson(t, images, labels, 0)
	t.Logf("accuracy on the real test digits: %.4f", accuracy)
	if accuracy < 0.9 {
		t.Errorf("the accuracy on MNIST is %.4f, want at least 0.90", accuracy)
	}
}
