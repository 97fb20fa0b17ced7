package lesson

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
)

func TestSeq2SeqGradient(t *testing.T) {
	s := NewSeq2Seq(rand.New(rand.NewPCG(1, 0)), 5, 2, 3)
	source, target := Indices{{2, 3, 4}, {4, 4, 2}}, Indices{{3, 2}, {4, 3}}
	loss := func() float64 { l, _ := CrossEntropy(s.Forward(source, target), slices.Concat(target...)); return l }
	_, d := CrossEntropy(s.Forward(source, target), slices.Concat(target...))
	s.Backward(d)
	params := s.Parameters()
	if len(params) != 12 || params[11].Name != "linear.bias" {
		t.Errorf("%d parameters, the last is %s", len(params), params[len(params)-1].Name)
	}
	for _, p := range params {
		checkDifferences(t, p.Name, loss, p.Value.data, p.Grad.data)
	}
}

// What is written comes back as the decoder's own input: the true target of a
// teacher that agrees gives the same.
func TestTranslateIsForwardOnItsOwnWords(t *testing.T) {
	s := NewSeq2Seq(rand.New(rand.NewPCG(2, 0)), 6, 3, 4)
	source := Indices{{2, 3, 4, 5}, {5, 4, 2, 2}, {3, 3, 3, 3}}
	target := s.Translate(source, 7)
	logits := s.Forward(source, target)
	at := 0
	for i, row := range target {
		if len(row) != 7 {
			t.Fatalf("row %d is %v, want 7 tokens", i, row)
		}
		for step, token := range row {
			z := logits.Slice(at).data
			if best := slices.Index(z, slices.Max(z)); best != token {
				t.Errorf("row %d, step %d: wrote %d, the largest logit is of %d", i, step, token, best)
			}
			at++
		}
	}
}

// The decoder's step t must not see target t or any later one.
func TestSeq2SeqDoesNotLookAhead(t *testing.T) {
	s := NewSeq2Seq(rand.New(rand.NewPCG(3, 0)), 6, 3, 4)
	source := Indices{{2, 3}}
	a, b := s.Forward(source, Indices{{2, 3, 4, 5}}), s.Forward(source, Indices{{2, 3, 5, 2}})
	for step, want := range []bool{true, true, true, false} {
		if same := sameFloats(a.Slice(step).data, b.Slice(step).data); same != want {
			t.Errorf("step %d: same logits %v, want %v", step, same, want)
		}
	}
}

// It learns to turn a short sequence into another, word for word.
func TestSeq2SeqLearns(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	s := NewSeq2Seq(rng, 6, 8, 16)
	adam := NewAdam(s.Parameters(), 0.02)
	sample := func(n int) (source, target Indices) {
		for range n {
			a, b := rng.IntN(4), rng.IntN(4)
			source, target = append(source, []int{2 + a, 2 + b}), append(target, []int{2 + (a+1)%4, 2 + (b+1)%4})
		}
		return source, target
	}
	for range 200 {
		source, target := sample(16)
		_, d := CrossEntropy(s.Forward(source, target), slices.Concat(target...))
		ZeroGrad(s.Parameters())
		s.Backward(d)
		adam.Step()
	}
	source, target := sample(50)
	for i, row := range s.Translate(source, 2) {
		if !slices.Equal(row, target[i]) {
			t.Errorf("%v becomes %v, want %v", source[i], row, target[i])
		}
	}
}

func TestLags(t *testing.T) {
	if got, want := Lags(4, false), []float64{4, 4, 4, 4}; !slices.Equal(got, want) {
		t.Errorf("forwards %v, want %v", got, want)
	}
	if got, want := Lags(4, true), []float64{1, 3, 5, 7}; !slices.Equal(got, want) {
		t.Errorf("backwards %v, want %v", got, want)
	}
	for n := 1; n < 30; n++ {
		if a, b := stat.Mean(Lags(n, false), nil), stat.Mean(Lags(n, true), nil); a != b {
			t.Errorf("n = %d: means %v and %v", n, a, b)
		}
	}
}

// The decoder starts from an index that no token has, UNK neither.
func TestBOSIsNoToken(t *testing.T) {
	s := NewSeq2Seq(newRand(1), 5, 2, 3)
	if s.BOS < 5 || s.Target.NumEmbeddings != 6 || s.Linear.OutFeatures != 5 {
		t.Errorf("BOS is %d with 5 tokens, %d rows and %d logits", s.BOS, s.Target.NumEmbeddings, s.Linear.OutFeatures)
	}
	target := Indices{{3, 4, 2}}
	_, d := CrossEntropy(s.Forward(Indices{{2, 3}}, target), target[0])
	s.Backward(d)
	for token, want := range []bool{false, false, false, true, true, true} { // the last target is never read
		if learned := largest(s.Target.Weight.Grad.Slice(token).data) > 0; learned != want {
			t.Errorf("row %d of the target's embedding has a gradient: %v, want %v", token, learned, want)
		}
	}
}

// Translate keeps nothing, and leaves NoGrad as it was.
func TestTranslateKeepsNothing(t *testing.T) {
	s := NewSeq2Seq(newRand(1), 5, 2, 3)
	source, target := Indices{{2, 3}}, Indices{{3, 4}}
	wantPanic(t, "lesson: Seq2Seq.Backward: no Forward before it, want one: Backward backpropagates through the last Forward", func() { s.Backward(NewTensor(2, 5)) })
	_, d := CrossEntropy(s.Forward(source, target), target[0])
	s.Translate(source, 2)
	wantPanic(t, "lesson: Seq2Seq.Backward: the last Forward kept nothing for it, want NoGrad(false) before that Forward", func() { s.Backward(d) })
	s.Forward(source, target)
	s.Backward(d)
	s.Encoder.NoGrad(true)
	s.Translate(source, 2)
	if !s.Encoder.noGrad || s.Decoder.noGrad {
		t.Error("Translate changes NoGrad")
	}
}
