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

var wordOrder = Figure{
	Name:   "word-order",
	Title:  "The same words in another order",
	Lesson: "order-matters",
	Lead:   "Exchange two words of a sentence, and compare what three readers make of both: how often each word occurs, the largest number of each column of the words' vectors, and the last state of a small RNN that is not trained.",
	Controls: []Control{
		{Name: "words", Label: "sentence, up to seven words", Text: true, Value: "the dog bit the man", Options: []Option{
			{Label: "the dog bit the man", Sets: map[string]string{"words": "the dog bit the man", "one": "2", "other": "5"}},
			{Label: "not bad but good", Sets: map[string]string{"words": "not bad but good", "one": "2", "other": "4"}},
			{Label: "only I saw her", Sets: map[string]string{"words": "only I saw her", "one": "1", "other": "2"}},
		}},
		{Name: "one", Label: "exchange the word in place", Min: 1, Max: maxOrdered, Step: 1, Value: "2"},
		{Name: "other", Label: "with the word in place", Min: 1, Max: maxOrdered, Step: 1, Value: "5"},
	},
	compute: func(s Setting) Result {
		words := strings.Fields(s["words"])
		words = words[:min(len(words), maxOrdered)]
		return computeOrders(words, s.int("one")-1, s.int("other")-1)
	},
}

const (
	maxOrdered   = 7 // words of a sentence
	orderedUnits = 4 // of the RNN, and numbers of a word's vector
)

// orders is a sentence and the same with two words exchanged, each read in three
// ways. The first index is the sentence.
type orders struct {
	one, other int // the places that are exchanged
	tokens     [2][]string
	known      []string // the different words
	bag, pool  [2][]float64
	states     [2][]float64 // the RNN's last
	apart      []float64    // the largest difference of the states after each step
}

func computeOrders(words []string, one, other int) orders {
	last := len(words) - 1
	r := orders{one: min(one, last), other: min(other, last)}
	changed := slices.Clone(words)
	changed[r.one], changed[r.other] = changed[r.other], changed[r.one]
	r.tokens = [2][]string{words, changed}
	for _, w := range words {
		if !slices.Contains(r.known, w) {
			r.known = append(r.known, w)
		}
	}
	rng := rand.New(rand.NewPCG(1, 5))
	embedding := lesson.NewEmbedding(rng, maxOrdered, orderedUnits)
	rnn := lesson.NewRNN(rng, orderedUnits, orderedUnits, lesson.BatchFirst)
	var pair lesson.Indices
	for i, tokens := range r.tokens {
		r.bag[i] = make([]float64, len(r.known))
		var indices []int
		for _, w := range tokens {
			n := slices.Index(r.known, w)
			r.bag[i][n]++
			indices = append(indices, n)
		}
		pair = append(pair, indices)
	}
	vectors := embedding.Forward(pair)
	output, hidden := rnn.Forward(vectors, nil)
	for i := range pair {
		r.states[i] = slices.Clone(hidden.Slice(0).Slice(i).Data())
		r.pool[i] = slices.Repeat([]float64{math.Inf(-1)}, orderedUnits)
		for t := range words {
			for j, v := range vectors.Slice(i).Slice(t).Data() {
				r.pool[i][j] = max(r.pool[i][j], v)
			}
		}
	}
	for t := range words {
		r.apart = append(r.apart, lesson.MaxAbsDiff(output.Slice(0).Slice(t), output.Slice(1).Slice(t)))
	}
	return r
}

func (r orders) words() string {
	one, two := strings.Join(r.tokens[0], " "), strings.Join(r.tokens[1], " ")
	if one == two {
		return say.Sprintf("Both rows are the same sentence, “%s”, so all three readers make the same of both.", one)
	}
	first := slices.IndexFunc(r.apart, func(v float64) bool { return v > 0 })
	return say.Sprintf("“%s” and “%s” have the same bag of words and the same max pooling, to the last digit. The states of the RNN differ from word %d on; after the last word the largest difference is %s.",
		one, two, first+1, short(r.apart[len(r.apart)-1]))
}

func (r orders) table() Table {
	t := Table{Head: []string{say.Of("what"), say.Of("first sentence"), say.Of("second sentence")}}
	add := func(name string, a, b float64) {
		t.Names, t.Rows = append(t.Names, name), append(t.Rows, []float64{a, b})
	}
	for k, w := range r.known {
		add(say.Sprintf("bag: %s", w), r.bag[0][k], r.bag[1][k])
	}
	for j := range orderedUnits {
		add(say.Sprintf("max pooling, column %d", j+1), r.pool[0][j], r.pool[1][j])
	}
	for j := range orderedUnits {
		add(say.Sprintf("last state, unit %d", j+1), r.states[0][j], r.states[1][j])
	}
	return t
}

// The sentences are above, with how far apart the states are below each step;
// then the three readers, beside each other where there is room.
func (r orders) layout(width float64) Drawing {
	d := Drawing{
		Label: say.Of("Two sentences of the same words, how far apart the RNN's states are after each word, and three pairs of vectors: the bags, the max poolings and the last states"),
		Width: width,
		Pick:  &Pick{Control: "other", From: -width / maxOrdered / 2, By: width / maxOrdered},
	}
	size := width / maxOrdered
	var boxes []Mark
	for i, tokens := range r.tokens {
		for t := range maxOrdered {
			place, word, class := t, "", ""
			if t < len(tokens) {
				place, word = r.placed(i, t), cut(r.tokens[0][t], int(size/8))
			} else {
				class = " faint" // as many boxes for every sentence
			}
			label := "t" + fmt.Sprint(i+1) + " mid"
			if t == r.one || t == r.other {
				label += " strong"
			}
			boxes = append(boxes, group("moves",
				rect("box"+class, 2, 0, size-4, 28),
				text(label, size/2, 19, word)).at(float64(place)*size, 4+float64(i)*36))
		}
	}
	d.add(boxes...)
	const top, bottom = 104.0, 164.0
	d.add(text("soft small", 0, 92, say.Of("how far apart the states are after each word")), line("axis", 0, bottom, width, bottom))
	most := max(0.5, slices.Max(r.apart))
	for t := range maxOrdered {
		v, said := 0.0, ""
		if t < len(r.apart) {
			v, said = r.apart[t], short(r.apart[t])
		}
		high := v / most * (bottom - top - 14)
		d.add(bar("c3", (float64(t)+0.25)*size, size/2, bottom-high, bottom), text("soft small mid", (float64(t)+0.5)*size, bottom-high-4, said))
	}
	panels := []struct {
		name   string
		values [2][]float64
		labels []string
	}{
		{say.Of("bag of words"), r.bag, r.known},
		{say.Of("max pooling"), r.pool, []string{"1", "2", "3", "4"}},
		{say.Of("last state"), r.states, []string{"1", "2", "3", "4"}},
	}
	x, y, w := 0.0, bottom+36, width
	if wide(width) {
		w = (width - 48) / 3
	}
	for _, p := range panels {
		d.add(drawPair(x, y, w, p.name, p.values, p.labels)...)
		if wide(width) {
			x += w + 24
		} else {
			y += pairHeight
		}
	}
	d.Height = bottom + 36 + pairHeight
	if !wide(width) {
		d.Height = y
	}
	return d
}

// placed is where word t of the first sentence is in sentence i.
func (r orders) placed(i, t int) int {
	switch {
	case i == 0:
	case t == r.one:
		return r.other
	case t == r.other:
		return r.one
	}
	return t
}

// cut shortens a word to so many letters.
func cut(word string, room int) string {
	if letters := []rune(word); len(letters) > room {
		return string(letters[:room-1]) + "…"
	}
	return word
}

const pairHeight = 150.0

// drawPair draws two vectors as pairs of bars, and says whether they are equal.
func drawPair(x, y, width float64, name string, values [2][]float64, labels []string) []Mark {
	const high = 84.0
	verdict, class := say.Of("the same"), "soft"
	if !slices.Equal(values[0], values[1]) {
		verdict, class = say.Of("different"), "t3 strong"
	}
	marks := []Mark{text("ink strong", x, y, name), text(class+" end", x+width, y, verdict)}
	low, most := 0.0, 1.0
	for _, v := range slices.Concat(values[0], values[1]) {
		low, most = min(low, v), max(most, v)
	}
	at := func(v float64) float64 { return y + 14 + (most-v)/(most-low)*high }
	size := width / float64(len(labels))
	for k, label := range labels {
		left := x + float64(k)*size
		for i := range 2 {
			v := values[i][k]
			marks = append(marks, bar("c"+fmt.Sprint(i+1), left+size*(0.2+0.3*float64(i)), size*0.26, at(v), at(0)))
		}
		marks = append(marks, text("soft small mid", left+size*0.48, y+14+high+16, cut(label, max(2, int(size/7)))))
	}
	return append(marks, line("axis", x, at(0), x+width, at(0)))
}
