//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"gopherlens/mlkit/backend/cpu/kernel"
)

type matmulCommand struct {
	Size int `help:"Rows and columns of the matrices." default:"1024"`
	Runs int `help:"How often to measure the product and the peak, in turn." default:"20"`
}

type matmulResult struct {
	Peer       string  `json:"peer"`
	Size       int     `json:"size"`
	Threads    int     `json:"threads"`
	Kernels    string  `json:"kernels"` // the instructions that the peak is for
	MinMS      float64 `json:"min_ms"`
	MedianMS   float64 `json:"median_ms"`
	Gflops     float64 `json:"gflops"`      // GFLOP/s of the fastest product
	PeakGflops float64 `json:"peak_gflops"` // the most that all threads together were seen to do
	Percent    float64 `json:"percent"`     // of the peak
}

// Run measures the product and the peak in turn, as a machine drifts, and takes the best of each.
func (c matmulCommand) Run() error {
	if c.Size < 1 || c.Runs < 1 {
		return fmt.Errorf("--size=%d --runs=%d: both must be at least 1", c.Size, c.Runs)
	}
	b, err := newBackend()
	if err != nil {
		return err
	}
	g := graph.NewGraph(b, "matmul")
	err = exceptions.TryCatch[error](func() {
		left, right := parameter(g, c.Size, c.Size), parameter(g, c.Size, c.Size)
		if err := g.Compile(graph.DotGeneral(left, []int{1}, nil, right, []int{0}, nil)); err != nil {
			panic(err)
		}
	})
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var inputs []any
	for handle := range 2 {
		t, err := tensor(b, g.GetParameterByHandle(graph.ParameterHandle(handle)).Shape(), normal(rng, 1))
		if err != nil {
			return err
		}
		inputs = append(inputs, t)
	}
	r := matmulResult{Peer: name, Size: c.Size, Threads: runtime.GOMAXPROCS(0), Kernels: kernel.Active().String()}
	var times []time.Duration
	for i := range 1 + c.Runs {
		took, err := run(g, inputs, func([]float32) error { return nil })
		if err != nil {
			return err
		}
		if i > 0 { // the first one finds its memory
			times = append(times, took)
		}
		r.PeakGflops = max(r.PeakGflops, peak(r.Threads)/1e9)
	}
	r.MinMS, r.MedianMS = milliseconds(times)
	r.Gflops = 2 * float64(c.Size) * float64(c.Size) * float64(c.Size) / r.MinMS / 1e6
	r.Percent = 100 * r.Gflops / r.PeakGflops
	return json.NewEncoder(os.Stdout).Encode(r)
}

// peak is the most floating-point operations a second that so many threads were seen to do together, each
// multiplying and adding in registers. The bursts are short, so that some find the machine idle.
func peak(threads int) (best float64) {
	const bursts, burst, rounds = 10, 3 * time.Millisecond, 2000
	for range bursts {
		var ready atomic.Int32
		var all sync.WaitGroup
		rates := make([]float64, threads)
		for i := range rates {
			all.Go(func() {
				for ready.Add(1); int(ready.Load()) < threads; {
					runtime.Gosched()
				}
				operations, begin := 0, time.Now()
				for time.Since(begin) < burst {
					operations += kernel.FMA(rounds)
				}
				rates[i] = float64(operations) / time.Since(begin).Seconds()
			})
		}
		all.Wait()
		sum := 0.0
		for _, rate := range rates {
			sum += rate
		}
		best = max(best, sum)
	}
	return best
}
