package yolo

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"gopherlens/mlkit/backend"
	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// twoHeads has a coarse and a fine head, with an anchor that both could have and centres that may leave their cells.
func twoHeads() *darknet.Config {
	anchors := [][2]float64{{8, 10}, {20, 16}, {40, 44}}
	return &darknet.Config{Width: 64, Height: 64, Channels: 3, Layers: []darknet.Layer{
		{Kind: darknet.YOLO{Mask: []int{1, 2}, Anchors: anchors, Classes: 2, ScaleXY: 1, IgnoreThreshold: 0.5}, In: darknet.Shape{Height: 2, Width: 2, Channels: 14}},
		{Kind: darknet.YOLO{Mask: []int{0}, Anchors: anchors, Classes: 2, ScaleXY: 1.1, IgnoreThreshold: 0.3}, In: darknet.Shape{Height: 4, Width: 4, Channels: 7}},
	}}
}

// referenceLoss is the loss in float64, straight from its definition, of one picture.
func referenceLoss(c *darknet.Config, heads [][]float64, objects []Object) (box, objectness, classes float64) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	entropy := func(x, y float64) float64 { return -y*math.Log(sigmoid(x)) - (1-y)*math.Log(1-sigmoid(x)) }
	type place struct{ head, cell, anchor int }
	owner := map[place]Object{}
	for _, o := range objects {
		w, h := o.Box.X2-o.Box.X1, o.Box.Y2-o.Box.Y1
		var best place
		most := -1.0
		for i, l := range c.Layers {
			k := l.Kind.(darknet.YOLO)
			for a, m := range k.Mask {
				centred := func(w, h float64) detection.Box { return detection.Box{X1: -w / 2, Y1: -h / 2, X2: w / 2, Y2: h / 2} }
				if iou := centred(w, h).IoU(centred(k.Anchors[m][0]/64, k.Anchors[m][1]/64)); iou > most {
					x, y := int((o.Box.X1+o.Box.X2)/2*float64(l.In.Width)), int((o.Box.Y1+o.Box.Y2)/2*float64(l.In.Height))
					most, best = iou, place{i, y*l.In.Width + x, a}
				}
			}
		}
		owner[best] = o
	}
	for i, l := range c.Layers {
		k := l.Kind.(darknet.YOLO)
		for cell := range l.In.Height * l.In.Width {
			for a, m := range k.Mask {
				p := heads[i][(cell*len(k.Mask)+a)*(5+k.Classes):]
				px := sigmoid(p[0])*k.ScaleXY - (k.ScaleXY-1)/2
				py := sigmoid(p[1])*k.ScaleXY - (k.ScaleXY-1)/2
				cx, cy := float64(cell%l.In.Width), float64(cell/l.In.Width)
				if o, ok := owner[place{i, cell, a}]; ok {
					w, h := o.Box.X2-o.Box.X1, o.Box.Y2-o.Box.Y1
					dx := px - ((o.Box.X1+o.Box.X2)/2*float64(l.In.Width) - cx)
					dy := py - ((o.Box.Y1+o.Box.Y2)/2*float64(l.In.Height) - cy)
					dw, dh := p[2]-math.Log(w*64/k.Anchors[m][0]), p[3]-math.Log(h*64/k.Anchors[m][1])
					box += (2 - w*h) * (dx*dx + dy*dy + dw*dw + dh*dh)
					objectness += entropy(p[4], 1)
					for class := range k.Classes {
						y := 0.0
						if class == o.Class {
							y = 1
						}
						classes += entropy(p[5+class], y)
					}
					continue
				}
				x, y := (px+cx)/float64(l.In.Width), (py+cy)/float64(l.In.Height)
				w, h := k.Anchors[m][0]/64*math.Exp(p[2]), k.Anchors[m][1]/64*math.Exp(p[3])
				far := true
				for _, o := range objects {
					far = far && o.Box.IoU(detection.Box{X1: x - w/2, Y1: y - h/2, X2: x + w/2, Y2: y + h/2}) <= k.IgnoreThreshold
				}
				if far {
					objectness += entropy(p[4], 0)
				}
			}
		}
	}
	return box, objectness, classes
}

// The losses, and their gradient with respect to the heads, are those of a float64 reference.
func TestLosses(t *testing.T) {
	c := twoHeads()
	objects := []Object{
		{0, detection.Box{X1: 0.1, Y1: 0.1, X2: 0.25, Y2: 0.3}},
		{1, detection.Box{X1: 0.3, Y1: 0.35, X2: 0.9, Y2: 0.95}},
		{1, detection.Box{X1: 0.55, Y1: 0.05, X2: 0.85, Y2: 0.3}},
	}
	rng := rand.New(rand.NewPCG(2, 2))
	var heads [][]float64
	for _, l := range c.Layers {
		head := make([]float64, l.In.Height*l.In.Width*l.In.Channels)
		for i := range head {
			head[i] = rng.NormFloat64() / 2
		}
		heads = append(heads, head)
	}
	// The second object's cell proposes it by the other anchor too, though narrower (IoU 0.7): that is ignored.
	copy(heads[0][3*2*7:], []float64{math.Log(0.2 / 0.8), math.Log(0.3 / 0.7), math.Log(0.7 * 38.4 / 20), math.Log(38.4 / 16)})
	b, err := backend.New()
	if err != nil {
		t.Fatal(err)
	}
	wanted := target(c, objects)
	var inputs []any
	for i, l := range c.Layers {
		values := make([]float32, len(heads[i]))
		for k, v := range heads[i] {
			values[k] = float32(v)
		}
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(values, 1, l.In.Height, l.In.Width, l.In.Channels))
	}
	for i, l := range c.Layers {
		k := l.Kind.(darknet.YOLO)
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(wanted.heads[i], 1, l.In.Height, l.In.Width, len(k.Mask), 6+k.Classes))
	}
	inputs = append(inputs, tensors.FromFlatDataAndDimensions(wanted.truth, 1, mostObjects, 4))
	exec := graph.MustNewExec(b, func(in []*graph.Node) []*graph.Node {
		box, objectness, classes := losses(c, in[:2], in[2:4], in[4])
		gradients := graph.Gradient(graph.Add(graph.Add(box, objectness), classes), in[:2]...)
		return []*graph.Node{box, objectness, classes, gradients[0], gradients[1]}
	})
	out := exec.MustCall(inputs...)
	box, objectness, classes := referenceLoss(c, heads, objects)
	for i, want := range []float64{box, objectness, classes} {
		if got := float64(tensors.ToScalar[float32](out[i])); math.Abs(got-want) > 1e-5*want || want == 0 {
			t.Errorf("loss %d is %v, want %v", i, got, want)
		}
	}
	total := func() float64 {
		box, objectness, classes := referenceLoss(c, heads, objects)
		return box + objectness + classes
	}
	for h := range heads {
		gradient := tensors.MustCopyFlatData[float32](out[3+h])
		for i := range heads[h] {
			const step = 1e-6
			was := heads[h][i]
			heads[h][i] = was + step
			up := total()
			heads[h][i] = was - step
			want := (up - total()) / (2 * step)
			heads[h][i] = was
			if math.Abs(float64(gradient[i])-want) > 1e-4*max(1, math.Abs(want)) {
				t.Errorf("head %d, number %d: the gradient is %v, want %v", h, i, gradient[i], want)
			}
		}
	}
}

// small is a network that learns to find rectangles in seconds.
const small = `
[net]
width=64
height=64
channels=3
[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=leaky
[convolutional]
batch_normalize=1
filters=16
size=3
stride=2
pad=1
activation=leaky
[convolutional]
batch_normalize=1
filters=32
size=3
stride=2
pad=1
activation=leaky
[convolutional]
batch_normalize=1
filters=32
size=3
stride=1
pad=1
activation=leaky
[convolutional]
filters=14
size=1
stride=1
activation=linear
[yolo]
mask=0,1
anchors=14,14, 26,26
classes=2
ignore_thresh=.5
`

func parse(t testing.TB, text string) *darknet.Config {
	t.Helper()
	c, err := darknet.ParseConfig(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rectangles draws pictures of one or two rectangles, red or blue.
func rectangles(n int) (pictures []image.Image, examples []Example) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range n {
		img := image.NewRGBA(image.Rect(0, 0, 64, 64))
		draw.Draw(img, img.Rect, image.NewUniform(color.Gray{uint8(100 + rng.IntN(100))}), image.Point{}, draw.Src)
		var e Example
		for side := range 1 + rng.IntN(2) {
			w, h := 10+rng.IntN(18), 10+rng.IntN(18)
			x, y := 32*side+rng.IntN(33-w), rng.IntN(65-h)
			o := Object{Class: rng.IntN(2), Box: detection.Box{X1: float64(x) / 64, Y1: float64(y) / 64, X2: float64(x+w) / 64, Y2: float64(y+h) / 64}}
			fill := []color.RGBA{{220, 30, 30, 255}, {30, 30, 220, 255}}[o.Class]
			draw.Draw(img, image.Rect(x, y, x+w, y+h), image.NewUniform(fill), image.Point{}, draw.Src)
			e.Objects = append(e.Objects, o)
		}
		e.Picture, _ = photo.Prepare(img, 64, 64, photo.Stretch, photo.HalfPixel)
		pictures, examples = append(pictures, img), append(examples, e)
	}
	return pictures, examples
}

// Twenty pictures are learnt by heart: all is found on them, and nothing else.
func TestOverfit(t *testing.T) {
	c := parse(t, small)
	pictures, examples := rectangles(20)
	trainer, err := NewTrainer(c, Training{Batch: 10, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	var first, last Loss
	for step := range 300 {
		at := step % 2 * 10
		rate := 0.01 * min(1, float64(step+1)/20) * (1 + math.Cos(math.Pi*float64(step)/300)) / 2
		loss, err := trainer.Step(examples[at:at+10], rate)
		if err != nil {
			t.Fatal(err)
		}
		if step == 0 {
			first = loss
		}
		last = loss
	}
	if last.Total() > first.Total()/20 {
		t.Errorf("the loss went from %+v to %+v only", first, last)
	}
	w, err := trainer.Weights()
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(c, w, []string{"red", "blue"}, DarknetEpsilon)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	all, err := m.DetectAll(pictures, Options{Fit: photo.Stretch, Resampling: photo.HalfPixel, Batch: 7})
	if err != nil {
		t.Fatal(err)
	}
	var truth [][]detection.Truth
	for i, found := range all {
		left := slices.Clone(examples[i].Objects)
		truth = append(truth, nil)
		for _, o := range left {
			b := detection.Box{X1: 64 * o.Box.X1, Y1: 64 * o.Box.Y1, X2: 64 * o.Box.X2, Y2: 64 * o.Box.Y2}
			truth[i] = append(truth[i], detection.Truth{Detection: detection.Detection{Class: o.Class, Box: b}})
		}
		for _, f := range found {
			at := slices.IndexFunc(left, func(o Object) bool {
				b := detection.Box{X1: 64 * o.Box.X1, Y1: 64 * o.Box.Y1, X2: 64 * o.Box.X2, Y2: 64 * o.Box.Y2}
				return o.Class == f.Class && f.Box.IoU(b) > 0.5
			})
			if at < 0 {
				t.Errorf("picture %d: found %v, which is not there", i, f)
				continue
			}
			left = slices.Delete(left, at, at+1)
		}
		if len(left) > 0 {
			t.Errorf("picture %d: did not find %+v", i, left)
		}
	}
	if r, err := detection.Evaluate(all, truth); err != nil || r.MAP50 != 1 || len(r.Classes) != 2 {
		t.Errorf("mAP@0.5 is not 1 of 2 classes: %+v, %v", r, err)
	}
}

// Frozen layers stay as they are, to the bit, and the others learn; what was trained can be trained on.
func TestFrozen(t *testing.T) {
	c := parse(t, small)
	_, examples := rectangles(4)
	begin, err := NewTrainer(c, Training{Batch: 4, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer begin.Close()
	before, err := begin.Weights()
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := NewTrainer(c, Training{Batch: 4, Weights: before, Frozen: func(layer int) bool { return layer < 3 }})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	for range 3 {
		if _, err := trainer.Step(examples, 0.01); err != nil {
			t.Fatal(err)
		}
	}
	after, err := trainer.Weights()
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Layers {
		b, a := before.Layers[i], after.Layers[i]
		same := slices.Equal(b.Kernel, a.Kernel) && slices.Equal(b.Biases, a.Biases) && slices.Equal(b.Means, a.Means) && slices.Equal(b.Variances, a.Variances)
		if wanted := i < 3 || b.Kernel == nil; same != wanted {
			t.Errorf("layer %d stayed as it was: %v, want %v", i, same, wanted)
		}
	}
	if _, err := trainer.Step(examples[:3], 0.01); err == nil {
		t.Error("a batch too small is not refused")
	}
	if _, err := trainer.Step(examples, math.Inf(1)); err != nil {
		t.Fatalf("the loss before a step that ruins the weights is a number: %v", err)
	}
	if _, err := trainer.Step(examples, 0.01); err == nil || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("ruined weights: %v", err)
	}
}

// Each way of transfer takes what it says, and freezes what it says.
func TestTransfer(t *testing.T) {
	c := parse(t, strings.Replace(small, "[convolutional]\nfilters=14", "[maxpool]\nsize=2\nstride=1\n[convolutional]\nfilters=16\nsize=1\nstride=1\n[convolutional]\nfilters=14", 1))
	begin, err := NewTrainer(c, Training{Batch: 1, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer begin.Close()
	w, err := begin.Weights()
	if err != nil {
		t.Fatal(err)
	}
	// The layers: 0 to 3 the body's convolutions, 4 a pool, 5 the neck, 6 the output.
	for mode, want := range map[string]struct{ taken, frozen string }{
		"none": {"0 1 2 3 5 6", ""}, "darknet": {"0 1 2 3", "0 1 2 3"}, "no_output": {"0 1 2 3 5", "0 1 2 3 5"},
		"fine_tune": {"0 1 2 3 5 6", "0 1 2 3"}, "frozen": {"0 1 2 3 5 6", "0 1 2 3 5 6"},
	} {
		training, err := Transfer(Training{}, c, w, mode)
		if err != nil {
			t.Fatal(err)
		}
		var taken, frozen []string
		for i := range c.Layers {
			if w.Layers[i].Kernel == nil {
				continue
			}
			if training.Weights.Layers[i].Kernel != nil {
				taken = append(taken, fmt.Sprint(i))
			}
			if training.Frozen != nil && training.Frozen(i) {
				frozen = append(frozen, fmt.Sprint(i))
			}
		}
		if got := strings.Join(taken, " "); got != want.taken {
			t.Errorf("%s takes the layers %s, want %s", mode, got, want.taken)
		}
		if got := strings.Join(frozen, " "); got != want.frozen {
			t.Errorf("%s freezes the layers %s, want %s", mode, got, want.frozen)
		}
	}
	if _, err := Transfer(Training{}, c, w, "some"); err == nil {
		t.Error("a transfer that does not exist is taken")
	}
	// Another number of classes matters only where the outputs are taken.
	other := *w
	other.Layers = slices.Clone(w.Layers)
	other.Layers[6].Biases = other.Layers[6].Biases[:7]
	for _, mode := range []string{"none", "darknet", "no_output", "fine_tune", "frozen"} {
		if _, err := Transfer(Training{}, c, &other, mode); (err == nil) != (mode == "darknet" || mode == "no_output") {
			t.Errorf("%s of a network with other classes: %v", mode, err)
		}
	}
}
