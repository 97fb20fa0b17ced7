package lesson

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"unroll/internal/simd"
)

// A pool does numbered jobs on all cores. Which worker does which job, and
// when, is not determined, so a job must give the same result in any order. The
// zero value is ready; a pool runs one list of stages at a time.
type pool struct {
	mu       sync.Mutex
	opened   sync.Cond     // a stage was opened, or the last one done
	news     atomic.Uint32 // counts how often that happened
	stages   []stage       // that are left, the open one first
	taken    int           // jobs of the open stage that a worker has taken
	finished int           // and that are done
	helpers  int           // goroutines at work or about to be
	idle     []*worker
	help     func() // what a helper does; kept, so that starting one allocates nothing
}

// A stage is jobs that wait for those of the stage before.
type stage struct {
	jobs int
	do   func(job int, w *worker)
}

// A worker is the memory of one goroutine that does jobs.
type worker struct {
	packed            simd.Packed
	da, du, dx, dy, x []float64
	layers            []layerCache // under NoGrad of one shard after the other
	step              step
}

// smallWork is how many multiply-adds one core does in some microseconds, which
// it takes to hand them out.
const smallWork = 1 << 18

// run does the jobs of all stages and returns when they are done. work is about
// how many multiply-adds they are.
func (p *pool) run(work int, stages ...stage) {
	most := 0
	for _, s := range stages {
		most = max(most, s.jobs)
	}
	if p.help == nil {
		p.opened.L = &p.mu
		p.help = func() {
			p.mu.Lock()
			for p.work(); p.stayAwake(); {
				p.work()
			}
			p.helpers--
			p.mu.Unlock()
		}
	}
	p.mu.Lock()
	p.stages = append(p.stages[:0], stages...)
	p.taken, p.finished = 0, 0
	p.news.Add(1)
	if work >= smallWork {
		// A helper that comes too late for one run may help the next.
		for p.helpers < min(runtime.GOMAXPROCS(0), most)-1 {
			p.helpers++
			go p.help()
		}
	}
	p.work()
	p.mu.Unlock()
}

// work does jobs until none is left. It holds p.mu except while it does one.
func (p *pool) work() {
	if len(p.idle) == 0 {
		p.idle = append(p.idle, new(worker))
	}
	last := len(p.idle) - 1
	w := p.idle[last]
	p.idle = p.idle[:last]
	for len(p.stages) > 0 {
		s := p.stages[0]
		if p.taken == s.jobs {
			if !p.stayAwake() {
				p.opened.Wait()
			}
			continue
		}
		job := p.taken
		p.taken++
		p.mu.Unlock()
		s.do(job, w)
		p.mu.Lock()
		if p.finished++; p.finished == s.jobs {
			p.stages = slices.Delete(p.stages, 0, 1)
			p.taken, p.finished = 0, 0
			p.news.Add(1)
			p.opened.Broadcast()
		}
	}
	p.idle = append(p.idle, w)
}

// patience is how long a worker waits actively for a change before it sleeps: about
// the time that waking it takes on a virtual machine.
const patience = 100 * time.Microsecond

// stayAwake releases p.mu for a while, and reports whether something changed.
func (p *pool) stayAwake() bool {
	old := p.news.Load()
	p.mu.Unlock()
	for start := time.Now(); p.news.Load() == old && time.Since(start) < patience; {
	}
	p.mu.Lock()
	return p.news.Load() != old
}
