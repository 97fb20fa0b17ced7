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

	p.packed, p.noGrad, p.kept = packed, r.noGrad && !r.scan, !r.noGrad
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
	if p.scan = r.scan; p.scan {
		p.pool.run(r.work(p), stage{r.packJobs(), p.jobs.packForward})
		r.forwardScan(p)
	} else {
		p.pool.run(r.work(p), stage{r.packJobs(), p.jobs.packForward}, stage{len(p.shards), p.jobs.forward})
	}
	p.end()
}

// addBiases makes what the pre-activations start from.
func (w *weights) addBiases(separate bool) {
	if w.bIH == nil {
		return
	}
	w.startA = append(w.startA[:0], w.bIH.Value.data...)
	switch {
	case w.bHH == nil:
	case separate:
		w.startU = append(w.startU[:0], w.bHH.Value.data...)
	default:
		add(w.startA, w.bHH.Value.data)
	}
}

// forwardShard runs all layers over one shard.
func (r *recurrent) forwardShard(p *pass, q *shard, work *worker) {
	layers := q.layers
	if p.noGrad {
		if work.layers == nil {
			work.layers = r.newCaches()
		}
		layers = work.layers
	} else {
		q.x = resizeSlice(q.x, q.rows()*r.config.InputSize)
	}
	in := q.x
	for l := range layers {
		t := &layers[l]
		r.beginLayer(p, q, t, l)
		for d := range t.dirs {
			r.forwardDirection(p, q, t, l, d, in, work)
		}
		r.endLayer(p, q, t, l)
		in = t.out
	}
}

// beginLayer gives the output of a layer below another its own memory, where it
// needs that: the states of a single direction are the next layer's input as they
// are.
func (r *recurrent) beginLayer(p *pass, q *shard, t *layerCache, l int) {
	t.out = nil
	if l < len(r.layers)-1 && (len(t.dirs) > 1 || p.dropout || p.noGrad) {
		t.own = resizeSlice(t.own, q.rows()*len(t.dirs)*r.config.HiddenSize)
		t.out = t.own
	}
}

// endLayer makes the output of a layer below another what the next one reads.
func (r *recurrent) endLayer(p *pass, q *shard, t *layerCache, l int) {
	switch {
	case l == len(r.layers)-1:
	case t.out == nil:
		t.out = t.dirs[0].after[0]
	case p.dropout:
		r.drop(q, t)
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
	tr, hidden, reverse := r.traits, r.config.HiddenSize, d == 1
	gh, steps, size := tr.gates*hidden, q.steps(), q.blockSteps()
	c, w := &t.dirs[d], r.layers[l][d]
	if !p.noGrad {
		c.allocate(q, tr, hidden, reverse, 0, q.rows())
	}
	// Where nothing is kept, x need not be gathered: a step's rows are at equal distances in it.
	inPlace := l == 0 && p.noGrad && !p.packed
	for from := 0; from < steps; from += size {
		to := min(from+size, steps)
		if p.noGrad {
			_, _, lo, hi := q.span(from, to, reverse)
			c.allocate(q, tr, hidden, reverse, lo, hi)
		}
		if !inPlace {
			r.preActivations(p, q, c, l, d, from, to, in, work)
		}
		for i := from; i < to; i++ {
			now := inOrder(i, steps, reverse)
			s := q.at(&work.step, c, tr, hidden, now)
			if inPlace {
				s.a, s.u = c.a[:s.n*gh], c.u[:s.n*gh] // the same for all steps, which stays in the first-level cache
				simd.Gemm(matrix(s.a, 0, s.n, gh), everyRow(w.startA, s.n), r.stepRows(p, q, p.in.sequence, now), &w.packedIH)
			}
			r.setBefore(p, q, s, c, l, d, i, i == from)
			if !tr.inputOnly {
				u := matrix(s.u, 0, s.n, gh)
				start := u
				if tr.separate {
					start = everyRow(w.startU, s.n)
				}
				simd.Gemm(u, start, matrix(s.before[0], 0, s.n, hidden), &w.packedHH)
			}
			r.cell.forward(s)
		}
		r.endBlock(p, q, t, l, d, from, to)
	}
}

// preActivations computes W_ih x + b, what of the pre-activations is known before
// the states are, for some steps of a direction.
func (r *recurrent) preActivations(p *pass, q *shard, c *cache, l, d, from, to int, in []float64, work *worker) {
	w := r.layers[l][d]
	t0, t1, lo, hi := q.span(from, to, d == 1)
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
	a := matrix(c.a, lo-c.first, hi-c.first, r.traits.gates*r.config.HiddenSize)
	simd.Gemm(a, everyRow(w.startA, hi-lo), x, &w.packedIH)
}

// endBlock writes what came of some steps of a direction to the output of the
// layer and to last states.
func (r *recurrent) endBlock(p *pass, q *shard, t *layerCache, l, d, from, to int) {
	hidden, dirs, c := r.config.HiddenSize, r.config.directions(), &t.dirs[d]
	t0, t1, lo, hi := q.span(from, to, d == 1)
	h := matrix(c.after[0], lo-c.first, hi-c.first, hidden)
	if t.out != nil {
		simd.Copy(simd.Matrix{Rows: h.Rows, Cols: hidden, Data: t.out[(lo*dirs+d)*hidden:], Stride: dirs * hidden}, h)
	}
	if l == len(r.layers)-1 && p.out.sequence != nil {
		r.scatter(p, q, p.out.sequence, d*hidden, h, t0, t1, false)
	}
	r.keepStates(p, q, c, l, d, from, to)
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
		s0 := p.in.states[k]
		if s0 == nil {
			clear(s.before[k][running*hidden : s.n*hidden])
			continue
		}
		for j := running; j < s.n; j++ {
			copy(s.before[k][j*hidden:][:hidden], r.stateRow(p, s0, l*r.config.directions()+d, q.seqs[j]))
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
