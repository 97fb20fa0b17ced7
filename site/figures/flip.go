package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"unroll/lesson"
)

var paddingFlip = Experiment{
	Name:   "padding-flip",
	Title:  "Padding and flip",
	Lesson: "flip-reversal",
	Lead:   "A sentence with PADs, in five arrangements. The bars show how far the sentence's state moves when another word stands in a place.",
	Controls: []Control{
		{Name: "arm", Label: "arrangement", Value: "post-pad", Options: []Option{
			{Value: "post-pad", Label: "post-pad"}, {Value: "flip", Label: "flip"}, {Value: "pre-pad", Label: "pre-pad"},
			{Value: "gather", Label: "gather"}, {Value: "packed", Label: "packed"},
		}},
		{Name: "words", Label: "sentence, up to eight words", Text: true, Value: "He likes playing football", Options: []Option{
			{Label: "I am student", Sets: map[string]string{"words": "I am student"}},
			{Label: "He likes playing football", Sets: map[string]string{"words": "He likes playing football"}},
			{Label: "the film was not really so good", Sets: map[string]string{"words": "the film was not really so good"}},
		}},
		{Name: "pads", Label: "PADs", Min: 0, Max: 8, Step: 1, Value: "4"},
	},
	run: runFlip,
}

const everyWord = 8 // words that take a place in turn

// influences returns what an untrained RNN of 8 units reads when words stand with PADs in an
// arm's arrangement, step for step, after which step its state is taken, and how far that
// state moves when another word stands at a step.
func influences(arm string, words []int, pads int) (read []int, taken int, moves []float64) {
	rng := rand.New(rand.NewPCG(5, 1))
	embedding := lesson.NewEmbedding(rng, everyWord+1, 6, lesson.PaddingIdx(lesson.PAD))
	rnn := lesson.NewRNN(rng, 6, 8, lesson.BatchFirst)
	row, lengths := lesson.PadPost([][]int{words}, len(words)+pads)
	taken = len(row[0]) - 1
	switch arm {
	case "flip":
		row = row.Flip(1)
	case "pre-pad":
		row, _ = lesson.PadPre([][]int{words}, len(words)+pads)
	case "gather", "packed":
		taken = lengths[0] - 1
	}
	var others []int
	for w := range everyWord {
		others = append(others, w+1)
	}
	moves = lesson.Influence(func(x lesson.Indices) *lesson.Tensor {
		ends := slices.Repeat(lengths, len(x))
		if arm == "packed" {
			_, hidden := rnn.ForwardPacked(embedding.Forward(x), ends, nil)
			return hidden.Slice(0)
		}
		output, hidden := rnn.Forward(embedding.Forward(x), nil)
		if arm == "gather" {
			return lesson.GatherLast(output, ends, true)
		}
		return hidden.Slice(0)
	}, row[0], others)
	return row[0], taken, moves
}

// number gives each word its index, in the order of appearance.
func number(words []string) (indices []int) {
	known := map[string]int{}
	for _, w := range words {
		if known[w] == 0 {
			known[w] = len(known) + 1
		}
		indices = append(indices, known[w])
	}
	return indices
}

func runFlip(s Setting, width float64) Answer {
	words := strings.Fields(s["words"])
	words = words[:min(len(words), 8)]
	arm, pads := s["arm"], s.int("pads")
	n := len(words)
	read, taken, moves := influences(arm, number(words), pads)

	// Where each word and then each PAD stands.
	var places []int
	for i := range n + pads {
		switch {
		case arm == "flip":
			places = append(places, n+pads-1-i)
		case arm == "pre-pad":
			places = append(places, (i+pads)%(n+pads))
		default:
			places = append(places, i)
		}
	}
	tokens := make([]string, n+pads)
	for i, place := range places {
		tokens[place] = "PAD"
		if i < n {
			tokens[place] = words[i]
		}
	}

	a := Answer{
		Label: "The tokens in the order in which the network reads them, with a bar each for how far it moves the state",
		Width: width,
		Head:  []string{"token", "index", "moves the state by"},
		Names: tokens,
	}
	most, sum, ofPads := 0.0, 0.0, 0.0
	for t, v := range moves {
		a.Rows = append(a.Rows, []float64{float64(read[t]), v})
		most, sum = max(most, v), sum+v
		if read[t] == lesson.PAD {
			ofPads += v
		}
	}

	// A strip from left to right where there is room, else from top to bottom.
	wide := width >= 560
	const high = 150.0
	size := (width - 4) / float64(max(n+pads, 8))
	if !wide {
		size = 30
	}
	var strip []Mark
	for i, place := range places {
		v := moves[place]
		class, label := "c1", "ink"
		if i >= n {
			class, label = "pad", "soft"
		}
		word := tokens[place]
		room := 12
		if wide {
			room = int(size / 7.5)
		}
		if r := []rune(word); len(r) > room {
			word = string(r[:room-1]) + "…"
		}
		unread := ""
		if arm == "packed" && i >= n {
			unread = " faint"
		}
		at := float64(place) * size
		if wide {
			strip = append(strip, group("moves",
				bar(class, size*0.2, size*0.6, high, high-v/most*(high-20)),
				text("soft small mid", size/2, high-v/most*(high-20)-5, short(v)),
				rect("box"+unread, 2, high+4, size-4, 28),
				text(label+" mid"+unread, size/2, high+23, word)).at(at, 0))
			continue
		}
		strip = append(strip, group("moves",
			rect("box"+unread, 0, 2, 104, size-4),
			text(label+unread, 8, size/2+4, word),
			rect(class, 110, 6, v/most*(width-170), size-12),
			text("soft small", 116+v/most*(width-170), size/2+4, short(v))).at(0, at))
	}
	end := float64(taken+1) * size
	if wide {
		a.Height = high + 66
		a.Marks = []Mark{
			group("", strip...),
			line("axis", 0, high, width, high),
			group("moves", line("t2 line", 0, 8, 0, high+36), text("t2 strong end", -6, high+56, "the state is taken here")).at(end, 0),
			text("soft", 0, high+56, "read from left to right"),
		}
		if end < width*0.55 { // the words would run into one another
			a.Marks[3].Text = ""
			a.Marks[2].In[1] = text("t2 strong", 6, high+56, "the state is taken here")
		}
	} else {
		a.Height = float64(n+pads)*size + 26
		a.Marks = []Mark{
			group("", strip...),
			line("axis", 107, 0, 107, float64(n+pads)*size),
			group("moves", line("t2 line", 0, 0, width, 0), text("t2 strong small end", width, 14, "the state is taken here")).at(0, end),
			text("", 0, 0, ""),
		}
	}

	best := slices.Index(moves, most)
	share := "PADs move it not at all"
	if ofPads > 0 {
		share = "the PADs have " + percent(ofPads/sum) + " of all movement"
	}
	seen := tokens
	if arm == "packed" {
		seen = tokens[:n]
	}
	a.Words = fmt.Sprintf("With %s the network reads: %s. Most of all %s moves the state, by %s; %s.",
		arm, strings.Join(seen, " "), tokens[best], short(most), share)
	return a
}
