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

// State is the state of an LSTM: PyTorch's (h, c). Each is (directions·layers,
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

// NewLSTM returns an LSTM whose parameters are drawn from rng as PyTorch draws
// them: uniform in ±1/√H, in the order of [LSTM.Parameters]. It panics when a
// size or an option is out of range, and for [ReLU].
func NewLSTM(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *LSTM {
	l := new(LSTM)
	l.init("LSTM", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			failf("NewLSTM", "the ReLU option, want none: it is for RNN")
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
	return l.run("LSTM.Forward", x, nil, s0)
}

// ForwardPacked is Forward over sequences of different lengths, as PyTorch
// runs a packed sequence: sequence i ends after lengths[i] steps, whatever x
// holds there. state is taken at each sequence's own end, the reverse
// direction starts there, and output is zero behind it. The lengths may stand
// in any order. It panics as Forward does, and unless there is one length for
// each sequence, from 1 to the steps of x.
func (l *LSTM) ForwardPacked(x *Tensor, lengths []int, s0 *State) (output *Tensor, state *State) {
	if lengths == nil {
		lengths = []int{}
	}
	return l.run("LSTM.ForwardPacked", x, lengths, s0)
}

func (l *LSTM) run(fn string, x *Tensor, lengths []int, s0 *State) (*Tensor, *State) {
	output, states := l.forwardLast(fn, x, lengths, s0.tensors())
	return output, &State{H: states[0], C: states[1]}
}

// Backward walks the last Forward or ForwardPacked home: it takes the gradient
// of the loss with respect to output and state, nil meaning zero, adds that of
// the parameters to [Parameter.Grad], and returns that of x and s0. Parameters
// must not change between the two. It panics when there was no Forward, and
// when a shape does not fit.
func (l *LSTM) Backward(dOutput *Tensor, dState *State) (dx *Tensor, ds0 *State) {
	dx, d := l.backward("LSTM.Backward", dOutput, dState.tensors())
	return dx, &State{H: d[0], C: d[1]}
}

// SetForgetBias makes b the bias of every forget gate: it sets the forget part
// of each bias_ih to b and of each bias_hh to 0, since the two add. It panics
// for an LSTM without bias.
func (l *LSTM) SetForgetBias(b float64) {
	if !l.config.Bias {
		failf("LSTM.SetForgetBias", "an LSTM with NoBias, want one with biases")
	}
	h := l.config.HiddenSize
	for _, layer := range l.layers {
		for _, w := range layer {
			for j := h; j < 2*h; j++ {
				w.bIH.Value.data[j] = b
				w.bHH.Value.data[j] = 0
			}
		}
	}
}

// lstmStep turns a into the gates i, f, g, o and keeps tanh(c').
type lstmStep struct{}

func (lstmStep) traits() traits { return traits{gates: 4, states: 2, kept: 1} }

func (lstmStep) forward(s *step) {
	h := s.hidden
	for i := range s.n {
		lo, hi := i*h, (i+1)*h
		simd.LSTM(s.a[4*lo:4*hi], s.before[1][lo:hi], s.after[1][lo:hi], s.kept[lo:hi], s.after[0][lo:hi])
	}
}

func (lstmStep) backward(s *step) {
	h := s.hidden
	for i := range s.n {
		lo, hi := i*h, (i+1)*h
		simd.LSTMBackward(s.da[4*lo:4*hi], s.ds[1][lo:hi], s.ds[0][lo:hi], s.a[4*lo:4*hi], s.before[1][lo:hi], s.kept[lo:hi])
	}
}
