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
type RNN struct{ oneState }

// NewRNN returns an RNN whose parameters are drawn from rng as PyTorch draws
// them: uniform in ±1/√H, in the order of [RNN.Parameters]. It panics when a
// size or an option is out of range.
func NewRNN(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *RNN {
	return newRNN("NewRNN", rng, inputSize, hiddenSize, opts)
}

func newRNN(fn string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option) *RNN {
	r := new(RNN)
	r.init(fn, "RNN", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			return reluStep{}
		}
		return tanhStep{}
	})
	return r
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
