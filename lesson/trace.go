package lesson

// RNNTrace is what one direction of one layer computed at every step. Its
// tensors are laid out as x, with H in the last place.
type RNNTrace struct {
	PreActivation *Tensor // W_ih x_t + b_ih + W_hh h_{t−1} + b_hh
	Hidden        *Tensor // h_t
}

// LSTMTrace is what one direction of one layer computed at every step. Its
// tensors are laid out as x, with H in the last place.
type LSTMTrace struct {
	Input     *Tensor // i_t, how much of the candidate is added
	Forget    *Tensor // f_t, how much of the cell state stays: 1 keeps it
	Output    *Tensor // o_t, how much of the cell state is shown
	Candidate *Tensor // g_t, the lesson's C̃_t
	Cell      *Tensor // c_t
	Hidden    *Tensor // h_t
}

// GRUTrace is what one direction of one layer computed at every step. Its
// tensors are laid out as x, with H in the last place.
type GRUTrace struct {
	Reset     *Tensor // r_t, how much of the old state the candidate sees
	Update    *Tensor // z_t, how much of the old state stays: 1 keeps it
	Candidate *Tensor // n_t
	Hidden    *Tensor // h_t
}

// MinGRUTrace is what one direction of one layer computed at every step. Its
// tensors are laid out as x, with H in the last place.
type MinGRUTrace struct {
	Update    *Tensor // z_t, how much of the old state stays: 1 keeps it
	Candidate *Tensor // n_t
	Hidden    *Tensor // h_t
}

// Trace runs [RNN.Forward] and returns what each layer and direction computed
// at every step: layer by layer, forward before reverse. What the reverse
// direction computed when it read x_t is at step t. Trace applies no dropout, does
// not depend on NoGrad, and does not change what Backward needs of the last
// Forward. It panics as Forward does.
func (r *RNN) Trace(x, h0 *Tensor) []RNNTrace { return r.traces("RNN.Trace", x, h0) }

func (r *RNN) traces(fn string, x, h0 *Tensor) []RNNTrace {
	checkNotNil(fn, "the RNN", r)
	var traces []RNNTrace
	r.trace(fn, x, [2]*Tensor{h0}, func(gate, state func(k int) *Tensor) {
		traces = append(traces, RNNTrace{PreActivation: gate(0), Hidden: state(0)})
	})
	return traces
}

// Trace runs [LSTM.Forward] and returns what each layer and direction computed
// at every step, as [RNN.Trace] does.
func (l *LSTM) Trace(x *Tensor, s0 *State) []LSTMTrace { return l.traces("LSTM.Trace", x, s0) }

func (l *LSTM) traces(fn string, x *Tensor, s0 *State) []LSTMTrace {
	checkNotNil(fn, "the LSTM", l)
	var traces []LSTMTrace
	l.trace(fn, x, s0.tensors(), func(gate, state func(k int) *Tensor) {
		traces = append(traces, LSTMTrace{
			Input:     gate(0),
			Forget:    gate(1),
			Candidate: gate(2),
			Output:    gate(3),
			Hidden:    state(0),
			Cell:      state(1),
		})
	})
	return traces
}

// Trace runs [GRU.Forward] and returns what each layer and direction computed
// at every step, as [RNN.Trace] does.
func (g *GRU) Trace(x, h0 *Tensor) []GRUTrace { return g.traces("GRU.Trace", x, h0) }

func (g *GRU) traces(fn string, x, h0 *Tensor) []GRUTrace {
	checkNotNil(fn, "the GRU", g)
	var traces []GRUTrace
	g.trace(fn, x, [2]*Tensor{h0}, func(gate, state func(k int) *Tensor) {
		traces = append(traces, GRUTrace{Reset: gate(0), Update: gate(1), Candidate: gate(2), Hidden: state(0)})
	})
	return traces
}

// Trace runs [MinGRU.Forward] and returns what each layer and direction computed
// at every step, as [RNN.Trace] does.
func (m *MinGRU) Trace(x, h0 *Tensor) []MinGRUTrace {
	const fn = "MinGRU.Trace"
	checkNotNil(fn, "the MinGRU", m)
	var traces []MinGRUTrace
	m.trace(fn, x, [2]*Tensor{h0}, func(gate, state func(k int) *Tensor) {
		traces = append(traces, MinGRUTrace{Update: gate(0), Candidate: gate(1), Hidden: state(0)})
	})
	return traces
}

// trace runs a Forward of its own and calls each for every layer and direction:
// gate returns the k-th of what the stepper left in a, state the k-th state.
func (r *recurrent) trace(fn string, x *Tensor, s0 [2]*Tensor, each func(gate, state func(k int) *Tensor)) {
	defer r.with(false, nil)()
	p := r.newPass()
	r.forwardPass(fn, p, passIO{}, x, nil, false, s0)
	h := r.config.HiddenSize
	for l := range r.config.NumLayers {
		for d := range r.config.directions() {
			each(func(k int) *Tensor {
				return r.collect(p, k*h, r.traits.gates*h, func(q *shard) []float64 { return q.layers[l].dirs[d].a })
			}, func(k int) *Tensor {
				return r.collect(p, 0, h, func(q *shard) []float64 { return q.layers[l].dirs[d].after[k] })
			})
		}
	}
}

// collect copies H columns, from column from on, of rows of the given width
// into a new tensor laid out as x.
func (r *recurrent) collect(p *pass, from, width int, rows func(*shard) []float64) *Tensor {
	h := r.config.HiddenSize
	shape, axes := r.layout(p, h)
	out := NewTensor(shape[:axes]...)
	for _, q := range p.shards {
		src := rows(q)
		for t, n := range q.sizes {
			for j, b := range q.seqs[:n] {
				copy(r.row(p, out, b, t), src[(q.starts[t]+j)*width+from:])
			}
		}
	}
	return out
}
