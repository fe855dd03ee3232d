package digitnet_test

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gopherlens/mlkit/array"
	"gopherlens/mlkit/digitnet"
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/nn"
)

// A seven, in two strokes of the pen.
func Example() {
	strokes := [][]digitnet.Point{{{X: .3, Y: .2}, {X: .7, Y: .2}, {X: .4, Y: .9}}, {{X: .35, Y: .5}, {X: .65, Y: .5}}}
	var maps digitnet.Maps
	digitnet.Ink(strokes, maps.Layer(0))
	digitnet.Trained().Forward(&maps)
	digit, probability := maps.Digit()
	fmt.Printf("a %d, with %.0f %%\n", digit, 100*probability)
	fmt.Println(digitnet.Layers[1].Channels, "maps of the first convolution")
	// Output:
	// a 7, with 100 %
	// 32 maps of the first convolution
}

// TestAccuracy reads digits that the network never saw.
func TestAccuracy(t *testing.T) {
	digits, err := mnist.Load()
	if err != nil {
		t.Skipf("skipped: needs the real MNIST (%v)", err)
	}
	pixels, labels := array.Values[uint8](digits.TestImages), array.Values[uint8](digits.TestLabels)
	var right atomic.Int64
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for first := range workers {
		group.Go(func() {
			var maps digitnet.Maps
			for i := first; i < len(labels); i += workers {
				for j, v := range pixels[i*784:][:784] {
					maps.Layer(0)[j] = float32(v) / 255
				}
				digitnet.Trained().Forward(&maps)
				if digit, _ := maps.Digit(); digit == int(labels[i]) {
					right.Add(1)
				}
			}
		})
	}
	group.Wait()
	t.Logf("of %d test digits it reads %d", len(labels), right.Load())
	if float64(right.Load()) < .99*float64(len(labels)) {
		t.Errorf("of %d test digits it reads %d, want at least 99 %%", len(labels), right.Load())
	}
}

// TestReadsStrokes writes all digits.
func TestReadsStrokes(t *testing.T) {
	for want := range 10 {
		maps := drawn(want)
		if digit, p := maps.Digit(); digit != want || p < .9 {
			t.Errorf("a %d is read as %d, with %.3f", want, digit, p)
		}
	}
}

// drawn are the maps of a digit that mnist.Strokes writes.
func drawn(digit int) *digitnet.Maps {
	var strokes [][]digitnet.Point
	for _, stroke := range mnist.Strokes(digit) {
		var points []digitnet.Point
		for _, p := range stroke {
			points = append(points, digitnet.Point{X: .2 + .5*p[0], Y: .1 + .6*p[1]})
		}
		strokes = append(strokes, points)
	}
	maps := new(digitnet.Maps)
	digitnet.Ink(strokes, maps.Layer(0))
	digitnet.Trained().Forward(maps)
	return maps
}

// model is the same network in mlkit/nn, with the same weights.
func model(t *testing.T) *nn.Model {
	t.Helper()
	file, err := os.ReadFile("weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	layers, err := digitnet.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	m := nn.Sequential("",
		nn.Conv2D{Filters: 32, KernelSize: nn.Size{3, 3}, Activation: nn.ReLU, InputShape: nn.Shape{28, 28, 1}},
		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
		nn.Conv2D{Filters: 64, KernelSize: nn.Size{2, 2}, Activation: nn.ReLU},
		nn.MaxPooling2D{PoolSize: nn.Size{2, 2}},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dropout{Rate: 0.4},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	shapes := [][]int{{3, 3, 1, 32}, {2, 2, 32, 64}, {2304, 128}, {128, 10}}
	for i, layer := range []string{"conv2d", "conv2d_1", "dense", "dense_1"} {
		if err := m.SetWeights(layer, array.From(layers[i].Kernel, shapes[i]...), array.From(layers[i].Bias)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// Every map is mlkit/nn's, whose channels come last.
func TestAgreesWithNN(t *testing.T) {
	m := model(t)
	for _, digit := range []int{3, 8} {
		maps := drawn(digit)
		x := array.From(maps.Layer(0), 1, 28, 28, 1)
		for i, layer := range []string{"conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1", "dense", "dense_1"} {
			output, err := m.LayerOutput(layer, x)
			if err != nil {
				t.Fatal(err)
			}
			want, l := array.Values[float32](output), digitnet.Layers[i+1]
			worst := 0.0
			for channel := range l.Channels {
				for place, v := range maps.Map(i+1, channel) {
					worst = max(worst, math.Abs(float64(v-want[place*l.Channels+channel])))
				}
			}
			if worst > 1e-4 {
				t.Errorf("a %d: %s is %g from nn's", digit, l.Name, worst)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	maps := drawn(3)
	const row, column, map1 = 9, 12, 21
	weights, sum := digitnet.Trained().Filter(map1)
	for i, w := range weights {
		sum += w * maps.Layer(0)[(row+i/3)*28+column+i%3]
	}
	if got := maps.Map(1, map1)[row*26+column]; math.Abs(float64(got-max(0, sum))) > 1e-5 {
		t.Errorf("the filter makes %v of it, and the map has %v", sum, got)
	}
}

func TestAllocatesNothing(t *testing.T) {
	strokes := [][]digitnet.Point{{{X: .3, Y: .2}, {X: .7, Y: .2}, {X: .4, Y: .9}}}
	var maps digitnet.Maps
	n := digitnet.Trained()
	if got := testing.AllocsPerRun(5, func() {
		digitnet.Ink(strokes, maps.Layer(0))
		n.Forward(&maps)
	}); got > 0 {
		t.Errorf("a digit allocates %v times", got)
	}
}

func TestInk(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	seven := []digitnet.Point{{X: .3, Y: .2}, {X: .7, Y: .2}, {X: .4, Y: .9}}
	for name, strokes := range map[string][][]digitnet.Point{
		"a seven":               {seven},
		"large":                 {{{X: 30, Y: 20}, {X: 70, Y: 20}, {X: 40, Y: 90}}},
		"with no numbers in it": {{{X: nan, Y: .1}, seven[0], seven[1], {X: .2, Y: inf}, {X: 1e300, Y: 0}, seven[2]}, {{X: nan, Y: nan}}, {}},
	} {
		var picture, want [784]float32
		digitnet.Ink(strokes, picture[:])
		digitnet.Ink([][]digitnet.Point{seven}, want[:])
		var mass, x, y float64
		for i, v := range picture {
			if math.Abs(float64(v-want[i])) > 1e-5 {
				t.Fatalf("%s is another picture than a seven", name)
			}
			mass += float64(v)
			x += float64(v) * (float64(i%28) + .5)
			y += float64(v) * (float64(i/28) + .5)
		}
		if math.Abs(x/mass-14) > .2 || math.Abs(y/mass-14) > .2 {
			t.Errorf("%s has its centre of mass at (%.2f, %.2f)", name, x/mass, y/mass)
		}
	}
	var nothing, dot [784]float32
	nothing[5] = 1
	digitnet.Ink([][]digitnet.Point{{}, {{X: nan, Y: 0}}}, nothing[:])
	if nothing != [784]float32{} {
		t.Error("no strokes leave ink")
	}
	digitnet.Ink([][]digitnet.Point{{{X: .9, Y: .9}}}, dot[:])
	if dot[13*28+13] < .5 || dot[13*28+10] > 0 {
		t.Errorf("a dot is %v and %v", dot[13*28+13], dot[13*28+10])
	}
}

func TestDecodeRefuses(t *testing.T) {
	file, err := os.ReadFile("weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	if len(file) > 350_000 {
		t.Errorf("the weights are %d bytes large", len(file))
	}
	infinite := append([]byte{}, file...)
	copy(infinite[len("digitnet 1\n"):], "\x00\x00\x80\x7f")
	for name, bad := range map[string][]byte{"nothing": nil, "half": file[:len(file)/2], "more": append(file[:len(file):len(file)], 0),
		"another version": append([]byte("digitnet 2\n"), file[11:]...), "an infinite scale": infinite} {
		if _, err := digitnet.Decode(bad); err == nil || !strings.Contains(err.Error(), "digit network") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := digitnet.New([4]digitnet.Weights{}); err == nil || !strings.Contains(err.Error(), "needs 288 weights and 32 biases; there are 0 and 0") {
		t.Errorf("no weights: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	file, err := os.ReadFile("weights.bin")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Fuzz(func(t *testing.T, file []byte) {
		if layers, err := digitnet.Decode(file); err == nil {
			if _, err := digitnet.Encode(layers); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkForward(b *testing.B) {
	n, maps := digitnet.Trained(), drawn(3)
	for b.Loop() {
		n.Forward(maps)
	}
}
