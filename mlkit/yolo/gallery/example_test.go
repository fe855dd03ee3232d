package gallery_test

import (
	"fmt"
	"os"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/gallery"
)

// In a notebook the album is the pictures, each with a table. Elsewhere it is said in words.
func ExampleAlbum() {
	folder, err := os.MkdirTemp("", "lesson")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	os.Chdir(folder)

	pictures, err := gallery.Samples("yolov3")
	if err != nil {
		fmt.Println(err)
		return
	}
	bus := detection.Detection{Class: 5, Name: "bus", Score: 0.5, Box: detection.Box{X1: 27, Y1: 154, X2: 649, Y2: 564}}
	fmt.Println(gallery.Album(pictures[:1], [][]detection.Detection{{bus}}))
	// Output: street.jpg, with 1 box: bus 50 %.
}
