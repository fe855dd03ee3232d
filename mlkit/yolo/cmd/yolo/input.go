package main

import (
	"context"
	"fmt"
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
	base  string // what its results are called after; no two inputs have the same
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

// inputs lists files, and of folders the photos in them. There are several also if a folder has a single one: where
// results go does not depend on how many it has today.
func (c detectCommand) inputs() (inputs []input, several bool, err error) {
	for _, path := range slices.Concat(c.Photos, c.Image) {
		if path == "-" {
			inputs = append(inputs, input{name: path})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, false, err
		}
		if !info.IsDir() {
			inputs = append(inputs, input{name: path, video: video.Known(path)})
			continue
		}
		several = true
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, false, err
		}
		for _, e := range entries {
			if ext := strings.ToLower(filepath.Ext(e.Name())); e.Type().IsRegular() && slices.Contains(extensions, ext) {
				inputs = append(inputs, input{name: filepath.Join(path, e.Name())})
			}
		}
	}
	for _, path := range c.Video {
		inputs = append(inputs, input{name: path, video: true})
	}
	bases := map[string]int{}
	for i := range inputs {
		in := &inputs[i]
		if in.base = "stdin"; in.name != "-" {
			in.base = strings.TrimSuffix(filepath.Base(in.name), filepath.Ext(in.name))
		}
		// dog.jpg of one folder must not replace dog.jpg of another.
		if bases[in.base]++; bases[in.base] > 1 {
			in.base += fmt.Sprintf(" (%d)", bases[in.base])
		}
	}
	return inputs, several || len(inputs) > 1, nil
}

// extensions are those of the photos in a folder.
var extensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}
