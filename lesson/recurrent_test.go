package lesson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// layer is what the tests of all recurrent layers need of RNN, LSTM and GRU:
// Forward and Backward with the states, one or two, in an array.
type layer interface {
	Recurrent
	held() int
	pass(x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor)
	passBack(dOutput *Tensor, dStates [2]*Tensor) (*Tensor, [2]*Tensor)
	passTo(output *Tensor, states *[2]*Tensor, x *Tensor, lengths []int, s0 [2]*Tensor)
	passBackTo(dx *Tensor, ds0 *[2]*Tensor, dOutput *Tensor, dStates [2]*Tensor)
}

// held returns how many numbers the last Forward holds of x and of the first
// direction: of all shards, and of the worker that has most.
func (r *recurrent) held() int {
	numbers := func(x []float64, layers []layerCache) int {
		if layers == nil {
			return cap(x)
		}
		c := &layers[0].dirs[0]
		return cap(x) + cap(c.a) + cap(c.memory[0])
	}
	shards, most := 0, 0
	for _, q := range r.last.allShards {
		shards += numbers(q.x, q.layers)
	}
	r.last.pool.mu.Lock()
	defer r.last.pool.mu.Unlock()
	for _, w := range r.last.pool.idle {
		most = max(most, numbers(w.x, w.layers))
	}
	return shards + most
}

func (o *oneState) pass(x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor) {
	var out, h *Tensor
	if lengths == nil {
		out, h = o.Forward(x, s0[0])
	} else {
		out, h = o.ForwardPacked(x, lengths, s0[0])
	}
	return out, [2]*Tensor{h}
}

func (o *oneState) passBack(dOutput *Tensor, dStates [2]*Tensor) (*Tensor, [2]*Tensor) {
	dx, dh := o.Backward(dOutput, dStates[0])
	return dx, [2]*Tensor{dh}
}

func (o *oneState) passTo(output *Tensor, states *[2]*Tensor, x *Tensor, lengths []int, s0 [2]*Tensor) {
	if lengths == nil {
		o.ForwardTo(output, states[0], x, s0[0])
	} else {
		o.ForwardPackedTo(output, states[0], x, lengths, s0[0])
	}
}

func (o *oneState) passBackTo(dx *Tensor, ds0 *[2]*Tensor, dOutput *Tensor, dStates [2]*Tensor) {
	o.BackwardTo(dx, ds0[0], dOutput, dStates[0])
}

func (l *LSTM) pass(x *Tensor, lengths []int, s0 [2]*Tensor) (*Tensor, [2]*Tensor) {
	s := &State{s0[0], s0[1]}
	var out *Tensor
	if lengths == nil {
		out, s = l.Forward(x, s)
	} else {
		out, s = l.ForwardPacked(x, lengths, s)
	}
	return out, [2]*Tensor{s.H, s.C}
}

func (l *LSTM) passBack(dOutput *Tensor, dStates [2]*Tensor) (*Tensor, [2]*Tensor) {
	dx, s := l.Backward(dOutput, &State{dStates[0], dStates[1]})
	return dx, [2]*Tensor{s.H, s.C}
}

func (l *LSTM) passTo(output *Tensor, states *[2]*Tensor, x *Tensor, lengths []int, s0 [2]*Tensor) {
	s := State{states[0], states[1]}
	if lengths == nil {
		l.ForwardTo(output, &s, x, &State{s0[0], s0[1]})
	} else {
		l.ForwardPackedTo(output, &s, x, lengths, &State{s0[0], s0[1]})
	}
	*states = [2]*Tensor{s.H, s.C}
}

func (l *LSTM) passBackTo(dx *Tensor, ds0 *[2]*Tensor, dOutput *Tensor, dStates [2]*Tensor) {
	s := State{ds0[0], ds0[1]}
	l.BackwardTo(dx, &s, dOutput, &State{dStates[0], dStates[1]})
	*ds0 = [2]*Tensor{s.H, s.C}
}

func newLayer(kind string, rng *rand.Rand, in, hidden int, opts ...Option) layer {
	switch kind {
	case "LSTM":
		return NewLSTM(rng, in, hidden, opts...)
	case "GRU":
		return NewGRU(rng, in, hidden, opts...)
	case "MinGRU", "scan":
		m := NewMinGRU(rng, in, hidden, opts...)
		m.SetScan(kind == "scan")
		return m
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
	for _, kind := range kinds {
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
		return l.pass(x, lengths, s0)
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
	dx, ds0 := l.passBack(wOut, wS)
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

// kinds are the recurrent layers there are; "scan" is a MinGRU by the scan.
var kinds = []string{"RNN", "ReLU", "LSTM", "GRU", "MinGRU", "scan"}

func TestRecurrentPanics(t *testing.T) {
	rng := newRand(1)
	r := NewRNN(rng, 4, 2, BatchFirst, Bidirectional)
	l := NewLSTM(rng, 4, 2, Layers(2))
	ran := NewLSTM(rng, 4, 2)
	ran.Forward(NewTensor(5, 3, 4), nil)
	x := NewTensor(3, 5, 4)
	for _, c := range []struct {
		want string
		do   func()
	}{
		{"lesson: NewRNN: rng is nil, want a source for the initial values", func() { NewRNN(nil, 4, 2) }},
		{"lesson: NewRNN: InputSize is 0, want at least 1", func() { NewRNN(rng, 0, 2) }},
		{"lesson: NewLSTM: HiddenSize is -2, want at least 1", func() { NewLSTM(rng, 4, -2) }},
		{"lesson: NewLSTM: NumLayers is 0, want at least 1", func() { NewLSTM(rng, 4, 2, Layers(0)) }},
		{"lesson: NewRNN: Dropout is 1.5, want a probability, 0 to 1", func() { NewRNN(rng, 4, 2, Dropout(1.5)) }},
		{"lesson: NewRNN: Dropout is -0.1, want a probability, 0 to 1", func() { NewRNN(rng, 4, 2, Dropout(-0.1)) }},
		{"lesson: NewRNN: Dropout is NaN, want a probability, 0 to 1", func() { NewRNN(rng, 4, 2, Dropout(math.NaN())) }},
		{"lesson: NewLSTM: the ReLU option, want none: it is for RNN", func() { NewLSTM(rng, 4, 2, ReLU) }},
		{"lesson: NewGRU: the ReLU option, want none: it is for RNN", func() { NewGRU(rng, 4, 2, ReLU) }},
		{"lesson: GRU.Backward: no Forward before it, want one: Backward backpropagates through the last Forward", func() { NewGRU(rng, 4, 2).Backward(nil, nil) }},
		{"lesson: GRU.ForwardPacked: 0 lengths for 3 sequences, want one each", func() { NewGRU(rng, 4, 2).ForwardPacked(NewTensor(5, 3, 4), nil, nil) }},
		{"lesson: GRU.Trace: x is 3×5×7, want InputSize 4 in the last place", func() { NewGRU(rng, 4, 2).Trace(NewTensor(3, 5, 7), nil) }},
		{"lesson: NewMinGRU: the ReLU option, want none: it is for RNN", func() { NewMinGRU(rng, 4, 2, ReLU) }},
		{"lesson: MinGRU.Forward: x is 3×5×7, want InputSize 4 in the last place", func() { NewMinGRU(rng, 4, 2).Forward(NewTensor(3, 5, 7), nil) }},
		{"lesson: MinGRU.Trace: x is 3×5×7, want InputSize 4 in the last place", func() { NewMinGRU(rng, 4, 2).Trace(NewTensor(3, 5, 7), nil) }},
		{"lesson: MinGRU.SetUpdateBias: the layer has NoBias, want one with biases", func() { NewMinGRU(rng, 4, 2, NoBias).SetUpdateBias(1) }},
		{"lesson: Scan: combine is nil, want a function", func() { Scan([]int{1}, nil) }},
		{"lesson: GRU.SetUpdateBias: the layer has NoBias, want one with biases", func() { NewGRU(rng, 4, 2, NoBias).SetUpdateBias(1) }},
		{"lesson: RNN.Forward: x is nil, want a tensor (batch, steps, features)", func() { r.Forward(nil, nil) }},
		{"lesson: RNN.Forward: x has 1 axis (4), want 3 (batch, steps, features) or 2 (steps, features)", func() { r.Forward(NewTensor(4), nil) }},
		{"lesson: LSTM.Forward: x has 1 axis (4), want 3 (steps, batch, features) or 2 (steps, features)", func() { l.Forward(NewTensor(4), nil) }},
		{"lesson: RNN.Forward: x is 3×5×7, want InputSize 4 in the last place", func() { r.Forward(NewTensor(3, 5, 7), nil) }},
		{"lesson: RNN.Forward: h0 is 1×3×2, want 2×3×2 (directions·layers, batch, HiddenSize)", func() { r.Forward(x, NewTensor(1, 3, 2)) }},
		{"lesson: RNN.Forward: h0 is 2×5×2, want 2×3×2 (directions·layers, batch, HiddenSize)", func() { r.Forward(x, NewTensor(2, 5, 2)) }},
		{"lesson: RNN.Forward: h0 is 2×1×2, want 2×2 (directions·layers, HiddenSize)", func() { r.Forward(NewTensor(5, 4), NewTensor(2, 1, 2)) }},
		{"lesson: LSTM.Forward: h0 is 2×3×2, want 2×5×2 (directions·layers, batch, HiddenSize)", func() { l.Forward(x, &State{H: NewTensor(2, 3, 2)}) }},
		{"lesson: LSTM.Forward: c0 is 2×5×3, want 2×5×2 (directions·layers, batch, HiddenSize)", func() { l.Forward(x, &State{C: NewTensor(2, 5, 3)}) }},
		{"lesson: LSTM.Trace: x is 3×5×7, want InputSize 4 in the last place", func() { l.Trace(NewTensor(3, 5, 7), nil) }},
		{"lesson: RNN.ForwardPacked: 2 lengths for 3 sequences, want one each", func() { r.ForwardPacked(x, []int{1, 2}, nil) }},
		{"lesson: RNN.ForwardPacked: 0 lengths for 3 sequences, want one each", func() { r.ForwardPacked(x, nil, nil) }},
		{"lesson: RNN.ForwardPacked: length 6 of sequence 1, want 1 to 5", func() { r.ForwardPacked(x, []int{5, 6, 1}, nil) }},
		{"lesson: LSTM.ForwardPacked: length 0 of sequence 4, want 1 to 3", func() { l.ForwardPacked(x, []int{1, 2, 3, 1, 0}, nil) }},
		{"lesson: LSTM.ForwardPacked: x is 5×4 with lengths, want 3 axes (steps, batch, features)", func() { l.ForwardPacked(NewTensor(5, 4), []int{5}, nil) }},
		{"lesson: RNN.Backward: no Forward before it, want one: Backward backpropagates through the last Forward", func() { r.Backward(nil, nil) }},
		{"lesson: LSTM.Backward: dOutput is 5×3×4, want 5×3×2, as the output", func() { ran.Backward(NewTensor(5, 3, 4), nil) }},
		{"lesson: LSTM.Backward: dHidden is 1×2×2, want 1×3×2 (directions·layers, batch, HiddenSize)", func() { ran.Backward(nil, &State{H: NewTensor(1, 2, 2)}) }},
		{"lesson: LSTM.Backward: dCell is 1×2, want 1×3×2 (directions·layers, batch, HiddenSize)", func() { ran.Backward(nil, &State{C: NewTensor(1, 2)}) }},
		{"lesson: RNN.Train: rng is nil, want a source for dropout", func() { r.Train(nil) }},
		{"lesson: RNN.Parameter: no \"weight\", there are weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, weight_hh_l0_reverse, bias_ih_l0_reverse, bias_hh_l0_reverse", func() { r.Parameter("weight") }},
		{"lesson: LSTM.SetInputBias: the layer has NoBias, want one with biases", func() { NewLSTM(rng, 4, 2, NoBias).SetInputBias(1) }},
		{"lesson: LSTM.SetForgetBias: the layer has NoBias, want one with biases", func() { NewLSTM(rng, 4, 2, NoBias).SetForgetBias(1) }},
		{"lesson: RNN.Cell: 1 layers and 2 directions, want one of each", func() { r.Cell() }},
		{"lesson: LSTM.Cell: 2 layers and 1 directions, want one of each", func() { l.Cell() }},
		{"lesson: RNN.Cell: an RNN with ReLU, want tanh", func() { NewRNN(rng, 4, 2, ReLU).Cell() }},
		{"lesson: Orthogonal: n is 0, want at least 1", func() { Orthogonal(rng, 0, 1) }},
	} {
		wantPanic(t, c.want, c.do)
	}
}

// TestBackwardAfterFailedForward: a Forward that panics leaves nothing
// that a Backward could mistake for its own.
func TestBackwardAfterFailedForward(t *testing.T) {
	r := NewRNN(newRand(1), 4, 2)
	r.Forward(NewTensor(5, 3, 4), nil)
	func() {
		defer func() { recover() }()
		r.Forward(NewTensor(5, 3, 3), nil)
	}()
	wantPanic(t, "lesson: RNN.Backward: no Forward before it, want one: Backward backpropagates through the last Forward",
		func() { r.Backward(nil, nil) })
}

func TestInitialValues(t *testing.T) {
	for _, kind := range kinds {
		l := newLayer(kind, newRand(7), 5, 16, Layers(2), Bidirectional)
		rng := newRand(7)
		largest := 0.0
		for _, p := range l.Parameters() {
			for i, v := range p.Value.data {
				if want := (2*rng.Float64() - 1) / 4; v != want {
					t.Fatalf("%s: %s[%d] is %v, want %v, the next from rng in ±1/√16", kind, p.Name, i, v, want)
				}
				largest = math.Max(largest, math.Abs(v))
			}
		}
		if !(largest <= 0.25 && largest > 0.249) {
			t.Errorf("%s: largest initial value %v, want just below 1/√16", kind, largest)
		}
	}
}

func TestParameterNames(t *testing.T) {
	l := NewLSTM(newRand(1), 5, 3, Layers(2), Bidirectional)
	var got []string
	for _, p := range l.Parameters() {
		if l.Parameter(p.Name) != p {
			t.Errorf("Parameter(%q) is another", p.Name)
		}
		got = append(got, p.Name+" "+p.Value.shape.times())
	}
	want := []string{
		"weight_ih_l0 12×5", "weight_hh_l0 12×3", "bias_ih_l0 12", "bias_hh_l0 12",
		"weight_ih_l0_reverse 12×5", "weight_hh_l0_reverse 12×3", "bias_ih_l0_reverse 12", "bias_hh_l0_reverse 12",
		"weight_ih_l1 12×6", "weight_hh_l1 12×3", "bias_ih_l1 12", "bias_hh_l1 12",
		"weight_ih_l1_reverse 12×6", "weight_hh_l1_reverse 12×3", "bias_ih_l1_reverse 12", "bias_hh_l1_reverse 12",
	}
	if !slices.Equal(got, want) {
		t.Errorf("parameters %q,\nwant       %q", got, want)
	}
	if n := len(NewRNN(newRand(1), 5, 3, NoBias).Parameters()); n != 2 {
		t.Errorf("%d parameters without bias, want 2", n)
	}
}

// outcome is all that a Forward and Backward compute.
func outcome(l layer, x *Tensor, lengths []int, s0 [2]*Tensor) []*Tensor {
	ZeroGrad(l.Parameters())
	rng := newRand(99)
	out, s := l.pass(x, lengths, s0)
	var dStates [2]*Tensor
	for k := range s {
		if s[k] != nil {
			dStates[k] = Randn(rng, s[k].shape...)
		}
	}
	dx, ds0 := l.passBack(Randn(rng, out.shape...), dStates)
	all := []*Tensor{out, dx}
	for k := range s {
		if s[k] != nil {
			all = append(all, s[k], ds0[k])
		}
	}
	for _, p := range l.Parameters() {
		all = append(all, p.Grad.Clone())
	}
	return all
}

// sameBits reports whether both hold the same tensors, bit for bit.
func sameBits(a, b []*Tensor) bool {
	return slices.EqualFunc(a, b, func(a, b *Tensor) bool {
		return a.shape.Equal(b.shape) && slices.EqualFunc(a.data, b.data, func(x, y float64) bool {
			return math.Float64bits(x) == math.Float64bits(y)
		})
	})
}

// TestMemoryUsedAgain runs one layer over inputs of many sizes and compares
// with a new layer for each: an earlier call must not change the result.
func TestMemoryUsedAgain(t *testing.T) {
	for _, kind := range kinds {
		opts := []Option{Layers(2), Bidirectional, BatchFirst}
		l := newLayer(kind, newRand(1), 3, 4, opts...)
		for i, c := range []struct {
			batch, steps int
			lengths      []int
		}{{20, 6, nil}, {3, 2, nil}, {9, 7, []int{1, 7, 3, 3, 2, 7, 5, 1, 1}}, {9, 7, nil}, {2, 30, []int{3, 29}}, {1, 1, nil}, {20, 6, nil}} {
			x := Randn(newRand(uint64(i)), c.batch, c.steps, 3)
			fresh := newLayer(kind, newRand(1), 3, 4, opts...)
			if !sameBits(outcome(l, x, c.lengths, [2]*Tensor{}), outcome(fresh, x, c.lengths, [2]*Tensor{})) {
				t.Errorf("%s: call %d differs from a new layer's", kind, i)
			}
		}
	}
}

// TestNoSharing: what a call returns, and what it was given, shares no memory
// with the layer or with another call.
func TestNoSharing(t *testing.T) {
	for _, kind := range kinds {
		for _, opts := range [][]Option{nil, {BatchFirst}, {Layers(2), Bidirectional}} {
			l := newLayer(kind, newRand(1), 3, 4, opts...)
			x := Randn(newRand(2), 5, 6, 3)
			first := outcome(l, x, nil, [2]*Tensor{})
			kept := make([]*Tensor, len(first))
			for i, v := range first {
				kept[i] = v.Clone()
			}
			outcome(l, Randn(newRand(3), 5, 6, 3), nil, [2]*Tensor{})
			if !sameBits(first, kept) {
				t.Errorf("%s: a second call changed what the first returned", kind)
			}

			// The caller may change its own tensors between Forward and Backward.
			var s0 [2]*Tensor
			n := l.Config().NumLayers * l.Config().directions()
			for k := range states(kind) {
				s0[k] = Randn(newRand(4), n, first[2].shape[1], 4)
			}
			outcome := func(scribble bool) []*Tensor {
				ZeroGrad(l.Parameters())
				mine, mine0 := x.Clone(), [2]*Tensor{}
				for k := range states(kind) {
					mine0[k] = s0[k].Clone()
				}
				out, s := l.pass(mine, nil, mine0)
				dOut := Randn(newRand(5), out.shape...)
				if scribble {
					for _, v := range []*Tensor{mine, mine0[0], mine0[1], out, s[0], s[1]} {
						if v != nil {
							for i := range v.data {
								v.data[i] = math.NaN()
							}
						}
					}
				}
				dx, ds0 := l.passBack(dOut, [2]*Tensor{})
				all := []*Tensor{dx, ds0[0]}
				for _, p := range l.Parameters() {
					all = append(all, p.Grad.Clone())
				}
				return all
			}
			if !sameBits(outcome(false), outcome(true)) {
				t.Errorf("%s: Backward reads what belongs to the caller", kind)
			}
		}
	}
}

// TestNoGrad: without what Backward needs, a Forward gives the same bits.
func TestNoGrad(t *testing.T) {
	for _, kind := range kinds {
		for i, opts := range [][]Option{{BatchFirst}, nil, {Bidirectional}, {Layers(3), Bidirectional, Dropout(0.5)}, {Layers(2), BatchFirst, NoBias}, {Layers(2), Dropout(0.5)}} {
			with, without := newLayer(kind, newRand(1), 3, 4, opts...), newLayer(kind, newRand(1), 3, 4, opts...)
			without.NoGrad(true)
			for j, c := range []struct {
				batch, steps int
				lengths      []int
			}{{20, 61, nil}, {3, 2, nil}, {9, 40, []int{1, 40, 13, 12, 24, 25, 37, 1, 2}}, {1, 200, nil}, {2, 300, []int{3, 299}}} {
				x, n := Randn(newRand(uint64(j)), c.batch, c.steps, 3), with.Config().NumLayers*with.Config().directions()
				if !with.Config().BatchFirst {
					x = swapAxes(x)
				}
				for _, given := range []bool{false, true} {
					results := func(l layer) []*Tensor {
						l.Train(newRand(7))
						var s0 [2]*Tensor
						for k := range states(kind) {
							if given {
								s0[k] = Randn(newRand(uint64(3+k)), n, c.batch, 4)
							}
						}
						out, s := l.pass(x, c.lengths, s0)
						return append([]*Tensor{out}, s[:states(kind)]...)
					}
					if !sameBits(results(without), results(with)) {
						t.Errorf("%s, options %d, input %d, states given %v: NoGrad changes a result", kind, i, j, given)
					}
				}
			}
		}

		l := newLayer(kind, newRand(1), 3, 4)
		held := func(steps int) int {
			l.pass(Randn(newRand(2), steps, 8, 3), nil, [2]*Tensor{})
			return l.held()
		}
		l.NoGrad(true)
		if short, long := held(120), held(1200); kind != "scan" && short != long {
			t.Errorf("%s: NoGrad holds %d numbers for 120 steps and %d for 1200", kind, short, long)
		}
		wantPanic(t, "lesson: "+strings.NewReplacer("ReLU", "RNN", "scan", "MinGRU").Replace(kind)+".Backward: the last Forward kept nothing for it, want NoGrad(false) before that Forward",
			func() { l.passBack(nil, [2]*Tensor{}) })
		l.NoGrad(false)
		x := Randn(newRand(3), 50, 9, 3)
		if !sameBits(outcome(l, x, nil, [2]*Tensor{}), outcome(newLayer(kind, newRand(1), 3, 4), x, nil, [2]*Tensor{})) {
			t.Errorf("%s: what NoGrad left changes a Forward after it", kind)
		}
	}
}

// TestBackwardTwice: Backward adds to the gradients, and can be repeated.
func TestBackwardTwice(t *testing.T) {
	for _, kind := range kinds {
		l := newLayer(kind, newRand(1), 3, 4, Layers(2), Bidirectional, Dropout(0.5))
		l.Train(newRand(2))
		out, _ := l.pass(Randn(newRand(3), 5, 10, 3), nil, [2]*Tensor{})
		dOut := Randn(newRand(4), out.shape...)
		dx1, s1 := l.passBack(dOut, [2]*Tensor{})
		var once []*Tensor
		for _, p := range l.Parameters() {
			once = append(once, p.Grad.Clone())
		}
		dx2, s2 := l.passBack(dOut, [2]*Tensor{})
		if !sameBits([]*Tensor{dx1, s1[0]}, []*Tensor{dx2, s2[0]}) {
			t.Errorf("%s: a second Backward returns something else", kind)
		}
		for i, p := range l.Parameters() {
			for j, g := range p.Grad.data {
				if w := 2 * once[i].data[j]; math.Abs(g-w) > 1e-13*math.Max(1, math.Abs(w)) {
					t.Fatalf("%s: gradient of %s[%d] is %v after two Backwards, want %v", kind, p.Name, j, g, w)
				}
			}
		}
	}
}

// TestBatchIsSequences: a sequence gives the same in a batch as alone, cut to
// its length, and what is after its end changes nothing.
func TestBatchIsSequences(t *testing.T) {
	lengths := []int{3, 6, 1, 6, 2, 5, 4, 4, 1, 2, 3}
	const steps = 6
	for _, kind := range kinds {
		l := newLayer(kind, newRand(1), 5, 9, Layers(2), Bidirectional, BatchFirst)
		x := Randn(newRand(2), len(lengths), steps, 5)
		for b, n := range lengths {
			for i := n * 5; i < steps*5; i++ {
				x.data[b*steps*5+i] = math.NaN()
			}
		}
		n := len(lengths)
		var s0, dS [2]*Tensor
		for k := range states(kind) {
			s0[k], dS[k] = Randn(newRand(3), 4, n, 9), Randn(newRand(4), 4, n, 9)
		}
		dOut := Randn(newRand(5), n, steps, 18)
		out, s := l.pass(x, lengths, s0)
		dx, ds := l.passBack(dOut, dS)

		column := func(t *Tensor, b int) *Tensor { // of a state, the one of a sequence
			if t == nil {
				return nil
			}
			c := NewTensor(4, 1, 9)
			for i := range 4 {
				copy(c.data[i*9:], t.Slice(i).Slice(b).data)
			}
			return c
		}
		cut := func(t *Tensor, b int) *Tensor {
			w := t.shape[2]
			return TensorOf(t.Slice(b).data[:lengths[b]*w], 1, lengths[b], w)
		}
		for b := range lengths {
			one, oneS := l.pass(cut(x, b), nil, [2]*Tensor{column(s0[0], b), column(s0[1], b)})
			oneDx, oneDs := l.passBack(cut(dOut, b), [2]*Tensor{column(dS[0], b), column(dS[1], b)})
			got := []*Tensor{cut(out, b), cut(dx, b)}
			want := []*Tensor{one, oneDx}
			for k := range states(kind) {
				got = append(got, column(s[k], b), column(ds[k], b))
				want = append(want, oneS[k], oneDs[k])
			}
			if !sameBits(got, want) {
				t.Errorf("%s: sequence %d of length %d differs from running alone", kind, b, lengths[b])
			}
			for _, v := range append(out.Slice(b).data[lengths[b]*18:], dx.Slice(b).data[lengths[b]*5:]...) {
				if v != 0 {
					t.Fatalf("%s: %v after the end of sequence %d, want 0", kind, v, b)
				}
			}
		}
	}
}

// TestNaN: NaN reaches everything that depends on it, and nothing else,
// as in PyTorch, where 0·NaN is NaN.
func TestNaN(t *testing.T) {
	nans := func(v []float64) (n int) {
		for _, x := range v {
			if x != x {
				n++
			}
		}
		return n
	}
	for _, kind := range kinds {
		l := newLayer(kind, newRand(1), 3, 4, BatchFirst)
		x := Randn(newRand(2), 2, 5, 3)
		x.Set(math.NaN(), 1, 2, 0)
		out, s := l.pass(x, nil, [2]*Tensor{})
		if n := nans(out.data[:7*4]); n != 0 {
			t.Errorf("%s: %d NaN in what does not depend on one", kind, n)
		}
		if n := nans(out.data[7*4:]); n != 3*4 {
			t.Errorf("%s: %d NaN of %d values that depend on one", kind, n, 3*4)
		}
		if n := nans(s[0].data); n != 4 {
			t.Errorf("%s: %d NaN in the last states, want 4", kind, n)
		}
		// A weight that is multiplied by zeros only: x and h0 are zero.
		for _, name := range []string{"weight_ih_l0", "weight_hh_l0"} {
			l := newLayer(kind, newRand(1), 3, 4)
			if _, alone := l.(*MinGRU); alone && name == "weight_hh_l0" {
				continue
			}
			w := l.Parameter(name).Value
			for i := range w.shape[1] {
				w.Set(math.NaN(), 1, i)
			}
			out, _ := l.pass(NewTensor(1, 1, 3), nil, [2]*Tensor{})
			if nans(out.data) != 1 || out.data[1] == out.data[1] {
				t.Errorf("%s: NaN in row 1 of %s gives %v, want NaN in place 1", kind, name, out)
			}
		}
		// A NaN gradient reaches the inputs of its step and of those before, and no others.
		l = newLayer(kind, newRand(1), 3, 4)
		out, _ = l.pass(Randn(newRand(2), 5, 1, 3), nil, [2]*Tensor{})
		dOut := NewTensor(out.shape...)
		for i := range 4 {
			dOut.data[2*4+i] = math.NaN()
		}
		if dx, _ := l.passBack(dOut, [2]*Tensor{}); nans(dx.data[:9]) == 0 || nans(dx.data[9:]) != 0 {
			t.Errorf("%s: a NaN gradient at step 2 gives dx %v, want NaN up to step 2 and none after", kind, dx)
		}
	}
}

// allocations returns how often each of n calls of f allocates. The runtime allocates too, at any time, as
// for a goroutine that waits: of three measurements the smallest is f's own.
func allocations(n int, f func()) float64 {
	return min(testing.AllocsPerRun(n, f), testing.AllocsPerRun(n, f), testing.AllocsPerRun(n, f))
}

// TestAllocations: after the first call only what is returned is allocated,
// however many steps there are: of a tensor its struct, shape and elements.
func TestAllocations(t *testing.T) {
	for _, kind := range kinds {
		if kind == "scan" {
			continue // it makes maps of its own
		}
		tensors := 1 + states(kind)
		want := 3 * tensors
		if kind == "LSTM" {
			want++ // the State
		}
		l := newLayer(kind, newRand(1), 6, 5, Layers(2), Bidirectional, BatchFirst, Dropout(0.5))
		l.Train(newRand(2))
		smaller := NewTensor(3, 7, 6) // as the last batch of an epoch
		for _, steps := range []int{70, 7} {
			x := Randn(newRand(3), 20, steps, 6)
			d := Randn(newRand(4), 20, steps, 10)
			for _, lengths := range [][]int{nil, slices.Repeat([]int{steps, 1, 2, steps - 1}, 5)} {
				l.pass(x, lengths, [2]*Tensor{})
				l.passBack(d, [2]*Tensor{})
				if n := allocations(5, func() { l.pass(x, lengths, [2]*Tensor{}) }); int(n) > want {
					t.Errorf("%s: %v allocations in Forward over %d steps, want %d", kind, n, steps, want)
				}
				if n := allocations(5, func() { l.passBack(d, [2]*Tensor{}) }); int(n) > want {
					t.Errorf("%s: %v allocations in Backward over %d steps, want %d", kind, n, steps, want)
				}
				alternate := func() {
					out, _ := l.pass(smaller, nil, [2]*Tensor{})
					l.passBack(out, [2]*Tensor{})
					l.pass(x, lengths, [2]*Tensor{})
					l.passBack(d, [2]*Tensor{})
				}
				if n := allocations(5, alternate); int(n) > 4*want {
					t.Errorf("%s: %v allocations for batches of two sizes in turn, want %d", kind, n, 4*want)
				}
			}
		}
	}
}

func TestDropout(t *testing.T) {
	const p = 0.3
	for _, kind := range kinds {
		l := newLayer(kind, newRand(1), 4, 8, Layers(3), Bidirectional, Dropout(p))
		plain := newLayer(kind, newRand(1), 4, 8, Layers(3), Bidirectional)
		x := Randn(newRand(2), 40, 17, 4)
		run := func(l layer) []*Tensor { out, s := l.pass(x, nil, [2]*Tensor{}); return []*Tensor{out, s[0]} }
		want := run(plain)
		if !sameBits(run(l), want) {
			t.Errorf("%s: dropout acts before Train", kind)
		}
		l.Train(newRand(3))
		got := run(l)
		if sameBits(got, want) {
			t.Errorf("%s: dropout does not act after Train", kind)
		}
		// h_n of the lowest layer and the place of output in h_n: dropout is
		// neither below the first layer nor above the last.
		if !sameBits([]*Tensor{got[1].Slice(0), got[1].Slice(1)}, []*Tensor{want[1].Slice(0), want[1].Slice(1)}) {
			t.Errorf("%s: dropout changed the lowest layer", kind)
		}
		for b := range 17 {
			for j := range 8 {
				if got[0].At(39, b, j) != got[1].At(4, b, j) || got[0].At(0, b, 8+j) != got[1].At(5, b, j) {
					t.Fatalf("%s: output is not the top layer's state, as if dropout were applied to it", kind)
				}
			}
		}
		l.Train(newRand(3))
		if !sameBits(run(l), got) {
			t.Errorf("%s: the same rng gives another dropout", kind)
		}
		if sameBits(run(l), got) {
			t.Errorf("%s: a second call has the same dropout as the first", kind)
		}
		l.Eval()
		if !sameBits(run(l), want) {
			t.Errorf("%s: dropout acts after Eval", kind)
		}
		single := newLayer(kind, newRand(1), 4, 8, Dropout(p))
		before := run(single)
		single.Train(newRand(3))
		if !sameBits(run(single), before) {
			t.Errorf("%s: dropout acts on a single layer", kind)
		}
	}
}

// TestDropoutRate counts zeros where they can be told from the outside: an
// identity RNN of ReLUs passes ones up, so that its output is the mask itself.
func TestDropoutRate(t *testing.T) {
	const p, hidden, steps, batch = 0.3, 16, 20, 50
	r := NewRNN(newRand(1), hidden, hidden, Layers(2), ReLU, NoBias, Dropout(p))
	for l := range 2 {
		r.Parameter(fmt.Sprintf("weight_hh_l%d", l)).Value = NewTensor(hidden, hidden)
		w := r.Parameter(fmt.Sprintf("weight_ih_l%d", l)).Value
		clear(w.data)
		for i := range hidden {
			w.Set(1, i, i)
		}
	}
	r.Train(newRand(2))
	x := NewTensor(steps, batch, hidden)
	for i := range x.data {
		x.data[i] = 1
	}
	out, _ := r.Forward(x, nil)
	n := len(out.data)
	zeros, perUnit := 0, make([]int, hidden)
	for i, v := range out.data {
		switch v {
		case 0:
			zeros++
			perUnit[i%hidden]++
		case 1 / (1 - p):
		default:
			t.Fatalf("value %v, want 0 or 1/(1−p) = %v", v, 1/(1-p))
		}
	}
	// Five standard deviations of a binomial count.
	within := func(count, n int) bool {
		return math.Abs(float64(count)-p*float64(n)) < 5*math.Sqrt(p*(1-p)*float64(n))
	}
	if !within(zeros, n) {
		t.Errorf("%d zeros of %d, want about %v", zeros, n, p*float64(n))
	}
	for j, c := range perUnit {
		if !within(c, n/hidden) {
			t.Errorf("unit %d is zero %d times of %d, want about %v", j, c, n/hidden, p*float64(n/hidden))
		}
	}
}

func TestSetGateBias(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		from int // of the gate's part of a bias
		set  func(layer)
	}{
		"SetForgetBias": {"LSTM", 2, func(l layer) { l.(*LSTM).SetForgetBias(3) }},
		"SetInputBias":  {"LSTM", 0, func(l layer) { l.(*LSTM).SetInputBias(3) }},
		"SetUpdateBias": {"GRU", 2, func(l layer) { l.(*GRU).SetUpdateBias(3) }},
		"of MinGRU":     {"MinGRU", 0, func(l layer) { l.(*MinGRU).SetUpdateBias(3) }},
	} {
		l := newLayer(c.kind, newRand(1), 3, 2, Layers(2), Bidirectional)
		before := newLayer(c.kind, newRand(1), 3, 2, Layers(2), Bidirectional)
		c.set(l)
		for i, p := range l.Parameters() {
			want := before.Parameters()[i].Value.Clone()
			if strings.HasPrefix(p.Name, "bias_ih") {
				want.data[c.from], want.data[c.from+1] = 3, 3
			} else if strings.HasPrefix(p.Name, "bias_hh") {
				want.data[c.from], want.data[c.from+1] = 0, 0
			}
			if !sameBits([]*Tensor{p.Value}, []*Tensor{want}) {
				t.Errorf("%s: %s is %v, want %v", name, p.Name, p.Value, want)
			}
		}
	}
}
