package exercise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/lesson"
)

func init() {
	register("both-directions", &HasRead, &MiddleReverse, &BothEnds, &Attend, &CausalWeights)
}

// HasRead asks how many of ten words the reverse half of output has read at
// step 7, counted from 1.
var HasRead = Question[int]{
	Name: "both-directions/has-read",
	Truth: func() (read int) {
		const steps, step, hidden = 10, 7, 3
		rng := rand.New(rand.NewPCG(8, 30))
		rnn := lesson.NewRNN(rng, 2, hidden, lesson.Bidirectional)
		x := lesson.Randn(rng, steps, 2)
		half := func() []float64 {
			output, _ := rnn.Forward(x, nil)
			return output.Slice(step - 1).Data()[hidden:]
		}
		before := half()
		for word := range steps {
			kept := x.At(word, 0)
			x.Set(kept+1, word, 0)
			if !slices.Equal(half(), before) {
				read++
			}
			x.Set(kept, word, 0)
		}
		return read
	},
	WrongAnswers: []WrongAnswer[int]{
		{7, "That is how many the forward half has read. The reverse half comes from the other end."},
		{3, "Those are the words behind. A step has read its own word too."},
		{10, "It has read all of them at the first step, and only there."},
		{1, "That is so at the last step, where the reverse half begins."},
	},
	Why: "The reverse half begins at word 10, and at step 7 it has read 10, 9, 8 and 7.",
}

// MiddleReverse asks where the first axis of h_n holds the reverse state of the
// middle one of three layers.
var MiddleReverse = Question[int]{
	Name: "both-directions/middle-reverse",
	Truth: func() int {
		rng := rand.New(rand.NewPCG(8, 31))
		rnn := lesson.NewRNN(rng, 2, 3, lesson.Layers(3), lesson.Bidirectional)
		for _, name := range []string{"weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1"} {
			clear(rnn.Parameter(name + "_reverse").Value.Data()) // its states are all 0
		}
		_, hidden := rnn.Forward(lesson.Randn(rng, 5, 2), nil)
		return slices.IndexFunc([]int{0, 1, 2, 3, 4, 5}, func(i int) bool {
			return !slices.ContainsFunc(hidden.Slice(i).Data(), func(v float64) bool { return v != 0 })
		})
	},
	WrongAnswers: []WrongAnswer[int]{
		{4, "That would be so if all forward states came first. They come layer by layer."},
		{2, "That is the middle layer, but its forward state."},
		{5, "That is the last of all: the top layer."},
		{1, "That is a reverse state, but of the first layer. Each layer has two states."},
	},
	Why: "Layer by layer, forward before reverse: 0 and 1 are the first layer's, 2 and 3 the middle one's.",
}

// Reading is what a layer in both directions wrote while it read a sentence.
type Reading struct {
	Output *lesson.Tensor // (steps, 2·Hidden): forward half, reverse half
	Hidden int            // units in each direction
}

func (r Reading) String() string {
	return fmt.Sprintf("an output of %d steps with %d units in each direction", r.Output.Shape()[0], r.Hidden)
}

// halves returns the forward half of one step and the reverse half of another.
func (r Reading) halves(forward, reverse int) (f, b []float64) {
	return r.Output.Slice(forward).Data()[:r.Hidden], r.Output.Slice(reverse).Data()[r.Hidden:]
}

func (r Reading) join(forward, reverse int) []float64 {
	return slices.Concat(r.halves(forward, reverse))
}

func (r Reading) last() int { return r.Output.Shape()[0] - 1 }

func reading(seed uint64, steps, hidden int) Reading {
	return Reading{lesson.Uniform(rand.New(rand.NewPCG(8, seed)), -1, 1, steps, 2*hidden), hidden}
}

// BothEnds asks for the two states that have read the whole sentence, taken
// from output.
var BothEnds = Exercise[Reading, []float64]{
	Name:     "both-directions/both-ends",
	Inputs:   []Reading{reading(32, 4, 2), reading(33, 7, 3), reading(34, 3, 1)},
	Solution: func(r Reading) []float64 { return r.join(r.last(), 0) },
	Mistakes: []Mistake[Reading, []float64]{
		{
			func(r Reading) []float64 { return r.join(r.last(), r.last()) },
			"That is the whole last step. Its reverse half has read one word.",
		}, {
			func(r Reading) []float64 { return r.join(0, 0) },
			"That is the whole first step. Its forward half has read one word.",
		}, {
			func(r Reading) []float64 { return r.join(0, r.last()) },
			"You took from each direction the end where it begins. Each of these halves has read one word.",
		}, {
			func(r Reading) []float64 {
				f, b := r.halves(r.last(), 0)
				return slices.Concat(b, f)
			},
			"Both halves are right. The forward one comes first, as in output.",
		}, {
			func(r Reading) []float64 {
				f, b := r.halves(r.last(), 0)
				sum := slices.Clone(f)
				for i, v := range b {
					sum[i] += v
				}
				return sum
			},
			"You have added the two. They stand side by side, so the vector is twice as long as one of them.",
		},
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
func share(z []float64) []float64 {
	out := make([]float64, len(z))
	sum := 0.0
	for i, v := range z {
		out[i] = math.Exp(v)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

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
	Name: "both-directions/attend",
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
// read those behind it.
var CausalWeights = Exercise[[][]float64, [][]float64]{
	Name: "both-directions/causal-weights",
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
			"It is the wrong half: a step may read what came before it, and you leave it what comes behind.",
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
			"Your columns sum to 1. It is the rows that have to: each step shares itself out over what it reads.",
		},
	},
	Show: func(z [][]float64) string { return "scores " + rowsOf(z) },
}
