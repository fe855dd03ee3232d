package tfcheckpoint_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/tfcheckpoint"
)

// A checkpoint is two files: an index of what there is, and the numbers.
func Example() {
	folder, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	prefix := filepath.Join(folder, "line")
	err = tfcheckpoint.Write(prefix, []tfcheckpoint.Named{
		{Key: "slope", Tensor: tfcheckpoint.Tensor{DType: tfcheckpoint.Float32, Shape: []int{1, 2}, Data: []float32{0.5, -2}}},
		{Key: "about", Tensor: tfcheckpoint.Tensor{DType: tfcheckpoint.String, Strings: []string{"two lines"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(files[0].Name(), files[1].Name())

	checkpoint, err := tfcheckpoint.Open(prefix) // or prefix + ".index", or the folder
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range checkpoint.Keys() {
		tensor, err := checkpoint.Tensor(key) // read now, and held against its checksum
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key, tensor.DType, tensor.Shape, tensor.Data, tensor.Strings)
	}
	// Output:
	// line.data-00000-of-00001 line.index
	// about string [] [] [two lines]
	// slope float32 [1 2] [0.5 -2] []
}

// From Darknet's weights to a checkpoint that yolov3-tf2 loads, and back.
func ExampleFromDarknet() {
	config, err := darknet.ParseConfig(strings.NewReader(`[net]
width=32
height=32
channels=3
[convolutional]
batch_normalize=1
filters=16
size=3
pad=1
[maxpool]
size=2
stride=2
[convolutional] # here the neck begins
batch_normalize=1
filters=8
[convolutional]
batch_normalize=1
filters=16
size=3
pad=1
[convolutional]
filters=18
[yolo]
anchors=10,14, 23,27, 37,58
classes=1
`))
	if err != nil {
		log.Fatal(err)
	}
	header := "\x00\x00\x00\x00\x02\x00\x00\x00" + strings.Repeat("\x00", 12)
	weights, err := darknet.Read(strings.NewReader(header+strings.Repeat("\x00\x00\x00\x3f", config.Parameters())), config)
	if err != nil {
		log.Fatal(err)
	}
	tensors, err := tfcheckpoint.FromDarknet(config, weights)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range tensors[len(tensors)-3:] {
		fmt.Println(t.DType, t.Shape, t.Key)
	}

	folder, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := tfcheckpoint.Write(filepath.Join(folder, "one-class.tf"), tensors); err != nil {
		log.Fatal(err)
	}
	checkpoint, err := tfcheckpoint.Open(folder)
	if err != nil {
		log.Fatal(err)
	}
	again, err := tfcheckpoint.ToDarknet(checkpoint, config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(again.Layers[0].Kernel), "numbers in the first kernel, each", again.Layers[0].Kernel[0])
	// Output:
	// float32 [1 1 16 18] layer_with_weights-2/layer_with_weights-2/kernel/.ATTRIBUTES/VARIABLE_VALUE
	// float32 [18] layer_with_weights-2/layer_with_weights-2/bias/.ATTRIBUTES/VARIABLE_VALUE
	// string [] _CHECKPOINTABLE_OBJECT_GRAPH
	// 432 numbers in the first kernel, each 0.5
}
