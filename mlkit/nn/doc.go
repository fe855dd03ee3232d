// Package nn has neural networks in Keras' words, computed by GoMLX.
//
// A model is a sequence of layers. Every layer, optimizer and option is a struct literal whose fields are
// Keras' keyword arguments; what is left out has Keras' default.
//
//	model := nn.Sequential("digits",
//		nn.Conv2D{Filters: 32, KernelSize: nn.Size{3, 3}, Activation: nn.ReLU, InputShape: nn.Shape{28, 28, 1}},
//		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
//		nn.Flatten{},
//		nn.Dense{Units: 10, Activation: nn.Softmax},
//	).Compile(nn.Adam{}, nn.CategoricalCrossentropy, nn.Accuracy)
//	history, err := model.Fit(xTrain, yTrain, nn.FitOptions{Epochs: 10, ValidationX: xTest, ValidationY: yTest})
//	probabilities, err := model.Predict(xTest)
//
// Pictures are [batch, height, width, channels]. A field that is zero counts as left out, so a setting whose
// default is not zero cannot be made zero.
//
// Models are values to build with: Add, Compile and Named return a new model and leave the old one as it is.
// What a model with a name learns is kept in the folder models of the working directory, where a later process
// finds it; see [Sequential].
package nn
