package lesson

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// newClassifier is NewClassifier with sizes that the tests give in a row.
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
		for _, kind := range []string{"RNN", "LSTM", "GRU"} {
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
// stays as it is, whatever the classifier does next.
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
