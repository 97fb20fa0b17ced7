package lesson

import "math/rand/v2"

// Seq2Seq takes one sequence to another, as Sutskever, Vinyals & Le (2014): an
// encoder LSTM reads the source, its last state (h, c) is where a decoder LSTM
// starts, and that writes the target token by token, reading at each step what
// stood in the target before:
//
//	source → Encoder → (h, c) → Decoder → Linear → a logit for each token
//	        BOS, y_1 … y_{m−1} ↗                   y_1 … y_m
type Seq2Seq struct {
	Source, Target   *Embedding
	Encoder, Decoder *LSTM
	Linear           *Linear
	BOS              int // begin of sequence, an index in Target that no token has
}

// NewSeq2Seq returns a network over tokens 0 to tokens−1, in source and target.
// The decoder starts from BOS, which is the index after them: it is read and
// never written. It panics when a size is below 1 and when rng is nil.
func NewSeq2Seq(rng *rand.Rand, tokens, embeddingDim, hiddenSize int) *Seq2Seq {
	const fn = "NewSeq2Seq"
	checkRand(fn, rng)
	checkCount(fn, "tokens", tokens, 1)
	options := []Option{BatchFirst}
	return &Seq2Seq{
		BOS:     tokens,
		Source:  newEmbedding(fn, rng, tokens, embeddingDim, nil),
		Target:  newEmbedding(fn, rng, tokens+1, embeddingDim, nil),
		Encoder: newLSTM(fn, rng, embeddingDim, hiddenSize, options),
		Decoder: newLSTM(fn, rng, embeddingDim, hiddenSize, options),
		Linear:  newLinear(fn, rng, hiddenSize, tokens),
	}
}

// Parameters returns the parameters of all layers, under the prefixes source.,
// target., encoder., decoder. and linear.
func (s *Seq2Seq) Parameters() []*Parameter {
	s.check("Seq2Seq.Parameters")
	var all []*Parameter
	all = append(all, WithPrefix("source.", s.Source.Parameters())...)
	all = append(all, WithPrefix("target.", s.Target.Parameters())...)
	all = append(all, WithPrefix("encoder.", s.Encoder.Parameters())...)
	all = append(all, WithPrefix("decoder.", s.Decoder.Parameters())...)
	return append(all, WithPrefix("linear.", s.Linear.Parameters())...)
}

// check panics unless all layers are there, the recurrent ones laid out as the
// network reads them.
func (s *Seq2Seq) check(fn string) {
	checkNotNil(fn, "the receiver", s)
	s.Source.check(fn)
	s.Target.check(fn)
	for _, l := range []*LSTM{s.Encoder, s.Decoder} {
		checkNotNil(fn, "an LSTM", l)
		l.check(fn)
		l.checkBatchFirst(fn)
	}
	s.Linear.check(fn)
}

// Forward returns the logits of each step of the target, (batch·steps, tokens),
// row after row. The decoder reads the true target, one step late and after
// BOS ("teacher forcing"). It panics unless all sources are equally long, all
// targets too, and there are as many.
func (s *Seq2Seq) Forward(source, target Indices) *Tensor {
	const fn = "Seq2Seq.Forward"
	s.check(fn)
	rows, steps := target.dims(fn)
	if len(source) != rows {
		failf(fn, "%d sources and %d targets, want one each", len(source), rows)
	}
	late := make(Indices, rows)
	for i, row := range target {
		late[i] = append([]int{s.BOS}, row[:steps-1]...)
	}
	output, _ := s.decode(fn, late, s.encode(fn, source))
	logits := new(Tensor)
	s.Linear.forward(fn, logits, output.Reshape(rows*steps, output.shape[2]))
	return logits
}

// encode returns the encoder's last state.
func (s *Seq2Seq) encode(fn string, source Indices) *State {
	embedded := new(Tensor)
	s.Source.forward(fn, embedded, source)
	state := new(State)
	s.Encoder.forwardState(fn, nil, state, embedded, nil, false, nil)
	return state
}

// decode reads tokens of the target from a state.
func (s *Seq2Seq) decode(fn string, tokens Indices, from *State) (output *Tensor, state *State) {
	embedded := new(Tensor)
	s.Target.forward(fn, embedded, tokens)
	output, state = new(Tensor), new(State)
	s.Decoder.forwardState(fn, output, state, embedded, nil, false, from)
	return output, state
}

// Backward takes the gradient of what the last Forward returned and adds those of
// all parameters to theirs.
func (s *Seq2Seq) Backward(dLogits *Tensor) {
	const fn = "Seq2Seq.Backward"
	s.check(fn)
	s.Decoder.checkKept(fn)
	d, dx, dState := new(Tensor), new(Tensor), new(State)
	s.Linear.backward(fn, d, dLogits)
	rows := s.Decoder.last.batch
	s.Decoder.backwardState(fn, dx, dState, d.Reshape(rows, d.shape[0]/rows, d.shape[1]), nil)
	s.Target.backward(fn, dx)
	s.Encoder.backwardState(fn, dx, nil, nil, dState)
	s.Source.backward(fn, dx)
}

// Translate returns a target of so many steps for each source: at every step the
// token with the largest logit, which the decoder reads at the next. It runs under
// NoGrad: Backward after it panics. It panics as Forward does, and when steps is
// below 1.
func (s *Seq2Seq) Translate(source Indices, steps int) Indices {
	const fn = "Seq2Seq.Translate"
	s.check(fn)
	checkCount(fn, "steps", steps, 1)
	defer s.Encoder.with(true, nil)()
	defer s.Decoder.with(true, nil)()
	state := s.encode(fn, source)
	target, token := make(Indices, len(source)), make(Indices, len(source))
	for i := range token {
		token[i] = []int{s.BOS}
	}
	for range steps {
		var output *Tensor
		output, state = s.decode(fn, token, state)
		logits := new(Tensor)
		s.Linear.forward(fn, logits, output.Reshape(len(source), output.shape[2]))
		next := make(Indices, len(source))
		for i := range source {
			best := 0
			for k, z := range logits.Slice(i).data {
				if z > logits.At(i, best) {
					best = k
				}
			}
			next[i] = []int{best}
			target[i] = append(target[i], best)
		}
		token = next
	}
	return target
}

// Lags returns how many steps lie between reading source token i and writing the
// target token that goes with it, i from 0 to n−1, where source and target are n
// long and go word for word: each lag is n. Read backwards, the source makes
// lags of 1, 3, …, 2n−1: the smallest shrinks to 1, the mean stays n (Sutskever,
// Vinyals & Le, 2014, section 3.3). It panics when n is below 1.
func Lags(n int, reversed bool) []float64 {
	checkCount("Lags", "n", n, 1)
	lags := make([]float64, n)
	for i := range lags {
		read := i // at step i of n
		if reversed {
			read = n - 1 - i
		}
		written := n + i // the decoder's step i
		lags[i] = float64(written - read)
	}
	return lags
}
