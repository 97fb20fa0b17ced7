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
// Its outputs stand behind the first's on the last axis.
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
// layer from another. The matrix products before and behind it, layers,
// directions, lengths and dropout are the same for all, and recurrent's.
type stepper interface {
	traits() traits
	// forward computes the states after the step.
	forward(s *step)
	// backward takes ds, the gradient of the states after the step, and sets
	// da and du. On return ds is the gradient of the states before the step,
	// as far as it does not come through W_hh; ds[0] is not read unless direct.
	backward(s *step)
}

// traits are the sizes of a stepper.
type traits struct {
	gates  int  // G: pre-activations per hidden unit
	states int  // 1 for h, 2 for h and c
	apart  bool // forward wants W_hh h + b_hh apart from W_ih x + b_ih
	direct bool // h_{t−1} also reaches h_t without W_hh
}

// A step is one step of one direction of one layer, for n sequences at once.
// All slices hold n rows.
type step struct {
	n, hidden     int
	a             []float64    // G·H wide: W_ih x + b_ih, and W_hh h + b_hh with it unless apart; forward may leave gates here
	u             []float64    // G·H wide: W_hh h + b_hh where apart, else a itself
	before, after [2][]float64 // H wide: the states
	ds            [2][]float64 // H wide: gradient of the states
	da, du        []float64    // G·H wide: gradients of a and u, the same slice unless apart
}

// recurrent is what RNN, LSTM and GRU have in common.
type recurrent struct {
	kind   string // "RNN", "LSTM" or "GRU", for messages
	config Config
	cell   stepper
	traits traits
	params []*Parameter
	layers [][]*weights // by layer and direction
	rng    *rand.Rand   // of dropout; nil outside training
	bare   bool         // Forward keeps nothing for Backward
	last   *pass        // of the last Forward; its memory is used again by the next
}

// weights are the parameters of one direction of one layer.
type weights struct {
	in               int // features of the layer's input
	first            int // place of weight_ih among the parameters
	ih, hh, bIH, bHH *Parameter
	// What the products of a Forward or Backward read: transposed by the one,
	// as they are by the other.
	packedIH, packedHH simd.Packed
	startA, startU     []float64 // the biases in a and in u, nil without
}

// init makes r a layer with PyTorch's initial values, of the steps that choose
// chooses.
func (r *recurrent) init(kind string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option, choose func(Config) stepper) {
	fn := "New" + kind
	c := Config{InputSize: inputSize, HiddenSize: hiddenSize, NumLayers: 1, Bias: true}
	for _, o := range opts {
		if o == nil {
			failf(fn, "an option is nil, want one such as BatchFirst")
		}
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
	cell := choose(c)
	gates := cell.traits().gates
	checkCount(fn, "HiddenSize", c.HiddenSize, 1)
	checkShape(fn, []int{gates, c.HiddenSize, max(c.InputSize, c.directions()*c.HiddenSize)})
	*r = recurrent{kind: kind, config: c, cell: cell, traits: cell.traits()}
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
			w.hh = parameter("weight_hh", gh, c.HiddenSize)
			if c.Bias {
				w.bIH = parameter("bias_ih", gh)
				w.bHH = parameter("bias_hh", gh)
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

// method returns the name of a method for messages. A zero layer has no kind.
func (r *recurrent) method(name string) string { return strings.TrimPrefix(r.kind+"."+name, ".") }

// Config returns what the layer was made with.
func (r *recurrent) Config() Config { return r.config }

// Parameters returns the parameters in PyTorch's order: for each layer, for
// each direction, weight_ih (G·H, in), weight_hh (G·H, H), and unless NoBias
// bias_ih and bias_hh (G·H), named as weight_ih_l0 and weight_ih_l0_reverse.
// G is 1 for an RNN, 4 for an LSTM, whose gates stand in the order i, f, g, o,
// and 3 for a GRU, with r, z, n.
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
	failf(r.method("Parameter"), "no %q, there are %s", name, strings.Join(names, ", "))
	return nil
}

// Train begins training: from now on Forward applies dropout, drawn from rng.
// It panics when rng is nil.
func (r *recurrent) Train(rng *rand.Rand) {
	if rng == nil {
		failf(r.method("Train"), "rng is nil, want a source for dropout")
	}
	r.rng = rng
}

// Eval ends training: from now on Forward applies no dropout. A new layer is
// in this state.
func (r *recurrent) Eval() { r.rng = nil }

// NoGrad sets whether Forward keeps nothing for Backward, as under
// torch.no_grad. Its results have the same bits; it takes less time, and memory
// that does not grow with the steps but for what it returns and what one layer
// hands to the next. Backward after such a Forward panics.
func (r *recurrent) NoGrad(on bool) { r.bare = on }

// checkParameters panics unless values and gradients still have the shapes
// they were made with: a caller may have put others in their place.
func (r *recurrent) checkParameters(fn string) {
	c := r.config
	gh := r.traits.gates * c.HiddenSize
	if r.cell == nil {
		failf(fn, "a layer without parameters, want one from NewRNN, NewLSTM or NewGRU")
	}
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
	if !s.axes().Equal(want) {
		failf(fn, "%s is %s, want %s (%s)", name, shapeOf(s), want.times(), axes)
	}
}
