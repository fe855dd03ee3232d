package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/onnx"
	"gopherlens/mlkit/yolo/safetensors"
	"gopherlens/mlkit/yolo/tfcheckpoint"
	"gopherlens/mlkit/yolo/zoo"
)

type convertCommand struct {
	network
	Output string `help:"Where they go: a file .weights, .safetensors, .onnx, or a checkpoint's prefix or .index." short:"o" required:"" placeholder:"FILE"`
}

func (c convertCommand) Run() error {
	to, err := c.target()
	if err != nil {
		return err
	}
	config, w, err := c.read()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := to(config, w); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d parameters\n", c.Output, config.Parameters())
	return nil
}

// target is what writes the weights, in the format that the output's extension tells.
func (c convertCommand) target() (func(*darknet.Config, *darknet.Weights) error, error) {
	file := func(format func(io.Writer, *darknet.Config, *darknet.Weights) error) func(*darknet.Config, *darknet.Weights) error {
		return func(config *darknet.Config, w *darknet.Weights) error {
			return write(c.Output, func(out io.Writer) error { return format(out, config, w) })
		}
	}
	switch ext := strings.ToLower(filepath.Ext(c.Output)); ext {
	case ".weights":
		return file(darknet.Write), nil
	case ".safetensors":
		return file(safetensors.Write), nil
	case ".onnx":
		names, err := c.names()
		return file(func(out io.Writer, config *darknet.Config, w *darknet.Weights) error {
			return onnx.Write(out, config, w, onnx.Options{Epsilon: c.Epsilon, Names: names})
		}), err
	case ".index", ".tf", ".ckpt", "":
		return c.checkpoint, nil
	default:
		return nil, fmt.Errorf("%s: weights can be written as .weights, .safetensors, .onnx, or as a TensorFlow checkpoint (.index), not as %q", c.Output, ext)
	}
}

// checkpoint writes the weights as TensorFlow's.
func (c convertCommand) checkpoint(config *darknet.Config, w *darknet.Weights) error {
	tensors, err := tfcheckpoint.FromDarknet(config, w)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.Output), 0o755); err != nil {
		return err
	}
	return tfcheckpoint.Write(strings.TrimSuffix(c.Output, ".index"), tensors)
}

// readWeights reads weights in the format that the extension tells.
func readWeights(path string, c *darknet.Config) (*darknet.Weights, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".weights":
		return darknet.Open(path, c)
	case ".safetensors":
		return safetensors.Open(path, c)
	}
	checkpoint, err := tfcheckpoint.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: weights can be read from .weights, .safetensors, or a TensorFlow checkpoint: %w", path, err)
	}
	if err != nil {
		return nil, err
	}
	return tfcheckpoint.ToDarknet(checkpoint, c)
}

// names are those of the classes, or nil if they are not known.
func (n network) names() ([]string, error) {
	if n.Names == "" {
		if n.Cfg != "" {
			return nil, nil
		}
		e, err := zoo.Lookup(n.called())
		if err != nil {
			return nil, err
		}
		return e.Classes(), nil
	}
	f, err := os.Open(n.Names)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := detection.ReadNames(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Names, err)
	}
	return names, nil
}
