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
	r.prepareAccumulators(p)
	p.pool.run(2*r.work(p), stage{r.packJobs(), p.jobs.packBackward},
		stage{len(p.accumulators), p.jobs.backward}, stage{r.sumJobs(), p.jobs.sum})
	p.end()
}

// checkKept panics unless the last Forward kept what Backward needs.
func (r *recurrent) checkKept(fn string) {
	if r.last == nil {
		failf(fn, "no Forward before it, want one: Backward backpropagates through the last Forward")
	}
	if r.last.noGrad {
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
			q.dx, q.dy = q.dy, q.dx // the gradient of this input is that of the output below
			if l > 0 && p.dropout {
				for i, m := range q.layers[l-1].mask {
					q.dy[i] *= m
				}
			}
		}
	}
}

// backwardDirection backpropagates through one direction of one layer: from the
// gradient of its output, p.in at the top and q.dy below, to that of its input,
// q.dx and at the bottom p.out. It adds the gradients of its parameters to sums,
// or sets them where they are fresh.
func (r *recurrent) backwardDirection(p *pass, q *shard, l, d int, sums accumulator, fresh bool, work *worker) {
	tr, hidden, reverse := r.traits, r.config.HiddenSize, d == 1
	gh, steps, size := tr.gates*hidden, q.steps(), q.blockSteps()
	c, w := &q.layers[l].dirs[d], r.layers[l][d]
	in := q.x
	if l > 0 {
		in = q.layers[l-1].out
	}
	r.seedStates(p, q, l, d)
	for to := steps; to > 0; to -= size {
		from := max(0, to-size)
		t0, t1, lo, hi := q.span(from, to, reverse)
		work.da = resizeSlice(work.da, (hi-lo)*gh)
		da, du := work.da, work.da
		if tr.separate {
			work.du = resizeSlice(work.du, (hi-lo)*gh)
			du = work.du
		}
		if l == len(q.layers)-1 && p.in.sequence != nil {
			work.dy = resizeSlice(work.dy, (hi-lo)*hidden)
			r.gather(p, q, matrix(work.dy, 0, hi-lo, hidden), p.in.sequence, d*hidden, t0, t1)
		}
		for i := to - 1; i >= from; i-- {
			t := inOrder(i, steps, reverse)
			s := q.at(c, tr, hidden, t)
			row := q.starts[t] - lo
			s.da, s.du = da[row*gh:][:s.n*gh], du[row*gh:][:s.n*gh]
			r.backwardStep(p, q, s, l, d, lo, row, w, work)
		}
		slopes := matrix(da, 0, hi-lo, gh)
		r.addGradients(w, sums, fresh, slopes, matrix(du, 0, hi-lo, gh),
			matrix(in, lo, hi, w.in), matrix(c.before[0], lo, hi, hidden), &work.packed)
		fresh = false
		if l > 0 || p.out.sequence != nil {
			r.inputGradient(p, q, l, d, slopes, t0, t1, lo, hi, work)
		}
	}
	for k, s := range p.out.states {
		if s == nil {
			continue
		}
		for j, b := range q.seqs {
			copy(r.stateRow(p, s, l*r.config.directions()+d, b), q.ds[k][j*hidden:])
		}
	}
}

// seedStates sets the gradients of a direction's last states.
func (r *recurrent) seedStates(p *pass, q *shard, l, d int) {
	hidden := r.config.HiddenSize
	for k := range r.traits.states {
		q.ds[k] = resizeSlice(q.ds[k], len(q.seqs)*hidden)
		clear(q.ds[k])
		if s := p.in.states[k]; s != nil {
			for j, b := range q.seqs {
				copy(q.ds[k][j*hidden:], r.stateRow(p, s, l*r.config.directions()+d, b))
			}
		}
	}
}

// backwardStep backpropagates through one step, which begins row rows after lo:
// it adds the gradient of the step's output to q.ds, that of the states after
// the step, sets s.da and s.du, and leaves in q.ds that of the states before.
func (r *recurrent) backwardStep(p *pass, q *shard, s *step, l, d, lo, row int, w *weights, work *worker) {
	hidden, dirs := r.config.HiddenSize, r.config.directions()
	for k := range r.traits.states {
		s.ds[k] = q.ds[k][:s.n*hidden]
	}
	switch {
	case l < len(q.layers)-1:
		for j := range s.n {
			simd.Axpy(1, q.dy[((lo+row+j)*dirs+d)*hidden:][:hidden], s.ds[0][j*hidden:][:hidden])
		}
	case p.in.sequence != nil:
		simd.Axpy(1, work.dy[row*hidden:][:s.n*hidden], s.ds[0])
	}
	r.cell.backward(s)
	dh := matrix(s.ds[0], 0, s.n, hidden)
	start := simd.Matrix{}
	if r.traits.skip {
		start = dh
	}
	simd.Gemm(dh, start, matrix(s.du, 0, s.n, r.traits.gates*hidden), &w.packedHH)
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
