// Package kernel computes on blocks of float32 as quickly as one core can: the batch-reduce matrix
// product that dense layers, convolutions and their gradients are made of ([Brgemm]), and what
// goes between them.
//
//   - matrix products: [Brgemm] on blocks, [Gemm] on whole matrices, [PackB];
//   - element-wise arithmetic and functions ([Add] … [Erf]), [Compare] and [Select], [Adam], and
//     reductions ([Sum], [Dot], [MaxOf]), each with its error bound;
//   - pooling ([MaxPool2x2]) and its gradients ([MaxPool2x2Grad], [MaxWindowGrad]);
//   - convolutions: [Depthwise], and Winograd's F(4×4, 3×3) ([WinogradInput], [WinogradOutput]).
//
// Images are [height, width, channels], channels side by side.
//
// # Levels
//
// The kernels are written for several sets of instructions: [AVX512] (F, VL, DQ, BW), [AVX2] (with
// FMA), [NEON], and [Generic], which is portable Go. The best that the machine has is used. NEON has products,
// element-wise arithmetic and reductions; the rest is portable Go there. The environment variable
// GOPHERLENS_CPU=avx512, avx2, neon or generic forces a level, for tests and comparisons; [Err] tells
// if the machine doesn't have it. [EachLevel] runs a test at every level.
//
// Kernels run on the calling goroutine, allocate nothing (a [Gemm] keeps what it packs into for the
// next) and may run at once on many goroutines. Each checks once that its operands lie in their slices, and panics with a sentence if they don't.
//
// # The assembly
//
// The files *_amd64.s and *_arm64.s, and the declarations beside them, are written by the program in
// asm, for x86 with avo; "go generate" writes them anew, byte for byte, and a test of the program
// checks that. It is a module of its own, so that avo is no dependency of those who use the kernels.
// Without an arm64 machine they are tested by
//
//	GOARCH=arm64 go test -exec qemu-aarch64
package kernel
