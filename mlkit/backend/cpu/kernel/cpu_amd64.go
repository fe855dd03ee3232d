package kernel

import "golang.org/x/sys/cpu"

// Available lists the levels that this machine can run, slowest first.
func Available() []Level {
	levels := []Level{Generic}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		levels = append(levels, AVX2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW {
			levels = append(levels, AVX512)
		}
	}
	return levels
}

func tileSize(l Level) (rows, columns int) {
	switch l {
	case AVX512:
		return 14, 32
	case AVX2:
		return 6, 16
	}
	return genericMR, genericNR
}
