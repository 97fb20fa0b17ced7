package lesson

import (
	"math/rand/v2"

	"unroll/internal/simd"
)

// MinGRU is the minimal gated recurrent unit of Feng et al. ("Were RNNs All We
// Needed?", 2024), a [GRU] whose gate and candidate do not see h_{t−1}:
//
//	z_t = σ(W_iz x_t + b_iz)
//	n_t = W_in x_t + b_in
//	h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t−1}
//
// weight_ih holds W_iz and W_in below one another, bias_ih likewise; there is no
// weight_hh and no bias_hh. As in the GRU, z_t = 1 keeps the old state; Feng et
// al. write z for 1 − z and h̃ for n. The equation is that of the strongly-typed
// RNN of Balduzzi and Ghifary (2016).
//
// Given x, each step is h ↦ z_t ⊙ h + (1 − z_t) ⊙ n_t. Such maps can be composed
// before h is known, and that is what [MinGRU.SetScan] does.
//
// A MinGRU remembers its last Forward for Backward, so one MinGRU must not be
// used by several goroutines at once.
type MinGRU struct{ oneState }

// NewMinGRU returns a MinGRU whose parameters are drawn from rng as those of a
// GRU: uniform in ±1/√H, in the order of [MinGRU.Parameters]. It panics when a
// size or an option is out of range, and for [ReLU].
func NewMinGRU(rng *rand.Rand, inputSize, hiddenSize int, opts ...Option) *MinGRU {
	return newMinGRU("NewMinGRU", rng, inputSize, hiddenSize, opts)
}

func newMinGRU(fn string, rng *rand.Rand, inputSize, hiddenSize int, opts []Option) *MinGRU {
	m := new(MinGRU)
	m.init(fn, "MinGRU", rng, inputSize, hiddenSize, opts, func(c Config) stepper {
		if c.ReLU {
			failf(fn, "the ReLU option, want none: it is for RNN")
		}
		return minGRUStep{}
	})
	return m
}

// SetUpdateBias makes b the bias of every update gate: with zero weights a state
// then keeps σ(b) of itself at each step. It panics for a MinGRU without bias.
func (m *MinGRU) SetUpdateBias(b float64) {
	const fn = "MinGRU.SetUpdateBias"
	checkNotNil(fn, "the receiver", m)
	m.setGateBias(fn, 0, b)
}

// SetScan sets whether Forward and Backward compute segments of steps side by side, on
// all cores even for one sequence, with the parallel scan ([Scan]) between the
// segments. Without it a sequence is computed step after step.
//
// The results differ by rounding only, and not at all within the first segment of a
// sequence, which is at least 12 steps long. They have the same bits on any number
// of cores. The scan takes memory for all steps under NoGrad, too.
func (m *MinGRU) SetScan(on bool) {
	checkNotNil("MinGRU.SetScan", "the receiver", m)
	m.scan = on
}

// minGRUStep turns a into z and n.
type minGRUStep struct{}

func (minGRUStep) traits() traits { return traits{gates: 2, states: 1, skip: true, inputOnly: true} }

func (m minGRUStep) forward(s *step) {
	m.gates(s)
	m.update(s)
}

// gates turns the pre-activations of z into z.
func (minGRUStep) gates(s *step) {
	h := s.hidden
	for i := range s.n {
		z := s.a[2*h*i:][:h]
		simd.SigmoidTo(z, z)
	}
}

// update computes the states after the step from those before it and the gates.
func (minGRUStep) update(s *step) {
	h := s.hidden
	for i := range s.n {
		z, n := s.a[2*h*i:][:h], s.a[2*h*i+h:][:h]
		before, after := s.before[0][h*i:][:h], s.after[0][h*i:][:h]
		for j, v := range n {
			after[j] = v + float64(z[j]*(before[j]-v))
		}
	}
}

func (minGRUStep) backward(s *step) {
	h := s.hidden
	for i := range s.n {
		z, n := s.a[2*h*i:][:h], s.a[2*h*i+h:][:h]
		dz, dn := s.da[2*h*i:][:h], s.da[2*h*i+h:][:h]
		before, ds := s.before[0][h*i:][:h], s.ds[0][h*i:][:h]
		for j, dh := range ds {
			dz[j] = dh * (before[j] - n[j]) * z[j] * (1 - z[j]) // of the pre-activation
			dn[j] = dh * (1 - z[j])
			ds[j] = dh * z[j]
		}
	}
}

// then lets f be followed by the step.
func (minGRUStep) then(s *step, f stateMap) {
	h := s.hidden
	for i := range s.n {
		z, n := s.a[2*h*i:][:h], s.a[2*h*i+h:][:h]
		a, b := f.a[h*i:][:h], f.b[h*i:][:h]
		for j, v := range n {
			a[j] *= z[j]
			b[j] = v + float64(z[j]*(b[j]-v))
		}
	}
}

// thenBackward lets f be followed by what the step makes of the gradient of its
// state: ds ↦ z ⊙ (ds + dy), where s.ds[0] is dy.
func (minGRUStep) thenBackward(s *step, f stateMap) {
	h := s.hidden
	for i := range s.n {
		z, dy := s.a[2*h*i:][:h], s.ds[0][h*i:][:h]
		a, b := f.a[h*i:][:h], f.b[h*i:][:h]
		for j, v := range z {
			a[j] *= v
			b[j] = v * (b[j] + dy[j])
		}
	}
}
