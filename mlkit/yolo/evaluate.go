package yolo

import (
	"context"
	"fmt"
	"image"
	"strings"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// AsTrained are the options to evaluate a network with that was trained here: photos are stretched, as for training,
// and hardly any box is left out.
func AsTrained() Options {
	return Options{Fit: photo.Stretch, Resampling: photo.HalfPixel, Options: detection.Options{Score: 0.005}}
}

// CheckClasses holds that a network tells as many classes apart as a set has.
func CheckClasses(c *darknet.Config, set dataset.Set) error {
	names := set.Names()
	for i, l := range c.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok && k.Classes != len(names) {
			few := strings.Join(names[:min(5, len(names))], ", ")
			if len(names) > 5 {
				few += ", …"
			}
			return fmt.Errorf("yolo: the network tells %d classes apart (layer %d, line %d), and the pictures show %d (%.100s)", k.Classes, i, l.Line, len(names), few)
		}
	}
	return nil
}

// Evaluate holds what a model finds in a set against what is there.
func Evaluate(m *Model, set dataset.Set, options Options) (*detection.Result, error) {
	return evaluate(context.Background(), m, set, options)
}

func evaluate(ctx context.Context, m *Model, set dataset.Set, options Options) (*detection.Result, error) {
	if err := CheckClasses(m.Config, set); err != nil {
		return nil, err
	}
	var found [][]detection.Detection
	var truth [][]detection.Truth
	for i := range set.Len() {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s, err := set.Sample(i)
		if err != nil {
			return nil, err
		}
		all, err := m.DetectAll([]image.Image{s.Image}, options)
		if err != nil {
			return nil, fmt.Errorf("picture %d: %w", i, err)
		}
		var there []detection.Truth
		for _, o := range s.Objects {
			if o.Class < 0 || o.Class >= len(m.Names) {
				return nil, fmt.Errorf("picture %d shows an object of class %d, and there are %d classes", i, o.Class, len(m.Names))
			}
			there = append(there, detection.Truth{Detection: detection.Detection{Class: o.Class, Name: m.Names[o.Class], Box: o.Box}, Difficult: o.Difficult})
		}
		found, truth = append(found, all[0]), append(truth, there)
	}
	return detection.Evaluate(found, truth)
}
