package exercise

import (
	"fmt"
	"math"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("sentiment", &Interval, &StopEarly, &CutToEnd, &VerdictLuck, &AlongTheWay)
}

// Score is of how many of N reviews a reader told the class.
type Score struct {
	Right, N int
}

func (s Score) String() string { return words.Sprintf("%d right of %d", s.Right, s.N) }

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

func (c Course) String() string { return words.Sprintf("losses %v, patience %d", c.Losses, c.Patience) }

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

func (l TooLong) String() string { return words.Sprintf("words %v, at most %d", l.Words, l.Most) }

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

// Pairs are the accuracies of two readers, A[i] and B[i] with the same seed.
type Pairs struct {
	A, B []float64
}

func (p Pairs) String() string { return fmt.Sprintf("A %v, B %v", p.A, p.B) }

// VerdictLuck asks whether a difference between two readers can be luck: whether
// Wilson's interval around the share of seeds in which A is better, equal ones
// left out, holds one half.
var VerdictLuck = Exercise[Pairs, bool]{
	Name: "sentiment/luck",
	Inputs: []Pairs{
		seedPairs("+++++++++-"), seedPairs("++++++++--"), seedPairs("+++++++---"), seedPairs("++++++++++"),
		seedPairs("---------+"), seedPairs("--------++"), seedPairs("+++++====="), seedPairs("++++======"),
		seedPairs("+++"), seedPairs("+++++-----"), seedPairs("++--==----"), seedPairs("+++++-===="), seedPairs("=========="), seedPairs("+++++++-=="),
		{[]float64{0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9}, []float64{0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.95, 0.95, 0.95, 0.95}},
		{[]float64{0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89, 0.5}, []float64{0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89}},
	},
	Solution: luck(countBetter),
	Mistakes: []Mistake[Pairs, bool]{
		{
			func(p Pairs) bool { return !luck(countBetter)(p) },
			"That is the answer to the opposite question. Where one half lies in the interval, the difference can be luck.",
		}, {
			func(p Pairs) bool {
				better, n := countBetter(p)
				return n == 0 || 2*better == n
			},
			"Whichever reader is better in most seeds, you say that it is no luck. Five heads in nine throws of a coin are luck: take the interval.",
		}, {
			luck(func(p Pairs) (int, int) { better, _ := countBetter(p); return better, len(p.A) }),
			"Seeds in which both are equal say nothing for either side: leave them out of n, too.",
		}, {
			func(p Pairs) bool {
				better, n := countBetter(p)
				if n == 0 {
					return true
				}
				lo, _ := lesson.Wilson(better, n, z95)
				return lo <= 0.5
			},
			"You have asked only whether A is better. B can be better, too: then the upper end lies below one half.",
		}, {
			func(p Pairs) bool {
				a, b := 0.0, 0.0
				for i := range p.A {
					a, b = a+p.A[i], b+p.B[i]
				}
				return math.Abs(a-b) < 1e-9
			},
			"You have compared the means. One seed that fails moves a mean more than nine that do not. Count seeds.",
		},
	},
}

// seedPairs makes a pair for each letter: A better (+), B better (-) or equal.
func seedPairs(of string) (p Pairs) {
	for i, c := range of {
		a := 0.8 + float64(i)/100
		b := a
		switch c {
		case '+':
			b -= 0.03
		case '-':
			b += 0.05
		}
		p.A, p.B = append(p.A, math.Round(1000*a)/1000), append(p.B, math.Round(1000*b)/1000)
	}
	return p
}

func countBetter(p Pairs) (better, n int) {
	for i, a := range p.A {
		if a > p.B[i] {
			better++
		}
		if a != p.B[i] {
			n++
		}
	}
	return better, n
}

func luck(count func(Pairs) (better, n int)) func(Pairs) bool {
	return func(p Pairs) bool {
		better, n := count(p)
		if n == 0 {
			return true
		}
		lo, hi := lesson.Wilson(better, n, z95)
		return lo <= 0.5 && 0.5 <= hi
	}
}

// Saturated is a margin m = tanh(W·e), and the number of steps on the path from
// 0 to e.
type Saturated struct {
	W, E  []float64
	Steps int
}

func (s Saturated) String() string { return words.Sprintf("W %v, e %v, %d steps", s.W, s.E, s.Steps) }

// AlongTheWay asks for the integrated gradients of the numbers of e.
var AlongTheWay = Exercise[Saturated, []float64]{
	Name:   "sentiment/along-the-way",
	Inputs: []Saturated{{[]float64{2, 1}, []float64{1.5, -0.5}, 10}, {[]float64{1, -3, 0.5}, []float64{1, -1, 2}, 4}, {[]float64{0.2, 0.1}, []float64{1, 1}, 1}},
	Solution: func(s Saturated) []float64 {
		return along(s, func(k int) float64 { return (float64(k) + 0.5) / float64(s.Steps) })
	},
	Mistakes: []Mistake[Saturated, []float64]{
		{
			func(s Saturated) []float64 { return along(s, func(int) float64 { return 1 }) },
			"That is gradient times embedding: the slope at the end of the way alone, where tanh is flat. Take it at every step.",
		}, {
			func(s Saturated) []float64 {
				return along(s, func(k int) float64 { return float64(k) / float64(s.Steps) })
			},
			"You take the slope at the beginning of each step. In the middle, α = (k + ½)/Steps, the sum comes closer.",
		}, {
			func(s Saturated) []float64 {
				return along(s, func(k int) float64 { return float64(k+1) / float64(s.Steps) })
			},
			"You take the slope at the end of each step. In the middle, α = (k + ½)/Steps, the sum comes closer.",
		}, {
			func(s Saturated) []float64 {
				shares := along(s, func(k int) float64 { return (float64(k) + 0.5) / float64(s.Steps) })
				for i := range shares {
					shares[i] *= float64(s.Steps)
				}
				return shares
			},
			"You have added the slopes. Their mean is wanted: divide by Steps.",
		}, {
			func(s Saturated) []float64 {
				shares := along(s, func(k int) float64 { return (float64(k) + 0.5) / float64(s.Steps) })
				for i := range shares {
					shares[i] /= s.E[i]
				}
				return shares
			},
			"That is the mean slope. Each number of it is multiplied with its number of e.",
		},
	},
}

// along returns e_i times the mean of ∂m/∂e_i (αe) over all steps.
func along(s Saturated, alpha func(step int) float64) []float64 {
	we, mean := 0.0, 0.0
	for i, w := range s.W {
		we += w * s.E[i]
	}
	for k := range s.Steps {
		m := math.Tanh(alpha(k) * we)
		mean += (1 - m*m) / float64(s.Steps)
	}
	shares := make([]float64, len(s.E))
	for i, e := range s.E {
		shares[i] = e * s.W[i] * mean
	}
	return shares
}
