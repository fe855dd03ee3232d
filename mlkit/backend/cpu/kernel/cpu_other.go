//go:build !amd64 && !arm64

package kernel

// Available lists the levels that this machine can run, slowest first.
func Available() []Level { return []Level{Generic} }

func tileSize(Level) (rows, columns int) { return genericMR, genericNR }
