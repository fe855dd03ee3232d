package yolo

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"gopherlens/assets/shapes"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
	"gopherlens/mlkit/yolo/zoo"
)

// DetectFiles finds what is on photos in files, and keeps it in the store, whose Detector names a network of the zoo:
//
//	kept := detection.Store{Detector: "yolov3"}
//	found, err := yolo.DetectFiles(kept, photos, yolo.Options{})
//
// Photos that it knows already cost no network: that is loaded for the first one that is new, or was looked at with
// other options. Programs that only draw take kept.Load(photo), and need not import this package.
//
// The lists are the photos', in their order. The error joins those of the photos that could not be looked at, whose
// lists are nil.
func DetectFiles(kept detection.Store, photos []string, options Options) (found [][]detection.Detection, failed error) {
	entry, err := zoo.Lookup(kept.Detector)
	if err != nil {
		return nil, err
	}
	options.Batch = 0 // changes no result
	weights := entry.Weights.Content.SHA256
	if entry.Within() {
		weights = fmt.Sprintf("%x", sha256.Sum256([]byte(shapes.Weights)))
	}
	settings := fmt.Sprintf("%+v, weights %s", options, weights)
	var m *Model
	found = make([][]detection.Detection, len(photos))
	for i, path := range photos {
		if found[i], err = kept.LoadFor(path, settings); err == nil {
			continue
		}
		img, problem := photo.Open(path)
		if problem != nil {
			failed = errors.Join(failed, problem)
			continue
		}
		if m == nil {
			if m, err = Load(kept.Detector); err != nil {
				return found, err
			}
			defer m.Close()
		}
		if found[i], err = m.Detect(img, options); err != nil {
			return found, err // the next ones would fail alike
		}
		failed = errors.Join(failed, kept.Save(path, settings, found[i]))
	}
	return found, failed
}
