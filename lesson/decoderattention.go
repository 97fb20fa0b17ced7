package lesson

import (
	"math"
	"math/rand/v2"
	"slices"

	"unroll/internal/simd"
)

// DecoderAttention lets every step of a decoder look back at all steps of an
// encoder. From the decoder's state h_t, the query, and the encoder's states
// s_j, the memory, it computes a score for each pair, weights that sum to 1 over
// the source, and the mean of the memory under these weights, the context:
//
//	e_tj = h_t · s_j                         "dot" (Luong, Pham & Manning, 2015)
//	e_tj = v · tanh(W_q h_t + W_m s_j)       "additive", as it is since called (Bahdanau, Cho & Bengio, 2015)
//	a_tj = exp(e_tj) / Σ_k exp(e_tk)
//	c_t  = Σ_j a_tj s_j
//
// Two more are controls that look at nothing, with weights that are always the same:
//
//	a_tj = 1/n                               "mean": of all n states
//	a_tj = 1 for j = n, else 0               "last": the last state at every step, as K. Cho et al. (2014)
//
// Bahdanau's query is the state before the step, Luong's the one after it. Here
// it is Luong's, for both scores: so a decoder that reads a known target runs
// through all its steps first, and then looks from all of them at once.
//
// A DecoderAttention remembers its last Forward for Backward, so one must not be
// used by several goroutines at once.
type DecoderAttention struct {
	HiddenSize int        // H, of queries and memory
	Score      string     // "dot", "additive", "mean" or "last"
	Query      *Parameter // "query", W_q, (H, H); nil but for "additive", as the next two
	Memory     *Parameter // "memory", W_m, (H, H)
	V          *Parameter // "v", (H)

	// Of the last Forward.
	kept            bool // there was one
	queries, memory Tensor
	lengths         []int
	weights         Tensor      // (batch, targets, sources)
	tanh            [][]float64 // of each sequence with the additive score, targets × its length × H

	// Memory that is used again.
	wq, wm  Tensor // W_q h and W_m s of a sequence, and their gradients
	dScores Tensor
	packed  simd.Packed // what the running product reads
}

// NewDecoderAttention returns a DecoderAttention. Only the additive score has
// parameters, drawn from rng uniformly in ±1/√H, as a linear layer's. It panics when hiddenSize is below 1, for an unknown
// score, and when rng is nil.
func NewDecoderAttention(rng *rand.Rand, hiddenSize int, score string) *DecoderAttention {
	return newDecoderAttention("NewDecoderAttention", rng, hiddenSize, score)
}

func newDecoderAttention(fn string, rng *rand.Rand, hiddenSize int, score string) *DecoderAttention {
	checkRand(fn, rng)
	checkCount(fn, "hiddenSize", hiddenSize, 1)
	checkShape(fn, []int{hiddenSize, hiddenSize})
	a := &DecoderAttention{HiddenSize: hiddenSize, Score: score}
	switch score {
	case "dot", "mean", "last":
	case "additive":
		bound := 1 / math.Sqrt(float64(hiddenSize))
		a.Query = NewParameter("query", Uniform(rng, -bound, bound, hiddenSize, hiddenSize))
		a.Memory = NewParameter("memory", Uniform(rng, -bound, bound, hiddenSize, hiddenSize))
		a.V = NewParameter("v", Uniform(rng, -bound, bound, hiddenSize))
	default:
		failf(fn, `score is %q, want "dot", "additive", "mean" or "last"`, score)
	}
	return a
}

// Parameters returns Query, Memory and V, or none but for the additive score.
func (a *DecoderAttention) Parameters() []*Parameter {
	a.check("DecoderAttention.Parameters")
	if a.Score != "additive" {
		return nil
	}
	return []*Parameter{a.Query, a.Memory, a.V}
}

// check panics unless there is a layer of its size.
func (a *DecoderAttention) check(fn string) {
	checkNotNil(fn, "the DecoderAttention", a)
	switch a.Score {
	case "dot", "mean", "last":
	case "additive":
		a.Query.check(fn, "Query", a.HiddenSize, a.HiddenSize)
		a.Memory.check(fn, "Memory", a.HiddenSize, a.HiddenSize)
		a.V.check(fn, "V", a.HiddenSize)
	default:
		failf(fn, `Score is %q, want "dot", "additive", "mean" or "last"`, a.Score)
	}
}

// Forward looks from queries, (batch, targets, H), at memory, (batch, sources,
// H), of which row i ends after lengths[i] steps: what stands behind is not
// looked at. context is (batch, targets, H) and weights (batch, targets,
// sources), zero behind the end. It panics when a shape does not fit, and unless
// there is one length for each row, from 1 to sources.
func (a *DecoderAttention) Forward(queries, memory *Tensor, lengths []int) (context, weights *Tensor) {
	context = new(Tensor)
	a.forward("DecoderAttention.Forward", context, queries, memory, lengths)
	return context, a.weights.Clone()
}

func (a *DecoderAttention) forward(fn string, context, queries, memory *Tensor, lengths []int) {
	a.check(fn)
	a.kept = false // after a Forward that panics there is nothing to backpropagate
	h := a.HiddenSize
	q, m := queries.axes(), memory.axes()
	if len(q) != 3 || len(m) != 3 || q[0] != m[0] || q[2] != h || m[2] != h {
		failf(fn, "queries are %s and memory is %s, want (batch, targets, %d) and (batch, sources, %d)", shapeOf(queries), shapeOf(memory), h, h)
	}
	batch, targets, sources := q[0], q[1], m[1]
	checkLengths(fn, lengths, batch, sources)
	a.queries.resize(q...)
	copy(a.queries.data, queries.data) // the caller may change them before Backward
	a.memory.resize(m...)
	copy(a.memory.data, memory.data)
	a.lengths = append(a.lengths[:0], lengths...)
	a.weights.resize(batch, targets, sources)
	clear(a.weights.data)
	context.resize(batch, targets, h)
	a.tanh = slices.Grow(a.tanh[:0], batch)[:batch]
	for b, n := range lengths {
		q, m := a.of(&a.queries, b, targets), a.of(&a.memory, b, n)
		w := a.weightsOf(b, n)
		switch a.Score {
		case "dot":
			a.packed.PackTrans(m)
			simd.Gemm(w, simd.Matrix{}, q, &a.packed)
		case "additive":
			a.tanh[b] = resizeSlice(a.tanh[b], targets*n*h)
			a.additive(w, q, m, a.tanh[b])
		case "last":
			for t := range targets {
				row := w.Data[t*sources:][:n]
				for j := range row {
					row[j] = math.Inf(-1)
				}
				row[n-1] = 0
			}
		}
		for t := range targets {
			softmax(w.Data[t*sources:][:n])
		}
		a.packed.Pack(m)
		simd.Gemm(a.of(context, b, targets), simd.Matrix{}, w, &a.packed)
	}
	a.kept = true
}

// additive writes the scores of one sequence, and the tanh of each sum to u.
func (a *DecoderAttention) additive(scores, queries, memory simd.Matrix, u []float64) {
	h := a.HiddenSize
	wq, wm := &a.wq, &a.wm
	wq.resize(queries.Rows, h)
	wm.resize(memory.Rows, h)
	a.packed.PackTrans(a.Query.Value.simd())
	simd.Gemm(wq.simd(), simd.Matrix{}, queries, &a.packed)
	a.packed.PackTrans(a.Memory.Value.simd())
	simd.Gemm(wm.simd(), simd.Matrix{}, memory, &a.packed)
	at := u
	for t := range queries.Rows {
		for j := range memory.Rows {
			copy(at[:h], wq.data[t*h:])
			add(at[:h], wm.data[j*h:][:h])
			at = at[h:]
		}
	}
	simd.TanhTo(u, u)
	for t := range queries.Rows {
		for j := range memory.Rows {
			scores.Data[t*scores.Stride+j] = simd.Dot(a.V.Value.data, u[(t*memory.Rows+j)*h:][:h])
		}
	}
}

// Backward backpropagates through the last Forward: it takes the gradient of the
// loss with respect to context, adds those of the parameters to theirs, and
// returns those of queries and memory. Parameters must not change between the
// two. It panics when there was no Forward, and when the shape is not context's.
func (a *DecoderAttention) Backward(dContext *Tensor) (dQueries, dMemory *Tensor) {
	dQueries, dMemory = new(Tensor), new(Tensor)
	a.backward("DecoderAttention.Backward", dQueries, dMemory, dContext)
	return dQueries, dMemory
}

func (a *DecoderAttention) backward(fn string, dQueries, dMemory, dContext *Tensor) {
	a.check(fn)
	if !a.kept {
		failf(fn, "no Forward before it, want one: Backward backpropagates through the last Forward")
	}
	if !dContext.axes().Equal(a.queries.shape) {
		failf(fn, "dContext is %s, want %s, as the context", shapeOf(dContext), a.queries.shape.times())
	}
	targets := a.queries.shape[1]
	dQueries.resize(a.queries.shape...)
	dMemory.resize(a.memory.shape...)
	clear(dMemory.data)
	for b, n := range a.lengths {
		q, m := a.of(&a.queries, b, targets), a.of(&a.memory, b, n)
		d, dq, dm := a.of(dContext, b, targets), a.of(dQueries, b, targets), a.of(dMemory, b, n)
		w := a.weightsOf(b, n)
		simd.GemmTA(dm, simd.Matrix{}, w, d, &a.packed) // by way of the mean

		de := &a.dScores // first of the weights, then of the scores
		de.resize(targets, n)
		a.packed.PackTrans(m)
		simd.Gemm(de.simd(), simd.Matrix{}, d, &a.packed)
		for t := range targets {
			row, wt := de.data[t*n:][:n], w.Data[t*w.Stride:][:n]
			mean := simd.Dot(row, wt)
			for j, p := range wt {
				row[j] = p * (row[j] - mean)
			}
		}
		switch a.Score {
		case "dot":
			a.packed.Pack(m)
			simd.Gemm(dq, simd.Matrix{}, de.simd(), &a.packed)
			simd.GemmTA(dm, dm, de.simd(), q, &a.packed)
		case "additive":
			a.additiveBackward(dq, dm, de, q, m, a.tanh[b])
		default:
			clear(dq.Data)
		}
	}
}

// additiveBackward takes the gradient of the scores of one sequence. It writes
// that of the queries, and adds to those of the memory and the parameters.
func (a *DecoderAttention) additiveBackward(dq, dm simd.Matrix, dScores *Tensor, q, m simd.Matrix, u []float64) {
	h := a.HiddenSize
	dwq, dwm := &a.wq, &a.wm
	dwq.resize(q.Rows, h)
	dwm.resize(m.Rows, h)
	clear(dwq.data)
	clear(dwm.data)
	for t := range q.Rows {
		for j := range m.Rows {
			e, u := dScores.data[t*m.Rows+j], u[(t*m.Rows+j)*h:][:h]
			for k, v := range a.V.Value.data {
				d := float64(e*v) * (1 - float64(u[k]*u[k]))
				dwq.data[t*h+k] += d
				dwm.data[j*h+k] += d
				a.V.Grad.data[k] += float64(e * u[k])
			}
		}
	}
	dQuery, dMemory := a.Query.Grad.simd(), a.Memory.Grad.simd()
	simd.GemmTA(dQuery, dQuery, dwq.simd(), q, &a.packed)
	simd.GemmTA(dMemory, dMemory, dwm.simd(), m, &a.packed)
	a.packed.Pack(a.Query.Value.simd())
	simd.Gemm(dq, simd.Matrix{}, dwq.simd(), &a.packed)
	a.packed.Pack(a.Memory.Value.simd())
	simd.Gemm(dm, dm, dwm.simd(), &a.packed)
}

// weightsOf returns the weights of row b over its n sources.
func (a *DecoderAttention) weightsOf(b, n int) simd.Matrix {
	targets, sources := a.weights.shape[1], a.weights.shape[2]
	return simd.Matrix{Rows: targets, Cols: n, Data: a.weights.data[b*targets*sources:], Stride: sources}
}

// of returns the first n steps of row b of a tensor (batch, steps, H).
func (a *DecoderAttention) of(t *Tensor, b, n int) simd.Matrix {
	width := t.shape[1] * a.HiddenSize
	return matrix(t.data[b*width:][:width], 0, n, a.HiddenSize)
}
