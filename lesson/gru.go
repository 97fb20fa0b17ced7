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
type GRU struct{ oneState }

// NewGRU returns a GRU whose parameters are drawn from rng as PyTorch draws
// them: uniform in ±1/√H, in the order of [GRU.Parameters]. It panics when a
// size or an option is out of range, and for [ReLU].
func NewGRU(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *GRU {
	return newGRU("NewGRU", rng, inputSize, hiddenSize, opts)
}

func newGRU(fn string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option) *GRU {
	g := new(GRU)
	g.init(fn, "GRU", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			failf(fn, "the ReLU option, want none: it is for RNN")
		}
		return gruStep{}
	})
	return g
}

// SetUpdateBias makes b the bias of every update gate: it sets the z part of
// each bias_ih to b and of each bias_hh to 0, since the two add. With zero
// weights a state then keeps σ(b) of itself at each step, as a cell state does
// after [LSTM.SetForgetBias]. It panics for a GRU without bias.
func (g *GRU) SetUpdateBias(b float64) {
	const fn = "GRU.SetUpdateBias"
	checkNotNil(fn, "the receiver", g)
	g.setGateBias(fn, b)
}

// gruStep turns a into r, z and n. backward reads W_hn h + b_hn in u again.
type gruStep struct{}

func (gruStep) traits() traits { return traits{gates: 3, states: 1, separate: true, skip: true} }

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
