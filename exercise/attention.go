package exercise

import (
	"fmt"
	"math"
	"slices"

	"unroll/internal/words"
)

func init() {
	register("attention", &SharpQuery, &Attend, &CausalWeights, &Products, &LuckyDifference)
}

// SharpQuery asks how long a query has to be to give one of three keys nine tenths.
var SharpQuery = Question[float64]{
	Name:      "attention/sharp-query",
	Hidden:    true,
	Tolerance: 0.01,
	// The scores are x, 0 and −x, with x = q/√2. With u = exp(x), u/(u + 1 + 1/u) = 0.9.
	Truth: func() float64 { return math.Sqrt2 * math.Log((9+math.Sqrt(117))/2) },
	WrongAnswers: []WrongAnswer[float64]{
		{math.Log((9 + math.Sqrt(117)) / 2), "That is the score. The score is the product divided by √2: how long is the query?"},
		{math.Sqrt2 * math.Log(9), "You have left out the third key. Its share is small, but not nothing."},
		{math.Log((9+math.Sqrt(117))/2) / math.Sqrt2, "You have divided by √2. Which of the two is larger, the product or the score?"},
	},
}

// Query is one step that asks, and the keys and values of all steps.
type Query struct {
	Q    []float64   // of the step that asks, E numbers
	K, V [][]float64 // of every step
}

func (q Query) String() string {
	return fmt.Sprintf("q = %s, k = %s, v = %s", digits(q.Q), rowsOf(q.K), rowsOf(q.V))
}

func rowsOf(m [][]float64) string {
	s := ""
	for i, row := range m {
		if i > 0 {
			s += " "
		}
		s += digits(row)
	}
	return s
}

// scores returns q · k_s times scale for every step.
func (q Query) scores(scale float64) []float64 {
	out := make([]float64, len(q.K))
	for s, k := range q.K {
		for i, v := range k {
			out[s] += q.Q[i] * v * scale
		}
	}
	return out
}

// scale is 1/√E.
func (q Query) scale() float64 { return 1 / math.Sqrt(float64(len(q.Q))) }

// share returns exp(z) over its sum.
func share(z []float64) []float64 { return scale(mapped(z, math.Exp)) }

// mix returns the sum of rows, each times its weight.
func mix(weights []float64, rows [][]float64) []float64 {
	out := make([]float64, len(rows[0]))
	for s, w := range weights {
		for i, v := range rows[s] {
			out[i] += w * v
		}
	}
	return out
}

// Attend asks for what one step takes from all: the mean of the values, weighted
// by the softmax of the scores.
var Attend = Exercise[Query, []float64]{
	Name: "attention/attend",
	Inputs: []Query{
		{[]float64{1, 0}, [][]float64{{2, 1}, {0, 3}, {-1, 0}}, [][]float64{{1, 0}, {0, 1}, {5, 5}}},
		{[]float64{0.5, -1, 2, 0.25}, [][]float64{{1, 1, 0, 2}, {0, -1, 1, 0}}, [][]float64{{3, 0, -1, 1}, {0, 2, 0.5, -2}}},
	},
	Solution: func(q Query) []float64 { return mix(share(q.scores(q.scale())), q.V) },
	Mistakes: []Mistake[Query, []float64]{
		{
			func(q Query) []float64 { return mix(share(q.scores(1)), q.V) },
			"The scores are too large: they have to be divided by something before the exp.",
		}, {
			func(q Query) []float64 { return mix(share(q.scores(q.scale()*q.scale())), q.V) },
			"You divide by E. It is the root of E.",
		}, {
			func(q Query) []float64 { return mix(share(q.scores(1/math.Sqrt(float64(len(q.K))))), q.V) },
			"You divide by the root of the number of steps. E is how many numbers a query has.",
		}, {
			func(q Query) []float64 {
				w := q.scores(q.scale())
				for i := range w {
					w[i] = math.Exp(w[i])
				}
				return mix(w, q.V)
			},
			"Do your weights sum to 1? Each exp is to be divided by the sum of all.",
		}, {
			func(q Query) []float64 { return mix(share(q.scores(q.scale())), q.K) },
			"The weights are right, but you have mixed the keys. What is passed on is the values.",
		}, {
			func(q Query) []float64 { return mix(q.scores(q.scale()), q.V) },
			"A score may be negative, and scores do not sum to 1. The softmax makes weights of them.",
		}, {
			func(q Query) []float64 { return mix(share(make([]float64, len(q.K))), q.V) },
			"That is the plain mean: every step counts the same. Where does the query come in?",
		}, {
			func(q Query) []float64 {
				w := q.scores(1)
				return slices.Clone(q.V[slices.Index(w, slices.Max(w))])
			},
			"You have taken the best one alone. Every step has a share, a small one if its score is small.",
		},
	},
}

// masked returns the weights of every row, with only those scores that are kept.
func masked(scores [][]float64, keep func(t, s int) bool) [][]float64 {
	out := make([][]float64, len(scores))
	for t, row := range scores {
		z := slices.Clone(row)
		for s := range z {
			if !keep(t, s) {
				z[s] = math.Inf(-1)
			}
		}
		out[t] = share(z)
	}
	return out
}

// CausalWeights asks for attention's weights from its scores when no step may
// read those after it.
var CausalWeights = Exercise[[][]float64, [][]float64]{
	Name: "attention/causal-weights",
	Inputs: [][][]float64{
		{{1, 2, 0}, {0.5, -1, 3}, {2, 0, 1}},
		{{-1, 4}, {0.3, 0.7}},
		{{0.1, -0.4, 1, 2}, {1, 1.5, 0, 0}, {-2, 0, 0.5, 3}, {0.2, 0.4, 0.8, 1.6}},
	},
	Solution: func(z [][]float64) [][]float64 { return masked(z, func(t, s int) bool { return s <= t }) },
	Mistakes: []Mistake[[][]float64, [][]float64]{
		{
			func(z [][]float64) [][]float64 { return masked(z, func(t, s int) bool { return true }) },
			"Your first step reads all the others. It may read itself only.",
		}, {
			func(z [][]float64) [][]float64 { return masked(z, func(t, s int) bool { return s >= t }) },
			"It is the wrong half: a step may read what came before it, and you leave it what comes after.",
		}, {
			func(z [][]float64) [][]float64 { return masked(z, func(t, s int) bool { return s < t }) },
			"A step may read itself. Yours may not, and the first has nothing left to read.",
		}, {
			func(z [][]float64) [][]float64 {
				out := masked(z, func(t, s int) bool { return true })
				for t, row := range out {
					clear(row[t+1:])
				}
				return out
			},
			"The zeros are in the right places, but the rows no longer sum to 1. Leave the future out before you divide.",
		}, {
			func(z [][]float64) [][]float64 {
				out := make([][]float64, len(z))
				for t, row := range z {
					row = slices.Clone(row)
					clear(row[t+1:])
					out[t] = share(row)
				}
				return out
			},
			"A score of 0 is not a weight of 0: exp(0) is 1. What has to go into exp for nothing to come out?",
		}, {
			func(z [][]float64) [][]float64 {
				n := len(z)
				out := make([][]float64, n)
				for t := range out {
					out[t] = make([]float64, n)
				}
				for s := range n {
					var column []float64
					for t := s; t < n; t++ {
						column = append(column, z[t][s])
					}
					for i, w := range share(column) {
						out[s+i][s] = w
					}
				}
				return out
			},
			"Your columns sum to 1. It is the rows that have to: the weights of a step are shares of what it reads.",
		},
	},
	Show: func(z [][]float64) string { return words.Sprintf("scores %s", rowsOf(z)) },
}

// A Size is what a layer reads: so many steps of so many numbers.
type Size struct{ Steps, Width int }

// Products asks how many multiplications go between steps, in an RNN and in
// attention.
var Products = Exercise[Size, [2]int]{
	Name:     "attention/products",
	Inputs:   []Size{{10, 64}, {100, 16}, {64, 64}, {7, 3}, {500, 128}},
	Solution: func(s Size) [2]int { return [2]int{s.Steps * s.Width * s.Width, 2 * s.Steps * s.Steps * s.Width} },
	Mistakes: []Mistake[Size, [2]int]{
		{
			func(s Size) [2]int { return [2]int{s.Steps * s.Width * s.Width, s.Steps * s.Steps * s.Width} },
			"The RNN is right. In attention every pair of steps has a score, and takes a share of a value: two times as many.",
		}, {
			func(s Size) [2]int { return [2]int{s.Steps * s.Width * s.Width, 2 * s.Steps * s.Steps} },
			"The RNN is right. One score is the product of two vectors: how many multiplications is that?",
		}, {
			func(s Size) [2]int { return [2]int{s.Steps * s.Width, 2 * s.Steps * s.Steps * s.Width} },
			"Attention is right. W_h is a matrix: each of the new numbers takes as many multiplications as there are old ones.",
		}, {
			func(s Size) [2]int { return [2]int{2 * s.Steps * s.Steps * s.Width, s.Steps * s.Width * s.Width} },
			"Both numbers are right. The RNN comes first.",
		}, {
			func(s Size) [2]int {
				return [2]int{2 * s.Steps * s.Width * s.Width, 2*s.Steps*s.Steps*s.Width + 4*s.Steps*s.Width*s.Width}
			},
			"You have counted all matrices. Leave out those that read one step only: W_x, W_q, W_k, W_v and W_o.",
		},
	},
	Show: func(s Size) string { return words.Sprintf("%d steps of %d numbers", s.Steps, s.Width) },
}

// LuckyDifference asks what may be concluded from ten seeds each, at one rate.
var LuckyDifference = Question[int]{
	Name:    "attention/lucky-difference",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Compute the intervals with lesson.Wilson(7, 10, 1.96) and lesson.Wilson(10, 10, 1.96). Do they overlap?"},
		{2, "Seven of ten RNNs did solve it, so it can. The question is how surely."},
		{4, "Equal would be a claim too. Three seeds of difference are too few to tell, in either direction."},
	},
	Why: "Where the true shares are equal, ten seeds differ by three now and then. More seeds would tell, and each network deserves its own best rate.",
}
