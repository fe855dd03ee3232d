package detection_test

import (
	"fmt"
	"image"
	"os"
	"strings"

	"gopherlens/mlkit/yolo/detection"
)

// A network proposes boxes, most of them several times. Suppress finds the objects among them.
func Example() {
	names := []string{"cat", "dog"}
	candidates := []detection.Candidate{
		{Box: detection.Box{X1: 50, Y1: 20, X2: 150, Y2: 120}, Objectness: .9, Classes: []float32{.1, .8}},
		{Box: detection.Box{X1: 55, Y1: 25, X2: 155, Y2: 115}, Objectness: .8, Classes: []float32{.1, .8}},   // the dog once more
		{Box: detection.Box{X1: 200, Y1: 60, X2: 260, Y2: 130}, Objectness: .6, Classes: []float32{.75, .2}}, // a cat
		{Box: detection.Box{X1: 0, Y1: 0, X2: 300, Y2: 150}, Objectness: .1, Classes: []float32{.5, .5}},     // hardly an object
	}
	found, err := detection.Suppress(candidates, names, detection.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	detection.WriteJSON(os.Stdout, found)

	photo := image.NewRGBA(image.Rect(0, 0, 300, 150))
	picture := detection.Draw(photo, found, detection.DrawOptions{})
	fmt.Println(picture.Bounds(), picture.At(100, 20) == detection.Color(1)) // an edge of the dog's box
	// Output:
	// [{"class": 1, "name": "dog", "score": 0.72, "box": [50, 20, 150, 120]},
	//  {"class": 0, "name": "cat", "score": 0.45, "box": [200, 60, 260, 130]}]
	// (0,0)-(300,150) true
}

// IoU tells how much two boxes are the same.
func ExampleBox_IoU() {
	a := detection.Box{X1: 0, Y1: 0, X2: 10, Y2: 10}
	b := detection.Box{X1: 5, Y1: 0, X2: 15, Y2: 10}
	fmt.Printf("%.3f\n", a.IoU(b)) // they share 50 of 150
	// Output: 0.333
}

// Only some classes, and only what the detector is sure of.
func ExampleOptions() {
	sure := []float32{0: .95, 16: .9}
	candidates := []detection.Candidate{{Box: detection.Box{X1: 1, Y1: 2, X2: 30, Y2: 40}, Objectness: 1, Classes: sure}}

	found, err := detection.Suppress(candidates, detection.COCO(), detection.Options{Score: .6, Classes: []string{"dog"}})
	fmt.Println(found, err)

	_, err = detection.Suppress(candidates, detection.COCO(), detection.Options{Classes: []string{"poodle"}})
	fmt.Println(err)
	// Output:
	// [dog 90 % (1, 2)–(30, 40)] <nil>
	// Classes: no class is called "poodle": they are person, bicycle, car, motorbike, aeroplane, bus, train, truck, … (80 in all), or 0 to 79
}

// Labels for training lie beside a photo, in parts of its size.
func ExampleReadText() {
	labels, err := detection.ReadText(strings.NewReader("16 0.5 0.5 0.25 0.5\n"), 400, 200, detection.COCO())
	fmt.Println(labels, err)

	_, err = detection.ReadText(strings.NewReader("16 200 100 100 100\n"), 400, 200, nil)
	fmt.Println(err)
	// Output:
	// [dog 100 % (150, 50)–(250, 150)] <nil>
	// line 1 of the YOLO text: its cx is "200", not a number from 0 to 1
}

// Evaluate tells how good a detector is, where somebody has marked what there is.
func ExampleEvaluate() {
	dog := func(score, x float64) detection.Detection {
		return detection.Detection{Name: "dog", Score: score, Box: detection.Box{X1: x, Y1: 0, X2: x + 10, Y2: 10}}
	}
	result, err := detection.Evaluate(
		[][]detection.Detection{{dog(.9, 1), dog(.4, 70)}},                     // one is about right, the other is not
		[][]detection.Truth{{{Detection: dog(1, 0)}, {Detection: dog(1, 30)}}}, // two dogs
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mAP@0.5 %.2f\n", result.MAP50)
	for _, p := range result.Classes[0].Curve {
		fmt.Printf("score ≥ %.1f: precision %.2f, recall %.2f\n", p.Score, p.Precision, p.Recall)
	}
	// Output:
	// mAP@0.5 0.50
	// score ≥ 0.9: precision 1.00, recall 0.50
	// score ≥ 0.4: precision 0.50, recall 0.50
}
