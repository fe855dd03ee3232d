package yolo

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"gopherlens/mlkit/backend"
	"gopherlens/mlkit/yolo/darknet"
)

// activations are Darknet's in float64.
var activations = map[string]func(x float64) float64{
	"linear":   func(x float64) float64 { return x },
	"leaky":    func(x float64) float64 { return max(x, 0.1*x) },
	"relie":    func(x float64) float64 { return max(x, 0.01*x) },
	"relu":     func(x float64) float64 { return max(x, 0) },
	"relu6":    func(x float64) float64 { return min(max(x, 0), 6) },
	"hardtan":  func(x float64) float64 { return min(max(x, -1), 1) },
	"ramp":     func(x float64) float64 { return max(x, 0) + x/10 },
	"logistic": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	"loggy":    func(x float64) float64 { return 2/(1+math.Exp(-x)) - 1 },
	"tanh":     math.Tanh,
	"swish":    func(x float64) float64 { return x / (1 + math.Exp(-x)) },
	"mish":     func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) },
	"gelu":     func(x float64) float64 { return x / 2 * (1 + math.Tanh(0.797885*x+0.035677*x*x*x)) },
	"lhtan": func(x float64) float64 {
		switch {
		case x < 0:
			return x / 1000
		case x > 1:
			return (x-1)/1000 + 1
		}
		return x
	},
	"plse": func(x float64) float64 {
		switch {
		case x < -4:
			return (x + 4) / 100
		case x > 4:
			return (x-4)/100 + 1
		}
		return x/8 + 0.5
	},
	"stair": func(x float64) float64 {
		if math.Mod(math.Floor(x), 2) == 0 {
			return math.Floor(x / 2)
		}
		return math.Floor(x/2) + x - math.Floor(x)
	},
	"hard_mish": func(x float64) float64 {
		switch {
		case x > 0:
			return x
		case x > -2:
			return x*x/2 + x
		}
		return 0
	},
	"elu": func(x float64) float64 {
		if x >= 0 {
			return x
		}
		return math.Expm1(x)
	},
	"selu": func(x float64) float64 {
		if x >= 0 {
			return 1.0507 * x
		}
		return 1.0507 * 1.6732 * math.Expm1(x)
	},
}

func TestActivations(t *testing.T) {
	b, err := backend.New()
	if err != nil {
		t.Fatal(err)
	}
	var x []float32
	for i := -200; i <= 200; i++ {
		x = append(x, float32(i)/20)
	}
	for _, name := range darknet.Activations() {
		want := activations[name]
		if want == nil {
			t.Errorf("%s has no reference here", name)
			continue
		}
		exec := graph.MustNewExec(b, func(x *graph.Node) *graph.Node { return activate(x, name) })
		for i, got := range tensors.MustCopyFlatData[float32](exec.MustCall1(x)) {
			if w := want(float64(x[i])); !(math.Abs(float64(got)-w) < 1e-5*max(1, math.Abs(w))) {
				t.Errorf("%s(%v) = %v, want %v", name, x[i], got, w)
				break
			}
		}
	}
}

// numbered is a network of a picture of 4×4 pixels whose weights are small numbers that can be followed by hand.
const numbered = `
[net]
width=4
height=4
channels=2
[maxpool]
size=2
stride=1
[route]
layers=-1
groups=2
group_id=1
[upsample]
stride=2
[maxpool]
size=2
stride=2
[route]
layers=-1,0
[convolutional]
filters=12
size=1
stride=1
activation=linear
[yolo]
mask=0,1
anchors=1,1, 2,2
classes=1
`

func TestLayers(t *testing.T) {
	c, err := darknet.ParseConfig(strings.NewReader(numbered))
	if err != nil {
		t.Fatal(err)
	}
	conv := darknet.ConvWeights{Biases: make([]float32, 12), Kernel: make([]float32, 12*3)}
	for f := range 12 {
		conv.Biases[f] = float32(f)
		conv.Kernel[3*f+f%3] = 1 // filter f passes on channel f%3
	}
	w := &darknet.Weights{Layers: make([]darknet.ConvWeights, len(c.Layers))}
	w.Layers[5] = conv
	m, err := New(c, w, []string{"thing"}, DarknetEpsilon)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	x := make([]float32, 4*4*2)
	for i := range 16 {
		x[2*i], x[2*i+1] = float32(i), float32(-i)
	}
	heads, err := m.Forward(x, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 16 {
		// A pool of 2×2 with stride 1 is padded on the right and below. The first channel grows, so its maximum is
		// the lower right pixel of the window; the second shrinks, so its maximum is the pixel itself. Doubling
		// and halving again changes nothing.
		first := float32(min(i/4+1, 3)*4 + min(i%4+1, 3))
		want := []float32{float32(-i), first, float32(-i)}
		for f := range 12 {
			if got := heads[0][i*12+f]; got != want[f%3]+float32(f) {
				t.Errorf("pixel %d, filter %d: %v, want %v", i, f, got, want[f%3]+float32(f))
			}
		}
	}
	if _, err := m.Forward(x[1:], 1); err == nil || !strings.Contains(err.Error(), "1 pictures of 4×4 pixels and 2 channels are 32 numbers, not 31") {
		t.Errorf("a number too few: %v", err)
	}
	if _, err := New(c, w, []string{"a", "b"}, DarknetEpsilon); err == nil || !strings.Contains(err.Error(), "tells 1 classes apart") {
		t.Errorf("a name too many: %v", err)
	}
}

// TestMain sees that the backend which GOMLX_BACKEND asks for is the one that is tested.
func TestMain(m *testing.M) {
	if note := backend.Note(); note != "" {
		fmt.Fprintln(os.Stderr, note)
		os.Exit(1)
	}
	m.Run()
}
