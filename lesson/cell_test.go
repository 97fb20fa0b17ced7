package lesson

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// rowsOf returns the rows of a tensor of two axes as vectors.
func rowsOf(t *Tensor) []mat.Vector {
	var rows []mat.Vector
	for i := range t.shape[0] {
		rows = append(rows, t.Slice(i).Vector())
	}
	return rows
}

// furthest returns the largest difference between vectors and a tensor's rows.
func furthest(vs []*mat.VecDense, t *Tensor) float64 {
	m := 0.0
	for i, row := range rowsOf(t) {
		for j := range row.Len() {
			m = math.Max(m, math.Abs(vs[i].AtVec(j)-row.AtVec(j)))
		}
	}
	return m
}

// TestCellIsRNN: the lesson's equation, step by step, is the layer.
func TestCellIsRNN(t *testing.T) {
	for _, opts := range [][]Option{nil, {NoBias}} {
		r := NewRNN(newRand(1), 5, 3, opts...)
		x, h0 := Randn(newRand(2), 7, 5), Randn(newRand(3), 1, 3)
		out, _ := r.Forward(x, h0)
		hs := r.Cell().Run(rowsOf(x), h0.Slice(0).Vector())
		if len(hs) != 7 {
			t.Fatalf("%d states, want 7", len(hs))
		}
		if d := furthest(hs, out); !(d < 1e-14) {
			t.Errorf("Cell differs from RNN by %v", d)
		}
	}
}

func TestLSTMCellIsLSTM(t *testing.T) {
	for _, opts := range [][]Option{nil, {NoBias}} {
		l := NewLSTM(newRand(1), 5, 3, opts...)
		x, s0 := Randn(newRand(2), 7, 5), &State{Randn(newRand(3), 1, 3), Randn(newRand(4), 1, 3)}
		trace := l.Trace(x, s0)[0]
		hs, cs := l.Cell().Run(rowsOf(x), s0.H.Slice(0).Vector(), s0.C.Slice(0).Vector())
		if len(hs) != 7 || len(cs) != 7 {
			t.Fatalf("%d and %d states, want 7", len(hs), len(cs))
		}
		if d := math.Max(furthest(hs, trace.Hidden), furthest(cs, trace.Cell)); !(d < 1e-14) {
			t.Errorf("LSTMCell differs from LSTM by %v", d)
		}
	}
}

// TestCellIsCopy: a learner who changes a Cell does not change the layer.
func TestCellIsCopy(t *testing.T) {
	r, l := NewRNN(newRand(1), 2, 2), NewLSTM(newRand(1), 2, 2)
	c, lc := r.Cell(), l.Cell()
	c.Wx.Set(0, 0, 9)
	c.Wh.Set(0, 0, 9)
	c.B.SetVec(0, 9)
	lc.Wf.Set(0, 0, 9)
	lc.Bf.SetVec(0, 9)
	lc.Bi.SetVec(0, 9)
	for _, p := range append(r.Parameters(), l.Parameters()...) {
		for i, v := range p.Value.data {
			if math.Abs(v) > 1 {
				t.Errorf("%s[%d] is %v after its Cell changed", p.Name, i, v)
			}
		}
	}
}

func TestCellPanics(t *testing.T) {
	c := NewRNN(newRand(1), 3, 2).Cell()
	l := NewLSTM(newRand(1), 3, 2).Cell()
	two, three := mat.NewVecDense(2, nil), mat.NewVecDense(3, nil)
	wantPanic(t, "lesson: Cell.Step: x has length 2, want 3", func() { c.Step(two, two) })
	wantPanic(t, "lesson: Cell.Step: h has length 3, want 2", func() { c.Step(three, three) })
	wantPanic(t, "lesson: LSTMCell.Step: x has length 2, want 3", func() { l.Step(two, two, two) })
	wantPanic(t, "lesson: LSTMCell.Step: h has length 3, want 2", func() { l.Step(three, three, two) })
	wantPanic(t, "lesson: LSTMCell.Step: c has length 3, want 2", func() { l.Step(three, two, three) })
}

func TestSigmoid(t *testing.T) {
	for x, want := range map[float64]float64{
		0: 0.5, math.Inf(1): 1, math.Inf(-1): 0, 1: 1 / (1 + math.Exp(-1)), -750: 0, 40: 1,
	} {
		if got := Sigmoid(x); math.Abs(got-want) > 1e-15 {
			t.Errorf("Sigmoid(%v) = %v, want %v", x, got, want)
		}
	}
	if v := Sigmoid(math.NaN()); v == v {
		t.Errorf("Sigmoid(NaN) = %v", v)
	}
}
