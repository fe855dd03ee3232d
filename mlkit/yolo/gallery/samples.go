// Package gallery has pictures to try a detector on, and shows what was found in pictures, in a notebook.
//
//	pictures, err := gallery.Samples("yolov3")
//	…
//	%%
//	found, err := yolo.DetectFiles(detection.Store{Detector: "yolov3"}, pictures, yolo.Options{})
//	cell.Show(gallery.Album(pictures, found))
//
// It does not link GoMLX, so that cells that only look at what was found start at once.
package gallery

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"gopherlens/assets"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/scenes"
)

// samplesDir is the folder beside the notebook that samples are written to.
const samplesDir = "samples"

// Samples returns the paths of a few pictures, drawn for this lesson, of things that a network of the zoo knows. They
// are written into the folder samples beside the notebook where they are not there yet.
func Samples(network string) ([]string, error) {
	if network == "shapes" {
		return drawn()
	}
	var paths []string
	for _, name := range []string{"street.jpg", "room.jpg", "table.jpg"} {
		picture, err := assets.Samples.ReadFile("samples/" + name)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(samplesDir, name)
		if err := writeOnce(path, func() ([]byte, error) { return picture, nil }); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// drawn are scenes for our own detector.
func drawn() ([]string, error) {
	samples := sync.OnceValue(scenes.Samples) // only if one is missing
	var paths []string
	for i := range 3 {
		path := filepath.Join(samplesDir, "scene-"+strconv.Itoa(i+1)+".png")
		err := writeOnce(path, func() ([]byte, error) {
			var file bytes.Buffer
			err := png.Encode(&file, samples()[i].Image)
			return file.Bytes(), err
		})
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func writeOnce(path string, content func() ([]byte, error)) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := content()
	if err != nil {
		return err
	}
	return cache.Write(path, bytes.NewReader(data), cache.Content{Size: int64(len(data))})
}
