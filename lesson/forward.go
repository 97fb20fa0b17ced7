package lesson

import "unroll/internal/simd"

// forward is a Forward that Backward may follow. It uses the memory of the one
// before it again.
func (r *recurrent) forward(fn string, out passIO, x *Tensor, lengths []int, packed bool, s0 [2]*Tensor) {
	p := r.last
	if p == nil {
		p = r.newPass()
	}
	r.last = nil // after a Forward that panics there is nothing to backpropagate
	r.forwardPass(fn, p, out, x, lengths, packed, s0)
	r.last = p
}

// forwardPass checks the arguments and runs all layers over x from the states
// s0, to output and states. lengths are read where packed only.
func (r *recurrent) forwardPass(fn string, p *pass, out passIO, x *Tensor, lengths []int, packed bool, s0 [2]*Tensor) {
	r.check(fn)
	c := r.config
	p.steps, p.batch = c.checkInput(fn, x)
	if packed {
		c.checkPacked(fn, x, lengths, p.steps, p.batch)
	}
	p.batched = len(x.shape) == 3
	for k, s := range s0 {
		if s != nil {
			r.checkState(fn, []string{"h0", "c0"}[k], s, p.batched, p.batch)
		}
	}

	p.packed, p.noGrad = packed, r.noGrad
	p.dropout = r.rng != nil && c.Dropout > 0 && c.NumLayers > 1
	r.divide(p, lengths)
	if p.dropout {
		for _, q := range p.shards {
			q.random.Seed(r.rng.Uint64(), r.rng.Uint64())
		}
	}
	for _, layer := range r.layers {
		for _, w := range layer {
			w.addBiases(r.traits.separate)
		}
	}
	r.begin(fn, p, out, passIO{x, s0}, c.directions()*c.HiddenSize)
	p.pool.run(r.work(p), stage{r.packJobs(), p.jobs.packForward}, stage{len(p.shards), p.jobs.forward})
	p.end()
}

// addBiases makes what the pre-activations start from.
func (w *weights) addBiases(separate bool) {
	if w.bIH == nil {
		return
	}
	w.startA = append(w.startA[:0], w.bIH.Value.data...)
	if separate {
		w.startU = append(w.startU[:0], w.bHH.Value.data...)
	} else {
		add(w.startA, w.bHH.Value.data)
	}
}

// forwardShard runs all layers over one shard.
func (r *recurrent) forwardShard(p *pass, q *shard, work *worker) {
	rows, width := q.rows(), r.config.directions()*r.config.HiddenSize
	layers := q.layers
	if p.noGrad {
		if work.layers == nil {
			work.layers = r.newCaches()
		}
		layers = work.layers
	} else {
		q.x = resizeSlice(q.x, rows*r.config.InputSize)
	}
	in := q.x
	for l := range layers {
		t := &layers[l]
		t.out = nil
		top := l == len(layers)-1
		// The states of a single direction are the next layer's input as they are.
		joined := !top && (len(t.dirs) > 1 || p.dropout || p.noGrad)
		if joined {
			t.own = resizeSlice(t.own, rows*width)
			t.out = t.own
		}
		for d := range t.dirs {
			r.forwardDirection(p, q, t, l, d, in, work)
		}
		switch {
		case !joined && !top:
			t.out = t.dirs[0].after[0]
		case joined && p.dropout:
			r.drop(q, t)
		}
		in = t.out
	}
}

// drop applies dropout to a layer's output, the input of the next.
func (r *recurrent) drop(q *shard, t *layerCache) {
	t.mask = resizeSlice(t.mask, len(t.out))
	drop := r.config.Dropout
	for i := range t.mask {
		t.mask[i] = 0
		if float64(q.random.Uint64()>>11)/(1<<53) >= drop {
			t.mask[i] = 1 / (1 - drop)
		}
		t.out[i] *= t.mask[i]
	}
}

// forwardDirection runs one direction of one layer over in, and keeps the results
// in t.
func (r *recurrent) forwardDirection(p *pass, q *shard, t *layerCache, l, d int, in []float64, work *worker) {
	tr, hidden, dirs, reverse := r.traits, r.config.HiddenSize, r.config.directions(), d == 1
	gh, steps, size := tr.gates*hidden, q.steps(), q.blockSteps()
	c, w := &t.dirs[d], r.layers[l][d]
	if !p.noGrad {
		c.allocate(q, tr, hidden, reverse, 0, q.rows())
	}
	// Where nothing is kept, x need not be gathered: a step's rows are at equal distances in it.
	inPlace := l == 0 && p.noGrad && !p.packed
	for from := 0; from < steps; from += size {
		to := min(from+size, steps)
		t0, t1, lo, hi := q.span(from, to, reverse)
		if p.noGrad {
			c.allocate(q, tr, hidden, reverse, lo, hi)
		}
		first, end := lo-c.first, hi-c.first
		if !inPlace {
			var x simd.Matrix
			if l == 0 && p.noGrad {
				work.x = resizeSlice(work.x, (hi-lo)*w.in)
				x = matrix(work.x, 0, hi-lo, w.in)
			} else {
				x = matrix(in, lo, hi, w.in)
			}
			if l == 0 && (d == 0 || p.noGrad) {
				r.gather(p, q, x, p.in.sequence, 0, t0, t1)
			}
			simd.Gemm(matrix(c.a, first, end, gh), everyRow(w.startA, hi-lo), x, &w.packedIH)
		}
		for i := from; i < to; i++ {
			now := inOrder(i, steps, reverse)
			s := q.at(c, tr, hidden, now)
			if inPlace {
				s.a, s.u = c.a[:s.n*gh], c.u[:s.n*gh] // the same for all steps, which stays in the first-level cache
				simd.Gemm(matrix(s.a, 0, s.n, gh), everyRow(w.startA, s.n), r.stepRows(p, q, p.in.sequence, now), &w.packedIH)
			}
			r.setBefore(p, q, s, c, l, d, i, i == from)
			u := matrix(s.u, 0, s.n, gh)
			start := u
			if tr.separate {
				start = everyRow(w.startU, s.n)
			}
			simd.Gemm(u, start, matrix(s.before[0], 0, s.n, hidden), &w.packedHH)
			r.cell.forward(s)
		}
		h := matrix(c.after[0], first, end, hidden)
		if t.out != nil {
			for i := range h.Rows {
				copy(t.out[((lo+i)*dirs+d)*hidden:][:hidden], h.Data[i*hidden:])
			}
		}
		if l == len(r.layers)-1 && p.out.sequence != nil {
			r.scatter(p, q, p.out.sequence, d*hidden, h, t0, t1, false)
		}
		r.keepStates(p, q, c, l, d, from, to)
	}
}

// setBefore sets the states before step s, the i-th in the order of direction
// d: those after the step that was taken last, and initial ones for sequences
// that begin here. fresh says that s begins a block.
func (r *recurrent) setBefore(p *pass, q *shard, s *step, c *cache, l, d, i int, fresh bool) {
	hidden, running := r.config.HiddenSize, 0
	neighbour := 0
	if i > 0 {
		neighbour = inOrder(i-1, q.steps(), d == 1)
		running = min(q.sizes[neighbour], s.n)
	}
	for k := range r.traits.states {
		switch {
		case p.noGrad && fresh:
			copy(s.before[k][:running*hidden], c.last[k])
		case !q.even:
			copy(s.before[k][:running*hidden], c.after[k][(q.starts[neighbour]-c.first)*hidden:])
		}
		for j := running; j < s.n; j++ {
			row := s.before[k][j*hidden:][:hidden]
			if s0 := p.in.states[k]; s0 == nil {
				clear(row)
			} else {
				copy(row, r.stateRow(p, s0, l*r.config.directions()+d, q.seqs[j]))
			}
		}
	}
}

// keepStates writes the last states of the sequences that ended in a block, and
// keeps those after its last step for the block that follows.
func (r *recurrent) keepStates(p *pass, q *shard, c *cache, l, d, from, to int) {
	hidden, reverse := r.config.HiddenSize, d == 1
	t0, t1, _, _ := q.span(from, to, reverse)
	last := inOrder(to-1, q.steps(), reverse)
	for k := range r.traits.states {
		for j, b := range q.seqs {
			end := inOrder(q.lengths[j]-1, q.lengths[j], reverse)
			if s := p.out.states[k]; s != nil && t0 <= end && end < t1 {
				copy(r.stateRow(p, s, l*r.config.directions()+d, b), c.after[k][(q.starts[end]-c.first+j)*hidden:])
			}
		}
		if p.noGrad {
			c.last[k] = append(c.last[k][:0], c.after[k][(q.starts[last]-c.first)*hidden:][:q.sizes[last]*hidden]...)
		}
	}
}
