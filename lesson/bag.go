package lesson

import "math/rand/v2"

// BagOfWords tells the class of a sentence by its words alone, not by their
// order: each word has a vote for each class, and the logits are the sums of the
// votes of all words, and a bias. That is logistic regression on how often each
// word occurs, the control for a network that reads.
type BagOfWords struct {
	Votes *Embedding // (words, classes), zero at first
	Bias  *Parameter // "bias", (classes)

	words   Indices // of the last Forward, padded
	lengths []int   // and the true lengths
	kept    bool    // the last Forward returned
}

// NewBagOfWords returns a bag of words with zero weights. It panics when a
// number is below 1.
func NewBagOfWords(words, classes int) *BagOfWords {
	const fn = "NewBagOfWords"
	checkCount(fn, "words", words, 1)
	checkCount(fn, "classes", classes, 1)
	b := &BagOfWords{Votes: newEmbedding(fn, rand.New(rand.NewPCG(0, 0)), words, classes, []EmbeddingOption{PaddingIdx(PAD)}), Bias: NewParameter("bias", NewTensor(classes))}
	clear(b.Votes.Weight.Value.data)
	return b
}

// Parameters returns the weights, "votes.weight", and "bias".
func (b *BagOfWords) Parameters() []*Parameter {
	b.check("BagOfWords.Parameters")
	return append(WithPrefix("votes.", b.Votes.Parameters()), b.Bias)
}

func (b *BagOfWords) check(fn string) {
	checkNotNil(fn, "the receiver", b)
	b.Votes.check(fn)
	b.Bias.check(fn, "Bias", b.Votes.EmbeddingDim)
}

// Forward returns the logits of each sentence: (batch, classes). It panics when
// there is no sentence, when one is empty, and when an index is outside
// Votes.
func (b *BagOfWords) Forward(seqs [][]int) *Tensor {
	const fn = "BagOfWords.Forward"
	b.check(fn)
	b.kept = false // after a Forward that panics there is nothing to backpropagate
	b.words, b.lengths = padded(fn, b.words, b.lengths, seqs, 0)
	for i, s := range seqs {
		copy(b.words[i], s)
	}
	b.Votes.checkIndices(fn, b.words)
	classes, votes := b.Votes.EmbeddingDim, b.Votes.Weight.Value.data
	logits := NewTensor(len(seqs), classes)
	for i, n := range b.lengths {
		z := logits.data[i*classes:][:classes]
		copy(z, b.Bias.Value.data)
		for j := range z {
			for _, k := range b.words[i][:n] {
				z[j] += votes[k*classes+j]
			}
		}
	}
	b.kept = true
	return logits
}

// Backward takes the gradient of what the last Forward returned and adds those
// of the parameters to theirs. It panics when there was no Forward, and when the
// shape is not that of its result.
func (b *BagOfWords) Backward(dLogits *Tensor) {
	const fn = "BagOfWords.Backward"
	b.check(fn)
	if !b.kept {
		failf(fn, "no Forward before it, want one")
	}
	classes := b.Votes.EmbeddingDim
	if want := (Shape{len(b.lengths), classes}); !dLogits.axes().Equal(want) {
		failf(fn, "dLogits is %s, want %s, as the logits", shapeOf(dLogits), want.times())
	}
	dVotes := b.Votes.Weight.Grad.data
	for i, n := range b.lengths {
		for j, d := range dLogits.data[i*classes:][:classes] {
			b.Bias.Grad.data[j] += d
			for _, k := range b.words[i][:n] {
				if k != b.Votes.padding {
					dVotes[k*classes+j] += d
				}
			}
		}
	}
}

// WordPairs numbers pairs of neighbouring words, so that a [BagOfWords] can have
// a weight for "not good".
type WordPairs struct {
	words int
	index map[[2]int]int
}

// NewWordPairs numbers the pairs that occur at least so often in the sentences,
// from words on, the number of words there are. It panics when words or atLeast
// is below 1.
func NewWordPairs(seqs [][]int, words, atLeast int) *WordPairs {
	if atLeast < 1 {
		failf("NewWordPairs", "atLeast is %d, want 1 or more", atLeast)
	}
	checkCount("NewWordPairs", "words", words, 1)
	seen, p := map[[2]int]int{}, &WordPairs{words, map[[2]int]int{}}
	for _, s := range seqs {
		for t := 1; t < len(s); t++ {
			pair := [2]int{s[t-1], s[t]}
			if seen[pair]++; seen[pair] == atLeast {
				p.index[pair] = words + len(p.index)
			}
		}
	}
	return p
}

// Len returns the number of words and pairs.
func (p *WordPairs) Len() int {
	checkNotNil("WordPairs.Len", "the receiver", p)
	return p.words + len(p.index)
}

// Examples returns the same sentences, each with the pairs after the words.
func (p *WordPairs) Examples(of Examples) Examples {
	checkNotNil("WordPairs.Examples", "the receiver", p)
	with := Examples{Classes: of.Classes}
	for _, s := range of.Seqs {
		longer := append([]int(nil), s...)
		for t := 1; t < len(s); t++ {
			if i, known := p.index[[2]int{s[t-1], s[t]}]; known {
				longer = append(longer, i)
			}
		}
		with.Seqs = append(with.Seqs, longer)
	}
	return with
}
