package photo_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	"gopherlens/mlkit/yolo/photo"
)

// A photo twice as wide as high, ready for a square net, and a box of the net's on the photo.
func Example() {
	drawing := image.NewGray(image.Rect(0, 0, 200, 100))
	draw.Draw(drawing, drawing.Rect, image.NewUniform(color.Gray{51}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, drawing); err != nil {
		fmt.Println(err)
	}

	img, err := photo.Decode(&file, "grey.png") // or photo.Open("grey.png")
	if err != nil {
		fmt.Println(err)
	}
	pixels, m := photo.Prepare(img, 4, 4, photo.Letterbox, photo.Darknet)
	for y := range 4 {
		fmt.Printf("%.1f\n", pixels[y*4*3:y*4*3+6]) // red, green, blue of two pixels
	}
	fmt.Println(m.Box(0, .25, .5, .75)) // the left half
	// Output:
	// [0.5 0.5 0.5 0.5 0.5 0.5]
	// [0.2 0.2 0.2 0.2 0.2 0.2]
	// [0.2 0.2 0.2 0.2 0.2 0.2]
	// [0.5 0.5 0.5 0.5 0.5 0.5]
	// 0 0 100 100
}

// Errors are sentences, and programs can tell them apart.
func ExampleDecode() {
	_, err := photo.Decode(strings.NewReader("<!DOCTYPE html><title>404</title>"), "dog.jpg")
	fmt.Println(err)
	fmt.Println(errors.Is(err, photo.ErrNotPicture))
	// Output:
	// dog.jpg is an HTML page, not a picture: the download gave a page about it; download the picture itself
	// true
}
