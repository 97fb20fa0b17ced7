package lesson

import (
	"math"
	"testing"
)

// TestRNNTrace holds the trace against the equation, term by term, in every
// layer and direction.
func TestRNNTrace(t *testing.T) {
	for _, relu := range []bool{false, true} {
		opts := []Option{Layers(2), Bidirectional}
		phi := math.Tanh
		if relu {
			opts = append(opts, ReLU)
			phi = func(a float64) float64 { return max(0, a) }
		}
		const steps, batch, in, size = 6, 11, 3, 4
		r := NewRNN(newRand(1), in, size, opts...)
		x, h0 := Randn(newRand(2), steps, batch, in), Randn(newRand(3), 4, batch, size)
		traces := r.Trace(x, h0)
		hidden := make([]*Tensor, len(traces))
		for k, tr := range traces {
			hidden[k] = tr.Hidden
		}
		out, _ := r.Forward(x, h0)
		eachTraced(t, x, out, hidden, func(k, at, before, b int, x []float64) {
			tr := traces[k]
			h := h0.Slice(k).Slice(b).data
			if before >= 0 {
				h = tr.Hidden.Slice(before).Slice(b).data
			}
			a := affine(&r.recurrent, k, 0, x, h)
			for j := range size {
				if d := math.Abs(tr.PreActivation.At(at, b, j) - a[j]); !(d < 1e-14) {
					t.Fatalf("trace %d: pre-activation at step %d is off by %v", k, at, d)
				}
				if d := math.Abs(tr.Hidden.At(at, b, j) - phi(a[j])); !(d < 1e-14) {
					t.Fatalf("trace %d: hidden state at step %d is off by %v", k, at, d)
				}
			}
		})
	}
}

// TestLSTMTrace is TestRNNTrace for the LSTM.
func TestLSTMTrace(t *testing.T) {
	const steps, batch, in, size = 6, 11, 3, 4
	l := NewLSTM(newRand(1), in, size, Layers(2), Bidirectional)
	x := Randn(newRand(2), steps, batch, in)
	s0 := &State{Randn(newRand(3), 4, batch, size), Randn(newRand(4), 4, batch, size)}
	traces := l.Trace(x, s0)
	hidden := make([]*Tensor, len(traces))
	for k, tr := range traces {
		hidden[k] = tr.Hidden
	}
	out, s := l.Forward(x, s0)
	eachTraced(t, x, out, hidden, func(k, at, before, b int, x []float64) {
		tr := traces[k]
		h, c := s0.H.Slice(k).Slice(b).data, s0.C.Slice(k).Slice(b).data
		if before >= 0 {
			h, c = tr.Hidden.Slice(before).Slice(b).data, tr.Cell.Slice(before).Slice(b).data
		}
		for j := range size {
			i := Sigmoid(affine(&l.recurrent, k, 0, x, h)[j])
			f := Sigmoid(affine(&l.recurrent, k, 1, x, h)[j])
			g := math.Tanh(affine(&l.recurrent, k, 2, x, h)[j])
			o := Sigmoid(affine(&l.recurrent, k, 3, x, h)[j])
			cell := f*c[j] + i*g
			for _, v := range []struct {
				name string
				got  *Tensor
				want float64
			}{{"input gate", tr.Input, i}, {"forget gate", tr.Forget, f}, {"candidate", tr.Candidate, g},
				{"output gate", tr.Output, o}, {"cell state", tr.Cell, cell}, {"hidden state", tr.Hidden, o * math.Tanh(cell)}} {
				if d := math.Abs(v.got.At(at, b, j) - v.want); !(d < 1e-14) {
					t.Fatalf("trace %d: %s at step %d is off by %v", k, v.name, at, d)
				}
			}
		}
	})
	if !sameBits([]*Tensor{s.C.Slice(2), s.C.Slice(3)}, []*Tensor{traces[2].Cell.Slice(steps - 1), traces[3].Cell.Slice(0)}) {
		t.Error("the last cells of the trace are not Forward's")
	}
}

// TestGRUTrace is TestRNNTrace for the GRU.
func TestGRUTrace(t *testing.T) {
	const steps, batch, in, size = 6, 11, 3, 4
	g := NewGRU(newRand(1), in, size, Layers(2), Bidirectional)
	x, h0 := Randn(newRand(2), steps, batch, in), Randn(newRand(3), 4, batch, size)
	traces := g.Trace(x, h0)
	hidden := make([]*Tensor, len(traces))
	for k, tr := range traces {
		hidden[k] = tr.Hidden
	}
	out, _ := g.Forward(x, h0)
	eachTraced(t, x, out, hidden, func(k, at, before, b int, x []float64) {
		tr := traces[k]
		h := h0.Slice(k).Slice(b).data
		if before >= 0 {
			h = tr.Hidden.Slice(before).Slice(b).data
		}
		for j := range size {
			r := Sigmoid(affine(&g.recurrent, k, 0, x, h)[j])
			z := Sigmoid(affine(&g.recurrent, k, 1, x, h)[j])
			// u is W_hn h + b_hn, which r multiplies alone.
			whn := g.params[4*k+1].Value
			u := g.params[4*k+3].Value.At(2*size + j)
			for i, v := range h {
				u += whn.At(2*size+j, i) * v
			}
			n := math.Tanh(affine(&g.recurrent, k, 2, x, h)[j] - u + r*u)
			for _, v := range []struct {
				name string
				got  *Tensor
				want float64
			}{{"reset gate", tr.Reset, r}, {"update gate", tr.Update, z}, {"candidate", tr.Candidate, n}, {"hidden state", tr.Hidden, (1-z)*n + z*h[j]}} {
				if d := math.Abs(v.got.At(at, b, j) - v.want); !(d < 1e-14) {
					t.Fatalf("trace %d: %s at step %d is off by %v", k, v.name, at, d)
				}
			}
		}
	})
}

// TestTraceLayout: a trace has x's layout.
func TestTraceLayout(t *testing.T) {
	x := Randn(newRand(2), 5, 3, 4)
	first := NewLSTM(newRand(1), 4, 2, BatchFirst).Trace(x, nil)[0]
	second := NewLSTM(newRand(1), 4, 2).Trace(swapAxes(x), nil)[0]
	if !sameBits([]*Tensor{first.Forget, first.Cell}, []*Tensor{swapAxes(second.Forget), swapAxes(second.Cell)}) {
		t.Error("batch first is not the same trace in another order")
	}
	if s := NewRNN(newRand(1), 4, 2).Trace(NewTensor(7, 4), nil)[0].PreActivation.Shape(); !s.Equal(Shape{7, 2}) {
		t.Errorf("trace of one sequence has shape %v, want [7 2]", s)
	}
}

// TestTraceLeavesForward: a Trace between Forward and Backward changes nothing,
// and applies no dropout.
func TestTraceLeavesForward(t *testing.T) {
	x := Randn(newRand(2), 5, 3, 4)
	walk := func(trace bool) []*Tensor {
		r := NewRNN(newRand(1), 4, 2, Layers(2), Dropout(0.5))
		want := r.Trace(x, nil)[1].Hidden
		r.Train(newRand(3))
		out, _ := r.Forward(x, nil)
		if trace && !sameBits([]*Tensor{r.Trace(x, nil)[1].Hidden}, []*Tensor{want}) {
			t.Error("Trace applies dropout while training")
		}
		dx, dh := r.Backward(out, nil)
		again, _ := r.Forward(x, nil)
		return []*Tensor{out, dx, dh, r.Parameters()[0].Grad, again}
	}
	if !sameBits(walk(false), walk(true)) {
		t.Error("Trace changes what follows")
	}
}

// eachTraced calls do with every step of every layer and direction, in its order,
// the step before it, −1 at the start, a sequence, and what the layer reads there. It
// checks that the top hidden states are the output.
func eachTraced(t *testing.T, x, out *Tensor, hidden []*Tensor, do func(k, at, before, b int, x []float64)) {
	t.Helper()
	if len(hidden) != 4 {
		t.Fatalf("%d traces, want 4", len(hidden))
	}
	for k := range hidden {
		input, before := x, -1
		if k >= 2 {
			input = beside(hidden[0], hidden[1])
		}
		for at := range x.shape[0] {
			if k%2 == 1 {
				at = x.shape[0] - 1 - at
			}
			for b := range x.shape[1] {
				do(k, at, before, b, input.Slice(at).Slice(b).data)
			}
			before = at
		}
	}
	if !sameBits([]*Tensor{out}, []*Tensor{beside(hidden[2], hidden[3])}) {
		t.Error("the top traces are not Forward's output")
	}
}

// affine returns W_ih x + b_ih + W_hh h + b_hh for one gate of the k-th
// direction, written from the formula alone.
func affine(r *recurrent, k, gate int, x, h []float64) []float64 {
	p := r.params[4*k:]
	n := len(h)
	a := make([]float64, n)
	for j := range a {
		row := gate*n + j
		a[j] = p[2].Value.At(row) + p[3].Value.At(row)
		for i, v := range x {
			a[j] += p[0].Value.At(row, i) * v
		}
		for i, v := range h {
			a[j] += p[1].Value.At(row, i) * v
		}
	}
	return a
}

// beside joins two tensors of three axes on the last one.
func beside(a, b *Tensor) *Tensor {
	out := NewTensor(a.shape[0], a.shape[1], a.shape[2]+b.shape[2])
	for i := range a.shape[0] {
		for j := range a.shape[1] {
			row := out.Slice(i).Slice(j).data
			copy(row[copy(row, a.Slice(i).Slice(j).data):], b.Slice(i).Slice(j).data)
		}
	}
	return out
}

// Trace and the gradient norms compute the same after NoGrad, whatever the
// length: in PyTorch a forward hook sees the same under torch.no_grad.
func TestTraceWithoutGrad(t *testing.T) {
	for _, steps := range []int{1, 2, blockRows, blockRows + 1} {
		rng := newRand(1)
		r, l, g := NewRNN(rng, 2, 3), NewLSTM(rng, 2, 3), NewGRU(rng, 2, 3)
		x := Randn(rng, steps, 2)
		measure := func() []*Tensor {
			h, c := LSTMGradientNorms(l, x, nil)
			rt, lt, gt := r.Trace(x, nil)[0], l.Trace(x, nil)[0], g.Trace(x, nil)[0]
			return []*Tensor{
				rt.PreActivation, rt.Hidden, lt.Input, lt.Forget, lt.Output, lt.Candidate, lt.Cell, lt.Hidden, gt.Reset, gt.Update, gt.Candidate, gt.Hidden,
				TensorOf(GradientNorms(r, x, nil), steps+1), TensorOf(h, steps+1), TensorOf(c, steps+1), TensorOf(GRUGradientNorms(g, x, nil), steps+1),
			}
		}
		want := measure()
		r.NoGrad(true)
		l.NoGrad(true)
		g.NoGrad(true)
		if !sameBits(measure(), want) {
			t.Errorf("%d steps: another trace or norm with NoGrad", steps)
		}
		r.Forward(x, nil) // NoGrad is still on
		wantPanic(t, "lesson: RNN.Backward: the last Forward kept nothing for it, want NoGrad(false) before that Forward", func() { r.Backward(nil, nil) })
	}
}
