package lesson

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Classifier tells the class of a sentence: Embedding → Encoder → one vector,
// which the Reading chooses → Linear → a logit for each class. Where there are
// Positions, the vector of a word's place is added to that of the word.
//
// Where an encoder reads in both directions the last states of both represent
// the sentence, side by side; with [Gather] it is the output at the last word,
// whose reverse half has read the PADs after that word, and the word.
//
// A Classifier remembers its last Forward for Backward, and all its methods compute in
// the same memory, so one must not be used by several goroutines at once.
type Classifier struct {
	Embedding *Embedding
	Positions *Embedding // a vector for each place of a sentence; nil: none
	Encoder   Encoder    // with BatchFirst; nil: the vectors of the words are read as they are
	Linear    *Linear
	Reading   Reading
	Length    int // sentences are padded to this; 0: to the longest of a batch

	work scratch
}

// ClassifierConfig says what [NewClassifier] makes.
type ClassifierConfig struct {
	Words        int      // in the table of the Embedding, such as [Vocabulary.Len]
	EmbeddingDim int      // length of a word's vector
	Encoder      string   // "RNN", "LSTM", "GRU", "MinGRU" or "Attention"; "": none
	HiddenSize   int      // of each direction of a recurrent layer, else 0
	Options      []Option // of these, such as Bidirectional or Layers(2)
	Reading      Reading  // which vector represents the sentence
	Classes      int
	Positions    int // places that have a learned vector, added to that of the word; 0: none
}

// scratch is memory that a classifier uses again in every step.
type scratch struct {
	words     Indices // of the last Forward, padded
	lengths   []int   // and the true lengths
	places    Indices // of these words
	atPlaces  Tensor  // the vectors of the places
	embedded  Tensor
	output    Tensor  // of every step
	hidden    Tensor  // the last states of all directions
	reading   Reading // of the last Forward
	largest   []int   // the steps that MaxPool took
	state     Tensor  // what represents each sentence
	logits    Tensor
	dLogits   Tensor
	dState    Tensor
	dHidden   Tensor
	dOutput   Tensor
	dEmbedded Tensor
	params    []*Parameter
	noGrad    bool // as of the encoder
	kept      bool // the last Forward kept what Backward needs
}

// NewClassifier returns a classifier whose parameters are drawn from rng: those
// of the embedding, which has a zero vector for [PAD], of the encoder, and of
// the linear layer. It panics when rng is nil, when a size is below 1, for an
// unknown encoder or reading, and where the two do not fit: an encoder without a
// last state, such as attention, allows [Gather], [MeanPool] and [MaxPool] only.
func NewClassifier(rng *rand.Rand, config ClassifierConfig) *Classifier {
	const fn = "NewClassifier"
	checkRand(fn, rng)
	checkCount(fn, "Words", config.Words, 1)
	checkCount(fn, "Classes", config.Classes, 1)
	checkCount(fn, "Positions", config.Positions, 0)
	c := &Classifier{Reading: config.Reading}
	c.Embedding = newEmbedding(fn, rng, config.Words, config.EmbeddingDim, []EmbeddingOption{PaddingIdx(PAD)})
	in, h, opts := config.EmbeddingDim, config.HiddenSize, append(slices.Clone(config.Options), BatchFirst)
	switch config.Encoder {
	case "Attention", "":
		if h != 0 || len(config.Options) > 0 {
			failf(fn, "Encoder %q with HiddenSize %d and %d options, want 0 and none", config.Encoder, h, len(config.Options))
		}
		if config.Encoder != "" {
			a := newAttention(fn, rng, in)
			a.BatchFirst = true
			c.Encoder = a
		}
	default:
		r := newRecurrent(fn, config.Encoder, rng, in, h, opts)
		if r == nil {
			failf(fn, `Encoder is %q, want "RNN", "LSTM", "GRU", "MinGRU", "Attention" or ""`, config.Encoder)
		}
		c.Encoder = r
	}
	width := in
	if c.Encoder != nil {
		width = c.Encoder.width()
	}
	c.Linear = newLinear(fn, rng, width, config.Classes)
	if config.Positions != 0 {
		c.Positions = newEmbedding(fn, rng, config.Positions, in, nil)
	}
	c.check(fn)
	return c
}

// check panics unless all layers are there, and the encoder gives what the
// reading reads.
func (c *Classifier) check(fn string) {
	c.checkReader(fn)
	c.Linear.check(fn)
}

// checkReader is check without the Linear, which a representation does not need.
func (c *Classifier) checkReader(fn string) {
	checkNotNil(fn, "the Classifier", c)
	c.Embedding.check(fn)
	if c.Positions != nil {
		c.Positions.check(fn)
		if e, p := c.Embedding.EmbeddingDim, c.Positions.EmbeddingDim; p != e {
			failf(fn, "Positions has vectors of %d, want %d, as the words", p, e)
		}
	}
	if c.Encoder != nil {
		c.Encoder.check(fn)
	}
	if c.Reading < 0 || int(c.Reading) >= len(Readings) {
		failf(fn, "Reading is %v, want one of %v", c.Reading, Readings)
	}
	if _, stateful := c.Encoder.(Recurrent); !stateful && !c.Reading.readsOutput() {
		failf(fn, "Reading is %v and there is no last state, want %v, %v or %v", c.Reading, Gather, MeanPool, MaxPool)
	}
}

// Parameters returns the parameters of all layers, named as in a PyTorch module
// with the layers embedding, positions, rnn (or lstm, gru, mingru or attention) and linear:
// "rnn.weight_hh_l0".
func (c *Classifier) Parameters() []*Parameter {
	c.check("Classifier.Parameters")
	params := WithPrefix("embedding.", c.Embedding.Parameters())
	if c.Positions != nil {
		params = append(params, WithPrefix("positions.", c.Positions.Parameters())...)
	}
	if c.Encoder != nil {
		params = append(params, WithPrefix(strings.ToLower(c.Encoder.kindName())+".", c.Encoder.Parameters())...)
	}
	return append(params, WithPrefix("linear.", c.Linear.Parameters())...)
}

// Represent returns the vector that represents each sentence: (batch, H), or of
// both directions (batch, 2H). It is a Forward without dropout and under NoGrad:
// Backward after it panics. It needs no Linear, and else panics as Forward does.
func (c *Classifier) Represent(seqs [][]int) *Tensor {
	const fn = "Classifier.Represent"
	defer c.with(fn, true, nil)()
	state := new(Tensor)
	c.representTo(fn, state, seqs)
	return state
}

func (c *Classifier) representTo(fn string, state *Tensor, seqs [][]int) {
	w := &c.work
	w.kept = false // until all is done
	w.reading = c.Reading
	w.words, w.lengths = padded(fn, w.words, w.lengths, seqs, c.Length)
	for i, s := range seqs {
		c.Reading.place(w.words[i], s)
	}
	c.Embedding.forward(fn, &w.embedded, w.words)
	if c.Positions != nil {
		if n := c.Positions.NumEmbeddings; n < c.steps() {
			failf(fn, "Positions is of %d places, want %d or more, as the sentences have words", n, c.steps())
		}
		w.places = places(w.places, w.words)
		c.Positions.forward(fn, &w.atPlaces, w.places)
		add(w.embedded.data, w.atPlaces.data)
	}
	output, hidden := &w.output, &w.hidden
	if c.Reading.readsOutput() {
		hidden = nil
	} else {
		output = nil
	}
	if c.Encoder == nil {
		output = &w.embedded
	} else {
		c.Encoder.encode(fn, output, hidden, &w.embedded, w.lengths, c.Reading.packed())
	}
	switch c.Reading {
	case Gather:
		gatherLast(fn, state, output, w.lengths, true)
	case MeanPool, MaxPool:
		w.largest = poolTo(state, output, w.lengths, c.Reading, w.largest)
	default:
		state.resize(len(seqs), c.Encoder.width())
		eachTopState(state, hidden, func(joined, hidden []float64) { copy(joined, hidden) })
	}
	w.kept = !w.noGrad
}

// places returns, in the memory of p, the place of each word, from 0.
func places(p, words Indices) Indices {
	p = resizeSlice(p, len(words))
	for i, row := range words {
		p[i] = resizeSlice(p[i], len(row))
		for t := range row {
			p[i][t] = t
		}
	}
	return p
}

// eachTopState calls do with the place of every last state of the top layer: in
// hidden, (directions·layers, batch, H), and in joined, (batch, directions·H).
func eachTopState(joined, hidden *Tensor, do func(joined, hidden []float64)) {
	batch, h, width := hidden.shape[1], hidden.shape[2], joined.shape[1]
	top := hidden.shape[0] - width/h
	for d := range width / h {
		for b := range batch {
			do(joined.data[b*width+d*h:][:h], hidden.data[((top+d)*batch+b)*h:][:h])
		}
	}
}

// Forward returns the logits of each sentence: (batch, classes). It panics when
// there is no sentence, when one is empty or longer than Length or than there are
// Positions, when an index is outside the embedding, and when the encoder does not fit the reading or
// has not BatchFirst.
func (c *Classifier) Forward(seqs [][]int) *Tensor {
	logits := new(Tensor)
	c.forwardTo("Classifier.Forward", logits, seqs)
	return logits
}

// ForwardTo is Forward with its result written to logits.
func (c *Classifier) ForwardTo(logits *Tensor, seqs [][]int) {
	c.forwardTo("Classifier.ForwardTo", logits, seqs)
}

func (c *Classifier) forwardTo(fn string, logits *Tensor, seqs [][]int) {
	c.check(fn)
	c.representTo(fn, &c.work.state, seqs)
	c.Linear.forward(fn, logits, &c.work.state)
}

// Backward takes the gradient of what the last Forward returned and adds those
// of all parameters to theirs. It panics when there was no Forward, when
// [Classifier.Represent], [Classifier.Accuracy] or [Evaluate] came after it, and
// when the shape is not that of its result.
func (c *Classifier) Backward(dLogits *Tensor) { c.backward("Classifier.Backward", dLogits) }

// backward is Backward, and returns the gradient of the embedded words, (batch,
// steps, EmbeddingDim), which is valid until the next step.
func (c *Classifier) backward(fn string, dLogits *Tensor) *Tensor {
	c.check(fn)
	w := &c.work
	if !w.kept {
		failf(fn, "no Forward before it, want one: Represent, Accuracy and Evaluate keep nothing for Backward")
	}
	if c.Encoder != nil {
		c.Encoder.checkKept(fn)
	}
	c.Linear.backward(fn, &w.dState, dLogits)
	return c.backwardState(fn)
}

// backwardState backpropagates the gradient dState of what represents the
// sentences.
func (c *Classifier) backwardState(fn string) *Tensor {
	w := &c.work
	dOutput, dHidden := &w.dOutput, &w.dHidden
	switch w.reading {
	case Gather:
		gatherLastBackward(fn, dOutput, &w.dState, w.lengths, c.steps(), true)
		dHidden = nil
	case MeanPool, MaxPool:
		poolBackwardTo(dOutput, &w.dState, w.lengths, c.steps(), w.reading, w.largest)
		dHidden = nil
	default:
		dHidden.resize(w.hidden.shape...)
		clear(dHidden.data) // of the layers below
		eachTopState(&w.dState, dHidden, func(joined, hidden []float64) { copy(hidden, joined) })
		dOutput = nil
	}
	dEmbedded := dOutput
	if c.Encoder != nil {
		dEmbedded = &w.dEmbedded
		c.Encoder.encodeBackward(fn, dEmbedded, dOutput, dHidden)
	}
	c.Embedding.backward(fn, dEmbedded)
	if c.Positions != nil {
		c.Positions.backward(fn, dEmbedded)
	}
	return dEmbedded
}

// steps returns how long the sentences of the last Forward were padded.
func (c *Classifier) steps() int { return len(c.work.words[0]) }

// with sets NoGrad and the source of dropout of the encoder, and returns a
// function that sets both back.
func (c *Classifier) with(fn string, noGrad bool, dropout *rand.Rand) (restore func()) {
	c.checkReader(fn)
	before, encoder := c.work.noGrad, func() {}
	if c.Encoder != nil {
		encoder = c.Encoder.with(noGrad, dropout)
	}
	c.work.noGrad = noGrad
	return func() {
		c.work.noGrad = before
		encoder()
	}
}

// TrainStep trains on one batch, with an optimiser of the classifier's
// parameters: it backpropagates the cross entropy, clips the gradient to clipNorm
// ([ClipGradNorm]) and takes one step. It returns the loss and the accuracy
// before the step. Once the classifier has memory for the largest batch, a step
// allocates nothing, except with attention. It panics as [Classifier.Forward] does,
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
	c.forwardTo(fn, &w.logits, seqs)
	loss = crossEntropy(fn, &w.dLogits, &w.logits, classes)
	w.params = append(w.params[:0], c.Embedding.Weight)
	if c.Positions != nil {
		w.params = append(w.params, c.Positions.Weight)
	}
	if c.Encoder != nil {
		w.params = c.Encoder.appendParameters(w.params)
	}
	w.params = append(w.params, c.Linear.Weight, c.Linear.Bias)
	ZeroGrad(w.params)
	c.backward(fn, &w.dLogits)
	ClipGradNorm(w.params, clipNorm)
	o.Step()
	return loss, Accuracy(&w.logits, classes)
}

// Train is [Fit] without validation examples: it trains on sentences and their
// classes and returns the mean loss and accuracy of each epoch.
func (c *Classifier) Train(rng *rand.Rand, seqs [][]int, classes []int, how FitConfig) (loss, accuracy []float64) {
	epochs, _ := fit("Classifier.Train", rng, c, Examples{seqs, classes}, Examples{}, how)
	for _, e := range epochs {
		loss, accuracy = append(loss, e.Loss), append(accuracy, e.Accuracy)
	}
	return loss, accuracy
}

// Accuracy returns the share of sentences whose class the classifier tells. It
// is a Forward without dropout and under NoGrad: Backward after it panics. It
// panics as Forward does, and unless there is one class for each sentence.
func (c *Classifier) Accuracy(seqs [][]int, classes []int) float64 {
	const fn = "Classifier.Accuracy"
	defer c.with(fn, true, nil)()
	logits := new(Tensor)
	c.forwardTo(fn, logits, seqs)
	return accuracy(fn, logits, classes)
}
