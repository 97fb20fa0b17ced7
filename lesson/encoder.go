package lesson

import "math/rand/v2"

// An Encoder reads sequences and returns a vector for every step: an [RNN], an
// [LSTM], a [GRU], a [MinGRU] or an [Attention]. A [Classifier] has one.
type Encoder interface {
	Parameters() []*Parameter
	NoGrad(on bool)

	check(fn string)  // panics for a zero value, and where parameters have lost their shapes
	kindName() string // of the type, such as "RNN"
	width() int       // of the output
	appendParameters(to []*Parameter) []*Parameter
	// encode is ForwardTo or, where packed, ForwardPackedTo with zeros as first
	// states. output or hidden, the last states h, may be nil.
	encode(fn string, output, hidden, x *Tensor, lengths []int, packed bool)
	// encodeBackward is BackwardTo for the last encode. dOutput or dHidden may be
	// nil.
	encodeBackward(fn string, dx, dOutput, dHidden *Tensor)
	checkKept(fn string)
	with(noGrad bool, dropout *rand.Rand) (restore func())
}

// A Recurrent is an [Encoder] that carries a state from step to step: an [RNN],
// an [LSTM], a [GRU] or a [MinGRU]. Their Forward and Backward differ in what a state is.
type Recurrent interface {
	Encoder
	Config() Config
	Parameter(name string) *Parameter
	Train(rng *rand.Rand)
	Eval()

	// encodeFrom is encode from a state, nil for zeros, to state, which may be the
	// same. Where a state is h alone, C stays nil.
	encodeFrom(fn string, output *Tensor, state *State, x *Tensor, s0 *State)
	trains() bool // has a source of dropout
}

// newRecurrent returns a layer by the name of its kind, nil for an unknown one.
func newRecurrent(fn, kind string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option) Recurrent {
	switch kind {
	case "RNN":
		return newRNN(fn, rng, inputSize, hiddenSize, opts)
	case "LSTM":
		return newLSTM(fn, rng, inputSize, hiddenSize, opts)
	case "GRU":
		return newGRU(fn, rng, inputSize, hiddenSize, opts)
	case "MinGRU":
		return newMinGRU(fn, rng, inputSize, hiddenSize, opts)
	}
	return nil
}

func (r *recurrent) kindName() string { return r.kind }
func (r *recurrent) trains() bool     { return r.rng != nil }
func (r *recurrent) width() int       { return r.config.directions() * r.config.HiddenSize }

func (r *recurrent) appendParameters(to []*Parameter) []*Parameter { return append(to, r.params...) }

func (r *recurrent) encode(fn string, output, hidden, x *Tensor, lengths []int, packed bool) {
	r.checkBatchFirst(fn)
	r.forward(fn, passIO{output, [2]*Tensor{hidden}}, x, lengths, packed, [2]*Tensor{})
}

func (r *recurrent) encodeFrom(fn string, output *Tensor, state *State, x *Tensor, s0 *State) {
	r.checkBatchFirst(fn)
	checkNotNil(fn, "state", state)
	from, to := s0.tensors(), [2]*Tensor{} // first: state may be s0
	if state.H == nil {
		state.H = new(Tensor)
	}
	to[0] = state.H
	if r.traits.states == 2 {
		to[1] = state.made()[1]
	} else if from[1] != nil {
		failf(fn, "the state has a C, want none: that of a layer of kind %s is h alone", r.kind)
	}
	r.forward(fn, passIO{output, to}, x, nil, false, from)
}

func (r *recurrent) checkBatchFirst(fn string) {
	if !r.config.BatchFirst {
		failf(fn, "an %s without BatchFirst, want one with it", r.kind)
	}
}

func (r *recurrent) encodeBackward(fn string, dx, dOutput, dHidden *Tensor) {
	r.backward(fn, passIO{sequence: dx}, dOutput, [2]*Tensor{dHidden})
}
