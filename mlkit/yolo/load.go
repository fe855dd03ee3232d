package yolo

import (
	"errors"
	"fmt"
	"os"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/zoo"
)

// Load loads a network of the zoo that is on this computer: "yolov3", "yolov3-tiny" or "yolo-fastest-1.1". Package
// zoo/download fetches it; errors.Is(err, zoo.ErrAbsent) tells that this has not been done yet.
func Load(name string, settings ...darknet.Option) (*Model, error) {
	files, err := zoo.Find(name)
	if err != nil {
		return nil, err
	}
	return Open(files.Config, files.Weights, detection.COCO(), DarknetEpsilon, settings...)
}

// Open opens a network and its weights, both in Darknet's formats. names has a name for each class, or is nil; see
// [New].
func Open(config, weights string, names []string, epsilon Epsilon, settings ...darknet.Option) (m *Model, err error) {
	c, err := OpenConfig(config, settings...)
	if err != nil {
		return nil, err
	}
	w, err := darknet.Open(weights, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return New(c, w, names, epsilon)
}

// OpenConfig reads a network without its weights.
func OpenConfig(path string, settings ...darknet.Option) (*darknet.Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := darknet.ParseConfig(f, settings...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}
