package lesson

import (
	"math"
	"runtime"
	"strings"
	"testing"
)

// A network is embedding → recurrent layer → last true step and last states →
// linear → cross entropy, with what trains it.
type network struct {
	embedding *Embedding
	recurrent layer
	linear    *Linear
	params    []*Parameter
	optimizer Optimizer

	// Written by step.
	embedded, output, last, logits, dLogits, dLast, dOutput, dEmbedded Tensor
	states, dStates                                                    [2]*Tensor
}

func newNetwork(kind string, sgd bool) *network {
	const words, size, hidden, classes = 9, 19, 21, 3
	n := &network{
		embedding: NewEmbedding(newRand(1), words, size, PaddingIdx(PAD)),
		recurrent: newLayer(kind, newRand(2), size, hidden, BatchFirst, Bidirectional, Layers(2), Dropout(0.2)),
		linear:    NewLinear(newRand(3), 2*hidden, classes),
	}
	n.recurrent.Train(newRand(4))
	n.params = append(append(n.embedding.Parameters(), n.recurrent.Parameters()...), n.linear.Parameters()...)
	if sgd {
		n.optimizer = NewSGD(n.params, 0.05, 0.9)
	} else {
		n.optimizer = NewAdam(n.params, 0.01)
	}
	for k := range states(kind) {
		n.states[k], n.dStates[k] = new(Tensor), new(Tensor)
	}
	return n
}

// A batch is what a network learns from in one step.
type batch struct {
	x       Indices
	lengths []int
	classes []int
	packed  bool
}

func newBatch(seed uint64, size, steps int, packed bool) batch {
	rng := newRand(seed)
	b := batch{packed: packed}
	var seqs [][]int
	for range size {
		seq := make([]int, 1+rng.IntN(steps))
		for t := range seq {
			seq[t] = 1 + rng.IntN(8)
		}
		seqs = append(seqs, seq)
		b.classes = append(b.classes, rng.IntN(3))
	}
	b.x, b.lengths = PadPost(seqs, steps)
	return b
}

// step learns from a batch in the network's own tensors.
func (n *network) step(b batch) (loss, norm float64) {
	ZeroGrad(n.params)
	n.embedding.ForwardTo(&n.embedded, b.x)
	lengths := b.lengths
	if !b.packed {
		lengths = nil
	}
	n.recurrent.passTo(&n.output, &n.states, &n.embedded, lengths, [2]*Tensor{})
	GatherLastTo(&n.last, &n.output, b.lengths, true)
	n.linear.ForwardTo(&n.logits, &n.last)
	loss = CrossEntropyTo(&n.dLogits, &n.logits, b.classes)
	// The states are part of the loss: half their squares.
	for _, s := range n.states {
		if s != nil {
			for _, v := range s.data {
				loss += float64(v*v) / 2
			}
		}
	}
	n.linear.BackwardTo(&n.dLast, &n.dLogits)
	GatherLastBackwardTo(&n.dOutput, &n.dLast, b.lengths, len(b.x[0]), true)
	n.recurrent.passBackTo(&n.dEmbedded, &n.dStates, &n.dOutput, n.states)
	n.embedding.Backward(&n.dEmbedded)
	norm = ClipGradNorm(n.params, 1)
	n.optimizer.Step()
	return loss, norm
}

// plainStep is step with the functions that return new tensors.
func (n *network) plainStep(b batch) (loss, norm float64) {
	ZeroGrad(n.params)
	lengths := b.lengths
	if !b.packed {
		lengths = nil
	}
	output, states := n.recurrent.pass(n.embedding.Forward(b.x), lengths, [2]*Tensor{})
	loss, dLogits := CrossEntropy(n.linear.Forward(GatherLast(output, b.lengths, true)), b.classes)
	for _, s := range states {
		if s != nil {
			for _, v := range s.data {
				loss += float64(v*v) / 2
			}
		}
	}
	dOutput := GatherLastBackward(n.linear.Backward(dLogits), b.lengths, len(b.x[0]), true)
	dEmbedded, _ := n.recurrent.passBack(dOutput, states)
	n.embedding.Backward(dEmbedded)
	norm = ClipGradNorm(n.params, 1)
	n.optimizer.Step()
	return loss, norm
}

// batches are of many sizes, the last one of an epoch smaller.
func batches() []batch {
	var bs []batch
	for i, size := range []int{37, 37, 4, 21} {
		bs = append(bs, newBatch(uint64(i), size, 11+i%3, i%2 == 1))
	}
	return bs
}

// TestDestinationsGiveTheSameBits trains one network with the functions that
// return tensors and one with those that write to the caller's.
func TestDestinationsGiveTheSameBits(t *testing.T) {
	for _, kind := range kinds {
		a, b := newNetwork(kind, false), newNetwork(kind, false)
		for i, batch := range batches() {
			loss, norm := a.step(batch)
			wantLoss, wantNorm := b.plainStep(batch)
			if loss != wantLoss || norm != wantNorm {
				t.Errorf("%s, step %d: loss %v and norm %v, want %v and %v", kind, i, loss, norm, wantLoss, wantNorm)
			}
		}
		for i, p := range a.params {
			if !sameFloats(p.Value.data, b.params[i].Value.data) {
				t.Errorf("%s: %s differs", kind, p.Name)
			}
		}
	}
}

// steadyAllocations returns how many allocations a call of f makes once it has
// its memory: the fewest of many rounds, or the first number that is enough,
// since a goroutine that first helps late brings memory of its own.
func steadyAllocations(enough float64, f func()) float64 {
	fewest := math.Inf(1)
	var before, after runtime.MemStats
	for range 40 {
		const calls = 2
		runtime.ReadMemStats(&before)
		for range calls {
			f()
		}
		runtime.ReadMemStats(&after)
		fewest = min(fewest, float64(after.Mallocs-before.Mallocs)/calls)
		if fewest <= enough {
			break
		}
	}
	return fewest
}

// TestTrainingAllocatesNothing: a whole training step, from words to the
// optimiser, on one core and on several. With several the runtime
// sometimes allocates a record of a waiting goroutine, 128 for each core at most; an
// allocation of ours would be in every step.
func TestTrainingAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i, kind := range kinds {
		n, bs := newNetwork(kind, i%2 == 0), batches()
		epoch := func() {
			for _, b := range bs {
				n.step(b)
			}
		}
		for _, cores := range []int{1, 2} {
			runtime.GOMAXPROCS(cores)
			enough := 0.5 * float64(cores-1)
			got := steadyAllocations(enough*float64(len(bs)), epoch) / float64(len(bs))
			if kind != "scan" && got > enough {
				t.Errorf("%s on %d cores: %v allocations in a step, want none", kind, cores, got)
			}
		}
	}
}

func TestMSEToAllocatesNothing(t *testing.T) {
	var d Tensor
	p, q := Randn(newRand(1), 4, 3), Randn(newRand(2), 4, 3)
	MSETo(&d, p, q)
	if n := allocations(10, func() { MSETo(&d, p, q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	_, want := MSE(p, q)
	if !sameBits([]*Tensor{&d}, []*Tensor{want}) {
		t.Errorf("the gradient is %v, want %v", &d, want)
	}
}

// TestStatesInPlace: a state may take the place of the one that it came from.
func TestStatesInPlace(t *testing.T) {
	for _, kind := range kinds {
		for _, lengths := range [][]int{nil, {6, 1, 3, 6, 2}} {
			l := newLayer(kind, newRand(1), 3, 4, Layers(2), Bidirectional, BatchFirst)
			x := Randn(newRand(2), 5, 6, 3)
			var s0, inPlace [2]*Tensor
			for k := range states(kind) {
				s0[k] = Randn(newRand(3), 4, 5, 4)
				inPlace[k] = s0[k].Clone()
			}
			output, s := l.pass(x, lengths, s0)
			var outputTo Tensor
			l.passTo(&outputTo, &inPlace, x, lengths, inPlace)
			dx, ds0 := l.passBack(output, s)
			var dxTo Tensor
			l.passBackTo(&dxTo, &inPlace, output, inPlace)
			for k := range states(kind) {
				if !sameBits([]*Tensor{inPlace[k]}, []*Tensor{ds0[k]}) {
					t.Errorf("%s: the gradient of state %d is %v in place, want %v", kind, k, inPlace[k], ds0[k])
				}
			}
			if !sameBits([]*Tensor{&outputTo, &dxTo}, []*Tensor{output, dx}) {
				t.Errorf("%s: the output or its gradient differs with states in place", kind)
			}
		}
	}
}

// TestResultsLeftOut: nil leaves out one result and changes no other.
func TestResultsLeftOut(t *testing.T) {
	for _, kind := range kinds {
		l := newLayer(kind, newRand(1), 3, 4, Layers(2), Bidirectional)
		x := Randn(newRand(2), 6, 5, 3)
		output, _ := l.pass(x, nil, [2]*Tensor{})
		var only Tensor
		var none [2]*Tensor
		if lstm, ok := l.(*LSTM); ok { // whose State may be left out, too
			lstm.ForwardTo(&only, nil, x, nil)
			lstm.ForwardTo(nil, nil, x, nil)
			lstm.BackwardTo(nil, nil, output, nil)
		} else {
			l.passTo(&only, &none, x, nil, none)
			l.passTo(nil, &none, x, nil, none)
			l.passBackTo(nil, &none, output, none)
		}
		if !sameBits([]*Tensor{&only}, []*Tensor{output}) {
			t.Errorf("%s: the output alone differs", kind)
		}
		var got, want []*Tensor
		for _, p := range l.Parameters() {
			got = append(got, p.Grad.Clone())
		}
		ZeroGrad(l.Parameters())
		l.passBack(output, [2]*Tensor{})
		for _, p := range l.Parameters() {
			want = append(want, p.Grad)
		}
		if !sameBits(got, want) {
			t.Errorf("%s: the gradients of the parameters alone differ", kind)
		}
	}
	logits, classes := Randn(newRand(1), 4, 3), []int{0, 1, 2, 0}
	if loss, _ := CrossEntropy(logits, classes); CrossEntropyTo(nil, logits, classes) != loss {
		t.Error("the cross entropy alone differs")
	}
	target := Randn(newRand(2), 4, 3)
	if loss, _ := MSE(logits, target); MSETo(nil, logits, target) != loss {
		t.Error("the mean squared error alone differs")
	}
	linear := NewLinear(newRand(1), 3, 2)
	linear.Backward(linear.Forward(logits))
	want := linear.Weight.Grad.Clone()
	ZeroGrad(linear.Parameters())
	linear.BackwardTo(nil, linear.Forward(logits))
	if !sameBits([]*Tensor{linear.Weight.Grad}, []*Tensor{want}) {
		t.Error("the gradient of a linear layer's weight alone differs")
	}
}

// TestDestinationsDoNotAlias: what is written must not share memory with what
// is read, nor with what else is written.
func TestDestinationsDoNotAlias(t *testing.T) {
	x, h := Randn(newRand(1), 6, 5, 4), Randn(newRand(2), 1, 5, 4)
	part := TensorOf(x.data[30:90], 3, 5, 4)
	r, l, linear := NewRNN(newRand(1), 4, 4), NewLSTM(newRand(1), 4, 4), NewLinear(newRand(1), 4, 4)
	r.Forward(x, nil)
	linear.Forward(x)
	z := Randn(newRand(3), 5, 4)
	for name, f := range map[string]func(){
		"RNN.ForwardTo: the first tensor":  func() { r.ForwardTo(x, new(Tensor), x, nil) },
		"RNN.ForwardPackedTo: the first":   func() { r.ForwardPackedTo(x, nil, part, []int{3, 3, 3, 3, 3}, nil) },
		"RNN.ForwardTo: a state":           func() { r.ForwardTo(nil, part.Slice(0), part, nil) },
		"RNN.BackwardTo: the first tensor": func() { r.Forward(x, nil); r.BackwardTo(x, nil, x, nil) },
		"LSTM.ForwardTo: a state":          func() { l.ForwardTo(nil, &State{h, h}, x, nil) },
		"LSTM.ForwardTo: the first tensor": func() { l.ForwardTo(x, nil, x, nil) },
		"Linear.ForwardTo: y":              func() { linear.ForwardTo(x, x) },
		"Linear.BackwardTo: dx":            func() { linear.Forward(x); linear.BackwardTo(x, x) },
		"CrossEntropyTo: dLogits":          func() { CrossEntropyTo(z, z, []int{0, 1, 2, 3, 0}) },
		"MSETo: dPred":                     func() { MSETo(z, z.Clone(), z) },
		"GatherLastTo: last":               func() { GatherLastTo(part.Slice(0), part, []int{3, 3, 3, 3, 3}, false) },
		"GatherLastBackwardTo: dOutput":    func() { GatherLastBackwardTo(z, z, []int{1, 1, 1, 1, 1}, 1, true) },
	} {
		func() {
			defer func() {
				message := ""
				if err, ok := recover().(error); ok {
					message = err.Error()
				}
				if !strings.HasPrefix(message, "lesson: "+name) || !strings.HasSuffix(message, "shares memory with another argument, want memory of its own") {
					t.Errorf("%s: the panic says %q", name, message)
				}
			}()
			f()
		}()
	}
}

// TestNoSharingOfParts: two calls' results share no memory, for the parts
// around the recurrent layers.
func TestNoSharingOfParts(t *testing.T) {
	e, linear := NewEmbedding(newRand(1), 5, 4), NewLinear(newRand(2), 4, 4)
	x := Randn(newRand(3), 2, 3, 4)
	z, target := Randn(newRand(4), 5, 4), Randn(newRand(5), 5, 4)
	lengths := []int{3, 1}
	for name, f := range map[string]func() *Tensor{
		"Embedding.Forward":  func() *Tensor { return e.Forward(Indices{{1, 2, 3}, {0, 4, 4}}) },
		"Linear.Forward":     func() *Tensor { return linear.Forward(x) },
		"Linear.Backward":    func() *Tensor { linear.Forward(x); return linear.Backward(x) },
		"CrossEntropy":       func() *Tensor { _, d := CrossEntropy(z, []int{0, 1, 2, 3, 0}); return d },
		"MSE":                func() *Tensor { _, d := MSE(z, target); return d },
		"GatherLast":         func() *Tensor { return GatherLast(x, lengths, true) },
		"GatherLastBackward": func() *Tensor { return GatherLastBackward(x.Slice(0).Reshape(3, 4), []int{1, 2, 1}, 2, true) },
	} {
		first := f()
		kept := first.Clone()
		second := f()
		for i := range second.data {
			second.data[i] = math.NaN()
		}
		if overlap(first.data, second.data) || !sameBits([]*Tensor{first}, []*Tensor{kept}) {
			t.Errorf("%s: a second call's result shares memory with the first's", name)
		}
	}
}
