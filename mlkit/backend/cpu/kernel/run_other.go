//go:build !amd64 && !arm64

package kernel

// runTile computes a tile of at most mr rows and nr columns.
func runTile(t *tile, rows, columns int) { runGeneric(t, rows, columns) }

func fold(op int, p *partials, a, b []float32) bool { return false }

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(Level) vectors { return vectors{} }

// FMA runs rounds of independent multiplications and additions and returns how many floating-point
// operations these were: the peak that the other kernels are measured against.
func FMA(rounds int) (operations int) { return peakGeneric(rounds) }
