package lesson

import (
	"math/rand/v2"

	"unroll/internal/simd"
)

// LSTM is the recurrent layer of Hochreiter & Schmidhuber (1997) with the
// forget gate of Gers et al. (2000), torch.nn.LSTM:
//
//	i_t = σ(W_ii x_t + b_ii + W_hi h_{t−1} + b_hi)
//	f_t = σ(W_if x_t + b_if + W_hf h_{t−1} + b_hf)
//	g_t = tanh(W_ig x_t + b_ig + W_hg h_{t−1} + b_hg)
//	o_t = σ(W_io x_t + b_io + W_ho h_{t−1} + b_ho)
//	c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t
//	h_t = o_t ⊙ tanh(c_t)
//
// weight_ih holds W_ii, W_if, W_ig and W_io below one another, weight_hh and
// the biases likewise. The lesson writes C̃ for g and C for c; see [LSTMCell]
// for that form.
//
// An LSTM remembers its last Forward for Backward, so one LSTM must not be
// used by several goroutines at once.
type LSTM struct{ recurrent }

// State is the state of an LSTM, PyTorch's (h, c), or in a [LanguageModel] of another
// layer, where C stays nil. Each is (directions·layers,
// batch, H), without the batch where x has none. Given to a function, nil
// means zeros, for the State as for each of its fields.
type State struct {
	H *Tensor // hidden state
	C *Tensor // cell state
}

func (s *State) tensors() [2]*Tensor {
	if s == nil {
		return [2]*Tensor{}
	}
	return [2]*Tensor{s.H, s.C}
}

// made returns the tensors to write a state to, new ones where there are none.
func (s *State) made() [2]*Tensor {
	if s == nil {
		return [2]*Tensor{}
	}
	if s.H == nil {
		s.H = new(Tensor)
	}
	if s.C == nil {
		s.C = new(Tensor)
	}
	return s.tensors()
}

// NewLSTM returns an LSTM whose parameters are drawn from rng as PyTorch draws
// them: uniform in ±1/√H, in the order of [LSTM.Parameters]. It panics when a
// size or an option is out of range, and for [ReLU].
func NewLSTM(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *LSTM {
	return newLSTM("NewLSTM", rng, inputSize, hiddenSize, opts)
}

func newLSTM(fn string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option) *LSTM {
	l := new(LSTM)
	l.init(fn, "LSTM", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			failf(fn, "the ReLU option, want none: it is for RNN")
		}
		return lstmStep{}
	})
	return l
}

// Forward reads x, (steps, batch, InputSize), (batch, steps, InputSize) with
// [BatchFirst], or one sequence (steps, InputSize). It starts from s0, or from
// zeros where s0 is nil.
//
// output, laid out as x with directions·H in the last place, is the top
// layer's h_t at every step. state is every layer's h and c at its last step:
// layer by layer, forward before reverse. It panics when a shape does not fit.
func (l *LSTM) Forward(x *Tensor, s0 *State) (output *Tensor, state *State) {
	output, state = new(Tensor), new(State)
	l.forwardState("LSTM.Forward", output, state, x, nil, false, s0)
	return output, state
}

// ForwardTo is Forward with its results written to output and state. A field of
// state that is nil becomes a new tensor. state may be s0: the next
// call then continues from it.
func (l *LSTM) ForwardTo(output *Tensor, state *State, x *Tensor, s0 *State) {
	l.forwardState("LSTM.ForwardTo", output, state, x, nil, false, s0)
}

// ForwardPacked is Forward over sequences of different lengths, as PyTorch
// runs a packed sequence: sequence i ends after lengths[i] steps, whatever x
// holds there. state is taken at each sequence's own end, the reverse
// direction starts there, and output is zero after it. The lengths may be
// in any order. It panics as Forward does, and unless there is one length for
// each sequence, from 1 to the steps of x.
func (l *LSTM) ForwardPacked(x *Tensor, lengths []int, s0 *State) (output *Tensor, state *State) {
	output, state = new(Tensor), new(State)
	l.forwardState("LSTM.ForwardPacked", output, state, x, lengths, true, s0)
	return output, state
}

// ForwardPackedTo is ForwardPacked with its results written to output and
// state, as by ForwardTo.
func (l *LSTM) ForwardPackedTo(output *Tensor, state *State, x *Tensor, lengths []int, s0 *State) {
	l.forwardState("LSTM.ForwardPackedTo", output, state, x, lengths, true, s0)
}

func (l *LSTM) forwardState(fn string, output *Tensor, state *State, x *Tensor, lengths []int, packed bool, s0 *State) {
	checkNotNil(fn, "the receiver", l)
	from := s0.tensors() // first: state may be s0, and made changes it
	l.forward(fn, passIO{output, state.made()}, x, lengths, packed, from)
}

// Backward backpropagates through the last Forward or ForwardPacked: it takes
// the gradient of the loss with respect to output and state, nil meaning zero,
// adds that of the parameters to [Parameter.Grad], and returns that of x and s0.
// Parameters must not change between the two. It panics when there was no
// Forward, when that was under NoGrad, and when a shape does not fit.
func (l *LSTM) Backward(dOutput *Tensor, dState *State) (dx *Tensor, ds0 *State) {
	dx, ds0 = new(Tensor), new(State)
	l.backwardState("LSTM.Backward", dx, ds0, dOutput, dState)
	return dx, ds0
}

// BackwardTo is Backward with its results written to dx and ds0. A field of ds0
// that is nil becomes a new tensor. ds0 may be dState.
func (l *LSTM) BackwardTo(dx *Tensor, ds0 *State, dOutput *Tensor, dState *State) {
	l.backwardState("LSTM.BackwardTo", dx, ds0, dOutput, dState)
}

func (l *LSTM) backwardState(fn string, dx *Tensor, ds0 *State, dOutput *Tensor, dState *State) {
	checkNotNil(fn, "the receiver", l)
	from := dState.tensors() // first: ds0 may be dState, and made changes it
	l.backward(fn, passIO{dx, ds0.made()}, dOutput, from)
}

// SetForgetBias makes b the bias of every forget gate: it sets the forget part
// of each bias_ih to b and of each bias_hh to 0, since the two add. It panics
// for an LSTM without bias.
func (l *LSTM) SetForgetBias(b float64) {
	const fn = "LSTM.SetForgetBias"
	checkNotNil(fn, "the receiver", l)
	l.setGateBias(fn, 1, b)
}

// SetInputBias makes b the bias of every input gate, as [LSTM.SetForgetBias] does
// of every forget gate. With forget biases near ln k and input biases of −ln k an
// LSTM begins with a memory for about k steps that has room for them (Tallec &
// Ollivier, 2018). It panics for an LSTM without bias.
func (l *LSTM) SetInputBias(b float64) {
	const fn = "LSTM.SetInputBias"
	checkNotNil(fn, "the receiver", l)
	l.setGateBias(fn, 0, b)
}

// lstmStep turns a into the gates i, f, g, o.
type lstmStep struct{}

func (lstmStep) traits() traits { return traits{gates: 4, states: 2} }

func (lstmStep) forward(s *step) {
	simd.LSTM(s.a, s.before[1], s.after[1], s.after[0], s.hidden)
}

func (lstmStep) backward(s *step) {
	simd.LSTMBackward(s.da, s.ds[1], s.ds[0], s.a, s.before[1], s.after[1], s.hidden)
}
