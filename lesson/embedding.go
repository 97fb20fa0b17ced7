package lesson

import (
	"math/rand/v2"

	"unroll/internal/simd"
)

// Embedding is a table of vectors, one for each word: torch.nn.Embedding.
//
// An Embedding remembers its last Forward for Backward, so one must not be
// used by several goroutines at once.
type Embedding struct {
	NumEmbeddings int        // words in the table
	EmbeddingDim  int        // length of a vector
	Weight        *Parameter // "weight", (NumEmbeddings, EmbeddingDim)

	padding int   // the padding index, −1 without
	last    []int // what the last Forward looked up, row after row
	shape   Shape // of what it returned; empty before
}

// An EmbeddingOption changes how an [Embedding] is made.
type EmbeddingOption func(*Embedding)

// PaddingIdx gives word i the zero vector and no gradient, so that it stays
// zero, as padding_idx does in PyTorch.
func PaddingIdx(i int) EmbeddingOption { return func(e *Embedding) { e.padding = i } }

// NewEmbedding returns a table of standard normal vectors drawn from rng, as
// PyTorch begins. It panics when a size is below 1, when rng is nil, and when
// the padding index is outside the table.
func NewEmbedding(rng *rand.Rand, numEmbeddings, embeddingDim int, opts ...EmbeddingOption) *Embedding {
	return newEmbedding("NewEmbedding", rng, numEmbeddings, embeddingDim, opts)
}

func newEmbedding(fn string, rng *rand.Rand, numEmbeddings, embeddingDim int, opts []EmbeddingOption) *Embedding {
	checkRand(fn, rng)
	if numEmbeddings < 1 {
		failf(fn, "numEmbeddings is %d, want at least 1", numEmbeddings)
	}
	if embeddingDim < 1 {
		failf(fn, "embeddingDim is %d, want at least 1", embeddingDim)
	}
	const none = -1
	e := &Embedding{NumEmbeddings: numEmbeddings, EmbeddingDim: embeddingDim, padding: none}
	for _, o := range opts {
		if o == nil {
			failf(fn, "an option is nil, want PaddingIdx or none")
		}
		o(e)
	}
	checkShape(fn, []int{numEmbeddings, embeddingDim})
	if len(opts) > 0 && (e.padding < 0 || e.padding >= numEmbeddings) {
		failf(fn, "PaddingIdx is %d, want 0 to %d", e.padding, numEmbeddings-1)
	}
	e.Weight = NewParameter("weight", Randn(rng, numEmbeddings, embeddingDim))
	if e.padding != none {
		clear(e.Weight.Value.Slice(e.padding).data)
	}
	return e
}

// Parameters returns Weight.
func (e *Embedding) Parameters() []*Parameter {
	checkNotNil("Embedding.Parameters", "the receiver", e)
	return []*Parameter{e.Weight}
}

// check panics unless there is a table of its sizes.
func (e *Embedding) check(fn string) {
	checkNotNil(fn, "the Embedding", e)
	e.Weight.check(fn, "Weight", e.NumEmbeddings, e.EmbeddingDim)
}

// checkIndices panics unless every index is in the table.
func (e *Embedding) checkIndices(fn string, x Indices) {
	for i, row := range x {
		for j, k := range row {
			if k < 0 || k >= e.NumEmbeddings {
				failf(fn, "index %d in row %d, place %d, want 0 to %d: NumEmbeddings is %d", k, i, j, e.NumEmbeddings-1, e.NumEmbeddings)
			}
		}
	}
}

// Forward returns the vector of each index: (batch, steps, EmbeddingDim). It
// panics unless all rows are equally long and every index is 0 to
// NumEmbeddings−1.
func (e *Embedding) Forward(x Indices) *Tensor {
	out := new(Tensor)
	e.forward("Embedding.Forward", out, x)
	return out
}

// ForwardTo is Forward with its result written to out.
func (e *Embedding) ForwardTo(out *Tensor, x Indices) { e.forward("Embedding.ForwardTo", out, x) }

func (e *Embedding) forward(fn string, out *Tensor, x Indices) {
	e.check(fn)
	checkNotNil(fn, "out", out)
	e.shape = e.shape[:0] // a Forward that panics leaves nothing for Backward
	rows, cols := x.dims(fn)
	e.checkIndices(fn, x)
	e.last = e.last[:0]
	for _, row := range x {
		e.last = append(e.last, row...)
	}
	n := e.EmbeddingDim
	out.resize(rows, cols, n)
	simd.IndexSelect(matrix(out.data, 0, len(e.last), n), e.Weight.Value.simd(), e.last)
	e.shape = append(e.shape, out.shape...)
}

// Backward takes the gradient of what the last Forward returned and adds to
// each word's row of Weight.Grad the gradients of all places where the word
// occurred; the padding index gets none. It panics when there was no Forward, and
// when the shape is not that of its result.
func (e *Embedding) Backward(d *Tensor) { e.backward("Embedding.Backward", d) }

func (e *Embedding) backward(fn string, d *Tensor) {
	e.check(fn)
	if len(e.shape) == 0 {
		failf(fn, "no Forward before it")
	}
	if !d.axes().Equal(e.shape) {
		failf(fn, "d is %s, want %s as Forward returned", shapeOf(d), e.shape.times())
	}
	simd.IndexAdd(e.Weight.Grad.simd(), e.last, matrix(d.data, 0, len(e.last), e.EmbeddingDim), e.padding)
}
