package lesson

import (
	"runtime"
	"testing"
)

// TestClassifierTrainsWithoutAllocating: every arm, batches of many sizes.
func TestClassifierTrainsWithoutAllocating(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	task := CueTask{Classes: 2, Distractors: 6, MinLength: 3, MaxLength: 12}
	for _, arm := range Arms {
		for name, c := range map[string]*Classifier{
			"RNN":  NewRNNClassifier(newRand(1), arm, task.Words(), 4, 6, task.Classes),
			"LSTM": NewLSTMClassifier(newRand(1), arm, task.Words(), 4, 6, task.Classes),
			"GRU":  NewGRUClassifier(newRand(1), arm, task.Words(), 4, 6, task.Classes),
		} {
			seqs, classes := task.Sample(newRand(2), 50)
			adam := NewAdam(c.Parameters(), 0.01)
			epoch := func() {
				for _, n := range []int{32, 18} {
					c.TrainStep(adam, seqs[:n], classes[:n], 1)
				}
			}
			if n := steadyAllocations(0, epoch); n != 0 {
				t.Errorf("%s, %v: %v allocations in two steps", name, arm, n)
			}
		}
	}
}

// TestClassifierKeepsNothingOfTheCallers: what Forward and Represent return
// stays as it is, whatever the classifier does next.
func TestClassifierKeepsNothingOfTheCallers(t *testing.T) {
	task := CueTask{Classes: 2, Distractors: 6, MinLength: 3, MaxLength: 12}
	seqs, classes := task.Sample(newRand(2), 9)
	for _, arm := range Arms {
		c := NewLSTMClassifier(newRand(1), arm, task.Words(), 4, 6, task.Classes)
		results := []*Tensor{c.Forward(seqs), c.Represent(seqs)}
		kept := []*Tensor{results[0].Clone(), results[1].Clone()}
		c.TrainStep(NewAdam(c.Parameters(), 0.1), seqs, classes, 1)
		c.Forward(seqs)
		c.Represent(seqs)
		if !sameBits(results, kept) {
			t.Errorf("%v: a later call changed what an earlier one returned", arm)
		}
	}
}

// A layer that is laid out otherwise is refused: it would read one sentence's
// words as those of another.
func TestClassifierLayout(t *testing.T) {
	seqs, classes := [][]int{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}, []int{0, 1, 2} // as many sentences as steps
	for _, arm := range Arms {
		c := NewRNNClassifier(newRand(1), arm, 5, 4, 6, 3)
		c.Forward(seqs)
		c.RNN = NewRNN(newRand(1), 4, 6)
		const why = ": the RNN is (steps, batch, features), want a layer with BatchFirst"
		wantPanic(t, "lesson: Classifier.Forward"+why, func() { c.Forward(seqs) })
		wantPanic(t, "lesson: Classifier.Represent"+why, func() { c.Represent(seqs) })
		wantPanic(t, "lesson: Classifier.Train"+why, func() {
			c.Train(newRand(1), seqs, classes, Training{Epochs: 1, BatchSize: 3, LR: 0.1, ClipNorm: 1})
		})
	}
	a := NewAttentionClassifier(newRand(1), 5, 4, 3)
	a.Attention = NewAttention(newRand(1), 4)
	wantPanic(t, "lesson: Classifier.Forward: the Attention is (steps, batch, features), want a layer with BatchFirst", func() { a.Forward(seqs) })
	s := NewSeq2Seq(newRand(1), 5, 4, 4)
	s.Decoder = NewLSTM(newRand(1), 4, 4)
	wantPanic(t, "lesson: Seq2Seq.Forward: Decoder is (steps, batch, features), want a layer with BatchFirst", func() { s.Forward(seqs, seqs) })
}
