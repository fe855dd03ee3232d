package yolo

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/scenes"
)

// fifteen is the small network for the classes of scenes.
var fifteen = strings.NewReplacer("filters=14", "filters=40", "classes=2", "classes=15").Replace(small)

// Two trainings of the same seed are the same, whatever the augmentation, and Evaluate measures what was learnt.
func TestFit(t *testing.T) {
	c := parse(t, fifteen)
	set := scenes.New(3, 8, 64)
	var losses [2][]Loss
	for run := range losses {
		trainer, err := NewTrainer(c, Training{Batch: 3, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		options := FitOptions{Steps: 6, LearningRate: 0.01, Seed: 2, Progress: func(step int, l Loss) { losses[run] = append(losses[run], l) }}
		options.Augment.Flip, options.Augment.Crop, options.Augment.Mosaic = true, 0.2, 0.5
		if err := trainer.Fit(t.Context(), set, options); err != nil {
			t.Fatal(err)
		}
		w, err := trainer.Weights()
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(c, w, set.Names(), DarknetEpsilon)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		r, err := Evaluate(m, set, AsTrained())
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Classes) == 0 || math.IsNaN(r.MAP50) || r.MAP50 < 0 || r.MAP50 > 1 {
			t.Errorf("%+v", r)
		}
	}
	if len(losses[0]) != 6 || len(losses[1]) != 6 {
		t.Fatalf("%d and %d steps, want 6", len(losses[0]), len(losses[1]))
	}
	for i, l := range losses[0] {
		if l != losses[1][i] {
			t.Errorf("step %d costs %+v, and the next time %+v", i, l, losses[1][i])
		}
	}
}

// An interruption ends the training after a step.
func TestFitInterrupted(t *testing.T) {
	trainer, err := NewTrainer(parse(t, fifteen), Training{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	ctx, stop := context.WithCancel(t.Context())
	steps := 0
	err = trainer.Fit(ctx, scenes.New(1, 4, 64), FitOptions{Steps: 1000, Progress: func(int, Loss) {
		if steps++; steps == 3 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps > 4 {
		t.Errorf("%d steps, %v", steps, err)
	}
	if _, err := trainer.Weights(); err != nil {
		t.Error(err)
	}
}

// The learning rate grows, then falls to a hundredth.
func TestRate(t *testing.T) {
	o, err := FitOptions{Steps: 100, LearningRate: 1}.orDefault()
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range map[int]float64{0: 0.1, 9: 1, 10: 1, 55: 0.505, 99: 0.0103} {
		if got := o.rate(step); math.Abs(got-want) > 1e-3 {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
}
