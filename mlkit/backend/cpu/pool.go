package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A task is work that is cut into parts.
type task interface {
	// part does part i. Parts run at the same time, each on some worker w, 0 ≤ w < pool.size().
	part(fr *frame, w, i int)
}

// pool shares the parts of one task at a time among the caller and its workers. Between two tasks the
// workers spin for some microseconds, since the next step of a graph usually follows at once, and then
// park: a worker that spun on would take the core from whoever else wants it.
type pool struct {
	mu     sync.Mutex // held while a task runs
	epoch  atomic.Uint64
	open   atomic.Bool
	inside atomic.Int32 // workers that may be looking at the task
	closed atomic.Bool

	task task
	fr   *frame
	n    int64
	next atomic.Int64
	// failed holds the first panic of a worker, which the caller passes on.
	failed atomic.Pointer[any]

	workers []*worker
	done    sync.WaitGroup
}

type worker struct {
	parked atomic.Bool
	wake   chan struct{}
}

// spins is how often a worker looks for a task before it parks: about 50 µs.
const spins = 20000

func newPool(threads int) *pool {
	p := &pool{}
	for range threads - 1 {
		p.workers = append(p.workers, &worker{wake: make(chan struct{}, 1)})
	}
	p.done.Add(len(p.workers))
	for i, w := range p.workers {
		go p.work(w, i+1)
	}
	return p
}

// size is how many threads share a task.
func (p *pool) size() int { return len(p.workers) + 1 }

// run does the n parts of a task and returns when all are done. Where another goroutine has the workers,
// the caller does them alone.
func (p *pool) run(t task, fr *frame, n int) {
	if n <= 1 || len(p.workers) == 0 || p.closed.Load() || !p.mu.TryLock() {
		for i := range n {
			t.part(fr, 0, i)
		}
		return
	}
	p.task, p.fr, p.n = t, fr, int64(n)
	p.next.Store(0)
	p.open.Store(true)
	p.epoch.Add(1)
	p.wake()
	defer func() {
		p.open.Store(false)
		for k := 0; p.inside.Load() != 0; k++ {
			if k > 1000 {
				runtime.Gosched()
			}
		}
		p.task, p.fr = nil, nil
		failed := p.failed.Swap(nil)
		p.mu.Unlock()
		if failed != nil {
			panic(*failed)
		}
	}()
	p.take(0)
}

// wake wakes the workers that are parked.
func (p *pool) wake() {
	woken := false
	for _, w := range p.workers {
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
			woken = true
		}
	}
	if woken {
		// Go's scheduler has a thread wait, for some 80 µs, before it takes the goroutine that another thread has made
		// ready last, as that one may soon run it itself. This one won't, so another goroutine has to be the last.
		go func() {}()
	}
}

// take does parts until none is left.
func (p *pool) take(w int) {
	for {
		i := p.next.Add(1) - 1
		if i >= p.n {
			return
		}
		p.task.part(p.fr, w, int(i))
	}
}

func (p *pool) work(self *worker, w int) {
	defer p.done.Done()
	last := uint64(0)
	for {
		for k := 0; p.epoch.Load() == last; k++ {
			if k < spins {
				continue
			}
			self.parked.Store(true)
			if p.epoch.Load() == last || !self.parked.CompareAndSwap(true, false) {
				<-self.wake
			}
			k = 0
		}
		last = p.epoch.Load()
		if p.closed.Load() {
			return
		}
		p.help(w)
	}
}

// help does parts of the task at hand, if there is still one.
func (p *pool) help(w int) {
	p.inside.Add(1)
	defer p.inside.Add(-1)
	defer func() {
		if e := recover(); e != nil {
			failed := e // e itself would be allocated every time
			p.failed.CompareAndSwap(nil, &failed)
			p.next.Store(p.n)
		}
	}()
	if p.open.Load() {
		p.take(w)
	}
}

// close ends the workers and waits for them.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed.Swap(true) {
		return
	}
	p.epoch.Add(1)
	p.wake()
	p.done.Wait()
}
