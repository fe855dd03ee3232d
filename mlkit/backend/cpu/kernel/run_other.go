//go:build !amd64

package kernel

// runTile computes a tile of at most mr rows and nr columns.
func runTile(t *tile, rows, columns int) { runGeneric(t, rows, columns) }

func wideTile(m, n int) int { return nr }

func packPanel(dst, src []float32, k, stride int) bool { return false }

func vecmat(g *Brgemm, t *tile, c []float32) bool { return false }

func dots(c []float32, ldc int, a []float32, stride int, x []float32, rows int) {}

func packRows(dst, src []float32, k, stride, width int) bool { return false }

func transpose8(dst, src []float32, columns, dstStride, srcStride int) int { return 0 }

// FMA runs rounds of independent multiplications and additions and returns how many floating-point
// operations these were: the peak that the other kernels are measured against.
func FMA(rounds int) (operations int) { return peakGeneric(rounds) }

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(Level) vectors { return vectors{} }

func fold(op int, p *partials, a, b []float32) bool { return false }

func maxPool(dst, a, b []float32, windows, channels int) bool { return false }

func maxPoolGrad(da, db, a, b, dy []float32, windows, channels int) bool { return false }
