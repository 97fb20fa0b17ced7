package lesson

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// newClassifier is NewClassifier with the sizes as arguments.
func newClassifier(rng *rand.Rand, encoder string, reading Reading, words, embeddingDim, hiddenSize, classes int, opts ...Option) *Classifier {
	return NewClassifier(rng, ClassifierConfig{
		Words: words, EmbeddingDim: embeddingDim, Encoder: encoder, HiddenSize: hiddenSize,
		Options: opts, Reading: reading, Classes: classes,
	})
}

// TestClassifierTrainsWithoutAllocating: every reading, batches of many sizes.
func TestClassifierTrainsWithoutAllocating(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	task := CueTask{Classes: 2, Distractors: 6, MinLength: 3, MaxLength: 12}
	for _, reading := range Readings {
		for _, kind := range []string{"RNN", "LSTM", "GRU", "MinGRU"} {
			c := newClassifier(newRand(1), kind, reading, task.Words(), 4, 6, task.Classes)
			seqs, classes := task.Sample(newRand(2), 50)
			adam := NewAdam(c.Parameters(), 0.01)
			epoch := func() {
				for _, n := range []int{32, 18} {
					c.TrainStep(adam, seqs[:n], classes[:n], 1)
				}
			}
			if n := steadyAllocations(0, epoch); n != 0 {
				t.Errorf("%s, %v: %v allocations in two steps", kind, reading, n)
			}
		}
	}
}

// TestClassifierKeepsNothingOfTheCallers: what Forward and Represent return
// does not change when the classifier is used again.
func TestClassifierKeepsNothingOfTheCallers(t *testing.T) {
	task := CueTask{Classes: 2, Distractors: 6, MinLength: 3, MaxLength: 12}
	seqs, classes := task.Sample(newRand(2), 9)
	for _, reading := range Readings {
		c := newClassifier(newRand(1), "LSTM", reading, task.Words(), 4, 6, task.Classes)
		results := []*Tensor{c.Forward(seqs), c.Represent(seqs)}
		kept := []*Tensor{results[0].Clone(), results[1].Clone()}
		c.TrainStep(NewAdam(c.Parameters(), 0.1), seqs, classes, 1)
		c.Forward(seqs)
		c.Represent(seqs)
		if !sameBits(results, kept) {
			t.Errorf("%v: a later call changed what an earlier one returned", reading)
		}
	}
}

// TestPositionsCentralDifferences: the vectors of places are added to those of the
// words, and their gradient is that of a loss over a padded batch.
func TestPositionsCentralDifferences(t *testing.T) {
	seqs, classes := [][]int{{1, 2, 3, 1}, {2, 1}}, []int{0, 1}
	for _, config := range []ClassifierConfig{
		{Encoder: "Attention", Reading: MeanPool},
		{Encoder: "RNN", HiddenSize: 3, Reading: Packed},
		{Reading: MaxPool},
	} {
		config.Words, config.EmbeddingDim, config.Classes, config.Positions = 4, 3, 2, 5
		c := NewClassifier(newRand(1), config)
		loss := func() float64 {
			l, _ := CrossEntropy(c.Forward(seqs), classes)
			return l
		}
		_, d := CrossEntropy(c.Forward(seqs), classes)
		c.Backward(d)
		p := c.Positions.Weight
		for i, v := range p.Value.Data() {
			const h = 1e-5
			p.Value.Data()[i] = v + h
			up := loss()
			p.Value.Data()[i] = v - h
			want := (up - loss()) / (2 * h)
			p.Value.Data()[i] = v
			if got := p.Grad.Data()[i]; math.Abs(got-want) > 1e-8 {
				t.Errorf("%q: gradient %d of the places is %g, want %g", config.Encoder, i, got, want)
			}
			if place := i / 3; place == 4 && want != 0 {
				t.Errorf("%q: place 4, which no sentence has, moves the loss", config.Encoder)
			}
		}
		before := p.Value.Clone()
		c.TrainStep(NewAdam(c.Parameters(), 0.1), seqs, classes, math.Inf(1))
		if MaxAbsDiff(p.Value, before) == 0 {
			t.Errorf("%q: a step does not train the places", config.Encoder)
		}
		if names := c.Parameters(); names[1].Name != "positions.weight" {
			t.Errorf("%q: parameter 1 is %s, want positions.weight", config.Encoder, names[1].Name)
		}
	}
}

// TestMeasuringKeepsNothing: Accuracy, Represent and Evaluate give the bits of
// Forward, leave nothing for Backward, and NoGrad and dropout as they were.
func TestMeasuringKeepsNothing(t *testing.T) {
	const message = "lesson: Classifier.Backward: no Forward before it, want one: Represent, Accuracy and Evaluate keep nothing for Backward"
	data := Examples{someSentences, someClasses}
	eachClassifier(t, func(t *testing.T, c *Classifier) {
		logits := c.Forward(someSentences)
		_, d := CrossEntropy(logits, someClasses)
		state := c.work.state.Clone()
		c.Backward(d)
		for _, measure := range []func(){
			func() {
				if got, want := c.Accuracy(someSentences, someClasses), Accuracy(logits, someClasses); got != want {
					t.Errorf("accuracy %v, want %v", got, want)
				}
			},
			func() {
				if !sameBits([]*Tensor{c.Represent(someSentences)}, []*Tensor{state}) {
					t.Error("Represent differs from what Forward reads")
				}
			},
			func() {
				want, _ := CrossEntropy(logits, someClasses)
				if got, _ := Evaluate(c, data); math.Abs(got-want) > 1e-15 {
					t.Errorf("loss %v, want %v", got, want)
				}
			},
		} {
			measure()
			wantPanic(t, message, func() { c.Backward(d) })
			if !sameBits([]*Tensor{c.Forward(someSentences)}, []*Tensor{logits}) {
				t.Error("Forward differs afterwards")
			}
			c.Backward(d)
		}
	})
	c := newClassifier(newRand(1), "LSTM", Packed, 9, 4, 3, 3, Layers(2), Dropout(0.5))
	rng := newRand(5)
	lstm := c.Encoder.(*LSTM)
	for _, noGrad := range []bool{false, true} {
		lstm.Train(rng)
		lstm.NoGrad(noGrad)
		once, again := c.Represent(someSentences), c.Represent(someSentences)
		func() {
			defer func() { recover() }()
			c.Accuracy([][]int{{}}, nil)
		}()
		if !sameBits([]*Tensor{once}, []*Tensor{again}) {
			t.Error("dropout acts while measuring")
		}
		if lstm.noGrad != noGrad || lstm.rng != rng || c.work.noGrad {
			t.Errorf("NoGrad(%v) and Train are not as they were", noGrad)
		}
	}
}

func TestClassifierPanics(t *testing.T) {
	with := func(change func(*ClassifierConfig)) func() {
		return func() {
			c := ClassifierConfig{Words: 9, EmbeddingDim: 4, Encoder: "RNN", HiddenSize: 3, Reading: Packed, Classes: 2}
			change(&c)
			NewClassifier(newRand(1), c)
		}
	}
	replaced := newClassifier(newRand(1), "RNN", Gather, 9, 4, 3, 2)
	replaced.Encoder = NewRNN(newRand(1), 4, 3) // which would read the words of one sentence as those of another
	attention := newClassifier(newRand(1), "Attention", Gather, 9, 4, 0, 2)
	attention.Encoder = NewAttention(newRand(1), 4)
	seq2seq := NewSeq2Seq(newRand(1), seq2seqOf(9, 4, 3, ""))
	seq2seq.Decoder = NewLSTM(newRand(1), 4, 3)
	unread := newClassifier(newRand(1), "GRU", Gather, 9, 4, 3, 2)
	unread.Reading = 9
	placed := newClassifier(newRand(1), "RNN", Gather, 9, 4, 3, 2)
	placed.Positions = NewEmbedding(newRand(1), 2, 4)
	narrow := newClassifier(newRand(1), "RNN", Gather, 9, 4, 3, 2)
	narrow.Positions = NewEmbedding(newRand(1), 9, 3)
	for want, f := range map[string]func(){
		"lesson: NewClassifier: rng is nil, want a source of randomness":                                                          func() { NewClassifier(nil, ClassifierConfig{}) },
		`lesson: NewClassifier: Encoder is "lstm", want "RNN", "LSTM", "GRU", "MinGRU", "Attention" or ""`:                        with(func(c *ClassifierConfig) { c.Encoder = "lstm" }),
		`lesson: NewClassifier: Encoder "Attention" with HiddenSize 3 and 0 options, want 0 and none`:                             with(func(c *ClassifierConfig) { c.Encoder = "Attention" }),
		`lesson: NewClassifier: Encoder "" with HiddenSize 3 and 0 options, want 0 and none`:                                      with(func(c *ClassifierConfig) { c.Encoder = "" }),
		"lesson: NewClassifier: Reading is packed and there is no last state, want gather, mean pool or max pool":                 with(func(c *ClassifierConfig) { c.Encoder, c.HiddenSize = "Attention", 0 }),
		"lesson: NewClassifier: HiddenSize is 0, want at least 1":                                                                 with(func(c *ClassifierConfig) { c.HiddenSize = 0 }),
		"lesson: NewClassifier: Reading is Reading(-1), want one of [post-pad flip pre-pad gather packed mean pool max pool]":     with(func(c *ClassifierConfig) { c.Reading = -1 }),
		"lesson: Classifier.Forward: Reading is Reading(9), want one of [post-pad flip pre-pad gather packed mean pool max pool]": func() { unread.Forward(someSentences) },
		"lesson: Classifier.Forward: Positions is of 2 places, want 3 or more, as the sentences have words":                       func() { placed.Forward([][]int{{1, 2, 3}, {4}}) },
		"lesson: Classifier.Forward: Positions has vectors of 3, want 4, as the words":                                            func() { narrow.Forward(someSentences) },
		"lesson: NewClassifier: Positions is -1, want at least 0":                                                                 with(func(c *ClassifierConfig) { c.Positions = -1 }),
		"lesson: Classifier.Forward: an RNN without BatchFirst, want one with it":                                                 func() { replaced.Forward(someSentences) },
		"lesson: Classifier.Train: an RNN without BatchFirst, want one with it": func() {
			replaced.Train(newRand(1), someSentences, someClasses, FitConfig{Epochs: 1, BatchSize: 3, LR: 0.1, ClipNorm: 1})
		},
		"lesson: Seq2Seq.Forward: an LSTM without BatchFirst, want one with it":                                                   func() { seq2seq.Forward(someSentences, someSentences) },
		"lesson: Classifier.TrainStep: an Attention without BatchFirst, want one with it":                                         func() { attention.TrainStep(NewSGD(attention.Parameters(), 0, 0), someSentences, someClasses, 1) },
		"lesson: Classifier.Represent: the Embedding is nil, want a *lesson.Embedding":                                            func() { new(Classifier).Represent(someSentences) },
		"lesson: Classifier.Forward: the Linear is nil, want a *lesson.Linear":                                                    func() { (&Classifier{Embedding: replaced.Embedding, Reading: MaxPool}).Forward(someSentences) },
		"lesson: Classifier.Backward: no Forward before it, want one: Represent, Accuracy and Evaluate keep nothing for Backward": func() { newClassifier(newRand(1), "GRU", Gather, 9, 4, 3, 2).Backward(nil) },
		"lesson: RNN.Forward: x is nil, want a tensor (steps, batch, features)":                                                   func() { NewRNN(newRand(1), 2, 2).Forward(nil, nil) },
		"lesson: Attention.Backward: dOutput is nil, want 5×4, as the output":                                                     func() { a := NewAttention(newRand(1), 4); a.Forward(NewTensor(5, 4)); a.Backward(nil) },
		"lesson: Attention.Backward: the last Forward kept nothing for it, want NoGrad(false) before that Forward": func() {
			a := NewAttention(newRand(1), 4)
			a.NoGrad(true)
			a.Backward(mustOutput(a.Forward(NewTensor(5, 4))))
		},
	} {
		wantPanic(t, want, f)
	}
}

func mustOutput(output, _ *Tensor) *Tensor { return output }

// A classifier uses the encoder that its field holds, even one of another kind than it
// was made with.
func TestEncoderMayBeReplaced(t *testing.T) {
	a, b := newClassifier(newRand(1), "LSTM", Packed, 9, 4, 3, 2), newClassifier(newRand(1), "RNN", Packed, 9, 4, 3, 2)
	b.Encoder = a.Encoder
	copy(b.Linear.Weight.Value.data, a.Linear.Weight.Value.data)
	copy(b.Linear.Bias.Value.data, a.Linear.Bias.Value.data)
	if !sameBits([]*Tensor{a.Forward(someSentences)}, []*Tensor{b.Forward(someSentences)}) {
		t.Error("the same layers give other logits")
	}
	if name := b.Parameters()[1].Name; name != "lstm.weight_ih_l0" {
		t.Errorf("the first parameter of the encoder is %s", name)
	}
}

// Represent needs no Linear.
func TestRepresentWithoutLinear(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := NewClassifier(rng, ClassifierConfig{Words: 9, EmbeddingDim: 3, Encoder: "RNN", HiddenSize: 4, Reading: Packed, Classes: 2})
	want := c.Represent([][]int{{2, 3}, {4}})
	c.Linear = nil
	if d := MaxAbsDiff(c.Represent([][]int{{2, 3}, {4}}), want); d != 0 {
		t.Errorf("without a Linear the states differ by %g", d)
	}
	wantPanic(t, "lesson: Classifier.Forward: the Linear is nil, want a *lesson.Linear", func() { c.Forward([][]int{{2}}) })
}
