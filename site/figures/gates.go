package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	say "unroll/internal/words"
	"unroll/lesson"
)

var lstmGates = Figure{
	Name:   "lstm-gates",
	Title:  "The gates of an LSTM",
	Lesson: "lstm-gates",
	Lead:   "The hand-set machines of one unit. Drag the bias of a gate, change the words, and see what is kept, what is let in and what is shown.",
	Controls: []Control{
		{Name: "machine", Label: "machine", Value: "latch", Options: []Option{
			{"latch", say.Text("latch: not opens the input gate"), preset("-10", "10", "3", "10", review)},
			{"reset", say.Text("reset: a full stop shuts the forget gate, too"), preset("-10", "10", "3", "10", review)},
			{"count", say.Text("count: ( adds 1 and ) takes it away"), preset("10", "10", "0", "10", "( x ( ( ) x ) )")},
		}},
		{Name: "words", Label: "words, up to sixteen", Text: true, Value: review},
		{Name: "forget", Label: "bias of the forget gate f", Min: -12, Max: 12, Step: 0.5, Value: "10"},
		{Name: "input", Label: "bias of the input gate i", Min: -12, Max: 12, Step: 0.5, Value: "-10"},
		{Name: "candidate", Label: "bias of the candidate C̃", Min: -12, Max: 12, Step: 0.5, Value: "3"},
		{Name: "output", Label: "bias of the output gate o", Min: -12, Max: 12, Step: 0.5, Value: "10"},
		{Name: "start", Label: "cell state before the first word, C_0", Min: -2, Max: 2, Step: 0.5, Value: "0"},
	},
	compute: func(s Setting) Result {
		words := gateWords(s["machine"], s["words"])
		cut := max(0, len(words)-16)
		biases := []float64{s.float("input"), s.float("forget"), s.float("candidate"), s.float("output")}
		r := computeGates(s["machine"], biases, s.float("start"), words[:len(words)-cut])
		r.cut = cut
		return r
	},
}

const review = "this is not a good film . it is a good one ."

func preset(input, forget, candidate, output, words string) map[string]string {
	return map[string]string{"input": input, "forget": forget, "candidate": candidate, "output": output, "words": words}
}

// What a machine reads, and its weights: a row for each of i, f, g, o, as PyTorch has them.
var machines = map[string]struct {
	hears   []string
	weights []float64
}{
	"latch": {[]string{"not", ".", "good"}, []float64{20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	"reset": {[]string{"not", ".", "good"}, []float64{20, 0, 0, 0, -20, 0, 0, 0, 0, 0, 0, 0}},
	"count": {[]string{"(", ")", "x"}, []float64{0, 0, 0, 0, 0, 0, 20, -20, 0, 0, 0, 0}},
}

// gates are what an LSTM of one unit computes at each word.
type gates struct {
	lesson.LSTMTrace
	tokens []string
	left   []float64 // of C_0 after each word: the product of the forget gates
	cut    int       // words that are too many
}

// computeGates lets a machine with these biases, of i, f, g and o, read words, from a cell state.
func computeGates(machine string, biases []float64, start float64, words []string) gates {
	m := machines[machine]
	l := lesson.NewLSTM(rand.New(rand.NewPCG(6, 1)), 3, 1)
	for _, p := range l.Parameters() {
		clear(p.Value.Data())
	}
	copy(l.Parameter("weight_ih_l0").Value.Data(), m.weights)
	copy(l.Parameter("bias_ih_l0").Value.Data(), biases)
	x := lesson.OneHot(words, m.hears...)
	r := gates{tokens: words, LSTMTrace: l.Trace(x, &lesson.State{C: lesson.TensorOf([]float64{start}, 1, 1)})[0]}
	share := 1.0
	for _, f := range r.Forget.Data() {
		share *= f
		r.left = append(r.left, share)
	}
	return r
}

// gateWords returns at least one word of a text, as a machine reads it.
func gateWords(machine, text string) []string {
	words := lesson.Tokenize(text)
	if machine == "count" {
		words = strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))
	}
	if len(words) == 0 {
		words = []string{"x"}
	}
	return words
}

func (r gates) words() string {
	last := len(r.tokens) - 1
	words := say.Sprintf("After %d words the cell state C is %s and h is %s. Of C₀, the cell state before the first word, %s is left.",
		len(r.tokens), short(r.Cell.Data()[last]), short(r.Hidden.Data()[last]), percent(r.left[last]))
	if r.cut > 0 {
		words += say.Sprintf(" The words after the sixteenth are left out: %d.", r.cut)
	}
	return words
}

func (r gates) table() Table {
	t := Table{Head: []string{say.Of("word"), "f", "i", "o", "C̃", "C", "h", say.Of("left of C₀")}, Names: r.tokens}
	for i := range r.tokens {
		var row []float64
		for _, track := range r.tracks() {
			row = append(row, track.values[i])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// A track is a row of the drawing: a quantity at each word, from low to high.
type track struct {
	symbol, name, colour string
	values               []float64
	low, high            float64
}

// tracks have the colours of plots.Gates.
func (r gates) tracks() []track {
	cell := r.Cell.Data()
	return []track{
		{"f", say.Of("forget gate"), "1", r.Forget.Data(), 0, 1},
		{"i", say.Of("input gate"), "2", r.Input.Data(), 0, 1},
		{"o", say.Of("output gate"), "3", r.Output.Data(), 0, 1},
		{"C̃", say.Of("candidate"), "4", r.Candidate.Data(), -1, 1},
		// The scale of C moves by whole numbers.
		{"C", say.Of("cell state"), "5", cell, min(-1, math.Floor(slices.Min(cell))), max(1, math.Ceil(slices.Max(cell)))},
		{"h", say.Of("hidden state"), "6", r.Hidden.Data(), -1, 1},
		{"∏f", say.Of("left of C₀"), "1", r.left, 0, 1},
	}
}

func (r gates) layout(width float64) Drawing {
	d := Drawing{
		Label: say.Of("Gates, candidate, cell state and hidden state of an LSTM of one unit after each word, and how much of the first cell state is left"),
		Width: width,
	}
	const high, gap = 40.0, 10.0
	left, bottom := 30.0, 0.0
	if wide(width) {
		left = 120
	}
	for _, track := range r.tracks() {
		d.add(text("t"+track.colour+" strong", 0, bottom+high/2+4, track.symbol))
		d.add(rect("grid faint", left, bottom, width-left, high))
		if wide(width) {
			d.add(text("soft", 28, bottom+high/2+4, track.name))
		}
		d.add(track.draw(left, bottom, width, bottom+high)...)
		bottom += high + gap
	}
	words, room := r.drawWords(left, bottom, width)
	d.add(words...)
	d.Height = bottom + room
	return d
}

// draw draws a bar for each value, from 0, with the number where there is room.
func (r track) draw(left, top, right, bottom float64) []Mark {
	var m []Mark
	y := func(v float64) float64 { return top + (r.high-v)/(r.high-r.low)*(bottom-top) }
	column := (right - left) / float64(len(r.values))
	for t, v := range r.values {
		x := left + float64(t)*column
		m = append(m, bar("c"+r.colour, x+2, column-4, y(0), y(v)))
		if column < 36 {
			continue
		}
		at := y(max(v, 0)) - 3 // above the bar
		if at < top+10 {
			at = y(min(v, 0)) + 11 // below it
		}
		m = append(m, text("value small mid", x+column/2, min(at, bottom-2), brief(v)))
	}
	return append(m, line("axis", left, y(0), right, y(0)))
}

// drawWords draws the words below top, turned where they are wider than their
// columns, and says how much room they take.
func (r gates) drawWords(left, top, right float64) (m []Mark, room float64) {
	column := (right - left) / float64(len(r.tokens))
	longest := 0
	for _, word := range r.tokens {
		longest = max(longest, len([]rune(word)))
	}
	turned := float64(longest)*8 > column
	for t, word := range r.tokens {
		x := left + (float64(t)+0.5)*column
		w := text("ink mid", x, top+12, word)
		if turned {
			w = text("ink end", x+4, top+8, word)
			w.Attr["transform"] = fmt.Sprintf("rotate(-60 %s %s)", num(x+4), num(top+8))
		}
		m = append(m, w)
	}
	if turned {
		return m, 60
	}
	return m, 22
}
