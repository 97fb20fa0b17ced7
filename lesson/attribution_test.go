package lesson

import (
	"math"
	"testing"
)

// A word's attribution is the derivative of the margin by a factor before its
// embedding. No word occurs twice in the sentence, so that a row of the table is
// a word of the sentence. Every reading, with padding and without.
func TestAttribution(t *testing.T) {
	sentence := []int{5, 2, 7, 3}
	for _, reading := range Readings {
		for _, length := range []int{0, 6} {
			for _, kind := range []string{"RNN", "LSTM"} {
				c := newClassifier(newRand(1), kind, reading, 9, 3, 4, 3)
				c.Length = length
				margin := func() float64 {
					z := c.Forward([][]int{sentence})
					return z.At(0, 1) - (z.At(0, 0)+z.At(0, 2))/2
				}
				c.Linear.Bias.Grad.data[0] = 7
				got := Attribution(c, sentence, 1)
				want := [4]float64{}
				const h = 1e-5
				for i, w := range sentence {
					row := c.Embedding.Weight.Value.Slice(w)
					was := row.Clone()
					scaled := func(by float64) float64 {
						for j := range row.data {
							row.data[j] = was.data[j] * by
						}
						return margin()
					}
					want[i] = (scaled(1+h) - scaled(1-h)) / (2 * h)
					copy(row.data, was.data)
				}
				if d := MaxAbsDiff(TensorOf(got, 4), TensorOf(want[:], 4)); d > 1e-8 {
					t.Errorf("%s, %v, length %d: %v, central differences say %v", kind, reading, length, got, want)
				}
				if c.Linear.Bias.Grad.data[0] != 7 || c.Embedding.Weight.Grad.data[6] != 0 {
					t.Errorf("%s, %v: the gradients of the parameters have changed", kind, reading)
				}
			}
		}
	}
}

// A word that occurs twice has a share of its own at each place: moved to
// another row of the table with the same vector, it has the same share.
func TestAttributionOfRepeatedWord(t *testing.T) {
	c := newClassifier(newRand(2), "LSTM", Packed, 9, 3, 4, 2)
	copy(c.Embedding.Weight.Value.Slice(8).data, c.Embedding.Weight.Value.Slice(2).data)
	twice, apart := Attribution(c, []int{2, 3, 2}, 1), Attribution(c, []int{2, 3, 8}, 1)
	if !sameFloats(twice, apart) || twice[0] == twice[2] {
		t.Errorf("%v with a word twice, %v with its twin", twice, apart)
	}
}

// The sum of all words is the margin less that of embeddings of zeros.
func TestIntegratedGradientsAreComplete(t *testing.T) {
	for _, reading := range Readings {
		c := newClassifier(newRand(3), "LSTM", reading, 9, 3, 8, 2)
		for i := range c.Linear.Weight.Value.data {
			c.Linear.Weight.Value.data[i] *= 30 // far from linear, and confident
		}
		margin := func(s []int) float64 {
			z := c.Forward([][]int{s})
			return z.At(0, 1) - z.At(0, 0)
		}
		sentence := []int{5, 2, 7, 3, 5}
		before := c.Embedding.Weight.Value.Clone()
		sum := 0.0
		steps := 200
		if reading == MaxPool {
			steps = 5000 // its gradient jumps where another word becomes the largest
		}
		c.Linear.Bias.Grad.data[0] = 7
		for _, a := range IntegratedGradients(c, sentence, 1, steps) {
			sum += a
		}
		// [PAD] has zeros.
		if want := margin(sentence) - margin([]int{PAD, PAD, PAD, PAD, PAD}); math.Abs(sum-want) > 1e-4*math.Abs(want) {
			t.Errorf("%v: the sum is %v, want %v", reading, sum, want)
		}
		if !sameFloats(before.data, c.Embedding.Weight.Value.data) {
			t.Errorf("%v: the embeddings have changed", reading)
		}
		if c.Linear.Bias.Grad.data[0] != 7 || c.Embedding.Weight.Grad.data[6] != 0 {
			t.Errorf("%v: the gradients of the parameters have changed", reading)
		}
	}
	c := newClassifier(newRand(4), "RNN", Packed, 9, 3, 8, 2)
	wantPanic(t, "lesson: IntegratedGradients: steps is 0, want at least 1", func() { IntegratedGradients(c, []int{2}, 1, 0) })
}
