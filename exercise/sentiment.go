package exercise

import (
	"fmt"
	"math"

	"unroll/lesson"
)

func init() {
	register("sentiment", &Interval, &StopEarly, &CutToEnd, &WordShare, &ShorterLags)
}

// Score is how many of N reviews a reader told.
type Score struct {
	Right, N int
}

func (s Score) String() string { return fmt.Sprintf("%d right of %d", s.Right, s.N) }

const z95 = 1.96

// Interval asks for the interval of Wilson for 95%: its lower and upper end.
var Interval = Exercise[Score, [2]float64]{
	Name:      "sentiment/interval",
	Tolerance: 1e-6,
	Inputs:    []Score{{372, 400}, {9, 10}, {20, 20}},
	Solution: func(s Score) [2]float64 {
		lo, hi := lesson.Wilson(s.Right, s.N, z95)
		return [2]float64{lo, hi}
	},
	Mistakes: []Mistake[Score, [2]float64]{
		{
			func(s Score) [2]float64 {
				q, n := float64(s.Right)/float64(s.N), float64(s.N)
				half := z95 * math.Sqrt(q*(1-q)/n)
				return [2]float64{q - half, q + half}
			},
			"That is q ± z √(q(1−q)/n), the interval of Wald. At 20 of 20 it has no width, as if nothing could go wrong.",
		}, {
			func(s Score) [2]float64 {
				return wilson(z95, true, true)(Score{s.Right / s.N * s.N, s.N})
			},
			"s.Right/s.N is 0 unless all are right: Go divides whole numbers to a whole number. Make both float64 first.",
		}, {
			wilson(1, true, true),
			"You have taken z = 1, which gives about 68%. For 95% it is 1.96.",
		}, {
			wilson(z95, false, true),
			"The middle and the half width are divided by 1 + z²/n.",
		}, {
			wilson(z95, true, false),
			"Under the root stands a second term, z²/(4n²): it keeps the interval open when all are right.",
		}, {
			func(s Score) [2]float64 {
				w := wilson(z95, true, true)(s)
				return [2]float64{w[1], w[0]}
			},
			"The lower end comes first.",
		}, {
			func(s Score) [2]float64 {
				w := wilson(z95, true, true)(s)
				return [2]float64{100 * w[0], 100 * w[1]}
			},
			"Those are per cent. Return shares, from 0 to 1.",
		},
	},
}

// wilson is the interval with this z, without the divisor or the second term
// under the root if they are false.
func wilson(z float64, divisor, second bool) func(Score) [2]float64 {
	return func(s Score) [2]float64 {
		q, n := float64(s.Right)/float64(s.N), float64(s.N)
		by, more := 1.0, 0.0
		if divisor {
			by = 1 + z*z/n
		}
		if second {
			more = z * z / (4 * n * n)
		}
		middle := (q + z*z/(2*n)) / by
		half := z / by * math.Sqrt(q*(1-q)/n+more)
		return [2]float64{middle - half, middle + half}
	}
}

// Course is the validation loss after each epoch that there could be, and the
// patience.
type Course struct {
	Losses   []float64
	Patience int
}

func (c Course) String() string { return fmt.Sprintf("losses %v, patience %d", c.Losses, c.Patience) }

// Stop says which epoch's parameters are kept, and after which epoch training
// ends, both counted from 1.
type Stop struct {
	Kept, Last int
}

// StopEarly asks for the rule of early stopping.
var StopEarly = Exercise[Course, Stop]{
	Name: "sentiment/stop-early",
	Inputs: []Course{
		{[]float64{0.7, 0.5, 0.6, 0.4, 0.45, 0.5, 0.41, 0.42, 0.1}, 3},
		{[]float64{0.7, 0.6, 0.6, 0.6, 0.5}, 2},
		{[]float64{0.7, 0.6, 0.5}, 2},
	},
	Solution: stopEarly(false, true),
	Mistakes: []Mistake[Course, Stop]{
		{
			func(c Course) Stop { s := stopEarly(false, true)(c); return Stop{s.Last, s.Last} },
			"Training ends there, but what is kept is the best epoch, which came before.",
		}, {
			func(c Course) Stop {
				best := 0
				for i, l := range c.Losses {
					if l < c.Losses[best] {
						best = i
					}
				}
				return Stop{best + 1, len(c.Losses)}
			},
			"You have looked at all the losses. When patience has ended, nobody knows what would have come after.",
		}, {
			func(c Course) Stop { c.Patience++; return stopEarly(false, true)(c) },
			"You wait one epoch too long: with a patience of 3, the third epoch in a row without a better loss is the last.",
		}, {
			stopEarly(true, true),
			"A loss that is only as low as the best is no improvement: patience goes on counting.",
		}, {
			stopEarly(false, false),
			"You count all epochs without improvement. A new best one gives all the patience back.",
		}, {
			func(c Course) Stop { s := stopEarly(false, true)(c); return Stop{s.Kept - 1, s.Last - 1} },
			"Everything is one too low: epochs are counted from 1 here.",
		}, {
			func(c Course) Stop { c.Patience = 1; return stopEarly(false, true)(c) },
			"You stop at the first epoch that is not better. Patience says how many of them in a row there may be.",
		},
	},
}

// stopEarly is the rule, with equal losses as an improvement or not, and with
// patience that begins anew after one or not.
func stopEarly(equal, anew bool) func(Course) Stop {
	return func(c Course) Stop {
		best, waited := 0, 0
		for i, l := range c.Losses {
			switch {
			case i == 0:
			case l < c.Losses[best], equal && l == c.Losses[best]:
				best = i
				if anew {
					waited = 0
				}
			default:
				waited++
			}
			if waited == c.Patience {
				return Stop{best + 1, i + 1}
			}
		}
		return Stop{best + 1, len(c.Losses)}
	}
}

// TooLong is a review, as indices of its words, and the most that there may be.
type TooLong struct {
	Words []int
	Most  int
}

func (l TooLong) String() string { return fmt.Sprintf("words %v, at most %d", l.Words, l.Most) }

// CutToEnd asks for the last words of a review that is too long.
var CutToEnd = Exercise[TooLong, []int]{
	Name:   "sentiment/cut-to-end",
	Inputs: []TooLong{{[]int{2, 3, 4, 5, 6, 7}, 4}, {[]int{8, 9}, 4}, {[]int{5, 6, 7, 8}, 4}},
	Solution: func(l TooLong) []int {
		return l.Words[max(0, len(l.Words)-l.Most):]
	},
	Mistakes: []Mistake[TooLong, []int]{
		{
			func(l TooLong) []int { return l.Words[:min(len(l.Words), l.Most)] },
			"You have kept the beginning. Which end of a review has a late verdict?",
		}, {
			func(l TooLong) []int { return l.Words[len(l.Words)-l.Most:] },
			"A review that is short already has nothing to cut: len(Words)−Most is below 0 there.",
		}, {
			func(l TooLong) []int { return l.Words },
			"That is the review as it came. It may have Most words.",
		}, {
			func(l TooLong) []int { return l.Words[max(0, len(l.Words)-l.Most-1):] },
			"One word too many.",
		}, {
			func(l TooLong) []int {
				words := append([]int(nil), l.Words[max(0, len(l.Words)-l.Most):]...)
				for len(words) < l.Most {
					words = append(words, lesson.PAD)
				}
				return words
			},
			"Leave short reviews short. Padding comes later, and packing does without it.",
		},
	},
}

// WordShare asks for gradient times embedding of a word with e = (2, −1) and
// ∂m/∂e = (0.5, 3).
var WordShare = Question[float64]{
	Name:      "sentiment/word-share",
	Hidden:    true,
	Tolerance: 0.01,
	Truth:     func() float64 { return 2*0.5 - 1*3 },
	WrongAnswers: []WrongAnswer[float64]{
		{2, "Look at the sign: −1 times 3 is subtracted."},
		{4, "The second product is below 0: e has −1 there."},
		{math.Hypot(0.5, 3), "That is the length of the gradient. It has no sign, so it cannot say for which verdict the word speaks."},
		{3.5, "That is the sum of the gradient. Each number of it is multiplied with its number of the embedding first."},
		{math.Hypot(1, 3), "That is the length of (1, −3). The two products are added, with their signs."},
	},
	Why: "The word speaks against: take it away, and to first order the margin grows by 2.",
}

// ShorterLags asks for how many of 20 words the lag shrinks when the source is
// read backwards.
var ShorterLags = Question[int]{
	Name: "sentiment/shorter-lags",
	Truth: func() (shorter int) {
		forwards, backwards := lesson.Lags(20, false), lesson.Lags(20, true)
		for i, lag := range backwards {
			if lag < forwards[i] {
				shorter++
			}
		}
		return shorter
	},
	WrongAnswers: []WrongAnswer[int]{
		{20, "Then the mean would shrink too, and it stays."},
		{1, "The first pair has a lag of 1. The second has 3, which is also less than 20."},
		{19, "The lags are 1, 3, 5 … How many of them are below 20?"},
		{9, "One too few: 1, 3, 5 … 19. The tenth of them is still below 20."},
	},
	Why: "The first ten win what the last ten pay.",
}
