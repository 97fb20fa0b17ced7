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
// The decoder starts from BOS, which is the index behind them: it is read and
// never written. It panics when a size is below 1 and when rng is nil.
func NewSeq2Seq(rng *rand.Rand, tokens, embeddingDim, hiddenSize int) *Seq2Seq {
	const fn = "NewSeq2Seq"
	checkRand(fn, rng)
	if tokens < 1 {
		failf(fn, "tokens is %d, want at least 1", tokens)
	}
	return &Seq2Seq{
		BOS:     tokens,
		Source:  NewEmbedding(rng, tokens, embeddingDim),
		Target:  NewEmbedding(rng, tokens+1, embeddingDim),
		Encoder: NewLSTM(rng, embeddingDim, hiddenSize, BatchFirst),
		Decoder: NewLSTM(rng, embeddingDim, hiddenSize, BatchFirst),
		Linear:  NewLinear(rng, hiddenSize, tokens),
	}
}

// Parameters returns the parameters of all layers, under the prefixes source.,
// target., encoder., decoder. and linear.
func (s *Seq2Seq) Parameters() []*Parameter {
	var all []*Parameter
	all = append(all, WithPrefix("source.", s.Source.Parameters())...)
	all = append(all, WithPrefix("target.", s.Target.Parameters())...)
	all = append(all, WithPrefix("encoder.", s.Encoder.Parameters())...)
	all = append(all, WithPrefix("decoder.", s.Decoder.Parameters())...)
	return append(all, WithPrefix("linear.", s.Linear.Parameters())...)
}

// Forward returns the logits of each step of the target, (batch·steps, tokens),
// row after row. The decoder reads the true target, one step late and behind
// BOS ("teacher forcing"). It panics unless all sources are equally long, all
// targets too, and there are as many.
func (s *Seq2Seq) Forward(source, target Indices) *Tensor {
	const fn = "Seq2Seq.Forward"
	rows, steps := target.dims(fn)
	if len(source) != rows {
		failf(fn, "%d sources and %d targets, want one each", len(source), rows)
	}
	late := make(Indices, rows)
	for i, row := range target {
		late[i] = append([]int{s.BOS}, row[:steps-1]...)
	}
	_, state := s.Encoder.Forward(s.Source.Forward(source), nil)
	output, _ := s.Decoder.Forward(s.Target.Forward(late), state)
	return s.Linear.Forward(output.Reshape(rows*steps, output.shape[2]))
}

// Backward takes the gradient of what the last Forward returned and adds those of
// all parameters to theirs.
func (s *Seq2Seq) Backward(dLogits *Tensor) {
	s.Decoder.checkKept("Seq2Seq.Backward")
	d := s.Linear.Backward(dLogits)
	rows := s.Target.shape[0]
	dx, dState := s.Decoder.Backward(d.Reshape(rows, d.shape[0]/rows, d.shape[1]), nil)
	s.Target.Backward(dx)
	dx, _ = s.Encoder.Backward(nil, dState)
	s.Source.Backward(dx)
}

// Translate returns a target of so many steps for each source: at every step the
// token with the largest logit, which the decoder reads at the next. It runs under
// NoGrad: Backward after it panics. It panics as Forward does, and when steps is
// below 1.
func (s *Seq2Seq) Translate(source Indices, steps int) Indices {
	if steps < 1 {
		failf("Seq2Seq.Translate", "steps is %d, want at least 1", steps)
	}
	defer s.Encoder.with(true, nil)()
	defer s.Decoder.with(true, nil)()
	_, state := s.Encoder.Forward(s.Source.Forward(source), nil)
	target, token := make(Indices, len(source)), make(Indices, len(source))
	for i := range token {
		token[i] = []int{s.BOS}
	}
	for range steps {
		var output *Tensor
		output, state = s.Decoder.Forward(s.Target.Forward(token), state)
		logits := s.Linear.Forward(output.Reshape(len(source), output.shape[2]))
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
	if n < 1 {
		failf("Lags", "n is %d, want at least 1", n)
	}
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
