package exercise

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/internal/words"
)

func init() {
	register("sequence-to-sequence", &DecoderReads, &Context, &NarrowBeam, &NGramPrecision, &FairAttention)
}

// DecoderReads asks what a decoder reads under teacher forcing, step by step, while
// it learns to write a target.
var DecoderReads = Exercise[[]string, []string]{
	Name:     "sequence-to-sequence/decoder-reads",
	Inputs:   [][]string{{"나", "는", "간다"}, {"yes"}, {"2", "0", "2", "6"}},
	Solution: func(y []string) []string { return append([]string{"BOS"}, y...) },
	Mistakes: []Mistake[[]string, []string]{
		{
			func(y []string) []string { return append([]string{"BOS"}, y[:len(y)-1]...) },
			"Count the steps: the decoder writes every word and then EOS. What has it read when it writes EOS?",
		}, {
			slices.Clone[[]string],
			"Your decoder reads the word that it is to write in the same step. Before the first word there is only the beginning.",
		}, {
			func(y []string) []string { return append(append([]string{"BOS"}, y...), "EOS") },
			"One too many: EOS is written last, and nothing reads it.",
		}, {
			func(y []string) []string { return append(slices.Clone(y), "EOS") },
			"That is what the decoder writes. What it reads comes one step late.",
		},
	},
	Show: func(y []string) string { return words.Sprintf("target %s", strings.Join(y, " ")) },
}

// A DecoderLook is a decoder's state and the encoder's states.
type DecoderLook struct {
	H []float64   // of the decoder, after the step
	S [][]float64 // of the encoder, one for each source word
}

// Context asks for the mean of the encoder's states that a decoder with Luong's dot
// score takes.
var Context = Exercise[DecoderLook, []float64]{
	Name: "sequence-to-sequence/context",
	Inputs: []DecoderLook{
		{[]float64{1, 0}, [][]float64{{2, 1}, {0, 3}, {-1, 0}}},
		{[]float64{0.5, -1, 2, 0.25}, [][]float64{{1, 1, 0, 2}, {0, -1, 1, 0}}},
	},
	Solution: func(d DecoderLook) []float64 { return mix(share(d.scores(1)), d.S) },
	Mistakes: []Mistake[DecoderLook, []float64]{
		{
			func(d DecoderLook) []float64 { return mix(share(d.scores(1/math.Sqrt(float64(len(d.H))))), d.S) },
			"You divide by the root of the width, as scaled attention does. Luong's dot score is the product as it is.",
		}, {
			func(d DecoderLook) []float64 { return mix(d.scores(1), d.S) },
			"A score may be negative, and scores do not sum to 1. The softmax makes weights of them.",
		}, {
			func(d DecoderLook) []float64 {
				w := d.scores(1)
				for j, e := range w {
					w[j] = math.Exp(e)
				}
				return mix(w, d.S)
			},
			"Your weights are the exponentials as they are. Divide them by their sum: the weights of a mean sum to 1.",
		}, {
			func(d DecoderLook) []float64 {
				w := d.scores(1)
				return slices.Clone(d.S[slices.Index(w, slices.Max(w))])
			},
			"You have taken the best state alone. Every state has a share, a small one if its score is small.",
		}, {
			func(d DecoderLook) []float64 { return mix(share(make([]float64, len(d.S))), d.S) },
			"That is the plain mean: every state counts the same. Where does the decoder's state come in?",
		},
	},
	Show: func(d DecoderLook) string { return fmt.Sprintf("h = %s, s = %s", digits(d.H), rowsOf(d.S)) },
}

// scores returns h · s_j times scale for every state.
func (d DecoderLook) scores(scale float64) []float64 { return Query{Q: d.H, K: d.S}.scores(scale) }

// NarrowBeam asks for the probability of what a beam of width 2 finds on a tree of
// probabilities that the notebook shows.
var NarrowBeam = Question[float64]{
	Name:      "sequence-to-sequence/narrow-beam",
	Hidden:    true,
	Tolerance: 0.001,
	// After one step a (0.4) and b (0.35) stay, c (0.25) does not. Then a a has 0.16,
	// b a 0.35 · 0.6 = 0.21; c a would have 0.25 · 1.
	Truth: func() float64 { return 0.35 * 0.6 },
	WrongAnswers: []WrongAnswer[float64]{
		{0.4 * 0.4, "Greedy search finds that. The beam also keeps the second best first word."},
		{0.25, "That is the best of all, but does the beam find it? Look which two first words stay."},
		{0.6, "That is the probability of a second word. A hypothesis has the product of both."},
		{0.4, "That is the probability of a first word. A hypothesis has the product of both."},
	},
	Why: "Better than greedy's 0.16, and still not the best: c a has 0.25, and c left the beam after the first step.",
}

// A Comparison is a candidate, its reference, and a length of n-grams.
type Comparison struct {
	Candidate, Reference []string
	N                    int
}

// NGramPrecision asks for p_n of BLEU.
var NGramPrecision = Exercise[Comparison, float64]{
	Name: "sequence-to-sequence/n-gram-precision",
	Inputs: []Comparison{
		{strings.Fields("the the the cat"), strings.Fields("the cat sat on the mat"), 1},
		{strings.Fields("the cat sat on a mat"), strings.Fields("the cat sat on the mat"), 2},
		{strings.Fields("a b a b a b a"), strings.Fields("a b a c"), 2},
		{strings.Fields("he saw the old house today"), strings.Fields("today he saw the old red house"), 3},
		{strings.Fields("he is here"), strings.Fields("the cat is here"), 1},
	},
	Solution: func(c Comparison) float64 { return c.precision(true, false) },
	Mistakes: []Mistake[Comparison, float64]{
		{
			func(c Comparison) float64 { return c.precision(false, false) },
			"“the the the” cannot count three times where the reference has two: an n-gram counts at most as often as the reference has it.",
		}, {
			func(c Comparison) float64 { return c.precision(true, true) },
			"You divide by the reference's n-grams. A precision is a share of what the candidate says.",
		}, {
			func(c Comparison) float64 { c.N = 1; return c.precision(true, false) },
			"You always count single words. N says how many words belong together.",
		}, {
			func(c Comparison) float64 {
				matches, all := 0.0, 0.0
				for i := 0; i+c.N <= len(c.Candidate); i++ {
					if all++; strings.Contains(strings.Join(c.Reference, " "), strings.Join(c.Candidate[i:i+c.N], " ")) {
						matches++
					}
				}
				return matches / all
			},
			"You search letters: “he” stands in “the”, and is not its word. And each n-gram counts at most as often as the reference has it.",
		},
	},
	Show: func(c Comparison) string {
		return words.Sprintf("candidate %q, reference %q, N = %d", strings.Join(c.Candidate, " "), strings.Join(c.Reference, " "), c.N)
	},
}

// precision returns the share of the candidate's n-grams that the reference has.
func (c Comparison) precision(clip, ofReference bool) float64 {
	grams := func(words []string) (counts map[string]int, n int) {
		counts = map[string]int{}
		for i := 0; i+c.N <= len(words); i++ {
			counts[strings.Join(words[i:i+c.N], " ")]++
			n++
		}
		return counts, n
	}
	has, n := grams(c.Candidate)
	there, m := grams(c.Reference)
	matches := 0
	for gram, k := range has {
		switch {
		case clip:
			matches += min(k, there[gram])
		case there[gram] > 0:
			matches += k
		}
	}
	if ofReference {
		n = m
	}
	return float64(matches) / float64(n)
}

// FairAttention asks which control an experiment lacks.
var FairAttention = Question[int]{
	Name:    "sequence-to-sequence/fair-attention",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 2 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Ten of ten against nought of ten is hardly luck: look at the two intervals. Look at what else differs between the two."},
		{3, "More sentences make each accuracy more exact. They do not make two different networks comparable."},
		{4, "A task that both fail would show nothing. Look at what else differs between the two networks."},
	},
	Why: "With equal units attention has more parameters, and it was given a rate that suits it. Equal parameters and a sweep of rates for both: then the difference is attention's.",
}
