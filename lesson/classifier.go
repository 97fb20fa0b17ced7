package lesson

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// An Arm is a way of treating sentences of different lengths: where the PADs
// stand, and which state represents the sentence.
type Arm int

const (
	PostPad Arm = iota // PADs behind the words; the last state has read them too
	FlipArm            // PostPad turned round: PADs in front, words reversed
	PrePad             // PADs in front, words in their order
	Gather             // PADs behind; the output at the last word
	Packed             // PADs behind and never read: PyTorch's packed sequence
)

// Arms are all of them.
var Arms = []Arm{PostPad, FlipArm, PrePad, Gather, Packed}

// String returns the arm's name as figures and tables show it.
func (a Arm) String() string {
	switch a {
	case PostPad:
		return "post-pad"
	case FlipArm:
		return "flip"
	case PrePad:
		return "pre-pad"
	case Gather:
		return "gather"
	case Packed:
		return "packed"
	}
	return fmt.Sprintf("Arm(%d)", int(a))
}

// Classifier tells the class of a sentence: Embedding → RNN, LSTM, GRU or
// Attention → one state, which one the Arm says → Linear → a logit for each
// class.
//
// The recurrent layer may be replaced by one in both directions, of half the
// size for the same Linear. Then the last states of both stand for the sentence,
// side by side; with [Gather] it is the output at the last word, whose reverse
// half has read that word only.
type Classifier struct {
	Embedding *Embedding
	RNN       *RNN       // the layer that reads the sentence, or
	LSTM      *LSTM      // this one, or
	GRU       *GRU       // this one, or
	Attention *Attention // this one; the others are nil
	Linear    *Linear
	Arm       Arm
	Length    int // sentences are padded to this; 0: to the longest of a batch

	lengths []int // of the last Forward
	steps   int
}

// NewRNNClassifier returns a classifier with an RNN. The embedding has a zero
// vector for [PAD]. It panics when a size is below 1 and for an unknown arm.
func NewRNNClassifier(rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	c := newClassifier("NewRNNClassifier", rng, arm, words, embeddingDim)
	c.RNN = NewRNN(rng, embeddingDim, hiddenSize, BatchFirst)
	c.Linear = NewLinear(rng, hiddenSize, classes)
	return c
}

// NewLSTMClassifier returns a classifier with an LSTM, and else as
// [NewRNNClassifier].
func NewLSTMClassifier(rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	c := newClassifier("NewLSTMClassifier", rng, arm, words, embeddingDim)
	c.LSTM = NewLSTM(rng, embeddingDim, hiddenSize, BatchFirst)
	c.Linear = NewLinear(rng, hiddenSize, classes)
	return c
}

// NewGRUClassifier returns a classifier with a GRU, and else as
// [NewRNNClassifier].
func NewGRUClassifier(rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	c := newClassifier("NewGRUClassifier", rng, arm, words, embeddingDim)
	c.GRU = NewGRU(rng, embeddingDim, hiddenSize, BatchFirst)
	c.Linear = NewLinear(rng, hiddenSize, classes)
	return c
}

// NewAttentionClassifier returns a classifier with one head of attention, whose
// output at the last word stands for the sentence. Its arm is [Gather], though
// attention never reads the PADs.
func NewAttentionClassifier(rng *rand.Rand, words, embeddingDim, classes int) *Classifier {
	c := newClassifier("NewAttentionClassifier", rng, Gather, words, embeddingDim)
	c.Attention = NewAttention(rng, embeddingDim, BatchFirst)
	c.Linear = NewLinear(rng, embeddingDim, classes)
	return c
}

func newClassifier(fn string, rng *rand.Rand, arm Arm, words, embeddingDim int) *Classifier {
	if !slices.Contains(Arms, arm) {
		failf(fn, "arm is %v, want one of %v", arm, Arms)
	}
	return &Classifier{Embedding: NewEmbedding(rng, words, embeddingDim, PaddingIdx(PAD)), Arm: arm}
}

// Parameters returns the parameters of all layers, named as in a PyTorch module
// with the layers embedding, rnn (or lstm, gru or attention) and linear:
// "rnn.weight_hh_l0".
func (c *Classifier) Parameters() []*Parameter {
	var reading []*Parameter
	switch {
	case c.RNN != nil:
		reading = WithPrefix("rnn.", c.RNN.Parameters())
	case c.LSTM != nil:
		reading = WithPrefix("lstm.", c.LSTM.Parameters())
	case c.GRU != nil:
		reading = WithPrefix("gru.", c.GRU.Parameters())
	default:
		reading = WithPrefix("attention.", c.Attention.Parameters())
	}
	return slices.Concat(WithPrefix("embedding.", c.Embedding.Parameters()), reading, WithPrefix("linear.", c.Linear.Parameters()))
}

// Represent returns the state that stands for each sentence: (batch, H), or of
// both directions (batch, 2H).
func (c *Classifier) Represent(seqs [][]int) *Tensor {
	pad := PadPost
	if c.Arm == PrePad {
		pad = PadPre
	}
	x, lengths := pad(seqs, c.Length)
	if c.Arm == FlipArm {
		x = x.Flip(1)
	}
	c.lengths, c.steps = lengths, len(x[0])
	var output, hidden *Tensor
	switch e := c.Embedding.Forward(x); {
	case c.Attention != nil:
		output, _ = c.Attention.ForwardPacked(e, lengths)
	case c.RNN != nil && c.Arm == Packed:
		_, hidden = c.RNN.ForwardPacked(e, lengths, nil)
	case c.RNN != nil:
		output, hidden = c.RNN.Forward(e, nil)
	case c.GRU != nil && c.Arm == Packed:
		_, hidden = c.GRU.ForwardPacked(e, lengths, nil)
	case c.GRU != nil:
		output, hidden = c.GRU.Forward(e, nil)
	case c.Arm == Packed:
		_, s := c.LSTM.ForwardPacked(e, lengths, nil)
		hidden = s.H
	default:
		var s *State
		output, s = c.LSTM.Forward(e, nil)
		hidden = s.H
	}
	if c.Arm == Gather {
		return GatherLast(output, lengths, true)
	}
	return sideBySide(hidden)
}

// sideBySide takes the last states of the directions of one layer, (directions,
// batch, H), to (batch, directions·H).
func sideBySide(hidden *Tensor) *Tensor {
	directions, batch, h := hidden.shape[0], hidden.shape[1], hidden.shape[2]
	joined := NewTensor(batch, directions*h)
	for d := range directions {
		for b := range batch {
			copy(joined.data[(b*directions+d)*h:][:h], hidden.data[(d*batch+b)*h:][:h])
		}
	}
	return joined
}

// apart is the way back from sideBySide.
func apart(joined *Tensor, directions int) *Tensor {
	batch, h := joined.shape[0], joined.shape[1]/directions
	hidden := NewTensor(directions, batch, h)
	for d := range directions {
		for b := range batch {
			copy(hidden.data[(d*batch+b)*h:][:h], joined.data[(b*directions+d)*h:][:h])
		}
	}
	return hidden
}

// Forward returns the logits of each sentence: (batch, classes). It panics when
// there is no sentence, when one is empty or longer than Length, and when an
// index is outside the embedding.
func (c *Classifier) Forward(seqs [][]int) *Tensor { return c.Linear.Forward(c.Represent(seqs)) }

// Backward takes the gradient of what the last Forward returned and adds those
// of all parameters to theirs.
func (c *Classifier) Backward(dLogits *Tensor) { c.backward(dLogits) }

// backward is Backward, and returns the gradient of the embedded words, (batch,
// steps, EmbeddingDim).
func (c *Classifier) backward(dLogits *Tensor) *Tensor {
	d := c.Linear.Backward(dLogits)
	var dOutput, dHidden, dx *Tensor
	if c.Arm == Gather {
		dOutput = GatherLastBackward(d, c.lengths, c.steps, true)
	}
	switch {
	case c.Attention != nil:
		dx = c.Attention.Backward(dOutput)
	case c.RNN != nil:
		if c.Arm != Gather {
			dHidden = apart(d, c.RNN.Config().directions())
		}
		dx, _ = c.RNN.Backward(dOutput, dHidden)
	case c.GRU != nil:
		if c.Arm != Gather {
			dHidden = apart(d, c.GRU.Config().directions())
		}
		dx, _ = c.GRU.Backward(dOutput, dHidden)
	default:
		if c.Arm != Gather {
			dHidden = apart(d, c.LSTM.Config().directions())
		}
		dx, _ = c.LSTM.Backward(dOutput, &State{H: dHidden})
	}
	c.Embedding.Backward(dx)
	return dx
}

// TrainStep lets the optimiser of the classifier's parameters learn one batch:
// it walks the gradient of the cross entropy home, clips it to clipNorm
// ([ClipGradNorm]) and takes one step. It returns the loss and the accuracy
// before the step. It panics as [Classifier.Forward] does, and unless there is
// one class for each sentence.
func (c *Classifier) TrainStep(o Optimizer, seqs [][]int, classes []int, clipNorm float64) (loss, accuracy float64) {
	logits := c.Forward(seqs)
	loss, dLogits := CrossEntropy(logits, classes)
	params := c.Parameters()
	ZeroGrad(params)
	c.Backward(dLogits)
	ClipGradNorm(params, clipNorm)
	o.Step()
	return loss, Accuracy(logits, classes)
}

// Training says how [Classifier.Train] trains: with Adam, on batches drawn in a
// new order in each epoch.
type Training struct {
	Epochs    int
	BatchSize int
	LR        float64 // of Adam
	ClipNorm  float64 // largest norm of the gradient; +Inf: no clipping
}

// Train trains on sentences and their classes and returns, for each epoch, the
// mean loss and accuracy of what [Classifier.TrainStep] returned. rng decides
// the order. It panics when a number is out of range and unless there is one
// class for each sentence.
func (c *Classifier) Train(rng *rand.Rand, seqs [][]int, classes []int, how Training) (loss, accuracy []float64) {
	const fn = "Classifier.Train"
	checkRand(fn, rng)
	switch {
	case len(seqs) == 0 || len(classes) != len(seqs):
		failf(fn, "%d classes for %d sentences, want one each and at least 1", len(classes), len(seqs))
	case how.Epochs < 1:
		failf(fn, "Epochs is %d, want at least 1", how.Epochs)
	case how.BatchSize < 1:
		failf(fn, "BatchSize is %d, want at least 1", how.BatchSize)
	case !(how.ClipNorm > 0):
		failf(fn, "ClipNorm is %v, want more than 0, +Inf for no clipping", how.ClipNorm)
	}
	optimizer := NewAdam(c.Parameters(), how.LR)
	loss, accuracy = make([]float64, how.Epochs), make([]float64, how.Epochs)
	for epoch := range how.Epochs {
		for batch := range slices.Chunk(rng.Perm(len(seqs)), how.BatchSize) {
			batchSeqs, batchClasses := make([][]int, len(batch)), make([]int, len(batch))
			for i, k := range batch {
				batchSeqs[i], batchClasses[i] = seqs[k], classes[k]
			}
			l, a := c.TrainStep(optimizer, batchSeqs, batchClasses, how.ClipNorm)
			share := float64(len(batch)) / float64(len(seqs))
			loss[epoch] += float64(share * l)
			accuracy[epoch] += float64(share * a)
		}
	}
	return loss, accuracy
}

// Accuracy returns the share of sentences whose class the classifier tells.
func (c *Classifier) Accuracy(seqs [][]int, classes []int) float64 {
	return Accuracy(c.Forward(seqs), classes)
}
