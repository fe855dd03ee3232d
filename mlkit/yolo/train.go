package yolo

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"

	"gopherlens/mlkit/backend"
	"gopherlens/mlkit/yolo/darknet"
)

// Training says how a network is trained. The zero value is for training from random weights.
type Training struct {
	// Weights are what training begins with. Those of layers that have none here are drawn; see [Transfer].
	Weights *darknet.Weights
	// Frozen tells which layers stay as they are: their batch normalisation, too. Nil freezes none.
	Frozen func(layer int) bool
	// Batch is how many pictures a step takes; 8 if it is 0.
	Batch int
	// Clip bounds the norm of all gradients together, so that one odd picture does not ruin a network; 10 if it is 0.
	Clip float64
	// Momentum is how much of a moving average of batch normalisation a step keeps; 0.97 if it is 0.
	Momentum float64
	// Epsilon is what batch normalisation adds to a variance; DarknetEpsilon if it is 0.
	Epsilon Epsilon
	// Seed draws the weights.
	Seed uint64
}

// A Trainer trains a network with Adam (Kingma and Ba, 2014; β₁ 0.9, β₂ 0.999, ε 1e-7).
type Trainer struct {
	config   *darknet.Config
	settings Training
	backend  compute.Backend
	graph    *graph.Graph
	weights  []*weight
	steps    int
}

// A weight is a tensor that training changes.
type weight struct {
	layer    int
	name     string // kernel, bias, scale, mean or variance
	value    *tensors.Tensor
	moments  [2]*tensors.Tensor // nil if it is frozen or an average
	constant bool               // frozen
}

func (w *weight) average() bool { return w.name == "mean" || w.name == "variance" }

// of is where all weights have this one.
func (w *weight) of(all *darknet.Weights) *[]float32 {
	l := &all.Layers[w.layer]
	return map[string]*[]float32{"kernel": &l.Kernel, "bias": &l.Biases, "scale": &l.Scales, "mean": &l.Means, "variance": &l.Variances}[w.name]
}

// A Loss is what a step's pictures cost, on average: see [Trainer.Step].
type Loss struct{ Box, Objectness, Classes float64 }

// Total is their sum.
func (l Loss) Total() float64 { return l.Box + l.Objectness + l.Classes }

// NewTrainer prepares the training of a network.
func NewTrainer(c *darknet.Config, settings Training) (*Trainer, error) {
	if w := settings.Weights; w != nil && len(w.Layers) != len(c.Layers) {
		return nil, fmt.Errorf("yolo: there are weights for %d layers, and the network has %d", len(w.Layers), len(c.Layers))
	}
	b, err := backend.New()
	if err != nil {
		return nil, err
	}
	for _, d := range []struct {
		setting   *float64
		byDefault float64
	}{{&settings.Clip, 10}, {&settings.Momentum, 0.97}, {(*float64)(&settings.Epsilon), float64(DarknetEpsilon)}} {
		if *d.setting == 0 {
			*d.setting = d.byDefault
		}
	}
	if settings.Batch == 0 {
		settings.Batch = 8
	}
	if settings.Batch < 0 || settings.Clip < 0 || settings.Momentum < 0 || settings.Momentum >= 1 {
		return nil, fmt.Errorf("yolo: a batch of %d, a bound of gradients of %g and a momentum of %g: the first two must be positive, the last from 0 to 1", settings.Batch, settings.Clip, settings.Momentum)
	}
	t := &Trainer{config: c, settings: settings, backend: b}
	rng := rand.New(rand.NewPCG(settings.Seed, 1))
	heads := 0
	for i, l := range c.Layers {
		if _, ok := l.Kind.(darknet.YOLO); ok {
			heads++
		}
		k, ok := l.Kind.(darknet.Convolutional)
		if !ok {
			continue
		}
		if err := t.addConvolution(i, k, l, rng); err != nil {
			return nil, err
		}
	}
	if heads == 0 {
		return nil, fmt.Errorf("yolo: the network has no [yolo] layer, so it cannot be trained to detect")
	}
	if err := exceptions.TryCatch[error](func() { t.graph = t.build() }); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Trainer) addConvolution(i int, k darknet.Convolutional, l darknet.Layer, rng *rand.Rand) error {
	channels := l.In.Channels / k.Groups
	taps := k.Size * k.Size
	var given darknet.ConvWeights
	if t.settings.Weights != nil {
		given = t.settings.Weights.Layers[i]
	}
	if n := taps * channels * k.Filters; given.Kernel != nil && (len(given.Kernel) != n || len(given.Biases) != k.Filters) {
		return fmt.Errorf("yolo: the weights of layer %d are another network's: %d numbers for a kernel of %d", i, len(given.Kernel), n)
	}
	add := func(name string, dimensions []int, fill func([]float32)) error {
		w := &weight{layer: i, name: name, constant: t.settings.Frozen != nil && t.settings.Frozen(i)}
		var err error
		if w.value, err = newTensor(t.backend, dimensions, fill); err != nil {
			return err
		}
		if !w.constant && !w.average() {
			for m := range w.moments {
				if w.moments[m], err = newTensor(t.backend, dimensions, func(flat []float32) { clear(flat) }); err != nil {
					return err
				}
			}
		}
		t.weights = append(t.weights, w)
		return nil
	}
	err := add("kernel", []int{k.Size, k.Size, channels, k.Filters}, func(flat []float32) {
		if given.Kernel != nil {
			darknet.Reorder(given.Kernel, flat, []int{k.Size, k.Size, channels, k.Filters}, true)
			return
		}
		deviation := math.Sqrt(2 / float64(taps*channels)) // He et al., 2015
		for n := range flat {
			flat[n] = float32(rng.NormFloat64() * deviation)
		}
	})
	vector := func(name string, given []float32, start float32) {
		if err == nil {
			err = add(name, []int{k.Filters}, func(flat []float32) {
				for n := range flat {
					flat[n] = start
				}
				if head, ok := headAfter(t.config, i); ok && name == "bias" {
					// Most cells hold nothing: so the network says at first.
					for a := range head.Mask {
						flat[a*(5+head.Classes)+4] = -4
					}
				}
				copy(flat, given)
			})
		}
	}
	vector("bias", given.Biases, 0)
	if k.BatchNormalize {
		vector("scale", given.Scales, 1)
		vector("mean", given.Means, 0)
		vector("variance", given.Variances, 1)
	}
	return err
}

// build makes the graph of a step. Its inputs are the pictures, the heads' targets, the objects, Adam's rate, and
// the weights with their moments; its outputs the three losses, and what of the weights and moments is new.
func (t *Trainer) build() *graph.Graph {
	c, n := t.config, t.settings.Batch
	g := graph.NewGraph(t.backend, "yolo training")
	input := func(dimensions ...int) *graph.Node {
		return graph.Parameter(g, "", shapes.Make(dtypes.Float32, dimensions...))
	}
	x := input(n, c.Height, c.Width, c.Channels)
	var wanted []*graph.Node
	for _, l := range c.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok {
			wanted = append(wanted, input(n, l.In.Height, l.In.Width, len(k.Mask), 6+k.Classes))
		}
	}
	truth, rate := input(n, mostObjects, 4), input()
	type slot struct {
		*weight
		value, m, v *graph.Node
		next        *graph.Node // of an average
	}
	slots := map[string]*slot{}
	var all []*slot
	kernels := map[int]*graph.Node{}
	for _, w := range t.weights {
		s := &slot{weight: w, value: input(w.value.Shape().Dimensions...)}
		if w.moments[0] != nil {
			s.m, s.v = input(w.value.Shape().Dimensions...), input(w.value.Shape().Dimensions...)
		}
		if w.name == "kernel" {
			kernels[w.layer] = s.value
		}
		slots[fmt.Sprint(w.layer, w.name)] = s
		all = append(all, s)
	}
	heads := build(c, x, kernels, func(i int, x *graph.Node) *graph.Node {
		of := func(name string) *slot { return slots[fmt.Sprint(i, name)] }
		bias := perChannel(of("bias").value, x)
		if of("scale") == nil {
			return graph.Add(x, bias)
		}
		mean, variance := of("mean").value, of("variance").value
		if !of("mean").constant {
			rows := graph.Reshape(x, -1, x.Shape().Dimensions[3])
			mean = graph.ReduceMean(rows, 0)
			variance = graph.ReduceMean(graph.Square(graph.Sub(rows, graph.ExpandLeftToRank(mean, 2))), 0)
			for name, now := range map[string]*graph.Node{"mean": mean, "variance": variance} {
				s := of(name)
				s.next = graph.Add(graph.MulScalar(s.value, t.settings.Momentum), graph.MulScalar(graph.StopGradient(now), 1-t.settings.Momentum))
			}
		}
		scale := graph.Div(of("scale").value, graph.Sqrt(graph.AddScalar(variance, float64(t.settings.Epsilon))))
		return graph.Add(graph.Mul(graph.Sub(x, perChannel(mean, x)), perChannel(scale, x)), bias)
	})
	box, objectness, classes := losses(c, heads, wanted, truth)
	outputs := []*graph.Node{graph.DivScalar(box, float64(n)), graph.DivScalar(objectness, float64(n)), graph.DivScalar(classes, float64(n))}
	loss := graph.Add(graph.Add(outputs[0], outputs[1]), outputs[2])
	var learnt []*slot
	var values []*graph.Node
	for _, s := range all {
		if s.m != nil {
			learnt, values = append(learnt, s), append(values, s.value)
		}
	}
	var gradients []*graph.Node
	if len(values) > 0 {
		gradients = graph.Gradient(loss, values...)
		norm := graph.ScalarZero(g, dtypes.Float32)
		for _, d := range gradients {
			norm = graph.Add(norm, graph.ReduceAllSum(graph.Square(d)))
		}
		clip := graph.Scalar(g, dtypes.Float32, t.settings.Clip)
		shrink := graph.Div(clip, graph.Max(clip, graph.Sqrt(norm)))
		for i, d := range gradients {
			gradients[i] = graph.Mul(d, shrink)
		}
	}
	toward := func(old, value *graph.Node, part float64) *graph.Node {
		return graph.Add(old, graph.MulScalar(graph.Sub(value, old), part))
	}
	for i, s := range learnt {
		m, v := toward(s.m, gradients[i], 0.1), toward(s.v, graph.Square(gradients[i]), 0.001)
		outputs = append(outputs, graph.Sub(s.value, graph.Div(graph.Mul(m, rate), graph.AddScalar(graph.Sqrt(v), 1e-7))), m, v)
	}
	for _, s := range all {
		if s.next != nil {
			outputs = append(outputs, s.next)
		}
	}
	if err := g.Compile(outputs...); err != nil {
		panic(err)
	}
	return g
}

// An Example is a picture [height, width, channels], as the network takes it, and the objects on it.
type Example struct {
	Picture []float32
	Objects []Object
}

// Step changes the weights so that the loss on a batch of examples becomes less, by Adam with a learning rate, and
// returns what it was before. A loss that is no number is an error, and then nothing has changed that matters:
// begin again from weights that were kept.
func (t *Trainer) Step(examples []Example, learningRate float64) (Loss, error) {
	c, n := t.config, t.settings.Batch
	size := c.Height * c.Width * c.Channels
	if len(examples) != n {
		return Loss{}, fmt.Errorf("yolo: %d examples for a batch of %d", len(examples), n)
	}
	var wanted []targets
	for i, e := range examples {
		if len(e.Picture) != size {
			return Loss{}, fmt.Errorf("yolo: example %d has %d numbers, the network takes %d×%d×%d", i, len(e.Picture), c.Height, c.Width, c.Channels)
		}
		wanted = append(wanted, target(c, e.Objects))
	}
	var inputs []any
	var failed error
	add := func(dimensions []int, part func(example int) []float32) {
		x, err := newTensor(t.backend, dimensions, func(flat []float32) {
			for i := range examples {
				copy(flat[i*len(flat)/n:], part(i))
			}
		})
		if failed == nil {
			failed = err
		}
		inputs = append(inputs, x)
	}
	add([]int{n, c.Height, c.Width, c.Channels}, func(i int) []float32 { return examples[i].Picture })
	head := 0
	for _, l := range c.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok {
			h := head
			add([]int{n, l.In.Height, l.In.Width, len(k.Mask), 6 + k.Classes}, func(i int) []float32 { return wanted[i].heads[h] })
			head++
		}
	}
	add([]int{n, mostObjects, 4}, func(i int) []float32 { return wanted[i].truth })
	if failed != nil {
		return Loss{}, failed
	}
	step := float64(t.steps + 1)
	given := len(inputs)
	inputs = append(inputs, float32(learningRate*math.Sqrt(1-math.Pow(0.999, step))/(1-math.Pow(0.9, step))))
	give := func(x **tensors.Tensor, changes bool) {
		if !changes {
			inputs = append(inputs, *x)
			return
		}
		donated, err := graph.DonateTensorBuffer(*x, t.backend, 0)
		if failed == nil {
			failed = err
		}
		inputs, *x = append(inputs, donated), nil
	}
	var changed []**tensors.Tensor
	for _, w := range t.weights {
		give(&w.value, !w.constant)
		if w.moments[0] != nil {
			give(&w.moments[0], true)
			give(&w.moments[1], true)
			changed = append(changed, &w.value, &w.moments[0], &w.moments[1])
		}
	}
	for _, w := range t.weights {
		if w.average() && !w.constant {
			changed = append(changed, &w.value)
		}
	}
	if failed != nil {
		return Loss{}, failed
	}
	var outputs []*tensors.Tensor
	if err := exceptions.TryCatch[error](func() { outputs = t.graph.Run(inputs...) }); err != nil {
		return Loss{}, err
	}
	for _, x := range inputs[:given] {
		if err := x.(*tensors.Tensor).FinalizeAll(); err != nil {
			return Loss{}, err
		}
	}
	var parts [3]float64
	for i := range parts {
		parts[i] = float64(tensors.ToScalar[float32](outputs[i]))
		if err := outputs[i].FinalizeAll(); err != nil {
			return Loss{}, err
		}
	}
	for i, x := range changed {
		*x = outputs[3+i]
	}
	t.steps++
	l := Loss{parts[0], parts[1], parts[2]}
	if total := l.Total(); math.IsNaN(total) || math.IsInf(total, 0) {
		return l, fmt.Errorf("yolo: the loss is %v at step %d: the learning rate %g is too high for these pictures", total, t.steps, learningRate)
	}
	return l, nil
}

// Weights are the weights as they are now, in Darknet's order.
func (t *Trainer) Weights() (*darknet.Weights, error) {
	return t.collect(func(w *weight) *tensors.Tensor { return w.value })
}

// collect brings a tensor of each weight, or nil, into Darknet's order.
func (t *Trainer) collect(of func(*weight) *tensors.Tensor) (*darknet.Weights, error) {
	out := &darknet.Weights{Major: 0, Minor: 2, Revision: 5, Seen: uint64(t.steps * t.settings.Batch), Layers: make([]darknet.ConvWeights, len(t.config.Layers))}
	for _, w := range t.weights {
		x := of(w)
		if x == nil {
			continue
		}
		to := w.of(out)
		*to = make([]float32, x.Size())
		err := tensors.ConstFlatData(x, func(flat []float32) {
			if w.name == "kernel" {
				darknet.Reorder(*to, flat, x.Shape().Dimensions, false)
			} else {
				copy(*to, flat)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Close lets go of the training's memory.
func (t *Trainer) Close() error {
	t.graph.Finalize()
	for _, w := range t.weights {
		for _, x := range []*tensors.Tensor{w.value, w.moments[0], w.moments[1]} {
			if x != nil {
				if err := x.FinalizeAll(); err != nil {
					return err
				}
			}
		}
	}
	t.weights = nil
	return nil
}
