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

var reviewVerdict = Figure{
	Name:   "review",
	Title:  "The verdict of a review",
	Lesson: "sentiment",
	Lead:   "A made review in your hands: choose what stands where. The bars show what a bag of words adds up, and the margin of a small LSTM after each word.",
	Controls: []Control{
		{Name: "form", Label: "form", Value: "but", Options: []Option{
			{Value: "one", Label: "one clause"}, {Value: "but", Label: "…, but …"},
			{Value: "although", Label: "although …, …"}, {Value: "end", Label: "…, although …"},
		}},
		{Name: "not1", Label: "not in the first", Value: "no", Options: []Option{{Value: "no", Label: "without"}, {Value: "not", Label: "not"}}},
		{Name: "first", Label: "first adjective", Value: "dull", Options: []Option{
			{Value: "good", Label: "good"}, {Value: "fresh", Label: "fresh"}, {Value: "bad", Label: "bad"}, {Value: "dull", Label: "dull"}}},
		{Name: "not2", Label: "not in the second", Value: "no", Options: []Option{{Value: "no", Label: "without"}, {Value: "not", Label: "not"}}},
		{Name: "second", Label: "second adjective", Value: "fresh", Options: []Option{
			{Value: "good", Label: "good"}, {Value: "fresh", Label: "fresh"}, {Value: "bad", Label: "bad"}, {Value: "dull", Label: "dull"}}},
	},
	compute: func(s Setting) Result {
		sentence, praise := reviewSentence(s)
		return computeReview(sentence, praise)
	},
}

// The parameters of a bag of words and of an LSTM of 16 units, trained on the
// lesson's reviews; trainedReaders makes them.
//
//go:embed review.safetensors
var reviewParameters []byte

// Their words, a line for each.
//
//go:embed review.txt
var reviewWords string

// reviewSentence returns the review of a setting, and whether it praises.
func reviewSentence(s Setting) (sentence string, praise bool) {
	clause := func(aspect, not, adjective string) (string, bool) {
		good := adjective == "good" || adjective == "fresh"
		if s[not] == "not" {
			return "the " + aspect + " is not " + adjective, !good
		}
		return "the " + aspect + " is " + adjective, good
	}
	first, ofFirst := clause("plot", "not1", s["first"])
	second, ofSecond := clause("acting", "not2", s["second"])
	switch s["form"] {
	case "but":
		return first + " , but " + second + " .", ofSecond
	case "although":
		return "although " + first + " , " + second + " .", ofSecond
	case "end":
		return first + " , although " + second + " .", ofFirst
	}
	return first + " .", ofFirst
}

// A verdict is what two readers compute from a review.
type verdict struct {
	sentence string
	praise   bool // what it says
	tokens   []string
	bag      []float64 // what the bag has added up after each word
	lstm     []float64 // the LSTM's margin, were each word the last
}

// newReviewReaders returns both readers before training.
func newReviewReaders(rng *rand.Rand, words int) (*lesson.BagOfWords, *lesson.Classifier) {
	c := lesson.NewClassifier(rng, lesson.ClassifierConfig{
		Words: words, EmbeddingDim: 8, Encoder: "LSTM", HiddenSize: 16, Reading: lesson.Packed, Classes: 2,
	})
	c.Encoder.(*lesson.LSTM).SetForgetBias(1)
	return lesson.NewBagOfWords(words, 2), c
}

// reviewReaders returns the trained readers and their words. It is called once.
func reviewReaders() (*lesson.BagOfWords, *lesson.Classifier, *lesson.Vocabulary) {
	words := lesson.NewVocabulary(strings.Split(strings.TrimSpace(reviewWords), "\n"))
	bag, lstm := newReviewReaders(rand.New(rand.NewPCG(0, 0)), words.Len())
	values := lesson.Must(lesson.ReadSafetensors(bytes.NewReader(reviewParameters)))
	for _, p := range slices.Concat(lesson.WithPrefix("bag.", bag.Parameters()), lstm.Parameters()) {
		copy(p.Value.Data(), values[p.Name].Data())
	}
	return bag, lstm, words
}

var trained = keepLast(func(struct{}) (r struct {
	bag   *lesson.BagOfWords
	lstm  *lesson.Classifier
	words *lesson.Vocabulary
}) {
	r.bag, r.lstm, r.words = reviewReaders()
	return r
})

func computeReview(sentence string, praise bool) verdict {
	r := trained(struct{}{})
	v := verdict{sentence: sentence, praise: praise, tokens: lesson.Tokenize(sentence)}
	s := r.words.Encode(sentence)
	for t := range s {
		z := r.bag.Forward([][]int{s[:t+1]})
		v.bag = append(v.bag, z.At(0, 1)-z.At(0, 0))
		z = r.lstm.Forward([][]int{s[:t+1]})
		v.lstm = append(v.lstm, z.At(0, 1)-z.At(0, 0))
	}
	return v
}

func says(margin float64) string {
	if margin > 0 {
		return say.Of("praise")
	}
	return say.Of("blame")
}

func (v verdict) words() string {
	end := len(v.tokens) - 1
	judge := func(margin float64) string {
		if (margin > 0) == v.praise {
			return say.Of("right")
		}
		return say.Of("wrong")
	}
	truth := say.Of("blame")
	if v.praise {
		truth = say.Of("praise")
	}
	bag, lstm := v.bag[end], v.lstm[end]
	return say.Sprintf("“%s” is %s. The bag of words says %s, with a margin of %s: %s. The LSTM says %s, with a margin of %s: %s.",
		v.sentence, truth, says(bag), brief(bag), judge(bag), says(lstm), brief(lstm), judge(lstm))
}

func (v verdict) table() Table {
	t := Table{Head: []string{say.Of("after"), say.Of("margin of the bag"), say.Of("margin of the LSTM")}, Names: v.tokens}
	for i := range v.tokens {
		t.Rows = append(t.Rows, []float64{v.bag[i], v.lstm[i]})
	}
	return t
}

func (v verdict) layout(width float64) Drawing {
	const size, top = 22.0, 40.0
	high := top + size*float64(len(v.tokens))
	d := Drawing{
		Label: say.Of("The words of the review from top to bottom, with the margin of the bag of words and of the LSTM after each; to the right is praise, to the left blame"),
		Width: width, Height: high + 12,
	}
	column := (width - 84) / 2
	most := 1.0
	for i := range v.tokens {
		most = max(most, math.Abs(v.bag[i]), math.Abs(v.lstm[i]))
	}
	scale := (column/2 - 42) / most
	for k, reader := range []struct {
		name, class string
		margins     []float64
	}{{say.Of("bag of words"), "c2", v.bag}, {"LSTM", "c1", v.lstm}} {
		zero := 84 + column*(float64(k)+0.5)
		d.add(text("strong mid", zero, 14, reader.name),
			text("soft small end", zero-6, 32, say.Of("blame")),
			text("soft small", zero+6, 32, say.Of("praise")),
			line("axis", zero, top-4, zero, high))
		for i, m := range reader.margins {
			y, class, x := top+size*float64(i), "soft small", zero+max(m*scale, 0)+4
			if m < 0 {
				class, x = "soft small end", zero+m*scale-4
			}
			d.add(rect(reader.class, zero+min(m*scale, 0), y+4, math.Abs(m)*scale, size-8),
				text(class, x, y+size/2+4, brief(m)))
		}
	}
	for i, w := range v.tokens {
		d.add(text("ink", 0, top+size*float64(i)+size/2+4, w))
	}
	return d
}
