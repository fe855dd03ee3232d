package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/zoo"
)

// network is which network to run.
type network struct {
	Model   string  `help:"A network of the zoo: yolov3, yolov3-tiny, yolo-fastest-1.1, or shapes, which needs no file." default:"yolov3"`
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

// called is the network's name in the zoo, or its configuration's path.
func (n network) called() string {
	switch {
	case n.Cfg != "":
		return n.Cfg
	case n.Tiny:
		return "yolov3-tiny"
	}
	return n.Model
}

// text is the configuration.
func (n network) text() ([]byte, error) {
	if n.Cfg != "" {
		return os.ReadFile(n.Cfg)
	}
	text, err := yolo.ReadConfig(n.called())
	return text, n.advise(err)
}

// advise adds to an error what can be done about it.
func (n network) advise(err error) error {
	if errors.Is(err, zoo.ErrAbsent) {
		return fmt.Errorf("%w: fetch it with yolo fetch %s", err, n.called())
	}
	return err
}

func (n network) config() (*darknet.Config, error) {
	if n.Cfg != "" {
		return yolo.OpenConfig(n.Cfg, n.settings()...)
	}
	text, err := n.text()
	if err != nil {
		return nil, err
	}
	return darknet.ParseConfig(bytes.NewReader(text), n.settings()...)
}

// read reads the network and its weights, which have to be closed.
func (n network) read() (*darknet.Config, *darknet.Weights, error) {
	if n.Cfg != "" && n.Weights == "" {
		return nil, nil, errors.New("--cfg needs --weights")
	}
	config, err := n.config()
	if err != nil {
		return nil, nil, err
	}
	for i, l := range config.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok && n.Classes != 0 && k.Classes != n.Classes {
			return nil, nil, fmt.Errorf("%s: layer %d (line %d) tells %d classes apart, not %d: give the configuration of your network with --cfg", n.called(), i, l.Line, k.Classes, n.Classes)
		}
	}
	if n.Weights != "" {
		w, err := readWeights(n.Weights, config)
		return config, w, err
	}
	w, err := yolo.ReadWeights(n.called(), config)
	return config, w, n.advise(err)
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
