package lesson

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"unroll/internal/simd"
)

// A pool does numbered jobs on all cores. Which worker does which job is left
// to chance, so a job must give the same whoever does it and whenever. The
// zero value is ready; a pool runs one thing at a time.
type pool struct {
	mu       sync.Mutex
	opened   sync.Cond     // a stage was opened, or the last one done
	news     atomic.Uint32 // counts how often that was so
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

// A worker is memory for whoever does a job.
type worker struct {
	packed         simd.Packed
	da, du, dx, dy []float64
}

// smallWork is how many multiply-adds one core does in some microseconds, which
// it takes to hand them out.
const smallWork = 1 << 18

// run does the jobs of all stages and returns when they are done. work is about
// how many multiply-adds they are.
func (c *pool) run(work int, stages ...stage) {
	most := 0
	for _, s := range stages {
		most = max(most, s.jobs)
	}
	if c.help == nil {
		c.opened.L = &c.mu
		c.help = func() {
			c.mu.Lock()
			for c.work(); c.stayAwake(); {
				c.work()
			}
			c.helpers--
			c.mu.Unlock()
		}
	}
	c.mu.Lock()
	c.stages = append(c.stages[:0], stages...)
	c.taken, c.finished = 0, 0
	c.news.Add(1)
	if work >= smallWork {
		// A helper that comes too late for one run may help the next.
		for c.helpers < min(runtime.GOMAXPROCS(0), most)-1 {
			c.helpers++
			go c.help()
		}
	}
	c.work()
	c.mu.Unlock()
}

// work does jobs until none is left. It holds c.mu but while it does one.
func (c *pool) work() {
	if len(c.idle) == 0 {
		c.idle = append(c.idle, new(worker))
	}
	last := len(c.idle) - 1
	w := c.idle[last]
	c.idle = c.idle[:last]
	for len(c.stages) > 0 {
		s := c.stages[0]
		if c.taken == s.jobs {
			if !c.stayAwake() {
				c.opened.Wait()
			}
			continue
		}
		job := c.taken
		c.taken++
		c.mu.Unlock()
		s.do(job, w)
		c.mu.Lock()
		if c.finished++; c.finished == s.jobs {
			c.stages = slices.Delete(c.stages, 0, 1)
			c.taken, c.finished = 0, 0
			c.news.Add(1)
			c.opened.Broadcast()
		}
	}
	c.idle = append(c.idle, w)
}

// patience is how long a worker looks for news before it sleeps: about what it
// costs to wake it where the machine is a virtual one.
const patience = 100 * time.Microsecond

// stayAwake lets others have c.mu for a while, and reports whether there is
// news.
func (c *pool) stayAwake() bool {
	old := c.news.Load()
	c.mu.Unlock()
	for start := time.Now(); c.news.Load() == old && time.Since(start) < patience; {
	}
	c.mu.Lock()
	return c.news.Load() != old
}
