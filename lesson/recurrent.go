package lesson

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"unroll/internal/simd"
)

// Config says what a recurrent layer is like, in the words of torch.nn.RNN,
// LSTM and GRU. [Option]s change it before the layer is made.
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
func BatchFirst(c *Config) {
	checkNotNil("BatchFirst", "c", c)
	c.BatchFirst = true
}

// Bidirectional adds a second direction that reads each sequence from its end.
// Its outputs are after the first's on the last axis.
func Bidirectional(c *Config) {
	checkNotNil("Bidirectional", "c", c)
	c.Bidirectional = true
}

// NoBias leaves out both biases.
func NoBias(c *Config) {
	checkNotNil("NoBias", "c", c)
	c.Bias = false
}

// ReLU makes an RNN use max(0, ·) in place of tanh.
func ReLU(c *Config) {
	checkNotNil("ReLU", "c", c)
	c.ReLU = true
}

// Layers sets the number of layers, each reading the output of the one below.
func Layers(n int) Option { return func(c *Config) { c.NumLayers = n } }

// Dropout sets the probability with which, between Train and Eval, each output
// of every layer but the last is zeroed, and the others divided by 1−p.
func Dropout(p float64) Option { return func(c *Config) { c.Dropout = p } }

// A stepper is the arithmetic of one step that tells one kind of recurrent
// layer from another. The matrix products before and after it, layers,
// directions, lengths and dropout are the same for all: those of recurrent.
type stepper interface {
	traits() traits
	// forward computes the states after the step.
	forward(s *step)
	// backward takes ds, the gradient of the states after the step, and sets
	// da and du. On return ds is the gradient of the states before the step,
	// as far as it does not come through W_hh; ds[0] is not read unless skip.
	backward(s *step)
}

// traits are the sizes of a stepper.
type traits struct {
	gates     int  // G: pre-activations per hidden unit
	states    int  // 1 for h, 2 for h and c
	separate  bool // forward wants W_hh h + b_hh and W_ih x + b_ih each, not their sum
	skip      bool // h_{t−1} also reaches h_t without W_hh: a skip connection
	inputOnly bool // the gates do not see h_{t−1}: there is no weight_hh and no bias_hh
}

// A step is one step of one direction of one layer, for n sequences at once.
// All slices hold n rows.
type step struct {
	n, hidden     int
	a             []float64    // G·H wide: W_ih x + b_ih, and W_hh h + b_hh added unless separate; forward may leave gates here
	u             []float64    // G·H wide: W_hh h + b_hh where separate, else a itself
	before, after [2][]float64 // H wide: the states
	ds            [2][]float64 // H wide: gradient of the states
	da, du        []float64    // G·H wide: gradients of a and u, the same slice unless separate
}

// recurrent is what RNN, LSTM, GRU and MinGRU have in common.
type recurrent struct {
	kind   string // "RNN", "LSTM", "GRU" or "MinGRU"
	config Config
	cell   stepper
	traits traits
	params []*Parameter
	layers [][]*weights // by layer and direction
	rng    *rand.Rand   // of dropout; nil outside training
	noGrad bool         // Forward keeps nothing for Backward
	scan   bool         // MinGRU only: segments of steps are computed side by side
	last   *pass        // of the last Forward; its memory is used again by the next
	names  map[string]string
}

// weights are the parameters of one direction of one layer.
type weights struct {
	in               int        // features of the layer's input
	first            int        // place of weight_ih among the parameters
	ih, hh, bIH, bHH *Parameter // hh and bHH are nil where the gates see x alone
	// The weights as the products read them: transposed in Forward, unchanged in
	// Backward.
	packedIH, packedHH simd.Packed
	startA, startU     []float64 // the biases in a and in u, nil without
}

// init makes r a layer with PyTorch's initial values, of the steps that choose
// chooses.
func (r *recurrent) init(fn, kind string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option, choose func(Config) stepper) {
	c := Config{InputSize: inputSize, HiddenSize: hiddenSize, NumLayers: 1, Bias: true}
	for _, o := range opts {
		if o == nil {
			failf(fn, "an option is nil, want one such as BatchFirst")
		}
		o(&c)
	}
	if rng == nil {
		failf(fn, "rng is nil, want a source for the initial values")
	}
	checkCount(fn, "InputSize", c.InputSize, 1)
	checkCount(fn, "HiddenSize", c.HiddenSize, 1)
	switch {
	case c.NumLayers < 1:
		failf(fn, "NumLayers is %d, want at least 1", c.NumLayers)
	case !(c.Dropout >= 0 && c.Dropout <= 1):
		failf(fn, "Dropout is %v, want a probability, 0 to 1", c.Dropout)
	}
	cell := choose(c)
	checkShape(fn, []int{cell.traits().gates, c.HiddenSize, max(c.InputSize, c.directions()*c.HiddenSize)})
	*r = recurrent{kind: kind, config: c, cell: cell, traits: cell.traits(), names: map[string]string{}}
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
			w := &weights{in: in, first: len(r.params)}
			w.ih = parameter("weight_ih", gh, in)
			if !r.traits.inputOnly {
				w.hh = parameter("weight_hh", gh, c.HiddenSize)
			}
			if c.Bias {
				w.bIH = parameter("bias_ih", gh)
				if !r.traits.inputOnly {
					w.bHH = parameter("bias_hh", gh)
				}
			}
			layer = append(layer, w)
		}
		r.layers = append(r.layers, layer)
	}
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
// G is 1 for an RNN, 4 for an LSTM, whose gates are in the order i, f, g, o,
// and 3 for a GRU, with r, z, n. A MinGRU has z and n, and no weight_hh or bias_hh.
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
	failf(r.fn("Parameter"), "no %q, there are %s", name, strings.Join(names, ", "))
	return nil
}

// Train begins training: from now on Forward applies dropout, drawn from rng.
// It panics when rng is nil.
func (r *recurrent) Train(rng *rand.Rand) {
	if rng == nil {
		failf(r.fn("Train"), "rng is nil, want a source for dropout")
	}
	r.rng = rng
}

// Eval ends training: from now on Forward applies no dropout. A new layer is
// in this state.
func (r *recurrent) Eval() { r.rng = nil }

// NoGrad sets whether Forward keeps nothing for Backward, as under
// torch.no_grad. Its results have the same bits; it takes less time, and memory
// that does not grow with the steps, except for what it returns and the output of a layer
// below another. Backward after such a Forward panics.
func (r *recurrent) NoGrad(on bool) { r.noGrad = on }

// with sets NoGrad and the source of dropout, nil for none, and returns a
// function that sets both back.
func (r *recurrent) with(noGrad bool, dropout *rand.Rand) (restore func()) {
	before, rng := r.noGrad, r.rng
	r.noGrad, r.rng = noGrad, dropout
	return func() { r.noGrad, r.rng = before, rng }
}

// fn returns the name of a method for messages, as "RNN.Forward", or as "Forward"
// of a zero layer, which has no kind. It allocates once for each name.
func (r *recurrent) fn(method string) string {
	if r.kind == "" {
		return method
	}
	name, known := r.names[method]
	if !known {
		name = r.kind + "." + method
		r.names[method] = name
	}
	return name
}

// setGateBias makes b the bias of one gate, counted from 0, of every layer and
// direction: that part of each bias_ih becomes b and of each bias_hh 0, since the
// two add.
func (r *recurrent) setGateBias(fn string, gate int, b float64) {
	r.check(fn)
	if !r.config.Bias {
		failf(fn, "the layer has NoBias, want one with biases")
	}
	h := r.config.HiddenSize
	for _, layer := range r.layers {
		for _, w := range layer {
			for j := gate * h; j < (gate+1)*h; j++ {
				w.bIH.Value.data[j] = b
				if w.bHH != nil {
					w.bHH.Value.data[j] = 0
				}
			}
		}
	}
}

// check panics for a zero layer, and unless values and gradients still have the
// shapes they were made with: a caller may have put others in their place.
func (r *recurrent) check(fn string) {
	if r.kind == "" {
		failf(fn, "the layer is empty, want one from NewRNN, NewLSTM, NewGRU or NewMinGRU")
	}
	c := r.config
	gh := r.traits.gates * c.HiddenSize
	check := func(p *Parameter, want ...int) {
		if p != nil {
			p.check(fn, p.Name, want...)
		}
	}
	for _, layer := range r.layers {
		for _, w := range layer {
			check(w.ih, gh, w.in)
			check(w.hh, gh, c.HiddenSize)
			check(w.bIH, gh)
			check(w.bHH, gh)
		}
	}
}

func shapeOf(t *Tensor) string {
	if t == nil {
		return "nil"
	}
	return t.shape.times()
}

// checkInput returns the steps and batch of x. It panics unless x fits the
// layer.
func (c Config) checkInput(fn string, x *Tensor) (steps, batch int) {
	if x == nil {
		failf(fn, "x is nil, want a tensor (%s)", c.axes())
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
		failf(fn, "x has %d axis (%s), want 3 (%s) or 2 (steps, features)", len(x.shape), x.shape.times(), c.axes())
	}
	if x.shape[len(x.shape)-1] != c.InputSize {
		failf(fn, "x is %s, want InputSize %d in the last place", x.shape.times(), c.InputSize)
	}
	return steps, batch
}

// axes names those of x.
func (c Config) axes() string {
	if c.BatchFirst {
		return "batch, steps, features"
	}
	return "steps, batch, features"
}

// checkPacked panics unless x has a batch axis and there is a length for each
// sequence.
func (c Config) checkPacked(fn string, x *Tensor, lengths []int, steps, batch int) {
	if len(x.shape) != 3 {
		failf(fn, "x is %s with lengths, want 3 axes (%s)", x.shape.times(), c.axes())
	}
	checkLengths(fn, lengths, batch, steps)
}

func (r *recurrent) checkState(fn, name string, s *Tensor, batched bool, batch int) {
	n := r.config.directions() * r.config.NumLayers
	want, axes := Shape{n, r.config.HiddenSize}, "directions·layers, HiddenSize"
	if batched {
		want, axes = Shape{n, batch, r.config.HiddenSize}, "directions·layers, batch, HiddenSize"
	}
	if !s.axes().Equal(want) {
		failf(fn, "%s is %s, want %s (%s)", name, shapeOf(s), want.times(), axes)
	}
}
