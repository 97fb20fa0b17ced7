package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	say "unroll/internal/words"
	"unroll/lesson"
)

var rnnStep = Figure{
	Name:   "rnn-step",
	Title:  "One step of the equation, again and again",
	Lesson: "rnn-equation",
	Lead:   "One unit reads a short sequence. Drag its three weights and see each state, where tanh saturates, and how much of each state is left in the last.",
	Controls: []Control{
		{Name: "inputs", Label: "inputs, up to twelve numbers", Text: true, Value: "1 0 0 0 0 0", Options: []Option{
			{Label: "a 1, then silence", Sets: map[string]string{"inputs": "1 0 0 0 0 0"}},
			{Label: "a 1 at the end", Sets: map[string]string{"inputs": "0 0 0 0 0 1"}},
			{Label: "a 1 at every step", Sets: map[string]string{"inputs": "1 1 1 1 1 1"}},
			{Label: "up and down", Sets: map[string]string{"inputs": "1 -1 1 -1 1 -1"}},
		}},
		{Name: "wx", Label: "W_x", Min: -3, Max: 3, Step: 0.1, Value: "1"},
		{Name: "wh", Label: "W_h", Min: -3, Max: 3, Step: 0.1, Value: "0.9"},
		{Name: "b", Label: "b", Min: -2, Max: 2, Step: 0.1, Value: "0"},
	},
	compute: func(s Setting) Result {
		inputs, leftOut := numbers(s["inputs"], 12)
		r := computeSteps(s.float("wx"), s.float("wh"), s.float("b"), inputs)
		r.leftOut = leftOut
		return r
	},
}

// steps are those of an RNN of one unit, t from 1 to T.
type steps struct {
	inputs  []float64 // x_t
	sums    []float64 // W_x x_t + W_h h_{t−1} + b
	states  []float64 // h_t
	left    []float64 // ‖∂h_T/∂h_t‖, t from 0
	leftOut []string  // what the inputs' text has besides
}

func computeSteps(wx, wh, b float64, inputs []float64) steps {
	r := lesson.NewRNN(rand.New(rand.NewPCG(2, 1)), 1, 1)
	for name, v := range map[string]float64{"weight_ih_l0": wx, "weight_hh_l0": wh, "bias_ih_l0": b, "bias_hh_l0": 0} {
		r.Parameter(name).Value.Set(v, make([]int, len(r.Parameter(name).Value.Shape()))...)
	}
	x := lesson.TensorOf(inputs, len(inputs), 1)
	trace := r.Trace(x, nil)[0]
	left := lesson.GradientNorms(r, x, nil) // by the distance from the last
	slices.Reverse(left)
	return steps{inputs: inputs, sums: trace.PreActivation.Data(), states: trace.Hidden.Data(), left: left}
}

// numbers reads up to n numbers, between -9 and 9, and says what it left out.
func numbers(text string, n int) (values []float64, out []string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t\u00a0", r) }) {
		v, err := strconv.ParseFloat(strings.ReplaceAll(word, "−", "-"), 64)
		if err != nil || math.IsNaN(v) || len(values) == n {
			out = append(out, word)
			continue
		}
		values = append(values, max(-9, min(v, 9)))
	}
	if values == nil {
		values = []float64{0}
	}
	return values, out
}

// saturated says whether a state counts as saturated: tanh′ is below a fifth there.
func saturated(h float64) bool { return math.Abs(h) > saturation }

const saturation = 0.9

func (r steps) words() string {
	n, held := len(r.states), 0
	for _, h := range r.states {
		if saturated(h) {
			held++
		}
	}
	words := say.Sprintf("The last state, h%[1]s, is %[2]s. Saturated: %[3]d of %[4]d states. A small change of h₁ arrives in h%[1]s %[5]s times as large.",
		subscript(n), short(r.states[n-1]), held, n, short(r.left[1]))
	if r.leftOut != nil {
		words += say.Sprintf(" Left out: %s.", strings.Join(r.leftOut, " "))
	}
	return words
}

func (r steps) table() Table {
	t := Table{
		Head: []string{say.Of("step"), "x", say.Of("sum"), "h", say.Sprintf("size of ∂h%s/∂hₜ", subscript(len(r.states)))},
		Rows: [][]float64{{0, 0, 0, 0, r.left[0]}},
	}
	for i, h := range r.states {
		t.Rows = append(t.Rows, []float64{float64(i + 1), r.inputs[i], r.sums[i], h, r.left[i+1]})
	}
	return t
}

// The steps are at the left, the curve beside them where there is room, else below.
func (r steps) layout(width float64) Drawing {
	const margin, top, high = 34, 28, 130
	right := width - 8
	if wide(width) {
		right = width * 0.6
	}
	over := plane{margin, top, right, top + high}
	left := plane{margin, over.bottom + 66, right, over.bottom + 156}
	curve := plane{right + 46, top, width - 8, top + high}
	d := Drawing{
		Label:  say.Of("The states of an RNN of one unit over its steps, their places on the curve of tanh, and how much of each state is left in the last"),
		Width:  width,
		Height: left.bottom + 26,
	}
	if !wide(width) {
		curve = plane{margin, d.Height + 34, right, d.Height + 34 + high}
		d.Height = curve.bottom + 26
	}
	d.add(r.drawStates(over)...)
	d.add(r.drawLeft(left)...)
	d.add(text("ink strong", curve.left-margin, curve.top-12, say.Of("h = tanh(sum)")))
	d.add(r.drawCurve(curve)...)
	return d
}

// A plane is a part of the drawing. A state, from −1 to 1, is at y in it.
type plane struct{ left, top, right, bottom float64 }

func (p plane) y(h float64) float64 { return p.top + (1-h)/2*(p.bottom-p.top) }

// band shades the states between two.
func (p plane) band(high, low float64) Mark {
	return rect("c5 faint", p.left, p.y(high), p.right-p.left, p.y(low)-p.y(high))
}

// x is the middle of step t's column.
func (r steps) x(p plane, t int) float64 {
	return p.left + (float64(t)+0.5)*(p.right-p.left)/float64(len(r.left))
}

// dot is a state in the colour that says whether it is saturated.
func dot(x, y, h float64) Mark {
	if saturated(h) {
		return circle("c2", x, y, 5)
	}
	return circle("c1", x, y, 5)
}

// drawStates draws the states over the steps, and the inputs below them.
func (r steps) drawStates(p plane) []Mark {
	m := []Mark{
		text("ink strong", 0, 16, say.Of("state h")),
		p.band(1, saturation),
		p.band(-saturation, -1),
		text("t5 small end", p.right, 16, say.Of("saturated: beyond ±0.9")),
		line("axis", p.left, p.y(0), p.right, p.y(0)),
	}
	for _, h := range []float64{-1, 0, 1} {
		m = append(m, text("soft end", p.left-6, p.y(h)+4, minus(num(h))))
	}
	points := [][2]float64{{r.x(p, 0), p.y(0)}}
	dots := []Mark{circle("axis open", r.x(p, 0), p.y(0), 4)}
	for i, h := range r.states {
		points = append(points, [2]float64{r.x(p, i+1), p.y(h)})
		dots = append(dots, dot(r.x(p, i+1), p.y(h), h))
	}
	m = append(m, path("c1 line", points))
	m = append(m, dots...)
	row := p.bottom + 22
	m = append(m, text("ink strong", 0, row, "x"))
	for i, v := range r.inputs {
		m = append(m, text("ink mid", r.x(p, i+1), row, minus(num(v))))
	}
	return m
}

// drawLeft draws what is left of each state in the last.
func (r steps) drawLeft(p plane) []Mark {
	n := len(r.states)
	m := []Mark{text("ink strong", 0, p.top-12, say.Sprintf("size of ∂h%s/∂hₜ: what is left of hₜ in h%[1]s", subscript(n)))}
	most := max(1, slices.Max(r.left))
	column := (p.right - p.left) / float64(n+1)
	for t, v := range r.left {
		x, h := r.x(p, t), v/most*(p.bottom-p.top-18)
		m = append(m, bar("c3", x-column*0.3, column*0.6, p.bottom-h, p.bottom))
		if column >= 30 || t == 0 || t == n {
			m = append(m, text("soft small mid", x, p.bottom-h-4, short(v)))
		}
		m = append(m, text("soft mid", x, p.bottom+16, fmt.Sprint(t)))
	}
	return append(m, line("axis", p.left, p.bottom, p.right, p.bottom), text("soft", 0, p.bottom+16, say.Of("step")))
}

// drawCurve draws tanh and where the steps are on it.
func (r steps) drawCurve(p plane) []Mark {
	reach := 3.0
	for _, v := range r.sums {
		reach = max(reach, math.Ceil(math.Abs(v)))
	}
	x := func(v float64) float64 { return p.left + (v+reach)/(2*reach)*(p.right-p.left) }
	below := p.y(-1) + 18
	m := []Mark{
		p.band(1, saturation),
		p.band(-saturation, -1),
		line("axis", p.left, p.y(0), p.right, p.y(0)),
		line("axis", x(0), p.y(1), x(0), p.y(-1)),
		text("soft mid", x(-reach)+8, below, minus(num(-reach))),
		text("soft mid", x(0), below, "0"),
		text("soft mid", x(reach)-8, below, num(reach)),
	}
	var points [][2]float64
	for i := range 81 {
		v := reach * (float64(i)/40 - 1)
		points = append(points, [2]float64{x(v), p.y(math.Tanh(v))})
	}
	m = append(m, path("soft line", points))
	for i, v := range r.sums {
		m = append(m, dot(x(v), p.y(r.states[i]), r.states[i]))
	}
	return m
}
