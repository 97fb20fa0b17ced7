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
}

func (r *recurrent) kindName() string { return r.kind }
func (r *recurrent) width() int       { return r.config.directions() * r.config.HiddenSize }

func (r *recurrent) appendParameters(to []*Parameter) []*Parameter { return append(to, r.params...) }

func (r *recurrent) encode(fn string, output, hidden, x *Tensor, lengths []int, packed bool) {
	r.checkBatchFirst(fn)
	r.forward(fn, passIO{output, [2]*Tensor{hidden}}, x, lengths, packed, [2]*Tensor{})
}

func (r *recurrent) checkBatchFirst(fn string) {
	if !r.config.BatchFirst {
		failf(fn, "an %s without BatchFirst, want one with it", r.kind)
	}
}

func (r *recurrent) encodeBackward(fn string, dx, dOutput, dHidden *Tensor) {
	r.backward(fn, passIO{sequence: dx}, dOutput, [2]*Tensor{dHidden})
}
