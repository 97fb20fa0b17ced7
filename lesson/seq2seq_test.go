package lesson

import (
	"math"
	"slices"
	"testing"
)

func seq2seqOf(tokens, embeddingDim, hiddenSize int, attention string) Seq2SeqConfig {
	return Seq2SeqConfig{SourceTokens: tokens, TargetTokens: tokens, EmbeddingDim: embeddingDim, HiddenSize: hiddenSize, Attention: attention}
}

var attentions = []string{"", "dot", "additive", "mean", "last"}

func TestSeq2SeqParity(t *testing.T) {
	var file struct {
		Networks []struct {
			Attention        string
			Sources, Targets [][]int
			Logits, Weights  []float64
			Loss             float64
			Gradients        [][]float64
		}
	}
	readFixture(t, "seq2seq", &file)
	if len(file.Networks) != 3 {
		t.Fatalf("%d networks, want 3", len(file.Networks))
	}
	for _, c := range file.Networks {
		s := NewSeq2Seq(newRand(1), Seq2SeqConfig{SourceTokens: 6, TargetTokens: 4, EmbeddingDim: 3, HiddenSize: 4, Attention: c.Attention})
		params := s.Parameters()
		for i, p := range params {
			copy(p.Value.data, fill(uint32(300+i), 1.2, p.Value.shape...).data)
		}
		name := `attention "` + c.Attention + `": `
		logits := s.Forward(c.Sources, c.Targets)
		loss, d := CrossEntropy(logits, s.Labels(c.Targets))
		s.Backward(d)
		near(t, name+"logits", logits.data, c.Logits, 1e-12)
		near(t, name+"loss", []float64{loss}, []float64{c.Loss}, 1e-12)
		if len(c.Gradients) != len(params) {
			t.Fatalf("%s%d gradients, PyTorch has %d", name, len(params), len(c.Gradients))
		}
		for i, p := range params {
			near(t, name+p.Name, p.Grad.data, c.Gradients[i], 1e-10)
		}
		if c.Attention != "" {
			near(t, name+"weights", s.Alignment(c.Sources[0], c.Targets[0]).data, c.Weights, 1e-12)
		}
	}
}

func TestSeq2SeqGradient(t *testing.T) {
	sources, targets := [][]int{{2, 3, 4}, {4}}, [][]int{{3}, {4, 3, 2}}
	for _, attention := range attentions {
		s := NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, attention))
		loss := func() float64 { l, _ := CrossEntropy(s.Forward(sources, targets), s.Labels(targets)); return l }
		_, d := CrossEntropy(s.Forward(sources, targets), s.Labels(targets))
		s.Backward(d)
		for _, p := range s.Parameters() {
			checkDifferences(t, attention+" "+p.Name, loss, p.Value.data, p.Grad.data)
		}
	}
}

// One batch gives what its sequences give alone, however long the others are.
func TestSeq2SeqBatchIsEachAlone(t *testing.T) {
	sources, targets := [][]int{{2, 3, 4, 1}, {4}, {1, 0}}, [][]int{{3}, {4, 3, 2}, {}}
	for _, attention := range attentions {
		s := NewSeq2Seq(newRand(3), seq2seqOf(5, 2, 3, attention))
		together := s.Forward(sources, targets)
		var alone []float64
		for i := range sources {
			alone = append(alone, s.Forward(sources[i:i+1], targets[i:i+1]).data...)
		}
		near(t, "logits", together.data, alone, 1e-14)
	}
}

// What is written comes back as the decoder's own input: the true target of a
// teacher that agrees gives the same.
func TestTranslateIsForwardOnItsOwnWords(t *testing.T) {
	sources := [][]int{{2, 3, 4, 5}, {5, 4}, {3}}
	for seed := range uint64(20) {
		s := NewSeq2Seq(newRand(seed), seq2seqOf(6, 3, 4, attentions[seed%5]))
		for i, target := range s.Translate(sources, 7) {
			logits := s.Forward(sources[i:i+1], [][]int{target})
			want := target
			if len(target) < 7 {
				want = s.Labels([][]int{target})
			}
			for step, token := range want {
				z := logits.Slice(step).data
				if best := slices.Index(z, slices.Max(z)); best != token {
					t.Errorf("row %d, step %d: wrote %d, the largest logit is of %d", i, step, token, best)
				}
			}
		}
	}
}

// The decoder's step t must not see target t or any later one.
func TestSeq2SeqDoesNotLookAhead(t *testing.T) {
	for _, attention := range attentions {
		s := NewSeq2Seq(newRand(3), seq2seqOf(6, 3, 4, attention))
		source := [][]int{{2, 3}}
		a, b := s.Forward(source, [][]int{{2, 3, 4, 5}}), s.Forward(source, [][]int{{2, 3, 5, 2}})
		for step, want := range []bool{true, true, true, false, false} {
			if same := sameFloats(a.Slice(step).data, b.Slice(step).data); same != want {
				t.Errorf("step %d: same logits %v, want %v", step, same, want)
			}
		}
	}
}

// It learns to turn a short sequence into another, word for word, and to end.
func TestSeq2SeqLearns(t *testing.T) {
	for _, attention := range attentions {
		rng := newRand(4)
		s := NewSeq2Seq(rng, seq2seqOf(4, 8, 16, attention))
		adam := NewAdam(s.Parameters(), 0.02)
		sample := func(n int) (sources, targets [][]int) {
			for range n {
				a, b := rng.IntN(4), rng.IntN(4)
				source, target := []int{a, b}, []int{(a + 1) % 4, (b + 1) % 4}
				k := 1 + rng.IntN(2)
				sources, targets = append(sources, source[:k]), append(targets, target[:k])
			}
			return sources, targets
		}
		for range 250 {
			sources, targets := sample(16)
			s.TrainStep(adam, sources, targets, 1)
		}
		sources, targets := sample(50)
		for i, row := range s.Translate(sources, 5) {
			if !slices.Equal(row, targets[i]) {
				t.Errorf("attention %q: %v becomes %v, want %v", attention, sources[i], row, targets[i])
			}
		}
	}
}

// BOS is read and never written, EOS is written and never read.
func TestBOSAndEOSAreNoTokens(t *testing.T) {
	s := NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, "dot"))
	if s.EOS != 5 || s.BOS != 6 || s.Target.NumEmbeddings != 7 || s.Linear.OutFeatures != 6 {
		t.Errorf("EOS is %d and BOS %d with 5 tokens, %d rows and %d logits", s.EOS, s.BOS, s.Target.NumEmbeddings, s.Linear.OutFeatures)
	}
	targets := [][]int{{3, 4, 2}}
	_, d := CrossEntropy(s.Forward([][]int{{2, 3}}, targets), s.Labels(targets))
	s.Backward(d)
	for token, want := range []bool{false, false, true, true, true, false, true} {
		if learned := largest(s.Target.Weight.Grad.Slice(token).data) > 0; learned != want {
			t.Errorf("row %d of the target's embedding has a gradient: %v, want %v", token, learned, want)
		}
	}
}

// What writes keeps nothing, and leaves NoGrad as it was.
func TestWritingKeepsNothing(t *testing.T) {
	source, target := []int{2, 3}, []int{3, 4}
	for name, write := range map[string]func(*Seq2Seq){
		"Translate": func(s *Seq2Seq) { s.Translate([][]int{source}, 2) },
		"Beam":      func(s *Seq2Seq) { s.Beam(source, BeamSearch{2, 2, 1}) },
		"Alignment": func(s *Seq2Seq) { s.Alignment(source, target) },
	} {
		s := NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, "dot"))
		wantPanic(t, "lesson: Seq2Seq.Backward: no Forward before it, want one: Backward backpropagates through the last Forward", func() { s.Backward(NewTensor(3, 6)) })
		sources, targets := [][]int{source}, [][]int{target}
		_, d := CrossEntropy(s.Forward(sources, targets), s.Labels(targets))
		write(s)
		wantPanic(t, "lesson: Seq2Seq.Backward: Translate, Beam or Alignment came after the last Forward, want Forward again before Backward", func() { s.Backward(d) })
		s.Forward(sources, targets)
		s.Backward(d)
		s.Encoder.NoGrad(true)
		write(s)
		if !s.Encoder.noGrad || s.Decoder.noGrad {
			t.Errorf("%s changes NoGrad", name)
		}
	}
}

// allTargets returns every target that ends within so many steps, with its
// probability by Forward.
func allTargets(s *Seq2Seq, source []int, steps int) (all []Hypothesis) {
	var grow func(tokens []int)
	grow = func(tokens []int) {
		loss, _ := CrossEntropy(s.Forward([][]int{source}, [][]int{tokens}), s.Labels([][]int{tokens}))
		all = append(all, Hypothesis{Tokens: tokens, LogProb: -loss * float64(len(tokens)+1)})
		if len(tokens)+1 < steps {
			for k := range s.EOS {
				grow(append(slices.Clone(tokens), k))
			}
		}
	}
	grow(nil)
	return all
}

// A beam as wide as there are targets finds the best of all; a narrow one finds
// probabilities that Forward agrees with, and no better one than there is.
func TestBeam(t *testing.T) {
	source := []int{2, 0, 1}
	for seed := range uint64(12) {
		s := NewSeq2Seq(newRand(seed), seq2seqOf(3, 2, 3, attentions[seed%5]))
		for _, p := range s.Parameters() { // sharper than at the start, so that the hypotheses differ
			for i := range p.Value.data {
				p.Value.data[i] *= 3
			}
		}
		const steps = 4
		all := allTargets(s, source, steps)
		best := slices.MaxFunc(all, func(a, b Hypothesis) int { return compareFloats(a.LogProb, b.LogProb) })
		wide := slices.DeleteFunc(s.Beam(source, BeamSearch{400, steps, 0}), func(h Hypothesis) bool { return !h.Ended })
		if len(wide) != len(all) || !slices.Equal(wide[0].Tokens, best.Tokens) {
			t.Errorf("seed %d: %d hypotheses, the best %v, want %d and %v", seed, len(wide), wide[0].Tokens, len(all), best.Tokens)
		}
		byMean := slices.DeleteFunc(s.Beam(source, BeamSearch{400, steps, 1}), func(h Hypothesis) bool { return !h.Ended })
		bestMean := slices.MaxFunc(all, func(a, b Hypothesis) int {
			return compareFloats(a.LogProb/float64(len(a.Tokens)+1), b.LogProb/float64(len(b.Tokens)+1))
		})
		if !slices.Equal(byMean[0].Tokens, bestMean.Tokens) {
			t.Errorf("seed %d: by the mean %v, want %v", seed, byMean[0].Tokens, bestMean.Tokens)
		}
		for width := 1; width <= 4; width++ {
			found := s.Beam(source, BeamSearch{Width: width, Steps: steps})
			if len(found) == 0 || len(found) > width {
				t.Errorf("width %d: %d hypotheses", width, len(found))
			}
			for _, h := range found {
				if !h.Ended {
					continue
				}
				i := slices.IndexFunc(all, func(a Hypothesis) bool { return slices.Equal(a.Tokens, h.Tokens) })
				if math.Abs(all[i].LogProb-h.LogProb) > 1e-12 || h.LogProb > best.LogProb+1e-12 {
					t.Errorf("width %d: %v has %v, by Forward %v, the best %v", width, h.Tokens, h.LogProb, all[i].LogProb, best.LogProb)
				}
			}
		}
		greedy := s.Translate([][]int{source}, steps)[0]
		if got := s.Beam(source, BeamSearch{1, steps, 1})[0].Tokens; !slices.Equal(got, greedy) {
			t.Errorf("seed %d: width 1 writes %v, Translate %v", seed, got, greedy)
		}
	}
}

// A network whose logits make no probabilities writes nothing, rather than anything.
func TestSearchesRefuseNaN(t *testing.T) {
	for message, spoil := range map[string]func(bias []float64){
		"logit 2 is NaN, want a number":  func(b []float64) { b[2] = math.NaN() },
		"logit 1 is +Inf, want a number": func(b []float64) { b[1] = math.Inf(1) },
		"all logits are -Inf, want one that is not": func(b []float64) {
			for i := range b {
				b[i] = math.Inf(-1)
			}
		},
	} {
		s := NewSeq2Seq(newRand(1), seq2seqOf(3, 2, 3, ""))
		spoil(s.Linear.Bias.Value.data)
		wantPanic(t, "lesson: Seq2Seq.Translate: "+message, func() { s.Translate([][]int{{1}}, 3) })
		wantPanic(t, "lesson: Seq2Seq.Beam: "+message, func() { s.Beam([]int{1}, BeamSearch{Width: 2, Steps: 3}) })
	}
}

// A training step takes its memory from the one before.
func TestSeq2SeqTrainStepAllocates(t *testing.T) {
	sources, targets := [][]int{{2, 3, 4, 1}, {4}}, [][]int{{3}, {4, 3, 2}}
	for _, attention := range attentions {
		s := NewSeq2Seq(newRand(1), seq2seqOf(5, 8, 16, attention))
		adam := NewAdam(s.Parameters(), 0.01)
		step := func() { s.TrainStep(adam, sources, targets, 1) }
		step()
		if n := allocations(20, step); n > 0 {
			t.Errorf("attention %q: %v allocations a step, want none", attention, n)
		}
	}
}

func compareFloats(a, b float64) int {
	if a < b {
		return -1
	}
	return 1
}

func TestMessagesOfSeq2Seq(t *testing.T) {
	s := NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, ""))
	d := NewDecoderAttention(newRand(1), 3, "dot")
	x := func(shape ...int) *Tensor { return NewTensor(shape...) }
	adam := NewAdam(s.Parameters(), 0.1)
	looking, turned := NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, "dot")), NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, ""))
	turned.BOS = 0
	for want, call := range map[string]func(){
		`lesson: NewSeq2Seq: Attention is "Dot", want "dot", "additive", "mean", "last" or ""`:                                      func() { NewSeq2Seq(newRand(1), seq2seqOf(5, 2, 3, "Dot")) },
		"lesson: NewSeq2Seq: TargetTokens is 0, want at least 1":                                                                    func() { NewSeq2Seq(newRand(1), Seq2SeqConfig{SourceTokens: 1}) },
		"lesson: Seq2Seq.Forward: 1 sources and 2 targets, want one each":                                                           func() { s.Forward([][]int{{1}}, [][]int{{1}, {2}}) },
		"lesson: Seq2Seq.Forward: no sequences, want at least 1":                                                                    func() { s.Forward(nil, nil) },
		"lesson: Seq2Seq.Forward: sequence 0 is empty, want at least 1 index":                                                       func() { s.Forward([][]int{{}}, [][]int{{1}}) },
		"lesson: Seq2Seq.Forward: index 9 in row 0, place 1, want 0 to 4: NumEmbeddings is 5":                                       func() { s.Forward([][]int{{1, 9}}, [][]int{{1}}) },
		"lesson: Seq2Seq.TrainStep: target 0 has token 5 in place 2, which is EOS, want the target without it: EOS is appended":     func() { s.TrainStep(adam, [][]int{{1}}, [][]int{{1, 2, 5}}, 1) },
		"lesson: Seq2Seq.Forward: target 1 has token 6 in place 0, which is BOS, want the target without it: BOS is put before it":  func() { s.Forward([][]int{{1}, {1}}, [][]int{{1}, {6, 1}}) },
		"lesson: Seq2Seq.Forward: target 0 has token 7 in place 0, want 0 to 4":                                                     func() { s.Forward([][]int{{1}}, [][]int{{7}}) },
		"lesson: Seq2Seq.Alignment: target 0 has token -1 in place 1, want 0 to 4":                                                  func() { looking.Alignment([]int{1}, []int{1, -1}) },
		"lesson: Seq2Seq.TrainStep: o is nil, want an optimiser":                                                                    func() { s.TrainStep(nil, [][]int{{1}}, [][]int{{1}}, 1) },
		"lesson: Seq2Seq.TrainStep: clipNorm is 0, want more than 0, +Inf for no clipping":                                          func() { s.TrainStep(adam, [][]int{{1}}, [][]int{{1}}, 0) },
		"lesson: Seq2Seq.TrainStep: clipNorm is NaN, want more than 0, +Inf for no clipping":                                        func() { s.TrainStep(adam, [][]int{{1}}, [][]int{{1}}, math.NaN()) },
		"lesson: Seq2Seq.Translate: steps is 0, want at least 1":                                                                    func() { s.Translate([][]int{{1}}, 0) },
		"lesson: Seq2Seq.Beam: Width is 0, want at least 1":                                                                         func() { s.Beam([]int{1}, BeamSearch{Steps: 1}) },
		"lesson: Seq2Seq.Beam: Steps is 0, want at least 1":                                                                         func() { s.Beam([]int{1}, BeamSearch{Width: 1}) },
		"lesson: Seq2Seq.Beam: Alpha is NaN, want a number of 0 or more":                                                            func() { s.Beam([]int{1}, BeamSearch{1, 1, math.NaN()}) },
		"lesson: Seq2Seq.Beam: Alpha is +Inf, want a number of 0 or more":                                                           func() { s.Beam([]int{1}, BeamSearch{1, 1, math.Inf(1)}) },
		"lesson: Seq2Seq.Alignment: a Seq2Seq without Attention, want one with it":                                                  func() { s.Alignment([]int{1}, []int{1}) },
		"lesson: Seq2Seq.Labels: the receiver is nil, want a *lesson.Seq2Seq":                                                       func() { (*Seq2Seq)(nil).Labels(nil) },
		"lesson: Seq2Seq.Forward: EOS is 5 and BOS 0, with 6 logits and 7 vectors in Target, want TargetTokens and the next":        func() { turned.Forward([][]int{{1}}, [][]int{{1}}) },
		`lesson: NewDecoderAttention: score is "", want "dot", "additive", "mean" or "last"`:                                        func() { NewDecoderAttention(newRand(1), 3, "") },
		"lesson: DecoderAttention.Forward: queries are 1×2×3 and memory is 2×2×3, want (batch, targets, 3) and (batch, sources, 3)": func() { d.Forward(x(1, 2, 3), x(2, 2, 3), []int{1}) },
		"lesson: DecoderAttention.Backward: no Forward before it, want one: Backward backpropagates through the last Forward":       func() { NewDecoderAttention(newRand(1), 3, "dot").Backward(x(1, 2, 3)) },
		"lesson: DecoderAttention.Backward: dContext is 1×1×3, want 1×2×3, as the context":                                          func() { d.Forward(x(1, 2, 3), x(1, 4, 3), []int{4}); d.Backward(x(1, 1, 3)) },
		"lesson: BLEU: 0 candidates and 0 references, want one each and at least 1":                                                 func() { BLEU(nil, nil) },
		"lesson: BLEU: no words in the references, want at least 1":                                                                 func() { BLEU([][]string{{"a"}}, [][]string{{}}) },
	} {
		wantPanic(t, want, call)
	}
}
