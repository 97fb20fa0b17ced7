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

var writing = Figure{
	Name:   "writing",
	Title:  "A network that writes",
	Lesson: "language-model",
	Lead:   "Type a beginning. Under each character stands what one unit holds after it; the long bars are what the network expects next, and the last line is how it goes on.",
	Controls: []Control{
		{Name: "text", Label: "beginning", Value: `\treturn nil // the `, Text: true, Options: []Option{
			{Label: "a comment", Sets: map[string]string{"text": `// Step returns the `}},
			{Label: "a function", Sets: map[string]string{"text": `func (l *LSTM) Back`}},
			{Label: "code, then a comment", Sets: map[string]string{"text": `\treturn nil // the `}},
			{Label: "a message", Sets: map[string]string{"text": `failf(fn, "x is %d, wa`}},
		}},
		{Name: "temperature", Label: "temperature T", Min: 0, Max: 2, Step: 0.05, Value: "0.5"},
		{Name: "unit", Label: "unit", Min: 0, Max: 79, Step: 1, Value: "79"},
		{Name: "seed", Label: "another draw", Min: 1, Max: 20, Step: 1, Value: "1"},
	},
	compute: func(s Setting) Result {
		return computeWriting(s["text"], s.float("temperature"), s.int("unit"), uint64(s.int("seed")))
	},
}

// longest is how many characters of a beginning are read, and goesOn how many are
// written behind it.
const longest, goesOn = 96, 48

// The parameters of a character model of 80 units, trained on package lesson's
// source; TestWriterParameters makes them.
//
//go:embed writing.safetensors
var writerParameters []byte

// Its alphabet.
//
//go:embed writing.txt
var writerAlphabet string

func newWriter(rng *rand.Rand, tokens int) *lesson.LanguageModel {
	return lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: tokens, EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 80})
}

// writer returns the trained model and its alphabet.
func writer() (*lesson.LanguageModel, *lesson.Alphabet) {
	a := lesson.NewAlphabet(writerAlphabet, 1)
	m := newWriter(rand.New(rand.NewPCG(0, 0)), a.Len())
	values := lesson.Must(lesson.ReadSafetensors(bytes.NewReader(writerParameters)))
	for _, p := range m.Parameters() {
		copy(p.Value.Data(), values[p.Name].Data())
	}
	return m, a
}

var kept = keepLast(func(struct{}) (r struct {
	model    *lesson.LanguageModel
	alphabet *lesson.Alphabet
}) {
	r.model, r.alphabet = writer()
	return r
})

// A beginning is what the model has read.
type beginning struct {
	tokens []int
	memory *lesson.Tensor // C of every unit after each character
	logits []float64      // of the character that comes next
}

var readBeginning = keepLast(func(text string) beginning {
	r := kept(struct{}{})
	letters := []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(text))
	b := beginning{tokens: r.alphabet.Encode(string(letters[max(len(letters)-longest, 0):]))}
	r.model.Read(b.tokens, nil, func(_ int, z []float64) { b.logits = slices.Clone(z) })
	x := r.model.Embedding.Forward(lesson.Indices{b.tokens})
	b.memory = r.model.Encoder.(*lesson.LSTM).Trace(x, nil)[0].Cell.Slice(0)
	return b
})

// A written is a beginning and how the model goes on.
type written struct {
	temperature float64
	unit        int
	characters  []string  // of the beginning, as they are shown
	memory      []float64 // of the unit, after each
	expected    []expectation
	among       float64 // 2 to the entropy of the next character
	after       string  // what is written behind
}

// An expectation is a character that may come, and its probability.
type expectation struct {
	character   string
	probability float64
}

// shownAs returns a character as one sign.
func shownAs(c rune) string {
	switch c {
	case '\n':
		return "↵"
	case '\t':
		return "→"
	case ' ':
		return "␣"
	}
	return string(c)
}

// spokenAs returns what shownAs returned as a word, where a sign says little.
func spokenAs(sign string) string {
	switch sign {
	case "↵":
		return say.Of("a new line")
	case "→":
		return say.Of("a tab")
	case "␣":
		return say.Of("a space")
	}
	return sign
}

func computeWriting(text string, temperature float64, unit int, seed uint64) written {
	r, b := kept(struct{}{}), readBeginning(text)
	w := written{temperature: temperature, unit: unit}
	for t, c := range []rune(r.alphabet.Decode(b.tokens)) {
		w.characters = append(w.characters, shownAs(c))
		w.memory = append(w.memory, b.memory.At(t, unit))
	}
	how, entropy := lesson.Sampler{Temperature: temperature}, 0.0
	for i, p := range how.Probabilities(b.logits) {
		w.expected = append(w.expected, expectation{shownAs([]rune(r.alphabet.Decode([]int{i}))[0]), p})
		if p > 0 {
			entropy -= p * math.Log2(p)
		}
	}
	slices.SortStableFunc(w.expected, func(a, b expectation) int {
		switch {
		case a.probability > b.probability:
			return -1
		case a.probability < b.probability:
			return 1
		}
		return 0
	})
	w.expected, w.among = w.expected[:8], math.Exp2(entropy)
	tokens := r.model.Generate(rand.New(rand.NewPCG(12, seed)), b.tokens, goesOn, how)
	for _, c := range r.alphabet.Decode(tokens) {
		if c == ' ' {
			w.after += " "
		} else {
			w.after += shownAs(c)
		}
	}
	return w
}

func (w written) words() string {
	var best []string
	for _, e := range w.expected[:3] {
		best = append(best, say.Sprintf("%s with %s", spokenAs(e.character), percent(e.probability)))
	}
	last := len(w.memory) - 1
	return say.Sprintf("At temperature %s the network expects %s next: as uncertain as among %s equally probable characters. Unit %d holds %s after the last character. The network goes on: “%s”.",
		brief(w.temperature), strings.Join(best, ", "), brief(w.among), w.unit, brief(w.memory[last]), w.after)
}

func (w written) table() Table {
	t := Table{Head: []string{say.Of("after"), say.Sprintf("C of unit %d", w.unit)}, Names: w.characters}
	for _, v := range w.memory {
		t.Rows = append(t.Rows, []float64{v})
	}
	return t
}

func (w written) layout(width float64) Drawing {
	const cell, high, half, top = 12.0, 46.0, 11.0, 26.0
	columns := int(width / cell)
	rows := (len(w.characters) + columns - 1) / columns
	most := 1e-9
	for _, v := range w.memory {
		most = max(most, math.Abs(v))
	}
	d := Drawing{
		Label: say.Of("The beginning, with a bar under each character for the unit's memory after it; below, a bar for each of the eight most probable next characters, and the text that the network writes"),
		Width: width,
	}
	d.add(text("soft small", 0, 12, say.Sprintf("the beginning; bars: C of unit %d, up to %s", w.unit, brief(most))))
	for row := range rows {
		zero := top + high*float64(row) + 18 + half
		d.add(line("axis", 0, zero, cell*float64(min(columns, len(w.characters)-row*columns)), zero))
	}
	for i, c := range w.characters {
		x, y := cell*float64(i%columns), top+high*float64(i/columns)
		class, zero := "c2", y+18+half
		if w.memory[i] < 0 {
			class = "c1"
		}
		d.add(text("ink mid", x+cell/2, y+14, c), bar(class, x+1, cell-2, zero, zero-half*w.memory[i]/most))
	}
	y := top + high*float64(rows) + 18
	d.add(text("soft small", 0, y, say.Of("what the network expects next")))
	y += 8
	scale := width - 90
	for _, e := range w.expected {
		d.add(text("ink mid", 10, y+14, e.character), rect("c1", 24, y+3, scale*e.probability, 14),
			text("soft small", 30+scale*e.probability, y+14, percent(e.probability)))
		y += 20
	}
	y += 18
	d.add(text("soft small", 0, y, say.Of("how it goes on")))
	for letters := []rune(w.after); len(letters) > 0; {
		n := min(int(width/8.5), len(letters))
		y += 20
		d.add(text("ink", 0, y, string(letters[:n])))
		letters = letters[n:]
	}
	d.Height = y + 10
	return d
}
