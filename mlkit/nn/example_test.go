package nn_test

import (
	"fmt"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/nn"
)

// A network learns the exclusive or: whether one of two numbers is 1, but not both.
func Example() {
	x := array.From([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	y := array.From([]float32{0, 1, 1, 0}, 4, 1)
	model := nn.Sequential("",
		nn.Dense{Units: 8, Activation: nn.Tanh, InputShape: nn.Shape{2}},
		nn.Dense{Units: 1, Activation: nn.Sigmoid},
	).Compile(nn.Adam{LearningRate: 0.1}, nn.MeanSquaredError, nn.Accuracy)

	history, err := model.Fit(x, y, nn.FitOptions{Epochs: 100, Quiet: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("accuracy:", history["accuracy"][99])
	predicted, err := model.Predict(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range 4 {
		fmt.Printf("%v xor %v is %.0f\n", x.At(i, 0), x.At(i, 1), predicted.At(i, 0))
	}
	// Output:
	// accuracy: 1
	// 0 xor 0 is 0
	// 0 xor 1 is 1
	// 1 xor 0 is 1
	// 1 xor 1 is 0
}

// Layers can be added one by one: each step is a model of its own.
func ExampleModel_Add() {
	started := nn.Sequential("digits")
	withConv := started.Add(nn.Conv2D{Filters: 32, KernelSize: nn.Size{3, 3}, Activation: nn.ReLU, InputShape: nn.Shape{28, 28, 1}})
	withPool := withConv.Add(nn.MaxPooling2D{PoolSize: nn.Size{2, 2}})
	for _, m := range []*nn.Model{withConv, withPool} {
		shape, err := m.OutputShape()
		fmt.Println(len(m.Layers()), shape, err)
	}
	// Output:
	// 1 [26 26 32] <nil>
	// 2 [13 13 32] <nil>
}

// What does not fit together is told in a sentence.
func ExampleModel_OutputShape() {
	_, err := nn.Sequential("digits",
		nn.Flatten{InputShape: nn.Shape{28, 28, 1}},
		nn.MaxPooling2D{},
	).OutputShape()
	fmt.Println(err)
	// Output: the layer max_pooling2d, after flatten: it takes pictures (height, width, channels), but gets the shape (784,)
}

func ExampleModel_Summary() {
	fmt.Println(nn.Sequential("small",
		nn.Dense{Units: 8, Activation: nn.ReLU, InputShape: nn.Shape{4}},
		nn.Dense{Units: 3, Activation: nn.Softmax},
	).Summary())
	// Output:
	// Model: "small"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
	// ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
	// │ dense (Dense)                   │ (None, 8)              │            40 │
	// ├─────────────────────────────────┼────────────────────────┼───────────────┤
	// │ dense_1 (Dense)                 │ (None, 3)              │            27 │
	// └─────────────────────────────────┴────────────────────────┴───────────────┘
	//  Total params: 67 (268.00 B)
	//  Trainable params: 67 (268.00 B)
	//  Non-trainable params: 0 (0.00 B)
}

func ExampleToCategorical() {
	fmt.Println(nn.ToCategorical(array.From([]int{2, 0, 1}), 3))
	// Output:
	// [[0. 0. 1.]
	//  [1. 0. 0.]
	//  [0. 1. 0.]]
}

// Training ends when the validation has stopped getting better, and keeps the best weights.
func ExampleEarlyStopping() {
	x := array.From([]float32{-3, -2, -1, 1, 2, 3}, 6, 1)
	y := array.From([]int{0, 0, 0, 1, 1, 1})
	model := nn.Sequential("", nn.Dense{Units: 2, Activation: nn.Softmax, InputShape: nn.Shape{1}}).
		Compile(nn.SGD{LearningRate: 1}, nn.SparseCategoricalCrossentropy, nn.Accuracy)
	history, err := model.Fit(x, y, nn.FitOptions{
		Epochs:      100,
		ValidationX: x,
		ValidationY: y,
		Callbacks:   []nn.Callback{nn.EarlyStopping{Monitor: "val_accuracy", Patience: 5, RestoreBestWeights: true}},
		Quiet:       true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := model.Evaluate(x, y)
	fmt.Println(history.Epochs() < 100, result["accuracy"], err)
	// Output: true 1 <nil>
}
