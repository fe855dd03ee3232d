package yolo

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gomlx/gomlx/core/tensors"

	"gopherlens/mlkit/internal/whole"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/safetensors"
)

// resumable is what a checkpoint has of a training besides its tensors.
type resumable struct {
	Steps    int               `json:"steps"` // that Adam has counted
	Settings map[string]string `json:"settings"`
}

// A setting is one that a training and its checkpoint must have in common, or the curve would be another one.
type setting struct{ name, value string }

func (f *fit) settings() []setting {
	t, o := f.trainer, f.options
	network := sha256.New()
	fmt.Fprintln(network, t.config.Width, t.config.Height, t.config.Channels)
	var frozen []int
	for i, l := range t.config.Layers {
		fmt.Fprintf(network, "%T%+v\n", l.Kind, l.Kind)
		if t.settings.Frozen != nil && t.settings.Frozen(i) {
			frozen = append(frozen, i)
		}
	}
	all := []setting{{"network", fmt.Sprintf("%x", network.Sum(nil))}}
	for _, s := range []struct {
		name  string
		value any
	}{
		{"number of steps", o.Steps}, {"batch", t.settings.Batch}, {"learning rate", o.LearningRate}, {"final learning rate", o.FinalRate},
		{"warm-up", o.WarmUp}, {"seed", o.Seed}, {"augmentation", o.Augment}, {"number of pictures", f.set.Len()},
		{"bound of gradients", t.settings.Clip}, {"momentum", t.settings.Momentum}, {"epsilon", t.settings.Epsilon}, {"list of frozen layers", frozen},
		{"keeping of the best weights", o.Best != ""},
	} {
		all = append(all, setting{s.name, fmt.Sprintf("%+v", s.value)})
	}
	return all
}

// keep writes the checkpoint, if one is asked for.
func (f *fit) keep() error {
	if f.options.Checkpoint == "" {
		return nil
	}
	state := resumable{f.trainer.steps, map[string]string{}}
	for _, s := range f.settings() {
		state.Settings[s.name] = s.value
	}
	training, err := json.Marshal(state)
	if err != nil {
		return err
	}
	p := &safetensors.Checkpoint{History: f.rows, Training: string(training)}
	if p.Weights, err = f.trainer.Weights(); err != nil {
		return err
	}
	for k := range p.Moments {
		if p.Moments[k], err = f.trainer.collect(func(w *weight) *tensors.Tensor { return w.moments[k] }); err != nil {
			return err
		}
	}
	err = whole.WriteFile(f.options.Checkpoint, func(w io.Writer) error { return safetensors.WriteCheckpoint(w, f.trainer.config, p) })
	if err != nil {
		return fmt.Errorf("yolo: the checkpoint cannot be written: %w", err)
	}
	return nil
}

// resume goes on from the checkpoint, if there is one.
func (f *fit) resume() error {
	path := f.options.Checkpoint
	if path == "" {
		return nil
	}
	p, err := safetensors.OpenCheckpoint(path, f.trainer.config)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the training cannot go on from its checkpoint: %w", err)
	}
	var state resumable
	if err := json.Unmarshal([]byte(p.Training), &state); err != nil {
		return fmt.Errorf("%s is no checkpoint of this program's: %w", path, err)
	}
	const instead = "give the same as then to go on, or another file to begin anew"
	for _, s := range f.settings() {
		switch was := state.Settings[s.name]; {
		case was == s.value:
		case s.name == "network":
			return fmt.Errorf("%s is a checkpoint of another network, though of the same shapes: %s", path, instead)
		default:
			return fmt.Errorf("%s is a checkpoint of another training: its %s was %.100s, and is %s now; %s", path, s.name, was, s.value, instead)
		}
	}
	if n := len(p.History); n > f.options.Steps || n > 0 && len(p.History[0]) != columns || state.Steps < n {
		return fmt.Errorf("%s is damaged: it has a history of %d steps, and %d are to be taken", path, n, f.options.Steps)
	}
	if err := f.trainer.restore(p, state.Steps); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f.rows = p.History
	return nil
}

// restore takes over weights and moments.
func (t *Trainer) restore(p *safetensors.Checkpoint, steps int) error {
	for _, w := range t.weights { // nothing is changed before all is known to be there
		for _, m := range p.Moments {
			if have, want := len(*w.of(m)), len(*w.of(p.Weights)); w.moments[0] != nil && have != want {
				return fmt.Errorf("yolo: the checkpoint has no moments of the %s of layer %d", w.name, w.layer)
			}
		}
	}
	for _, w := range t.weights {
		put := func(x **tensors.Tensor, from *darknet.Weights) error {
			dimensions := (*x).Shape().Dimensions
			now, err := newTensor(t.backend, dimensions, func(flat []float32) {
				if w.name == "kernel" {
					darknet.Reorder(*w.of(from), flat, dimensions, true)
				} else {
					copy(flat, *w.of(from))
				}
			})
			if err != nil {
				return err
			}
			was := *x
			*x = now
			return was.FinalizeAll()
		}
		if err := put(&w.value, p.Weights); err != nil {
			return err
		}
		for k := range w.moments {
			if w.moments[k] == nil {
				continue
			}
			if err := put(&w.moments[k], p.Moments[k]); err != nil {
				return err
			}
		}
	}
	t.steps = steps
	return nil
}
