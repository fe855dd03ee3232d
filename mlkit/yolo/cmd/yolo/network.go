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
	Weights string  `help:"Weights of your own for it, or for the zoo's: .weights, .safetensors, or a TensorFlow checkpoint's prefix or .index." placeholder:"FILE"`
	Names   string  `help:"A file with the names of its classes, one a line." aliases:"classes" type:"existingfile"`
	Classes int     `name:"num_classes" help:"Fail unless the network tells so many classes apart." aliases:"num-classes"`
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
func (n network) files() (files zoo.Files, err error) {
	if n.Cfg != "" {
		return zoo.Files{Config: n.Cfg, Weights: n.Weights}, nil
	}
	name := n.Model
	if n.Tiny {
		name = "yolov3-tiny"
	}
	if n.Weights != "" {
		files.Weights = n.Weights
		files.Config, err = zoo.FindConfig(name)
	} else {
		files, err = zoo.Find(name)
	}
	if errors.Is(err, zoo.ErrAbsent) {
		err = fmt.Errorf("%w: fetch it with yolo fetch %s", err, name)
	}
	return files, err
}

// read reads the network and its weights, which have to be closed.
func (n network) read() (*darknet.Config, *darknet.Weights, error) {
	files, err := n.files()
	if err != nil {
		return nil, nil, err
	}
	if files.Weights == "" {
		return nil, nil, errors.New("--cfg needs --weights")
	}
	config, err := yolo.OpenConfig(files.Config, n.settings()...)
	if err != nil {
		return nil, nil, err
	}
	for i, l := range config.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok && n.Classes != 0 && k.Classes != n.Classes {
			return nil, nil, fmt.Errorf("%s: layer %d (line %d) tells %d classes apart, not %d: give the configuration of your network with --cfg", files.Config, i, l.Line, k.Classes, n.Classes)
		}
	}
	w, err := readWeights(files.Weights, config)
	return config, w, err
}

func (n network) config() (*darknet.Config, error) {
	files, err := n.files()
	if err != nil {
		return nil, err
	}
	return yolo.OpenConfig(files.Config, n.settings()...)
}

func (n network) open() (*yolo.Model, error) {
	names, err := n.names()
	if err != nil {
		return nil, err
	}
	config, w, err := n.read()
	if err != nil {
		return nil, err
	}
	m, err := yolo.New(config, w, names, yolo.Epsilon(n.Epsilon))
	return m, errors.Join(err, w.Close())
}
