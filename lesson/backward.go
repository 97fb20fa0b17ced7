package lesson

import "unroll/internal/simd"

// backward backpropagates through the last Forward, from the gradients of output
// and states to those of x and s0.
func (r *recurrent) backward(fn string, out passIO, dOutput *Tensor, dStates [2]*Tensor) {
	r.check(fn)
	r.checkKept(fn)
	p := r.last
	if dOutput != nil {
		shape, axes := r.layout(p, r.config.directions()*r.config.HiddenSize)
		if !dOutput.shape.Equal(shape[:axes]) {
			failf(fn, "dOutput is %s, want %s, as the output", dOutput.shape.times(), Shape(shape[:axes]).times())
		}
	}
	for k, s := range dStates {
		if s != nil {
			r.checkState(fn, []string{"dHidden", "dCell"}[k], s, p.batched, p.batch)
		}
	}

	r.begin(fn, p, out, passIO{dOutput, dStates}, r.config.InputSize)
	pack, sum := stage{r.packJobs(), p.jobs.packBackward}, stage{r.sumJobs(), p.jobs.sum}
	if p.scan {
		r.prepareAccumulators(p, len(p.segments))
		p.pool.run(2*r.work(p), pack)
		r.backwardScan(p)
		p.pool.run(2*r.work(p), sum)
	} else {
		r.prepareAccumulators(p, len(p.shards))
		p.pool.run(2*r.work(p), pack, stage{len(p.accumulators), p.jobs.backward}, sum)
	}
	p.end()
}

// checkKept panics unless the last Forward kept what Backward needs.
func (r *recurrent) checkKept(fn string) {
	if r.last == nil {
		failf(fn, "no Forward before it, want one: Backward backpropagates through the last Forward")
	}
	if !r.last.kept {
		failf(fn, "the last Forward kept nothing for it, want NoGrad(false) before that Forward")
	}
}

// backwardShards backpropagates through the shards of the n-th accumulator, one
// after the other.
func (r *recurrent) backwardShards(p *pass, n int, w *worker) {
	for i := n; i < len(p.shards); i += len(p.accumulators) {
		q := p.shards[i]
		for l := len(q.layers) - 1; l >= 0; l-- {
			t := &q.layers[l]
			if l > 0 {
				q.dx = resizeSlice(q.dx, q.rows()*r.layers[l][0].in)
			}
			for d := range t.dirs {
				r.backwardDirection(p, q, l, d, p.accumulators[n], i == n, w)
			}
			r.passBelow(p, q, l)
		}
	}
}

// passBelow makes the gradient of a layer's input that of the output below.
func (r *recurrent) passBelow(p *pass, q *shard, l int) {
	q.dx, q.dy = q.dy, q.dx
	if l > 0 && p.dropout {
		for i, m := range q.layers[l-1].mask {
			q.dy[i] *= m
		}
	}
}

// backwardDirection backpropagates through one direction of one layer: from the
// gradient of its output, p.in at the top and q.dy below, to that of its input,
// q.dx and at the bottom p.out. It adds the gradients of its parameters to sums,
// or sets them where they are fresh.
func (r *recurrent) backwardDirection(p *pass, q *shard, l, d int, sums accumulator, fresh bool, work *worker) {
	steps, size := q.steps(), q.blockSteps()
	r.seedStates(p, q, l, d)
	for to := steps; to > 0; to -= size {
		r.backwardBlock(p, q, l, d, max(0, to-size), to, q.ds, sums, fresh, work)
		fresh = false
	}
	r.keepStateGradients(p, q, l, d, q.ds)
}

// backwardBlock backpropagates through some steps of a direction: ds, the gradients
// of the states after them, become those of the states before.
func (r *recurrent) backwardBlock(p *pass, q *shard, l, d, from, to int, ds [2][]float64, sums accumulator, fresh bool, work *worker) {
	tr, hidden, reverse := r.traits, r.config.HiddenSize, d == 1
	gh := tr.gates * hidden
	c, w := &q.layers[l].dirs[d], r.layers[l][d]
	in := q.x
	if l > 0 {
		in = q.layers[l-1].out
	}
	t0, t1, lo, hi := q.span(from, to, reverse)
	work.da = resizeSlice(work.da, (hi-lo)*gh)
	da, du := work.da, work.da
	if tr.separate {
		work.du = resizeSlice(work.du, (hi-lo)*gh)
		du = work.du
	}
	r.gatherGradient(p, q, l, d, t0, t1, lo, hi, work)
	for i := to - 1; i >= from; i-- {
		t := inOrder(i, q.steps(), reverse)
		s := q.at(&work.step, c, tr, hidden, t)
		row := q.starts[t] - lo
		s.da, s.du = da[row*gh:][:s.n*gh], du[row*gh:][:s.n*gh]
		for k := range tr.states {
			s.ds[k] = ds[k][:s.n*hidden]
		}
		r.backwardStep(p, q, s, l, d, lo, row, w, work)
	}
	slopes := matrix(da, 0, hi-lo, gh)
	r.addGradients(w, sums, fresh, slopes, matrix(du, 0, hi-lo, gh),
		matrix(in, lo, hi, w.in), matrix(c.before[0], lo, hi, hidden), &work.packed)
	if l > 0 || p.out.sequence != nil {
		r.inputGradient(p, q, l, d, slopes, t0, t1, lo, hi, work)
	}
}

// gatherGradient copies the gradient of a direction's output at the top for rows
// lo to hi−1, which are steps t0 to t1−1.
func (r *recurrent) gatherGradient(p *pass, q *shard, l, d, t0, t1, lo, hi int, work *worker) {
	if l == len(q.layers)-1 && p.in.sequence != nil {
		hidden := r.config.HiddenSize
		work.dy = resizeSlice(work.dy, (hi-lo)*hidden)
		r.gather(p, q, matrix(work.dy, 0, hi-lo, hidden), p.in.sequence, d*hidden, t0, t1)
	}
}

// keepStateGradients writes the gradients of a direction's first states.
func (r *recurrent) keepStateGradients(p *pass, q *shard, l, d int, ds [2][]float64) {
	for k, s := range p.out.states {
		if s == nil {
			continue
		}
		for j, b := range q.seqs {
			copy(r.stateRow(p, s, l*r.config.directions()+d, b), ds[k][j*r.config.HiddenSize:])
		}
	}
}

// seedStates sets the gradients of a direction's last states.
func (r *recurrent) seedStates(p *pass, q *shard, l, d int) {
	for k := range r.traits.states {
		q.ds[k] = resizeSlice(q.ds[k], len(q.seqs)*r.config.HiddenSize)
		r.copyStates(p, q, q.ds[k], p.in.states[k], l, d)
	}
}

// copyStates copies those of a direction, a row for each sequence; nil is zeros.
func (r *recurrent) copyStates(p *pass, q *shard, dst []float64, states *Tensor, l, d int) {
	clear(dst)
	if states != nil {
		for j, b := range q.seqs {
			copy(dst[j*r.config.HiddenSize:], r.stateRow(p, states, l*r.config.directions()+d, b))
		}
	}
}

// backwardStep backpropagates through one step, which begins row rows after lo:
// it adds the gradient of the step's output to s.ds, that of the states after
// the step, sets s.da and s.du, and leaves in s.ds that of the states before.
func (r *recurrent) backwardStep(p *pass, q *shard, s *step, l, d, lo, row int, w *weights, work *worker) {
	hidden := r.config.HiddenSize
	r.addOutputGradient(p, q, s, l, d, lo, row, work)
	r.cell.backward(s)
	if r.traits.inputOnly {
		return
	}
	dh := matrix(s.ds[0], 0, s.n, hidden)
	start := simd.Matrix{}
	if r.traits.skip {
		start = dh
	}
	simd.Gemm(dh, start, matrix(s.du, 0, s.n, r.traits.gates*hidden), &w.packedHH)
}

// addOutputGradient adds the gradient of a step's output to s.ds.
func (r *recurrent) addOutputGradient(p *pass, q *shard, s *step, l, d, lo, row int, work *worker) {
	hidden, dirs := r.config.HiddenSize, r.config.directions()
	switch {
	case l < len(q.layers)-1:
		for j := range s.n {
			simd.Axpy(1, q.dy[((lo+row+j)*dirs+d)*hidden:][:hidden], s.ds[0][j*hidden:][:hidden])
		}
	case p.in.sequence != nil:
		simd.Axpy(1, work.dy[row*hidden:][:s.n*hidden], s.ds[0])
	}
}

// inputGradient computes the gradient of a direction's input for rows lo to
// hi−1, which are steps t0 to t1−1, or adds it to the other direction's.
func (r *recurrent) inputGradient(p *pass, q *shard, l, d int, da simd.Matrix, t0, t1, lo, hi int, work *worker) {
	w := r.layers[l][d]
	if l == 0 {
		work.dx = resizeSlice(work.dx, (hi-lo)*w.in)
		dx := matrix(work.dx, 0, hi-lo, w.in)
		simd.Gemm(dx, simd.Matrix{}, da, &w.packedIH)
		r.scatter(p, q, p.out.sequence, 0, dx, t0, t1, d > 0)
		return
	}
	dx, start := matrix(q.dx, lo, hi, w.in), simd.Matrix{}
	if d > 0 {
		start = dx
	}
	simd.Gemm(dx, start, da, &w.packedIH)
}
