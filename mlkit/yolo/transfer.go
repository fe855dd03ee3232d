package yolo

import (
	"fmt"

	"gopherlens/mlkit/yolo/darknet"
)

// Transfer prepares a training that begins with the weights of another one. The mode says what of them is taken, and
// what of that stays as it is, in the words of yolov3-tf2:
//
//	none       all are taken, and all learn
//	darknet    the body is taken and frozen; the rest is drawn anew
//	no_output  all but the outputs are taken and frozen; these are drawn anew
//	fine_tune  all are taken, and the body is frozen
//	frozen     all are taken and frozen: nothing learns, but losses can be looked at
//
// What is not taken may be of other shapes, as in a network that tells other classes apart: see darknet.WithClasses.
//
// The outputs are the convolutions right before the [yolo] layers; the body is what comes before the first 1×1
// convolution after the last shortcut or pooling.
func Transfer(t Training, c *darknet.Config, w *darknet.Weights, mode string) (Training, error) {
	if len(w.Layers) != len(c.Layers) {
		return t, fmt.Errorf("yolo: there are weights for %d layers, and the network has %d", len(w.Layers), len(c.Layers))
	}
	body := 0
	for i, l := range c.Layers {
		switch l.Kind.(type) {
		case darknet.Shortcut, darknet.MaxPool:
			body = i + 1
		}
	}
	for body < len(c.Layers) {
		if k, ok := c.Layers[body].Kind.(darknet.Convolutional); ok && k.Size == 1 {
			break
		}
		body++
	}
	output := func(i int) bool { _, ok := headAfter(c, i); return ok }
	keep := func(int) bool { return true }
	switch mode {
	case "none":
	case "darknet":
		keep = func(i int) bool { return i < body }
		t.Frozen = keep
	case "no_output":
		keep = func(i int) bool { return !output(i) }
		t.Frozen = keep
	case "fine_tune":
		t.Frozen = func(i int) bool { return i < body }
	case "frozen":
		t.Frozen = keep
	default:
		return t, fmt.Errorf("yolo: there is no transfer %q, only none, darknet, no_output, fine_tune and frozen", mode)
	}
	taken := *w
	taken.Layers = make([]darknet.ConvWeights, len(w.Layers))
	for i, l := range w.Layers {
		if !keep(i) {
			continue
		}
		if err := w.CheckLayer(c, i); err != nil {
			return t, err
		}
		taken.Layers[i] = l
	}
	t.Weights = &taken
	return t, nil
}

// headAfter is the [yolo] layer that a layer's output goes to next, if it is one.
func headAfter(c *darknet.Config, i int) (darknet.YOLO, bool) {
	if i+1 == len(c.Layers) {
		return darknet.YOLO{}, false
	}
	head, ok := c.Layers[i+1].Kind.(darknet.YOLO)
	return head, ok
}
