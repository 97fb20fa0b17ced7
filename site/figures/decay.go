package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"unroll/lesson"
)

var gradientDecay = Experiment{
	Name:   "gradient-decay",
	Title:  "How far the gradient reaches",
	Lesson: "gradient-decay",
	Lead:   "Stretch the weights of the state, turn up the input, and read off how much of the gradient is left.",
	Controls: []Control{
		{Name: "scale", Label: "scale of W_h", Min: 0.5, Max: 2, Step: 0.05, Value: "1.2"},
		{Name: "volume", Label: "volume of the input", Min: 0, Max: 3, Step: 0.1, Value: "1"},
		{Name: "steps", Label: "steps", Min: 5, Max: 100, Step: 1, Value: "50"},
		{Name: "back", Label: "read off, steps back", Min: 0, Max: 100, Step: 1, Value: "25"},
	},
	run: runDecay,
}

// Few units, for a drag computes all anew, on a phone, too.
const decayUnits = 4

// drawn is what the last answer was about: reading off another step asks for the same again.
var drawn struct {
	of     [3]float64 // scale, volume, steps
	curves [4][]float64
}

// norms returns how much the last state depends on the one k steps before, of
// an RNN, an LSTM (of its cell state) and a GRU, and the RNN's bound. All have
// decayUnits and read the same random input; each matrix that the state goes
// through is scale times an orthogonal one.
func norms(scale, volume float64, steps int) (rnn, lstm, gru, bound []float64) {
	const in, units = 4, decayUnits
	rng := rand.New(rand.NewPCG(3, 12))
	q := lesson.Orthogonal(rng, units, scale).RawMatrix().Data
	x := lesson.Randn(rng, steps, in)
	floats.Scale(volume, x.Data())
	orthogonal := func(w *lesson.Parameter) {
		for d := w.Value.Data(); len(d) > 0; d = d[len(q):] {
			copy(d, q)
		}
	}
	// Without biases silence leaves the RNN's state at rest, where it meets the bound.
	r := lesson.NewRNN(rng, in, units, lesson.NoBias)
	l := lesson.NewLSTM(rng, in, units, lesson.NoBias)
	g := lesson.NewGRU(rng, in, units, lesson.NoBias)
	orthogonal(r.Parameter("weight_hh_l0"))
	orthogonal(l.Parameter("weight_hh_l0"))
	orthogonal(g.Parameter("weight_hh_l0"))
	_, lstm = lesson.LSTMGradientNorms(l, x, nil)
	return lesson.GradientNorms(r, x, nil), lstm, lesson.GRUGradientNorms(g, x, nil), lesson.GradientBound(scale, steps)
}

func runDecay(s Setting, width float64) Answer {
	scale, volume, steps := s.float("scale"), s.float("volume"), s.int("steps")
	back := min(s.int("back"), steps)
	if of := [3]float64{scale, volume, float64(steps)}; drawn.of != of {
		drawn.of = of
		drawn.curves[0], drawn.curves[1], drawn.curves[2], drawn.curves[3] = norms(scale, volume, steps)
	}
	rnn, lstm, gru, bound := drawn.curves[0], drawn.curves[1], drawn.curves[2], drawn.curves[3]
	curves := []struct {
		name, class string
		values      []float64
	}{
		{"RNN", "1", rnn}, {"LSTM", "2", lstm}, {"GRU", "3", gru}, {"bound", "ink", bound},
	}

	a := Answer{
		Label: "Norm of the gradient against the number of steps back, on a logarithmic axis, for an RNN, an LSTM, a GRU and the bound",
		Width: width,
		Head:  []string{"steps back", "RNN", "LSTM", "GRU", "bound"},
	}
	low, high := 0.0, 0.0
	for k := range steps + 1 {
		a.Rows = append(a.Rows, []float64{float64(k), rnn[k], lstm[k], gru[k], bound[k]})
		for _, c := range curves {
			if v := math.Log10(c.values[k]); !math.IsInf(v, 0) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	// The axis ends at whole multiples of six powers of ten, so that it stands still in most drags.
	low, high = min(-6, max(-36, 6*math.Floor(low/6))), 6*math.Ceil(high/6)

	const left, right = 50.0, 12.0
	columns := 2.0
	if width >= 560 {
		columns = 4
	}
	top := 24*4/columns + 16
	bottom := top + 230
	a.Height = bottom + 44
	x := func(k float64) float64 { return left + k/float64(steps)*(width-left-right) }
	y := func(v float64) float64 {
		return top + (high-max(low, math.Log10(v)))/(high-low)*(bottom-top) // log 0 stands on the axis
	}
	for e := low; e <= high; e += 6 {
		a.Marks = append(a.Marks,
			line("grid", left, y(math.Pow(10, e)), width-right, y(math.Pow(10, e))),
			text("soft end", left-6, y(math.Pow(10, e))+4, power(int(e))))
	}
	for k := 0; k <= 5; k++ {
		v := math.Round(float64(k*steps) / 5)
		a.Marks = append(a.Marks, text("soft mid", x(v), bottom+18, num(v)))
	}
	a.Marks = append(a.Marks, text("soft mid", (left+width-right)/2, bottom+38, "steps back from the last"))
	a.Marks = append(a.Marks, line("axis dashed", x(float64(back)), top, x(float64(back)), bottom))
	for i, c := range curves {
		var points [][2]float64
		for k, v := range c.values {
			points = append(points, [2]float64{x(float64(k)), y(v)})
		}
		colour, label := "c"+c.class, "t"+c.class
		if c.class == "ink" {
			colour, label = "ink", "ink"
		}
		stroke := " line"
		if i == 3 {
			stroke = " line dashed"
		}
		a.Marks = append(a.Marks, path(colour+stroke, points))
		a.Marks = append(a.Marks, circle(colour, x(float64(back)), y(c.values[back]), 4))
		at := math.Mod(float64(i), columns) * (width - right) / columns
		row := 16 + 24*math.Floor(float64(i)/columns)
		a.Marks = append(a.Marks,
			line(colour+stroke, at, row-4, at+18, row-4),
			text(label+" strong", at+24, row, c.name+" "+short(c.values[back])))
	}
	a.Pick = &Pick{Control: "back", From: left, By: (width - left - right) / float64(steps)}

	about := "below 1: the bound falls"
	switch {
	case math.Abs(scale-1) < 1e-9:
		about = "1: the bound stays"
	case scale > 1:
		about = "above 1: the bound rises"
	}
	a.Words = fmt.Sprintf("The scale %s is %s. %d steps back, of %d, the norm is %s for the RNN, %s for the LSTM's cell state and %s for the GRU; the RNN's bound is %s.",
		num(scale), about, back, steps, short(rnn[back]), short(lstm[back]), short(gru[back]), short(bound[back]))
	return a
}
