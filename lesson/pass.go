package lesson

import "unroll/internal/simd"

// A pass is one Forward: what it read and what Backward needs of it. Shards hold
// the values, accumulators the gradients of the parameters.
type pass struct {
	steps, batch int
	batched      bool // x had a batch axis
	packed       bool // sequences end at lengths of their own
	dropout      bool // was applied
	noGrad       bool // memory is kept for one block only
	kept         bool // Backward may follow
	scan         bool // segments of steps are computed side by side
	shards       []*shard
	accumulators []accumulator
	order        []int // the sequences, longest first

	segments         []segment // where there is a scan, which goes from direction to direction
	layer, direction int

	allShards       []*shard // all that any batch needed, for the memory in them
	allAccumulators []accumulator

	pool pool
	// The jobs of each stage, made once: a function value that is made in a call
	// is allocated in the call.
	jobs struct {
		packForward, forward, packBackward, backward, sum func(job int, w *worker)

		composeForward, scanForward, stepsForward    func(job int, w *worker)
		composeBackward, scanBackward, stepsBackward func(job int, w *worker)
	}

	in, out passIO // of the Forward or Backward that is running
}

// A passIO is what a pass reads or what it writes: x or output with the states
// at that end, or the gradients of these. Any may be nil.
type passIO struct {
	sequence *Tensor
	states   [2]*Tensor
}

func (r *recurrent) newPass() *pass {
	p := new(pass)
	p.jobs.packForward = func(job int, _ *worker) { r.pack(job, (*simd.Packed).PackTrans) }
	p.jobs.forward = func(job int, w *worker) { r.forwardShard(p, p.shards[job], w) }
	p.jobs.packBackward = func(job int, _ *worker) { r.pack(job, (*simd.Packed).Pack) }
	p.jobs.backward = func(job int, w *worker) { r.backwardShards(p, job, w) }
	p.jobs.sum = func(job int, _ *worker) { r.sumGradients(p, job) }
	p.jobs.composeForward = func(job int, w *worker) { r.composeForward(p, p.segments[job], w) }
	p.jobs.scanForward = func(job int, w *worker) { r.scanForward(p, p.shards[job], w) }
	p.jobs.stepsForward = func(job int, w *worker) { r.stepsForward(p, p.segments[job], w) }
	p.jobs.composeBackward = func(job int, w *worker) { r.composeBackward(p, p.segments[job], w) }
	p.jobs.scanBackward = func(job int, w *worker) { r.scanBackward(p, p.shards[job], w) }
	p.jobs.stepsBackward = func(job int, w *worker) { r.stepsBackward(p, job, w) }
	return p
}

// begin gives what the pass writes its shape. It panics where that would share
// memory with anything else, but for a state that takes the place of the one at
// the other end.
func (r *recurrent) begin(fn string, p *pass, out, in passIO, width int) {
	n := r.config.directions() * r.config.NumLayers
	for k, s := range out.states {
		if s == nil {
			continue
		}
		other := in.states[k]
		if other == s || other != nil && len(s.data) > 0 && &other.data[0] == &s.data[0] {
			other = nil
		}
		s.checkNoAlias(fn, "a state", n*p.batch*r.config.HiddenSize, out.sequence, in.sequence, other, in.states[1-k], out.states[1-k])
	}
	if s := out.sequence; s != nil {
		shape, axes := r.layout(p, width)
		s.checkNoAlias(fn, "the first tensor", p.steps*p.batch*width, in.sequence, in.states[0], in.states[1], out.states[0], out.states[1])
		s.resize(shape[:axes]...)
		if p.packed {
			clear(s.data) // nothing is written after the end of a sequence
		}
	}
	for _, s := range out.states {
		switch {
		case s == nil:
		case p.batched:
			s.resize(n, p.batch, r.config.HiddenSize)
		default:
			s.resize(n, r.config.HiddenSize)
		}
	}
	p.in, p.out = in, out
}

// end forgets what belongs to the caller.
func (p *pass) end() { p.in, p.out = passIO{}, passIO{} }

// work returns about how many multiply-adds a Forward takes.
func (r *recurrent) work(p *pass) int {
	perRow := 0
	for _, q := range r.params {
		perRow += len(q.Value.data)
	}
	rows := 0
	for _, q := range p.shards {
		rows += q.rows()
	}
	return rows * perRow
}

// packJobs returns how many jobs lay out the weights: one for each.
func (r *recurrent) packJobs() int { return 2 * r.config.NumLayers * r.config.directions() }

// pack lays out one weight for the products that follow.
func (r *recurrent) pack(job int, pack func(*simd.Packed, simd.Matrix)) {
	w := r.layers[job/2/r.config.directions()][job/2%r.config.directions()]
	switch {
	case job%2 == 0:
		pack(&w.packedIH, w.ih.Value.simd())
	case w.hh != nil:
		pack(&w.packedHH, w.hh.Value.simd())
	}
}

// layout returns the shape of a tensor laid out as x with another width, which
// is the first axes numbers of three.
func (r *recurrent) layout(p *pass, width int) (shape [3]int, axes int) {
	switch {
	case !p.batched:
		return [3]int{p.steps, width}, 2
	case r.config.BatchFirst:
		return [3]int{p.batch, p.steps, width}, 3
	}
	return [3]int{p.steps, p.batch, width}, 3
}

// row returns the elements of step t of sequence b in a tensor laid out as x.
func (r *recurrent) row(p *pass, x *Tensor, b, t int) []float64 {
	width := x.shape[len(x.shape)-1]
	i := t*p.batch + b
	if r.config.BatchFirst {
		i = b*p.steps + t
	}
	return x.data[i*width:][:width]
}

// stateRow returns the state of sequence b in the k-th direction of all.
func (r *recurrent) stateRow(p *pass, s *Tensor, k, b int) []float64 {
	n := r.config.HiddenSize
	return s.data[(k*p.batch+b)*n:][:n]
}
