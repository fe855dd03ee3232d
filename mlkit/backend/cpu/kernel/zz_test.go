package kernel

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func cpuTime() time.Duration {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
	return time.Duration(ts.Nano())
}

// best is the least CPU time of a run.
func best(f func(), budget time.Duration) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f()
	b := time.Hour
	n := 1
	for t0 := cpuTime(); cpuTime()-t0 < budget; {
		s := cpuTime()
		for range n {
			f()
		}
		d := cpuTime() - s
		b = min(b, d/time.Duration(n))
		if d < 100*time.Microsecond {
			n *= 2
		}
	}
	return b
}

func TestZZ(t *testing.T) {
	what := os.Getenv("ZZ")
	if what == "" {
		t.Skip()
	}
	EachLevel(func(l Level) {
		if l == Generic {
			return
		}
		ops := FMA(1)
		peak := float64(ops*2000) / float64(best(func() { FMA(2000) }, 100*time.Millisecond))
		fmt.Printf("%s peak %.1f\n", l, peak)
		show := func(name string, flops float64, f func()) {
			d := best(f, 150*time.Millisecond)
			fmt.Printf("%-24s %8.1f us %6.1f GFLOP/s %5.1f%%\n", name, float64(d)/1e3, flops/float64(d), 100*flops/float64(d)/peak)
		}
		for _, p := range [][4]int{{6, 16, 256, 1}, {60, 64, 64, 9}, {56, 64, 64, 9}, {13, 256, 128, 9}, {11, 64, 32, 9}, {26, 32, 3, 3}, {26, 32, 1, 9}, {32, 10, 128, 1}, {1, 16, 256, 1}, {2, 64, 256, 1}} {
			g := benchProblem(p[0], p[1], p[2], p[3])
			show(fmt.Sprint("brgemm m,n,k,t ", p), 2*float64(g.M*g.N*g.K*len(g.AOff)), g.Run)
		}
		for _, p := range []struct {
			g    Gemm
			name string
		}{
			{Gemm{M: 1024, N: 1024, K: 1024}, "1024"},
			{Gemm{M: 512, N: 512, K: 512}, "512"},
			{Gemm{M: 1000, N: 1000, K: 1000}, "1000"},
			{Gemm{M: 1024, N: 1024, K: 1024, TransA: true}, "1024ta"},
			{Gemm{M: 1024, N: 1024, K: 1024, TransB: true}, "1024tb"},
			{Gemm{M: 1, N: 1024, K: 1024}, "vecmat1024"},
			{Gemm{M: 1, N: 128, K: 256}, "vecmat128"},
			{Gemm{M: 1, N: 1024, K: 1024, TransB: true}, "vecmat1024 tb"},
			{Gemm{M: 1024, N: 1, K: 1024}, "matvec1024"},
			{Gemm{M: 4, N: 1024, K: 1024}, "4x1024"},
			{Gemm{M: 32, N: 128, K: 2304}, "dense32"},
			{Gemm{M: 2304, N: 128, K: 32, TransA: true}, "dense32 dW"},
			{Gemm{M: 32, N: 2304, K: 128, TransB: true}, "dense32 dX"},
			{Gemm{M: 32, N: 10, K: 128}, "logits"},
		} {
			g := p.g
			g.A, g.B, g.C = make([]float32, g.M*g.K), make([]float32, g.N*g.K), make([]float32, g.M*g.N)
			g.LDA, g.LDB, g.LDC = g.K, g.N, g.N
			if g.TransA {
				g.LDA = g.M
			}
			if g.TransB {
				g.LDB = g.K
			}
			show(p.name, 2*float64(g.M*g.N*g.K), g.Run)
		}
	})
}
