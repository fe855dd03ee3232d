package safetensors

import (
	"fmt"
	"io"
	"slices"

	"github.com/nlpodyssey/safetensors"

	"gopherlens/mlkit/yolo/darknet"
)

// A Checkpoint is a training that can go on from where it was. Its file is one of weights, so [Open] reads it too, with
// these tensors and metadata besides:
//
//	adam.m.layers.0.kernel, …   the moving average of the gradient, for each tensor that learns
//	adam.v.layers.0.kernel, …   that of the gradient's square
//	history  [steps, columns]   what was measured at each step
//	training                    metadata: how the training is set up, as the program writes it
type Checkpoint struct {
	Weights *darknet.Weights
	// Moments are the averages of the gradients and of their squares; those of what does not learn are empty.
	Moments [2]*darknet.Weights
	// History has a row for each step, and no row or all of them are equally long.
	History  [][]float32
	Training string
}

// averages are what the names of the moments begin with.
var averages = [2]string{"adam.m.", "adam.v."}

// maxColumns is how many values a step may have in the history.
const maxColumns = 64

// WriteCheckpoint writes a training of the network c. Errors are as [Write]'s.
func WriteCheckpoint(out io.Writer, c *darknet.Config, p *Checkpoint) error {
	var more []tensor
	for k, m := range p.Moments {
		if len(m.Layers) != len(c.Layers) {
			return &Error{Reason: fmt.Sprintf("there are moments of %d layers, and the network has %d", len(m.Layers), len(c.Layers))}
		}
		for _, t := range tensors(c, m, averages[k]) {
			switch len(*t.values) {
			case t.numbers():
				more = append(more, t)
			case 0:
			default:
				return &Error{t.name, fmt.Sprintf("it has %d numbers, and its shape is %d", len(*t.values), t.shape)}
			}
		}
	}
	if rows := len(p.History); rows > 0 {
		flat := slices.Concat(p.History...)
		more = append(more, tensor{"history", []uint64{uint64(rows), uint64(len(p.History[0]))}, &flat})
	}
	return write(out, c, p.Weights, more, map[string]string{"training": p.Training})
}

// OpenCheckpoint reads a training of the network c. A file of weights alone is an error; the others are as [Open]'s.
func OpenCheckpoint(path string, c *darknet.Config) (*Checkpoint, error) {
	p, err := open(path, c, true)
	if err == nil && p.Training == "" {
		return nil, fmt.Errorf("%s: %w", path, &Error{Reason: "these are weights, and not a training that can go on: begin a new one with them"})
	}
	return p, err
}

// listed are the tensors of a file, with that many bytes of data, that belong to a checkpoint and are no weights.
func (p *Checkpoint) listed(c *darknet.Config, infos map[string]*safetensors.TensorInfo, size int64) (list []tensor, err error) {
	for k := range p.Moments {
		p.Moments[k] = &darknet.Weights{Layers: make([]darknet.ConvWeights, len(c.Layers))}
		for _, t := range tensors(c, p.Moments[k], averages[k]) {
			if infos[t.name] != nil {
				list = append(list, t)
			}
		}
	}
	if h := infos["history"]; h != nil {
		if len(h.Shape) != 2 || h.Shape[0] > uint64(size) || h.Shape[1] < 1 || h.Shape[1] > maxColumns {
			return nil, &Error{"history", fmt.Sprintf("it has the shape %.100s, and must have a row for each step", fmt.Sprint(h.Shape))}
		}
		list = append(list, tensor{"history", h.Shape, new([]float32)})
	}
	return list, nil
}
