package dataset_test

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gopherlens/mlkit/yolo/dataset"
)

// A data set of one picture, in YOLO's form: a red ball in the middle.
func Example() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	photo := image.NewRGBA(image.Rect(0, 0, 200, 100))
	draw.Draw(photo, photo.Rect, image.White, image.Point{}, draw.Src)
	write(folder, "images/garden.png", photo)
	write(folder, "labels/garden.txt", "0 0.5 0.5 0.1 0.2\n")
	write(folder, "names.txt", "ball\n")

	set, err := dataset.Open(folder)
	if err != nil {
		log.Fatal(err)
	}
	sample, err := set.Sample(0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sample.Image.Rect, set.Names()[sample.Objects[0].Class], sample.Objects[0].Box)

	// As a net of 416 × 416 takes it. Each call with flips and crops gives another picture.
	rng := rand.New(rand.NewPCG(1, 1))
	for _, augment := range []dataset.Augment{{}, {Flip: true, Crop: .2}, {Flip: true, Crop: .2}} {
		sample, err := augment.Apply(rng, sample, nil, 416, 416)
		if err != nil {
			log.Fatal(err)
		}
		box := sample.Objects[0].Box
		fmt.Printf("%v (%.0f, %.0f)–(%.0f, %.0f)\n", sample.Image.Rect, box.X1, box.Y1, box.X2, box.Y2)
	}
	// Output:
	// (0,0)-(200,100) ball {90 40 110 60}
	// (0,0)-(416,416) (187, 187)–(229, 229)
	// (0,0)-(416,416) (229, 182)–(274, 226)
	// (0,0)-(416,416) (198, 165)–(257, 224)
}

// write writes a file of a data set.
func write(folder, name string, content any) {
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	switch content := content.(type) {
	case string:
		_, err = f.WriteString(content)
	case image.Image:
		err = png.Encode(f, content)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// Objects of two kinds: high ones, and wide ones three times as large.
func ExampleAnchors() {
	sizes := [][2]float64{{10, 30}, {11, 31}, {9, 29}, {62, 40}, {58, 40}}
	anchors := dataset.Anchors(sizes, 2, 1)
	fmt.Println(anchors)
	fmt.Printf("they fit with a mean IoU of %.2f\n", dataset.MeanIoU(sizes, anchors))
	fmt.Printf("one square, with %.2f\n", dataset.MeanIoU(sizes, [][2]float64{{30, 30}}))
	// Output:
	// [[10 30] [60 40]]
	// they fit with a mean IoU of 0.94
	// one square, with 0.35
}
