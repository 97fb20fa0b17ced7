package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	say "unroll/internal/words"
	"unroll/lesson"
)

var gradientDecay = Figure{
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
	compute: func(s Setting) Result {
		steps := s.int("steps")
		curves := decayCurves(decaySetting{s.float("scale"), s.float("volume"), steps})
		return decay{curves, min(s.int("back"), steps)}
	},
}

// Few units, for a drag computes all anew, on a phone, too.
const decayUnits = 4

type decaySetting struct {
	scale, volume float64
	steps         int
}

// norms are how much the last state depends on the one k steps before, k from 0
// to steps: of an RNN, an LSTM (of its cell state) and a GRU, and the RNN's bound.
type norms struct {
	decaySetting
	rnn, lstm, gru, bound []float64
}

// decay is the norms with the step at which the figure shows their values.
type decay struct {
	norms
	back int
}

// A change of that step alone needs the same norms.
var decayCurves = keepLast(computeNorms)

// computeNorms gives all networks decayUnits and the same random input, and each
// matrix that the state goes through is scale times an orthogonal one.
func computeNorms(s decaySetting) norms {
	const in, units = 4, decayUnits
	rng := rand.New(rand.NewPCG(3, 12))
	q := lesson.Orthogonal(rng, units, s.scale).RawMatrix().Data
	x := lesson.Randn(rng, s.steps, in)
	floats.Scale(s.volume, x.Data())
	orthogonal := func(w *lesson.Parameter) {
		for d := w.Value.Data(); len(d) > 0; d = d[len(q):] {
			copy(d, q)
		}
	}
	// Without biases and with an input of zeros the RNN's state stays zero, where the norm
	// equals the bound.
	r := lesson.NewRNN(rng, in, units, lesson.NoBias)
	l := lesson.NewLSTM(rng, in, units, lesson.NoBias)
	g := lesson.NewGRU(rng, in, units, lesson.NoBias)
	orthogonal(r.Parameter("weight_hh_l0"))
	orthogonal(l.Parameter("weight_hh_l0"))
	orthogonal(g.Parameter("weight_hh_l0"))
	_, cell := lesson.LSTMGradientNorms(l, x, nil)
	return norms{s, lesson.GradientNorms(r, x, nil), cell, lesson.GRUGradientNorms(g, x, nil), lesson.GradientBound(s.scale, s.steps)}
}

func (r decay) words() string {
	about := say.Of("below 1: the bound falls")
	switch {
	case math.Abs(r.scale-1) < 1e-9:
		about = say.Of("1: the bound stays")
	case r.scale > 1:
		about = say.Of("above 1: the bound rises")
	}
	return say.Sprintf("The scale %s is %s. %d steps back, of %d, the norm is %s for the RNN, %s for the LSTM's cell state and %s for the GRU; the RNN's bound is %s.",
		num(r.scale), about, r.back, r.steps, short(r.rnn[r.back]), short(r.lstm[r.back]), short(r.gru[r.back]), short(r.bound[r.back]))
}

func (r decay) table() Table {
	t := Table{Head: []string{say.Of("steps back"), "RNN", "LSTM", "GRU", say.Of("bound")}}
	for k := range r.rnn {
		t.Rows = append(t.Rows, []float64{float64(k), r.rnn[k], r.lstm[k], r.gru[k], r.bound[k]})
	}
	return t
}

// A decayCurve is a name, the classes of its line, its dot and its name, and its values.
type decayCurve struct {
	name, line, dot, label string
	values                 []float64
}

func (r decay) curves() []decayCurve {
	return []decayCurve{
		{"RNN", "c1 line", "c1", "t1 strong", r.rnn},
		{"LSTM", "c2 line", "c2", "t2 strong", r.lstm},
		{"GRU", "c3 line", "c3", "t3 strong", r.gru},
		{say.Of("bound"), "ink line dashed", "ink", "ink strong", r.bound},
	}
}

// decades returns the ends of the y axis, as powers of ten. They are whole multiples of six, so
// that the axis does not move in most drags.
func (r decay) decades() (low, high float64) {
	for _, c := range r.curves() {
		for _, v := range c.values {
			if e := math.Log10(v); !math.IsInf(e, 0) {
				low, high = min(low, e), max(high, e)
			}
		}
	}
	return min(-6, max(-36, 6*math.Floor(low/6))), 6 * math.Ceil(high/6)
}

func (r decay) layout(width float64) Drawing {
	const left, margin = 50.0, 12.0
	columns := 2.0 // of the legend
	if wide(width) {
		columns = 4
	}
	right, top := width-margin, 24*4/columns+16
	bottom := top + 230
	low, high := r.decades()
	x := func(k int) float64 { return left + float64(k)/float64(r.steps)*(right-left) }
	y := func(v float64) float64 {
		return top + (high-max(low, math.Log10(v)))/(high-low)*(bottom-top) // log 0 is on the axis
	}
	d := Drawing{
		Label:  say.Of("Norm of the gradient against the number of steps back, on a logarithmic axis, for an RNN, an LSTM, a GRU and the bound"),
		Width:  width,
		Height: bottom + 44,
		Pick:   &Pick{Control: "back", From: left, By: (right - left) / float64(r.steps)},
	}
	for e := low; e <= high; e += 6 {
		v := y(math.Pow(10, e))
		d.add(line("grid", left, v, right, v), text("soft end", left-6, v+4, power(int(e))))
	}
	for i := range 6 {
		k := int(math.Round(float64(i*r.steps) / 5))
		d.add(text("soft mid", x(k), bottom+18, fmt.Sprint(k)))
	}
	d.add(text("soft mid", (left+right)/2, bottom+38, say.Of("steps back from the last")))
	d.add(line("axis dashed", x(r.back), top, x(r.back), bottom))
	for i, c := range r.curves() {
		var points [][2]float64
		for k, v := range c.values {
			points = append(points, [2]float64{x(k), y(v)})
		}
		at := math.Mod(float64(i), columns) * right / columns
		row := 16 + 24*math.Floor(float64(i)/columns)
		d.add(path(c.line, points),
			circle(c.dot, x(r.back), y(c.values[r.back]), 4),
			line(c.line, at, row-4, at+18, row-4),
			text(c.label, at+24, row, c.name+" "+short(c.values[r.back])))
	}
	return d
}
