package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"unroll/lesson"
)

var rnnStep = Experiment{
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
	run: runStep,
}

// saturated is from where on a state counts as saturated: tanh′ is below a fifth there.
const saturated = 0.9

// steps returns the sums a_t and states h_t of an RNN of one unit, t from 1 to T, and the norm
// of ∂h_T/∂h_t, t from 0 to T.
func steps(wx, wh, b float64, inputs []float64) (sums, states, left []float64) {
	r := lesson.NewRNN(rand.New(rand.NewPCG(2, 1)), 1, 1)
	for name, v := range map[string]float64{"weight_ih_l0": wx, "weight_hh_l0": wh, "bias_ih_l0": b, "bias_hh_l0": 0} {
		r.Parameter(name).Value.Set(v, make([]int, len(r.Parameter(name).Value.Shape()))...)
	}
	x := lesson.TensorOf(inputs, len(inputs), 1)
	trace := r.Trace(x, nil)[0]
	norms := lesson.GradientNorms(r, x, nil)
	for k := range norms {
		left = append(left, norms[len(norms)-1-k])
	}
	return trace.PreActivation.Data(), trace.Hidden.Data(), left
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

func runStep(s Setting, width float64) Answer {
	inputs, out := numbers(s["inputs"], 12)
	sums, states, left := steps(s.float("wx"), s.float("wh"), s.float("b"), inputs)
	n := len(inputs)

	a := Answer{
		Label: "The states of an RNN of one unit over its steps, their places on the curve of tanh, and how much of each state is left in the last",
		Width: width,
		Head:  []string{"step", "x", "sum", "h", ""},
		Rows:  [][]float64{{0, 0, 0, 0, left[0]}},
	}
	a.Head[4] = fmt.Sprintf("size of ∂h%s/∂hₜ", below(n))

	// The steps stand at the left, the curve beside them where there is room, else below.
	const margin, high = 34.0, 130.0
	right := width - 8
	curve := [4]float64{margin, 0, right, 0} // left, top, right, bottom
	if width >= 560 {
		right = width * 0.6
		curve = [4]float64{right + 46, 28, width - 8, 28 + high}
	}
	x := func(t float64) float64 { return margin + (t+0.5)*(right-margin)/float64(n+1) }
	y := func(h float64) float64 { return 28 + (1-h)/2*high }
	m := []Mark{
		text("ink strong", 0, 16, "state h"),
		rect("c5 faint", margin, y(1), right-margin, y(saturated)-y(1)),
		rect("c5 faint", margin, y(-saturated), right-margin, y(-1)-y(-saturated)),
		text("t5 small end", right, 16, "saturated: beyond ±0.9"),
		line("axis", margin, y(0), right, y(0)),
	}
	for _, h := range []float64{-1, 0, 1} {
		m = append(m, text("soft end", margin-6, y(h)+4, minus(num(h))))
	}
	points := [][2]float64{{x(0), y(0)}}
	dots := []Mark{circle("axis open", x(0), y(0), 4)}
	held := 0
	for t, h := range states {
		class := "c1"
		if math.Abs(h) > saturated {
			class = "c2"
			held++
		}
		points = append(points, [2]float64{x(float64(t + 1)), y(h)})
		dots = append(dots, circle(class, x(float64(t+1)), y(h), 5))
		a.Rows = append(a.Rows, []float64{float64(t + 1), inputs[t], sums[t], h, left[t+1]})
	}
	m = append(m, path("c1 line", points))
	m = append(m, dots...)

	row := 28 + high + 22
	m = append(m, text("ink strong", 0, row, "x"))
	for t, v := range inputs {
		m = append(m, text("ink mid", x(float64(t+1)), row, minus(num(v))))
	}

	top, bottom := row+44, row+44+90
	m = append(m, text("ink strong", 0, top-12, fmt.Sprintf("size of ∂h%s/∂hₜ: what is left of hₜ in h%[1]s", below(n))))
	most := 1.0
	for _, v := range left {
		most = max(most, v)
	}
	column := (right - margin) / float64(n+1)
	for t, v := range left {
		h := v / most * (bottom - top - 18)
		m = append(m, bar("c3", x(float64(t))-column*0.3, column*0.6, bottom-h, bottom))
		if column >= 30 || t == 0 || t == n {
			m = append(m, text("soft small mid", x(float64(t)), bottom-h-4, short(v)))
		}
		m = append(m, text("soft mid", x(float64(t)), bottom+16, fmt.Sprint(t)))
	}
	m = append(m, line("axis", margin, bottom, right, bottom), text("soft", 0, bottom+16, "step"))
	a.Height = bottom + 26

	if width < 560 {
		curve[1], curve[3] = a.Height+34, a.Height+34+high
		a.Height = curve[3] + 26
	}
	reach := 3.0
	for _, v := range sums {
		reach = max(reach, math.Ceil(math.Abs(v)))
	}
	cx := func(v float64) float64 { return curve[0] + (v+reach)/(2*reach)*(curve[2]-curve[0]) }
	cy := func(h float64) float64 { return curve[1] + (1-h)/2*(curve[3]-curve[1]) }
	m = append(m,
		text("ink strong", curve[0]-margin, curve[1]-12, "h = tanh(sum)"),
		rect("c5 faint", curve[0], cy(1), curve[2]-curve[0], cy(saturated)-cy(1)),
		rect("c5 faint", curve[0], cy(-saturated), curve[2]-curve[0], cy(-1)-cy(-saturated)),
		line("axis", curve[0], cy(0), curve[2], cy(0)), line("axis", cx(0), cy(1), cx(0), cy(-1)),
		text("soft mid", cx(-reach)+8, cy(-1)+18, minus(num(-reach))), text("soft mid", cx(0), cy(-1)+18, "0"), text("soft mid", cx(reach)-8, cy(-1)+18, num(reach)))
	points = nil
	for i := range 81 {
		v := reach * (float64(i)/40 - 1)
		points = append(points, [2]float64{cx(v), cy(math.Tanh(v))})
	}
	m = append(m, path("soft line", points))
	for t, v := range sums {
		class := "c1"
		if math.Abs(states[t]) > saturated {
			class = "c2"
		}
		m = append(m, circle(class, cx(v), cy(states[t]), 5))
	}
	a.Marks = m

	a.Words = fmt.Sprintf("The last state, h%[1]s, is %[2]s. Saturated: %[3]d of %[4]d states. A small change of h₁ arrives in h%[1]s %[5]s times as large.",
		below(n), short(states[n-1]), held, n, short(left[1]))
	if out != nil {
		a.Words += " Left out: " + strings.Join(out, " ") + "."
	}
	return a
}
