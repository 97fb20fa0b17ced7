package lesson

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Config says what a recurrent layer is like, in the words of torch.nn.RNN and
// torch.nn.LSTM. [Option]s change it before the layer is made.
type Config struct {
	InputSize     int     // features of each step of the input
	HiddenSize    int     // H, the length of a hidden state
	NumLayers     int     // layers above one another; 1 unless Layers says more
	BatchFirst    bool    // input and output are (batch, steps, features), not (steps, batch, features)
	Bidirectional bool    // a second direction reads each sequence from its end
	Bias          bool    // true unless NoBias
	Dropout       float64 // probability of zeroing an output between layers while training
	ReLU          bool    // RNN only: max(0, ·) in place of tanh
}

// An Option changes how a recurrent layer is made.
type Option func(*Config)

// BatchFirst makes input and output (batch, steps, features). Hidden states
// stay (directions·layers, batch, features), as in PyTorch.
func BatchFirst(c *Config) { c.BatchFirst = true }

// Bidirectional adds a second direction that reads each sequence from its end.
// Its outputs stand behind the first's on the last axis.
func Bidirectional(c *Config) { c.Bidirectional = true }

// NoBias leaves out both biases.
func NoBias(c *Config) { c.Bias = false }

// ReLU makes an RNN use max(0, ·) in place of tanh.
func ReLU(c *Config) { c.ReLU = true }

// Layers sets the number of layers, each reading the output of the one below.
func Layers(n int) Option { return func(c *Config) { c.NumLayers = n } }

// Dropout sets the probability with which, between Train and Eval, each output
// of every layer but the last is zeroed, and the others divided by 1−p.
func Dropout(p float64) Option { return func(c *Config) { c.Dropout = p } }

// A stepper is the arithmetic of one step that tells one kind of recurrent
// layer from another. The matrix products before and behind it, layers,
// directions, lengths and dropout are the same for all, and recurrent's.
type stepper interface {
	traits() traits
	// forward computes the states after the step.
	forward(s *step)
	// backward takes ds, the gradient of the states after the step, and sets
	// da and du. On return ds is the part of the gradient of the states before
	// the step that does not come through W_hh.
	backward(s *step)
}

// traits are the sizes of a stepper.
type traits struct {
	gates  int  // G: pre-activations per hidden unit
	states int  // 1 for h, 2 for h and c
	kept   int  // further values per hidden unit that forward leaves to backward
	apart  bool // forward wants W_hh h + b_hh apart from W_ih x + b_ih
}

// A step is one step of one direction of one layer, for n sequences at once.
// All slices hold n rows.
type step struct {
	n, hidden     int
	a             []float64    // G·H wide: W_ih x + b_ih, and W_hh h + b_hh with it unless apart; forward may leave gates here
	u             []float64    // G·H wide: W_hh h + b_hh where apart, else a itself
	kept          []float64    // forward's notes to backward
	before, after [2][]float64 // H wide: the states
	ds            [2][]float64 // H wide: gradient of the states
	da, du        []float64    // G·H wide: gradients of a and u, the same slice unless apart
}

// recurrent is what RNN and LSTM have in common.
type recurrent struct {
	kind   string // "RNN" or "LSTM", for messages
	config Config
	cell   stepper
	traits traits
	params []*Parameter
	layers [][]*weights // by layer and direction
	rng    *rand.Rand   // of dropout; nil outside training
	last   *pass        // of the last Forward; its memory is used again by the next
}

// weights are the parameters of one direction of one layer.
type weights struct {
	in                     int // features of the layer's input
	ih, hh, bIH, bHH       *Parameter
	ihT, hhT, biasA, biasU []float64 // laid out for one Forward: transposed; biases to start a and u from
}

// newRecurrent makes a layer with PyTorch's initial values.
func newRecurrent(kind string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option) recurrent {
	fn := "New" + kind
	c := Config{InputSize: inputSize, HiddenSize: hiddenSize, NumLayers: 1, Bias: true}
	for _, o := range opts {
		o(&c)
	}
	switch {
	case rng == nil:
		failf(fn, "rng is nil, want a source for the initial values")
	case c.InputSize < 1:
		failf(fn, "InputSize is %d, want at least 1", c.InputSize)
	case c.HiddenSize < 1:
		failf(fn, "HiddenSize is %d, want at least 1", c.HiddenSize)
	case c.NumLayers < 1:
		failf(fn, "NumLayers is %d, want at least 1", c.NumLayers)
	case !(c.Dropout >= 0 && c.Dropout <= 1):
		failf(fn, "Dropout is %v, want a probability, 0 to 1", c.Dropout)
	}
	var cell stepper
	switch {
	case kind == "LSTM" && c.ReLU:
		failf(fn, "the ReLU option, want none: it is for RNN")
	case kind == "LSTM":
		cell = lstmStep{}
	case c.ReLU:
		cell = reluStep{}
	default:
		cell = tanhStep{}
	}
	r := recurrent{kind: kind, config: c, cell: cell, traits: cell.traits()}
	for l := range c.NumLayers {
		in := c.InputSize
		if l > 0 {
			in = c.directions() * c.HiddenSize
		}
		var layer []*weights
		for d := range c.directions() {
			name := func(s string) string {
				return fmt.Sprintf("%s_l%d%s", s, l, []string{"", "_reverse"}[d])
			}
			parameter := func(s string, shape ...int) *Parameter {
				t := NewTensor(shape...)
				uniformInit(rng, t, c.HiddenSize)
				p := NewParameter(name(s), t)
				r.params = append(r.params, p)
				return p
			}
			gh := r.traits.gates * c.HiddenSize
			w := &weights{in: in}
			w.ih = parameter("weight_ih", gh, in)
			w.hh = parameter("weight_hh", gh, c.HiddenSize)
			if c.Bias {
				w.bIH = parameter("bias_ih", gh)
				w.bHH = parameter("bias_hh", gh)
			}
			layer = append(layer, w)
		}
		r.layers = append(r.layers, layer)
	}
	return r
}

func (c Config) directions() int {
	if c.Bidirectional {
		return 2
	}
	return 1
}

// Config returns what the layer was made with.
func (r *recurrent) Config() Config { return r.config }

// Parameters returns the parameters in PyTorch's order: for each layer, for
// each direction, weight_ih (G·H, in), weight_hh (G·H, H), and unless NoBias
// bias_ih and bias_hh (G·H), named as weight_ih_l0 and weight_ih_l0_reverse.
// G is 1 for an RNN and 4 for an LSTM, whose gates stand in the order i, f, g, o.
func (r *recurrent) Parameters() []*Parameter { return slices.Clone(r.params) }

// Parameter returns the parameter of that name. It panics when there is none.
func (r *recurrent) Parameter(name string) *Parameter {
	names := make([]string, len(r.params))
	for i, p := range r.params {
		if p.Name == name {
			return p
		}
		names[i] = p.Name
	}
	failf(r.kind+".Parameter", "no %q, there are %s", name, strings.Join(names, ", "))
	return nil
}

// Train begins training: from now on Forward applies dropout, drawn from rng.
// It panics when rng is nil.
func (r *recurrent) Train(rng *rand.Rand) {
	if rng == nil {
		failf(r.kind+".Train", "rng is nil, want a source for dropout")
	}
	r.rng = rng
}

// Eval ends training: from now on Forward applies no dropout. A new layer is
// in this state.
func (r *recurrent) Eval() { r.rng = nil }

// layOut prepares the weights for one Forward.
func (w *weights) layOut(gh, hidden int, apart bool) {
	w.ihT = resize(w.ihT, gh*w.in)
	transpose(w.ihT, w.ih.Value.data, gh, w.in)
	w.hhT = resize(w.hhT, gh*hidden)
	transpose(w.hhT, w.hh.Value.data, gh, hidden)
	w.biasA = resize(w.biasA, gh)
	w.biasU = resize(w.biasU, gh)
	clear(w.biasA)
	clear(w.biasU)
	if w.bIH == nil {
		return
	}
	copy(w.biasA, w.bIH.Value.data)
	if apart {
		copy(w.biasU, w.bHH.Value.data)
	} else {
		add(w.biasA, w.bHH.Value.data)
	}
}

// partSize is how many sequences are computed together. The batch is divided
// by it alone, never by the number of cores, so that sums are taken in the
// same order everywhere.
const partSize = 8

// A pass is one Forward: what it read and what Backward needs of it.
type pass struct {
	steps, batch int
	batched      bool // x had a batch axis
	training     bool // dropout was applied
	parts        []*part
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

	dy, dx []float64 // gradients of a layer's output and input
	ds     [2][]float64
}

// tapes are what one layer leaves to Backward, and to the next layer.
type tapes struct {
	dirs []tape
	out  []float64 // rows × D·H, input of the next layer
	mask []float64 // rows × D·H, what dropout multiplied by; empty without
	own  []float64 // memory of out where it is not a direction's own states
}

// A tape is what one direction leaves to Backward. All are rows × width.
type tape struct {
	a, u, kept    []float64
	before, after [2][]float64
	memory        [2][]float64 // of before and after, which overlap where all sequences are equally long
	da, du        []float64
	duOwn         []float64 // memory of du where it is apart
}

func (q *part) rows() int  { return q.starts[len(q.starts)-1] }
func (q *part) steps() int { return len(q.sizes) }

// arrange divides the batch into parts.
func (p *pass) arrange(steps, batch int, lengths []int) {
	p.steps, p.batch = steps, batch
	order := make([]int, batch)
	for i := range order {
		order[i] = i
	}
	length := func(i int) int {
		if lengths == nil {
			return steps
		}
		return lengths[i]
	}
	if lengths != nil {
		slices.SortStableFunc(order, func(a, b int) int { return lengths[b] - lengths[a] })
	}
	n := (batch + partSize - 1) / partSize
	for len(p.parts) < n {
		p.parts = append(p.parts, new(part))
	}
	p.parts = p.parts[:n]
	for i, q := range p.parts {
		lo, hi := i*batch/n, (i+1)*batch/n
		q.seqs = append(q.seqs[:0], order[lo:hi]...)
		q.lengths = q.lengths[:0]
		for _, s := range q.seqs {
			q.lengths = append(q.lengths, length(s))
		}
		longest, shortest := q.lengths[0], q.lengths[hi-lo-1]
		q.even = longest == shortest
		q.sizes = resize(q.sizes, longest)
		q.starts = resize(q.starts, longest+1)
		q.starts[0] = 0
		size := hi - lo
		for t := range longest {
			for q.lengths[size-1] <= t {
				size--
			}
			q.sizes[t] = size
			q.starts[t+1] = q.starts[t] + size
		}
	}
}

// forward checks the arguments and runs all layers. The states go by h, c.
func (r *recurrent) forward(fn string, p *pass, x *Tensor, lengths []int, s0 [2]*Tensor) (output *Tensor, states [2]*Tensor) {
	fn = r.kind + "." + fn
	c := r.config
	steps, batch := r.checkInput(fn, x, lengths)
	p.batched = len(x.shape) == 3
	for k, s := range s0 {
		if s != nil {
			r.checkState(fn, []string{"h0", "c0"}[k], s, p.batched, batch)
		}
	}
	p.arrange(steps, batch, lengths)
	p.training = r.rng != nil && c.Dropout > 0 && c.NumLayers > 1
	gh, dirs := r.traits.gates*c.HiddenSize, c.directions()
	for _, layer := range r.layers {
		for _, w := range layer {
			w.layOut(gh, c.HiddenSize, r.traits.apart)
		}
	}
	if p.batched {
		output = NewTensor(x.shape[0], x.shape[1], dirs*c.HiddenSize)
	} else {
		output = NewTensor(steps, dirs*c.HiddenSize)
	}
	for k := range r.traits.states {
		states[k] = r.newState(p)
	}
	if p.training {
		r.drawMasks(p)
	}
	for _, q := range p.parts {
		r.forwardPart(p, q, x, s0, output, states)
	}
	return output, states
}

// forwardLast runs forward on the memory of the Forward before it.
func (r *recurrent) forwardLast(fn string, x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor) {
	p := r.last
	if p == nil {
		p = new(pass)
	}
	r.last = nil // a Forward that panics leaves nothing to walk home
	output, states := r.forward(fn, p, x, lengths, s0)
	r.last = p
	return output, states
}

func (r *recurrent) newState(p *pass) *Tensor {
	n := r.config.directions() * r.config.NumLayers
	if p.batched {
		return NewTensor(n, p.batch, r.config.HiddenSize)
	}
	return NewTensor(n, r.config.HiddenSize)
}

// checkInput returns the steps and batch of x. It panics unless x and lengths
// fit the layer.
func (r *recurrent) checkInput(fn string, x *Tensor, lengths []int) (steps, batch int) {
	c := r.config
	layout := "steps, batch, features"
	if c.BatchFirst {
		layout = "batch, steps, features"
	}
	if x == nil {
		failf(fn, "x is nil, want a tensor (%s)", layout)
	}
	switch len(x.shape) {
	case 2:
		steps, batch = x.shape[0], 1
	case 3:
		steps, batch = x.shape[0], x.shape[1]
		if c.BatchFirst {
			steps, batch = batch, steps
		}
	default:
		failf(fn, "x has %d axis (%s), want 3 (%s) or 2 (steps, features)", len(x.shape), x.shape.times(), layout)
	}
	if x.shape[len(x.shape)-1] != c.InputSize {
		failf(fn, "x is %s, want InputSize %d in the last place", x.shape.times(), c.InputSize)
	}
	if lengths == nil {
		return steps, batch
	}
	if len(x.shape) != 3 {
		failf(fn, "x is %s with lengths, want 3 axes (%s)", x.shape.times(), layout)
	}
	if len(lengths) != batch {
		failf(fn, "%d lengths for a batch of %d, want one each", len(lengths), batch)
	}
	for i, n := range lengths {
		if n < 1 || n > steps {
			failf(fn, "length %d of sequence %d, want 1 to %d, the steps of x", n, i, steps)
		}
	}
	return steps, batch
}

func (r *recurrent) checkState(fn, name string, s *Tensor, batched bool, batch int) {
	n := r.config.directions() * r.config.NumLayers
	want, axes := Shape{n, r.config.HiddenSize}, "directions·layers, HiddenSize"
	if batched {
		want, axes = Shape{n, batch, r.config.HiddenSize}, "directions·layers, batch, HiddenSize"
	}
	if !s.shape.Equal(want) {
		failf(fn, "%s is %s, want %s (%s)", name, s.shape.times(), want.times(), axes)
	}
}

// position returns where in a tensor laid out as x, with the given width, step
// t of sequence b begins.
func (r *recurrent) position(p *pass, b, t, width int) int {
	if r.config.BatchFirst {
		return (b*p.steps + t) * width
	}
	return (t*p.batch + b) * width
}

// drawMasks draws the dropout of every layer but the last.
func (r *recurrent) drawMasks(p *pass) {
	c := r.config
	keep := 1 / (1 - c.Dropout)
	for _, q := range p.parts {
		r.makeTapes(q)
		for l := range c.NumLayers - 1 {
			t := &q.layers[l]
			t.mask = resize(t.mask, q.rows()*c.directions()*c.HiddenSize)
			for i := range t.mask {
				t.mask[i] = 0
				if r.rng.Float64() >= c.Dropout {
					t.mask[i] = keep
				}
			}
		}
	}
}

func (r *recurrent) makeTapes(q *part) {
	if q.layers != nil {
		return
	}
	q.layers = make([]tapes, r.config.NumLayers)
	for l := range q.layers {
		q.layers[l].dirs = make([]tape, r.config.directions())
	}
}

// forwardPart runs all layers over one part, from x into output and states.
func (r *recurrent) forwardPart(p *pass, q *part, x *Tensor, s0 [2]*Tensor, output *Tensor, states [2]*Tensor) {
	c := r.config
	hidden, dirs := c.HiddenSize, c.directions()
	r.makeTapes(q)
	q.x = resize(q.x, q.rows()*c.InputSize)
	r.gather(p, q, q.x, x, c.InputSize)
	in := q.x
	for l := range q.layers {
		t := &q.layers[l]
		for d := range t.dirs {
			k := l*dirs + d // the place of this direction in a state
			r.forwardTape(q, &t.dirs[d], r.layers[l][d], d == 1, in, func(s int, b int) []float64 {
				if s0[s] == nil {
					return nil
				}
				return s0[s].data[(k*p.batch+b)*hidden:][:hidden]
			})
			for s := range r.traits.states {
				for j, b := range q.seqs {
					last := 0
					if d == 0 {
						last = q.lengths[j] - 1
					}
					copy(states[s].data[(k*p.batch+b)*hidden:][:hidden], t.dirs[d].after[s][(q.starts[last]+j)*hidden:])
				}
			}
		}
		q.join(t, hidden, p.training && l < c.NumLayers-1)
		in = t.out
	}
	r.scatter(p, q, output, in, dirs*hidden)
}

// gather copies the rows of a part out of a tensor laid out as x.
func (r *recurrent) gather(p *pass, q *part, dst []float64, src *Tensor, width int) {
	at := 0
	for t, n := range q.sizes {
		for _, b := range q.seqs[:n] {
			copy(dst[at:at+width], src.data[r.position(p, b, t, width):])
			at += width
		}
	}
}

// scatter copies the rows of a part into a tensor laid out as x.
func (r *recurrent) scatter(p *pass, q *part, dst *Tensor, src []float64, width int) {
	at := 0
	for t, n := range q.sizes {
		for _, b := range q.seqs[:n] {
			copy(dst.data[r.position(p, b, t, width):], src[at:at+width])
			at += width
		}
	}
}

// join makes the input of the next layer: the states of the directions side by
// side, and dropout applied.
func (q *part) join(t *tapes, hidden int, dropout bool) {
	dirs := len(t.dirs)
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
	if dropout {
		for i, m := range t.mask {
			t.out[i] *= m
		}
	}
}

// lay gives a tape its memory.
func (t *tape) lay(q *part, tr traits, hidden int, reverse bool) {
	rows := q.rows()
	t.a = resize(t.a, rows*tr.gates*hidden)
	t.kept = resize(t.kept, rows*tr.kept*hidden)
	if tr.apart {
		t.u = resize(t.u, len(t.a))
	} else {
		t.u = t.a
	}
	for k := range tr.states {
		n := rows * hidden
		if !q.even {
			t.memory[k] = resize(t.memory[k], 2*n)
			t.before[k], t.after[k] = t.memory[k][:n], t.memory[k][n:]
			continue
		}
		// The state before a step is the one after its neighbour.
		one := q.sizes[0] * hidden
		t.memory[k] = resize(t.memory[k], n+one)
		t.before[k], t.after[k] = t.memory[k][:n], t.memory[k][one:]
		if reverse {
			t.before[k], t.after[k] = t.after[k], t.before[k]
		}
	}
}

// at sets s to step t.
func (q *part) at(s *step, tp *tape, tr traits, hidden, t int) {
	s.n, s.hidden = q.sizes[t], hidden
	lo, hi := q.starts[t], q.starts[t+1]
	gh := tr.gates * hidden
	s.a, s.u = tp.a[lo*gh:hi*gh], tp.u[lo*gh:hi*gh]
	s.kept = tp.kept[lo*tr.kept*hidden : hi*tr.kept*hidden]
	for k := range tr.states {
		s.before[k], s.after[k] = tp.before[k][lo*hidden:hi*hidden], tp.after[k][lo*hidden:hi*hidden]
	}
}

// forwardTape runs one direction of one layer over in, rows × w.in. initial
// returns a sequence's initial state, nil for zeros.
func (r *recurrent) forwardTape(q *part, tp *tape, w *weights, reverse bool, in []float64, initial func(state, seq int) []float64) {
	tr, hidden := r.traits, r.config.HiddenSize
	gh, rows := tr.gates*hidden, q.rows()
	tp.lay(q, tr, hidden, reverse)
	for i := range rows {
		copy(tp.a[i*gh:][:gh], w.biasA)
	}
	if tr.apart {
		for i := range rows {
			copy(tp.u[i*gh:][:gh], w.biasU)
		}
	}
	mulAdd(rows, gh, w.in, in, w.in, w.ihT, gh, tp.a, gh)
	var s step
	for i := range q.steps() {
		t, neighbour := i, i-1
		if reverse {
			t, neighbour = q.steps()-1-i, q.steps()-i
		}
		carried := 0 // sequences that were running in the step before
		if i > 0 {
			carried = min(q.sizes[t], q.sizes[neighbour])
		}
		q.at(&s, tp, tr, hidden, t)
		for k := range tr.states {
			if !q.even && carried > 0 {
				copy(s.before[k][:carried*hidden], tp.after[k][q.starts[neighbour]*hidden:])
			}
			for j := carried; j < s.n; j++ {
				row := s.before[k][j*hidden:][:hidden]
				if v := initial(k, q.seqs[j]); v != nil {
					copy(row, v)
				} else {
					clear(row)
				}
			}
		}
		mulAdd(s.n, gh, hidden, s.before[0], hidden, w.hhT, gh, s.u, gh)
		r.cell.forward(&s)
	}
}

// backward walks the last Forward home.
func (r *recurrent) backward(dOutput *Tensor, dStates [2]*Tensor) (dx *Tensor, ds0 [2]*Tensor) {
	fn := r.kind + ".Backward"
	c, p := r.config, r.last
	if p == nil {
		failf(fn, "no Forward before it, want one: Backward walks the last Forward home")
	}
	hidden, dirs := c.HiddenSize, c.directions()
	if dOutput != nil {
		want := r.layout(p, dirs*hidden)
		if !dOutput.shape.Equal(want) {
			failf(fn, "dOutput is %s, want %s, as the output", dOutput.shape.times(), want.times())
		}
	}
	for k, s := range dStates {
		if s != nil {
			r.checkState(fn, []string{"dHidden", "dCell"}[k], s, p.batched, p.batch)
		}
	}
	dx = NewTensor(r.layout(p, c.InputSize)...)
	for k := range r.traits.states {
		ds0[k] = r.newState(p)
	}
	for _, q := range p.parts {
		q.dy = resize(q.dy, q.rows()*dirs*hidden)
		if dOutput != nil {
			r.gather(p, q, q.dy, dOutput, dirs*hidden)
		} else {
			clear(q.dy)
		}
	}
	for l := c.NumLayers - 1; l >= 0; l-- {
		for _, q := range p.parts {
			r.backwardPart(p, q, l, dStates, ds0)
		}
		for d, w := range r.layers[l] {
			r.addGradients(p, l, d, w)
		}
		for _, q := range p.parts {
			q.dx, q.dy = q.dy, q.dx
		}
	}
	for _, q := range p.parts {
		r.scatter(p, q, dx, q.dy, c.InputSize)
	}
	return dx, ds0
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

// backwardPart walks one layer of one part home, from q.dy to q.dx and ds0,
// and leaves da and du on the tapes.
func (r *recurrent) backwardPart(p *pass, q *part, l int, dStates, ds0 [2]*Tensor) {
	tr, hidden := r.traits, r.config.HiddenSize
	gh, rows := tr.gates*hidden, q.rows()
	t := &q.layers[l]
	dirs := len(t.dirs)
	if p.training && l < r.config.NumLayers-1 {
		for i, m := range t.mask {
			q.dy[i] *= m
		}
	}
	in := r.layers[l][0].in
	q.dx = resize(q.dx, rows*in)
	clear(q.dx)
	for d := range t.dirs {
		tp, w := &t.dirs[d], r.layers[l][d]
		k := l*dirs + d
		for s := range tr.states {
			q.ds[s] = resize(q.ds[s], len(q.seqs)*hidden)
			clear(q.ds[s])
			if dStates[s] != nil {
				for j, b := range q.seqs {
					copy(q.ds[s][j*hidden:][:hidden], dStates[s].data[(k*p.batch+b)*hidden:])
				}
			}
		}
		tp.da = resize(tp.da, rows*gh)
		tp.du = tp.da
		if tr.apart {
			tp.duOwn = resize(tp.duOwn, rows*gh)
			tp.du = tp.duOwn
		}
		var s step
		for i := range q.steps() {
			at := q.steps() - 1 - i
			if d == 1 {
				at = i
			}
			q.at(&s, tp, tr, hidden, at)
			lo := q.starts[at]
			s.da, s.du = tp.da[lo*gh:][:s.n*gh], tp.du[lo*gh:][:s.n*gh]
			for m := range tr.states {
				s.ds[m] = q.ds[m][:s.n*hidden]
			}
			for j := range s.n {
				add(s.ds[0][j*hidden:][:hidden], q.dy[((lo+j)*dirs+d)*hidden:][:hidden])
			}
			r.cell.backward(&s)
			mulAdd(s.n, hidden, gh, s.du, gh, w.hh.Value.data, hidden, s.ds[0], hidden)
		}
		for s := range tr.states {
			for j, b := range q.seqs {
				copy(ds0[s].data[(k*p.batch+b)*hidden:][:hidden], q.ds[s][j*hidden:])
			}
		}
		mulAdd(rows, in, gh, tp.da, gh, w.ih.Value.data, in, q.dx, in)
	}
}

// addGradients adds the gradients of one direction's parameters, part by part
// in their order.
func (r *recurrent) addGradients(p *pass, l, d int, w *weights) {
	hidden := r.config.HiddenSize
	gh := r.traits.gates * hidden
	for _, q := range p.parts {
		in := q.x
		if l > 0 {
			in = q.layers[l-1].out
		}
		tp, rows := &q.layers[l].dirs[d], q.rows()
		mulTransAdd(gh, w.in, rows, tp.da, gh, in, w.in, w.ih.Grad.data, w.in)
		mulTransAdd(gh, hidden, rows, tp.du, gh, tp.before[0], hidden, w.hh.Grad.data, hidden)
		if w.bIH != nil {
			for i := range rows {
				add(w.bIH.Grad.data, tp.da[i*gh:][:gh])
				add(w.bHH.Grad.data, tp.du[i*gh:][:gh])
			}
		}
	}
}
