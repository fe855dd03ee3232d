package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// matmulStep multiplies matrices of float32: for each of the batch,
//
//	C[m, n] = activation(Σₖ A[m, k] · B[k, n] + bias[n])
//
// A lies at strides of its own, so it may be transposed; the rows of B and C are contiguous.
type matmulStep struct {
	batch, m, n, k int
	a, b, c        int // slots
	aBatch, am, ak int // strides in elements
	bBatch, bk, bn int // bn is 1, but for large products
	cBatch         int
	epilogue       // without a residual

	large                          bool
	keep                           *keeper // of b, where large
	mParts, nParts, mChunk, nChunk int
}

// isLarge tells whether it pays to pack the product's sides.
func (s *matmulStep) isLarge() bool {
	rows, columns := kernel.Tile()
	return s.batch == 1 && s.m >= 8*rows && s.n >= 2*columns && s.k >= 64 && (s.am == 1 || s.ak == 1)
}

// matmul adds the step and cuts it into parts: along the batch, then along the longer side of C.
func (pl *planner) matmul(s matmulStep) {
	rows, columns := kernel.Tile()
	want := 4 * pl.backend.pool.size()
	if s.batch*s.m*s.n*s.k < 1<<14 {
		want = 1
	}
	if s.large = s.isLarge(); s.large {
		s.b, s.keep = pl.pack(s.b, s.k, s.n, s.bk, s.bn, false)
	}
	per := (want + s.batch - 1) / s.batch
	s.mChunk, s.nChunk = s.m, s.n
	switch {
	case s.large:
		s.mChunk = max(rows, (s.m+want-1)/want)
	case s.n >= s.m && s.n >= 2*columns:
		s.nChunk = max(columns, (s.n/per+columns-1)/columns*columns)
	default:
		s.mChunk = max(rows, (s.m/per+rows-1)/rows*rows)
	}
	s.mParts, s.nParts = (s.m+s.mChunk-1)/s.mChunk, (s.n+s.nChunk-1)/s.nChunk
	pl.add(&s)
}

func (s *matmulStep) run(fr *frame) error {
	if s.k == 0 {
		clear(fr.f32(s.c, s.batch*s.m*s.n))
		if s.bias < 0 {
			return nil
		}
	}
	fr.plan.backend.pool.run(s, fr, s.batch*s.mParts*s.nParts)
	return nil
}

func (s *matmulStep) part(fr *frame, _, i int) {
	nAt := i % s.nParts * s.nChunk
	i /= s.nParts
	mAt, at := i%s.mParts*s.mChunk, i/s.mParts
	if s.large {
		g := kernel.Gemm{
			M: min(s.mChunk, s.m-mAt), N: s.n, K: s.k,
			A: fr.tail(s.a, mAt*s.am), LDA: max(s.am, s.ak), TransA: s.ak != 1,
			B: fr.tail(fr.packed(s.keep, s.b), 0), Packed: true,
			C: fr.tail(s.c, mAt*s.n), LDC: s.n,
			Activation: s.activation, Slope: s.slope,
		}
		if s.bias >= 0 {
			g.Bias = fr.tail(s.bias, 0)
		}
		g.Run()
		return
	}
	g := kernel.Brgemm{
		M: min(s.mChunk, s.m-mAt), N: min(s.nChunk, s.n-nAt), K: s.k,
		A: fr.tail(s.a, at*s.aBatch+mAt*s.am), AMS: s.am, AKS: s.ak,
		B: fr.tail(s.b, at*s.bBatch+nAt), BKS: s.bk,
		C: fr.tail(s.c, at*s.cBatch+mAt*s.n+nAt), LDC: s.n,
		Activation: s.activation, Slope: s.slope,
	}
	if s.bias >= 0 {
		g.Bias = fr.tail(s.bias, nAt)
	}
	g.Run()
}

// axes is one index over several axes: where neighbours lie evenly, they are walked as one.
type axes struct {
	size, stride int
	even         bool
}

// join makes one index of some axes of a shape, the last one the quickest.
func join(dims []int, which []int) axes {
	strides := rowMajor(dims)
	j := axes{1, 0, true}
	for _, k := range slices.Backward(which) {
		switch {
		case dims[k] == 1:
			continue
		case j.size == 1:
			j = axes{dims[k], strides[k], true}
		case strides[k] == j.size*j.stride:
			j.size *= dims[k]
		default:
			j.size, j.even = j.size*dims[k], false
		}
	}
	return j
}

// others are the axes of a shape that are in neither list.
func others(rank int, lists ...[]int) []int {
	var o []int
	for k := range rank {
		if !slices.ContainsFunc(lists, func(l []int) bool { return slices.Contains(l, k) }) {
			o = append(o, k)
		}
	}
	return o
}

// permuted is a slot that holds a value with its axes in another order.
func (pl *planner) permuted(v *value, order []int) int {
	src := pl.slot(v)
	from := rowMajor(v.shape.Dimensions)
	dims, in := make([]int, len(order)), make([]int, len(order))
	for i, k := range order {
		dims[i], in[i] = v.shape.Dimensions[k], from[k]
	}
	dst := pl.temp(int(v.shape.ByteSize()))
	pl.move(moveStep{dst: dst, src: src, dims: dims, in: in, out: rowMajor(dims), size: v.shape.DType.Size(), fill: -1})
	return dst
}

// nativeDot tells whether a product is one that this package computes.
func nativeDot(n *node) bool {
	for _, v := range []*value{n.in[0], n.in[1], n.out[0]} {
		if v.shape.DType != dtypes.Float32 || v.shape.Size() == 0 {
			return false
		}
	}
	return true
}

func emitDot(pl *planner, n *node) bool {
	if !nativeDot(n) {
		return false
	}
	l, r, out := n.in[0], n.in[1], n.out[0]
	lc, lb, rc, rb := n.attrs[0].([]int), n.attrs[1].([]int), n.attrs[2].([]int), n.attrs[3].([]int)
	lf, rf := others(l.shape.Rank(), lc, lb), others(r.shape.Rank(), rc, rb)
	lBatch, lM, lK := join(l.shape.Dimensions, lb), join(l.shape.Dimensions, lf), join(l.shape.Dimensions, lc)
	rBatch, rK, rN := join(r.shape.Dimensions, rb), join(r.shape.Dimensions, rc), join(r.shape.Dimensions, rf)
	s := matmulStep{batch: lBatch.size, m: lM.size, n: rN.size, k: lK.size, cBatch: lM.size * rN.size, epilogue: pl.epilogue(n)}
	lEven := lBatch.even && lM.even && lK.even
	rEven := rBatch.even && rK.even && rN.even
	s.am, s.ak, s.bk, s.bn = lM.stride, lK.stride, rK.stride, rN.stride
	if !lEven {
		s.am, s.ak = s.k, 1
	}
	rEven = rEven && (rN.stride == 1 || rN.size == 1 || s.isLarge())
	if n.epilogue == nil && lEven && !rEven && s.batch == 1 && rK.even && rN.even && (lM.stride == 1 || s.m == 1) {
		// B's columns are rows in memory, and so are A's: Cᵀ = Bᵀ·Aᵀ needs only the result turned.
		t := s
		t.m, t.n = s.n, s.m
		t.a, t.am, t.ak = pl.slot(r), rN.stride, rK.stride
		t.b, t.bk, t.bn = pl.slot(l), lK.stride, 1
		t.c = pl.temp(4 * s.m * s.n)
		pl.matmul(t)
		pl.turn(t.c, pl.slot(out), s.n, s.m)
		return true
	}
	if lEven {
		s.a, s.aBatch = pl.slot(l), lBatch.stride
	} else {
		s.a, s.aBatch = pl.permuted(l, slices.Concat(lb, lf, lc)), s.m*s.k
	}
	if rEven {
		s.b, s.bBatch = pl.slot(r), rBatch.stride
	} else {
		s.b, s.bBatch, s.bk, s.bn = pl.permuted(r, slices.Concat(rb, rc, rf)), s.k*s.n, s.n, 1
	}
	s.c = pl.slot(out)
	pl.matmul(s)
	return true
}

// turn writes the transpose of a matrix of rows × columns.
func (pl *planner) turn(src, dst, rows, columns int) {
	pl.move(moveStep{dst: dst, src: src, dims: []int{columns, rows}, in: []int{1, columns}, out: []int{rows, 1}, size: 4, fill: -1})
}

// dense is what the fused dense operations have in common, where they are plain matrices of float32.
func dense(x, w *value, cfg compute.DenseConfig) (rows, in, out int, ok bool) {
	if x.shape.DType != dtypes.Float32 || w.shape.DType != dtypes.Float32 || w.shape.Rank() != 2 || x.shape.Rank() < 1 ||
		cfg.WeightLayout != compute.DenseLayoutInputOutputs || x.shape.Size() == 0 || w.shape.Size() == 0 {
		return
	}
	if cfg.Activation.Type != compute.ActivationNone && cfg.Activation.Type != compute.ActivationRelu {
		return
	}
	in, out = w.shape.Dimensions[0], w.shape.Dimensions[1]
	return x.shape.Size() / in, in, out, true
}

func emitDense(pl *planner, n *node) bool {
	x, w, bias, cfg := n.in[0], n.in[1], n.in[2], n.attrs[0].(compute.DenseConfig)
	rows, in, out, ok := dense(x, w, cfg)
	if !ok {
		return false
	}
	s := matmulStep{batch: 1, m: rows, n: out, k: in, a: pl.slot(x), am: in, ak: 1, b: pl.slot(w), bk: out, bn: 1, epilogue: noEpilogue}
	if cfg.Activation.Type == compute.ActivationRelu {
		s.activation = kernel.ReLU
	}
	if bias != nil {
		s.bias = pl.slot(bias)
	}
	s.c = pl.slot(n.out[0])
	pl.matmul(s)
	return true
}

// reluGradStep keeps of dy what belongs to a positive y.
type reluGradStep struct{ dst, y, dy, n int }

func (s *reluGradStep) run(fr *frame) error {
	kernel.ReLUGrad(fr.f32(s.dst, s.n), fr.f32(s.y, s.n), fr.f32(s.dy, s.n))
	return nil
}

func emitDenseVJP(pl *planner, n *node) bool {
	x, w, bias, y, dy, cfg := n.in[0], n.in[1], n.in[2], n.in[3], n.in[4], n.attrs[0].(compute.DenseConfig)
	rows, in, out, ok := dense(x, w, cfg)
	relu := cfg.Activation.Type == compute.ActivationRelu
	if !ok || relu && y == nil || n.out[2].shape.Rank() > 1 {
		return false
	}
	d := pl.slot(dy)
	if relu {
		z := pl.temp(4 * rows * out)
		pl.add(&reluGradStep{z, pl.slot(y), d, rows * out})
		d = z
	}
	// dw = xᵀ·dy
	pl.matmul(matmulStep{batch: 1, m: in, n: out, k: rows, a: pl.slot(x), am: 1, ak: in, b: d, bk: out, bn: 1, c: pl.slot(n.out[1]), epilogue: noEpilogue})
	// dx = dy·wᵀ, as the transpose of w·dyᵀ: turning dy and the result is less than turning w.
	if pl.uses[n.out[0]] > 0 {
		dt := pl.temp(4 * rows * out)
		pl.turn(d, dt, rows, out)
		xt := pl.temp(4 * rows * in)
		pl.matmul(matmulStep{batch: 1, m: in, n: rows, k: out, a: pl.slot(w), am: out, ak: 1, b: dt, bk: rows, bn: 1, c: xt, epilogue: noEpilogue})
		pl.turn(xt, pl.slot(n.out[0]), in, rows)
	}
	if bias != nil && pl.uses[n.out[2]] > 0 {
		pl.add(&reduceStep{op: compute.OpTypeReduceSum, dst: pl.slot(n.out[2]), src: d, outer: 1, middle: rows, inner: out, chunk: out})
	}
	return true
}
