package lesson

import (
	"math/rand/v2"
	"slices"

	"unroll/internal/simd"
)

// partSize is how many sequences are computed together. The batch is divided
// by it alone, never by the number of cores, so that sums are taken in the
// same order everywhere.
const partSize = 8

// maxLanes is into how many sums the gradients of the parameters are divided
// at most. A lane takes its parts one after the other, and at the end the lanes
// are added in their order.
const maxLanes = 32

// blockRows is about how many rows go through the products beside the steps
// together: few enough that what the one leaves is still in the second-level
// cache when the other comes to it.
const blockRows = 96

// A pass is one Forward: what it read and what Backward needs of it.
type pass struct {
	steps, batch int
	batched      bool // x had a batch axis
	packed       bool // sequences end at lengths of their own
	training     bool // dropout was applied
	bare         bool // nothing was kept for Backward
	parts        []*part
	lanes        []lane
	order        []int // the sequences, longest first

	crew     crew
	allParts []*part // that there ever were, for the memory in them
	allLanes []lane
	// What the crew does: kept, since a closure made anew is memory.
	packForward, forwardPart, packBackward, backwardLane, addLanes func(job int, w *worker)

	from, to ends // of the Forward or Backward under way
}

// ends are what a pass reads, and what it writes: x or output with the states at
// that end, or the gradients of these. Any may be nil.
type ends struct {
	sequence *Tensor
	states   [2]*Tensor
}

// A part is the share of a few sequences in a pass. Sequences are sorted, the
// longest first, and their steps stored as rows, time-major: the rows of step t
// belong to the sequences that have one, and begin at starts[t]. That is the
// layout of PyTorch's PackedSequence.
type part struct {
	seqs    []int // index of each sequence in the batch
	lengths []int
	sizes   []int // sizes[t] sequences have a step t
	starts  []int // starts[t] is step t's first row; the last is the number of rows
	even    bool  // all sequences are equally long

	x      []float64 // rows × InputSize, of one block where bare
	layers []tapes
	random rand.PCG // of dropout

	dy, dx []float64    // rows × width, gradients of a layer's output and input
	ds     [2][]float64 // gradients of the states, a row for each sequence
	step   step
}

// tapes are what one layer leaves to Backward, and to the next layer.
type tapes struct {
	dirs []tape
	out  []float64 // rows × D·H, input of the next layer; nil at the top
	mask []float64 // rows × D·H, what dropout multiplied by
	own  []float64 // memory of out where it is not a direction's own states
}

// A tape is what one direction leaves to Backward. All are rows × width: the
// rows of all steps or, where nothing is kept, of one block.
type tape struct {
	first         int // row
	a, u          []float64
	before, after [2][]float64
	memory        [2][]float64 // of before and after, which overlap where all sequences are equally long
	ownU          []float64    // memory of u where it is apart from a
	last          [2][]float64 // states after the last step of a block
}

// A lane is a share of the gradients of the parameters, in their order.
type lane [][]float64

func (q *part) rows() int  { return q.starts[len(q.starts)-1] }
func (q *part) steps() int { return len(q.sizes) }

func (r *recurrent) newPass() *pass {
	p := new(pass)
	p.packForward = func(job int, _ *worker) { r.pack(job, (*simd.Packed).PackTrans) }
	p.forwardPart = func(job int, _ *worker) { r.forwardPart(p, p.parts[job]) }
	p.packBackward = func(job int, _ *worker) { r.pack(job, (*simd.Packed).Pack) }
	p.backwardLane = func(job int, w *worker) { r.backwardLane(p, job, w) }
	p.addLanes = func(job int, _ *worker) { r.addLanes(p, job) }
	return p
}

// arrange divides the batch into parts.
func (r *recurrent) arrange(p *pass, steps, batch int, lengths []int) {
	p.steps, p.batch, p.packed = steps, batch, lengths != nil
	p.order = resize(p.order, batch)
	for i := range p.order {
		p.order[i] = i
	}
	if lengths != nil {
		slices.SortStableFunc(p.order, func(a, b int) int { return lengths[b] - lengths[a] })
	}
	n := (batch + partSize - 1) / partSize
	for len(p.allParts) < n {
		q := &part{layers: make([]tapes, r.config.NumLayers)}
		for l := range q.layers {
			q.layers[l].dirs = make([]tape, r.config.directions())
		}
		p.allParts = append(p.allParts, q)
	}
	p.parts = p.allParts[:n]
	for i, q := range p.parts {
		q.seqs = append(q.seqs[:0], p.order[i*batch/n:(i+1)*batch/n]...)
		q.lengths = resize(q.lengths, len(q.seqs))
		for j, b := range q.seqs {
			q.lengths[j] = steps
			if lengths != nil {
				q.lengths[j] = lengths[b]
			}
		}
		size := len(q.seqs)
		longest := q.lengths[0]
		q.even = longest == q.lengths[size-1]
		q.sizes = resize(q.sizes, longest)
		q.starts = resize(q.starts, longest+1)
		q.starts[0] = 0
		for t := range longest {
			for q.lengths[size-1] <= t {
				size--
			}
			q.sizes[t] = size
			q.starts[t+1] = q.starts[t] + size
		}
	}
}

// forward checks the arguments and runs all layers over x from the states s0,
// to output and states.
func (r *recurrent) forward(fn string, p *pass, to ends, x *Tensor, lengths []int, s0 [2]*Tensor) {
	r.checkParameters(fn)
	steps, batch := r.checkInput(fn, x, lengths)
	p.batched = len(x.shape) == 3
	for k, s := range s0 {
		if s != nil {
			r.checkState(fn, []string{"h0", "c0"}[k], s, p.batched, batch)
		}
	}
	c := r.config
	r.arrange(p, steps, batch, lengths)
	p.training = r.rng != nil && c.Dropout > 0 && c.NumLayers > 1
	p.bare = r.bare
	if p.training {
		for _, q := range p.parts {
			q.random.Seed(r.rng.Uint64(), r.rng.Uint64())
		}
	}
	for _, layer := range r.layers {
		for _, w := range layer {
			w.addBiases(r.traits.apart)
		}
	}
	r.open(fn, p, to, ends{x, s0}, c.directions()*c.HiddenSize)
	p.crew.run(r.work(p), stage{r.packJobs(), p.packForward}, stage{len(p.parts), p.forwardPart})
	p.from, p.to = ends{}, ends{} // they belong to the caller
}

// open gives what the pass writes its shape. It panics where that would share
// memory with anything else, but for a state that takes the place of the one at
// the other end.
func (r *recurrent) open(fn string, p *pass, to, from ends, width int) {
	n := r.config.directions() * r.config.NumLayers
	for k, s := range to.states {
		if s == nil {
			continue
		}
		other := from.states[k]
		if other == s || other != nil && len(s.data) > 0 && &other.data[0] == &s.data[0] {
			other = nil
		}
		s.checkApart(fn, "a state", n*p.batch*r.config.HiddenSize, to.sequence, from.sequence, other, from.states[1-k], to.states[1-k])
	}
	if s := to.sequence; s != nil {
		shape, axes := r.layout(p, width)
		s.checkApart(fn, "the first tensor", p.steps*p.batch*width, from.sequence, from.states[0], from.states[1], to.states[0], to.states[1])
		s.become(shape[:axes]...)
		if p.packed {
			clear(s.data) // nothing is written behind the end of a sequence
		}
	}
	for _, s := range to.states {
		switch {
		case s == nil:
		case p.batched:
			s.become(n, p.batch, r.config.HiddenSize)
		default:
			s.become(n, r.config.HiddenSize)
		}
	}
	p.from, p.to = from, to
}

// forwardLast is forward on the memory of the Forward before it.
func (r *recurrent) forwardLast(fn string, to ends, x *Tensor, lengths []int, s0 [2]*Tensor) {
	p := r.last
	if p == nil {
		p = r.newPass()
	}
	r.last = nil // a Forward that panics leaves nothing to walk home
	r.forward(fn, p, to, x, lengths, s0)
	r.last = p
}

// packJobs returns how many jobs it is to lay out all weights: one each.
func (r *recurrent) packJobs() int { return 2 * r.config.NumLayers * r.config.directions() }

// pack lays out one weight for the products that follow.
func (r *recurrent) pack(job int, pack func(*simd.Packed, simd.Matrix)) {
	w := r.layers[job/2/r.config.directions()][job/2%r.config.directions()]
	if job%2 == 0 {
		pack(&w.packedIH, w.ih.Value.simd())
	} else {
		pack(&w.packedHH, w.hh.Value.simd())
	}
}

// addBiases makes what the pre-activations start from.
func (w *weights) addBiases(apart bool) {
	if w.bIH == nil {
		return
	}
	w.startA = append(w.startA[:0], w.bIH.Value.data...)
	if apart {
		w.startU = append(w.startU[:0], w.bHH.Value.data...)
	} else {
		add(w.startA, w.bHH.Value.data)
	}
}

// work returns about how many multiply-adds a Forward is.
func (r *recurrent) work(p *pass) int {
	perRow := 0
	for _, q := range r.params {
		perRow += len(q.Value.data)
	}
	rows := 0
	for _, q := range p.parts {
		rows += q.rows()
	}
	return rows * perRow
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

func (r *recurrent) newTensor(p *pass, width int) *Tensor {
	shape, axes := r.layout(p, width)
	return NewTensor(shape[:axes]...)
}

// checkOutput panics unless d has the shape of the output.
func (r *recurrent) checkOutput(fn string, p *pass, d *Tensor) {
	shape, axes := r.layout(p, r.config.directions()*r.config.HiddenSize)
	if !slices.Equal(d.shape, shape[:axes]) {
		failf(fn, "dOutput is %s, want %s, as the output", d.shape.times(), Shape(shape[:axes]).times())
	}
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

// rowsOf returns the rows of step t of a part in a tensor laid out as x, where
// no sequence ends before the others.
func (r *recurrent) rowsOf(p *pass, q *part, x *Tensor, t int) simd.Matrix {
	first := r.row(p, x, q.seqs[0], t)
	m := simd.Matrix{Rows: len(q.seqs), Cols: len(first), Stride: len(first)}
	if r.config.BatchFirst {
		m.Stride *= p.steps
	}
	m.Data = first[:(m.Rows-1)*m.Stride+m.Cols]
	return m
}

// gather copies rows of steps from to to−1 of a part out of a tensor laid out
// as x, beginning at a column. It goes from sequence to sequence, as does
// scatter: where the batch comes first the steps of one lie side by side, which
// the processor reads ahead.
func (r *recurrent) gather(p *pass, q *part, dst simd.Matrix, src *Tensor, column, from, to int) {
	for j, b := range q.seqs {
		for t := from; t < to && j < q.sizes[t]; t++ {
			i := q.starts[t] - q.starts[from] + j
			copy(dst.Data[i*dst.Stride:][:dst.Cols], r.row(p, src, b, t)[column:])
		}
	}
}

// scatter copies rows of steps from to to−1 of a part into a tensor laid out as
// x, beginning at a column, or adds them to what is there.
func (r *recurrent) scatter(p *pass, q *part, dst *Tensor, column int, src simd.Matrix, from, to int, adding bool) {
	for j, b := range q.seqs {
		for t := from; t < to && j < q.sizes[t]; t++ {
			i := q.starts[t] - q.starts[from] + j
			row, values := r.row(p, dst, b, t)[column:][:src.Cols], src.Data[i*src.Stride:]
			if adding {
				simd.Axpy(1, values[:src.Cols], row)
			} else {
				copy(row, values)
			}
		}
	}
}

// stateRow returns the state of sequence b in the k-th direction of all.
func (r *recurrent) stateRow(p *pass, s *Tensor, k, b int) []float64 {
	n := r.config.HiddenSize
	return s.data[(k*p.batch+b)*n:][:n]
}

// lay gives a tape its memory, for rows lo to hi−1.
func (tp *tape) lay(q *part, tr traits, hidden int, reverse bool, lo, hi int) {
	tp.first = lo
	rows := hi - lo
	tp.a = resize(tp.a, rows*tr.gates*hidden)
	tp.u = tp.a
	if tr.apart {
		tp.ownU = resize(tp.ownU, len(tp.a))
		tp.u = tp.ownU
	}
	for k := range tr.states {
		n := rows * hidden
		if !q.even {
			tp.memory[k] = resize(tp.memory[k], 2*n)
			tp.before[k], tp.after[k] = tp.memory[k][:n], tp.memory[k][n:]
			continue
		}
		// The state before a step is the one after its neighbour.
		one := len(q.seqs) * hidden
		tp.memory[k] = resize(tp.memory[k], n+one)
		tp.before[k], tp.after[k] = tp.memory[k][:n], tp.memory[k][one:]
		if reverse {
			tp.before[k], tp.after[k] = tp.after[k], tp.before[k]
		}
	}
}

// at returns step t of a tape.
func (q *part) at(tp *tape, tr traits, hidden, t int) *step {
	s := &q.step
	s.n, s.hidden = q.sizes[t], hidden
	lo, hi := q.starts[t]-tp.first, q.starts[t+1]-tp.first
	gh := tr.gates * hidden
	s.a, s.u = tp.a[lo*gh:hi*gh], tp.u[lo*gh:hi*gh]
	for k := range tr.states {
		s.before[k], s.after[k] = tp.before[k][lo*hidden:hi*hidden], tp.after[k][lo*hidden:hi*hidden]
	}
	return s
}

// inOrder returns the i-th of n steps in the order of a direction.
func inOrder(i, n int, reverse bool) int {
	if reverse {
		return n - 1 - i
	}
	return i
}

// span returns the steps from to to−1, counted in the order of a direction, in
// the order of time, and their rows.
func (q *part) span(from, to int, reverse bool) (t0, t1, lo, hi int) {
	if reverse {
		from, to = q.steps()-to, q.steps()-from
	}
	return from, to, q.starts[from], q.starts[to]
}

// blockSteps returns how many steps go through the products beside them
// together.
func (q *part) blockSteps() int { return max(1, blockRows/len(q.seqs)) }

// forwardPart runs all layers over one part.
func (r *recurrent) forwardPart(p *pass, q *part) {
	rows, width := q.rows(), r.config.directions()*r.config.HiddenSize
	if !p.bare {
		q.x = resize(q.x, rows*r.config.InputSize)
	}
	in := q.x
	for l := range q.layers {
		t := &q.layers[l]
		t.out = nil
		top := l == len(q.layers)-1
		// The states of a single direction are the next layer's input as they are.
		joined := !top && (len(t.dirs) > 1 || p.training || p.bare)
		if joined {
			t.own = resize(t.own, rows*width)
			t.out = t.own
		}
		for d := range t.dirs {
			r.forwardTape(p, q, l, d, in)
		}
		switch {
		case !joined && !top:
			t.out = t.dirs[0].after[0]
		case joined && p.training:
			r.drop(q, t)
		}
		in = t.out
	}
}

// drop applies dropout to what a layer hands to the next.
func (r *recurrent) drop(q *part, t *tapes) {
	t.mask = resize(t.mask, len(t.out))
	drop := r.config.Dropout
	for i := range t.mask {
		t.mask[i] = 0
		if float64(q.random.Uint64()>>11)/(1<<53) >= drop {
			t.mask[i] = 1 / (1 - drop)
		}
		t.out[i] *= t.mask[i]
	}
}

// forwardTape runs one direction of one layer over in.
func (r *recurrent) forwardTape(p *pass, q *part, l, d int, in []float64) {
	tr, hidden, dirs, reverse := r.traits, r.config.HiddenSize, r.config.directions(), d == 1
	gh, steps, size := tr.gates*hidden, q.steps(), q.blockSteps()
	t, w := &q.layers[l], r.layers[l][d]
	tp := &t.dirs[d]
	if !p.bare {
		tp.lay(q, tr, hidden, reverse, 0, q.rows())
	}
	// Where nothing is kept, x need not be gathered: a step's rows lie evenly in it.
	inPlace := l == 0 && p.bare && !p.packed
	for from := 0; from < steps; from += size {
		to := min(from+size, steps)
		t0, t1, lo, hi := q.span(from, to, reverse)
		if p.bare {
			tp.lay(q, tr, hidden, reverse, lo, hi)
		}
		first, end := lo-tp.first, hi-tp.first
		if !inPlace {
			var x simd.Matrix
			if l == 0 && p.bare {
				q.x = resize(q.x, (hi-lo)*w.in)
				x = matrix(q.x, 0, hi-lo, w.in)
			} else {
				x = matrix(in, lo, hi, w.in)
			}
			if l == 0 && (d == 0 || p.bare) {
				r.gather(p, q, x, p.from.sequence, 0, t0, t1)
			}
			simd.Gemm(matrix(tp.a, first, end, gh), everyRow(w.startA, hi-lo), x, &w.packedIH)
		}
		for i := from; i < to; i++ {
			now := inOrder(i, steps, reverse)
			s := q.at(tp, tr, hidden, now)
			if inPlace {
				s.a, s.u = tp.a[:s.n*gh], tp.u[:s.n*gh] // the same for all steps, which stays in the first-level cache
				simd.Gemm(matrix(s.a, 0, s.n, gh), everyRow(w.startA, s.n), r.rowsOf(p, q, p.from.sequence, now), &w.packedIH)
			}
			r.setBefore(p, q, s, tp, l, d, i, i == from)
			u := matrix(s.u, 0, s.n, gh)
			start := u
			if tr.apart {
				start = everyRow(w.startU, s.n)
			}
			simd.Gemm(u, start, matrix(s.before[0], 0, s.n, hidden), &w.packedHH)
			r.cell.forward(s)
		}
		h := matrix(tp.after[0], first, end, hidden)
		if t.out != nil {
			for i := range h.Rows {
				copy(t.out[((lo+i)*dirs+d)*hidden:][:hidden], h.Data[i*hidden:])
			}
		}
		if l == len(q.layers)-1 && p.to.sequence != nil {
			r.scatter(p, q, p.to.sequence, d*hidden, h, t0, t1, false)
		}
		r.keepStates(p, q, tp, l, d, from, to)
	}
}

// keepStates hands out the states of the sequences that ended in a block, and
// keeps those after its last step for the block that follows.
func (r *recurrent) keepStates(p *pass, q *part, tp *tape, l, d, from, to int) {
	hidden, reverse := r.config.HiddenSize, d == 1
	t0, t1, _, _ := q.span(from, to, reverse)
	last := inOrder(to-1, q.steps(), reverse)
	for k := range r.traits.states {
		for j, b := range q.seqs {
			end := inOrder(q.lengths[j]-1, q.lengths[j], reverse)
			if s := p.to.states[k]; s != nil && t0 <= end && end < t1 {
				copy(r.stateRow(p, s, l*r.config.directions()+d, b), tp.after[k][(q.starts[end]-tp.first+j)*hidden:])
			}
		}
		if p.bare {
			tp.last[k] = append(tp.last[k][:0], tp.after[k][(q.starts[last]-tp.first)*hidden:][:q.sizes[last]*hidden]...)
		}
	}
}

// setBefore sets the states before step s, the i-th in the order of direction
// d: those after the step that was taken last, and initial ones for sequences
// that begin here. fresh says that s begins a block.
func (r *recurrent) setBefore(p *pass, q *part, s *step, tp *tape, l, d, i int, fresh bool) {
	hidden, running := r.config.HiddenSize, 0
	neighbour := 0
	if i > 0 {
		neighbour = inOrder(i-1, q.steps(), d == 1)
		running = min(q.sizes[neighbour], s.n)
	}
	for k := range r.traits.states {
		switch {
		case p.bare && fresh:
			copy(s.before[k][:running*hidden], tp.last[k])
		case !q.even:
			copy(s.before[k][:running*hidden], tp.after[k][(q.starts[neighbour]-tp.first)*hidden:])
		}
		for j := running; j < s.n; j++ {
			row := s.before[k][j*hidden:][:hidden]
			if s0 := p.from.states[k]; s0 == nil {
				clear(row)
			} else {
				copy(row, r.stateRow(p, s0, l*r.config.directions()+d, q.seqs[j]))
			}
		}
	}
}

// backward walks the last Forward home, from the gradients of output and states
// to those of x and s0.
func (r *recurrent) backward(fn string, to ends, dOutput *Tensor, dStates [2]*Tensor) {
	r.checkParameters(fn)
	p := r.last
	if p == nil {
		failf(fn, "no Forward before it, want one: Backward walks the last Forward home")
	}
	if p.bare {
		failf(fn, "the last Forward kept nothing for it, want NoGrad(false) before that Forward")
	}
	if dOutput != nil {
		r.checkOutput(fn, p, dOutput)
	}
	for k, s := range dStates {
		if s != nil {
			r.checkState(fn, []string{"dHidden", "dCell"}[k], s, p.batched, p.batch)
		}
	}

	r.open(fn, p, to, ends{dOutput, dStates}, r.config.InputSize)
	n := min(len(p.parts), maxLanes)
	for len(p.allLanes) < n {
		p.allLanes = append(p.allLanes, r.newLane())
	}
	p.lanes = p.allLanes[:n]
	p.crew.run(2*r.work(p),
		stage{r.packJobs(), p.packBackward}, stage{len(p.lanes), p.backwardLane}, stage{r.addJobs(), p.addLanes})
	p.from, p.to = ends{}, ends{}
}

func (r *recurrent) newLane() lane {
	var sums lane
	for _, p := range r.params {
		sums = append(sums, make([]float64, len(p.Value.data)))
	}
	return sums
}

// addChunk is how many elements of a gradient are added up by one job.
const addChunk = 4096

// addJobs returns how many jobs it is to add up the lanes.
func (r *recurrent) addJobs() int {
	n := 0
	for _, p := range r.params {
		n += (len(p.Value.data) + addChunk - 1) / addChunk
	}
	return n
}

// addLanes adds every lane's share to a chunk of a gradient.
func (r *recurrent) addLanes(p *pass, job int) {
	for i, param := range r.params {
		chunks := (len(param.Value.data) + addChunk - 1) / addChunk
		if job >= chunks {
			job -= chunks
			continue
		}
		lo, hi := job*addChunk, min((job+1)*addChunk, len(param.Value.data))
		for _, sums := range p.lanes {
			simd.Axpy(1, sums[i][lo:hi], param.Grad.data[lo:hi])
		}
		return
	}
}

// backwardLane walks the parts of a lane home.
func (r *recurrent) backwardLane(p *pass, n int, w *worker) {
	for i := n; i < len(p.parts); i += len(p.lanes) {
		q := p.parts[i]
		for l := len(q.layers) - 1; l >= 0; l-- {
			t := &q.layers[l]
			if l > 0 {
				q.dx = resize(q.dx, q.rows()*r.layers[l][0].in)
			}
			for d := range t.dirs {
				r.backwardTape(p, q, l, d, p.lanes[n], i == n, w)
			}
			q.dx, q.dy = q.dy, q.dx // the gradient of this input is that of the output below
			if l > 0 && p.training {
				for i, m := range q.layers[l-1].mask {
					q.dy[i] *= m
				}
			}
		}
	}
}

// backwardTape walks one direction of one layer home: from the gradient of its
// output, p.from at the top and q.dy below, to that of its input, q.dx and at
// the bottom p.to. It adds the gradients of its parameters to sums, or sets them
// when they are fresh.
func (r *recurrent) backwardTape(p *pass, q *part, l, d int, sums lane, fresh bool, work *worker) {
	tr, hidden, reverse := r.traits, r.config.HiddenSize, d == 1
	gh, steps, size, dirs := tr.gates*hidden, q.steps(), q.blockSteps(), len(q.layers[l].dirs)
	tp, w := &q.layers[l].dirs[d], r.layers[l][d]
	in := q.x
	if l > 0 {
		in = q.layers[l-1].out
	}
	for k := range tr.states {
		q.ds[k] = resize(q.ds[k], len(q.seqs)*hidden)
		clear(q.ds[k])
		if s := p.from.states[k]; s != nil {
			for j, b := range q.seqs {
				copy(q.ds[k][j*hidden:], r.stateRow(p, s, l*dirs+d, b))
			}
		}
	}
	for to := steps; to > 0; to -= size {
		from := max(0, to-size)
		t0, t1, lo, hi := q.span(from, to, reverse)
		work.da = resize(work.da, (hi-lo)*gh)
		da, du := work.da, work.da
		if tr.apart {
			work.du = resize(work.du, (hi-lo)*gh)
			du = work.du
		}
		if l == len(q.layers)-1 && p.from.sequence != nil {
			work.dy = resize(work.dy, (hi-lo)*hidden)
			r.gather(p, q, matrix(work.dy, 0, hi-lo, hidden), p.from.sequence, d*hidden, t0, t1)
		}
		for i := to - 1; i >= from; i-- {
			t := inOrder(i, steps, reverse)
			s := q.at(tp, tr, hidden, t)
			row := q.starts[t] - lo
			s.da, s.du = da[row*gh:][:s.n*gh], du[row*gh:][:s.n*gh]
			for k := range tr.states {
				s.ds[k] = q.ds[k][:s.n*hidden]
			}
			switch {
			case l < len(q.layers)-1:
				for j := range s.n {
					simd.Axpy(1, q.dy[((lo+row+j)*dirs+d)*hidden:][:hidden], s.ds[0][j*hidden:][:hidden])
				}
			case p.from.sequence != nil:
				simd.Axpy(1, work.dy[row*hidden:][:s.n*hidden], s.ds[0])
			}
			r.cell.backward(s)
			dh := matrix(s.ds[0], 0, s.n, hidden)
			start := simd.Matrix{}
			if tr.direct {
				start = dh
			}
			simd.Gemm(dh, start, matrix(s.du, 0, s.n, gh), &w.packedHH)
		}
		r.addGradients(w, sums, fresh, matrix(da, 0, hi-lo, gh), matrix(du, 0, hi-lo, gh),
			matrix(in, lo, hi, w.in), matrix(tp.before[0], lo, hi, hidden), &work.packed)
		fresh = false

		if l == 0 && p.to.sequence == nil {
			continue
		}
		var dx, start simd.Matrix
		if l > 0 {
			dx = matrix(q.dx, lo, hi, w.in)
			if d > 0 {
				start = dx // add to the other direction's
			}
		} else {
			work.dx = resize(work.dx, (hi-lo)*w.in)
			dx = matrix(work.dx, 0, hi-lo, w.in)
		}
		simd.Gemm(dx, start, matrix(da, 0, hi-lo, gh), &w.packedIH)
		if l == 0 {
			r.scatter(p, q, p.to.sequence, 0, dx, t0, t1, d > 0)
		}
	}
	for k, s := range p.to.states {
		if s == nil {
			continue
		}
		for j, b := range q.seqs {
			copy(r.stateRow(p, s, l*dirs+d, b), q.ds[k][j*hidden:])
		}
	}
}

// addGradients adds the gradients of a direction's parameters that come from
// some rows: da, du, what the layer read, and the states before the steps.
func (r *recurrent) addGradients(w *weights, sums lane, fresh bool, da, du, in, before simd.Matrix, packed *simd.Packed) {
	sums = sums[w.first:]
	for k, product := range [2][2]simd.Matrix{{da, in}, {du, before}} {
		slopes, source := product[0], product[1]
		sum := simd.Matrix{Rows: slopes.Cols, Cols: source.Cols, Data: sums[k], Stride: source.Cols}
		start := sum
		if fresh {
			start = simd.Matrix{}
		}
		simd.GemmTA(sum, start, slopes, source, packed)
		if r.config.Bias {
			if fresh {
				clear(sums[2+k])
			}
			simd.SumRows(sums[2+k], slopes)
		}
	}
}
