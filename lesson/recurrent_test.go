package lesson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// layer is what the tests of all recurrent layers need of RNN and LSTM.
type layer interface {
	Parameters() []*Parameter
	Parameter(name string) *Parameter
	Config() Config
	Train(*rand.Rand)
	Eval()
	run2(x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor)
	walk2(dOutput *Tensor, dStates [2]*Tensor) (*Tensor, [2]*Tensor)
}

func (r *RNN) run2(x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor) {
	var out, h *Tensor
	if lengths == nil {
		out, h = r.Forward(x, s0[0])
	} else {
		out, h = r.ForwardPacked(x, lengths, s0[0])
	}
	return out, [2]*Tensor{h}
}

func (r *RNN) walk2(dOutput *Tensor, dStates [2]*Tensor) (*Tensor, [2]*Tensor) {
	dx, dh := r.Backward(dOutput, dStates[0])
	return dx, [2]*Tensor{dh}
}

func (l *LSTM) run2(x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor) {
	s := &State{s0[0], s0[1]}
	var out *Tensor
	if lengths == nil {
		out, s = l.Forward(x, s)
	} else {
		out, s = l.ForwardPacked(x, lengths, s)
	}
	return out, [2]*Tensor{s.H, s.C}
}

func (l *LSTM) walk2(dOutput *Tensor, dStates [2]*Tensor) (*Tensor, [2]*Tensor) {
	dx, s := l.Backward(dOutput, &State{dStates[0], dStates[1]})
	return dx, [2]*Tensor{s.H, s.C}
}

func newLayer(kind string, rng *rand.Rand, in, hidden int, opts ...Option) layer {
	switch kind {
	case "LSTM":
		return NewLSTM(rng, in, hidden, opts...)
	case "ReLU":
		return NewRNN(rng, in, hidden, append(opts, ReLU)...)
	}
	return NewRNN(rng, in, hidden, opts...)
}

func states(kind string) int {
	if kind == "LSTM" {
		return 2
	}
	return 1
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func dot(a, b *Tensor) float64 {
	s := 0.0
	for i, v := range a.data {
		s += v * b.data[i]
	}
	return s
}

// TestCentralDifferences holds every gradient against (L(v+ε)−L(v−ε))/2ε, for
// a loss that weighs every output and every state differently.
func TestCentralDifferences(t *testing.T) {
	for _, kind := range []string{"RNN", "ReLU", "LSTM"} {
		for _, layers := range []int{1, 2} {
			for _, opts := range [][]Option{nil, {BatchFirst}, {Bidirectional}, {NoBias}, {Bidirectional, BatchFirst}} {
				for _, lengths := range [][]int{nil, {2, 4, 1}} {
					for _, dropout := range []float64{0, 0.4} {
						if dropout > 0 && layers == 1 {
							continue
						}
						l := newLayer(kind, newRand(1), 3, 2, append(opts, Layers(layers), Dropout(dropout))...)
						name := fmt.Sprintf("%s layers %d options %d lengths %v dropout %v", kind, layers, len(opts), lengths, dropout)
						t.Run(name, func(t *testing.T) { centralDifferences(t, l, states(kind), lengths, dropout > 0) })
					}
				}
			}
		}
	}
}

func centralDifferences(t *testing.T, l layer, nStates int, lengths []int, train bool) {
	const steps, batch, eps = 4, 3, 1e-5
	c := l.Config()
	rng := newRand(2)
	x := Randn(rng, steps, batch, c.InputSize)
	if c.BatchFirst {
		x = Randn(rng, batch, steps, c.InputSize)
	}
	var s0 [2]*Tensor
	for k := range nStates {
		s0[k] = Randn(rng, c.NumLayers*c.directions(), batch, c.HiddenSize)
	}
	run := func() (*Tensor, [2]*Tensor) {
		if train {
			l.Train(newRand(3)) // the same dropout each time
		}
		return l.run2(x, lengths, s0)
	}
	out, s := run()
	wOut, wS := Randn(rng, out.shape...), [2]*Tensor{}
	for k := range nStates {
		wS[k] = Randn(rng, s[k].shape...)
	}
	loss := func() float64 {
		out, s := run()
		v := dot(out, wOut)
		for k := range nStates {
			v += dot(s[k], wS[k])
		}
		return v
	}
	dx, ds0 := l.walk2(wOut, wS)
	check := func(name string, value, grad *Tensor) {
		for i, v := range value.data {
			value.data[i] = v + eps
			up := loss()
			value.data[i] = v - eps
			down := loss()
			value.data[i] = v
			if want := (up - down) / (2 * eps); !(math.Abs(grad.data[i]-want) <= 1e-6*math.Max(1, math.Abs(want))) {
				t.Errorf("gradient of %s[%d] is %v, central difference %v", name, i, grad.data[i], want)
			}
		}
	}
	check("x", x, dx)
	for k := range nStates {
		check([]string{"h0", "c0"}[k], s0[k], ds0[k])
	}
	for _, p := range l.Parameters() {
		check(p.Name, p.Value, p.Grad)
	}
}
