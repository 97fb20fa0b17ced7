package lesson

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
)

// These tests compare with the values of PyTorch that testdata/parity/parts.py wrote.

// readParts decodes one part of the fixture, which must have n entries or more.
func readParts[T any](t *testing.T, part string, n int) []T {
	t.Helper()
	var file map[string]json.RawMessage
	readFixture(t, "parts", &file)
	var cases []T
	if err := json.Unmarshal(file[part], &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < n {
		t.Fatalf("%d cases of %s, want %d or more", len(cases), part, n)
	}
	return cases
}

// near checks that every value is PyTorch's, to within tolerance times the
// value where that is above 1. The fixture is rounded to 13 decimals.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, PyTorch has %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*math.Max(1, math.Abs(w))) {
			t.Errorf("%s[%d] is %v, PyTorch's %v", what, i, got[i], w)
		}
	}
}

func TestPrintParity(t *testing.T) {
	for _, c := range readParts[struct {
		Name    string
		Shape   []int
		Integer bool
		Values  []string
		Modulo  int
		Step    float64
		Text    string
	}](t, "print", 30) {
		x := NewTensor(c.Shape...)
		for i := range x.data {
			x.data[i] = float64(i%max(c.Modulo, 1)) * c.Step
		}
		for i, s := range c.Values {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			x.data[i] = v
		}
		got := x.String()
		if c.Integer {
			rows := make(Indices, c.Shape[0])
			for i := range rows {
				for _, v := range x.Slice(i).data {
					rows[i] = append(rows[i], int(v))
				}
			}
			got = rows.String()
		}
		if got != c.Text {
			t.Errorf("%s prints as\n%s\nand in PyTorch as\n%s", c.Name, got, c.Text)
		}
	}
}

func TestFlipParity(t *testing.T) {
	for _, c := range readParts[struct {
		Shape []int
		Axis  int
		Want  []float64
	}](t, "flip", 6) {
		if got := counting(c.Shape...).Flip(c.Axis); !slices.Equal(got.data, c.Want) {
			t.Errorf("shape %v flipped on axis %d is %v, want %v", c.Shape, c.Axis, got.data, c.Want)
		}
		if len(c.Shape) != 2 {
			continue
		}
		x, cols := Indices{}, c.Shape[1]
		for i := range c.Shape[0] {
			x = append(x, nil)
			for j := range cols {
				x[i] = append(x[i], i*cols+j)
			}
		}
		for i, row := range x.Flip(c.Axis) {
			for j, v := range row {
				if want := int(c.Want[i*cols+j]); v != want {
					t.Errorf("indices flipped on axis %d have %d at %d, %d, want %d", c.Axis, v, i, j, want)
				}
			}
		}
	}
}

func TestEmbeddingParity(t *testing.T) {
	for _, c := range readParts[struct {
		X       Indices
		Y, Grad []float64
	}](t, "embedding", 1) {
		e := NewEmbedding(newRand(1), 7, 3, PaddingIdx(2))
		copy(e.Weight.Value.data, fill(1, 1, 7, 3).data)
		near(t, "y", e.Forward(c.X).data, c.Y, 1e-12)
		for _, seed := range []uint32{2, 3} {
			e.Forward(c.X)
			e.Backward(fill(seed, 1, 2, 4, 3))
		}
		near(t, "weight.grad", e.Weight.Grad.data, c.Grad, 1e-12)
	}
}

func TestLinearParity(t *testing.T) {
	for _, c := range readParts[struct {
		Shape               []int
		Y, DX, Weight, Bias []float64
	}](t, "linear", 3) {
		l := NewLinear(newRand(1), 4, 5)
		copy(l.Weight.Value.data, fill(1, 1, 5, 4).data)
		copy(l.Bias.Value.data, fill(2, 1, 5).data)
		x := fill(3, 1, c.Shape...)
		dx := NewTensor(c.Shape...)
		for _, seed := range []uint32{4, 5} {
			y := l.Forward(x)
			near(t, "y", y.data, c.Y, 1e-12)
			add(dx.data, l.Backward(fill(seed, 1, y.shape...)).data)
		}
		near(t, "x.grad", dx.data, c.DX, 1e-12)
		near(t, "weight.grad", l.Weight.Grad.data, c.Weight, 1e-12)
		near(t, "bias.grad", l.Bias.Grad.data, c.Bias, 1e-12)
	}
}

func TestLossParity(t *testing.T) {
	for _, c := range readParts[struct {
		Kind    string
		Scale   float64
		Shape   []int
		Targets []int
		Loss    float64
		Grad    []float64
	}](t, "losses", 6) {
		x := fill(1, c.Scale, c.Shape...)
		loss, d := 0.0, x
		if c.Kind == "mse" {
			loss, d = MSE(x, fill(2, c.Scale, c.Shape...))
		} else {
			loss, d = CrossEntropy(x, c.Targets)
		}
		near(t, c.Kind, []float64{loss}, []float64{c.Loss}, 1e-12)
		near(t, c.Kind+" gradient", d.data, c.Grad, 1e-12)
	}
}

func TestOptimizerParity(t *testing.T) {
	for _, c := range readParts[struct {
		Name   string
		Values [][]float64
	}](t, "optimisers", 3) {
		params := []*Parameter{NewParameter("a", fill(1, 1, 2, 3)), NewParameter("b", fill(2, 1, 2))}
		var o Optimizer
		var lr *float64
		switch c.Name {
		case "Adam":
			adam := NewAdam(params, 0.05)
			o, lr = adam, &adam.LR
		case "SGD":
			sgd := NewSGD(params, 0.1, 0)
			o, lr = sgd, &sgd.LR
		default:
			sgd := NewSGD(params, 0.1, 0.9)
			o, lr = sgd, &sgd.LR
		}
		if len(c.Values) != 20 {
			t.Fatalf("%d steps, want 20", len(c.Values))
		}
		for step, want := range c.Values {
			for i, p := range params {
				for j, g := range fill(uint32(10*step+i), 1, p.Value.shape...).data {
					p.Grad.data[j] = 0.3*p.Value.data[j] + g
				}
			}
			if step == 12 {
				*lr /= 4
			}
			o.Step()
			near(t, c.Name+" step "+strconv.Itoa(step), slices.Concat(params[0].Value.data, params[1].Value.data), want, 1e-12)
		}
	}
}

func TestClipGradNormParity(t *testing.T) {
	for _, c := range readParts[struct {
		Max, Norm float64
		Grads     []float64
	}](t, "clipping", 4) {
		params := []*Parameter{NewParameter("a", NewTensor(2, 3)), NewParameter("b", NewTensor(4))}
		for i, p := range params {
			p.Grad = fill(uint32(i+1), 2, p.Value.shape...)
		}
		norm := ClipGradNorm(params, c.Max)
		near(t, "norm", []float64{norm}, []float64{c.Norm}, 1e-12)
		near(t, "gradients", slices.Concat(params[0].Grad.data, params[1].Grad.data), c.Grads, 1e-12)
	}
}

func TestGradientNormsParity(t *testing.T) {
	for _, c := range readParts[struct {
		Kind                 string
		Steps, Input, Hidden int
		H, C                 []float64
	}](t, "jacobians", 4) {
		x := fill(1, 1, c.Steps, c.Input)
		h0, c0 := fill(2, 1, 1, c.Hidden), fill(3, 1, 1, c.Hidden)
		weights := func(params []*Parameter) {
			for i, p := range params {
				copy(p.Value.data, fill(uint32(100+i), 0.9, p.Value.shape...).data)
			}
		}
		if c.Kind == "lstm" {
			l := NewLSTM(newRand(1), c.Input, c.Hidden)
			weights(l.Parameters())
			h, cell := LSTMGradientNorms(l, x, &State{h0, c0})
			near(t, "lstm h", h, c.H, 1e-12)
			near(t, "lstm c", cell, c.C, 1e-12)
			continue
		}
		if c.Kind == "gru" {
			g := NewGRU(newRand(1), c.Input, c.Hidden)
			weights(g.Parameters())
			near(t, "gru", GRUGradientNorms(g, x, h0), c.H, 1e-12)
			continue
		}
		var opts []Option
		if c.Kind == "relu" {
			opts = append(opts, ReLU)
		}
		r := NewRNN(newRand(1), c.Input, c.Hidden, opts...)
		weights(r.Parameters())
		near(t, c.Kind, GradientNorms(r, x, h0), c.H, 1e-12)
	}
}

// TestTrainingParity trains the classifier with each layer and reading for twenty steps: all
// parts of the package together follow PyTorch.
func TestTrainingParity(t *testing.T) {
	names := map[string]Reading{"post": PostPad, "flip": Flip, "pre": PrePad, "gather": Gather, "packed": Packed}
	for _, c := range readParts[struct {
		Layer, Arm string
		Directions int
		Sentences  [][]int
		Targets    []int
		Loss, Norm []float64
	}](t, "training", 23) {
		reading, known := names[c.Arm]
		if !known {
			t.Fatalf("unknown reading %q", c.Arm)
		}
		hidden, opts := 4, []Option(nil)
		switch {
		case c.Layer == "Attention":
			hidden = 0
		case c.Directions == 2:
			opts = []Option{Bidirectional}
		}
		model := newClassifier(newRand(1), c.Layer, reading, 7, 3, hidden, 2, opts...)
		params := model.Parameters()
		for i, p := range params {
			copy(p.Value.data, fill(uint32(200+i), 0.8, p.Value.shape...).data)
		}
		clear(model.Embedding.Weight.Value.Slice(PAD).data)
		adam := NewAdam(params, 0.05)
		var loss, norm []float64
		for range c.Loss {
			logits := model.Forward(c.Sentences)
			l, d := CrossEntropy(logits, c.Targets)
			ZeroGrad(params)
			model.Backward(d)
			loss, norm = append(loss, l), append(norm, ClipGradNorm(params, 0.5))
			adam.Step()
		}
		// In twenty steps Adam, which divides by small numbers, enlarges a
		// difference of rounding.
		name := fmt.Sprintf("%s in %d directions, %s", c.Layer, c.Directions, c.Arm)
		near(t, name+": loss", loss, c.Loss, 1e-10)
		near(t, name+": norm", norm, c.Norm, 1e-10)
	}
}
