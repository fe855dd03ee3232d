package yolo

import "math"

// A History is how a training has gone: for "box", "objectness" and "classes", which are the parts of the loss,
// "learning rate" and, with a validation, "mAP@0.5" and "COCO mAP", a value for each step. The latter two are NaN
// at steps after which nothing was measured. plot.Training draws it.
type History map[string][]float64

// columns are what a checkpoint has of each step. It keeps them as float32, which losses are.
const (
	columnBox = iota
	columnObjectness
	columnClasses
	columnMAP50
	columnMAP
	columns
)

// history is the rows so far as others see them.
func (f *fit) history() History {
	h := History{}
	for column, name := range []string{"box", "objectness", "classes", "mAP@0.5", "COCO mAP"} {
		measured := column < columnMAP50
		values := make([]float64, len(f.rows))
		for i, row := range f.rows {
			values[i] = float64(row[column])
			measured = measured || !math.IsNaN(values[i])
		}
		if measured {
			h[name] = values
		}
	}
	for step := range f.rows {
		h["learning rate"] = append(h["learning rate"], f.options.rate(step))
	}
	return h
}

// best is the largest mAP@0.5 before the last step; −1 if none was measured.
func (f *fit) best() float32 {
	best := float32(-1)
	for _, row := range f.rows[:len(f.rows)-1] {
		if row[columnMAP50] > best {
			best = row[columnMAP50]
		}
	}
	return best
}
