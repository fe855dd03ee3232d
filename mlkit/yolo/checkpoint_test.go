package yolo

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/safetensors"
	"gopherlens/mlkit/yolo/scenes"
)

// training is a short one with everything that depends on where it is.
func training(dir string) FitOptions {
	return FitOptions{Steps: 12, LearningRate: 0.01, Seed: 2, CheckpointEvery: 3,
		Augment:    dataset.Augment{Flip: true, Crop: 0.2, Hue: 0.05, Saturation: 1.5, Exposure: 1.5, Mosaic: 0.5},
		Validation: scenes.New(4, 3, 64), ValidateEvery: 4,
		Checkpoint: filepath.Join(dir, "training.safetensors"), Best: filepath.Join(dir, "best.weights")}
}

// learn trains from the beginning or the checkpoint, and returns the curves and the weights.
func learn(t *testing.T, ctx context.Context, o FitOptions) (History, *darknet.Weights, error) {
	t.Helper()
	trainer, err := NewTrainer(parse(t, fifteen), Training{Batch: 3, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	var curves History
	o.Curves = func(h History) { curves = h }
	fitted := trainer.Fit(ctx, scenes.New(3, 8, 64), o)
	w, err := trainer.Weights()
	if err != nil {
		t.Fatal(err)
	}
	return curves, w, fitted
}

// same is equality to the bit, as JSON, which has no NaN, and DeepEqual do not tell it.
func same(a, b History) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if len(a[name]) != len(b[name]) {
			return false
		}
		for i := range a[name] {
			if math.Float64bits(a[name][i]) != math.Float64bits(b[name][i]) {
				return false
			}
		}
	}
	return true
}

// A training that is stopped, after a step or killed between two checkpoints, goes on with the curve, the weights and
// the best weights of one that is not.
func TestResume(t *testing.T) {
	whole := training(t.TempDir())
	want, weights, err := learn(t, t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	best, err := os.ReadFile(whole.Best)
	if err != nil {
		t.Fatal(err)
	}
	if len(want["box"]) != 12 || math.IsNaN(want["mAP@0.5"][3]) || !math.IsNaN(want["mAP@0.5"][4]) || math.IsNaN(want["mAP@0.5"][11]) {
		t.Fatalf("the curves are %v", want)
	}
	for name, stop := range map[string]func(o *FitOptions, cancel func(), died error){
		"interrupted": func(o *FitOptions, cancel func(), _ error) {
			o.Progress = func(step int, _ Loss) {
				if step == 4 {
					cancel()
				}
			}
		},
		// What killed leaves behind is the checkpoint after 6 steps.
		"killed": func(o *FitOptions, cancel func(), died error) {
			o.Progress = func(step int, _ Loss) {
				if step == 7 {
					panic(died)
				}
			}
		},
	} {
		o := training(t.TempDir())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		died := errors.New("killed")
		stopped := o
		stop(&stopped, cancel, died)
		func() {
			defer func() {
				if r := recover(); r != nil && r != died {
					panic(r)
				}
			}()
			if h, _, err := learn(t, ctx, stopped); !errors.Is(err, context.Canceled) || len(h["box"]) != 5 {
				t.Errorf("%s: %v after %d steps", name, err, len(h["box"]))
			}
		}()
		for _, again := range []string{"goes on", "had come to its end"} {
			h, w, err := learn(t, t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if !same(h, want) {
				t.Errorf("%s, %s: the curves are\n%v, want\n%v", name, again, h, want)
			}
			if !reflect.DeepEqual(w, weights) {
				t.Errorf("%s, %s: the weights are others", name, again)
			}
			if b, err := os.ReadFile(o.Best); err != nil || !bytes.Equal(b, best) {
				t.Errorf("%s, %s: the best weights are others, %v", name, again, err)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Checkpoint), ".*")); len(left) > 0 {
			t.Errorf("%s leaves %v", name, left)
		}
	}
	// The checkpoint is a file of weights.
	if w, err := safetensors.Open(whole.Checkpoint, parse(t, fifteen)); err != nil || !reflect.DeepEqual(w, weights) {
		t.Errorf("the checkpoint's weights are others, %v", err)
	}
}

// A checkpoint that does not fit is told in a sentence, and nothing has changed then.
func TestResumeErrors(t *testing.T) {
	o := training(t.TempDir())
	o.Steps = 2
	if _, _, err := learn(t, t.Context(), o); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(o.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*FitOptions){
		"its learning rate was 0.01, and is 0.02 now": func(o *FitOptions) { o.LearningRate = 0.02 },
		"its number of steps was 2, and is 3 now":     func(o *FitOptions) { o.Steps = 3 },
		"its seed was 2, and is 5 now":                func(o *FitOptions) { o.Seed = 5 },
		"its augmentation was {":                      func(o *FitOptions) { o.Augment.Mosaic = 0 },
		"but there is no validation":                  func(o *FitOptions) { o.Validation = nil },
		"none of these can be negative":               func(o *FitOptions) { o.CheckpointEvery = -1 },
	} {
		changed := o
		change(&changed)
		if _, _, err := learn(t, t.Context(), changed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for want, data := range map[string][]byte{
		"the file has only 0 bytes":     {},
		"its download broke off":        file[:len(file)-4],
		"claims to have":                []byte("<!doctype html>"),
		"is no checkpoint of this":      bytes.Replace(file, []byte(`{\"steps\":`), []byte(`{\"steps\",`), 1),
		"it is missing":                 bytes.Replace(file, []byte(`"layers.0.kernel`), []byte(`"layers.9.kernel`), 1),
		"no moments of the kernel of l": withoutMoments(t, file),
	} {
		if err := os.WriteFile(o.Checkpoint, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := learn(t, t.Context(), o); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), o.Checkpoint) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := os.WriteFile(o.Checkpoint, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]string{
		"checkpoint of another network": strings.Replace(fifteen, "ignore_thresh=.5", "ignore_thresh=.6", 1),
		"the network asks for":          strings.Replace(fifteen, "filters=32", "filters=24", 1),
	} {
		trainer, err := NewTrainer(parse(t, text), Training{Batch: 3, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		if err := trainer.Fit(t.Context(), scenes.New(3, 8, 64), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	trainer, err := NewTrainer(parse(t, small), Training{})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	if err := trainer.Fit(t.Context(), scenes.New(3, 8, 64), FitOptions{}); err == nil || !strings.Contains(err.Error(), "tells 2 classes apart (layer 5, line 39), and the pictures show 15 (circle, square") {
		t.Errorf("a set of other classes: %v", err)
	}
}

// withoutMoments leaves adam.v.layers.2.kernel out of a checkpoint.
func withoutMoments(t *testing.T, file []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	c := parse(t, fifteen)
	p, err := safetensors.OpenCheckpoint(path, c)
	if err != nil {
		t.Fatal(err)
	}
	p.Moments[1].Layers[2].Kernel = nil
	var b bytes.Buffer
	if err := safetensors.WriteCheckpoint(&b, c, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
