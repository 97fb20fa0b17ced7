package lesson

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/internal/simd"
)

// Seq2Seq takes one sequence to another, as Sutskever, Vinyals & Le (2014), but for
// the sign BOS: an encoder LSTM reads the source, its last state (h, c) is where a
// decoder LSTM starts, and that writes the target token by token, reading at each
// step what stood in the target before:
//
//	source → Encoder → (h, c) → Decoder → Linear → a logit for each token
//	        BOS, y_1 … y_m       ↗                 y_1 … y_m, EOS
//
// With Attention every state h_t of the decoder looks at all states of the
// encoder, and what it saw, the context c_t, takes part in the decision. This is
// equation 5 of Luong, Pham & Manning (2015) with a bias, and without their input
// feeding:
//
//	h̃_t = tanh(W_c [c_t; h_t] + b_c)         Linear reads h̃_t in the place of h_t
//
// A Seq2Seq remembers its last Forward for Backward, and Translate, Beam and
// Alignment compute in the same memory, so one must not be used by several
// goroutines at once.
type Seq2Seq struct {
	Source, Target   *Embedding
	Encoder, Decoder *LSTM
	Attention        *DecoderAttention // nil: the decoder has the last state alone
	Combine          *Linear           // W_c and b_c; nil without Attention
	Linear           *Linear
	BOS              int // begin of sequence, TargetTokens + 1: it is read and never written
	EOS              int // end of sequence, TargetTokens: it is written and never read

	work seq2seqScratch
}

// Seq2SeqConfig says what [NewSeq2Seq] makes.
type Seq2SeqConfig struct {
	SourceTokens int    // the source's tokens are 0 to SourceTokens−1
	TargetTokens int    // and the target's 0 to TargetTokens−1; EOS and BOS are the next two
	EmbeddingDim int    // length of a token's vector
	HiddenSize   int    // of encoder and decoder
	Attention    string // "dot", "additive", "mean" or "last", as [DecoderAttention] has them; "": none
}

// seq2seqScratch is memory that a Seq2Seq uses again in every step, and what its
// Backward needs.
type seq2seqScratch struct {
	read, late                 Indices // sources, and targets one step late
	lengths, steps             []int   // of each
	labels                     []int
	params                     []*Parameter
	wrote                      bool // something else than Forward came after it
	embedded, memory, output   Tensor
	context, joined, combined  Tensor
	logits, dLogits, dCombined Tensor
	dJoined, dOutput, dContext Tensor
	dQueries, dMemory, dx      Tensor
	state, dState              State
}

// NewSeq2Seq returns a network whose parameters are drawn from rng. It panics
// when a size is below 1, for an unknown attention, and when rng is nil.
func NewSeq2Seq(rng *rand.Rand, config Seq2SeqConfig) *Seq2Seq {
	const fn = "NewSeq2Seq"
	checkRand(fn, rng)
	checkCount(fn, "SourceTokens", config.SourceTokens, 1)
	checkCount(fn, "TargetTokens", config.TargetTokens, 1)
	options := []Option{BatchFirst}
	e, h, n := config.EmbeddingDim, config.HiddenSize, config.TargetTokens
	s := &Seq2Seq{
		EOS:     n,
		BOS:     n + 1,
		Source:  newEmbedding(fn, rng, config.SourceTokens, e, nil),
		Target:  newEmbedding(fn, rng, n+2, e, nil),
		Encoder: newLSTM(fn, rng, e, h, options),
		Decoder: newLSTM(fn, rng, e, h, options),
	}
	switch config.Attention {
	case "":
	case "dot", "additive", "mean", "last":
		s.Attention = newDecoderAttention(fn, rng, h, config.Attention)
		s.Combine = newLinear(fn, rng, 2*h, h)
	default:
		failf(fn, `Attention is %q, want "dot", "additive", "mean", "last" or ""`, config.Attention)
	}
	s.Linear = newLinear(fn, rng, h, n+1)
	return s
}

// Parameters returns the parameters of all layers, under the prefixes source.,
// target., encoder., decoder., attention., combine. and linear.
func (s *Seq2Seq) Parameters() []*Parameter {
	s.check("Seq2Seq.Parameters")
	var all []*Parameter
	all = append(all, WithPrefix("source.", s.Source.Parameters())...)
	all = append(all, WithPrefix("target.", s.Target.Parameters())...)
	all = append(all, WithPrefix("encoder.", s.Encoder.Parameters())...)
	all = append(all, WithPrefix("decoder.", s.Decoder.Parameters())...)
	if s.Attention != nil {
		all = append(all, WithPrefix("attention.", s.Attention.Parameters())...)
		all = append(all, WithPrefix("combine.", s.Combine.Parameters())...)
	}
	return append(all, WithPrefix("linear.", s.Linear.Parameters())...)
}

// appendParameters is Parameters without prefixes, to memory that is used again.
func (s *Seq2Seq) appendParameters(to []*Parameter) []*Parameter {
	to = append(to, s.Source.Weight, s.Target.Weight)
	to = s.Decoder.appendParameters(s.Encoder.appendParameters(to))
	if s.Attention != nil {
		if s.Attention.Score == "additive" {
			to = append(to, s.Attention.Query, s.Attention.Memory, s.Attention.V)
		}
		to = append(to, s.Combine.Weight, s.Combine.Bias)
	}
	return append(to, s.Linear.Weight, s.Linear.Bias)
}

// check panics unless all layers are there, the recurrent ones laid out as the
// network reads them, and the signs behind the tokens.
func (s *Seq2Seq) check(fn string) {
	checkNotNil(fn, "the receiver", s)
	s.Source.check(fn)
	s.Target.check(fn)
	for _, l := range []*LSTM{s.Encoder, s.Decoder} {
		checkNotNil(fn, "an LSTM", l)
		l.check(fn)
		l.checkBatchFirst(fn)
	}
	if s.Attention != nil {
		s.Attention.check(fn)
		s.Combine.check(fn)
	}
	s.Linear.check(fn)
	if n := s.Linear.OutFeatures - 1; s.EOS != n || s.BOS != n+1 || s.Target.NumEmbeddings != n+2 {
		failf(fn, "EOS is %d and BOS %d, with %d logits and %d vectors in Target, want TargetTokens and the next", s.EOS, s.BOS, n+1, s.Target.NumEmbeddings)
	}
}

// Forward returns the logits of each step of the targets, (rows, TargetTokens +
// 1): one row for each token of the first target and one for its EOS, then those
// of the next; [Seq2Seq.Labels] has what should be written there. The decoder
// reads the true target, one step late and after BOS ("teacher forcing").
// Sources may differ in length, and targets too; a target may be empty. EOS is
// appended to it, and must not stand in it. It panics unless there is one target for
// each source, when a source is empty and when a token is out of range.
func (s *Seq2Seq) Forward(sources, targets [][]int) *Tensor {
	logits := new(Tensor)
	s.forward("Seq2Seq.Forward", logits, sources, targets)
	return logits
}

func (s *Seq2Seq) forward(fn string, logits *Tensor, sources, targets [][]int) {
	s.check(fn)
	if len(sources) != len(targets) {
		failf(fn, "%d sources and %d targets, want one each", len(sources), len(targets))
	}
	w := &s.work
	w.wrote = false
	w.steps = resizeSlice(w.steps, len(targets))
	longest := 0
	for i, target := range targets {
		s.checkTarget(fn, i, target)
		w.steps[i] = len(target) + 1
		longest = max(longest, w.steps[i])
	}
	s.encode(fn, &w.state, sources)
	w.late = slices.Grow(w.late[:0], len(targets))[:len(targets)]
	for i, target := range targets {
		w.late[i] = resizeSlice(w.late[i], longest)
		clear(w.late[i])
		w.late[i][0] = s.BOS
		copy(w.late[i][1:], target)
	}
	s.decode(fn, logits, w.late, w.steps, &w.state)
}

// checkTarget panics unless target i holds tokens alone.
func (s *Seq2Seq) checkTarget(fn string, i int, target []int) {
	for t, k := range target {
		switch {
		case k == s.EOS:
			failf(fn, "target %d has token %d in place %d, which is EOS, want the target without it: EOS is appended", i, k, t)
		case k == s.BOS:
			failf(fn, "target %d has token %d in place %d, which is BOS, want the target without it: BOS is put before it", i, k, t)
		case k < 0 || k > s.EOS:
			failf(fn, "target %d has token %d in place %d, want 0 to %d", i, k, t, s.EOS-1)
		}
	}
}

// Labels returns what Forward's logits should be largest for, row after row: the
// tokens of each target and EOS.
func (s *Seq2Seq) Labels(targets [][]int) []int {
	checkNotNil("Seq2Seq.Labels", "the receiver", s)
	return s.appendLabels(nil, targets)
}

func (s *Seq2Seq) appendLabels(labels []int, targets [][]int) []int {
	for _, target := range targets {
		labels = append(append(labels, target...), s.EOS)
	}
	return labels
}

// encode writes the encoder's last state, and keeps all others as memory.
func (s *Seq2Seq) encode(fn string, state *State, sources [][]int) {
	w := &s.work
	w.read, w.lengths = padded(fn, w.read, w.lengths, sources, 0)
	for i, source := range sources {
		copy(w.read[i], source)
	}
	s.Source.forward(fn, &w.embedded, w.read)
	s.Encoder.forwardState(fn, &w.memory, state, &w.embedded, w.lengths, true, nil)
}

// decode reads tokens of the target from a state, which it carries on, and writes
// the logits of the first steps[i] of row i.
func (s *Seq2Seq) decode(fn string, logits *Tensor, tokens Indices, steps []int, state *State) {
	w := &s.work
	s.Target.forward(fn, &w.embedded, tokens)
	s.Decoder.forwardState(fn, &w.output, state, &w.embedded, steps, true, state)
	if s.Attention == nil {
		pickSteps(&w.combined, 0, w.output.shape[2], &w.output, steps)
	} else {
		s.Attention.forward(fn, &w.context, &w.output, &w.memory, w.lengths)
		h := w.output.shape[2]
		pickSteps(&w.joined, 0, 2*h, &w.context, steps)
		pickSteps(&w.joined, h, 2*h, &w.output, steps)
		s.Combine.forward(fn, &w.combined, &w.joined)
		simd.TanhTo(w.combined.data, w.combined.data)
	}
	s.Linear.forward(fn, logits, &w.combined)
}

// pickSteps copies the first steps[b] vectors of each row b of x, (batch, steps,
// H), one below another into columns at to at+H−1 of rows, which has width.
func pickSteps(rows *Tensor, at, width int, x *Tensor, steps []int) {
	n := 0
	for _, k := range steps {
		n += k
	}
	rows.resize(n, width)
	eachTrueStep(x, steps, func(row int, v []float64) { copy(rows.data[row*width+at:], v) })
}

// placeSteps is the way back: it writes the rows to their places in x, and zeros
// to all others.
func placeSteps(x, rows *Tensor, at int, shape Shape, steps []int) {
	x.resize(shape...)
	clear(x.data)
	width := rows.shape[1]
	eachTrueStep(x, steps, func(row int, v []float64) { copy(v, rows.data[row*width+at:]) })
}

func eachTrueStep(x *Tensor, steps []int, do func(row int, v []float64)) {
	row, h := 0, x.shape[2]
	for b, k := range steps {
		for t := range k {
			do(row, x.data[(b*x.shape[1]+t)*h:][:h])
			row++
		}
	}
}

// Backward takes the gradient of what the last Forward returned and adds those of
// all parameters to theirs. It panics when there was no Forward, when Translate,
// Beam or Alignment came after it, and when the shape is not that of its result.
func (s *Seq2Seq) Backward(dLogits *Tensor) { s.backward("Seq2Seq.Backward", dLogits) }

func (s *Seq2Seq) backward(fn string, dLogits *Tensor) {
	s.check(fn)
	w := &s.work
	if w.wrote {
		failf(fn, "Translate, Beam or Alignment came after the last Forward, want Forward again before Backward")
	}
	s.Decoder.checkKept(fn)
	s.Linear.backward(fn, &w.dCombined, dLogits)
	var dMemory *Tensor
	if s.Attention == nil {
		placeSteps(&w.dOutput, &w.dCombined, 0, w.output.shape, w.steps)
	} else {
		for i, v := range w.combined.data {
			w.dCombined.data[i] *= 1 - float64(v*v)
		}
		s.Combine.backward(fn, &w.dJoined, &w.dCombined)
		placeSteps(&w.dContext, &w.dJoined, 0, w.output.shape, w.steps)
		placeSteps(&w.dOutput, &w.dJoined, w.output.shape[2], w.output.shape, w.steps)
		dMemory = &w.dMemory
		s.Attention.backward(fn, &w.dQueries, dMemory, &w.dContext)
		add(w.dOutput.data, w.dQueries.data)
	}
	s.Decoder.backwardState(fn, &w.dx, &w.dState, &w.dOutput, nil)
	s.Target.backward(fn, &w.dx)
	s.Encoder.backwardState(fn, &w.dx, nil, dMemory, &w.dState)
	s.Source.backward(fn, &w.dx)
}

// TrainStep lets the optimiser of the network's parameters learn one batch by
// teacher forcing: it backpropagates the cross entropy of [Seq2Seq.Labels],
// clips the gradient to clipNorm ([ClipGradNorm]) and takes one step. It returns
// the mean loss of a token, EOS counted, before the step. It panics as
// [Seq2Seq.Forward] does, when o is nil, and unless clipNorm is above 0: +Inf is no
// clipping.
func (s *Seq2Seq) TrainStep(o Optimizer, sources, targets [][]int, clipNorm float64) (loss float64) {
	const fn = "Seq2Seq.TrainStep"
	if o == nil {
		failf(fn, "o is nil, want an optimiser")
	}
	if !(clipNorm > 0) {
		failf(fn, "clipNorm is %v, want more than 0, +Inf for no clipping", clipNorm)
	}
	s.check(fn)
	w := &s.work
	s.forward(fn, &w.logits, sources, targets)
	w.labels = s.appendLabels(w.labels[:0], targets)
	loss = crossEntropy(fn, &w.dLogits, &w.logits, w.labels)
	w.params = s.appendParameters(w.params[:0])
	ZeroGrad(w.params)
	s.backward(fn, &w.dLogits)
	ClipGradNorm(w.params, clipNorm)
	o.Step()
	return loss
}

// noGrad sets NoGrad of encoder and decoder, and returns a function that sets
// both back. What the last Forward kept is lost.
func (s *Seq2Seq) noGrad() (restore func()) {
	s.work.wrote = true
	encoder, decoder := s.Encoder.with(true, nil), s.Decoder.with(true, nil)
	return func() { encoder(); decoder() }
}

// Translate writes a target for each source, which ends before EOS or after so
// many steps: at every step the token with the largest logit, which the decoder
// reads at the next ("greedy", and "free running": no teacher). It runs under
// NoGrad: Backward after it panics. It panics as Forward does, when steps is below
// 1, and when a logit is a NaN or +Inf or all are −Inf.
func (s *Seq2Seq) Translate(sources [][]int, steps int) [][]int {
	const fn = "Seq2Seq.Translate"
	s.check(fn)
	checkCount(fn, "steps", steps, 1)
	defer s.noGrad()()
	state, logits := new(State), new(Tensor)
	s.encode(fn, state, sources)
	targets, token, ones := make([][]int, len(sources)), make(Indices, len(sources)), make([]int, len(sources))
	ended := make([]bool, len(sources))
	for i := range token {
		token[i], ones[i] = []int{s.BOS}, 1
	}
	for range steps {
		s.decode(fn, logits, token, ones, state)
		for i := range token {
			best := largestLogit(fn, logits.Slice(i).data)
			if ended[i] = ended[i] || best == s.EOS; !ended[i] {
				targets[i] = append(targets[i], best)
				token[i][0] = best
			}
		}
		if !slices.Contains(ended, false) {
			break
		}
	}
	return targets
}

// largestLogit returns the first token with the largest logit. It panics unless the
// logits make probabilities.
func largestLogit(fn string, logits []float64) (best int) {
	for k, z := range logits {
		if math.IsNaN(z) || math.IsInf(z, 1) {
			failf(fn, "logit %d is %v, want a number", k, z)
		}
		if z > logits[best] {
			best = k
		}
	}
	if math.IsInf(logits[best], -1) {
		failf(fn, "all logits are -Inf, want one that is not")
	}
	return best
}

// Alignment returns the weights of attention while the decoder reads a target
// under teacher forcing, (len(target) + 1, len(source)): row t says where it
// looked to write token t, the last row where it looked to write EOS. It runs
// under NoGrad: Backward after it panics. It panics as Forward does, and without
// Attention.
func (s *Seq2Seq) Alignment(source, target []int) *Tensor {
	const fn = "Seq2Seq.Alignment"
	s.check(fn)
	if s.Attention == nil {
		failf(fn, "a Seq2Seq without Attention, want one with it")
	}
	defer s.noGrad()()
	s.forward(fn, new(Tensor), [][]int{source}, [][]int{target})
	s.work.wrote = true
	return s.Attention.weights.Slice(0).Clone()
}
