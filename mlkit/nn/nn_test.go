package nn

import (
	"strings"
	"testing"
)

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

func TestSummary(t *testing.T) {
	text := digitModel("digits").Summary().String()
	for _, want := range []string{`Model: "digits"`, "max_pooling2d_1 (MaxPooling2D)", "(None, 6, 6, 64)", "304,906"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
}
