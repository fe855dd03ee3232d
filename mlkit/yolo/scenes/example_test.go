package scenes_test

import (
	"fmt"

	"gopherlens/mlkit/yolo/scenes"
)

// A set to train with, and another one to test with.
func Example() {
	train, test := scenes.New(1, 10_000, 160), scenes.New(2, 500, 160)
	fmt.Println(train.Len(), test.Len(), train.Names()[:6])

	sample, err := train.Sample(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sample.Image.Rect)
	for _, o := range sample.Objects {
		fmt.Println(train.Names()[o.Class], o.Box)
	}
	// Output:
	// 10000 500 [circle square triangle star heart 0]
	// (0,0)-(160,160)
	// 7 {2 4 46 48}
}
