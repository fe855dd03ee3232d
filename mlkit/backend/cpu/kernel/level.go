package kernel

import (
	"fmt"
	"os"
	"strings"
)

// Level is a kernel set: the instructions that the kernels are written in.
type Level uint8

// The kernel sets, slowest first.
const (
	Generic Level = iota // portable Go
	NEON                 // arm64
	AVX2                 // x86-64 with AVX2 and FMA
	AVX512               // x86-64 with AVX-512 F, VL, DQ and BW
)

var levelNames = [...]string{Generic: "generic", NEON: "neon", AVX2: "avx2", AVX512: "avx512"}

// String returns the level's name as GOPHERLENS_CPU takes it.
func (l Level) String() string { return levelNames[l] }

// The level in use and the size of its micro-kernel's tile. Only use writes these and vec.
var (
	active Level
	mr, nr int
)

// forced tells what was wrong with GOPHERLENS_CPU.
var forced error

func init() {
	levels := Available()
	use(levels[len(levels)-1])
	if name := os.Getenv("GOPHERLENS_CPU"); name != "" {
		forced = force(name)
	}
}

// force switches to the level of that name, if the machine has it.
func force(name string) error {
	var names []string
	for _, l := range Available() {
		if l.String() == name {
			use(l)
			return nil
		}
		names = append(names, l.String())
	}
	return fmt.Errorf("GOPHERLENS_CPU=%s: this machine has no such kernels, only %s; using %s",
		name, strings.Join(names, " and "), active)
}

func use(l Level) {
	active = l
	mr, nr = tileSize(l)
	vec = vectorsOf(l)
}

// Active returns the level in use: the machine's best, or the one that GOPHERLENS_CPU names.
func Active() Level { return active }

// Err returns what is wrong with the value of GOPHERLENS_CPU, nil if it is unset or was obeyed.
func Err() error { return forced }

// EachLevel calls f once for every level of this machine, with that level in use, slowest first; it
// is for tests. No kernel may run elsewhere meanwhile, and what [PackB] packed at one level is not
// for another.
func EachLevel(f func(Level)) {
	before := active
	defer use(before)
	for _, l := range Available() {
		use(l)
		f(l)
	}
}

// Tile returns the largest tile of the active micro-kernel: mr rows of C by nr columns. Blocks of C
// whose rows are a multiple of mr, or a little less, are the quickest; nr is the panel width of [PackB].
func Tile() (rows, columns int) { return mr, nr }
