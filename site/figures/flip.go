package main

import (
	"math/rand/v2"
	"slices"
	"strings"

	say "unroll/internal/words"
	"unroll/lesson"
)

var paddingFlip = Figure{
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
	compute: func(s Setting) Result {
		words := strings.Fields(s["words"])
		words = words[:min(len(words), 8)]
		return computeFlip(s["arm"], words, s.int("pads"))
	},
}

const everyWord = 8 // words that take a place in turn

// flip is how far each token of a sentence and its PADs, in one arrangement, moves
// the state of an untrained RNN of 8 units.
type flip struct {
	arm    string
	n      int       // of the tokens are words, the others PADs
	places []int     // of each word and then each PAD, in the order of reading
	tokens []string  // by place
	read   []int     // the tokens' indices, by place
	moves  []float64 // how far the state moves when another word is at a place
	taken  int       // the place after which the state is taken
}

func computeFlip(arm string, words []string, pads int) flip {
	n := len(words)
	r := flip{arm: arm, n: n, tokens: make([]string, n+pads)}
	for i := range n + pads {
		place := i
		switch arm {
		case "flip":
			place = n + pads - 1 - i
		case "pre-pad":
			place = (i + pads) % (n + pads)
		}
		r.places = append(r.places, place)
		r.tokens[place] = "PAD"
		if i < n {
			r.tokens[place] = words[i]
		}
	}
	r.read, r.taken, r.moves = influences(arm, number(words), pads)
	return r
}

// influences returns what the network reads when words and PADs are in an arm's arrangement,
// step for step, after which step its state is taken, and how far that state moves when another
// word is at a step.
func influences(arm string, words []int, pads int) (read []int, taken int, moves []float64) {
	rng := rand.New(rand.NewPCG(5, 1))
	embedding := lesson.NewEmbedding(rng, everyWord+2, 6, lesson.PaddingIdx(lesson.PAD))
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
		others = append(others, w+2)
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

// number gives each word its index, in the order of appearance; 1 is <UNK>.
func number(words []string) (indices []int) {
	known := map[string]int{}
	for _, w := range words {
		if known[w] == 0 {
			known[w] = len(known) + 2
		}
		indices = append(indices, known[w])
	}
	return indices
}

func (r flip) words() string {
	sum, ofPads := 0.0, 0.0
	for t, v := range r.moves {
		sum += v
		if r.read[t] == lesson.PAD {
			ofPads += v
		}
	}
	share := say.Of("PADs move it not at all")
	if ofPads > 0 {
		share = say.Sprintf("the PADs have %s of all movement", percent(ofPads/sum))
	}
	seen := r.tokens
	if r.arm == "packed" {
		seen = r.tokens[:r.n]
	}
	most := slices.Max(r.moves)
	return say.Sprintf("With %s the network reads: %s. Most of all %s moves the state, by %s; %s.",
		r.arm, strings.Join(seen, " "), r.tokens[slices.Index(r.moves, most)], short(most), share)
}

func (r flip) table() Table {
	t := Table{Head: []string{say.Of("token"), say.Of("index"), say.Of("moves the state by")}, Names: r.tokens}
	for i, v := range r.moves {
		t.Rows = append(t.Rows, []float64{float64(r.read[i]), v})
	}
	return t
}

// A strip from left to right where there is room, else from top to bottom.
func (r flip) layout(width float64) Drawing {
	d := Drawing{
		Label: say.Of("The tokens in the order in which the network reads them, with a bar each for how far it moves the state"),
		Width: width,
	}
	if wide(width) {
		r.layoutAcross(&d)
	} else {
		r.layoutDown(&d)
	}
	return d
}

var takenHere = say.Text("the state is taken here")

func (r flip) layoutAcross(d *Drawing) {
	const high = 150.0
	size := (d.Width - 4) / float64(max(len(r.tokens), 8))
	var strip []Mark
	for _, t := range r.strip(int(size / 7.5)) {
		top := high - t.share*(high-20)
		strip = append(strip, group("moves",
			bar(t.bar, size*0.2, size*0.6, high, top),
			text("soft small mid", size/2, top-5, t.moves),
			rect("box"+t.faint, 2, high+4, size-4, 28),
			text(t.label+" mid"+t.faint, size/2, high+23, t.word)).at(t.place*size, 0))
	}
	end := float64(r.taken+1) * size
	note, direction := text("t2 strong end", -6, high+56, say.Of(takenHere)), say.Of("read from left to right")
	if end < d.Width*0.55 { // the words would run into one another
		note, direction = text("t2 strong", 6, high+56, say.Of(takenHere)), ""
	}
	d.add(
		group("", strip...),
		line("axis", 0, high, d.Width, high),
		group("moves", line("t2 line", 0, 8, 0, high+36), note).at(end, 0),
		text("soft", 0, high+56, direction))
	d.Height = high + 66
}

func (r flip) layoutDown(d *Drawing) {
	const size = 30.0
	high := float64(len(r.tokens)) * size
	var strip []Mark
	for _, t := range r.strip(12) {
		long := t.share * (d.Width - 170)
		strip = append(strip, group("moves",
			rect("box"+t.faint, 0, 2, 104, size-4),
			text(t.label+t.faint, 8, size/2+4, t.word),
			rect(t.bar, 110, 6, long, size-12),
			text("soft small", 116+long, size/2+4, t.moves)).at(0, t.place*size))
	}
	note := text("t2 strong small end", d.Width, 14, say.Of(takenHere))
	d.add(
		group("", strip...),
		line("axis", 107, 0, 107, high),
		group("moves", line("t2 line", 0, 0, d.Width, 0), note).at(0, float64(r.taken+1)*size),
		text("", 0, 0, "")) // as many marks as across
	d.Height = high + 26
}

// A token is what a strip shows of one.
type token struct {
	place, share      float64 // share of the longest bar
	word, moves       string
	bar, label, faint string // classes
}

// strip returns the words and then the PADs, wherever they are: each keeps its
// mark and can be animated. A word has room for so many letters.
func (r flip) strip(room int) (tokens []token) {
	most := slices.Max(r.moves)
	for i, place := range r.places {
		v := r.moves[place]
		t := token{float64(place), v / most, r.tokens[place], short(v), "c1", "ink", ""}
		if letters := []rune(t.word); len(letters) > room {
			t.word = string(letters[:room-1]) + "…"
		}
		if i >= r.n {
			t.bar, t.label = "pad", "soft"
			if r.arm == "packed" { // which reads no PAD
				t.faint = " faint"
			}
		}
		tokens = append(tokens, t)
	}
	return tokens
}
