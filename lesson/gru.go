package lesson

import (
	"math/rand/v2"

	"unroll/internal/simd"
)

// GRU is the gated recurrent unit of Cho et al. (2014) as torch.nn.GRU has it:
//
//	r_t = σ(W_ir x_t + b_ir + W_hr h_{t−1} + b_hr)
//	z_t = σ(W_iz x_t + b_iz + W_hz h_{t−1} + b_hz)
//	n_t = tanh(W_in x_t + b_in + r_t ⊙ (W_hn h_{t−1} + b_hn))
//	h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t−1}
//
// weight_ih holds W_ir, W_iz and W_in below one another, weight_hh and the
// biases likewise. The two biases of n cannot be merged into one, since r
// multiplies b_hn alone.
//
// Cho et al. let r multiply h_{t−1} before the product with W_hn; here, as in
// PyTorch and cuDNN, it multiplies the product. z_t = 1 keeps the old state, so
// the update gate z is to a GRU what the forget gate is to an [LSTM].
//
// A GRU remembers its last Forward for Backward, so one GRU must not be used by
// several goroutines at once.
type GRU struct{ recurrent }

// NewGRU returns a GRU whose parameters are drawn from rng as PyTorch draws
// them: uniform in ±1/√H, in the order of [GRU.Parameters]. It panics when a
// size or an option is out of range, and for [ReLU].
func NewGRU(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *GRU {
	g := new(GRU)
	g.init("GRU", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			failf("NewGRU", "the ReLU option, want none: it is for RNN")
		}
		return gruStep{}
	})
	return g
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
func (g *GRU) Forward(x, h0 *Tensor) (output, hidden *Tensor) {
	return g.run("GRU.Forward", x, nil, h0)
}

// ForwardTo is Forward with its results written to output and hidden. hidden may
// be h0, which carries the state on.
func (g *GRU) ForwardTo(output, hidden, x, h0 *Tensor) {
	g.runTo("GRU.ForwardTo", output, hidden, x, nil, h0)
}

// ForwardPacked is Forward over sequences of different lengths, as PyTorch
// runs a packed sequence: sequence i ends after lengths[i] steps, whatever x
// holds there. hidden is taken at each sequence's own end, the reverse
// direction starts there, and output is zero behind it. The lengths may stand
// in any order. It panics as Forward does, and unless there is one length for
// each sequence, from 1 to the steps of x.
func (g *GRU) ForwardPacked(x *Tensor, lengths []int, h0 *Tensor) (output, hidden *Tensor) {
	if lengths == nil {
		lengths = []int{}
	}
	return g.run("GRU.ForwardPacked", x, lengths, h0)
}

// ForwardPackedTo is ForwardPacked with its results written to output and
// hidden, which may be h0.
func (g *GRU) ForwardPackedTo(output, hidden, x *Tensor, lengths []int, h0 *Tensor) {
	if lengths == nil {
		lengths = []int{}
	}
	g.runTo("GRU.ForwardPackedTo", output, hidden, x, lengths, h0)
}

func (g *GRU) run(fn string, x *Tensor, lengths []int, h0 *Tensor) (output, hidden *Tensor) {
	output, hidden = new(Tensor), new(Tensor)
	g.runTo(fn, output, hidden, x, lengths, h0)
	return output, hidden
}

func (g *GRU) runTo(fn string, output, hidden, x *Tensor, lengths []int, h0 *Tensor) {
	checkNotNil(fn, "the receiver", g)
	g.forwardLast(fn, ends{output, [2]*Tensor{hidden}}, x, lengths, [2]*Tensor{h0})
}

// Backward walks the last Forward or ForwardPacked home: it takes the gradient
// of the loss with respect to output and hidden, nil meaning zero, adds that of
// the parameters to [Parameter.Grad], and returns that of x and h0. Parameters
// must not change between the two. It panics when there was no Forward, and
// when a shape does not fit.
func (g *GRU) Backward(dOutput, dHidden *Tensor) (dx, dh0 *Tensor) {
	checkNotNil("GRU.Backward", "the receiver", g)
	dx, dh0 = new(Tensor), new(Tensor)
	g.backward("GRU.Backward", ends{dx, [2]*Tensor{dh0}}, dOutput, [2]*Tensor{dHidden})
	return dx, dh0
}

// BackwardTo is Backward with its results written to dx and dh0. dh0 may be
// dHidden.
func (g *GRU) BackwardTo(dx, dh0, dOutput, dHidden *Tensor) {
	checkNotNil("GRU.BackwardTo", "the receiver", g)
	g.backward("GRU.BackwardTo", ends{dx, [2]*Tensor{dh0}}, dOutput, [2]*Tensor{dHidden})
}

// SetUpdateBias makes b the bias of every update gate: it sets the z part of
// each bias_ih to b and of each bias_hh to 0, since the two add. With zero
// weights a state then keeps σ(b) of itself at each step, as a cell state does
// after [LSTM.SetForgetBias]. It panics for a GRU without bias.
func (g *GRU) SetUpdateBias(b float64) {
	checkNotNil("GRU.SetUpdateBias", "the receiver", g)
	g.checkParameters("GRU.SetUpdateBias")
	if !g.config.Bias {
		failf("GRU.SetUpdateBias", "a GRU with NoBias, want one with biases")
	}
	h := g.config.HiddenSize
	for _, layer := range g.layers {
		for _, w := range layer {
			for j := h; j < 2*h; j++ {
				w.bIH.Value.data[j] = b
				w.bHH.Value.data[j] = 0
			}
		}
	}
}

// gruStep turns a into r, z and n, and reads W_hn h + b_hn in u again on the
// way back.
type gruStep struct{}

func (gruStep) traits() traits { return traits{gates: 3, states: 1, apart: true, direct: true} }

// The conversions to float64 keep a compiler from fusing a product with the
// sum it goes into: some processors round that differently.

func (gruStep) forward(s *step) {
	h := s.hidden
	for i := range s.n {
		a, u := s.a[3*h*i:][:3*h], s.u[3*h*i:][:3*h]
		r, z, n := a[:h], a[h:2*h], a[2*h:]
		simd.Axpy(1, u[:2*h], a[:2*h])
		simd.SigmoidTo(a[:2*h], a[:2*h])
		un := u[2*h:]
		for j, v := range un {
			n[j] += float64(r[j] * v)
		}
		simd.TanhTo(n, n)
		before, after := s.before[0][h*i:][:h], s.after[0][h*i:][:h]
		for j, v := range n {
			after[j] = v + float64(z[j]*(before[j]-v))
		}
	}
}

func (gruStep) backward(s *step) {
	h := s.hidden
	for i := range s.n {
		a, un := s.a[3*h*i:][:3*h], s.u[3*h*i+2*h:][:h]
		da, du := s.da[3*h*i:][:3*h], s.du[3*h*i:][:3*h]
		before, ds := s.before[0][h*i:][:h], s.ds[0][h*i:][:h]
		for j, dh := range ds {
			r, z, n := a[j], a[h+j], a[2*h+j]
			dn := dh * (1 - z) * (1 - float64(n*n)) // of the pre-activation, as are the next two
			dr := dn * un[j] * r * (1 - r)
			dz := dh * (before[j] - n) * z * (1 - z)
			da[j], da[h+j], da[2*h+j] = dr, dz, dn
			du[j], du[h+j], du[2*h+j] = dr, dz, dn*r
			ds[j] = dh * z
		}
	}
}
