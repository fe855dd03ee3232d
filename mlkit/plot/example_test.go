package plot_test

import (
	"fmt"
	"math"
	"path/filepath"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/plot"
	"gopherlens/mlkit/yolo/detection"
)

// save writes a figure where the tests of the pictures look for it.
func save(name string, figure *plot.Figure) {
	if err := figure.Save(filepath.Join(pictures, name+".svg")); err != nil {
		fmt.Println(err)
	}
}

func Example() {
	history := map[string][]float64{"loss": {0.9, 0.4, 0.2}, "accuracy": {0.7, 0.8, 0.95}}
	figure := plot.Curves(history)
	fmt.Println(figure) // the alt text; in a notebook, cell.Show(figure) shows the picture
	save("package", figure)
	// Output:
	// Training curves over 3 epochs. The training accuracy rises from 0.7 to 0.95. The training loss falls from 0.9 to 0.2.
}

func ExampleImages() {
	// Ten digits of 9×9 pixels.
	images, labels := digits(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	figure := plot.Images(images, plot.ImagesOptions{
		Rows: 2, Columns: 5, Labels: plot.Numbers(labels), Title: "Ten digits",
	})
	fmt.Println(figure)
	save("images", figure)
	// Output:
	// Ten digits: 10 pictures of 9×9 pixels, labelled 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.
}

func ExampleImages_one() {
	images, _ := digits(7)
	normalised := images.Div(255) // from 0 to 1 in place of 0 to 255: the same picture
	figure := plot.Images(normalised, plot.ImagesOptions{})
	fmt.Println(figure)
	save("one", figure)
	// Output:
	// 1 picture of 9×9 pixels.
}

func ExampleCurves() {
	figure := plot.Curves(map[string][]float64{ // Keras' keys, a value for each epoch
		"loss":         {0.541, 0.211, 0.151, 0.112, 0.088, 0.073, 0.058, 0.047, 0.040, 0.034},
		"accuracy":     {0.831, 0.934, 0.953, 0.965, 0.972, 0.977, 0.982, 0.985, 0.987, 0.989},
		"val_loss":     {0.231, 0.159, 0.117, 0.098, 0.083, 0.077, 0.070, 0.074, 0.069, 0.073},
		"val_accuracy": {0.930, 0.952, 0.965, 0.970, 0.975, 0.977, 0.979, 0.978, 0.980, 0.979},
	})
	fmt.Println(figure)
	save("curves", figure)
	// Output:
	// Training curves over 10 epochs. The training accuracy rises from 0.831 to 0.989. The test accuracy rises from 0.93 to 0.979, and is 0.98, at its highest, in epoch 9. The training loss falls from 0.541 to 0.034. The test loss falls from 0.231 to 0.073, and is 0.069, at its lowest, in epoch 9.
}

func ExampleCompare() {
	figure := plot.Compare(
		"without dropout", map[string][]float64{
			"val_accuracy": {0.55, 0.68, 0.74, 0.76, 0.77, 0.78, 0.78, 0.78},
			"val_loss":     {1.45, 1.02, 0.83, 0.76, 0.73, 0.76, 0.82, 0.90},
		},
		"with dropout", map[string][]float64{
			"val_accuracy": {0.34, 0.52, 0.64, 0.71, 0.75, 0.77, 0.79, 0.80},
			"val_loss":     {1.92, 1.51, 1.18, 0.96, 0.83, 0.75, 0.70, 0.68},
		})
	fmt.Println(figure)
	save("compare", figure)
	// Output:
	// Two trainings, without dropout and with dropout, on the test data. The accuracy without dropout rises from 0.55 to 0.78; with dropout it rises from 0.34 to 0.8. The loss without dropout falls from 1.45 to 0.9, and is 0.73, at its lowest, in epoch 5; with dropout it falls from 1.92 to 0.68.
}

func ExampleTraining() {
	history := map[string][]float64{}
	for step := range 500 {
		noise := 1 + 0.2*math.Sin(float64(7*step)) // a real history comes from yolo.FitOptions.Curves
		map50 := math.NaN()                        // not measured at most steps
		if step%50 == 49 {
			map50 = 0.9 * (1 - math.Exp(-float64(step)/150))
		}
		for name, value := range map[string]float64{
			"box": noise * 6 * math.Exp(-float64(step)/140), "objectness": noise * (90*math.Exp(-float64(step)/30) + 2), "classes": noise * 9 * math.Exp(-float64(step)/200),
			"learning rate": 0.001 * min(float64(step+1)/50, 1) * (1 + math.Cos(math.Pi*float64(step)/500)) / 2,
			"mAP@0.5":       map50, "COCO mAP": 0.6 * map50,
		} {
			history[name] = append(history[name], value)
		}
	}
	figure := plot.Training(history)
	fmt.Println(figure)
	save("training", figure)
	// Output:
	// Training over 500 steps. The box loss falls from 6.57 to 0.154. The objectness loss falls from 95.7 to 1.79. The classes loss falls from 9.89 to 0.671. The learning rate falls from 6e-05 to 1.09e-07. The mAP@0.5 rises from 0.251 to 0.868. The COCO mAP rises from 0.15 to 0.521.
}

// some is what a detector found of n classes: the first most surely.
func some(n int) *detection.Result {
	var found [][]detection.Detection
	var truth [][]detection.Truth
	for photo := range 40 {
		var f []detection.Detection
		var t []detection.Truth
		for class := range n {
			d := detection.Detection{Class: class, Name: []string{"circle", "square", "triangle", "star", "heart"}[class%5], Box: detection.Box{X2: 9, Y2: 9}}
			if class >= 5 {
				d.Name = fmt.Sprint("digit ", class)
			}
			t = append(t, detection.Truth{Detection: d})
			d.Score = float64((photo*7+class)%40) / 40
			if (photo*3+class)%20 < class+int(8*(1-d.Score)) { // there, but not found
				d.Box = detection.Box{X1: 20, Y1: 20, X2: 29, Y2: 29}
			}
			f = append(f, d)
		}
		found, truth = append(found, f), append(truth, t)
	}
	r, err := detection.Evaluate(found, truth)
	if err != nil {
		panic(err)
	}
	return r
}

func ExamplePrecisionRecall() {
	figure := plot.PrecisionRecall(some(4)) // yolo.Evaluate makes such a result
	fmt.Println(figure)
	save("precision", figure)
	// Output:
	// Precision against recall of 4 classes, mAP@0.5 0.660. The best is circle with an average precision of 0.770, the worst star with 0.546.
}

func ExamplePrecisionRecall_many() {
	figure := plot.PrecisionRecall(some(15))
	fmt.Println(figure)
	save("precision-many", figure)
	// Output:
	// Precision against recall of 15 classes, mAP@0.5 0.336. The best is circle with an average precision of 0.770, the worst digit 13 with 0.046.
}

func ExampleConfusion() {
	actual := array.From([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 4, 4, 9, 7})
	predicted := array.From([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 9, 9, 4, 7})
	figure := plot.Confusion(actual, predicted)
	fmt.Println(figure)
	save("confusion", figure)
	// Output:
	// Confusion matrix of 10 classes: 80.0 % of 15 right (12). The most frequent mistakes: 4 taken for 9 (2), 9 taken for 4 (1).
}

func ExampleConfusion_names() {
	actual := array.From([]int{0, 0, 1, 2, 2, 2})
	predicted := array.From([]int{0, 0, 1, 2, 1, 2})
	figure := plot.Confusion(actual, predicted, "cat", "traffic light", "person")
	fmt.Println(figure)
	save("confusion-names", figure)
	// Output:
	// Confusion matrix of 3 classes: 83.3 % of 6 right (5). The most frequent mistakes: person taken for traffic light (1).
}

func ExampleMistakes() {
	images, labels := digits(3, 4, 7, 9, 1, 4)
	predicted := array.From([]int{3, 9, 7, 4, 7, 4})
	figure := plot.Mistakes(images, labels, predicted)
	fmt.Println(figure)
	save("mistakes", figure)
	// Output:
	// 3 of 6 read wrong: 4, read as 9; 9, read as 4; 1, read as 7.
}

func ExampleFilters() {
	// Two filters of 3×3 weights: one for edges that stand, one for edges that lie.
	weights := array.From([]float32{
		-1, -1, 0, -1, 1, -1,
		-1, 0, 0, 0, 1, 0,
		-1, 1, 0, 1, 1, 1,
	}, 3, 3, 1, 2)
	figure := plot.Filters(weights)
	fmt.Println(figure)
	save("filters", figure)
	// Output:
	// 2 filters of 3×3 weights, between -1 and 1. Light squares are weights above zero, dark ones below.
}

func ExampleFeatureMaps() {
	// What the left and the upper edges of a 7 are, and a filter that found nothing.
	images, _ := digits(7)
	seven := array.Values[float32](images)
	maps := array.Zeros(array.Float32, 8, 8, 3)
	values := array.Values[float32](maps)
	for i := range 64 {
		y, x := i/8, i%8
		values[3*i] = max(0, seven[9*y+x+1]-seven[9*y+x]) / 255
		values[3*i+1] = max(0, seven[9*(y+1)+x]-seven[9*y+x]) / 510
	}
	figure := plot.FeatureMaps(maps)
	fmt.Println(figure)
	save("maps", figure)
	// Output:
	// 3 feature maps of 8×8. Map 0 answers most strongly, with 1. Black all over: 1 of them.
}

func ExampleProbabilities() {
	prediction := array.From([]float32{0, 0.00002, 0.0003, 0.004, 0, 0, 0.01, 0.97, 0, 0.01568})
	figure := plot.Probabilities(prediction)
	fmt.Println(figure)
	save("probabilities", figure)
	// Output:
	// Probabilities of 10 classes. The most probable: 7 with 97.0 %, 9 with 1.6 %, 6 with 1.0 %.
}

func ExampleNumbers() {
	fmt.Printf("%q\n", plot.Numbers(array.From([]uint8{5, 0, 4})))
	// Output:
	// ["5" "0" "4"]
}
