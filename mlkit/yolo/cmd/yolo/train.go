package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopherlens/mlkit/plot"
	"gopherlens/mlkit/yolo"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/scenes"
)

type trainCommand struct {
	Model      string `help:"The network: one of the zoo." default:"yolov3"`
	Tiny       bool   `help:"The same as --model yolov3-tiny."`
	Cfg        string `help:"A network of your own, in Darknet's format, in place of the zoo's." type:"existingfile"`
	NumClasses int    `name:"num_classes" aliases:"num-classes" help:"Have it tell so many classes apart, in place of the configuration's; the changed configuration goes beside --output, with the ending .cfg." placeholder:"N"`
	Size       int    `help:"Height and width of what goes into the network, a multiple of 32; the configuration's if left out."`

	Data     string `help:"Photos and labels to learn from: a folder in YOLO's or Pascal VOC's form, a Darknet file .data, or \"scenes\": pictures of shapes and digits that are drawn here." aliases:"dataset" required:""`
	Validate string `help:"The same, to measure with now and then; of the path that --data has, the part \"valid\"." aliases:"val_dataset"`
	Augment  bool   `help:"Flip, crop, recolour and combine the pictures at random." negatable:"" default:"true"`

	Weights        string  `help:"Weights to begin with." placeholder:"FILE"`
	Transfer       string  `help:"With --weights: what of them is taken and stays as it is. darknet: the body is taken and frozen, the rest is drawn anew; no_output: all but the outputs; fine_tune: all are taken, the body frozen; frozen: all, so that nothing learns; none: all are taken, and all learn." enum:"none,darknet,no_output,fine_tune,frozen" default:"none"`
	WeightsClasses int     `name:"weights_num_classes" aliases:"weights-num-classes" help:"How many classes the network of --weights tells apart, if not as many; with --transfer darknet or no_output." placeholder:"N"`
	Epsilon        float64 `help:"What batch normalisation adds to a variance: 1e-5 as in Darknet; 1e-3 to go on with weights of Keras." default:"1e-5"`

	Steps     int     `help:"How many batches to learn from." default:"1000"`
	Epochs    int     `help:"How often to learn from each picture, in place of --steps." placeholder:"N"`
	Batch     int     `help:"Pictures in a batch." aliases:"batch_size,batch-size" default:"16"`
	Rate      float64 `help:"The highest learning rate." aliases:"learning_rate,learning-rate" default:"0.001"`
	FinalRate float64 `help:"The learning rate at the end, to which it falls along half a cosine; a hundredth of the highest if left out." placeholder:"RATE"`
	WarmUp    int     `help:"During so many steps the learning rate grows; a tenth of all if left out." placeholder:"STEPS"`
	Seed      uint64  `help:"Decides the weights to begin with and the order of the pictures." default:"1"`

	Output          string `help:"Where the weights go, in Darknet's format." short:"o" required:"" placeholder:"FILE"`
	Best            string `help:"Where the weights go that had the best mAP@0.5 of the validation." placeholder:"FILE"`
	ValidateEvery   int    `help:"After how many steps to measure; after a tenth of all if left out." placeholder:"STEPS"`
	Checkpoint      string `help:"A file (.safetensors) that keeps the training, so that it can be stopped: where the file is there already, training goes on from it, as if it had not been stopped." placeholder:"FILE"`
	CheckpointEvery int    `help:"After how many steps to write it, besides the end and an interruption; every minute if left out." placeholder:"STEPS"`
	Curves          string `help:"Draw loss, learning rate and mAP into this file (.svg) meanwhile." placeholder:"FILE"`
}

func (c trainCommand) Run(ctx context.Context) error {
	if c.Steps < 1 || c.Batch < 1 {
		return fmt.Errorf("--steps is %d and --batch %d: both are 1 at least", c.Steps, c.Batch)
	}
	if err := drawable(c.Curves); err != nil {
		return err
	}
	for _, path := range []string{c.Output, c.Best} {
		if err := writable(path); err != nil {
			return err
		}
	}
	text, config, err := c.network(c.NumClasses)
	if err != nil {
		return err
	}
	set, err := openSet(c.Data, "", 1, 1<<16, config)
	if err != nil {
		return err
	}
	if err := yolo.CheckClasses(config, set); err != nil {
		return fmt.Errorf("%w: give --num_classes %d", err, len(set.Names()))
	}
	training := yolo.Training{Batch: c.Batch, Seed: c.Seed, Epsilon: yolo.Epsilon(c.Epsilon)}
	switch {
	case c.Weights != "":
		w, err := c.weights(config)
		if err != nil {
			return err
		}
		defer w.Close()
		if training, err = yolo.Transfer(training, config, w, c.Transfer); err != nil {
			return err
		}
	case c.Transfer != "none":
		return errors.New("--transfer needs --weights")
	}
	options := yolo.FitOptions{
		Steps: c.Steps, LearningRate: c.Rate, FinalRate: c.FinalRate, WarmUp: c.WarmUp, Seed: c.Seed,
		ValidateEvery: c.ValidateEvery, Best: c.Best, Checkpoint: c.Checkpoint, CheckpointEvery: c.CheckpointEvery,
	}
	if c.Epochs > 0 && c.Batch > 0 {
		options.Steps = (c.Epochs*set.Len() + c.Batch - 1) / c.Batch
	}
	if c.Validate != "" {
		part := ""
		if filepath.Clean(c.Validate) == filepath.Clean(c.Data) {
			part = "valid"
		}
		if options.Validation, err = openSet(c.Validate, part, 2, 200, config); err != nil {
			return err
		}
	}
	if c.Augment && c.Data != "scenes" {
		options.Augment = dataset.Augment{Flip: true, Crop: 0.2, Hue: 0.05, Saturation: 1.5, Exposure: 1.5, Mosaic: 0.3}
	}
	trainer, err := yolo.NewTrainer(config, training)
	if err != nil {
		return err
	}
	defer trainer.Close()
	seen := &progress{steps: options.Steps, picture: c.Curves}
	options.Progress, options.Curves = seen.step, seen.curves
	stopped := trainer.Fit(ctx, set, options)
	seen.bar.end()
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
	if c.NumClasses > 0 {
		path := strings.TrimSuffix(c.Output, filepath.Ext(c.Output)) + ".cfg"
		if err := write(path, func(out io.Writer) error { _, err := out.Write(text); return err }); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: the network, for %d classes\n", path, c.NumClasses)
	}
	fmt.Fprintf(os.Stderr, "%s: %d parameters\n", c.Output, config.Parameters())
	if stopped != nil {
		if c.Checkpoint != "" {
			fmt.Fprintln(os.Stderr, "The training was stopped. The same command goes on with it.")
		} else {
			fmt.Fprintln(os.Stderr, "The training was stopped. With --checkpoint FILE it could be gone on with.")
		}
	}
	return seen.failed
}

// writable holds, before hours have passed, that a file can be written at a path, if there is one.
func writable(path string) error {
	if path == "" {
		return nil
	}
	dir := filepath.Dir(path)
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(dir, ".yolo-*"); err == nil {
			err = errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

// network reads the configuration and, if n is not 0, has it tell n classes apart.
func (c trainCommand) network(n int) ([]byte, *darknet.Config, error) {
	of := network{Model: c.Model, Tiny: c.Tiny, Cfg: c.Cfg, Size: c.Size}
	text, err := of.text()
	if err != nil {
		return nil, nil, err
	}
	if n != 0 {
		text, err = darknet.WithClasses(text, n)
	}
	var config *darknet.Config
	if err == nil {
		config, err = darknet.ParseConfig(bytes.NewReader(text), of.settings()...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", of.called(), err)
	}
	return text, config, nil
}

// weights reads those to begin with.
func (c trainCommand) weights(config *darknet.Config) (*darknet.Weights, error) {
	if c.WeightsClasses != 0 && c.Transfer != "darknet" && c.Transfer != "no_output" {
		return nil, errors.New("--weights_num_classes needs --transfer darknet or no_output: outputs of other classes cannot be taken over")
	}
	if c.WeightsClasses != 0 {
		var err error
		if _, config, err = c.network(c.WeightsClasses); err != nil {
			return nil, err
		}
	}
	w, err := readWeights(c.Weights, config)
	if wrong := new(darknet.WeightsError); errors.As(err, &wrong) && !wrong.WebPage && c.WeightsClasses == 0 {
		err = fmt.Errorf("%w; if their network tells another number of classes apart, --weights_num_classes says how many", err)
	}
	return w, err
}

// openSet opens a set, or a part of it; of scenes, n that the seed decides.
func openSet(path, part string, seed uint64, n int, config *darknet.Config) (dataset.Set, error) {
	if path == "scenes" {
		return scenes.New(seed, n, config.Width), nil
	}
	return dataset.OpenSplit(path, part)
}

// progress shows how a training goes: a bar on a terminal, a line for each twentieth of it with the mean loss since the
// last one, and a line for each validation.
type progress struct {
	steps     int
	picture   string // a file for the curves, or ""
	bar       *bar
	first     int // step
	began     time.Time
	sum       float64 // of the last losses
	losses    int
	validated int // steps up to the last validation that has been shown
	failed    error
}

func (p *progress) step(step int, loss yolo.Loss) {
	if p.began.IsZero() {
		p.bar, p.first, p.began = newBar(p.steps-step, "step"), step, time.Now()
	}
	p.bar.step()
	p.sum, p.losses = p.sum+loss.Total(), p.losses+1
	if (step+1)%max(1, p.steps/20) != 0 && step+1 != p.steps {
		return
	}
	done := step + 1 - p.first
	left := time.Since(p.began) / time.Duration(done) * time.Duration(p.steps-step-1)
	p.bar.say("step %d of %d, loss %.3f, %s left", step+1, p.steps, p.sum/float64(p.losses), left.Round(time.Second))
	p.sum, p.losses = 0, 0
}

func (p *progress) curves(h yolo.History) {
	for step := p.validated; step < len(h["mAP@0.5"]); step++ {
		if map50 := h["mAP@0.5"][step]; !math.IsNaN(map50) {
			p.bar.clear()
			fmt.Printf("step %d: mAP@0.5 %.3f, COCO mAP %.3f\n", step+1, map50, h["COCO mAP"][step])
			p.validated = step + 1
		}
	}
	if p.picture != "" {
		p.failed = plot.Training(h).Save(p.picture)
	}
}
