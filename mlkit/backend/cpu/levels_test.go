package cpu

import (
	"os"
	"os/exec"
	"runtime"
	"testing"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// TestLevels passes the tests on the machine's slower kernel sets, too.
func TestLevels(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: takes the slower kernels, and this is a short run")
	}
	best := kernel.Active()
	kernel.EachLevel(func(l kernel.Level) {
		if l == best {
			return
		}
		t.Run(l.String(), func(t *testing.T) {
			t.Run("Backend", TestBackend)
			t.Run("Convolution", TestConvolutionParity)
			t.Run("WeightGradient", TestWeightGradientParity)
			t.Run("Dot", TestDotParity)
			t.Run("Window", TestWindowParity)
			t.Run("Layers", TestLayers)
			t.Run("Epilogues", TestEpilogues)
			t.Run("Gradients", TestGradients)
			t.Run("RandomGraphs", TestRandomGraphs)
			t.Run("Graphs", TestGraphs)
			t.Run("Sizes", TestSizes)
			t.Run("SpecialNumbers", TestSpecialNumbers)
			t.Run("SpecialsSpread", TestSpecialsSpread)
			t.Run("Largest", TestLargest)
		})
	})
}

// TestARM64 passes the tests of results, and the kernels' own, on an emulated arm64 machine.
func TestARM64(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: builds for another machine, and this is a short run")
	}
	if runtime.GOARCH == "arm64" {
		t.Skip("skipped: this machine is an arm64 one")
	}
	var emulator string
	for _, name := range []string{"qemu-aarch64-static", "qemu-aarch64"} {
		if path, err := exec.LookPath(name); err == nil {
			emulator = path
		}
	}
	if emulator == "" {
		t.Skip("skipped: needs qemu-aarch64 (on Debian and Ubuntu: sudo apt install qemu-user-static)")
	}
	const results = "-run=^Test(Backend|.*Parity|Graphs|RandomGraphs|Layers|Epilogues|Gradients|Sizes|SpecialNumbers|SpecialsSpread|Largest)$"
	for _, args := range [][]string{{results, "."}, {"./kernel"}} {
		cmd := exec.Command("go", append([]string{"test", "-exec=" + emulator}, args...)...)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", cmd.Args, err, out)
		}
	}
}
