// Package cpu is a fast GoMLX backend for CPUs, in Go and Go assembly: no cgo, no GOEXPERIMENT, no
// download. Any GoMLX program gets it with one import,
//
//	import _ "gopherlens/mlkit/backend/cpu"
//
// and chooses it with GOMLX_BACKEND=cpu, or in code:
//
//	backend, err := compute.NewWithConfig("cpu")
//
// # How it computes
//
// A graph is compiled as a whole: dead and repeated operations are dropped, what rests on constants alone
// is computed at once, a convolution takes the bias, the batch normalisation, the relu or leaky relu and the
// residual that follow it into its registers, element-wise operations are fused into groups that go through the
// cache block by block, and all that lies between the steps gets its place in one piece of memory.
// ARCHITECTURE.md has a drawing.
//
// Natively, for float32: convolutions in every order of their axes, with strides, paddings, dilations and
// groups, and their gradients; products of matrices (DotGeneral, dense layers and their gradients); pooling
// and its gradient; reductions, softmax, arg-max; Adam's update. Whole numbers, booleans and float64 have the element-wise
// operations, and every type the operations that only move elements.
//
// Weights are packed for the kernels, once, and what is packed is kept while they do not change: up to 192 MB, from
// the second execution on that has the same weights. That they do not change is known of a graph's constants, of what
// an execution returned, and of buffers made by BufferFromFlatData (tensors.FromBuffer makes a tensor of one). Others
// can be written to at any time, since somebody has their slice: those of NewSharedBuffer, as GoMLX makes them of a
// local tensor, and those whose Data was asked for. Their weights are packed at every execution.
//
// Everything else is handed to the stock Go backend: one operation where that is enough, and the whole graph
// where it has functions, loops, branches, sorting or dynamic shapes. So every graph that runs on the stock
// backend runs here.
//
// # Environment
//
//	GOPHERLENS_CPU=generic   the kernels to use (avx512, avx2, neon or generic) in place of the best the CPU has
//	GOPHERLENS_CPU_DEBUG=1   log what was handed to the stock backend, and why
//	GOMAXPROCS=1             the number of threads
//
// # Accuracy
//
// Sums are float32, in another order than the stock backend's: a sum of k products is off by about √k·2⁻²⁴
// of its terms in either. Convolutions with 3×3 kernels, stride 1 and enough channels and pixels go by Winograd's
// algorithm, whose transforms make that about ten times as much, some 10⁻⁵ of the largest terms, and let an infinity
// or NaN in the input spread over the 4×4 results around it. A tap of a kernel that is padding, and known to be
// zero, is not multiplied, not even with an infinity. The same graph, compiled anew or run again, gives the same bits on the same
// machine; another number of threads may change the last ones.
package cpu

//go:generate go run gen.go
