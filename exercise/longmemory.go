package exercise

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"unroll/internal/words"
)

func init() {
	register("long-memory", &Longest, &MemoryClaim, &Memoryless, &Loses, &SmallestLatch)
}

// Trial is what was measured of a network at some distances: Accuracy[d] are the
// accuracies at Distance[d], one for each seed.
type Trial struct {
	Distance []int
	Accuracy [][]float64
}

// longest returns the last distance before the first that is not solved.
func (t Trial) longest(solved func(accuracy []float64) bool) int {
	last := 0
	for d, distance := range t.Distance {
		if !solved(t.Accuracy[d]) {
			break
		}
		last = distance
	}
	return last
}

func failures(accuracy []float64) (n int) {
	for _, a := range accuracy {
		if a < 0.9 {
			n++
		}
	}
	return n
}

// Longest asks up to which distance at least half of the seeds reach an accuracy
// of 0.9, at it and at every shorter one.
var Longest = Exercise[Trial, int]{
	Name: "long-memory/longest",
	Inputs: []Trial{
		{[]int{5, 10, 20, 40}, [][]float64{{1, 1, 0.99, 1}, {0.9, 0.5, 1, 0.6}, {1, 0.5, 0.5, 0.51}, {0.5, 0.5, 0.49, 0.5}}},
		{[]int{5, 10, 15, 20}, [][]float64{{1, 0.5, 1}, {0.5, 0.48, 0.7}, {0.5, 1, 1}, {0.5, 0.5, 0.5}}},
		{[]int{10, 20, 30}, [][]float64{{0.95, 0.95}, {0.89, 0.89}, {0.85, 0.85}}},
		{[]int{10, 20}, [][]float64{{0.95, 0.99, 0.99, 0.5}, {0.85, 0.95, 0.99, 1}}},
		{[]int{10, 20}, [][]float64{{1, 1, 1, 0.88}, {0.5, 0.9, 0.6, 0.5}}},
		{[]int{5, 10}, [][]float64{{0.9, 0.9, 0.5}, {0.5, 0.5, 0.9}}},
		{[]int{3, 6, 9}, [][]float64{{1, 1, 1}, {1, 0.1, 1}, {0.8, 0.1, 1}}},
	},
	Solution: func(t Trial) int {
		return t.longest(func(a []float64) bool { return 2*failures(a) <= len(a) })
	},
	Mistakes: []Mistake[Trial, int]{
		{
			func(t Trial) int { return t.longest(func(a []float64) bool { return slices.Max(a) >= 0.9 }) },
			"You look at the best seed. That one succeeds may be luck: count them all.",
		}, {
			func(t Trial) int {
				return t.longest(func(a []float64) bool { return floats.Sum(a)/float64(len(a)) >= 0.9 })
			},
			"You take the mean accuracy. Accuracies of 1 and 0.5 have a mean that no network reached: count the seeds that reach 0.9.",
		}, {
			func(t Trial) int { return t.longest(func(a []float64) bool { return failures(a) == 0 }) },
			"You ask for every seed. Half of them are enough here.",
		}, {
			func(t Trial) int { return t.longest(func(a []float64) bool { return 2*failures(a) < len(a) }) },
			"At least half: when exactly half of the seeds succeed, that distance counts.",
		}, {
			func(t Trial) int {
				return t.longest(func(a []float64) bool {
					above := 0
					for _, v := range a {
						if v > 0.9 {
							above++
						}
					}
					return 2*above >= len(a)
				})
			},
			"A seed that is at 0.9 has reached it: >=, not >.",
		}, {
			func(t Trial) (last int) {
				for d, distance := range t.Distance {
					if 2*failures(t.Accuracy[d]) <= len(t.Accuracy[d]) {
						last = distance
					}
				}
				return last
			},
			"You go on past a distance that failed. A success further out, after a failure, is luck: stop at the first failure.",
		},
	},
	Show: func(t Trial) string { return words.Sprintf("distances %v, accuracies %v", t.Distance, t.Accuracy) },
}

// MemoryClaim asks what is missing from a claim that a network remembers.
var MemoryClaim = Question[int]{
	Name:    "long-memory/memory-claim",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Ten of ten is a clear result. Of what is it the result? Who else gets it?"},
		{2, "A larger distance asks the same question of the same reader. Who else answers it?"},
		{4, "The gradient says what is easy to learn. It does not say what the task asks for."},
	},
	Why: "The cue stands in the sentence or it does not, and a reader of the words without their order sees that.",
}

// Copying is a copy task: so many symbols, each of so many kinds, to be repeated
// after a delay.
type Copying struct{ Symbols, Kinds, Delay int }

// Memoryless asks for the cross entropy of the best answer without a memory, the
// mean over all steps: Symbols · ln Kinds / (Delay + 2·Symbols).
var Memoryless = Exercise[Copying, float64]{
	Name:   "long-memory/memoryless",
	Inputs: []Copying{{10, 8, 30}, {10, 8, 1}, {3, 2, 5}, {1, 26, 100}},
	Solution: func(c Copying) float64 {
		return float64(c.Symbols) * math.Log(float64(c.Kinds)) / float64(c.Delay+2*c.Symbols)
	},
	Mistakes: []Mistake[Copying, float64]{
		{
			func(c Copying) float64 {
				return float64(c.Symbols) * math.Log(float64(c.Kinds)) / float64(c.Delay+c.Symbols)
			},
			"How many steps has a sequence? The symbols are read, and later they are written.",
		}, {
			func(c Copying) float64 {
				return float64(c.Symbols) * math.Log(float64(c.Kinds)) / float64(c.Delay+20)
			},
			"The 20 is for 10 symbols, read and written. Here there may be more or fewer.",
		}, {
			func(c Copying) float64 { return 10 * math.Log(float64(c.Kinds)) / float64(c.Delay+20) },
			"The 10 and the 20 are for 10 symbols. Put c.Symbols in their place.",
		}, {
			func(c Copying) float64 { return float64(c.Symbols) * math.Log(float64(c.Kinds)) },
			"That is the sum over a sequence. The loss is the mean over all its steps, blanks included.",
		}, {
			func(c Copying) float64 { return math.Log(float64(c.Kinds)) },
			"That is the loss at a step that asks for a symbol. At the other steps the answer, a blank, is certain: take the mean over all.",
		}, {
			func(c Copying) float64 {
				return float64(c.Symbols) * math.Log2(float64(c.Kinds)) / float64(c.Delay+2*c.Symbols)
			},
			"You count in bits. Cross entropy takes the natural logarithm, math.Log.",
		}, {
			func(c Copying) float64 {
				return float64(c.Symbols) * math.Log(float64(c.Kinds+1)) / float64(c.Delay+2*c.Symbols)
			},
			"When a symbol is due, a blank is not: whoever can count the steps chooses among the kinds alone.",
		},
	},
	Show: func(c Copying) string {
		return words.Sprintf("%d symbols of %d kinds after a delay of %d", c.Symbols, c.Kinds, c.Delay)
	},
}

// Pushed is one unit of memory that is pushed down at every step:
// h_t = tanh(Wh·h_{t−1} − Push), from h_0 = 1.
type Pushed struct{ Wh, Push float64 }

func (u Pushed) step(h float64) float64 { return math.Tanh(u.Wh*h - u.Push) }

// loses returns the first step up to last at which lost says so of the state, 0
// for none.
func (u Pushed) loses(last int, h float64, step func(h float64) float64, lost func(h float64) bool) int {
	for t := 1; t <= last; t++ {
		if h = step(h); lost(h) {
			return t
		}
	}
	return 0
}

func below(h float64) bool { return h <= 0 }

// Loses asks at which of 1000 steps a unit loses its sign.
var Loses = Exercise[Pushed, int]{
	Name:     "long-memory/loses",
	Inputs:   []Pushed{{2, 0.3}, {1.2, 0.3}, {0.5, 0.8}, {0.9, 0.01}, {1.2, -0.3}, {1.7, 0.9}, {3, 1.2}, {1.05, 0.03}, {1.5, 0.25}},
	Solution: func(u Pushed) int { return u.loses(1000, 1, u.step, below) },
	Mistakes: []Mistake[Pushed, int]{
		{
			func(u Pushed) int { return max(0, u.loses(1000, 1, u.step, below)-1) },
			"You are one step early: h_0 is the start, and the first push gives h_1.",
		}, {
			func(u Pushed) int {
				if t := u.loses(1000, 1, u.step, below); t > 0 {
					return t + 1
				}
				return 0
			},
			"You are one step late: h_1 is the state after the first push.",
		}, {
			func(u Pushed) int {
				return u.loses(1000, 1, func(h float64) float64 { return math.Tanh(u.Wh*h + u.Push) }, below)
			},
			"The push goes down: it is subtracted.",
		}, {
			func(u Pushed) int { return u.loses(1000, 0, u.step, below) },
			"You begin at 0, where there is nothing to remember. h_0 is 1.",
		}, {
			func(u Pushed) int {
				return u.loses(1000, 1, func(h float64) float64 { return u.Wh*h - u.Push }, below)
			},
			"You left out the tanh.",
		}, {
			func(u Pushed) int {
				return u.loses(1000, 1, func(h float64) float64 { return math.Tanh(u.Wh * (h - u.Push)) }, below)
			},
			"You subtract the push from h, before W_h. It is subtracted from W_h·h.",
		}, {
			func(u Pushed) int {
				if t := u.loses(1000, 1, u.step, below); t > 0 {
					return t
				}
				return 1000
			},
			"Where the sign is still there after 1000 steps, the answer is 0.",
		},
	},
	Show: func(u Pushed) string { return words.Sprintf("W_h = %g, push = %g", u.Wh, u.Push) },
}

// SmallestLatch asks for the smallest W_h, to two decimals, with which a unit
// withstands a push of 0.5 for ever.
var SmallestLatch = Question[float64]{
	Name:      "long-memory/smallest-latch",
	Hidden:    true,
	Tolerance: 0.004,
	Truth: func() float64 {
		for w := 100; ; w++ {
			u := Pushed{float64(w) / 100, 0.5}
			if u.loses(10000, 1, u.step, below) == 0 {
				return u.Wh
			}
		}
	},
	WrongAnswers: []WrongAnswer[float64]{
		{1, "Above 1 a unit keeps its sign when nobody pushes. Against a push it takes more."},
		{1.5, "tanh squeezes: the state settles below 1, so 1 + push is not the answer. Let your function of the task before tell you."},
		{0.5, "With W_h below 1 even an unpushed unit forgets."},
		{2, "2 holds, but something smaller does too. Try values in steps of 0.01."},
	},
	Why: "Below it h = tanh(W_h·h − 0.5) has no solution above 0: there is no place to settle.",
}
