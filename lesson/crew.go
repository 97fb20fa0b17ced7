package lesson

import (
	"runtime"
	"sync"
	"sync/atomic"

	"unroll/internal/simd"
)

// A crew does numbered jobs on all cores. Which worker does which job is left
// to chance, so a job must give the same whoever does it and whenever.
type crew struct {
	do      func(job int, w *worker)
	jobs    int64
	next    atomic.Int64 // job to be taken
	joined  atomic.Int64 // workers at it
	done    sync.WaitGroup
	workers []worker
	help    func() // of all but the caller; kept, so that starting one allocates nothing
}

// A worker is memory that a job may use.
type worker struct {
	packed     simd.Packed
	da, du, dx []float64
}

// run does jobs 0 to jobs−1 and returns when all are done. One crew runs one
// thing at a time.
func (c *crew) run(jobs int, do func(job int, w *worker)) {
	n := min(runtime.GOMAXPROCS(0), jobs)
	for len(c.workers) < n {
		c.workers = append(c.workers, worker{})
	}
	if c.help == nil {
		c.help = func() {
			defer c.done.Done()
			c.work()
		}
	}
	c.do, c.jobs = do, int64(jobs)
	c.next.Store(0)
	c.joined.Store(0)
	c.done.Add(n - 1)
	for range n - 1 {
		go c.help()
	}
	c.work()
	c.done.Wait()
}

// work takes jobs until none is left.
func (c *crew) work() {
	w := &c.workers[c.joined.Add(1)-1]
	for {
		job := c.next.Add(1) - 1
		if job >= c.jobs {
			return
		}
		c.do(int(job), w)
	}
}
