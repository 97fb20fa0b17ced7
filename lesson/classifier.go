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
// half has read the PADs behind that word, and the word.
type Classifier struct {
	Embedding *Embedding
	RNN       *RNN       // the layer that reads the sentence, or
	LSTM      *LSTM      // this one, or
	GRU       *GRU       // this one, or
	Attention *Attention // this one; the others are nil
	Linear    *Linear
	Arm       Arm
	Length    int // sentences are padded to this; 0: to the longest of a batch

	work scratch
}

// scratch is memory that a classifier uses again in every step.
type scratch struct {
	words     Indices // of the last Forward, padded
	lengths   []int   // and the true lengths
	embedded  Tensor
	output    Tensor // of every step
	hidden    Tensor // the last states of all directions
	state     Tensor // what stands for each sentence
	logits    Tensor
	dLogits   Tensor
	dState    Tensor
	dHidden   Tensor
	dOutput   Tensor
	dEmbedded Tensor
	params    []*Parameter
}

// NewRNNClassifier returns a classifier with an RNN. The embedding has a zero
// vector for [PAD]. It panics when a size is below 1 and for an unknown arm.
func NewRNNClassifier(rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	c := newClassifier("NewRNNClassifier", rng, arm, words, embeddingDim, hiddenSize, classes)
	c.RNN = NewRNN(rng, embeddingDim, hiddenSize, BatchFirst)
	c.Linear = NewLinear(rng, hiddenSize, classes)
	return c
}

// NewLSTMClassifier returns a classifier with an LSTM, and else as
// [NewRNNClassifier].
func NewLSTMClassifier(rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	c := newClassifier("NewLSTMClassifier", rng, arm, words, embeddingDim, hiddenSize, classes)
	c.LSTM = NewLSTM(rng, embeddingDim, hiddenSize, BatchFirst)
	c.Linear = NewLinear(rng, hiddenSize, classes)
	return c
}

// NewGRUClassifier returns a classifier with a GRU, and else as
// [NewRNNClassifier].
func NewGRUClassifier(rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	c := newClassifier("NewGRUClassifier", rng, arm, words, embeddingDim, hiddenSize, classes)
	c.GRU = NewGRU(rng, embeddingDim, hiddenSize, BatchFirst)
	c.Linear = NewLinear(rng, hiddenSize, classes)
	return c
}

// NewAttentionClassifier returns a classifier with one head of attention, whose
// output at the last word stands for the sentence. Its arm is [Gather], though
// attention never reads the PADs.
func NewAttentionClassifier(rng *rand.Rand, words, embeddingDim, classes int) *Classifier {
	c := newClassifier("NewAttentionClassifier", rng, Gather, words, embeddingDim, embeddingDim, classes)
	c.Attention = NewAttention(rng, embeddingDim, BatchFirst)
	c.Linear = NewLinear(rng, embeddingDim, classes)
	return c
}

func newClassifier(fn string, rng *rand.Rand, arm Arm, words, embeddingDim, hiddenSize, classes int) *Classifier {
	checkSizes(fn, words, embeddingDim, hiddenSize, classes)
	checkRand(fn, rng)
	if !slices.Contains(Arms, arm) {
		failf(fn, "arm is %v, want one of %v", arm, Arms)
	}
	return &Classifier{Embedding: NewEmbedding(rng, words, embeddingDim, PaddingIdx(PAD)), Arm: arm}
}

// Parameters returns the parameters of all layers, named as in a PyTorch module
// with the layers embedding, rnn (or lstm, gru or attention) and linear:
// "rnn.weight_hh_l0".
func (c *Classifier) Parameters() []*Parameter {
	c.check("Classifier.Parameters")
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

// check panics unless all layers are there, the one that reads laid out as the
// classifier reads it.
func (c *Classifier) check(fn string) {
	checkNotNil(fn, "the receiver", c)
	c.Embedding.check(fn)
	c.Linear.check(fn)
	if !slices.Contains(Arms, c.Arm) {
		failf(fn, "Arm is %v, want one of %v", c.Arm, Arms)
	}
	switch r := c.layer(); {
	case r != nil:
		r.checkParameters(fn)
		if !r.config.BatchFirst {
			failf(fn, "the %s is (steps, batch, features), want a layer with BatchFirst", r.kind)
		}
		if r.config.NumLayers != 1 && c.Arm != Gather {
			failf(fn, "the %s has %d layers, want 1", r.kind, r.config.NumLayers)
		}
	default:
		c.Attention.check(fn)
		if !c.Attention.batchFirst {
			failf(fn, "the Attention is (steps, batch, features), want a layer with BatchFirst")
		}
		if c.Arm != Gather {
			failf(fn, "Arm is %v with Attention, want %v", c.Arm, Gather)
		}
	}
}

// layer returns the recurrent layer, nil where attention reads the sentence.
func (c *Classifier) layer() *recurrent {
	switch {
	case c.RNN != nil:
		return &c.RNN.recurrent
	case c.LSTM != nil:
		return &c.LSTM.recurrent
	case c.GRU != nil:
		return &c.GRU.recurrent
	}
	return nil
}

// Represent returns the state that stands for each sentence: (batch, H), or of
// both directions (batch, 2H).
func (c *Classifier) Represent(seqs [][]int) *Tensor {
	checkNotNil("Classifier.Represent", "the receiver", c)
	state := new(Tensor)
	c.representTo("Classifier.Represent", state, seqs)
	return state
}

func (c *Classifier) representTo(fn string, state *Tensor, seqs [][]int) {
	c.check(fn)
	w := &c.work
	w.words, w.lengths = padded(fn, w.words, w.lengths, seqs, c.Length)
	for i, s := range seqs {
		row := w.words[i]
		switch c.Arm {
		case PrePad:
			copy(row[len(row)-len(s):], s)
		case FlipArm:
			copy(row, s)
			slices.Reverse(row)
		default:
			copy(row, s)
		}
	}
	c.Embedding.forward(fn, &w.embedded, w.words)
	r := c.layer()
	if r == nil {
		output, _ := c.Attention.run(fn, &w.embedded, w.lengths)
		gatherLast(fn, state, output, w.lengths, true)
		return
	}
	var to ends
	if c.Arm == Gather {
		to.sequence = &w.output
	} else {
		to.states[0] = &w.hidden
	}
	var lengths []int
	if c.Arm == Packed {
		lengths = w.lengths
	}
	r.forwardLast(fn, to, &w.embedded, lengths, [2]*Tensor{})
	if c.Arm == Gather {
		gatherLast(fn, state, &w.output, w.lengths, true)
	} else {
		sideBySideTo(state, &w.hidden)
	}
}

// sideBySideTo takes the last states of the directions of one layer,
// (directions, batch, H), to (batch, directions·H).
func sideBySideTo(joined, hidden *Tensor) {
	directions, batch, h := hidden.shape[0], hidden.shape[1], hidden.shape[2]
	joined.become(batch, directions*h)
	for d := range directions {
		for b := range batch {
			copy(joined.data[(b*directions+d)*h:][:h], hidden.data[(d*batch+b)*h:][:h])
		}
	}
}

// apartTo is the way back from sideBySideTo.
func apartTo(hidden, joined *Tensor, directions int) {
	batch, h := joined.shape[0], joined.shape[1]/directions
	hidden.become(directions, batch, h)
	for d := range directions {
		for b := range batch {
			copy(hidden.data[(d*batch+b)*h:][:h], joined.data[(b*directions+d)*h:][:h])
		}
	}
}

// Forward returns the logits of each sentence: (batch, classes). It panics when
// there is no sentence, when one is empty or longer than Length, and when an
// index is outside the embedding.
func (c *Classifier) Forward(seqs [][]int) *Tensor {
	logits := new(Tensor)
	c.forward("Classifier.Forward", logits, seqs)
	return logits
}

// ForwardTo is Forward with its result written to logits.
func (c *Classifier) ForwardTo(logits *Tensor, seqs [][]int) {
	c.forward("Classifier.ForwardTo", logits, seqs)
}

func (c *Classifier) forward(fn string, logits *Tensor, seqs [][]int) {
	checkNotNil(fn, "the receiver", c)
	c.representTo(fn, &c.work.state, seqs)
	c.Linear.forward(fn, logits, &c.work.state)
}

// Backward takes the gradient of what the last Forward returned and adds those
// of all parameters to theirs.
func (c *Classifier) Backward(dLogits *Tensor) { c.backward("Classifier.Backward", dLogits) }

// backward is Backward, and returns the gradient of the embedded words, (batch,
// steps, EmbeddingDim), which stands until the next step.
func (c *Classifier) backward(fn string, dLogits *Tensor) *Tensor {
	c.check(fn)
	w := &c.work
	c.Linear.backward(fn, &w.dState, dLogits)
	var from ends
	if c.Arm == Gather {
		gatherLastBackward(fn, &w.dOutput, &w.dState, w.lengths, c.steps(), true)
		from.sequence = &w.dOutput
	}
	dEmbedded := &w.dEmbedded
	if r := c.layer(); r == nil {
		dEmbedded = c.Attention.backward(fn, &w.dOutput)
	} else {
		if c.Arm != Gather {
			apartTo(&w.dHidden, &w.dState, r.config.directions())
			from.states[0] = &w.dHidden
		}
		r.backward(fn, ends{sequence: dEmbedded}, from.sequence, from.states)
	}
	c.Embedding.backward(fn, dEmbedded)
	return dEmbedded
}

// steps returns how long the sentences of the last Forward were padded.
func (c *Classifier) steps() int { return len(c.work.words[0]) }

// TrainStep lets the optimiser of the classifier's parameters learn one batch:
// it walks the gradient of the cross entropy home, clips it to clipNorm
// ([ClipGradNorm]) and takes one step. It returns the loss and the accuracy
// before the step. Once the classifier has memory for the largest batch, a step
// allocates nothing, but for attention. It panics as [Classifier.Forward] does,
// and unless there is one class for each sentence.
func (c *Classifier) TrainStep(o Optimizer, seqs [][]int, classes []int, clipNorm float64) (loss, accuracy float64) {
	return c.trainStep("Classifier.TrainStep", o, seqs, classes, clipNorm)
}

func (c *Classifier) trainStep(fn string, o Optimizer, seqs [][]int, classes []int, clipNorm float64) (loss, accuracy float64) {
	checkNotNil(fn, "the receiver", c)
	if o == nil {
		failf(fn, "o is nil, want an optimiser")
	}
	if !(clipNorm >= 0) {
		failf(fn, "clipNorm is %v, want 0 or more", clipNorm)
	}
	w := &c.work
	c.forward(fn, &w.logits, seqs)
	loss = crossEntropy(fn, &w.dLogits, &w.logits, classes)
	w.params = append(w.params[:0], c.Embedding.Weight)
	if r := c.layer(); r != nil {
		w.params = append(w.params, r.params...)
	} else {
		w.params = append(w.params, c.Attention.Parameters()...)
	}
	w.params = append(w.params, c.Linear.Weight, c.Linear.Bias)
	ZeroGrad(w.params)
	c.backward(fn, &w.dLogits)
	ClipGradNorm(w.params, clipNorm)
	o.Step()
	return loss, Accuracy(&w.logits, classes)
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
	c.check(fn)
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
	checkCount(fn, "Epochs", how.Epochs, 1)
	if !(how.LR >= 0) {
		failf(fn, "LR is %v, want 0 or more", how.LR)
	}
	optimizer := NewAdam(c.Parameters(), how.LR)
	loss, accuracy = make([]float64, how.Epochs), make([]float64, how.Epochs)
	order := make([]int, len(seqs))
	var batchSeqs [][]int
	var batchClasses []int
	for epoch := range how.Epochs {
		for i := range order {
			order[i] = i
		}
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for first := 0; first < len(order); first += how.BatchSize {
			batch := order[first:min(first+how.BatchSize, len(order))]
			batchSeqs, batchClasses = batchSeqs[:0], batchClasses[:0]
			for _, k := range batch {
				batchSeqs, batchClasses = append(batchSeqs, seqs[k]), append(batchClasses, classes[k])
			}
			l, a := c.trainStep(fn, optimizer, batchSeqs, batchClasses, how.ClipNorm)
			share := float64(len(batch)) / float64(len(seqs))
			loss[epoch] += float64(share * l)
			accuracy[epoch] += float64(share * a)
		}
	}
	return loss, accuracy
}

// Accuracy returns the share of sentences whose class the classifier tells.
func (c *Classifier) Accuracy(seqs [][]int, classes []int) float64 {
	const fn = "Classifier.Accuracy"
	logits := new(Tensor)
	c.forward(fn, logits, seqs)
	return accuracy(fn, logits, classes)
}
