package main

import (
	"errors"
	"fmt"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/zoo"
)

// network is which network to run.
type network struct {
	Model   string  `help:"A network of the zoo: yolov3, yolov3-tiny or yolo-fastest-1.1." default:"yolov3"`
	Tiny    bool    `help:"The same as --model yolov3-tiny."`
	Cfg     string  `help:"A network of your own, in Darknet's format, in place of the zoo's." type:"existingfile"`
	Weights string  `help:"Its weights: .weights, .safetensors, or a TensorFlow checkpoint's prefix or .index." placeholder:"FILE"`
	Names   string  `help:"A file with the names of its classes, one a line." aliases:"classes" type:"existingfile"`
	Size    int     `help:"Height and width of what goes into the network, a multiple of 32; the configuration's if left out."`
	Epsilon float64 `help:"What batch normalisation adds to a variance: 1e-5 for networks trained with Darknet, 1e-3 with Keras." default:"1e-5"`
}

func (n network) settings() []darknet.Option {
	if n.Size == 0 {
		return nil
	}
	return []darknet.Option{darknet.Resize(n.Size, n.Size)}
}

// files are the network's files.
func (n network) files() (zoo.Files, error) {
	if n.Cfg != "" {
		return zoo.Files{Config: n.Cfg, Weights: n.Weights}, nil
	}
	if n.Weights != "" {
		return zoo.Files{}, errors.New("--weights needs --cfg, the network that they are of")
	}
	name := n.Model
	if n.Tiny {
		name = "yolov3-tiny"
	}
	files, err := zoo.Find(name)
	if errors.Is(err, zoo.ErrAbsent) {
		err = fmt.Errorf("%w: fetch it with yolo fetch %s", err, name)
	}
	return files, err
}

func (n network) config() (*darknet.Config, error) {
	files, err := n.files()
	if err != nil {
		return nil, err
	}
	return yolo.OpenConfig(files.Config, n.settings()...)
}

func (n network) open() (*yolo.Model, error) {
	files, err := n.files()
	if err != nil {
		return nil, err
	}
	if files.Weights == "" {
		return nil, errors.New("--cfg needs --weights")
	}
	names, err := n.names()
	if err != nil {
		return nil, err
	}
	config, err := yolo.OpenConfig(files.Config, n.settings()...)
	if err != nil {
		return nil, err
	}
	w, err := readWeights(files.Weights, config)
	if err != nil {
		return nil, err
	}
	m, err := yolo.New(config, w, names, yolo.Epsilon(n.Epsilon))
	return m, errors.Join(err, w.Close())
}
