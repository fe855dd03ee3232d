package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopherlens/mlkit/yolo/photo"
	"gopherlens/mlkit/yolo/video"
)

// An input is a file to look at.
type input struct {
	name  string // "-" is the standard input
	video bool
}

// base is what its results are called after.
func (in input) base() string {
	if in.name == "-" {
		return "stdin"
	}
	return strings.TrimSuffix(filepath.Base(in.name), filepath.Ext(in.name))
}

func (in input) picture() (*photo.Animation, error) {
	if in.name == "-" {
		return photo.Decoder{}.DecodeAnimation(os.Stdin, "the standard input")
	}
	return photo.OpenAnimation(in.name)
}

func (in input) frames(ctx context.Context) (*video.Reader, error) {
	if in.name == "-" {
		return video.Read(ctx, os.Stdin, "the standard input")
	}
	if n, err := strconv.Atoi(in.name); err == nil && n >= 0 {
		return video.Camera(ctx, n)
	}
	return video.Open(ctx, in.name)
}

// inputs lists files, and of folders the photos in them.
func (c detectCommand) inputs() (inputs []input, err error) {
	for _, path := range slices.Concat(c.Photos, c.Image) {
		if path == "-" {
			inputs = append(inputs, input{path, false})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			inputs = append(inputs, input{path, video.Known(path)})
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if ext := strings.ToLower(filepath.Ext(e.Name())); e.Type().IsRegular() && slices.Contains(extensions, ext) {
				inputs = append(inputs, input{filepath.Join(path, e.Name()), false})
			}
		}
	}
	for _, path := range c.Video {
		inputs = append(inputs, input{path, true})
	}
	return inputs, nil
}

// extensions are those of the photos in a folder.
var extensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}
