package main

import (
	"bytes"
	_ "embed"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	say "unroll/internal/words"
	"unroll/lesson"
)

var dateAlignment = Figure{
	Name:   "alignment",
	Title:  "Write a date",
	Lesson: "sequence-to-sequence",
	Lead:   "Type a date, in English or Korean. A small trained network writes it as ISO 8601. See where it looks for each character, and what else was in its beam.",
	Controls: []Control{
		{Name: "date", Label: "date, up to 32 characters", Text: true, Value: "Nov 28, 2026", Options: []Option{
			{Label: "Nov 28, 2026", Sets: map[string]string{"date": "Nov 28, 2026"}},
			{Label: "2026년 11월 28일 토요일", Sets: map[string]string{"date": "2026년 11월 28일 토요일"}},
			{Label: "3rd of May 1975", Sets: map[string]string{"date": "3rd of May 1975"}},
			{Label: "07/04/76", Sets: map[string]string{"date": "07/04/76"}},
			{Label: "28.11.2026, no form it knows", Sets: map[string]string{"date": "28.11.2026"}},
		}},
		{Name: "width", Label: "width of the beam", Min: 1, Max: 6, Step: 1, Value: "4"},
	},
	compute: func(s Setting) Result { return computeAlignment(s["date"], s.int("width")) },
}

// The parameters of a network that reads dates, which TestDateParameters trains.
//
//go:embed alignment.safetensors
var dateParameters []byte

// dateCharacters are those of lesson.DateTask, in the order of their indices.
const dateCharacters = "� (),./0123456789ADFJMNOSTWabcdefghilmnoprstuvy금년목수요월일토화"

const (
	maxDate  = 32 // characters of a date
	maxWrite = 14 // that the network may write
)

// newDateReader returns the network before training, and the characters that it
// reads and writes.
func newDateReader(rng *rand.Rand) (*lesson.Seq2Seq, *lesson.Alphabet, *lesson.Alphabet) {
	from, to := lesson.NewAlphabet(dateCharacters, 1), lesson.NewAlphabet("0123456789-", 1)
	m := lesson.NewSeq2Seq(rng, lesson.Seq2SeqConfig{
		SourceTokens: from.Len(), TargetTokens: to.Len(), EmbeddingDim: 12, HiddenSize: 24, Attention: "dot",
	})
	m.Encoder.SetForgetBias(1)
	m.Decoder.SetForgetBias(1)
	return m, from, to
}

var trainedDates = keepLast(func(struct{}) (r struct {
	m        *lesson.Seq2Seq
	from, to *lesson.Alphabet
}) {
	r.m, r.from, r.to = newDateReader(rand.New(rand.NewPCG(0, 0)))
	values := lesson.Must(lesson.ReadSafetensors(bytes.NewReader(dateParameters)))
	for _, p := range r.m.Parameters() {
		copy(p.Value.Data(), values[p.Name].Data())
	}
	return r
})

// alignment is a date, what the network made of it, and how.
type alignment struct {
	source, target []string // characters; the target's last is EOS, if it was written
	weights        [][]float64
	beam           []lesson.Hypothesis
	texts          []string // of the beam
	unknown        []string // characters that the network has never read
}

func computeAlignment(date string, width int) alignment {
	r := trainedDates(struct{}{})
	characters := []rune(strings.Join(strings.Fields(date), " "))
	characters = characters[:min(len(characters), maxDate)]
	tokens := r.from.Encode(string(characters))
	var a alignment
	for i, c := range characters {
		a.source = append(a.source, string(c))
		if tokens[i] == 0 && !slices.Contains(a.unknown, string(c)) {
			a.unknown = append(a.unknown, string(c))
		}
	}
	a.beam = r.m.Beam(tokens, lesson.BeamSearch{Width: width, Steps: maxWrite, Alpha: 1})
	for _, h := range a.beam {
		a.texts = append(a.texts, r.to.Decode(h.Tokens))
	}
	best := a.beam[0]
	weights := r.m.Alignment(tokens, best.Tokens)
	for t, c := range append(strings.Split(a.texts[0], ""), "EOS") {
		if c == "EOS" && !best.Ended {
			break
		}
		a.target = append(a.target, c)
		a.weights = append(a.weights, weights.Slice(t).Data())
	}
	return a
}

// looks returns the place that is looked at most for a character.
func (a alignment) looks(t int) (place int, weight float64) {
	weight = slices.Max(a.weights[t])
	return slices.Index(a.weights[t], weight), weight
}

func (a alignment) words() string {
	words := say.Sprintf("It writes %s, with a probability of %s.", a.texts[0], percent(math.Exp(a.beam[0].LogProb)))
	if len(a.beam) > 1 {
		words += say.Sprintf(" Next in the beam is %s, with %s.", a.texts[1], percent(math.Exp(a.beam[1].LogProb)))
	}
	if len(a.target) > 0 {
		at, weight := a.looks(0)
		words += say.Sprintf(" For its first character it looks most at “%s”, place %d, with a weight of %s.", a.source[at], at+1, brief(weight))
	}
	if len(a.unknown) > 0 {
		words += say.Sprintf(" It has never read %s: to it they are one and the same sign.", strings.Join(a.unknown, " "))
	}
	return words
}

func (a alignment) table() Table {
	t := Table{Head: []string{say.Of("written"), say.Of("place looked at most"), say.Of("its weight")}}
	for i, c := range a.target {
		at, weight := a.looks(i)
		t.Names, t.Rows = append(t.Names, c), append(t.Rows, []float64{float64(at + 1), weight})
	}
	return t
}

// layout draws a square for each weight, whose area is the weight, and the beam
// below.
func (a alignment) layout(width float64) Drawing {
	const left, top, row = 40.0, 56.0, 22.0
	column := min((width-left-4)/float64(len(a.source)), 26)
	low := top + row*float64(len(a.target))
	d := Drawing{
		Label: say.Of("The characters of the date from left to right, the written ones from top to bottom; a square for each weight, as large as the weight, and below it the targets in the beam with their probabilities"),
		Width: width, Height: low + 40 + 24*float64(len(a.beam)),
	}
	d.add(text("soft small", 0, 14, say.Of("columns: what it read; rows: what it writes")))
	for j, c := range a.source {
		if c == " " {
			c = "␣"
		}
		y := top - 12
		if column < 16 && j%2 == 1 {
			y -= 16 // neighbours would touch
		}
		d.add(text("ink mid", left+column*(float64(j)+0.5), y, c))
	}
	for t, c := range a.target {
		y := top + row*float64(t)
		d.add(text("ink strong end", left-10, y+row/2+5, c), line("grid", left, y+row, left+column*float64(len(a.source)), y+row))
		for j, w := range a.weights[t] {
			side := math.Sqrt(w) * min(column, row)
			if side < 1 {
				continue
			}
			d.add(rect("c1", left+column*(float64(j)+0.5)-side/2, y+row/2-side/2, side, side))
		}
	}
	d.add(text("ink strong", 0, low+26, say.Of("in the beam")))
	for i, s := range a.texts {
		y := low + 40 + 24*float64(i)
		p := math.Exp(a.beam[i].LogProb)
		d.add(text("ink", 0, y+12, s), rect("c2", 130, y+2, p*(width-200), 12), text("soft small", 136+p*(width-200), y+12, percent(p)))
	}
	return d
}
