package lesson

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// negationExamples are reviews of [NegationTask], as indices of their words.
func negationExamples(v *Vocabulary, rng *rand.Rand, n int) (e Examples) {
	sentences, verdicts := NegationTask(rng, n)
	for _, s := range sentences {
		e.Seqs = append(e.Seqs, v.Encode(s))
	}
	e.Classes = verdicts
	return e
}

func negationVocabulary() *Vocabulary {
	sentences, _ := NegationTask(rand.New(rand.NewPCG(1, 0)), 500)
	return NewVocabulary(sentences)
}

// With patience for all epochs Fit takes the steps of Train, bit for bit.
func TestFitTrainsAsTrain(t *testing.T) {
	v := negationVocabulary()
	data := negationExamples(v, rand.New(rand.NewPCG(2, 0)), 100)
	how := FitConfig{Epochs: 3, BatchSize: 16, LR: 0.01, ClipNorm: 1}
	rng := rand.New(rand.NewPCG(3, 0))
	a := newClassifier(rng, "LSTM", Packed, v.Len(), 4, 5, 2)
	loss, accuracy := a.Train(rng, data.Seqs, data.Classes, how)
	rng = rand.New(rand.NewPCG(3, 0))
	b := newClassifier(rng, "LSTM", Packed, v.Len(), 4, 5, 2)
	how.Patience = 3
	epochs, _ := Fit(rng, b, data, data, how)
	for i, e := range epochs {
		if e.Loss != loss[i] || math.Abs(e.Accuracy-accuracy[i]) > 1e-12 {
			t.Errorf("epoch %d: loss %v, accuracy %v, Train has %v, %v", i, e.Loss, e.Accuracy, loss[i], accuracy[i])
		}
	}
	if len(epochs) != 3 || len(loss) != 3 {
		t.Errorf("%d and %d epochs, want 3", len(epochs), len(loss))
	}
}

// Fit stops when patience ends, not before, and leaves the parameters of the
// best epoch. The validation examples have wrong classes, so that what is learned
// makes them worse.
func TestFitStopsEarly(t *testing.T) {
	v := negationVocabulary()
	train := negationExamples(v, rand.New(rand.NewPCG(4, 0)), 200)
	valid := negationExamples(v, rand.New(rand.NewPCG(5, 0)), 50)
	for i := range valid.Classes {
		valid.Classes[i] = 1 - valid.Classes[i]
	}
	for _, patience := range []int{1, 3} {
		rng := rand.New(rand.NewPCG(6, 0))
		c := newClassifier(rng, "LSTM", Packed, v.Len(), 8, 8, 2)
		var told []Epoch
		how := FitConfig{Epochs: 40, BatchSize: 16, LR: 0.01, ClipNorm: 1, Patience: patience, Each: func(e Epoch) { told = append(told, e) }}
		epochs, best := Fit(rng, c, train, valid, how)
		if len(epochs) == 40 || len(epochs)-1-best != patience {
			t.Errorf("patience %d: %d epochs, the best is %d", patience, len(epochs), best)
		}
		for i, e := range epochs {
			if e.ValidLoss < epochs[best].ValidLoss || i < best && e.ValidLoss == epochs[best].ValidLoss {
				t.Errorf("patience %d: epoch %d has %v, the best is %d with %v", patience, i, e.ValidLoss, best, epochs[best].ValidLoss)
			}
		}
		if loss, right := Evaluate(c, valid); loss != epochs[best].ValidLoss || float64(CountTrue(right))/50 != epochs[best].ValidAccuracy {
			t.Errorf("patience %d: the model left has loss %v, the best epoch %v", patience, loss, epochs[best].ValidLoss)
		}
		if !slices.Equal(told, epochs) {
			t.Errorf("patience %d: Each was told %v, want %v", patience, told, epochs)
		}
	}
}

// Evaluate computes examples in groups and gives what one Forward gives.
func TestEvaluate(t *testing.T) {
	v := negationVocabulary()
	data := negationExamples(v, rand.New(rand.NewPCG(7, 0)), 2*evaluated+17)
	c := newClassifier(newRand(8), "LSTM", Packed, v.Len(), 4, 4, 2)
	logits := c.Forward(data.Seqs)
	want, _ := CrossEntropy(logits, data.Classes)
	loss, right := Evaluate(c, data)
	if math.Abs(loss-want) > 1e-12 {
		t.Errorf("loss %v, want %v", loss, want)
	}
	for i, class := range data.Classes {
		if want := (logits.At(i, 1) > logits.At(i, 0)) == (class == 1); right[i] != want {
			t.Errorf("sentence %d: %v, want %v", i, right[i], want)
		}
	}
}

func TestFitPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	some := Examples{Seqs: [][]int{{2}}, Classes: []int{1}}
	how := FitConfig{Epochs: 1, BatchSize: 1, LR: 0.1, ClipNorm: 1, Patience: 1}
	with := func(change func(*FitConfig)) FitConfig { h := how; change(&h); return h }
	bag := NewBagOfWords(3, 2)
	for want, f := range map[string]func(){
		"lesson: Fit: Patience is 0, want at least 1":                                     func() { Fit(rng, bag, some, some, with(func(h *FitConfig) { h.Patience = 0 })) },
		"lesson: Fit: Epochs is 0, want at least 1":                                       func() { Fit(rng, bag, some, some, with(func(h *FitConfig) { h.Epochs = 0 })) },
		"lesson: Fit: BatchSize is 0, want at least 1":                                    func() { Fit(rng, bag, some, some, with(func(h *FitConfig) { h.BatchSize = 0 })) },
		"lesson: Fit: ClipNorm is 0, want more than 0, +Inf for no clipping":              func() { Fit(rng, bag, some, some, with(func(h *FitConfig) { h.ClipNorm = 0 })) },
		"lesson: Fit: 0 classes for 0 training sentences, want one each and at least 1":   func() { Fit(rng, bag, Examples{}, some, how) },
		"lesson: Fit: 0 classes for 1 validation sentences, want one each and at least 1": func() { Fit(rng, bag, some, Examples{Seqs: some.Seqs}, how) },
		"lesson: Fit: Patience is 1 without validation examples, want 0":                  func() { Fit(rng, bag, some, Examples{}, how) },
		"lesson: Evaluate: 0 classes for 1 sentences, want one each and at least 1":       func() { Evaluate(bag, Examples{Seqs: some.Seqs}) },
		"lesson: Wilson: n is 0, want at least 1":                                         func() { Wilson(0, 0, 1) },
		"lesson: Wilson: right is 3, want 0 to 2":                                         func() { Wilson(3, 2, 1) },
		"lesson: Wilson: z is NaN, want 0 or more":                                        func() { Wilson(1, 2, math.NaN()) },
		"lesson: Attribution: class is 2 of 2, want 0 to 1 and at least two classes":      func() { Attribution(newClassifier(rng, "RNN", Packed, 3, 2, 2, 2), []int{2}, 2) },
		"lesson: NewCommonVocabulary: atLeast is 0, want 1 or more":                       func() { NewCommonVocabulary(nil, 0) },
	} {
		wantPanic(t, want, f)
	}
}

// The intervals of Newcombe (1998), Statistics in Medicine 17, table I, method 3.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		right, n int
		lo, hi   float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		{29, 29, 0.8830, 1},
	} {
		lo, hi := Wilson(c.right, c.n, 1.959964)
		if math.Abs(lo-c.lo) > 5e-5 || math.Abs(hi-c.hi) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.right, c.n, lo, hi, c.lo, c.hi)
		}
	}
}

// Both ends are z standard deviations from the observed share.
func TestWilsonEnds(t *testing.T) {
	for _, n := range []int{1, 7, 400} {
		for right := 0; right <= n; right += max(1, n/5) {
			const z = 1.7
			lo, hi := Wilson(right, n, z)
			for _, p := range []float64{lo, hi} {
				d := math.Abs(float64(right)/float64(n)-p) - z*math.Sqrt(p*(1-p)/float64(n))
				if math.Abs(d) > 1e-8 && p != 0 && p != 1 {
					t.Errorf("%d of %d: the end %v is off by %v", right, n, p, d)
				}
			}
		}
	}
}

// A scripted model has the validation losses that its test wants.
type scripted struct {
	weight *Parameter
	calls  int
	margin []float64 // of each epoch's validation
}

func (m *scripted) Forward(seqs [][]int) *Tensor {
	z := NewTensor(len(seqs), 2)
	if m.calls%2 == 1 { // training, validation, training, …
		z.Set(m.margin[m.calls/2], 0, 0)
	}
	m.calls++
	return z
}
func (m *scripted) Backward(*Tensor)         { m.weight.Grad.Set(1, 0) }
func (m *scripted) Parameters() []*Parameter { return []*Parameter{m.weight} }

// NaN is not the best loss if any loss is a number, as in Keras' EarlyStopping.
func TestFitWithNaN(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		margin []float64
		best   int
		epochs int
	}{
		{[]float64{nan, 1, 2, 3}, 3, 4},
		{[]float64{nan, 2, 1, nan, 0, 5}, 1, 5}, // three epochs without a smaller loss
		{[]float64{1, nan, 2, nan}, 2, 4},
		{[]float64{nan, nan, nan, nan, 9}, 0, 4},
	} {
		m := &scripted{weight: NewParameter("w", NewTensor(1)), margin: c.margin}
		one := Examples{Seqs: [][]int{{1}}, Classes: []int{0}}
		var weights []float64
		epochs, best := Fit(newRand(1), m, one, one, FitConfig{
			Epochs: len(c.margin), BatchSize: 1, LR: 0.1, ClipNorm: 1, Patience: 3,
			Each: func(Epoch) { weights = append(weights, m.weight.Value.At(0)) },
		})
		if best != c.best || m.weight.Value.At(0) != weights[c.best] {
			t.Errorf("margins %v: best %d with %v, want %d with %v", c.margin, best, m.weight.Value, c.best, weights[c.best])
		}
		if len(epochs) != c.epochs {
			t.Errorf("margins %v: %d epochs, want %d", c.margin, len(epochs), c.epochs)
		}
	}
}

// Fit applies dropout to what it trains on alone, and draws it from rng.
func TestFitDropsOut(t *testing.T) {
	data := Examples{someSentences, someClasses}
	how := FitConfig{Epochs: 1, BatchSize: 3, LR: 0.01, ClipNorm: 1, Patience: 1}
	train := func(p float64) (e Epoch, c *Classifier) {
		c = newClassifier(newRand(1), "LSTM", Packed, 9, 4, 30, 3, Layers(2), Dropout(p))
		c.Encoder.NoGrad(true) // which training cannot have
		epochs, _ := Fit(newRand(2), c, data, data, how)
		return epochs[0], c
	}
	plain, _ := train(0)
	dropped, c := train(0.5)
	again, _ := train(0.5)
	if dropped.Loss == plain.Loss {
		t.Error("dropout does not act in Fit")
	}
	if dropped != again {
		t.Errorf("the same rng gives %v and %v", dropped, again)
	}
	if loss, _ := Evaluate(c, data); loss != dropped.ValidLoss {
		t.Errorf("validation loss %v, want %v: dropout acts in it", dropped.ValidLoss, loss)
	}
	if lstm := c.Encoder.(*LSTM); lstm.rng != nil || !lstm.noGrad {
		t.Error("Fit leaves another NoGrad or dropout than it found")
	}
}

// BenchmarkEvaluate is what Fit does after each epoch: 400 reviews, an LSTM of 32
// units.
func BenchmarkEvaluate(b *testing.B) {
	v := negationVocabulary()
	data := negationExamples(v, newRand(2), 400)
	c := newClassifier(newRand(1), "LSTM", Packed, v.Len(), 16, 32, 2)
	Evaluate(c, data)
	b.ReportAllocs()
	for b.Loop() {
		Evaluate(c, data)
	}
}
