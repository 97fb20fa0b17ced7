package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	say "unroll/internal/words"
	"unroll/lesson"
)

var forgetBias = Figure{
	Name:   "forget-bias",
	Title:  "What is left of a memory",
	Lesson: "forget-bias",
	Lead:   "A mark of 1 or −1 is written into an LSTM's memory, and noise follows. Open the forget gate until the mark stays, and then look whether it still shows.",
	Controls: []Control{
		{Name: "forget", Label: "forget bias", Min: -2, Max: 8, Step: 0.1, Value: "3"},
		{Name: "input", Label: "input bias", Min: -8, Max: 4, Step: 0.1, Value: "0"},
		{Name: "steps", Label: "steps of noise, k", Min: 5, Max: 200, Step: 1, Value: "80"},
	},
	compute: func(s Setting) Result { return computeMemory(s.float("forget"), s.float("input"), s.int("steps")) },
}

// memory is what a marked unit of an LSTM holds at each step from 0 to k, where
// the mark was 1 and where it was −1.
type memory struct {
	forget      float64
	plus, minus []float64
}

// computeMemory lets an LSTM of 16 units, as PyTorch draws it but for two biases, read
// the same noise from two cell states that differ in one unit.
func computeMemory(forget, input float64, steps int) memory {
	const in, units, marked = 8, 16, 0
	rng := rand.New(rand.NewPCG(7, 4))
	l := lesson.NewLSTM(rng, in, units)
	l.SetForgetBias(forget)
	l.SetInputBias(input)
	x := lesson.Randn(rng, steps, in)
	follow := func(mark float64) []float64 {
		c := lesson.NewTensor(1, units)
		c.Set(mark, 0, marked)
		cell := l.Trace(x, &lesson.State{C: c})[0].Cell
		values := []float64{mark}
		for t := range steps {
			values = append(values, cell.At(t, marked))
		}
		return values
	}
	return memory{forget, follow(1), follow(-1)}
}

// The difference that the mark makes after t steps, as a share of that at the
// start: in the memory, and in what tanh shows of it.
func (m memory) kept(t int) float64 { return (m.plus[t] - m.minus[t]) / 2 }
func (m memory) shown(t int) float64 {
	return (math.Tanh(m.plus[t]) - math.Tanh(m.minus[t])) / (2 * math.Tanh(1))
}

func (m memory) steps() int { return len(m.plus) - 1 }

// gates is what the forget gate leaves over t steps where nothing but its bias counts.
func (m memory) gates(t int) float64 { return math.Pow(lesson.Sigmoid(m.forget), float64(t)) }

func (m memory) words() string {
	k := m.steps()
	about := say.Of("The mark has been forgotten.")
	switch kept, shown := m.kept(k), m.shown(k); {
	case kept >= 0.1 && shown >= 0.1:
		about = say.Of("The mark is there, and it shows.")
	case kept >= 0.1:
		about = say.Of("The mark is there, but tanh hardly shows it: the memory is full.")
	}
	half := math.Ln2 / -math.Log(lesson.Sigmoid(m.forget))
	return say.Sprintf("%s The forget gate's half-life is %s steps, and over %d steps σ(b)^k is %s. The memory holds %s or %s, %s of the first difference, and tanh shows %s of it.",
		about, short(half), k, short(m.gates(k)), brief(m.plus[k]), brief(m.minus[k]), percent(max(m.kept(k), 0)), percent(max(m.shown(k), 0)))
}

func (m memory) table() Table {
	t := Table{Head: []string{say.Of("step"), say.Of("C, mark 1"), say.Of("C, mark −1"), say.Of("difference left"), "σ(b)^k", say.Of("shown by tanh")}}
	for i := range m.plus {
		t.Rows = append(t.Rows, []float64{float64(i), m.plus[i], m.minus[i], m.kept(i), m.gates(i), m.shown(i)})
	}
	return t
}

func (m memory) layout(width float64) Drawing {
	const left, margin, high, gap = 44.0, 12.0, 130.0, 46.0
	right := width - margin
	d := Drawing{
		Label: say.Of("The memory of the marked unit, and what tanh shows of it, against the step, for a mark of 1 and of −1"),
		Width: width,
	}
	most := 2.0 // whole powers of two, so that the axis does not move in most drags
	for _, values := range [][]float64{m.plus, m.minus} {
		for _, v := range values {
			for math.Abs(v) > most {
				most *= 2
			}
		}
	}
	top := 24.0
	for _, panel := range []struct {
		name string
		most float64
		of   func(float64) float64
	}{
		{say.Of("memory C"), most, func(v float64) float64 { return v }},
		{say.Of("what shows of it, tanh C"), 1, math.Tanh},
	} {
		x := func(t int) float64 { return left + float64(t)/float64(m.steps())*(right-left) }
		y := func(v float64) float64 { return top + (panel.most-v)/(2*panel.most)*high }
		d.add(text("ink strong", 0, top-10, panel.name))
		for _, v := range []float64{-panel.most, 0, panel.most} {
			d.add(line("grid", left, y(v), right, y(v)), text("soft end", left-6, y(v)+4, minus(num(v))))
		}
		curve := func(values []float64) (points [][2]float64) {
			for t, v := range values {
				points = append(points, [2]float64{x(t), y(panel.of(v))})
			}
			return points
		}
		d.add(path("c1 line", curve(m.plus)), path("c2 line dashed", curve(m.minus)))
		k := m.steps()
		d.add(circle("c1", x(k), y(panel.of(m.plus[k])), 4), circle("c2", x(k), y(panel.of(m.minus[k])), 4))
		top += high + gap
	}
	bottom := top - gap
	for i := range 5 {
		t := i * m.steps() / 4
		d.add(text("soft mid", left+float64(t)/float64(m.steps())*(right-left), bottom+18, fmt.Sprint(t)))
	}
	d.add(text("soft mid", (left+right)/2, bottom+38, say.Of("step")))
	d.add(line("c1 line", 0, bottom+58, 18, bottom+58), text("t1 strong", 24, bottom+62, say.Of("mark 1")),
		line("c2 line dashed", 110, bottom+58, 128, bottom+58), text("t2 strong", 134, bottom+62, say.Of("mark −1")))
	d.Height = bottom + 72
	return d
}
