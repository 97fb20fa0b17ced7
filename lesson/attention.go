package lesson

import (
	"math"
	"math/rand/v2"

	"unroll/internal/simd"
)

// Attention is one head of scaled dot-product self-attention (Vaswani et al.,
// 2017), torch.nn.MultiheadAttention with num_heads = 1 and query, key and value
// the same x. With E = EmbedDim:
//
//	q_t = W_q x_t + b_q        k_t = W_k x_t + b_k        v_t = W_v x_t + b_v
//	a_ts = exp(q_t · k_s / √E) / Σ_s′ exp(q_t · k_s′ / √E)
//	y_t = W_o Σ_s a_ts v_s + b_o
//
// Every y_t reads every x_s in one step, however far apart the two are: there
// is no product of Jacobians in between. Nothing in it depends on the order of
// the steps, though: another order of the x_t gives the same y_t in that order.
// The place of a step has to be part of x_t.
//
// An Attention remembers its last Forward for Backward, so one must not be used
// by several goroutines at once.
type Attention struct {
	EmbedDim   int  // E, features of each step of input and output
	Causal     bool // a_ts is 0 for s > t: a step reads itself and those before
	BatchFirst bool // x and output are (batch, steps, E), not (steps, batch, E)

	in, out *Linear // x to [q k v], and Σ a v to y
	noGrad  bool    // Forward keeps no weights for Backward

	// Of the last Forward; shape is nil before.
	shape      Shape // of x
	batchFirst bool
	lengths    []int       // of each sequence
	qkv        *Tensor     // (rows, 3E): the steps of one sequence below those of another
	weights    [][]float64 // a of each sequence, n×n; nil under NoGrad
	packed     simd.Packed // read by the product being computed
}

// NewAttention returns an Attention whose parameters are drawn from rng as
// PyTorch draws them: the three weights of q, k and v uniform in ±√(6/4E)
// (Glorot & Bengio's, for the three as one matrix), that of the output in
// ±1/√E; the biases are zero. It panics when embedDim is below 1 and when rng is
// nil.
func NewAttention(rng *rand.Rand, embedDim int) *Attention {
	return newAttention("NewAttention", rng, embedDim)
}

func newAttention(fn string, rng *rand.Rand, embedDim int) *Attention {
	checkRand(fn, rng)
	checkCount(fn, "embedDim", embedDim, 1)
	checkShape(fn, []int{3, embedDim, embedDim})
	a := &Attention{
		EmbedDim: embedDim,
		in:       NewLinear(rng, embedDim, 3*embedDim),
		out:      NewLinear(rng, embedDim, embedDim),
	}
	bound := math.Sqrt(6 / float64(4*embedDim))
	a.in.Weight = NewParameter("in_proj_weight", Uniform(rng, -bound, bound, 3*embedDim, embedDim))
	a.in.Bias = NewParameter("in_proj_bias", NewTensor(3*embedDim))
	a.out.Weight.Name = "out_proj.weight"
	a.out.Bias = NewParameter("out_proj.bias", NewTensor(embedDim))
	return a
}

// Parameters returns the parameters under PyTorch's names: in_proj_weight
// (3E, E), which holds W_q, W_k and W_v below one another, in_proj_bias (3E),
// likewise, out_proj.weight (E, E) and out_proj.bias (E).
func (a *Attention) Parameters() []*Parameter {
	a.check("Attention.Parameters")
	return a.appendParameters(nil)
}

// check panics unless there is a layer of its size.
func (a *Attention) check(fn string) {
	checkNotNil(fn, "the Attention", a)
	if a.in == nil || a.in.InFeatures != a.EmbedDim {
		failf(fn, "an Attention without parameters for EmbedDim %d, want one from NewAttention", a.EmbedDim)
	}
}

// NoGrad sets whether Forward keeps nothing for Backward, as under
// torch.no_grad. Its results have the same bits; it takes less memory. Backward
// after such a Forward panics.
func (a *Attention) NoGrad(on bool) {
	checkNotNil("Attention.NoGrad", "the receiver", a)
	a.noGrad = on
}

// Forward reads x, (steps, batch, E), (batch, steps, E) with BatchFirst, or
// one sequence (steps, E). output, y, is laid out as x. weights are the a_ts,
// (batch, steps, steps), or (steps, steps) for one sequence: row t says how much
// y_t takes from each step, and sums to 1. It panics when a shape does not fit.
func (a *Attention) Forward(x *Tensor) (output, weights *Tensor) {
	output, weights = new(Tensor), new(Tensor)
	a.forward("Attention.Forward", output, weights, x, nil, false)
	return output, weights
}

// ForwardPacked is Forward over sequences of different lengths, with the same
// meaning as [RNN.ForwardPacked]: sequence i ends after lengths[i] steps. What
// x holds after that is not read, and there output and weights are zero. It
// panics as Forward does, and unless there is one length for each sequence, from
// 1 to the steps of x.
func (a *Attention) ForwardPacked(x *Tensor, lengths []int) (output, weights *Tensor) {
	output, weights = new(Tensor), new(Tensor)
	a.forward("Attention.ForwardPacked", output, weights, x, lengths, true)
	return output, weights
}

// forward writes output and, unless nil, weights.
func (a *Attention) forward(fn string, output, weights, x *Tensor, lengths []int, packed bool) {
	a.check(fn)
	a.shape = nil // after a Forward that panics there is nothing to backpropagate
	c := Config{InputSize: a.EmbedDim, BatchFirst: a.BatchFirst}
	steps, batch := c.checkInput(fn, x)
	if packed {
		c.checkPacked(fn, x, lengths, steps, batch)
	}
	a.batchFirst = a.BatchFirst
	a.lengths = resizeSlice(a.lengths, batch)
	rows := 0
	for b := range a.lengths {
		a.lengths[b] = steps
		if packed {
			a.lengths[b] = lengths[b]
		}
		rows += a.lengths[b]
	}
	e := a.EmbedDim
	a.shape = x.Shape()
	read := NewTensor(rows, e)
	a.eachRow(func(b, t, row int) { copy(read.data[row*e:][:e], a.step(x, b, t)) })
	a.qkv = new(Tensor)
	a.in.forward(fn, a.qkv, read)

	if weights != nil {
		weights.resize(batch, steps, steps)
		clear(weights.data)
	}
	mixed := NewTensor(rows, e)
	a.weights = a.weights[:0]
	var w []float64
	at := 0
	for b, n := range a.lengths {
		if a.noGrad {
			w = resizeSlice(w, n*n) // of one sequence after the other
		} else {
			w = make([]float64, n*n)
			a.weights = append(a.weights, w)
		}
		q, k, v := a.projections(at, n)
		a.packed.PackTrans(k)
		simd.Gemm(matrix(w, 0, n, n), simd.Matrix{}, q, &a.packed)
		simd.Scale(1/math.Sqrt(float64(e)), w)
		for t := range n {
			row := w[t*n:][:n]
			if a.Causal {
				clear(row[t+1:])
				softmax(row[:t+1])
			} else {
				softmax(row)
			}
			if weights != nil {
				copy(weights.data[(b*steps+t)*steps:], row)
			}
		}
		a.packed.Pack(v)
		simd.Gemm(matrix(mixed.data, at, at+n, e), simd.Matrix{}, matrix(w, 0, n, n), &a.packed)
		at += n
	}
	y := new(Tensor)
	a.out.forward(fn, y, mixed)
	output.resize(a.shape...)
	clear(output.data)
	a.eachRow(func(b, t, row int) { copy(a.step(output, b, t), y.data[row*e:][:e]) })
	if weights != nil && len(a.shape) == 2 {
		weights.resize(steps, steps)
	}
}

// Backward backpropagates through the last Forward or ForwardPacked: it takes
// the gradient of the loss with respect to output, adds that of the parameters to
// [Parameter.Grad], and returns that of x. Parameters must not change between
// the two. It panics when there was no Forward, when that was under NoGrad, and
// when the shape does not fit.
func (a *Attention) Backward(dOutput *Tensor) (dx *Tensor) {
	dx = new(Tensor)
	a.backward("Attention.Backward", dx, dOutput)
	return dx
}

// checkKept panics unless the last Forward kept what Backward needs.
func (a *Attention) checkKept(fn string) {
	if a.shape == nil {
		failf(fn, "no Forward before it, want one: Backward backpropagates through the last Forward")
	}
	if len(a.weights) == 0 {
		failf(fn, "the last Forward kept nothing for it, want NoGrad(false) before that Forward")
	}
}

func (a *Attention) backward(fn string, dx, dOutput *Tensor) {
	a.check(fn)
	a.checkKept(fn)
	if !dOutput.axes().Equal(a.shape) {
		failf(fn, "dOutput is %s, want %s, as the output", shapeOf(dOutput), a.shape.times())
	}
	e := a.EmbedDim
	dy := NewTensor(a.qkv.shape[0], e)
	a.eachRow(func(b, t, row int) { copy(dy.data[row*e:][:e], a.step(dOutput, b, t)) })
	dMixed := new(Tensor)
	a.out.backward(fn, dMixed, dy)

	dqkv := NewTensor(a.qkv.shape...)
	at := 0
	for b, n := range a.lengths {
		w := matrix(a.weights[b], 0, n, n)
		q, k, v := a.projections(at, n)
		dq, dk, dv := block(dqkv, at, n, 0, e), block(dqkv, at, n, e, e), block(dqkv, at, n, 2*e, e)
		d := matrix(dMixed.data, at, at+n, e)
		simd.GemmTA(dv, simd.Matrix{}, w, d, &a.packed)

		ds := matrix(make([]float64, n*n), 0, n, n) // first of a, then of the scores q·k
		a.packed.PackTrans(v)
		simd.Gemm(ds, simd.Matrix{}, d, &a.packed)
		for t := range n {
			row, wt := ds.Data[t*n:][:n], w.Data[t*n:][:n]
			mean := simd.Dot(row, wt)
			for s, p := range wt {
				row[s] = p * (row[s] - mean)
			}
		}
		simd.Scale(1/math.Sqrt(float64(e)), ds.Data)
		a.packed.Pack(k)
		simd.Gemm(dq, simd.Matrix{}, ds, &a.packed)
		simd.GemmTA(dk, simd.Matrix{}, ds, q, &a.packed)
		at += n
	}
	dRead := new(Tensor)
	a.in.backward(fn, dRead, dqkv)
	dx.resize(a.shape...)
	clear(dx.data)
	a.eachRow(func(b, t, row int) { copy(a.step(dx, b, t), dRead.data[row*e:][:e]) })
}

func (a *Attention) kindName() string { return "Attention" }
func (a *Attention) width() int       { return a.EmbedDim }

func (a *Attention) appendParameters(to []*Parameter) []*Parameter {
	return append(to, a.in.Weight, a.in.Bias, a.out.Weight, a.out.Bias)
}

// encode never reads the steps after the end of a sequence, packed or not.
func (a *Attention) encode(fn string, output, hidden, x *Tensor, lengths []int, _ bool) {
	switch {
	case hidden != nil:
		failf(fn, "attention has no last state, want Reading Gather, MeanPool or MaxPool")
	case !a.BatchFirst:
		failf(fn, "an Attention without BatchFirst, want one with it")
	}
	a.forward(fn, output, nil, x, lengths, true)
}

func (a *Attention) encodeBackward(fn string, dx, dOutput, _ *Tensor) { a.backward(fn, dx, dOutput) }

func (a *Attention) with(noGrad bool, _ *rand.Rand) (restore func()) {
	before := a.noGrad
	a.noGrad = noGrad
	return func() { a.noGrad = before }
}

// projections returns q, k and v of the n steps from row at on.
func (a *Attention) projections(at, n int) (q, k, v simd.Matrix) {
	e := a.EmbedDim
	return block(a.qkv, at, n, 0, e), block(a.qkv, at, n, e, e), block(a.qkv, at, n, 2*e, e)
}

// block returns the rows from row at on and the columns from column from on
// of a tensor of two axes.
func block(t *Tensor, at, rows, from, cols int) simd.Matrix {
	stride := t.shape[1]
	return simd.Matrix{Rows: rows, Cols: cols, Data: t.data[at*stride+from:], Stride: stride}
}

// eachRow calls do with every step of every sequence of the last Forward, and
// the row that it is in qkv.
func (a *Attention) eachRow(do func(b, t, row int)) {
	row := 0
	for b, n := range a.lengths {
		for t := range n {
			do(b, t, row)
			row++
		}
	}
}

// step returns the elements of step t of sequence b in a tensor laid out as x.
func (a *Attention) step(x *Tensor, b, t int) []float64 {
	i := t*len(a.lengths) + b
	if len(a.shape) == 3 && a.batchFirst {
		i = b*a.shape[1] + t
	}
	return x.data[i*a.EmbedDim:][:a.EmbedDim]
}

// softmax sets z[i] to exp(z[i]) / Σ exp(z[j]).
func softmax(z []float64) {
	top := math.Inf(-1) // taken out of the exponent so that none overflows
	for _, v := range z {
		top = math.Max(top, v)
	}
	for i := range z {
		z[i] -= top
	}
	simd.ExpTo(z, z)
	sum := 0.0
	for _, v := range z {
		sum += v
	}
	for i := range z {
		z[i] /= sum
	}
}
