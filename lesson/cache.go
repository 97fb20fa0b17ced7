package lesson

// A layerCache is what one layer keeps for Backward, and for the next layer.
type layerCache struct {
	dirs []cache
	out  []float64 // rows × D·H, input of the next layer; nil at the top
	mask []float64 // rows × D·H, what dropout multiplied by
	own  []float64 // memory of out where it is not a direction's own states
}

// A cache is what one direction of a layer keeps for Backward. All are rows ×
// width: the rows of all steps or, under NoGrad, of one block.
type cache struct {
	first         int // row
	a, u          []float64
	before, after [2][]float64
	memory        [2][]float64 // of before and after, which overlap where all sequences are equally long
	ownU          []float64    // memory of u where it is not a
	last          [2][]float64 // states after the last step of a block
}

func (r *recurrent) newCaches() []layerCache {
	layers := make([]layerCache, r.config.NumLayers)
	for l := range layers {
		layers[l].dirs = make([]cache, r.config.directions())
	}
	return layers
}

// allocate gives a cache its memory, for rows lo to hi−1.
func (c *cache) allocate(q *shard, tr traits, hidden int, reverse bool, lo, hi int) {
	c.first = lo
	rows := hi - lo
	c.a = resizeSlice(c.a, rows*tr.gates*hidden)
	c.u = c.a
	if tr.separate {
		c.ownU = resizeSlice(c.ownU, len(c.a))
		c.u = c.ownU
	}
	for k := range tr.states {
		n := rows * hidden
		if !q.even {
			c.memory[k] = resizeSlice(c.memory[k], 2*n)
			c.before[k], c.after[k] = c.memory[k][:n], c.memory[k][n:]
			continue
		}
		// The state before a step is the one after its neighbour.
		one := len(q.seqs) * hidden
		c.memory[k] = resizeSlice(c.memory[k], n+one)
		c.before[k], c.after[k] = c.memory[k][:n], c.memory[k][one:]
		if reverse {
			c.before[k], c.after[k] = c.after[k], c.before[k]
		}
	}
}

// at returns step t of a cache, in s.
func (q *shard) at(s *step, c *cache, tr traits, hidden, t int) *step {
	s.n, s.hidden = q.sizes[t], hidden
	lo, hi := q.starts[t]-c.first, q.starts[t+1]-c.first
	gh := tr.gates * hidden
	s.a, s.u = c.a[lo*gh:hi*gh], c.u[lo*gh:hi*gh]
	for k := range tr.states {
		s.before[k], s.after[k] = c.before[k][lo*hidden:hi*hidden], c.after[k][lo*hidden:hi*hidden]
	}
	return s
}
