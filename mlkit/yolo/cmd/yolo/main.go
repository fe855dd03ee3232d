// Command yolo finds things in photos and videos:
//
//	go run ./mlkit/yolo/cmd/yolo detect --model yolo-fastest-1.1 photos/
//	go run ./mlkit/yolo/cmd/yolo detect --cfg my.cfg --weights my.weights --names my.names --json - street.jpg
//	go run ./mlkit/yolo/cmd/yolo detect --model yolo-fastest-1.1 street.mp4
//	cat dog.jpg | go run ./mlkit/yolo/cmd/yolo detect --model yolo-fastest-1.1 --json - -
//	go run ./mlkit/yolo/cmd/yolo summary --model yolov3
//	go run ./mlkit/yolo/cmd/yolo convert --model yolov3 --output yolov3.onnx
//	go run ./mlkit/yolo/cmd/yolo train --cfg my.cfg --data photos/ --validate photos/ --checkpoint my.safetensors --output my.weights
//	go run ./mlkit/yolo/cmd/yolo evaluate --cfg my.cfg --weights my.weights --data photos/ --part valid --output curve.svg
//	go run ./mlkit/yolo/cmd/yolo anchors --cfg my.cfg --data photos/
//	go run ./mlkit/yolo/cmd/yolo fetch yolov3
//	go run ./mlkit/yolo/cmd/yolo detect --model shapes drawing.png # our own, which finds shapes and digits
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"

	"gopherlens/mlkit/yolo/zoo/download"
)

type commands struct {
	Detect   detectCommand   `cmd:"" help:"Find things in photos, animated GIFs and videos, and draw them."`
	Train    trainCommand    `cmd:"" help:"Train a network on photos with labels, or on pictures that are drawn here."`
	Evaluate evaluateCommand `cmd:"" help:"Measure what a network finds in photos with labels: mAP@0.5, COCO's mAP, precision against recall."`
	Anchors  anchorsCommand  `cmd:"" help:"Find anchors for photos with labels, by k-means."`
	Summary  summaryCommand  `cmd:"" help:"Print a network's layers."`
	Fetch    fetchCommand    `cmd:"" help:"Fetch a network of the zoo: yolov3 (248 MB), yolov3-tiny (35 MB) or yolo-fastest-1.1 (1.4 MB). The fourth, shapes, is always there."`
	Convert  convertCommand  `cmd:"" help:"Turn weights into another format: Darknet's, safetensors, ONNX, a TensorFlow checkpoint."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	parsed := kong.Parse(&commands{}, kong.Name("yolo"), kong.Description("Finds things in photos, with networks of the YOLOv3 family."),
		kong.ShortUsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) && errors.Is(err, fs.ErrNotExist) && at.Op != "write" && err.Error() == at.Error() {
			err = fmt.Errorf("there is no file %s", at.Path)
		}
		fmt.Fprintln(os.Stderr, "✗", err)
		os.Exit(1)
	}
}

type fetchCommand struct {
	Name string `arg:"" help:"Its name."`
}

func (c fetchCommand) Run(ctx context.Context) error {
	if err := download.Fetch(ctx, c.Name, os.Stderr); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "The network %s is on this computer.\n", c.Name)
	return nil
}

type summaryCommand struct {
	network
}

func (c summaryCommand) Run() error {
	config, err := c.config()
	if err != nil {
		return err
	}
	fmt.Print(config.Table())
	return nil
}
