package yolo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"gopherlens/mlkit/internal/whole"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/dataset"
)

// FitOptions say how long and how fast a network learns.
type FitOptions struct {
	// Steps is how many batches are learnt from; 1,000 if it is 0.
	Steps int
	// LearningRate is the highest; 0.001 if it is 0. It grows from 0 during the first WarmUp steps, a tenth of all if
	// that is 0, and falls along half a cosine to FinalRate, a hundredth of LearningRate if that is 0.
	LearningRate, FinalRate float64
	WarmUp                  int
	// Augment changes the pictures at random.
	Augment dataset.Augment
	// Seed decides the pictures' order and changes.
	Seed uint64

	// Validation is what the network is tried on every ValidateEvery steps, a tenth of all if that is 0, and at the end.
	Validation    dataset.Set
	ValidateEvery int
	// Best is a file for the weights that had the best mAP@0.5 of the validation, in Darknet's format.
	Best string

	// Checkpoint is a file that the training is kept in: every CheckpointEvery steps, or every minute if that is 0, at
	// the end, and when it is interrupted. Where the file is there already, Fit goes on from it: on the same machine, with the same
	// backend and as many threads, each loss and weight is, to the bit, what it would have been without interruption. A
	// training that had come to its end is loaded. A checkpoint of another network, or of other settings than these, is
	// an error. It is a file of weights too: see package safetensors.
	Checkpoint      string
	CheckpointEvery int

	// Progress is told each step's loss.
	Progress func(step int, loss Loss)
	// Curves is told all that was measured so far: twice a second at most, after each validation and at the end. It
	// is for curves that grow while the network learns:
	//
	//	curves := cell.NewLive()
	//	err := trainer.Fit(ctx, set, yolo.FitOptions{Steps: 500, Curves: func(h yolo.History) { curves.Show(plot.Training(h)) }})
	Curves func(h History)
}

// orDefault fills in what was left out.
func (o FitOptions) orDefault() (FitOptions, error) {
	o.Steps = cmp.Or(o.Steps, 1000)
	o.LearningRate = cmp.Or(o.LearningRate, 0.001)
	o.FinalRate = cmp.Or(o.FinalRate, o.LearningRate/100)
	o.WarmUp = cmp.Or(o.WarmUp, o.Steps/10)
	o.ValidateEvery = cmp.Or(o.ValidateEvery, max(1, o.Steps/10))
	if least := min(o.Steps, o.WarmUp, o.ValidateEvery, o.CheckpointEvery); least < 0 {
		return o, fmt.Errorf("yolo: a training of %d steps, %d of them to warm up, with a validation every %d and a checkpoint every %d: none of these can be negative", o.Steps, o.WarmUp, o.ValidateEvery, o.CheckpointEvery)
	}
	if o.Best != "" && o.Validation == nil {
		return o, errors.New("yolo: the best weights are to be kept, but there is no validation to tell them by")
	}
	return o, nil
}

// rate is the learning rate of a step.
func (o FitOptions) rate(step int) float64 {
	if step < o.WarmUp {
		return o.LearningRate * float64(step+1) / float64(o.WarmUp)
	}
	part := float64(step-o.WarmUp) / float64(max(1, o.Steps-o.WarmUp))
	return o.FinalRate + (o.LearningRate-o.FinalRate)*(1+math.Cos(math.Pi*part))/2
}

// fit is one call of Fit.
type fit struct {
	trainer *Trainer
	set     dataset.Set
	options FitOptions
	rows    [][]float32 // what was measured, by step and column
	shown   time.Time   // when Curves was called
	kept    time.Time   // when the checkpoint was written
}

// Fit learns from a set of pictures, whose classes are the network's. Interrupted by the context, it stops after the
// step at hand, with what was learnt, and returns the context's error.
func (t *Trainer) Fit(ctx context.Context, set dataset.Set, o FitOptions) error {
	o, err := o.orDefault()
	if err != nil {
		return err
	}
	sets := []dataset.Set{set}
	if o.Validation != nil {
		sets = append(sets, o.Validation)
	}
	for _, s := range sets {
		if s.Len() == 0 {
			return errors.New("yolo: there is no picture to learn from, or to measure with")
		}
		if err := CheckClasses(t.config, s); err != nil {
			return fmt.Errorf("%w: darknet.WithClasses changes a configuration", err)
		}
	}
	f := &fit{trainer: t, set: set, options: o, kept: time.Now()}
	if err := f.resume(); err != nil {
		return err
	}
	err = f.run(ctx)
	if err == nil || errors.Is(err, ctx.Err()) {
		if failed := f.keep(); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	f.show(true)
	return err
}

// run takes the steps that are left.
func (f *fit) run(ctx context.Context) error {
	t, o := f.trainer, f.options
	// The next batch is made while the network learns from this one.
	type batch struct {
		examples []Example
		err      error
	}
	batches := make(chan batch)
	loading, stop := context.WithCancel(ctx)
	defer stop()
	begin := len(f.rows)
	go func() {
		next := pupil{set: f.set, options: o, width: t.config.Width, height: t.config.Height, at: begin * t.settings.Batch, epoch: -1}
		for range o.Steps - begin {
			examples, err := next.batch(t.settings.Batch)
			select {
			case batches <- batch{examples, err}:
			case <-loading.Done():
				return
			}
		}
	}()
	for {
		step := len(f.rows)
		if err := f.validate(ctx); err != nil {
			return err
		}
		if step == o.Steps {
			return nil
		}
		if due := time.Since(f.kept) >= time.Minute; step > begin && (o.CheckpointEvery == 0 && due || o.CheckpointEvery > 0 && step%o.CheckpointEvery == 0) {
			if err := f.keep(); err != nil {
				return err
			}
			f.kept = time.Now()
		}
		var b batch
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b = <-batches:
		}
		if b.err != nil {
			return b.err
		}
		loss, err := t.Step(b.examples, o.rate(step))
		if err != nil {
			return err
		}
		nan := float32(math.NaN())
		f.rows = append(f.rows, []float32{float32(loss.Box), float32(loss.Objectness), float32(loss.Classes), nan, nan})
		if o.Progress != nil {
			o.Progress(step, loss)
		}
		f.show(false)
	}
}

// show calls Curves, if that is due or has to be now.
func (f *fit) show(now bool) {
	const every = time.Second / 2
	if f.options.Curves != nil && len(f.rows) > 0 && (now || time.Since(f.shown) >= every) {
		f.options.Curves(f.history())
		f.shown = time.Now()
	}
}

// validate measures after the last step, if that is due and has not been done.
func (f *fit) validate(ctx context.Context) error {
	o, step := f.options, len(f.rows)
	if o.Validation == nil || step == 0 || step != o.Steps && step%o.ValidateEvery != 0 {
		return nil
	}
	last := f.rows[step-1]
	if !math.IsNaN(float64(last[columnMAP50])) {
		return nil
	}
	w, err := f.trainer.Weights()
	if err != nil {
		return err
	}
	m, err := New(f.trainer.config, w, o.Validation.Names(), f.trainer.settings.Epsilon)
	if err != nil {
		return err
	}
	defer m.Close()
	r, err := evaluate(ctx, m, o.Validation, AsTrained())
	if err != nil {
		return err
	}
	last[columnMAP50], last[columnMAP] = float32(r.MAP50), float32(r.MAP)
	f.show(true)
	if o.Best == "" || last[columnMAP50] <= f.best() {
		return nil
	}
	if err := whole.WriteFile(o.Best, func(out io.Writer) error { return darknet.Write(out, f.trainer.config, w) }); err != nil {
		return fmt.Errorf("yolo: the best weights cannot be written: %w", err)
	}
	return nil
}
