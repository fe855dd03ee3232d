// Package kernel computes on blocks of float32 as quickly as one core can: the batch-reduce matrix
// product that dense layers, convolutions and their gradients are made of ([Brgemm]), and what
// goes between them.
//
// # Levels
//
// Every kernel exists for several sets of instructions: [AVX512] (F, VL, DQ, BW), [AVX2] (with FMA),
// [NEON], and [Generic], which is portable Go. The best that the machine has is used. The environment variable
// GOPHERLENS_CPU=avx512, avx2, neon or generic forces one, for tests and comparisons; [Err] tells
// if the machine doesn't have it. [EachLevel] runs a test at every level.
//
// Kernels run on the calling goroutine, allocate nothing and may run at once on many goroutines. Each
// checks once that its operands lie in their slices, and panics with a sentence if they don't.
//
// # The assembly
//
// The x86 files *_amd64.s, and the declarations beside them, are written by the program in asm with
// avo; "go generate" writes them anew, byte for byte. The program is a module of its own, so that
// avo is no dependency of those who use the kernels.
package kernel
