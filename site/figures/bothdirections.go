package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	say "unroll/internal/words"
	"unroll/lesson"
)

var bothDirections = Figure{
	Name:   "both-directions",
	Title:  "What each half has read",
	Lesson: "both-directions",
	Lead:   "One word of a sentence is changed. The bars show how far each half of output moves, at every step.",
	Controls: []Control{
		{Name: "words", Label: "words of the sentence", Min: 2, Max: 12, Step: 1, Value: "9"},
		{Name: "place", Label: "place of the changed word", Min: 1, Max: 12, Step: 1, Value: "3"},
	},
	compute: func(s Setting) Result { return computeHalves(s.int("words"), min(s.int("place"), s.int("words"))) },
}

// halves is how far the two halves of output move at each step when another word
// is at a place of a sentence: of an untrained RNN of 8 units each way.
type halves struct {
	place            int // from 1
	forward, reverse []float64
}

func computeHalves(words, place int) halves {
	const units, others = 8, 8
	rng := rand.New(rand.NewPCG(9, 1))
	embedding := lesson.NewEmbedding(rng, 13+others, 6)
	rnn := lesson.NewRNN(rng, 6, units, lesson.BatchFirst, lesson.Bidirectional)
	x := make(lesson.Indices, 1+others) // the sentence, then the changed ones
	for i := range x {
		for t := range words {
			x[i] = append(x[i], t+1)
		}
		if i > 0 {
			x[i][place-1] = 12 + i
		}
	}
	output, _ := rnn.Forward(embedding.Forward(x), nil)
	r := halves{place: place}
	for t := range words {
		var moved [2]float64
		for i := 1; i <= others; i++ {
			for half := range moved {
				d := 0.0
				for j := half * units; j < (half+1)*units; j++ {
					d = math.Hypot(d, output.At(i, t, j)-output.At(0, t, j))
				}
				moved[half] += d / others
			}
		}
		r.forward, r.reverse = append(r.forward, moved[0]), append(r.reverse, moved[1])
	}
	return r
}

func (r halves) words() string {
	n := len(r.forward)
	return say.Sprintf("Word %d of %d is changed. It moves the last step of output by %s in the forward half and by %s in the reverse half; "+
		"the ends of both ways, forward at step %d and reverse at step 1, move by %s and %s.",
		r.place, n, short(r.forward[n-1]), short(r.reverse[n-1]), n, short(r.forward[n-1]), short(r.reverse[0]))
}

func (r halves) table() Table {
	t := Table{Head: []string{say.Of("step"), say.Of("forward half moves by"), say.Of("reverse half moves by")}}
	for i := range r.forward {
		t.Rows = append(t.Rows, []float64{float64(i + 1), r.forward[i], r.reverse[i]})
	}
	return t
}

// Columns of steps; the forward half above, the reverse half below.
func (r halves) layout(width float64) Drawing {
	const high = 110.0
	n := len(r.forward)
	column := (width - 4) / float64(n)
	most := max(slices.Max(r.forward), slices.Max(r.reverse))
	d := Drawing{
		Label:  say.Of("For each step of output, how far its forward half and its reverse half move when one word is changed"),
		Width:  width,
		Height: 2*(high+66) + 24,
	}
	for half, moves := range [][]float64{r.forward, r.reverse} {
		top := float64(half) * (high + 66)
		name, color := say.Of("forward half"), "c1"
		if half == 1 {
			name, color = say.Of("reverse half"), "c2"
		}
		d.add(text("ink strong", 0, top+14, name))
		bottom := top + 30 + high
		for t, v := range moves {
			x := 2 + float64(t)*column
			class, read, moved := "box", "has read it", short(v)
			if v == 0 {
				class, read = "box faint", ""
			}
			if column < 76 {
				read = ""
			}
			if column < 44 {
				moved = ""
			}
			d.add(bar(color, x+column*0.2, column*0.6, bottom-v/most*(high-20), bottom),
				text("soft small mid", x+column/2, bottom-v/most*(high-20)-5, moved),
				rect(class, x+1, bottom+3, column-2, 24),
				text("soft small mid", x+column/2, bottom+19, read))
		}
		d.add(line("axis", 0, bottom, width, bottom))
	}
	row := 2*(high+66) + 10
	for t := range n {
		class := "soft mid"
		if t+1 == r.place {
			class = "t3 strong mid"
		}
		d.add(text(class, 2+(float64(t)+0.5)*column, row, fmt.Sprint(t+1)))
	}
	return d
}
