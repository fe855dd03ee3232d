package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
	"gopherlens/mlkit/yolo/scenes"
)

type trainCommand struct {
	Cfg      string  `help:"The network, in Darknet's format." required:"" type:"existingfile"`
	Data     string  `help:"A folder with photos and labels, in YOLO's or Pascal VOC's form, or \"scenes\": pictures of shapes and digits that are drawn here." required:""`
	Validate string  `help:"The same, to measure with at the end."`
	Output   string  `help:"Where the weights go, in Darknet's format." short:"o" required:""`
	Weights  string  `help:"Weights to begin with." placeholder:"FILE"`
	Transfer string  `help:"With --weights: what of them is taken and stays as it is. darknet: the body is taken and frozen, the rest is drawn anew; no_output: all but the outputs; fine_tune: all are taken, the body frozen; none: all are taken, and all learn." enum:"none,darknet,no_output,fine_tune" default:"none"`
	Steps    int     `help:"How many batches to learn from." default:"1000"`
	Batch    int     `help:"Pictures in a batch." default:"16"`
	Rate     float64 `help:"The highest learning rate." default:"0.001"`
	Augment  bool    `help:"Flip, crop, recolour and combine the pictures at random." negatable:"" default:"true"`
	Seed     uint64  `help:"Decides the weights to begin with and the order of the pictures." default:"1"`
}

func (c trainCommand) Run(ctx context.Context) error {
	config, err := yolo.OpenConfig(c.Cfg)
	if err != nil {
		return err
	}
	set, err := c.open(c.Data, 1, 1<<16, config)
	if err != nil {
		return err
	}
	training := yolo.Training{Batch: c.Batch, Seed: c.Seed}
	if c.Weights != "" {
		w, err := readWeights(c.Weights, config)
		if err != nil {
			return err
		}
		defer w.Close()
		if training, err = yolo.Transfer(training, config, w, c.Transfer); err != nil {
			return err
		}
	} else if c.Transfer != "none" {
		return errors.New("--transfer needs --weights")
	}
	trainer, err := yolo.NewTrainer(config, training)
	if err != nil {
		return err
	}
	defer trainer.Close()
	options := yolo.FitOptions{Steps: c.Steps, LearningRate: c.Rate, Seed: c.Seed, Progress: progress(c.Steps)}
	if c.Augment && c.Data != "scenes" {
		options.Augment = dataset.Augment{Flip: true, Crop: 0.2, Hue: 0.05, Saturation: 1.5, Exposure: 1.5, Mosaic: 0.3}
	}
	stopped := trainer.Fit(ctx, set, options)
	if stopped != nil && !errors.Is(stopped, context.Canceled) {
		return stopped
	}
	w, err := trainer.Weights()
	if err != nil {
		return err
	}
	if err := write(c.Output, func(out io.Writer) error { return darknet.Write(out, config, w) }); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %d parameters\n", c.Output, config.Parameters())
	if stopped != nil || c.Validate == "" {
		return nil
	}
	return c.measure(config, w)
}

// open opens a set; of scenes, n that the seed decides.
func (c trainCommand) open(path string, seed uint64, n int, config *darknet.Config) (dataset.Set, error) {
	if path == "scenes" {
		return scenes.New(seed, n, config.Width), nil
	}
	return dataset.Open(path)
}

// measure prints how much of the validation set is found.
func (c trainCommand) measure(config *darknet.Config, w *darknet.Weights) error {
	set, err := c.open(c.Validate, 2, 200, config)
	if err != nil {
		return err
	}
	m, err := yolo.New(config, w, set.Names(), yolo.DarknetEpsilon)
	if err != nil {
		return err
	}
	defer m.Close()
	r, err := yolo.Evaluate(m, set, yolo.Options{Fit: photo.Stretch, Resampling: photo.HalfPixel, Options: detection.Options{Score: 0.005}})
	if err != nil {
		return err
	}
	fmt.Printf("mAP@0.5 %.3f, mAP@[.5:.95] %.3f on %d pictures\n", r.MAP50, r.MAP, set.Len())
	for _, k := range r.Classes {
		if k.Truths > 0 {
			fmt.Printf("  %-16s %.3f (%d objects)\n", set.Names()[k.Class], k.AP50, k.Truths)
		}
	}
	return nil
}

// progress shows the loss, averaged over the last steps, a line for each twentieth of the training.
func progress(steps int) func(step int, loss yolo.Loss) {
	begin, sum, n := time.Now(), 0.0, 0
	every := max(1, steps/20)
	return func(step int, loss yolo.Loss) {
		sum, n = sum+loss.Total(), n+1
		if n == every || step == steps-1 {
			left := time.Since(begin) / time.Duration(step+1) * time.Duration(steps-step-1)
			fmt.Fprintf(os.Stderr, "step %d of %d, loss %.3f, %s left\n", step+1, steps, sum/float64(n), left.Round(time.Second))
			sum, n = 0, 0
		}
	}
}
