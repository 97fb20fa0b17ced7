package lesson

import (
	"gonum.org/v1/gonum/mat"

	"unroll/internal/simd"
)

// Cell is an RNN in the form of the lesson's equation, one step at a time on
// plain matrices.
type Cell struct {
	Wx *mat.Dense    // H×InputSize
	Wh *mat.Dense    // H×H
	B  *mat.VecDense // H
}

// Step returns h_t = tanh(W_x x_t + W_h h_{t−1} + b). It panics when a length
// does not fit.
func (c Cell) Step(x, h mat.Vector) *mat.VecDense { return c.step("Cell.Step", x, h) }

func (c Cell) step(fn string, x, h mat.Vector) *mat.VecDense {
	checkNotNil(fn, "Wx", c.Wx)
	rows, in := c.Wx.Dims()
	checkMatrix(fn, "Wx", c.Wx, rows, in)
	checkMatrix(fn, "Wh", c.Wh, rows, rows)
	checkBias(fn, "B", c.B, rows)
	checkLength(fn, "x", x, in)
	checkLength(fn, "h", h, rows)
	a := mulVec(c.Wx, x)         // W_x x_t
	a.AddVec(a, mulVec(c.Wh, h)) // W_h h_{t−1}
	a.AddVec(a, c.B)
	return apply(simd.Tanh, a)
}

// Run takes a Step for each of xs, the first from h0, and returns every h_t.
func (c Cell) Run(xs []mat.Vector, h0 mat.Vector) []*mat.VecDense {
	hs := make([]*mat.VecDense, len(xs))
	h := h0
	for t, x := range xs {
		hs[t] = c.step("Cell.Run", x, h)
		h = hs[t]
	}
	return hs
}

// Cell returns a copy of the RNN's parameters in the form of the lesson, with
// b = b_ih + b_hh. It panics unless the RNN has one layer, one direction and tanh.
func (r *RNN) Cell() Cell {
	checkNotNil("RNN.Cell", "the receiver", r)
	w := r.only("RNN.Cell")
	if r.config.ReLU {
		failf("RNN.Cell", "an RNN with ReLU, want tanh")
	}
	return Cell{
		Wx: mat.DenseCopyOf(w.ih.Value.Matrix()),
		Wh: mat.DenseCopyOf(w.hh.Value.Matrix()),
		B:  mat.NewVecDense(r.config.HiddenSize, w.biasSum()),
	}
}

// LSTMCell is an LSTM in the form of the lesson's equations, one step at a
// time on plain matrices. Each weight multiplies [h_{t−1}, x_t], the two
// joined, and is H×(H+InputSize); each bias has length H.
type LSTMCell struct {
	Wf, Wi, Wc, Wo *mat.Dense
	Bf, Bi, Bc, Bo *mat.VecDense
}

// Step returns h_t and C_t:
//
//	f_t = σ(W_f [h_{t−1}, x_t] + b_f)
//	i_t = σ(W_i [h_{t−1}, x_t] + b_i)
//	C̃_t = tanh(W_C [h_{t−1}, x_t] + b_C)
//	C_t = f_t ⊙ C_{t−1} + i_t ⊙ C̃_t
//	o_t = σ(W_o [h_{t−1}, x_t] + b_o)
//	h_t = o_t ⊙ tanh(C_t)
//
// It panics when a length does not fit.
func (l LSTMCell) Step(x, h, c mat.Vector) (hNext, cNext *mat.VecDense) {
	return l.step("LSTMCell.Step", x, h, c)
}

func (l LSTMCell) step(fn string, x, h, c mat.Vector) (hNext, cNext *mat.VecDense) {
	checkNotNil(fn, "Wf", l.Wf)
	rows, cols := l.Wf.Dims()
	for _, g := range []struct {
		name string
		w    *mat.Dense
		b    *mat.VecDense
	}{{"f", l.Wf, l.Bf}, {"i", l.Wi, l.Bi}, {"c", l.Wc, l.Bc}, {"o", l.Wo, l.Bo}} {
		checkMatrix(fn, "W"+g.name, g.w, rows, cols)
		checkBias(fn, "B"+g.name, g.b, rows)
	}
	checkLength(fn, "x", x, cols-rows)
	checkLength(fn, "h", h, rows)
	checkLength(fn, "c", c, rows)

	hx := mat.NewVecDense(cols, append(mat.Col(nil, 0, h), mat.Col(nil, 0, x)...)) // [h_{t−1}, x_t]
	gate := func(phi func(float64) float64, w *mat.Dense, b *mat.VecDense) *mat.VecDense {
		a := mulVec(w, hx)
		a.AddVec(a, b)
		return apply(phi, a)
	}
	f := gate(Sigmoid, l.Wf, l.Bf)
	i := gate(Sigmoid, l.Wi, l.Bi)
	candidate := gate(simd.Tanh, l.Wc, l.Bc)
	o := gate(Sigmoid, l.Wo, l.Bo)

	var kept, added, cell, out mat.VecDense
	kept.MulElemVec(f, c)          // f_t ⊙ C_{t−1}
	added.MulElemVec(i, candidate) // i_t ⊙ C̃_t
	cell.AddVec(&kept, &added)
	out.MulElemVec(o, apply(simd.Tanh, &cell))
	return &out, &cell
}

// Run takes a Step for each of xs, the first from h0 and c0, and returns every
// h_t and C_t.
func (l LSTMCell) Run(xs []mat.Vector, h0, c0 mat.Vector) (hs, cs []*mat.VecDense) {
	h, c := h0, c0
	for _, x := range xs {
		hNext, cNext := l.step("LSTMCell.Run", x, h, c)
		hs, cs = append(hs, hNext), append(cs, cNext)
		h, c = hNext, cNext
	}
	return hs, cs
}

// Cell returns a copy of the LSTM's parameters in the form of the lesson:
// W_f is [W_hf, W_if] side by side, b_f is b_if + b_hf. It panics unless the
// LSTM has one layer and one direction.
func (l *LSTM) Cell() LSTMCell {
	checkNotNil("LSTM.Cell", "the receiver", l)
	w := l.only("LSTM.Cell")
	n := l.config.HiddenSize
	bias := w.biasSum()
	gate := func(k int) (*mat.Dense, *mat.VecDense) {
		var j mat.Dense
		j.Augment(w.hh.Value.Matrix().Slice(k*n, (k+1)*n, 0, n), w.ih.Value.Matrix().Slice(k*n, (k+1)*n, 0, w.in))
		return &j, mat.NewVecDense(n, bias[k*n:(k+1)*n:(k+1)*n])
	}
	var c LSTMCell
	c.Wi, c.Bi = gate(0)
	c.Wf, c.Bf = gate(1)
	c.Wc, c.Bc = gate(2)
	c.Wo, c.Bo = gate(3)
	return c
}

// only returns the weights of a layer with one layer and one direction.
func (r *recurrent) only(fn string) *weights {
	r.check(fn)
	if r.config.NumLayers != 1 || r.config.Bidirectional {
		failf(fn, "%d layers and %d directions, want one of each", r.config.NumLayers, r.config.directions())
	}
	return r.layers[0][0]
}

// biasSum returns b_ih + b_hh, zeros without bias.
func (w *weights) biasSum() []float64 {
	b := make([]float64, w.ih.Value.shape[0])
	if w.bIH != nil {
		copy(b, w.bIH.Value.data)
		add(b, w.bHH.Value.data)
	}
	return b
}

// checkMatrix panics unless m is rows×cols, and not empty.
func checkMatrix(fn, name string, m *mat.Dense, rows, cols int) {
	checkNotNil(fn, name, m)
	if r, c := m.Dims(); r != rows || c != cols || rows == 0 {
		failf(fn, "%s is %d×%d, want %d×%d, and at least 1×1", name, r, c, rows, cols)
	}
}

func checkBias(fn, name string, b *mat.VecDense, want int) {
	checkNotNil(fn, name, b)
	checkLength(fn, name, b, want)
}

func checkLength(fn, name string, v mat.Vector, want int) {
	if v == nil {
		failf(fn, "%s is nil, want a vector of length %d", name, want)
	}
	if v.Len() != want {
		failf(fn, "%s has length %d, want %d", name, v.Len(), want)
	}
}

// mulVec returns m v, as gonum's MulVec, which is not the same on every machine.
func mulVec(m *mat.Dense, v mat.Vector) *mat.VecDense {
	rows, _ := m.Dims()
	x, out := mat.Col(nil, 0, v), mat.NewVecDense(rows, nil)
	for i := range rows {
		out.SetVec(i, simd.Dot(m.RawRowView(i), x))
	}
	return out
}

// apply returns phi of every element of v.
func apply(phi func(float64) float64, v mat.Vector) *mat.VecDense {
	out := mat.NewVecDense(v.Len(), nil)
	for i := range v.Len() {
		out.SetVec(i, phi(v.AtVec(i)))
	}
	return out
}
