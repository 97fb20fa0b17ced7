package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"unroll/lesson"
)

var lstmGates = Experiment{
	Name:   "lstm-gates",
	Title:  "The gates of an LSTM",
	Lesson: "lstm-gates",
	Lead:   "The hand-set machines of one unit. Drag the bias of a gate, change the words, and see what is kept, what is let in and what is shown.",
	Controls: []Control{
		{Name: "machine", Label: "machine", Value: "latch", Options: []Option{
			{"latch", "latch: not opens the input gate", preset("-10", "10", "3", "10", review)},
			{"reset", "reset: a full stop shuts the forget gate, too", preset("-10", "10", "3", "10", review)},
			{"count", "count: ( adds 1 and ) takes it away", preset("10", "10", "0", "10", "( x ( ( ) x ) )")},
		}},
		{Name: "words", Label: "words, up to sixteen", Text: true, Value: review},
		{Name: "forget", Label: "bias of the forget gate f", Min: -12, Max: 12, Step: 0.5, Value: "10"},
		{Name: "input", Label: "bias of the input gate i", Min: -12, Max: 12, Step: 0.5, Value: "-10"},
		{Name: "candidate", Label: "bias of the candidate C̃", Min: -12, Max: 12, Step: 0.5, Value: "3"},
		{Name: "output", Label: "bias of the output gate o", Min: -12, Max: 12, Step: 0.5, Value: "10"},
		{Name: "start", Label: "cell state before the first word, C_0", Min: -2, Max: 2, Step: 0.5, Value: "0"},
	},
	run: runGates,
}

const review = "this is not a good film . it is a good one ."

func preset(input, forget, candidate, output, words string) map[string]string {
	return map[string]string{"input": input, "forget": forget, "candidate": candidate, "output": output, "words": words}
}

// What a machine hears, and its weights: a row for each of i, f, g, o, as PyTorch has them.
var machines = map[string]struct {
	hears   []string
	weights []float64
}{
	"latch": {[]string{"not", ".", "good"}, []float64{20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	"reset": {[]string{"not", ".", "good"}, []float64{20, 0, 0, 0, -20, 0, 0, 0, 0, 0, 0, 0}},
	"count": {[]string{"(", ")", "x"}, []float64{0, 0, 0, 0, 0, 0, 20, -20, 0, 0, 0, 0}},
}

// gates returns what an LSTM of one unit computes at each word, and how much of C_0 is left
// after it, the product of the forget gates. The biases are those of i, f, g, o.
func gates(machine string, biases []float64, start float64, words []string) (trace lesson.LSTMTrace, left []float64) {
	m := machines[machine]
	l := lesson.NewLSTM(rand.New(rand.NewPCG(6, 1)), 3, 1)
	for _, p := range l.Parameters() {
		clear(p.Value.Data())
	}
	copy(l.Parameter("weight_ih_l0").Value.Data(), m.weights)
	copy(l.Parameter("bias_ih_l0").Value.Data(), biases)
	x := lesson.OneHot(words, m.hears...)
	trace = l.Trace(x, &lesson.State{C: lesson.TensorOf([]float64{start}, 1, 1)})[0]
	share := 1.0
	for _, f := range trace.Forget.Data() {
		share *= f
		left = append(left, share)
	}
	return trace, left
}

func runGates(s Setting, width float64) Answer {
	words := lesson.Tokenize(s["words"])
	if s["machine"] == "count" {
		words = strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s["words"]))
	}
	if len(words) == 0 {
		words = []string{"x"}
	}
	cut := max(0, len(words)-16)
	words = words[:len(words)-cut]
	n := len(words)
	trace, left := gates(s["machine"], []float64{s.float("input"), s.float("forget"), s.float("candidate"), s.float("output")}, s.float("start"), words)

	tracks := []struct { // in the colours of plots.Gates
		symbol, name, class string
		values              []float64
		low, high           float64
	}{
		{"f", "forget gate", "1", trace.Forget.Data(), 0, 1},
		{"i", "input gate", "2", trace.Input.Data(), 0, 1},
		{"o", "output gate", "3", trace.Output.Data(), 0, 1},
		{"C̃", "candidate", "4", trace.Candidate.Data(), -1, 1},
		{"C", "cell state", "5", trace.Cell.Data(), -1, 1},
		{"h", "hidden state", "6", trace.Hidden.Data(), -1, 1},
		{"∏f", "left of C₀", "1", left, 0, 1},
	}
	for _, v := range tracks[4].values {
		// The scale of C moves by whole numbers.
		tracks[4].low, tracks[4].high = min(tracks[4].low, math.Floor(v)), max(tracks[4].high, math.Ceil(v))
	}

	a := Answer{
		Label: "Gates, candidate, cell state and hidden state of an LSTM of one unit after each word, and how much of the first cell state is left",
		Width: width,
		Head:  []string{"word", "f", "i", "o", "C̃", "C", "h", "left of C₀"},
		Names: words,
	}
	for t := range n {
		var row []float64
		for _, track := range tracks {
			row = append(row, track.values[t])
		}
		a.Rows = append(a.Rows, row)
	}

	margin := 30.0
	if width >= 560 {
		margin = 120
	}
	const high, gap = 40.0, 10.0
	column := (width - margin) / float64(n)
	for i, track := range tracks {
		top := float64(i) * (high + gap)
		y := func(v float64) float64 { return top + (track.high-v)/(track.high-track.low)*high }
		a.Marks = append(a.Marks,
			text("t"+track.class+" strong", 0, top+high/2+4, track.symbol),
			rect("grid faint", margin, top, width-margin, high))
		if width >= 560 {
			a.Marks = append(a.Marks, text("soft", 28, top+high/2+4, track.name))
		}
		for t, v := range track.values {
			x := margin + float64(t)*column
			a.Marks = append(a.Marks, bar("c"+track.class, x+2, column-4, y(0), y(v)))
			if column >= 36 {
				// Above the bar, or below where there is no room.
				at := y(max(v, 0)) - 3
				if at < top+10 {
					at = y(min(v, 0)) + 11
				}
				a.Marks = append(a.Marks, text("value small mid", x+column/2, min(at, top+high-2), brief(v)))
			}
		}
		a.Marks = append(a.Marks, line("axis", margin, y(0), width, y(0)))
	}
	bottom := float64(len(tracks)) * (high + gap)
	longest := 0
	for _, word := range words {
		longest = max(longest, len([]rune(word)))
	}
	turned := float64(longest)*8 > column
	for t, word := range words {
		x := margin + (float64(t)+0.5)*column
		w := text("ink mid", x, bottom+12, word)
		if turned {
			w = text("ink end", x+4, bottom+8, word)
			w.Attr["transform"] = fmt.Sprintf("rotate(-60 %s %s)", num(x+4), num(bottom+8))
		}
		a.Marks = append(a.Marks, w)
	}
	a.Height = bottom + 22
	if turned {
		a.Height = bottom + 60
	}

	last := n - 1
	a.Words = fmt.Sprintf("After %d words the cell state C is %s and h is %s. Of C₀, the cell state before the first word, %s is left.",
		n, short(tracks[4].values[last]), short(tracks[5].values[last]), percent(left[last]))
	if cut > 0 {
		a.Words += fmt.Sprintf(" The words after the sixteenth are left out: %d.", cut)
	}
	return a
}

// brief prints a number with two decimals.
func brief(v float64) string {
	return minus(fmt.Sprintf("%.2f", math.Round(v*100)/100+0)) // + 0 makes −0 a 0
}

func percent(v float64) string {
	if v > 0 && v < 0.0005 {
		return "less than 0.05%"
	}
	return num(math.Round(v*1000)/10) + "%"
}
