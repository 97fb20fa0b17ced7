package exercise

import (
	"math"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("flip-reversal", &PlaceOf, &WashOut, &PadsTurn, &FlipLuck, &FartherIsBetter)
}

// Word is a word of a sentence in a row of a batch: its place among the words,
// from 0, the number of words, and that of words and PADs.
type Word struct{ Place, Words, Steps int }

// PlaceOf asks at which step a word is read, with the row flipped and with the
// padding in front.
var PlaceOf = Exercise[Word, []int]{
	Name: "flip-reversal/place-of",
	Inputs: []Word{
		{0, 3, 5}, {2, 3, 5}, {1, 4, 7}, {3, 4, 9}, {0, 6, 6}, {4, 6, 20},
	},
	Solution: func(w Word) []int { return []int{w.Steps - 1 - w.Place, w.Steps - w.Words + w.Place} },
	Mistakes: []Mistake[Word, []int]{
		{
			func(w Word) []int { return []int{w.Steps - w.Words + w.Place, w.Steps - 1 - w.Place} },
			"These are the two in the wrong order: the flipped row comes first.",
		}, {
			func(w Word) []int { return []int{w.Words - 1 - w.Place, w.Steps - w.Words + w.Place} },
			"You have reversed the words and left the PADs after them. In a flipped row the PADs come first.",
		}, {
			func(w Word) []int { return []int{w.Steps - w.Place, w.Steps - w.Words + w.Place} },
			"The flipped place is one too large: the first word comes last, and the last step is Steps − 1.",
		}, {
			func(w Word) []int { return []int{w.Steps - 1 - w.Place, w.Steps - w.Words + w.Place - 1} },
			"The place after the PADs is one too small: the last word comes last, and the last step is Steps − 1.",
		}, {
			func(w Word) []int { return []int{w.Steps - 1 - w.Place, w.Steps - 1 - w.Place} },
			"The two are the same. Padding in front keeps the order of the words.",
		},
	},
	Show: func(w Word) string { return words.Sprintf("word %d of %d in %d steps", w.Place, w.Words, w.Steps) },
}

// WashOut asks after how many PADs less than a millionth is left of a distance,
// when each PAD leaves 0.6 of it.
var WashOut = Question[int]{
	Name:   "flip-reversal/wash-out",
	Hidden: true,
	Truth:  func() int { return int(math.Floor(math.Log(1e-6)/math.Log(0.6))) + 1 },
	WrongAnswers: []WrongAnswer[int]{
		{27, "Is what is left after 27 PADs below a millionth already?"},
		{20, "That would do if each PAD left a half. It leaves 0.6."},
		{16, "That would do if each PAD left 0.4. It takes 0.4 away and leaves 0.6."},
		{3, "Each PAD takes 0.4 of what is left, not of what there was at first."},
	},
	Why: "0.6^27 is 1.02e-06 and 0.6^28 is 6.1e-07. Sentences are often padded with more.",
}

// PadsTurn asks at how many of the numbers of PADs from 30 to 37 a unit
// h_t = tanh(−2 h_{t−1}) is right whose answer was fitted to 35 PADs.
var PadsTurn = Question[int]{
	Name: "flip-reversal/pads-turn",
	Truth: func() (right int) {
		answer := func(h float64, pads int) bool {
			for range pads {
				h = math.Tanh(-2 * h)
			}
			return h > 0
		}
		for pads := 30; pads <= 37; pads++ {
			if answer(0.9, pads) == answer(0.9, 35) && answer(-0.9, pads) == answer(-0.9, 35) {
				right++
			}
		}
		return right
	},
	WrongAnswers: []WrongAnswer[int]{
		{8, "Does the unit keep the sign of its state over a PAD?"},
		{1, "At 35 it is right. And two PADs later?"},
		{7, "Two neighbours cannot both be right: each PAD changes the sign."},
	},
	Why: "The sign changes at every PAD, so it is right at every second number: 31, 33, 35 and 37. Its size stays, since 2 is above 1.",
}

// FlipLuck asks how many of ten seeds must fail in one arm, when none fails in
// another, before the intervals of Wilson are apart.
var FlipLuck = Question[int]{
	Name:   "flip-reversal/luck",
	Hidden: true,
	Truth: func() int {
		_, most := lesson.Wilson(0, 10, 1.96)
		for failed := range 11 {
			if least, _ := lesson.Wilson(failed, 10, 1.96); least > most {
				return failed
			}
		}
		return -1
	},
	WrongAnswers: []WrongAnswer[int]{
		{1, "Its interval goes down to 2%, and that of 0 of 10 up to 28%."},
		{2, "Its interval goes down to 6%, and that of 0 of 10 up to 28%."},
		{3, "Three is above 28% of ten, but three has an interval of its own, which goes down to 11%."},
		{5, "Compare once more: the lower end at 5 is 24%, the upper end at 0 is 28%."},
	},
	Why: "0 of 10 goes up to 28%, and 6 of 10 down to 31%. This is a strict test: two intervals may overlap a little and the difference still be real.",
}

// FartherIsBetter asks for the control of an experiment in which the distance
// of a cue and the spread of the distance were changed together.
var FartherIsBetter = Question[int]{
	Name:    "flip-reversal/farther-is-better",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 2 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "More seeds make the same difference more certain. They do not say where it comes from."},
		{3, "A larger network may fail less. It would still see both changes at once."},
		{4, "A reader without order solves both. That shows that the cue alone tells the class, not why the distance matters."},
	},
	Why: "Two things differ between the rows: how far the cue is, and whether that distance is the same in all sentences. Change one at a time.",
}
