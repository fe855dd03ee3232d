//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// passes is how often a run sends the picture through the network, after a first time.
const passes = 10

type convolutionsCommand struct {
	Size int    `help:"Height and width of the picture, a multiple of 32." default:"416"`
	Runs int    `help:"How often to measure: each time in a process of its own, the fastest of ten passes." default:"1"`
	Peer string `help:"Run onnxruntime in turn." enum:",onnxruntime" default:""`
	Here bool   `hidden:"" help:"Measure in this process."`
}

// convolutionsResult has the peers' keys, and more.
type convolutionsResult struct {
	Peer      string  `json:"peer"`
	Size      int     `json:"size"`
	Threads   int     `json:"threads"`
	CompileS  float64 `json:"compile_s"` // building the graph and compiling it
	FirstMS   float64 `json:"first_ms"`
	MinMS     float64 `json:"min_ms"` // of the passes after the first
	MedianMS  float64 `json:"median_ms"`
	Gflops    float64 `json:"gflops"` // GFLOP/s of the fastest pass, by the convolutions' own operations
	PeakRSSMB int64   `json:"peak_rss_mb"`
	WallS     float64 `json:"wall_s"` // the whole program, drawing the weights too
}

func (c convolutionsCommand) Run() error {
	if c.Size < 32 || c.Size%32 != 0 {
		return fmt.Errorf("--size=%d: the network halves pictures five times, so the size must be a multiple of 32", c.Size)
	}
	if c.Here {
		return c.measure()
	}
	ours, err := us(name, "convolutions", "--here", fmt.Sprintf("--size=%d", c.Size))
	if err != nil {
		return err
	}
	contenders := []contender{ours}
	if c.Peer != "" {
		const variable = "GOPHERLENS_YOLOV3_ONNX"
		model := os.Getenv(variable)
		if model == "" {
			return errors.New("the peer reads the network from a file: set " + variable + " to one that make_onnx.py, of the peers' scripts, has made for this size")
		}
		if model, err = filepath.Abs(model); err != nil {
			return err
		}
		contenders = append(contenders, peer(c.Peer, "yolo_"+c.Peer+".py", model, fmt.Sprint(c.Size), fmt.Sprint(passes), fmt.Sprint(runtime.GOMAXPROCS(0))))
	}
	return inTurn(c.Runs, []string{"min_ms"}, contenders...)
}

// measure computes here and prints the result.
func (c convolutionsCommand) measure() error {
	b, err := newBackend()
	if err != nil {
		return err
	}
	r := convolutionsResult{Peer: name, Size: c.Size, Threads: runtime.GOMAXPROCS(0)}
	begin := time.Now()
	net, err := newYOLO(b, c.Size)
	if err != nil {
		return err
	}
	if err := net.graph.Compile(net.heads...); err != nil {
		return err
	}
	r.CompileS = time.Since(begin).Seconds()
	inputs, err := net.inputs(b)
	if err != nil {
		return err
	}
	finite := func(output []float32) error {
		for _, v := range output {
			if d := float64(v); math.IsNaN(d) || math.IsInf(d, 0) {
				return fmt.Errorf("the network gave %v", v)
			}
		}
		return nil
	}
	var times []time.Duration
	for range 1 + passes {
		took, err := run(net.graph, inputs, finite)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	r.FirstMS = times[0].Seconds() * 1e3
	r.MinMS, r.MedianMS = milliseconds(times[1:])
	r.Gflops = float64(net.operations) / r.MinMS / 1e6
	if r.PeakRSSMB, err = peakRSS(); err != nil {
		return err
	}
	r.WallS = time.Since(started).Seconds()
	return json.NewEncoder(os.Stdout).Encode(r)
}

// network is YOLOv3's network up to its three heads, batch normalization folded into the convolutions.
type network struct {
	graph        *graph.Graph
	parameters   []*graph.Node // the picture [1, size, size, 3], then kernel and bias of each convolution
	heads        []*graph.Node // [1, size/32, size/32, 255], then twice and four times as fine
	convolutions int
	operations   int // multiplications and additions of the convolutions
}

// newYOLO builds the network for 80 classes.
func newYOLO(b compute.Backend, size int) (y *network, err error) {
	y = &network{graph: graph.NewGraph(b, "YOLOv3")}
	err = exceptions.TryCatch[error](func() {
		x := y.parameter(1, size, size, 3)
		// The body, Darknet-53: stages of residual blocks, each stage half as fine as the one before.
		x = y.convolve(x, 32, 3, 1)
		var stages []*graph.Node
		for stage, blocks := range []int{1, 2, 8, 8, 4} {
			filters := 64 << stage
			x = y.convolve(x, filters, 3, 2)
			for range blocks {
				x = graph.Add(x, y.convolve(y.convolve(x, filters/2, 1, 1), filters, 3, 1))
			}
			stages = append(stages, x)
		}
		// The heads, from coarse to fine.
		for head, filters := range []int{512, 256, 128} {
			if head > 0 {
				x = upsample(y.convolve(x, filters, 1, 1))
				x = graph.Concatenate([]*graph.Node{x, stages[4-head]}, -1)
			}
			x = y.convolve(x, filters, 1, 1)
			for range 2 {
				x = y.convolve(y.convolve(x, 2*filters, 3, 1), filters, 1, 1)
			}
			const boxes, values = 3, 4 + 1 + 80
			y.heads = append(y.heads, y.linear(y.convolve(x, 2*filters, 3, 1), boxes*values, 1, 1))
		}
	})
	return y, err
}

func (y *network) parameter(dimensions ...int) *graph.Node {
	p := parameter(y.graph, dimensions...)
	y.parameters = append(y.parameters, p)
	return p
}

// convolve is a convolution with a leaky relu of slope 0.1, in package nn's form.
func (y *network) convolve(x *graph.Node, filters, size, stride int) *graph.Node {
	x = y.linear(x, filters, size, stride)
	return graph.Where(graph.GreaterThan(x, graph.ScalarZero(x.Graph(), x.DType())), x, graph.MulScalar(x, 0.1))
}

// linear is a convolution with a bias. It pads by half its kernel on all sides, as Darknet does, with a stride too.
func (y *network) linear(x *graph.Node, filters, size, stride int) *graph.Node {
	channels := x.Shape().Dim(-1)
	kernel, bias := y.parameter(size, size, channels, filters), y.parameter(filters)
	pad := [2]int{size / 2, size / 2}
	x = graph.Convolve(x, kernel).Strides(stride).PaddingPerDim([][2]int{pad, pad}).Done()
	y.convolutions++
	y.operations += 2 * x.Shape().Size() * size * size * channels
	return graph.Add(x, graph.ExpandLeftToRank(bias, x.Rank()))
}

// upsample doubles height and width: each pixel becomes four.
func upsample(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	x = graph.BroadcastToDims(graph.ExpandAxes(x, 2, 4), d[0], d[1], 2, d[2], 2, d[3])
	return graph.Reshape(x, d[0], 2*d[1], 2*d[2], d[3])
}

// inputs are the peers' picture and random weights, such that the numbers neither vanish nor explode.
func (y *network) inputs(b compute.Backend) ([]any, error) {
	rng := rand.New(rand.NewPCG(1, 1))
	var inputs []any
	for i, p := range y.parameters {
		fill := normal(rng, 0.1) // a bias
		switch d := p.Shape().Dimensions; {
		case i == 0:
			fill = func(pixels []float32) {
				for k := range pixels {
					pixels[k] = float32(float64(uint32(k)*2654435761) / (1 << 32))
				}
			}
		case len(d) == 4:
			fill = normal(rng, math.Sqrt(2/float64(d[0]*d[1]*d[2])))
		}
		t, err := tensor(b, p.Shape(), fill)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, t)
	}
	return inputs, nil
}
