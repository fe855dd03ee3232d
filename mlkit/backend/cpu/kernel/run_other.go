//go:build !amd64

package kernel

// runTile computes a tile of at most mr rows and nr columns.
func runTile(t *tile, rows, columns int) { runGeneric(t, rows, columns) }

func wideTile(m, n int) int { return nr }
