package video_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"gopherlens/mlkit/yolo/video"
)

// A film of two seconds, and how long it is once it is read.
func Example() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "night.mp4")

	w, err := video.Create(path, 64, 48, video.Rate{Num: 10, Den: 1}, "")
	if errors.Is(err, video.ErrNoFFmpeg) {
		fmt.Println(err)
		return
	}
	night := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for range 20 {
		w.Write(night) // an error comes again from Close
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}

	r, err := video.Open(context.Background(), path)
	if err != nil {
		fmt.Println(err)
		return
	}
	n := 0
	for _, err := range r.Frames() {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n, "frames of", r.Width, "×", r.Height, "pixels, the last at", r.Rate.At(n-1))
}
