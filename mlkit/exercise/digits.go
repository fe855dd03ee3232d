package exercise

import (
	"fmt"
	"math"
	"sync"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/mnist"
)

// Samples is how many of the training images the digit lesson trains with.
const Samples = 6000

// lesson holds the arrays of the digit lesson as they are before the first TODO: what right answers
// are made from.
var lesson = sync.OnceValue(func() *mnist.Digits {
	d := *mnist.LoadOrSynthetic()
	d.TrainImages, d.TrainLabels = d.TrainImages.Slice(0, Samples), d.TrainLabels.Slice(0, Samples)
	return &d
})

func xTrain() *array.Array { return lesson().TrainImages }
func xTest() *array.Array  { return lesson().TestImages }
func yTrain() *array.Array { return lesson().TrainLabels }
func yTest() *array.Array  { return lesson().TestLabels }

func init() {
	const tests = 10000
	Register(
		shown("xTrain", xTrain, Samples, 28, 28),
		shown("xTest", xTest, tests, 28, 28),
		shown("yTrain", yTrain, Samples),
		shown("yTest", yTest, tests),
		Exercise{"shape of xTrain", []Rule{aShape("xTrain", "Every array has a method Shape: xTest.Shape() is the shape of xTest.", Samples, 28, 28)}},
		Exercise{"shape of xTest", []Rule{aShape("xTest", "Every array has a method Shape. This one goes on xTest.", tests, 28, 28)}},
		Exercise{"shape of yTrain", []Rule{aShape("yTrain", "Every array has a method Shape. This one goes on yTrain.", Samples)}},
		Exercise{"shape of yTest", []Rule{aShape("yTest", "Every array has a method Shape. This one goes on yTest.", tests)}},
		deep("xTrain4D", "xTrain", xTrain, Samples),
		deep("xTest4D", "xTest", xTest, tests),
		normalised("xTrainNorm", "xTrain4D", xTrain, Samples),
		normalised("xTestNorm", "xTest4D", xTest, tests),
		oneHot("yTrainCat", "yTrain", yTrain, Samples),
		oneHot("yTestCat", "yTest", yTest, tests),
	)
}

// shown asks to show one of the four arrays.
func shown(name string, want func() *array.Array, dims ...int) Exercise {
	hint := "Put the name of the array in place of exercise.TODO: " + name + "."
	return Exercise{"show " + name, []Rule{
		anArray(hint),
		hasShape(hint, dims...),
		sameNumbers(name, want, hint),
	}}
}

// deep asks for images with a depth of one.
func deep(name, from string, images func() *array.Array, n int) Exercise {
	return Exercise{name, []Rule{
		anArray("Begin with " + from + " and call its method Reshape."),
		hasShape("Reshape takes the new shape, a number for each dimension: how many images, height, width and, last, the depth, which is 1.", n, 28, 28, 1),
		sameNumbers(from, images, "Reshape "+from+" itself: the numbers stay what they are."),
	}}
}

// normalised asks for the images scaled to 0…1.
func normalised(name, from string, images func() *array.Array, n int) Exercise {
	const formula = "Use (x − min) / (max − min): "
	between := func(lo, hi string) string {
		return formula + "Sub takes the smallest value away, " + lo + ", and Div divides by the range, " + hi + "."
	}
	hint := between(from+".Min()", from+".Max() − "+from+".Min()")
	return Exercise{name, []Rule{
		anArray("Begin with " + from + ", and call its methods Sub and Div."),
		hasShape("Begin with "+from+", which has the depth already.", n, 28, 28, 1),
		{"its smallest value is 0", func(answer any) string {
			if m := answer.(*array.Array).Min(); m != 0 {
				return fmt.Sprintf("yours is %.4g", m)
			}
			return ""
		}, hint},
		{"its largest value is 1", func(answer any) string {
			if m := answer.(*array.Array).Max(); math.Abs(m-1) > 1e-6 {
				return fmt.Sprintf("yours is %.4g", m)
			}
			return ""
		}, hint},
		{"grey stays grey: 51 of 255 becomes 0.2", func(answer any) string {
			before := array.Values[uint8](images())
			after := array.Values[float32](answer.(*array.Array))
			for i, b := range before {
				if want := float64(b) / 255; math.Abs(float64(after[i])-want) > 1e-5 {
					return fmt.Sprintf("in yours, %d becomes %.4g in place of %.4g", b, after[i], want)
				}
			}
			return ""
		}, hint},
	}}
}

// oneHot asks for the labels as probabilities.
func oneHot(name, from string, labels func() *array.Array, n int) Exercise {
	hint := "nn.ToCategorical(" + from + ", 10) makes a row of ten numbers for each label."
	return Exercise{name, []Rule{
		anArray(hint),
		{"each label has become a row: 2 dimensions", func(answer any) string {
			if d := answer.(*array.Array).Dims(); d != 2 {
				return "yours has " + dimensions(d)
			}
			return ""
		}, hint},
		hasShape(hint+" There are ten digits, 0 to 9.", n, 10),
		{"each row has a 1 at its digit and 0 everywhere else", func(answer any) string {
			rows := array.Values[float32](answer.(*array.Array))
			for i, digit := range array.Values[uint8](labels()) {
				for k, v := range rows[10*i : 10*i+10] {
					if (v == 1) != (k == int(digit)) || v != 0 && v != 1 {
						return fmt.Sprintf("row %d of yours, for the digit %d, is %v", i, digit, rows[10*i:10*i+10])
					}
				}
			}
			return ""
		}, "Make it from " + from + ", with nn.ToCategorical."},
	}}
}
