package kernel

// Available lists the levels that this machine can run, slowest first. Every arm64 machine that Go
// runs on has NEON.
func Available() []Level { return []Level{Generic, NEON} }

func tileSize(l Level) (rows, columns int) {
	if l == NEON {
		return 6, 16
	}
	return genericMR, genericNR
}
