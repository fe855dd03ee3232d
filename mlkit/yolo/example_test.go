package yolo_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/plot"
	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
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
	// triangle
}

// A network learns to find shapes and digits. Stopped by Ctrl+C, the program goes on where it was when it is run again.
func ExampleTrainer_Fit() {
	config, err := darknet.ParseConfig(strings.NewReader(`
[net]
width=64
height=64
channels=3
[convolutional]
batch_normalize=1
filters=8
size=3
stride=8
pad=1
activation=leaky
[convolutional]
filters=20 # 5 + 15 classes
[yolo]
anchors=20,20
classes=15
`))
	if err != nil {
		panic(err)
	}
	trainer, err := yolo.NewTrainer(config, yolo.Training{Batch: 4, Seed: 1})
	if err != nil {
		panic(err)
	}
	defer trainer.Close()
	folder, err := os.MkdirTemp("", "training")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var history yolo.History
	err = trainer.Fit(ctx, scenes.New(1, 1000, 64), yolo.FitOptions{
		Steps:      20,
		Validation: scenes.New(2, 5, 64),
		Checkpoint: filepath.Join(folder, "shapes.safetensors"),
		Curves:     func(h yolo.History) { history = h }, // in a notebook: curves.Show(plot.Training(h)), after curves := cell.NewLive()
	})
	if err != nil {
		panic(err)
	}
	if err := plot.Training(history).Save(filepath.Join(folder, "curves.svg")); err != nil {
		panic(err)
	}
	measured := 0
	for _, m := range history["mAP@0.5"] {
		if !math.IsNaN(m) {
			measured++
		}
	}
	fmt.Println(len(history["box"]), "steps, and the mAP after", measured, "of them")
	// Output: 20 steps, and the mAP after 10 of them
}
