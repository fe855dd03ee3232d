package yolo

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"gopherlens/assets/shapes"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/zoo"
)

// Load loads a network of the zoo that is on this computer: "yolov3", "yolov3-tiny" or "yolo-fastest-1.1". Package
// zoo/download fetches it; errors.Is(err, zoo.ErrAbsent) tells that this has not been done yet. "shapes", our own, is
// always there: it is part of every program that calls Load, and makes it 2 MB larger.
func Load(name string, settings ...darknet.Option) (m *Model, err error) {
	e, err := zoo.Lookup(name)
	if err != nil {
		return nil, err
	}
	text, err := ReadConfig(name)
	if err != nil {
		return nil, err
	}
	c, err := darknet.ParseConfig(bytes.NewReader(text), settings...)
	if err != nil {
		return nil, err
	}
	w, err := ReadWeights(name, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return New(c, w, e.Classes(), DarknetEpsilon)
}

// ReadConfig is the configuration of a network of the zoo, in Darknet's format.
func ReadConfig(name string) ([]byte, error) {
	if e, err := zoo.Lookup(name); err == nil && e.Within() {
		return []byte(shapes.Config), nil
	}
	path, err := zoo.FindConfig(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// ReadWeights reads the weights of a network of the zoo, which have to be closed.
func ReadWeights(name string, c *darknet.Config) (*darknet.Weights, error) {
	files, err := zoo.Find(name)
	switch {
	case err != nil:
		return nil, err
	case files.Weights == "":
		return darknet.Read(strings.NewReader(shapes.Weights), c)
	}
	return darknet.Open(files.Weights, c)
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
