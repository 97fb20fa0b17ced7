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

// blockRows is about how many rows of a layer's input go through a product
// together: few enough that the result is still in the second-level cache when
// the steps come to it.
const blockRows = 64

// gradientTile is the side of the squares in which the gradient of a weight is
// computed, each by one worker.
const gradientTile = 64

// A pass is one Forward: what it read and what Backward needs of it.
type pass struct {
	steps, batch int
	batched      bool // x had a batch axis
	training     bool // dropout was applied
	parts        []*part
	order        []int // the sequences, longest first

	crew                                 crew
	forwardJob, backwardJob, gradientJob func(int, *worker)
	layer                                int // that Backward is at

	// Arguments and results of the Forward or Backward under way.
	x, output, dOutput, dx   *Tensor
	s0, states, dStates, ds0 [2]*Tensor
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

	x      []float64 // rows × InputSize
	layers []tapes
	random rand.PCG // of dropout

	dy, dx []float64    // gradients of a layer's output and input
	ds     [2][]float64 // gradients of the states, a row for each sequence
	step   step
}

// tapes are what one layer leaves to Backward, and to the next layer.
type tapes struct {
	dirs []tape
	out  []float64 // rows × D·H, input of the next layer
	mask []float64 // rows × D·H, what dropout multiplied by
	own  []float64 // memory of out where it is not a direction's own states
}

// A tape is what one direction leaves to Backward. All are rows × width.
type tape struct {
	a, u, kept    []float64
	before, after [2][]float64
	memory        [2][]float64 // of before and after, which overlap where all sequences are equally long
	da, du        []float64
	ownU, ownDu   []float64 // memory of u and du where they are apart from a and da
}

func (q *part) rows() int  { return q.starts[len(q.starts)-1] }
func (q *part) steps() int { return len(q.sizes) }

// matrix returns rows [lo, hi) of data, all of width columns.
func matrix(data []float64, lo, hi, width int) simd.Matrix {
	return simd.Matrix{Rows: hi - lo, Cols: width, Data: data[lo*width : hi*width], Stride: width}
}

// everyRow returns a matrix whose rows are all the same; nil gives the empty
// one, from which a product starts at zero.
func everyRow(row []float64, rows int) simd.Matrix {
	if row == nil {
		return simd.Matrix{}
	}
	return simd.Matrix{Rows: rows, Cols: len(row), Data: row}
}

func (r *recurrent) newPass() *pass {
	p := new(pass)
	p.forwardJob = func(job int, _ *worker) { r.forwardPart(p, p.parts[job]) }
	p.backwardJob = func(job int, _ *worker) { r.backwardPart(p, p.parts[job], p.layer) }
	p.gradientJob = func(job int, w *worker) { r.addGradient(p, p.layer, job, w) }
	return p
}

// arrange divides the batch into parts.
func (r *recurrent) arrange(p *pass, steps, batch int, lengths []int) {
	p.steps, p.batch = steps, batch
	p.order = resize(p.order, batch)
	for i := range p.order {
		p.order[i] = i
	}
	if lengths != nil {
		slices.SortStableFunc(p.order, func(a, b int) int { return lengths[b] - lengths[a] })
	}
	n := (batch + partSize - 1) / partSize
	for len(p.parts) < n {
		q := &part{layers: make([]tapes, r.config.NumLayers)}
		for l := range q.layers {
			q.layers[l].dirs = make([]tape, r.config.directions())
		}
		p.parts = append(p.parts, q)
	}
	p.parts = p.parts[:n]
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

// forward checks the arguments and runs all layers.
func (r *recurrent) forward(fn string, p *pass, x *Tensor, lengths []int, s0 [2]*Tensor) (output *Tensor, states [2]*Tensor) {
	fn = r.kind + "." + fn
	steps, batch := r.checkInput(fn, x, lengths)
	p.batched = len(x.shape) == 3
	for k, s := range s0 {
		if s != nil {
			r.checkState(fn, []string{"h0", "c0"}[k], s, p.batched, batch)
		}
	}
	r.checkParameters(fn)

	c := r.config
	r.arrange(p, steps, batch, lengths)
	p.training = r.rng != nil && c.Dropout > 0 && c.NumLayers > 1
	if p.training {
		for _, q := range p.parts {
			q.random.Seed(r.rng.Uint64(), r.rng.Uint64())
		}
	}
	for _, layer := range r.layers {
		for _, w := range layer {
			w.packForward(r.traits.apart)
		}
	}
	p.x, p.s0 = x, s0
	p.output = NewTensor(r.layout(p, c.directions()*c.HiddenSize)...)
	p.states = r.newStates(p)
	p.crew.run(len(p.parts), p.forwardJob)
	output, states = p.output, p.states
	p.release()
	return output, states
}

// forwardLast is forward on the memory of the Forward before it.
func (r *recurrent) forwardLast(fn string, x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor) {
	p := r.last
	if p == nil {
		p = r.newPass()
	}
	r.last = nil // a Forward that panics leaves nothing to walk home
	output, states := r.forward(fn, p, x, lengths, s0)
	r.last = p
	return output, states
}

// release lets go of what belongs to the caller.
func (p *pass) release() {
	p.x, p.output, p.dOutput, p.dx = nil, nil, nil, nil
	p.s0, p.states, p.dStates, p.ds0 = [2]*Tensor{}, [2]*Tensor{}, [2]*Tensor{}, [2]*Tensor{}
}

// packForward lays out the weights for Forward.
func (w *weights) packForward(apart bool) {
	w.packedIH.PackTrans(w.ih.Value.simd())
	w.packedHH.PackTrans(w.hh.Value.simd())
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

// packBackward lays out the weights for Backward.
func (w *weights) packBackward() {
	w.packedIH.Pack(w.ih.Value.simd())
	w.packedHH.Pack(w.hh.Value.simd())
}

// simd returns a tensor of two axes for package simd.
func (t *Tensor) simd() simd.Matrix {
	return simd.Matrix{Rows: t.shape[0], Cols: t.shape[1], Data: t.data, Stride: t.shape[1]}
}

// layout returns the shape of a tensor laid out as x with another width.
func (r *recurrent) layout(p *pass, width int) Shape {
	switch {
	case !p.batched:
		return Shape{p.steps, width}
	case r.config.BatchFirst:
		return Shape{p.batch, p.steps, width}
	}
	return Shape{p.steps, p.batch, width}
}

func (r *recurrent) newStates(p *pass) (states [2]*Tensor) {
	n := r.config.directions() * r.config.NumLayers
	for k := range r.traits.states {
		if p.batched {
			states[k] = NewTensor(n, p.batch, r.config.HiddenSize)
		} else {
			states[k] = NewTensor(n, r.config.HiddenSize)
		}
	}
	return states
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

// gather copies the rows of a part out of a tensor laid out as x.
func (r *recurrent) gather(p *pass, q *part, dst []float64, src *Tensor) {
	for t, n := range q.sizes {
		for _, b := range q.seqs[:n] {
			dst = dst[copy(dst, r.row(p, src, b, t)):]
		}
	}
}

// scatter copies the rows of a part into a tensor laid out as x.
func (r *recurrent) scatter(p *pass, q *part, dst *Tensor, src []float64) {
	for t, n := range q.sizes {
		for _, b := range q.seqs[:n] {
			src = src[copy(r.row(p, dst, b, t), src):]
		}
	}
}

// stateRow returns the state of sequence b in the k-th direction of all.
func (r *recurrent) stateRow(p *pass, s *Tensor, k, b int) []float64 {
	n := r.config.HiddenSize
	return s.data[(k*p.batch+b)*n:][:n]
}

// lay gives a tape its memory.
func (tp *tape) lay(q *part, tr traits, hidden int, reverse bool) {
	rows := q.rows()
	tp.a = resize(tp.a, rows*tr.gates*hidden)
	tp.u = tp.a
	if tr.apart {
		tp.ownU = resize(tp.ownU, len(tp.a))
		tp.u = tp.ownU
	}
	tp.kept = resize(tp.kept, rows*tr.kept*hidden)
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

// layGradients gives a tape the memory that only Backward wants.
func (tp *tape) layGradients(apart bool) {
	tp.da = resize(tp.da, len(tp.a))
	tp.du = tp.da
	if apart {
		tp.ownDu = resize(tp.ownDu, len(tp.a))
		tp.du = tp.ownDu
	}
}

// at returns step t of a tape.
func (q *part) at(tp *tape, tr traits, hidden, t int) *step {
	s := &q.step
	s.n, s.hidden = q.sizes[t], hidden
	lo, hi := q.starts[t], q.starts[t+1]
	gh := tr.gates * hidden
	s.a, s.u = tp.a[lo*gh:hi*gh], tp.u[lo*gh:hi*gh]
	s.kept = tp.kept[lo*tr.kept*hidden : hi*tr.kept*hidden]
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

// span returns the rows of the steps from to to−1, counted in the order of a
// direction.
func (q *part) span(from, to int, reverse bool) (lo, hi int) {
	if reverse {
		from, to = q.steps()-to, q.steps()-from
	}
	return q.starts[from], q.starts[to]
}

// blockSteps returns how many steps go through a product together.
func (q *part) blockSteps() int { return max(1, blockRows/len(q.seqs)) }

// forwardPart runs all layers over one part.
func (r *recurrent) forwardPart(p *pass, q *part) {
	hidden, dirs := r.config.HiddenSize, r.config.directions()
	q.x = resize(q.x, q.rows()*r.config.InputSize)
	r.gather(p, q, q.x, p.x)
	in := q.x
	for l := range q.layers {
		t := &q.layers[l]
		for d := range t.dirs {
			r.forwardTape(p, q, l, d, in)
			for k := range r.traits.states {
				for j, b := range q.seqs {
					last := q.starts[inOrder(q.lengths[j]-1, q.lengths[j], d == 1)] + j
					copy(r.stateRow(p, p.states[k], l*dirs+d, b), t.dirs[d].after[k][last*hidden:])
				}
			}
		}
		r.join(q, t, p.training && l < len(q.layers)-1)
		in = t.out
	}
	r.scatter(p, q, p.output, in)
}

// join makes the input of the next layer: the states of the directions side by
// side, and dropout applied.
func (r *recurrent) join(q *part, t *tapes, dropout bool) {
	hidden, dirs := r.config.HiddenSize, len(t.dirs)
	if dirs == 1 && !dropout {
		t.out = t.dirs[0].after[0]
		return
	}
	t.own = resize(t.own, q.rows()*dirs*hidden)
	t.out = t.own
	for d := range t.dirs {
		h := t.dirs[d].after[0]
		for i := range q.rows() {
			copy(t.out[(i*dirs+d)*hidden:][:hidden], h[i*hidden:])
		}
	}
	if !dropout {
		return
	}
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
	tr, hidden, reverse := r.traits, r.config.HiddenSize, d == 1
	gh, steps, size := tr.gates*hidden, q.steps(), q.blockSteps()
	tp, w := &q.layers[l].dirs[d], r.layers[l][d]
	tp.lay(q, tr, hidden, reverse)
	running := 0 // sequences of the step before
	for from := 0; from < steps; from += size {
		to := min(from+size, steps)
		lo, hi := q.span(from, to, reverse)
		simd.Gemm(matrix(tp.a, lo, hi, gh), everyRow(w.startA, hi-lo), matrix(in, lo, hi, w.in), &w.packedIH)
		for i := from; i < to; i++ {
			s := q.at(tp, tr, hidden, inOrder(i, steps, reverse))
			running = min(running, s.n)
			for k := range tr.states {
				if !q.even && running > 0 {
					neighbour := q.starts[inOrder(i-1, steps, reverse)]
					copy(s.before[k][:running*hidden], tp.after[k][neighbour*hidden:])
				}
				for j := running; j < s.n; j++ { // sequences that begin here
					row := s.before[k][j*hidden:][:hidden]
					if p.s0[k] == nil {
						clear(row)
					} else {
						copy(row, r.stateRow(p, p.s0[k], l*len(q.layers[l].dirs)+d, q.seqs[j]))
					}
				}
			}
			running = s.n
			u := matrix(s.u, 0, s.n, gh)
			start := u
			if tr.apart {
				start = everyRow(w.startU, s.n)
			}
			simd.Gemm(u, start, matrix(s.before[0], 0, s.n, hidden), &w.packedHH)
			r.cell.forward(s)
		}
	}
}

// backward walks the last Forward home.
func (r *recurrent) backward(dOutput *Tensor, dStates [2]*Tensor) (dx *Tensor, ds0 [2]*Tensor) {
	fn := r.kind + ".Backward"
	c, p := r.config, r.last
	if p == nil {
		failf(fn, "no Forward before it, want one: Backward walks the last Forward home")
	}
	if dOutput != nil {
		want := r.layout(p, c.directions()*c.HiddenSize)
		if !dOutput.shape.Equal(want) {
			failf(fn, "dOutput is %s, want %s, as the output", dOutput.shape.times(), want.times())
		}
	}
	for k, s := range dStates {
		if s != nil {
			r.checkState(fn, []string{"dHidden", "dCell"}[k], s, p.batched, p.batch)
		}
	}
	r.checkParameters(fn)

	p.dOutput, p.dStates = dOutput, dStates
	p.dx, p.ds0 = NewTensor(r.layout(p, c.InputSize)...), r.newStates(p)
	for p.layer = c.NumLayers - 1; p.layer >= 0; p.layer-- {
		for _, w := range r.layers[p.layer] {
			w.packBackward()
		}
		p.crew.run(len(p.parts), p.backwardJob)
		p.crew.run(r.gradientJobs(p.layer), p.gradientJob)
	}
	dx, ds0 = p.dx, p.ds0
	p.release()
	return dx, ds0
}

// backwardPart walks one layer of one part home, leaves da and du on its tapes
// and the gradient of its input in q.dx.
func (r *recurrent) backwardPart(p *pass, q *part, l int) {
	c := r.config
	top := l == c.NumLayers-1
	t := &q.layers[l]
	if top {
		q.dy = resize(q.dy, q.rows()*len(t.dirs)*c.HiddenSize)
		if p.dOutput != nil {
			r.gather(p, q, q.dy, p.dOutput)
		} else {
			clear(q.dy)
		}
	} else {
		q.dy, q.dx = q.dx, q.dy // the input's gradient above is the output's here
		if p.training {
			for i, m := range t.mask {
				q.dy[i] *= m
			}
		}
	}
	q.dx = resize(q.dx, q.rows()*r.layers[l][0].in)
	for d := range t.dirs {
		r.backwardTape(p, q, l, d)
	}
	if l == 0 {
		r.scatter(p, q, p.dx, q.dx)
	}
}

// backwardTape walks one direction of one layer home.
func (r *recurrent) backwardTape(p *pass, q *part, l, d int) {
	tr, hidden, reverse := r.traits, r.config.HiddenSize, d == 1
	gh, steps, size, dirs := tr.gates*hidden, q.steps(), q.blockSteps(), len(q.layers[l].dirs)
	tp, w := &q.layers[l].dirs[d], r.layers[l][d]
	tp.layGradients(tr.apart)
	for k := range tr.states {
		q.ds[k] = resize(q.ds[k], len(q.seqs)*hidden)
		clear(q.ds[k])
		if p.dStates[k] != nil {
			for j, b := range q.seqs {
				copy(q.ds[k][j*hidden:], r.stateRow(p, p.dStates[k], l*dirs+d, b))
			}
		}
	}
	for to := steps; to > 0; to -= size {
		from := max(0, to-size)
		for i := to - 1; i >= from; i-- {
			t := inOrder(i, steps, reverse)
			s := q.at(tp, tr, hidden, t)
			lo := q.starts[t]
			s.da, s.du = tp.da[lo*gh:][:s.n*gh], tp.du[lo*gh:][:s.n*gh]
			for k := range tr.states {
				s.ds[k] = q.ds[k][:s.n*hidden]
			}
			for j := range s.n {
				simd.Axpy(1, q.dy[((lo+j)*dirs+d)*hidden:][:hidden], s.ds[0][j*hidden:][:hidden])
			}
			r.cell.backward(s)
			dh := matrix(s.ds[0], 0, s.n, hidden)
			start := simd.Matrix{}
			if tr.direct {
				start = dh
			}
			simd.Gemm(dh, start, matrix(s.du, 0, s.n, gh), &w.packedHH)
		}
		lo, hi := q.span(from, to, reverse)
		dx := matrix(q.dx, lo, hi, w.in)
		start := simd.Matrix{}
		if d > 0 {
			start = dx // add to the other direction's
		}
		simd.Gemm(dx, start, matrix(tp.da, lo, hi, gh), &w.packedIH)
	}
	for k := range tr.states {
		for j, b := range q.seqs {
			copy(r.stateRow(p, p.ds0[k], l*dirs+d, b), q.ds[k][j*hidden:])
		}
	}
}

// tiles returns how many tiles cover n rows or columns.
func tiles(n int) int { return (n + gradientTile - 1) / gradientTile }

// gradientJobs returns how many jobs the gradients of a layer's parameters are:
// for each direction, tiles of weight_ih, then of weight_hh, each row of tiles
// with its part of a bias.
func (r *recurrent) gradientJobs(l int) int {
	w := r.layers[l]
	return len(w) * tiles(r.traits.gates*r.config.HiddenSize) * (tiles(w[0].in) + tiles(r.config.HiddenSize))
}

// addGradient does one of gradientJobs: it adds to a tile of a gradient, part
// by part in their order.
func (r *recurrent) addGradient(p *pass, l, job int, work *worker) {
	hidden := r.config.HiddenSize
	gh := r.traits.gates * hidden
	in := r.layers[l][0].in
	columns := tiles(in) + tiles(hidden)
	job, column := job/columns, job%columns
	d, row := job/tiles(gh), job%tiles(gh)
	w := r.layers[l][d]

	weight, bias, width := w.ih, w.bIH, in
	recurrent := column >= tiles(in)
	if recurrent {
		weight, bias, width = w.hh, w.bHH, hidden
		column -= tiles(in)
	}
	i0, j0 := row*gradientTile, column*gradientTile
	i1, j1 := min(i0+gradientTile, gh), min(j0+gradientTile, width)
	sum := simd.Matrix{Rows: i1 - i0, Cols: j1 - j0, Data: weight.Grad.data[i0*width+j0:], Stride: width}
	for _, q := range p.parts {
		tp := &q.layers[l].dirs[d]
		da, source := tp.da, q.x
		if recurrent {
			da, source = tp.du, tp.before[0]
		} else if l > 0 {
			source = q.layers[l-1].out
		}
		slopes := simd.Matrix{Rows: q.rows(), Cols: i1 - i0, Data: da[i0:], Stride: gh}
		simd.GemmTA(sum, sum, slopes, simd.Matrix{Rows: q.rows(), Cols: j1 - j0, Data: source[j0:], Stride: width}, &work.packed)
		if bias != nil && column == 0 {
			simd.SumRows(bias.Grad.data[i0:i1], slopes)
		}
	}
}
