package lesson

// Scan returns the running results of an associative operation: xs[0], then
// xs[0] combined with xs[1], then that with xs[2], and so on. combine returns what
// the earlier and the later of two neighbours are together; it must be associative
// and must not change its arguments. It is called as this tree says:
//
//	x0     x1     x2     x3     x4     x5      1. combine neighbours, two by two
//	  \____/        \____/        \____/
//	   x01           x23           x45         2. scan these, half as many
//	   x01           x0…3          x0…5           which are every second result
//	x0       x0…2          x0…4                3. combine x0…1 with x2, x0…3 with x4
//
// All calls of 1 are independent of one another, and so are those of 3. There are
// fewer than 2n calls for n results, where a loop has n − 1, and 2 log₂ n − 2 of them
// must follow one another where n is a power of two from 4 on: with a processor for
// each call that is how long it takes (Blelloch, 1990). Trees with log₂ n levels take
// more calls (Kogge & Stone, 1973; Ladner & Fischer, 1980).
//
// Scan itself makes the calls one after another, on the caller's goroutine, always in
// the same order. So a combine that is not associative has results too, those of the
// tree: rounding makes every operation on floating-point numbers such a one, and
// the last bits may differ from those of a loop. Scan panics when combine is nil.
func Scan[T any](xs []T, combine func(earlier, later T) T) []T {
	if combine == nil {
		failf("Scan", "combine is nil, want a function")
	}
	out := make([]T, len(xs))
	if len(xs) == 0 {
		return out
	}
	pairs := make([]T, len(xs)/2)
	for i := range pairs {
		pairs[i] = combine(xs[2*i], xs[2*i+1])
	}
	out[0] = xs[0]
	if len(pairs) == 0 {
		return out
	}
	for i, x := range Scan(pairs, combine) {
		out[2*i+1] = x
		if 2*i+2 < len(xs) {
			out[2*i+2] = combine(x, xs[2*i+2])
		}
	}
	return out
}

// A stateMap is a map x ↦ a ⊙ x + b.
type stateMap struct{ a, b []float64 }

// then returns the map that is f, then g: x ↦ g_a ⊙ (f_a ⊙ x + f_b) + g_b.
func (f stateMap) then(g stateMap) stateMap {
	n := len(f.a)
	memory := make([]float64, 2*n)
	h := stateMap{memory[:n], memory[n:]}
	for i, a := range g.a {
		h.a[i] = a * f.a[i]
		h.b[i] = float64(a*f.b[i]) + g.b[i]
	}
	return h
}

// A segment is some steps of a shard that one job computes where there is a scan.
type segment struct {
	q        *shard
	k        int // its number in the shard, in the order of a direction
	from, to int // its steps, to − 1 the last, in that order
}

// A segmentState is what a segment needs of those that a direction takes before it.
type segmentState struct {
	whole stateMap  // the segment's steps as one map
	start []float64 // a row for each sequence: the states before the segment, or their gradients
}

// divideSegments divides the shards into segments, which depend on the shards alone.
func (p *pass) divideSegments() {
	p.segments = p.segments[:0]
	for _, q := range p.shards {
		size, n := q.blockSteps(), 0
		for from := 0; from < q.steps(); from += size {
			p.segments = append(p.segments, segment{q, n, from, min(from+size, q.steps())})
			n++
		}
		q.segments = resizeSlice(q.segments, n)
	}
}

// identity makes f the map that changes nothing, of n rows.
func (f *stateMap) identity(n int) {
	f.a, f.b = resizeSlice(f.a, n), resizeSlice(f.b, n)
	for i := range f.a {
		f.a[i], f.b[i] = 1, 0
	}
}

// scanSegments sets where each segment starts: at first, or where the segments before it
// bring that. A direction takes the segments from the last to the first where
// reverse.
func (q *shard) scanSegments(first []float64, reverse bool) {
	n := len(q.segments)
	maps := make([]stateMap, n)
	for i := range maps {
		maps[i] = q.segments[inOrder(i, n, reverse)].whole
	}
	maps = Scan(maps, stateMap.then)
	for i := range n {
		b := &q.segments[inOrder(i, n, reverse)]
		b.start = append(b.start[:0], first...)
		if i == 0 {
			continue
		}
		for j, a := range maps[i-1].a {
			b.start[j] = float64(a*first[j]) + maps[i-1].b[j]
		}
	}
}

// forwardScan runs all layers over all shards, as forwardShard over one.
func (r *recurrent) forwardScan(p *pass) {
	p.divideSegments()
	for _, q := range p.shards {
		q.x = resizeSlice(q.x, q.rows()*r.config.InputSize)
	}
	for p.layer = range r.layers {
		for _, q := range p.shards {
			t := &q.layers[p.layer]
			r.beginLayer(p, q, t, p.layer)
			for d := range t.dirs {
				t.dirs[d].allocate(q, r.traits, r.config.HiddenSize, d == 1, 0, q.rows())
			}
		}
		for p.direction = range r.config.directions() {
			p.pool.run(r.work(p), stage{len(p.segments), p.jobs.composeForward},
				stage{len(p.shards), p.jobs.scanForward}, stage{len(p.segments), p.jobs.stepsForward})
		}
		for _, q := range p.shards {
			r.endLayer(p, q, &q.layers[p.layer], p.layer)
		}
	}
}

// composeForward computes the gates of a segment and what its steps are together.
func (r *recurrent) composeForward(p *pass, b segment, work *worker) {
	l, d, hidden := p.layer, p.direction, r.config.HiddenSize
	q, c := b.q, &b.q.layers[l].dirs[d]
	in := q.x
	if l > 0 {
		in = q.layers[l-1].out
	}
	r.preActivations(p, q, c, l, d, b.from, b.to, in, work)
	f := &q.segments[b.k].whole
	f.identity(len(q.seqs) * hidden) // and so it stays for a sequence that has no step here
	for i := b.from; i < b.to; i++ {
		s := q.at(&work.step, c, r.traits, hidden, inOrder(i, q.steps(), d == 1))
		minGRUStep{}.gates(s)
		minGRUStep{}.then(s, *f)
	}
}

// scanForward sets the states before each segment of a shard.
func (r *recurrent) scanForward(p *pass, q *shard, _ *worker) {
	q.ds[0] = resizeSlice(q.ds[0], len(q.seqs)*r.config.HiddenSize)
	r.copyStates(p, q, q.ds[0], p.in.states[0], p.layer, p.direction)
	q.scanSegments(q.ds[0], false)
}

// stepsForward takes the steps of a segment, whose gates are known.
func (r *recurrent) stepsForward(p *pass, b segment, work *worker) {
	l, d, hidden := p.layer, p.direction, r.config.HiddenSize
	q, t := b.q, &b.q.layers[l]
	c := &t.dirs[d]
	for i := b.from; i < b.to; i++ {
		s := q.at(&work.step, c, r.traits, hidden, inOrder(i, q.steps(), d == 1))
		start := q.segments[b.k].start[:s.n*hidden]
		switch {
		case i > b.from || i == 0:
			r.setBefore(p, q, s, c, l, d, i, false)
		case q.even:
			s.before[0] = start // in the cache the states before are those that another job writes
		default:
			copy(s.before[0], start)
		}
		minGRUStep{}.update(s)
	}
	r.endBlock(p, q, t, l, d, b.from, b.to)
}

// backwardScan backpropagates through all shards, as backwardShards.
func (r *recurrent) backwardScan(p *pass) {
	for p.layer = len(r.layers) - 1; p.layer >= 0; p.layer-- {
		for _, q := range p.shards {
			if p.layer > 0 {
				q.dx = resizeSlice(q.dx, q.rows()*r.layers[p.layer][0].in)
			}
		}
		for p.direction = range r.config.directions() {
			p.pool.run(2*r.work(p), stage{len(p.segments), p.jobs.composeBackward},
				stage{len(p.shards), p.jobs.scanBackward}, stage{len(p.accumulators), p.jobs.stepsBackward})
		}
		for _, q := range p.shards {
			r.passBelow(p, q, p.layer)
		}
	}
}

// composeBackward computes what the steps of a segment are together for the gradient
// of the states.
func (r *recurrent) composeBackward(p *pass, b segment, work *worker) {
	l, d, hidden := p.layer, p.direction, r.config.HiddenSize
	q, c := b.q, &b.q.layers[l].dirs[d]
	t0, t1, lo, hi := q.span(b.from, b.to, d == 1)
	r.gatherGradient(p, q, l, d, t0, t1, lo, hi, work)
	f := &q.segments[b.k].whole
	f.identity(len(q.seqs) * hidden)
	work.dx = resizeSlice(work.dx, len(q.seqs)*hidden)
	for i := b.to - 1; i >= b.from; i-- {
		t := inOrder(i, q.steps(), d == 1)
		s := q.at(&work.step, c, r.traits, hidden, t)
		s.ds[0] = work.dx[:s.n*hidden]
		clear(s.ds[0])
		r.addOutputGradient(p, q, s, l, d, lo, q.starts[t]-lo, work)
		minGRUStep{}.thenBackward(s, *f)
	}
}

// scanBackward sets the gradients of the states behind each segment of a shard.
func (r *recurrent) scanBackward(p *pass, q *shard, _ *worker) {
	r.seedStates(p, q, p.layer, p.direction)
	q.scanSegments(q.ds[0], true)
}

// stepsBackward backpropagates through the segments of the n-th accumulator.
func (r *recurrent) stepsBackward(p *pass, n int, work *worker) {
	l, d := p.layer, p.direction
	for i := n; i < len(p.segments); i += len(p.accumulators) {
		b := p.segments[i]
		ds := [2][]float64{b.q.segments[b.k].start}
		r.backwardBlock(p, b.q, l, d, b.from, b.to, ds, p.accumulators[n], i == n, work)
		if b.from == 0 {
			r.keepStateGradients(p, b.q, l, d, ds)
		}
	}
}
