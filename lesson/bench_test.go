package lesson

import (
	"fmt"
	"math"
	"testing"
)

// BenchmarkRecurrent runs the shapes of the lessons: the document's 32×10×128
// to 64 units, the same with more steps, and a small one; with results in new
// tensors and in the caller's.
func BenchmarkRecurrent(b *testing.B) {
	for _, kind := range []string{"RNN", "LSTM", "GRU", "MinGRU", "scan"} {
		for _, s := range []struct{ batch, steps, in, hidden int }{
			{32, 10, 128, 64}, {32, 100, 128, 64}, {32, 1000, 128, 64}, {32, 20, 8, 32}, {1, 4096, 128, 64},
		} {
			rng := newRand(1)
			x := Randn(rng, s.batch, s.steps, s.in)
			d := Randn(rng, s.batch, s.steps, s.hidden)
			l := newLayer(kind, rng, s.in, s.hidden, BatchFirst)
			params := l.Parameters()
			var none, hs, dhs [2]*Tensor
			for k := range states(kind) {
				hs[k], dhs[k] = new(Tensor), new(Tensor)
			}
			output, dx := new(Tensor), new(Tensor)
			for _, c := range []struct {
				pass, results string
				run           func()
			}{
				{"forward", "new", func() { l.pass(x, nil, none) }},
				{"forward", "own", func() { l.passTo(output, &hs, x, nil, none) }},
				{"both", "new", func() {
					l.pass(x, nil, none)
					ZeroGrad(params)
					l.passBack(d, none)
				}},
				{"both", "own", func() {
					l.passTo(output, &hs, x, nil, none)
					ZeroGrad(params)
					l.passBackTo(dx, &dhs, d, none)
				}},
			} {
				name := fmt.Sprintf("layer=%s/batch=%d/steps=%d/in=%d/hidden=%d/pass=%s/results=%s", kind, s.batch, s.steps, s.in, s.hidden, c.pass, c.results)
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						c.run()
					}
				})
			}
		}
	}
}

// BenchmarkTraining is a step from words to the optimiser.
func BenchmarkTraining(b *testing.B) {
	for _, kind := range []string{"RNN", "LSTM", "GRU"} {
		for _, optimizer := range []string{"Adam", "SGD"} {
			b.Run(fmt.Sprintf("layer=%s/optimizer=%s", kind, optimizer), func(b *testing.B) {
				n, batch := newNetwork(kind, optimizer == "SGD"), newBatch(1, 32, 20, true)
				n.step(batch)
				b.ReportAllocs()
				for b.Loop() {
					n.step(batch)
				}
			})
		}
	}
}

// BenchmarkParts measures the layers around the recurrent ones: 32 sentences of 20
// words, 8 numbers a word, 32 units.
func BenchmarkParts(b *testing.B) {
	const batch, steps, words, size, hidden, classes = 32, 20, 1000, 8, 32, 8
	rng := newRand(1)
	x := make(Indices, batch)
	targets, lengths := make([]int, batch), make([]int, batch)
	for i := range x {
		x[i] = make([]int, steps)
		for t := range x[i] {
			x[i][t] = rng.IntN(words)
		}
		targets[i], lengths[i] = rng.IntN(classes), 1+rng.IntN(steps)
	}
	e, l := NewEmbedding(rng, words, size), NewLinear(rng, hidden, classes)
	output, target := Randn(rng, batch, steps, hidden), Randn(rng, batch, classes)
	params := NewLSTM(rng, 128, 64).Parameters()
	for _, p := range params {
		copy(p.Grad.data, Randn(rng, p.Grad.shape...).data)
	}
	adam, sgd := NewAdam(params, 1e-3), NewSGD(params, 1e-3, 0.9)
	var embedded, last, logits, dLogits, dLast, dOutput Tensor
	e.ForwardTo(&embedded, x)
	GatherLastTo(&last, output, lengths, true)
	l.ForwardTo(&logits, &last)
	CrossEntropyTo(&dLogits, &logits, targets)
	l.BackwardTo(&dLast, &dLogits)
	for _, c := range []struct {
		part, pass string
		run        func()
	}{
		{"Embedding", "forward", func() { e.ForwardTo(&embedded, x) }},
		{"Embedding", "backward", func() { e.Backward(&embedded) }},
		{"GatherLast", "forward", func() { GatherLastTo(&last, output, lengths, true) }},
		{"GatherLast", "backward", func() { GatherLastBackwardTo(&dOutput, &dLast, lengths, steps, true) }},
		{"Linear", "forward", func() { l.ForwardTo(&logits, &last) }},
		{"Linear", "backward", func() { l.BackwardTo(&dLast, &dLogits) }},
		{"CrossEntropy", "both", func() { CrossEntropyTo(&dLogits, &logits, targets) }},
		{"MSE", "both", func() { MSETo(&dLogits, &logits, target) }},
		{"ClipGradNorm", "step", func() { ClipGradNorm(params, math.Inf(1)) }},
		{"Adam", "step", adam.Step},
		{"SGD", "step", sgd.Step},
	} {
		b.Run(fmt.Sprintf("part=%s/pass=%s", c.part, c.pass), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.run()
			}
		})
	}
}
