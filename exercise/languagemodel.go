package exercise

import (
	"cmp"
	"math"
	"slices"

	"unroll/internal/words"
)

func init() {
	register("language-model", &Perplexity, &Temperature, &Nucleus, &StreamPlace, &UnitControl)
}

// Perplexity asks for the bits per character and the perplexity, from the
// probabilities that a model gave to what really came.
var Perplexity = Exercise[[]float64, [2]float64]{
	Name:   "language-model/perplexity",
	Inputs: [][]float64{{0.5, 0.25}, {0.1, 0.9, 0.5, 0.5}, {1, 1, 0.125}, {0.02, 0.7}, {0.001, 1, 0.5}},
	Solution: func(p []float64) [2]float64 {
		bits := meanOf(p, func(v float64) float64 { return -math.Log2(v) })
		return [2]float64{bits, math.Exp2(bits)}
	},
	Mistakes: []Mistake[[]float64, [2]float64]{
		{
			func(p []float64) [2]float64 {
				nats := meanOf(p, func(v float64) float64 { return -math.Log(v) })
				return [2]float64{nats, math.Exp(nats)}
			},
			"The perplexity is right. Your logarithm is to base e, so what you have are nats: bits are to base 2.",
		}, {
			func(p []float64) [2]float64 {
				nats := meanOf(p, func(v float64) float64 { return -math.Log(v) })
				return [2]float64{nats, math.Exp2(nats)}
			},
			"Your logarithm is to base e, and your power to base 2. Both are to be of the same base, 2.",
		}, {
			func(p []float64) [2]float64 {
				bits := meanOf(p, func(v float64) float64 { return -math.Log2(v) })
				return [2]float64{bits, math.Exp(bits)}
			},
			"The bits are right. The perplexity is 2 to their power, not e.",
		}, {
			func(p []float64) [2]float64 {
				bits := -math.Log2(meanOf(p, func(v float64) float64 { return v }))
				return [2]float64{bits, math.Exp2(bits)}
			},
			"You take the logarithm of the mean. Take the mean of the logarithms: one bad guess must count.",
		}, {
			func(p []float64) [2]float64 {
				bits := meanOf(p, func(v float64) float64 { return -math.Log2(v) })
				return [2]float64{bits, meanOf(p, func(v float64) float64 { return 1 / v })}
			},
			"The bits are right. The perplexity is 2 to their power, which is not the mean of 1/p.",
		}, {
			func(p []float64) [2]float64 {
				bits := float64(len(p)) * meanOf(p, func(v float64) float64 { return -math.Log2(v) })
				return [2]float64{bits, math.Exp2(bits)}
			},
			"That is the sum of the bits. Per character: divide by how many there are.",
		},
	},
	Show: func(p []float64) string { return words.Sprintf("probabilities %s", digits(p)) },
}

func meanOf(of []float64, f func(float64) float64) float64 {
	sum := 0.0
	for _, v := range of {
		sum += f(v)
	}
	return sum / float64(len(of))
}

// A Choice is what a sampler chooses from: logits, or probabilities, and its T or p.
type Choice struct {
	Of     []float64
	Amount float64
}

// Temperature asks for the probabilities at a temperature.
var Temperature = Exercise[Choice, []float64]{
	Name:     "language-model/temperature",
	Inputs:   []Choice{{[]float64{1, 0, -1}, 0.5}, {[]float64{2, 2.5, -1, 0}, 2}, {[]float64{0, 3}, 0.8}, {[]float64{8, 3}, 0.01}},
	Solution: func(c Choice) []float64 { return share(scaled(lowered(c.Of), 1/c.Amount)) },
	Mistakes: []Mistake[Choice, []float64]{
		{
			func(c Choice) []float64 { return share(scaled(c.Of, 1/c.Amount)) },
			"Right, as long as T is not too low: e to the power of 8/0.01 is larger than any float64, and you divide +Inf by +Inf. Take the largest logit from all of them first. The probabilities stay the same.",
		}, {
			func(c Choice) []float64 { return share(scaled(c.Of, c.Amount)) },
			"You multiply by T. Divide: a low temperature makes the differences larger.",
		}, {
			func(c Choice) []float64 { return share(c.Of) },
			"That is the softmax without a temperature. Where does T come in?",
		}, {
			func(c Choice) []float64 { return scaled(share(c.Of), 1/c.Amount) },
			"You divide the probabilities, and they no longer sum to 1. Divide the logits, before the softmax.",
		}, {
			func(c Choice) []float64 { return exps(scaled(c.Of, 1/c.Amount)) },
			"The exponents are right. Divide by their sum, so that all sum to 1.",
		},
	},
	Show: func(c Choice) string { return words.Sprintf("logits %s, T = %g", digits(c.Of), c.Amount) },
}

// lowered returns the values, each less by the largest.
func lowered(of []float64) []float64 {
	out, top := slices.Clone(of), slices.Max(of)
	for i := range out {
		out[i] -= top
	}
	return out
}

func scaled(of []float64, by float64) []float64 {
	out := slices.Clone(of)
	for i := range out {
		out[i] *= by
	}
	return out
}

func exps(of []float64) []float64 {
	out := slices.Clone(of)
	for i, v := range out {
		out[i] = math.Exp(v)
	}
	return out
}

// nucleus keeps the most probable tokens while keep says so of what came before
// them and of what they add up to with them.
func nucleus(c Choice, keep func(before, with float64) bool, renew bool) []float64 {
	order := make([]int, len(c.Of))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(c.Of[j], c.Of[i]) })
	out, sum := make([]float64, len(c.Of)), 0.0
	for _, i := range order {
		if !keep(sum, sum+c.Of[i]) {
			break
		}
		out[i] = c.Of[i]
		sum += c.Of[i]
	}
	if renew && sum > 0 {
		out = scaled(out, 1/sum)
	}
	return out
}

// Nucleus asks for the probabilities after nucleus sampling has cut the tail.
var Nucleus = Exercise[Choice, []float64]{
	Name: "language-model/nucleus",
	Inputs: []Choice{
		{[]float64{0.1, 0.4, 0.2, 0.3}, 0.6}, {[]float64{0.85, 0.1, 0.05}, 0.8},
		{[]float64{0.25, 0.05, 0.3, 0.4}, 0.9}, {[]float64{0.15, 0.35, 0.5}, 0.4},
		{[]float64{0.25, 0.5, 0.25}, 0.5}, {[]float64{0.125, 0.5, 0.125, 0.25}, 0.8}, {[]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 1},
	},
	Solution: func(c Choice) []float64 {
		return nucleus(c, func(before, _ float64) bool { return before < c.Amount }, true)
	},
	Mistakes: []Mistake[Choice, []float64]{
		{
			func(c Choice) []float64 {
				return nucleus(c, func(_, with float64) bool { return with <= c.Amount }, true)
			},
			"Yours stop below p, and may keep nothing at all. The one with which the sum reaches p still belongs to the nucleus.",
		}, {
			func(c Choice) []float64 {
				return nucleus(c, func(before, _ float64) bool { return before < c.Amount }, false)
			},
			"The right ones are kept. They have to sum to 1 again.",
		}, {
			func(c Choice) []float64 {
				return nucleus(c, func(before, _ float64) bool { return before <= c.Amount }, true)
			},
			"Where the sum is exactly p you take one more. It has reached p already.",
		}, {
			func(c Choice) []float64 {
				kept := nucleus(c, func(before, _ float64) bool { return before < c.Amount }, false)
				least, sum := 1.0, 0.0
				for _, v := range kept {
					if v > 0 {
						least = min(least, v)
					}
				}
				for i, v := range c.Of {
					if kept[i] = v; v < least {
						kept[i] = 0
					}
					sum += kept[i]
				}
				return scaled(kept, 1/sum)
			},
			"Of equal probabilities you keep all. Only the first of them is needed to reach p.",
		}, {
			func(c Choice) []float64 {
				out, sum := make([]float64, len(c.Of)), 0.0
				for i, v := range c.Of {
					if sum < c.Amount {
						out[i] = v
						sum += v
					}
				}
				return scaled(out, 1/sum)
			},
			"You take them in the order in which they stand. Take the most probable first.",
		}, {
			func(c Choice) []float64 {
				out, sum := slices.Clone(c.Of), 0.0
				for i, v := range out {
					if v < 1-c.Amount {
						out[i] = 0
					}
					sum += out[i]
				}
				if sum == 0 {
					return out
				}
				return scaled(out, 1/sum)
			},
			"You cut off each that is below 1 − p. It is the sum of those kept that has to reach p.",
		},
	},
	Show: func(c Choice) string { return words.Sprintf("probabilities %s, p = %g", digits(c.Of), c.Amount) },
}

// A Spot is a place in a window: row and step of one of the windows that a text
// of so many tokens is cut into.
type Spot struct{ Tokens, Streams, Tau, Window, Row, Step int }

// StreamPlace asks which token of the text stands at a place of a window, when
// states are carried from window to window.
var StreamPlace = Exercise[Spot, int]{
	Name: "language-model/stream-place",
	Inputs: []Spot{
		{1000, 4, 10, 0, 2, 3}, {1001, 4, 10, 3, 0, 9}, {1001, 4, 10, 2, 2, 5}, {1000, 4, 10, 5, 3, 1}, {20, 2, 4, 1, 1, 3}, {5001, 16, 25, 7, 11, 0},
	},
	Solution: func(s Spot) int { return s.Row*((s.Tokens-1)/s.Streams) + s.Window*s.Tau + s.Step },
	Mistakes: []Mistake[Spot, int]{
		{
			func(s Spot) int { return (s.Window*s.Streams+s.Row)*s.Tau + s.Step },
			"Your windows lie row by row in the text: row b of the next window does not go on where row b ended, so a state that is carried belongs to other text.",
		}, {
			func(s Spot) int { return s.Row*(s.Tokens/s.Streams) + s.Window*s.Tau + s.Step },
			"Almost: the last token is never read, it is only to be predicted. So tokens − 1 are shared among the streams.",
		}, {
			func(s Spot) int { return s.Window*s.Tau + s.Step },
			"That is right for row 0. Where does the stream of this row begin?",
		}, {
			func(s Spot) int { return s.Row*((s.Tokens-1)/s.Streams) + s.Step },
			"That is right for window 0. How far have the earlier windows gone?",
		},
	},
	Show: func(s Spot) string {
		return words.Sprintf("%d tokens in %d streams, τ = %d: window %d, row %d, step %d", s.Tokens, s.Streams, s.Tau, s.Window, s.Row, s.Step)
	},
}

// UnitControl asks which control a claim about a unit lacks.
var UnitControl = Question[int]{
	Name:    "language-model/unit-control",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 2 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "More text makes the 0.35 more exact. But what would 0.35 mean?"},
		{3, "The loss says how well it writes, not what a unit knows."},
		{4, "Another threshold moves the share of right answers. The claim is about learning, and for that something must be compared with."},
	},
	Why: "The best of many units was chosen. The best of as many random ones is not at 0, and what the last few characters tell is no memory: both belong beside it.",
}
