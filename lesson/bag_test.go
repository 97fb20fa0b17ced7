package lesson

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBagOfWords(t *testing.T) {
	b := NewBagOfWords(5, 2)
	if z := b.Forward([][]int{{2, 3}}); z.At(0, 0) != 0 || z.At(0, 1) != 0 {
		t.Errorf("a new bag answers %v, want zeros", z)
	}
	copy(b.Votes.Weight.Value.data, []float64{0, 0, 1, -1, 2, 0, 0, 4, 8, 0})
	copy(b.Bias.Value.data, []float64{0.5, 0.25})
	z := b.Forward([][]int{{2, 3, 2}, {4}, {3, 2, 2}})
	want := TensorOf([]float64{4.5, 4.25, 8.5, 0.25, 4.5, 4.25}, 3, 2)
	if d := MaxAbsDiff(z, want); d != 0 {
		t.Errorf("logits %v, want %v", z, want)
	}
}

func TestBagOfWordsGradient(t *testing.T) {
	b := NewBagOfWords(5, 3)
	rng := rand.New(rand.NewPCG(1, 0))
	for _, p := range b.Parameters() {
		copy(p.Value.data, Randn(rng, p.Value.shape...).data)
	}
	clear(b.Votes.Weight.Value.Slice(PAD).data)
	seqs, classes := [][]int{{2, 3, 2}, {4}}, []int{0, 2}
	loss := func() float64 { l, _ := CrossEntropy(b.Forward(seqs), classes); return l }
	_, d := CrossEntropy(b.Forward(seqs), classes)
	b.Backward(d)
	for _, p := range b.Parameters() {
		from := 0
		if p.Name == "votes.weight" {
			from = 3 // [PAD] has no gradient
		}
		checkDifferences(t, p.Name, loss, p.Value.data[from:], p.Grad.data[from:])
	}
}

// A batch after a longer one reads nothing of it, a caller may change its sentences
// before Backward, and after a Forward that panics there is nothing to backpropagate.
// [PAD] has no gradient where it is a word.
func TestBagOfWordsKeepsTheLastBatch(t *testing.T) {
	b := NewBagOfWords(4, 1)
	copy(b.Votes.Weight.Value.data, []float64{0, 1, 2, 3})
	b.Forward([][]int{{3, 3, 3}, {1}, {2, 2}})
	seqs := [][]int{{1}, {PAD, 2}}
	if z := b.Forward(seqs); !sameFloats(z.data, []float64{1, 2}) {
		t.Errorf("logits %v, want 1 and 2", z)
	}
	seqs[0][0], seqs[1][1] = 3, 3
	b.Backward(TensorOf([]float64{10, 100}, 2, 1))
	if got := b.Votes.Weight.Grad.data; !sameFloats(got, []float64{0, 10, 100, 0}) || b.Bias.Grad.data[0] != 110 {
		t.Errorf("gradients %v and %v, want 0 10 100 0 and 110", got, b.Bias.Grad.data)
	}
	wantPanic(t, "lesson: BagOfWords.Forward: index 4 in row 1, place 0, want 0 to 3: NumEmbeddings is 4", func() { b.Forward([][]int{{1}, {4}}) })
	wantPanic(t, "lesson: BagOfWords.Backward: no Forward before it, want one", func() { b.Backward(NewTensor(2, 1)) })
}

// On reviews whose verdict "not" reverses, no bag of words is better than chance;
// without negation it learns the words.
func TestBagOfWordsCannotNegate(t *testing.T) {
	v := negationVocabulary()
	train := negationExamples(v, rand.New(rand.NewPCG(2, 0)), 2000)
	test := negationExamples(v, rand.New(rand.NewPCG(3, 0)), 2000)
	plain := func(e Examples) (p Examples) {
		for i, s := range e.Seqs {
			negated := false
			for _, w := range s {
				negated = negated || w == v.Index("not")
			}
			if !negated {
				p.Seqs, p.Classes = append(p.Seqs, s), append(p.Classes, e.Classes[i])
			}
		}
		return p
	}
	how := FitConfig{Epochs: 20, BatchSize: 32, LR: 0.05, ClipNorm: 1, Patience: 20}
	for _, c := range []struct {
		name        string
		train, test Examples
		lo, hi      float64
	}{
		{"half of them negated", train, test, 0.4, 0.6},
		{"none negated", plain(train), plain(test), 1, 1},
	} {
		b := NewBagOfWords(v.Len(), 2)
		Fit(rand.New(rand.NewPCG(4, 0)), b, c.train, c.train, how)
		_, right := Evaluate(b, c.test)
		if a := float64(CountTrue(right)) / float64(len(right)); a < c.lo || a > c.hi || math.IsNaN(a) {
			t.Errorf("%s: accuracy %v, want %v to %v", c.name, a, c.lo, c.hi)
		}
	}
}

func TestWordPairs(t *testing.T) {
	e := Examples{Seqs: [][]int{{2, 3, 2, 3}, {3, 2, 4}, {4}}, Classes: []int{0, 1, 1}}
	p := NewWordPairs(e.Seqs, 5, 2) // 2 3 twice, 3 2 twice, 2 4 once; 3 2 is the second to occur twice
	if p.Len() != 7 {
		t.Errorf("%d words and pairs, want 7", p.Len())
	}
	got := p.Examples(e)
	want := [][]int{{2, 3, 2, 3, 5, 6, 5}, {3, 2, 4, 6}, {4}}
	for i := range want {
		if !slices.Equal(got.Seqs[i], want[i]) || got.Classes[i] != e.Classes[i] {
			t.Errorf("sentence %d is %v with class %d, want %v", i, got.Seqs[i], got.Classes[i], want[i])
		}
	}
	if len(e.Seqs[0]) != 4 {
		t.Error("the sentences themselves have changed")
	}
	wantPanic(t, "lesson: NewWordPairs: atLeast is 0, want 1 or more", func() { NewWordPairs(nil, 2, 0) })
}
