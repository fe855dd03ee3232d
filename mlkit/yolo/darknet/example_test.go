package darknet_test

import (
	"bytes"
	"fmt"
	"strings"

	"gopherlens/mlkit/yolo/darknet"
)

const cfg = `
[net]
width=64
height=64
channels=3

[convolutional]
batch_normalize=1
filters=16
size=3
stride=2
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[convolutional]
filters=21
activation=linear

[yolo]
mask=0,1,2
anchors=10,13, 16,30, 33,23
classes=2
`

// A configuration says what the network is made of.
func ExampleParseConfig() {
	config, err := darknet.ParseConfig(strings.NewReader(cfg), darknet.Resize(416, 416))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(config.Table())
	for _, layer := range config.Layers {
		if head, ok := layer.Kind.(darknet.YOLO); ok {
			fmt.Println("a grid of", layer.Out.Height, "×", layer.Out.Width, "cells with", len(head.Mask), "boxes each")
		}
	}

	_, err = darknet.ParseConfig(strings.NewReader(strings.Replace(cfg, "filters=21", "filters=24", 1)))
	fmt.Println(err)
	// Output:
	// layer  kind           filters  size / stride             input          output  parameters  BFLOPs
	//     0  convolutional       16  3 × 3 / 2         416 × 416 × 3  208 × 208 × 16         496   0.037
	//     1  maxpool                 2 × 2 / 2        208 × 208 × 16  104 × 104 × 16
	//     2  convolutional       21  1 × 1 / 1        104 × 104 × 16  104 × 104 × 21         357   0.007
	//     3  yolo                    anchors 0, 1, 2  104 × 104 × 21  104 × 104 × 21
	// 853 parameters (0.0 MB), 0.045 BFLOPs
	// a grid of 104 × 104 cells with 3 boxes each
	// Darknet cfg, line 23, layer 3, [yolo]: 3 anchors × (5 + 2 classes) are 21 channels, and the layer before gives 24: set filters=21 there
}

// Weights are written, and read again, for one configuration. Open does the same with a file and copies nothing.
func ExampleRead() {
	config, err := darknet.ParseConfig(strings.NewReader(cfg))
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := &darknet.Weights{Minor: 2, Layers: make([]darknet.ConvWeights, len(config.Layers))}
	weights.Layers[0] = darknet.ConvWeights{
		Biases: make([]float32, 16), Scales: make([]float32, 16), Means: make([]float32, 16), Variances: make([]float32, 16),
		Kernel: make([]float32, 16*3*3*3),
	}
	weights.Layers[2] = darknet.ConvWeights{Biases: make([]float32, 21), Kernel: make([]float32, 21*16)}
	weights.Layers[2].Biases[4] = -2.5 // the objectness of the first anchor

	var file bytes.Buffer
	if err := darknet.Write(&file, config, weights); err != nil {
		fmt.Println(err)
		return
	}
	whole := file.Bytes()
	fmt.Println(len(whole), "bytes")

	read, err := darknet.Read(bytes.NewReader(whole), config)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(read.Layers[2].Biases[:6])

	_, err = darknet.Read(bytes.NewReader(whole[:3000]), config)
	fmt.Println(err)
	// Output:
	// 3432 bytes
	// [0 0 0 0 -2.5 0]
	// Darknet weights: 108 of the network's 853 numbers are missing, from the kernel of layer 2 on: the download broke off, or the weights are another network's
}
