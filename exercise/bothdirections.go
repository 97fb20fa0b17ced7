package exercise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("both-directions", &HasRead, &MiddleReverse, &BothEnds, &ReadBothWays, &MissingReader)
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
		{3, "Those are the words after it. A step has read its own word too."},
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
	return words.Sprintf("an output of %d steps with %d units in each direction", r.Output.Shape()[0], r.Hidden)
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

// TwoUnits are two units, one for each direction, and the numbers that they read.
// Each is h = tanh(Wx·x + Wh·h'), where h' is its state before, at first 0.
type TwoUnits struct {
	X      []float64
	Wx, Wh [2]float64 // of the forward unit, of the reverse one
}

// read returns the states in the order of X, of unit i reading from the left or
// from the right.
func (u TwoUnits) read(i int, fromRight bool, h float64) []float64 {
	states := make([]float64, len(u.X))
	for step := range u.X {
		t := step
		if fromRight {
			t = len(u.X) - 1 - step
		}
		h = math.Tanh(u.Wx[i]*u.X[t] + u.Wh[i]*h)
		states[t] = h
	}
	return states
}

func sideBySide(f, r []float64) [][]float64 {
	out := make([][]float64, len(f))
	for t := range out {
		out[t] = []float64{f[t], r[t]}
	}
	return out
}

func reversed(x []float64) []float64 {
	x = slices.Clone(x)
	slices.Reverse(x)
	return x
}

// ReadBothWays asks for the output of a bidirectional layer with one unit in each
// direction.
var ReadBothWays = Exercise[TwoUnits, [][]float64]{
	Name: "both-directions/read-both-ways",
	Inputs: []TwoUnits{
		{[]float64{1, 0, -0.5, 2}, [2]float64{0.5, 1}, [2]float64{0.9, -0.4}},
		{[]float64{0.2, 0.8, -1}, [2]float64{-1, 0.7}, [2]float64{0.3, 1.1}},
		{[]float64{-0.6, 0.4, 0.1, 0.9, -0.3}, [2]float64{0.8, 0.6}, [2]float64{-0.5, 0.9}},
	},
	Solution: func(u TwoUnits) [][]float64 { return sideBySide(u.read(0, false, 0), u.read(1, true, 0)) },
	Mistakes: []Mistake[TwoUnits, [][]float64]{
		{
			func(u TwoUnits) [][]float64 { return sideBySide(u.read(0, false, 0), u.read(1, false, 0)) },
			"Both of your units read from the left. The second begins at the last number.",
		}, {
			func(u TwoUnits) [][]float64 { return sideBySide(u.read(0, false, 0), reversed(u.read(1, true, 0))) },
			"The reverse states are right, but they are in the order of reading. Each belongs to the place of the number that it has just read.",
		}, {
			func(u TwoUnits) [][]float64 {
				f := u.read(0, false, 0)
				return sideBySide(f, u.read(1, true, f[len(f)-1]))
			},
			"Your reverse unit begins with the last forward state. Neither sees the other: it begins at 0.",
		}, {
			func(u TwoUnits) [][]float64 { return sideBySide(u.read(0, false, 0), u.read(0, true, 0)) },
			"Both of your units have the first one's weights. The reverse unit has weights of its own.",
		}, {
			func(u TwoUnits) [][]float64 { return sideBySide(u.read(1, true, 0), u.read(0, false, 0)) },
			"Both halves are right. The forward one comes first.",
		},
	},
	Show: func(u TwoUnits) string { return fmt.Sprintf("x = %v, Wx = %v, Wh = %v", u.X, u.Wx, u.Wh) },
}

// MissingReader asks what is missing most in a report about a long memory.
var MissingReader = Question[int]{
	Name:    "both-directions/missing-control",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 2 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Ten of ten is clear enough: the interval begins at 0.72. The question is what these ten have shown."},
		{3, "Equal parameters matter when two networks are compared. Here one network is said to do something."},
		{4, "A longer sentence would be harder for whoever carries the word. First ask whether anything has to be carried."},
	},
	Why: "A word that occurs in one class only tells the class from any place. A bag of words has no memory and finds it: only what the bag cannot do needs order.",
}
