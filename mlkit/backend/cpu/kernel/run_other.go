//go:build !amd64

package kernel

import "unsafe"

// runTile computes a tile of at most mr rows and nr columns.
func runTile(t *tile, rows, columns int) { runGeneric(t, rows, columns) }

func wideTile(m, n int) int { return nr }

func packPanel(dst, src []float32, k, stride int) bool { return false }

func vecmat(t *tile, c, b, a unsafe.Pointer, k, n int) (rows, columns int) { return 0, 0 }

// FMA runs rounds of independent multiplications and additions and returns how many floating-point
// operations these were: the peak that the other kernels are measured against.
func FMA(rounds int) (operations int) { return peakGeneric(rounds) }

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(Level) vectors { return vectors{} }

func fold(op int, p *partials, a, b []float32) bool { return false }
