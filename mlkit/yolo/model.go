package yolo

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"

	"gopherlens/mlkit/backend"
	"gopherlens/mlkit/internal/parallel"
	"gopherlens/mlkit/yolo/darknet"
)

// A Model is a network with weights. It may be used from several goroutines; they take turns.
type Model struct {
	// Config is the network.
	Config *darknet.Config
	// Names are those of the classes, as many as the network tells apart.
	Names []string

	backend compute.Backend
	weights []*tensors.Tensor // kernel and bias of each convolution, batch normalisation folded in

	mu     sync.Mutex
	graphs map[int]*graph.Graph // by batch size
}

// Epsilon is what batch normalisation adds to a variance, by the program that a network was trained with.
type Epsilon float64

const (
	// DarknetEpsilon is Darknet's.
	DarknetEpsilon Epsilon = 1e-5
	// KerasEpsilon is that of Keras, and so of yolov3-tf2.
	KerasEpsilon Epsilon = 1e-3
)

// New makes a model of a network and its weights, which may be closed afterwards. names has a name for each class, or
// is nil: then classes are called by their numbers.
func New(c *darknet.Config, w *darknet.Weights, names []string, epsilon Epsilon) (*Model, error) {
	b, err := backend.New()
	if err != nil {
		return nil, err
	}
	return newOn(b, c, w, names, epsilon)
}

func newOn(b compute.Backend, c *darknet.Config, w *darknet.Weights, names []string, epsilon Epsilon) (*Model, error) {
	if err := w.Check(c); err != nil {
		return nil, err
	}
	m := &Model{Config: c, Names: names, backend: b, graphs: map[int]*graph.Graph{}}
	heads := 0
	most := 0
	for _, l := range w.Layers {
		most = max(most, len(l.Kernel))
	}
	scratch := make([]float32, most)
	for i, l := range c.Layers {
		switch k := l.Kind.(type) {
		case darknet.YOLO:
			heads++
			if names != nil && len(names) != k.Classes {
				return nil, fmt.Errorf("yolo: the network tells %d classes apart (layer %d, line %d), but there are %d names", k.Classes, i, l.Line, len(names))
			}
			for len(m.Names) < k.Classes {
				m.Names = append(m.Names, fmt.Sprint(len(m.Names)))
			}
		case darknet.Convolutional:
			if err := m.addConvolution(k, l, w.Layers[i], float64(epsilon), scratch); err != nil {
				return nil, err
			}
		}
	}
	if heads == 0 {
		return nil, fmt.Errorf("yolo: the network has no [yolo] layer, so it detects nothing")
	}
	return m, nil
}

func (m *Model) addConvolution(k darknet.Convolutional, l darknet.Layer, w darknet.ConvWeights, epsilon float64, scratch []float32) error {
	channels := l.In.Channels / k.Groups
	scale, bias := w.Fold(epsilon)
	kernel := scratch[:len(w.Kernel)]
	parallel.Do(channels, func(first, end int) { turn(kernel, w.Kernel, scale, k.Size*k.Size, channels, first, end) })
	for _, x := range []struct {
		values     []float32
		dimensions []int
	}{{kernel, []int{k.Size, k.Size, channels, k.Filters}}, {bias, []int{k.Filters}}} {
		// In a buffer that nobody can write to: so our backend knows that it may keep what it packs.
		buffer, err := m.backend.BufferFromFlatData(0, x.values, shapes.Make(dtypes.Float32, x.dimensions...))
		if err != nil {
			return err
		}
		t, err := tensors.FromBuffer(buffer)
		if err != nil {
			return err
		}
		m.weights = append(m.weights, t)
	}
	return nil
}

// newTensor makes a tensor in the backend's memory; fill writes all of its numbers.
func newTensor(b compute.Backend, dimensions []int, fill func([]float32)) (*tensors.Tensor, error) {
	x, err := tensors.FromShapeForBackend(b, 0, shapes.Make(dtypes.Float32, dimensions...))
	if err != nil {
		return nil, err
	}
	return x, tensors.MutableFlatData(x, fill)
}

// Forward sends a batch of n pictures [n, height, width, channels], with numbers from 0 to 1, through the network,
// and returns the heads: what goes into the [yolo] layers, before any sigmoid, each
// [n, height', width', anchors·(5 + classes)], in the order of the configuration.
func (m *Model) Forward(pictures []float32, n int) (heads [][]float32, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.Config
	if size := c.Height * c.Width * c.Channels; n < 1 || len(pictures) != n*size {
		return nil, fmt.Errorf("yolo: %d pictures of %d×%d pixels and %d channels are %d numbers, not %d", n, c.Height, c.Width, c.Channels, n*size, len(pictures))
	}
	x, err := newTensor(m.backend, []int{n, c.Height, c.Width, c.Channels}, func(flat []float32) { copy(flat, pictures) })
	if err != nil {
		return nil, err
	}
	defer x.FinalizeAll()
	err = exceptions.TryCatch[error](func() {
		g := m.graphs[n]
		if g == nil {
			g = m.compile(n)
			m.graphs[n] = g
		}
		inputs := []any{x}
		for _, w := range m.weights {
			inputs = append(inputs, w)
		}
		for _, out := range g.Run(inputs...) {
			heads = append(heads, tensors.MustCopyFlatData[float32](out))
			if err := out.FinalizeAll(); err != nil {
				panic(err)
			}
		}
	})
	return heads, err
}

// compile makes the graph for batches of n pictures. It panics as GoMLX does.
func (m *Model) compile(n int) *graph.Graph {
	c := m.Config
	g := graph.NewGraph(m.backend, "yolo")
	x := graph.Parameter(g, "pictures", shapes.Make(dtypes.Float32, n, c.Height, c.Width, c.Channels))
	kernels, biases := map[int]*graph.Node{}, map[int]*graph.Node{}
	next := 0
	for i, l := range c.Layers {
		if _, ok := l.Kind.(darknet.Convolutional); ok {
			kernels[i] = graph.Parameter(g, fmt.Sprintf("kernel%d", i), m.weights[next].Shape())
			biases[i] = graph.Parameter(g, fmt.Sprintf("bias%d", i), m.weights[next+1].Shape())
			next += 2
		}
	}
	heads := build(c, x, kernels, func(i int, x *graph.Node) *graph.Node { return graph.Add(x, perChannel(biases[i], x)) })
	if err := g.Compile(heads...); err != nil {
		panic(err)
	}
	return g
}

// Close lets go of the weights' memory.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.graphs {
		g.Finalize()
	}
	for _, w := range m.weights {
		if err := w.FinalizeAll(); err != nil {
			return err
		}
	}
	m.graphs, m.weights = map[int]*graph.Graph{}, nil
	return nil
}
