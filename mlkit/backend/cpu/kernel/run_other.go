//go:build !amd64 && !arm64

package kernel

// runTile computes a tile of at most mr rows and nr columns.
func runTile(t *tile, rows, columns int) { runGeneric(t, rows, columns) }

func fold(op int, p *partials, a, b []float32) bool { return false }

// vectorsOf returns a level's element-wise kernels.
func vectorsOf(Level) vectors { return vectors{} }
