package lesson

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"unroll/internal/simd"
)

// LanguageModel gives the probability of the next token at every step of a text:
//
//	tokens → Embedding → Encoder → Linear → a logit for each token that may follow
//
// Tokens may be the characters of an [Alphabet] or the words of a [Vocabulary]. The
// Encoder reads from left to right only: one that reads in both directions has
// seen the answer.
//
// A LanguageModel remembers its last Forward for Backward, and all its methods compute
// in the same memory, so one must not be used by several goroutines at once.
type LanguageModel struct {
	Embedding *Embedding
	Encoder   Recurrent // with BatchFirst, in one direction
	Linear    *Linear

	work languageScratch
}

// LanguageConfig says what [NewLanguageModel] makes.
type LanguageConfig struct {
	Tokens       int      // that there are, such as [Alphabet.Len]
	EmbeddingDim int      // length of a token's vector
	Encoder      string   // "RNN", "LSTM", "GRU" or "MinGRU"
	HiddenSize   int      // H
	Options      []Option // of the encoder, such as Layers(2)
}

// languageScratch is memory that a model uses again in every step.
type languageScratch struct {
	embedded, output, logits   Tensor
	dLogits, dOutput, dEncoded Tensor
	targets                    []int
	params                     []*Parameter
	read                       bool // the last Forward was of Read, Bits or Generate
}

// NewLanguageModel returns a model whose parameters are drawn from rng: those of
// the embedding, of the encoder and of the linear layer. It panics when rng is
// nil, when a size is below 1, for an unknown encoder and for [Bidirectional].
func NewLanguageModel(rng *rand.Rand, config LanguageConfig) *LanguageModel {
	const fn = "NewLanguageModel"
	checkRand(fn, rng)
	checkCount(fn, "Tokens", config.Tokens, 1)
	m := &LanguageModel{Embedding: newEmbedding(fn, rng, config.Tokens, config.EmbeddingDim, nil)}
	m.Encoder = newRecurrent(fn, config.Encoder, rng, config.EmbeddingDim, config.HiddenSize, append(slices.Clone(config.Options), BatchFirst))
	if m.Encoder == nil {
		failf(fn, `Encoder is %q, want "RNN", "LSTM", "GRU" or "MinGRU"`, config.Encoder)
	}
	m.Linear = newLinear(fn, rng, m.Encoder.width(), config.Tokens)
	m.check(fn)
	return m
}

// check panics unless all layers are there, and the encoder reads from left to
// right.
func (m *LanguageModel) check(fn string) {
	checkNotNil(fn, "the LanguageModel", m)
	m.Embedding.check(fn)
	if m.Encoder == nil {
		failf(fn, "Encoder is nil, want a recurrent layer")
	}
	m.Encoder.check(fn)
	if m.Encoder.Config().Bidirectional {
		failf(fn, "the Encoder is Bidirectional and has read the token that it predicts, want one direction")
	}
	m.Linear.check(fn)
	if m.Linear.OutFeatures != m.Embedding.NumEmbeddings {
		failf(fn, "Linear has %d outputs, want %d, as there are tokens", m.Linear.OutFeatures, m.Embedding.NumEmbeddings)
	}
}

// Parameters returns the parameters of all layers, named as in a PyTorch module
// with the layers embedding, lstm (or rnn, gru or mingru) and linear.
func (m *LanguageModel) Parameters() []*Parameter {
	m.check("LanguageModel.Parameters")
	params := WithPrefix("embedding.", m.Embedding.Parameters())
	params = append(params, WithPrefix(strings.ToLower(m.Encoder.kindName())+".", m.Encoder.Parameters())...)
	return append(params, WithPrefix("linear.", m.Linear.Parameters())...)
}

// Forward reads tokens, (batch, steps), from a state, nil for zeros, and returns
// the logits of the token behind each, (batch·steps, tokens) row after row, and the
// state at the end, from which the next call may read on. It panics unless all
// rows are equally long, every token is one of the embedding's and the state fits.
func (m *LanguageModel) Forward(x Indices, s0 *State) (logits *Tensor, state *State) {
	logits, state = new(Tensor), new(State)
	m.forward("LanguageModel.Forward", logits, state, x, s0)
	return logits, state
}

// ForwardTo is Forward with its results written to logits and state. state may be
// s0, which carries the state on.
func (m *LanguageModel) ForwardTo(logits *Tensor, state *State, x Indices, s0 *State) {
	m.forward("LanguageModel.ForwardTo", logits, state, x, s0)
}

func (m *LanguageModel) forward(fn string, logits *Tensor, state *State, x Indices, s0 *State) {
	m.check(fn)
	checkNotNil(fn, "logits", logits)
	w := &m.work
	w.read = false
	m.Embedding.forward(fn, &w.embedded, x)
	m.Encoder.encodeFrom(fn, &w.output, state, &w.embedded, s0)
	rows := len(x) * len(x[0])
	m.Linear.forward(fn, logits, w.output.Reshape(rows, m.Encoder.width()))
}

// Backward takes the gradient of what the last Forward returned and adds those of
// all parameters to theirs. It ends at the first step of that Forward: nothing
// reaches what came before the state s0, as after detach in PyTorch. It panics when
// there was no Forward, when Read, Bits or Generate came after it, when the Encoder was
// under NoGrad, and when the shape does not fit.
func (m *LanguageModel) Backward(dLogits *Tensor) { m.backward("LanguageModel.Backward", dLogits) }

func (m *LanguageModel) backward(fn string, dLogits *Tensor) {
	m.check(fn)
	w := &m.work
	if w.read {
		failf(fn, "the last to read was Read, Bits or Generate, which keep nothing for it: call Forward again")
	}
	m.Encoder.checkKept(fn)
	m.Linear.backward(fn, &w.dOutput, dLogits)
	if len(w.output.data) != len(w.dOutput.data) {
		failf(fn, "no Forward before it, want one")
	}
	m.Encoder.encodeBackward(fn, &w.dEncoded, w.dOutput.Reshape(w.output.shape...), nil)
	m.Embedding.backward(fn, &w.dEncoded)
}

// A Window is a few steps of several streams: what a network reads, (batch,
// steps), and what it should have written, the same text one token later.
type Window struct{ X, Y Indices }

// Windows cuts a text into so many streams of equal length, one below another,
// and these into windows of tau steps. Row b of each window goes on where row b of
// the window before ended, so that a state may be carried from one to the next.
// What is left over at the end of the streams is in no window. It panics when
// streams or tau is below 1, and when the text is too short for one window.
func Windows(tokens []int, streams, tau int) []Window {
	const fn = "Windows"
	checkCount(fn, "streams", streams, 1)
	checkCount(fn, "tau", tau, 1)
	length := max(len(tokens)-1, 0) / streams
	if length < tau {
		failf(fn, "%d tokens, want more than streams·tau = %d·%d", len(tokens), streams, tau)
	}
	var windows []Window
	for from := 0; from+tau <= length; from += tau {
		var w Window
		for b := range streams {
			at := b*length + from
			w.X = append(w.X, slices.Clone(tokens[at:at+tau]))
			w.Y = append(w.Y, slices.Clone(tokens[at+1:at+tau+1]))
		}
		windows = append(windows, w)
	}
	return windows
}

// LanguageFit says how [LanguageModel.Train] trains: with Adam, by truncated
// back-propagation through time (Williams & Peng, 1990).
type LanguageFit struct {
	Steps     int     // of the optimiser; the text is read again as often as they need
	Streams   int     // read side by side: the batch
	Tau       int     // τ, steps after which the gradient is cut
	LR        float64 // of Adam
	Anneal    bool    // LR falls in a straight line, to 0 after the last step
	ClipNorm  float64 // largest norm of the gradient; +Inf: no clipping
	Stateless bool    // begin every window from zeros; else the state of the window before is carried on
	// Each is called after every step, counted from 1, with the loss before it in
	// nats; nil for nothing.
	Each func(step int, loss float64)
}

// Train trains the model on a text, and returns the loss before each step: the
// mean cross entropy of a window, in nats. The state is carried from window to
// window, and begins at zeros whenever the text begins; the gradient ends where
// the window begins. It panics when a number is out of range, as [Windows] does, and
// when the Encoder has Dropout and no source for it: call Encoder.Train before.
func (m *LanguageModel) Train(tokens []int, how LanguageFit) (losses []float64) {
	const fn = "LanguageModel.Train"
	m.check(fn)
	checkCount(fn, "Steps", how.Steps, 1)
	checkCount(fn, "Streams", how.Streams, 1)
	checkCount(fn, "Tau", how.Tau, 1)
	switch {
	case !(how.LR > 0) || math.IsInf(how.LR, 1):
		failf(fn, "LR is %v, want a finite number above 0", how.LR)
	case !(how.ClipNorm > 0):
		failf(fn, "ClipNorm is %v, want more than 0, +Inf for no clipping", how.ClipNorm)
	case max(len(tokens)-1, 0)/how.Streams < how.Tau:
		failf(fn, "%d tokens, want more than Streams·Tau = %d·%d", len(tokens), how.Streams, how.Tau)
	}
	m.checkTokens(fn, tokens)
	params := m.Parameters()
	checkParameters(fn, params)
	optimizer := NewAdam(params, how.LR)
	windows := Windows(tokens, how.Streams, how.Tau)
	var state *State
	for step := range how.Steps {
		k := step % len(windows)
		if k == 0 || how.Stateless {
			state = nil
		}
		if how.Anneal {
			optimizer.LR = how.LR * float64(how.Steps-step) / float64(how.Steps)
		}
		var loss float64
		loss, state = m.trainStep(fn, optimizer, windows[k], state, how.ClipNorm)
		losses = append(losses, loss)
		if how.Each != nil {
			how.Each(step+1, loss)
		}
	}
	return losses
}

// TrainStep lets the optimiser of the model's parameters learn one window, read
// from a state, nil for zeros: it backpropagates the cross entropy of every step,
// clips the gradient to clipNorm ([ClipGradNorm]) and takes one step. It returns
// the loss before the step, in nats, and the state after the window. It panics as
// [LanguageModel.Forward] does, unless Y is of the shape of X, and when the Encoder has
// Dropout and no source for it: call Encoder.Train before.
func (m *LanguageModel) TrainStep(o Optimizer, w Window, s0 *State, clipNorm float64) (loss float64, state *State) {
	const fn = "LanguageModel.TrainStep"
	if o == nil {
		failf(fn, "o is nil, want an optimiser")
	}
	if !(clipNorm > 0) {
		failf(fn, "clipNorm is %v, want more than 0, +Inf for no clipping", clipNorm)
	}
	return m.trainStep(fn, o, w, s0, clipNorm)
}

func (m *LanguageModel) trainStep(fn string, o Optimizer, window Window, s0 *State, clipNorm float64) (loss float64, state *State) {
	m.check(fn)
	if p := m.Encoder.Config().Dropout; p > 0 && !m.Encoder.trains() {
		failf(fn, "the Encoder has Dropout %v and no source of randomness for it, want Encoder.Train(rng) before", p)
	}
	rows, steps := window.X.dims(fn)
	if r, s := window.Y.dims(fn); r != rows || s != steps {
		failf(fn, "Y is %d×%d, want %d×%d, as X", r, s, rows, steps)
	}
	w := &m.work
	w.targets = w.targets[:0]
	for _, row := range window.Y {
		w.targets = append(w.targets, row...)
	}
	state = new(State)
	m.forward(fn, &w.logits, state, window.X, s0)
	loss = crossEntropy(fn, &w.dLogits, &w.logits, w.targets)
	w.params = append(w.params[:0], m.Embedding.Weight)
	w.params = append(m.Encoder.appendParameters(w.params), m.Linear.Weight, m.Linear.Bias)
	ZeroGrad(w.params)
	m.backward(fn, &w.dLogits)
	ClipGradNorm(w.params, clipNorm)
	o.Step()
	return loss, state
}

// checkTokens panics unless every token is one of the embedding's.
func (m *LanguageModel) checkTokens(fn string, tokens []int) {
	for i, k := range tokens {
		if k < 0 || k >= m.Embedding.NumEmbeddings {
			failf(fn, "token %d in place %d, want 0 to %d", k, i, m.Embedding.NumEmbeddings-1)
		}
	}
}

// readAtOnce is how many steps Read computes at once, which bounds its memory.
const readAtOnce = 512

// Read calls each for every token of a text, read as one stream from a state, nil
// for zeros, with the logits of the token behind it, and returns the state at the
// end: of no tokens a copy of s0. The logits stand until each returns. It runs without
// dropout and keeps nothing for Backward, which panics after it. It panics when a token is
// not one of the embedding's and when the state does not fit one stream.
func (m *LanguageModel) Read(tokens []int, s0 *State, each func(at int, logits []float64)) (state *State) {
	return m.read("LanguageModel.Read", tokens, s0, each)
}

func (m *LanguageModel) read(fn string, tokens []int, state *State, each func(at int, logits []float64)) *State {
	m.check(fn)
	m.checkTokens(fn, tokens)
	if each == nil {
		failf(fn, "each is nil, want a function")
	}
	if len(tokens) == 0 {
		return state.clone()
	}
	defer m.Encoder.with(true, nil)()
	defer func() { m.work.read = true }()
	for from := 0; from < len(tokens); from += readAtOnce {
		part := tokens[from:min(from+readAtOnce, len(tokens))]
		logits, next := new(Tensor), new(State)
		m.forward(fn, logits, next, Indices{part}, state)
		state = next
		for t := range part {
			each(from+t, logits.Slice(t).data)
		}
	}
	return state
}

// clone returns a state that shares nothing with s.
func (s *State) clone() *State {
	if s == nil {
		return nil
	}
	c := new(State)
	if s.H != nil {
		c.H = s.H.Clone()
	}
	if s.C != nil {
		c.C = s.C.Clone()
	}
	return c
}

// Bits returns −log₂ of the probability that the model gives each token of a text
// but the first, after those before it. Their mean is the bits per token (per
// character, for an [Alphabet]) and 2 to that the perplexity. It panics as
// [LanguageModel.Read] does.
func (m *LanguageModel) Bits(tokens []int) []float64 {
	const fn = "LanguageModel.Bits"
	m.check(fn)
	m.checkTokens(fn, tokens) // the last, too, which is not read
	bits, e := make([]float64, 0, len(tokens)), make([]float64, m.Embedding.NumEmbeddings)
	m.read(fn, tokens[:max(len(tokens)-1, 0)], nil, func(at int, logits []float64) {
		top, sum := simd.ExpSum(e, logits)
		bits = append(bits, (simd.Log(sum)+(top-logits[tokens[at+1]]))/math.Ln2)
	})
	return bits
}

// Generate returns n tokens that the model writes behind a beginning: a [Sampler]
// chooses each from the logits, and the model reads it before it writes the next.
// It panics as [LanguageModel.Read] does, and when the beginning is empty, when n
// is below 1, and as [Sampler.Choose] does.
func (m *LanguageModel) Generate(rng *rand.Rand, beginning []int, n int, how Sampler) []int {
	const fn = "LanguageModel.Generate"
	m.check(fn)
	how.check(fn)
	checkRand(fn, rng)
	checkCount(fn, "n", n, 1)
	if len(beginning) == 0 {
		failf(fn, "the beginning is empty, want a token to read first")
	}
	var written []int
	next := 0
	choose := func(_ int, logits []float64) { next = how.choose(fn, rng, logits) }
	last := len(beginning) - 1
	state := m.read(fn, beginning[:last], nil, func(int, []float64) {})
	state = m.read(fn, beginning[last:], state, choose)
	for range n - 1 {
		written = append(written, next)
		state = m.read(fn, written[len(written)-1:], state, choose)
	}
	return append(written, next)
}
