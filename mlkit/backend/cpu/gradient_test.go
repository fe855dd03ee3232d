package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	gomlx "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	activations "github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/nn"
)

// TestGradients holds gradients against differences of the loss, which the stock backend computes in float64.
func TestGradients(t *testing.T) {
	type node = *gomlx.Node
	convolve := func(set func(c *gomlx.ConvolutionBuilder)) func(in []node) node {
		return func(in []node) node {
			c := gomlx.Convolve(in[0], in[1])
			set(c)
			return c.Done()
		}
	}
	dense := func(layout compute.DenseLayout, a activations.Type) func(in []node) node {
		return func(in []node) node {
			var bias node
			if len(in) == 3 {
				bias = in[2]
			}
			return nn.Dense(in[0], in[1], bias, layout, a)
		}
	}
	b := newBoth(t)
	for name, c := range map[string]struct {
		dims [][]int
		f    func(in []node) node
	}{
		// Kernels are odd, as GoMLX v0.28.16 takes the gradient of an even one a place aside.
		"convolution":                {[][]int{{2, 5, 6, 3}, {3, 3, 3, 4}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.NoPadding() })},
		"convolution of one channel": {[][]int{{3, 5, 5, 1}, {3, 3, 1, 5}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.NoPadding() })},
		"padded":                     {[][]int{{2, 4, 5, 2}, {3, 5, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.PadSame() })},
		"padded unevenly": {[][]int{{2, 4, 5, 2}, {3, 3, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) {
			c.PaddingPerDim([][2]int{{2, 0}, {0, 1}})
		})},
		"strided":            {[][]int{{2, 7, 9, 2}, {3, 3, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.StridePerAxis(2, 3) })},
		"strided and left":   {[][]int{{1, 8, 6, 2}, {3, 3, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.Strides(2).NoPadding() })},
		"strided and padded": {[][]int{{2, 6, 5, 2}, {3, 3, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.Strides(2).PadSame() })},
		"one tap, strided":   {[][]int{{2, 5, 5, 3}, {1, 1, 3, 4}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.Strides(2).NoPadding() })},
		"dilated":            {[][]int{{2, 7, 8, 2}, {3, 3, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.DilationPerAxis(2, 3).NoPadding() })},
		"dilated and padded": {[][]int{{2, 5, 6, 2}, {3, 3, 2, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.Dilations(2).PadSame() })},
		"groups":             {[][]int{{2, 5, 5, 4}, {3, 3, 2, 6}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.ChannelGroupCount(2).PadSame() })},
		"a filter a channel": {[][]int{{2, 5, 5, 3}, {3, 3, 1, 3}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.ChannelGroupCount(3).PadSame() })},
		"one axis":           {[][]int{{2, 9, 3}, {3, 3, 4}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.Strides(2).PadSame() })},
		"three axes":         {[][]int{{1, 4, 3, 4, 2}, {3, 3, 1, 2, 2}}, convolve(func(c *gomlx.ConvolutionBuilder) { c.PadSame() })},
		"with bias and relu": {[][]int{{2, 5, 5, 2}, {3, 3, 2, 3}, {1, 1, 1, 3}}, func(in []node) node {
			return activations.Relu(gomlx.Add(gomlx.Convolve(in[0], in[1]).PadSame().Done(), in[2]))
		}},
		"of a convolution": {[][]int{{2, 6, 6, 1}, {3, 3, 1, 3}, {3, 3, 3, 2}}, func(in []node) node {
			return gomlx.Convolve(activations.Relu(gomlx.Convolve(in[0], in[1]).NoPadding().Done()), in[2]).Strides(2).PadSame().Done()
		}},
		"dense":              {[][]int{{5, 7}, {7, 3}, {3}}, dense(compute.DenseLayoutInputOutputs, activations.TypeNone)},
		"dense without bias": {[][]int{{5, 7}, {7, 3}}, dense(compute.DenseLayoutInputOutputs, activations.TypeNone)},
		"dense with relu":    {[][]int{{5, 7}, {7, 3}, {3}}, dense(compute.DenseLayoutInputOutputs, activations.TypeRelu)},
		"dense with tanh":    {[][]int{{5, 7}, {7, 3}, {3}}, dense(compute.DenseLayoutInputOutputs, activations.TypeTanh)},
		"dense, turned":      {[][]int{{5, 7}, {3, 7}, {3}}, dense(compute.DenseLayoutOutputsInput, activations.TypeRelu)},
		"dense on rows":      {[][]int{{2, 3, 7}, {7, 4}, {4}}, dense(compute.DenseLayoutInputOutputs, activations.TypeRelu)},
		"product":            {[][]int{{3, 4, 5}, {3, 5, 2}}, func(in []node) node { return gomlx.MatMul(in[0], in[1]) }},
		"softmax":            {[][]int{{4, 6}}, func(in []node) node { return gomlx.Softmax(in[0], -1) }},
		"max pooling":        {[][]int{{2, 6, 6, 3}}, func(in []node) node { return gomlx.MaxPool(in[0]).Window(2).Done() }},
		"max pooling that overlaps": {[][]int{{2, 6, 7, 3}}, func(in []node) node {
			return gomlx.MaxPool(in[0]).Window(3).Strides(2).Done()
		}},
		"padded max pooling": {[][]int{{2, 5, 5, 2}}, func(in []node) node { return gomlx.MaxPool(in[0]).Window(2).PadSame().Done() }},
		"sum pooling":        {[][]int{{2, 6, 6, 3}}, func(in []node) node { return gomlx.SumPool(in[0]).Window(2).Done() }},
		"mean pooling":       {[][]int{{2, 6, 6, 3}}, func(in []node) node { return gomlx.MeanPool(in[0]).Window(2).Done() }},
		"mean pooling that overlaps": {[][]int{{2, 7, 7, 2}}, func(in []node) node {
			return gomlx.MeanPool(in[0]).Window(3).Strides(2).Done()
		}},
		"padded mean pooling": {[][]int{{2, 5, 5, 2}}, func(in []node) node { return gomlx.MeanPool(in[0]).Window(3).PadSame().Done() }},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) { b.gradient(t, c.dims, c.f) })
	}
}

// gradient checks the gradients of a sum of the results, each with a weight of its own, by all inputs.
func (b both) gradient(t *testing.T, dims [][]int, f func(in []*gomlx.Node) *gomlx.Node) {
	d := rand.New(rand.NewPCG(23, 24))
	loss := func(in []*gomlx.Node) *gomlx.Node {
		y := f(in)
		weights := make([]float64, y.Shape().Size())
		for i := range weights {
			weights[i] = math.Sin(float64(3*i + 1))
		}
		w := gomlx.Reshape(gomlx.ConstAsDType(y.Graph(), y.DType(), weights), y.Shape().Dimensions...)
		return gomlx.ReduceAllSum(gomlx.Mul(y, w))
	}
	exact, err := gomlx.NewExec(b.stock, loss)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := gomlx.NewExec(b.ours, func(in []*gomlx.Node) []*gomlx.Node { return gomlx.Gradient(loss(in), in...) })
	if err != nil {
		t.Fatal(err)
	}
	var values [][]float64
	var in32, in64 []any
	for _, dim := range dims {
		x := make([]float64, product(dim))
		x32 := make([]float32, len(x))
		for i := range x {
			x32[i] = float32(d.NormFloat64())
			x[i] = float64(x32[i])
		}
		values = append(values, x)
		in32, in64 = append(in32, tensors.FromFlatDataAndDimensions(x32, dim...)), append(in64, tensors.FromFlatDataAndDimensions(x, dim...))
	}
	gradients, err := ours.Call(in32...)
	if err != nil {
		t.Fatal(err)
	}
	// at is the loss where element i of an input is another number.
	at := func(input, i int, x float64) float64 {
		moved := tensors.FromFlatDataAndDimensions(append([]float64{}, values[input]...), dims[input]...)
		tensors.MustMutableFlatData(moved, func(flat []float64) { flat[i] = x })
		inputs := append([]any{}, in64...)
		inputs[input] = moved
		y, err := exact.Call1(inputs...)
		if err != nil {
			t.Fatal(err)
		}
		return tensors.ToScalar[float64](y)
	}
	// In float64 the differences are off by some 1e-9, so what is left is the float32 of the gradient itself.
	const step = 1e-5
	for input, gradient := range gradients {
		if gradient.DType() != dtypes.Float32 || fmt.Sprint(gradient.Shape().Dimensions) != fmt.Sprint(dims[input]) {
			t.Fatalf("the gradient by input %d is %s", input, gradient.Shape())
		}
		want := make([]float64, len(values[input]))
		for i, x := range values[input] {
			want[i] = (at(input, i, x+step) - at(input, i, x-step)) / (2 * step)
		}
		if err := agree(tensors.MustCopyFlatData[float32](gradient), want, 1e-5); err != nil {
			t.Errorf("the gradient by input %d%v", input, err)
		}
	}
}
