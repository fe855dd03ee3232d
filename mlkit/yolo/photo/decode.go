// Package photo turns pictures from files into what a detector takes.
package photo

import (
	"image"
	_ "image/jpeg"
	"os"
)

// Open reads a picture from a file.
func Open(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	return img, err
}
