package yolo_test

import (
	"fmt"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/scenes"
)

// Our own detector needs no file and no connection.
func ExampleLoad() {
	model, err := yolo.Load("shapes")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer model.Close()
	found, err := model.Detect(scenes.Samples()[0].Image, yolo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found {
		fmt.Println(f.Name)
	}
	// Unordered output:
	// 4
	// 6
	// 8
	// star
	// triangle
}
