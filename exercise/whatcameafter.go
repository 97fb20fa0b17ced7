package exercise

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("what-came-after", &MinGRUStep, &ComposePairs, &GRUWithoutState, &Segments, &FasterThan)
}

// MinGRUSums is one unit of a MinGRU at a step: what comes of x_t to z, before σ,
// and to n; and h_{t−1}.
type MinGRUSums struct{ Z, N, H float64 }

// MinGRUStep asks for h_t.
var MinGRUStep = Exercise[MinGRUSums, float64]{
	Name:     "what-came-after/mingru-step",
	Inputs:   []MinGRUSums{{1, -0.4, 0.7}, {-0.6, 1.7, -0.4}, {2.5, 0.3, 2.2}},
	Solution: minGRUStep(lesson.Sigmoid, same),
	Mistakes: []Mistake[MinGRUSums, float64]{
		{
			func(s MinGRUSums) float64 { s.Z = -s.Z; return minGRUStep(lesson.Sigmoid, same)(s) },
			"You have exchanged z and 1 − z: z of 1 keeps the old state.",
		}, {
			minGRUStep(lesson.Sigmoid, math.Tanh),
			"There is no tanh: the candidate goes in as it is.",
		}, {
			minGRUStep(same, same),
			"s.Z is the sum before σ. The gate is between 0 and 1.",
		}, {
			func(s MinGRUSums) float64 { return lesson.Sigmoid(s.Z)*s.H + s.N },
			"The candidate has a share, too: what of the old state is not kept.",
		}, {
			func(s MinGRUSums) float64 { return lesson.Sigmoid(s.Z+s.H)*s.H + (1-lesson.Sigmoid(s.Z+s.H))*s.N },
			"That gate sees the old state. In a minGRU it sees x_t alone.",
		},
	},
}

func same(x float64) float64 { return x }

func minGRUStep(gate, candidate func(float64) float64) func(MinGRUSums) float64 {
	return func(s MinGRUSums) float64 {
		z := gate(s.Z)
		return z*s.H + (1-z)*candidate(s.N)
	}
}

// A Pair stands for the map h ↦ A·h + B.
type Pair struct{ A, B float64 }

// ComposePairs asks for the pair of several steps, the first of which is taken
// first.
var ComposePairs = Exercise[[]Pair, Pair]{
	Name: "what-came-after/compose-pairs",
	Inputs: [][]Pair{
		{{0.5, 1}, {0.25, 3}},
		{{0.5, 1}, {0.2, -3}, {0.8, 0.5}},
		{{0.9, -1}},
		{{-0.5, 2}, {0.5, 1}, {-2, 0.25}},
		{{0.5, 4}, {0, 1}, {0.3, 2}},
		{{0.1, 2}, {0.7, 0.3}, {0.4, -1}, {0.6, 5}},
	},
	Solution: composed(func(f, g Pair) Pair { return Pair{g.A * f.A, g.A*f.B + g.B} }),
	Mistakes: []Mistake[[]Pair, Pair]{
		{
			func(pairs []Pair) Pair {
				pairs = slices.Clone(pairs)
				slices.Reverse(pairs)
				return composed(func(f, g Pair) Pair { return Pair{g.A * f.A, g.A*f.B + g.B} })(pairs)
			},
			"That is the other order: the first pair of the list is taken first, so that the later ones multiply its B.",
		}, {
			composed(func(f, g Pair) Pair { return Pair{g.A * f.A, f.B + g.B} }),
			"What the first step brought in also goes through the second: it is multiplied, too.",
		}, {
			composed(func(f, g Pair) Pair { return Pair{g.A + f.A, g.A*f.B + g.B} }),
			"B is right. A step multiplies what is left by its A, so two of them multiply.",
		},
	},
	Show: func(pairs []Pair) string {
		parts := make([]string, len(pairs))
		for i, p := range pairs {
			parts[i] = fmt.Sprintf("(%g, %g)", p.A, p.B)
		}
		return strings.Join(parts, " ")
	},
}

func composed(then func(f, g Pair) Pair) func([]Pair) Pair {
	return func(pairs []Pair) Pair {
		all := pairs[0]
		for _, p := range pairs[1:] {
			all = then(all, p)
		}
		return all
	}
}

// GRUWithoutState asks which weights of a GRU must be zero for its gates and its
// candidate not to see h.
var GRUWithoutState = Question[int]{
	Name:    "what-came-after/gru-without-state",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 2 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "The reset gate is then σ of x_t alone, but it still multiplies W_hn h: the candidate sees h."},
		{3, "The candidate no longer sees h, but the update gate does, through W_hz."},
		{4, "That is more than is needed. Once W_hn is zero, does it matter what r multiplies?"},
	},
	Why: "In the equations of this lesson r only multiplies W_hn h. Where W_hn is zero, h does not come in there, whatever r is.",
}

// Work is so many steps and so many processors.
type Work struct{ Steps, Processors int }

func (w Work) each() int { return w.Steps / w.Processors }

// Segments asks how many steps or combinations must follow one another in a scan
// by segments.
var Segments = Exercise[Work, int]{
	Name:     "what-came-after/segments",
	Inputs:   []Work{{1024, 2}, {1024, 8}, {1024, 32}, {96, 4}, {4096, 64}},
	Solution: func(w Work) int { return w.each() - 1 + w.Processors - 1 + w.each() },
	Mistakes: []Mistake[Work, int]{
		{
			func(w Work) int { return w.each() - 1 + w.Processors - 1 },
			"You have one pair for each segment, and the state before it. The states inside are still to be computed.",
		}, {
			func(w Work) int { return w.each() + w.Processors - 1 },
			"The steps of a segment are gone through two times: once to combine them, and once more from the true state.",
		}, {
			func(w Work) int { return w.each() - 1 + w.each() },
			"Between the two a loop goes from segment to segment.",
		}, {
			func(w Work) int { return 2*w.each() + w.Processors },
			"To combine n steps takes n − 1 combinations, and n segments have n − 1 borders between them.",
		}, {
			func(w Work) int { return 2*w.Steps + w.Processors - 2 },
			"That is all the work. The segments are done at the same time: count those that must follow one another.",
		},
	},
	Show: func(w Work) string { return words.Sprintf("%d steps, %d processors", w.Steps, w.Processors) },
}

// FasterThan asks what a comparison of speeds lacks.
var FasterThan = Question[int]{
	Name:    "what-came-after/faster-than",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Seeds change what is learned. A time hardly depends on them."},
		{2, "A longer text would make the factor larger or smaller, but both sides of this one are still not alike."},
		{4, "The question is not how often it was measured. What is measured on the one side that is not on the other?"},
	},
	Why: "A loop in Python pays for each call of a step. A GRU whose loop is one program (cuDNN's, which nn.GRU calls) does not, and it is what people use.",
}
