package lesson

import (
	"math/rand/v2"

	"unroll/internal/simd"
)

// RNN is the recurrent layer of Elman (1990), torch.nn.RNN:
//
//	h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh)
//
// The lesson writes W_x for W_ih, W_h for W_hh and b for b_ih + b_hh; see
// [Cell] for that form. With [ReLU], max(0, ·) takes the place of tanh.
//
// An RNN remembers its last Forward for Backward, so one RNN must not be used
// by several goroutines at once.
type RNN struct{ recurrent }

// NewRNN returns an RNN whose parameters are drawn from rng as PyTorch draws
// them: uniform in ±1/√H, in the order of [RNN.Parameters]. It panics when a
// size or an option is out of range.
func NewRNN(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *RNN {
	r := new(RNN)
	r.init("RNN", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			return reluStep{}
		}
		return tanhStep{}
	})
	return r
}

// Forward reads x, (steps, batch, InputSize), (batch, steps, InputSize) with
// [BatchFirst], or one sequence (steps, InputSize). It starts from h0,
// (directions·layers, batch, H), or from zeros where h0 is nil. Without a
// batch axis in x, states have none either.
//
// output, laid out as x with directions·H in the last place, is the top
// layer's hidden state at every step. hidden, of h0's shape, is every layer's
// at its last step: layer by layer, forward before reverse. It panics when a
// shape does not fit.
func (r *RNN) Forward(x, h0 *Tensor) (output, hidden *Tensor) {
	return r.run("RNN.Forward", x, nil, h0)
}

// ForwardTo is Forward with its results written to output and hidden. hidden may
// be h0, which carries the state on.
func (r *RNN) ForwardTo(output, hidden, x, h0 *Tensor) {
	r.runTo("RNN.ForwardTo", output, hidden, x, nil, h0)
}

// ForwardPacked is Forward over sequences of different lengths, as PyTorch
// runs a packed sequence: sequence i ends after lengths[i] steps, whatever x
// holds there. hidden is taken at each sequence's own end, the reverse
// direction starts there, and output is zero behind it. The lengths may stand
// in any order. It panics as Forward does, and unless there is one length for
// each sequence, from 1 to the steps of x.
func (r *RNN) ForwardPacked(x *Tensor, lengths []int, h0 *Tensor) (output, hidden *Tensor) {
	if lengths == nil {
		lengths = []int{}
	}
	return r.run("RNN.ForwardPacked", x, lengths, h0)
}

// ForwardPackedTo is ForwardPacked with its results written to output and
// hidden, which may be h0.
func (r *RNN) ForwardPackedTo(output, hidden, x *Tensor, lengths []int, h0 *Tensor) {
	if lengths == nil {
		lengths = []int{}
	}
	r.runTo("RNN.ForwardPackedTo", output, hidden, x, lengths, h0)
}

func (r *RNN) run(fn string, x *Tensor, lengths []int, h0 *Tensor) (output, hidden *Tensor) {
	output, hidden = new(Tensor), new(Tensor)
	r.runTo(fn, output, hidden, x, lengths, h0)
	return output, hidden
}

func (r *RNN) runTo(fn string, output, hidden, x *Tensor, lengths []int, h0 *Tensor) {
	checkNotNil(fn, "the receiver", r)
	r.forwardLast(fn, ends{output, [2]*Tensor{hidden}}, x, lengths, [2]*Tensor{h0})
}

// Backward walks the last Forward or ForwardPacked home: it takes the gradient
// of the loss with respect to output and hidden, nil meaning zero, adds that of
// the parameters to [Parameter.Grad], and returns that of x and h0. Parameters
// must not change between the two. It panics when there was no Forward, and
// when a shape does not fit.
func (r *RNN) Backward(dOutput, dHidden *Tensor) (dx, dh0 *Tensor) {
	checkNotNil("RNN.Backward", "the receiver", r)
	dx, dh0 = new(Tensor), new(Tensor)
	r.backward("RNN.Backward", ends{dx, [2]*Tensor{dh0}}, dOutput, [2]*Tensor{dHidden})
	return dx, dh0
}

// BackwardTo is Backward with its results written to dx and dh0. dh0 may be
// dHidden.
func (r *RNN) BackwardTo(dx, dh0, dOutput, dHidden *Tensor) {
	checkNotNil("RNN.BackwardTo", "the receiver", r)
	r.backward("RNN.BackwardTo", ends{dx, [2]*Tensor{dh0}}, dOutput, [2]*Tensor{dHidden})
}

// tanhStep is h' = tanh(a).
type tanhStep struct{}

func (tanhStep) traits() traits { return traits{gates: 1, states: 1} }

func (tanhStep) forward(s *step) { simd.TanhTo(s.after[0], s.a) }

func (tanhStep) backward(s *step) { simd.TanhBackward(s.da, s.ds[0], s.after[0]) }

// reluStep is h' = max(0, a).
type reluStep struct{}

func (reluStep) traits() traits { return traits{gates: 1, states: 1} }

func (reluStep) forward(s *step) { simd.ReLUTo(s.after[0], s.a) }

func (reluStep) backward(s *step) { simd.ReLUBackward(s.da, s.ds[0], s.after[0]) }
