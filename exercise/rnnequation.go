package exercise

import (
	"math"
	"math/rand/v2"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("rnn-equation", &LastState, &HiddenShape, &PaddingClaim, &CountRNN, &Settles)
}

// Unit is a recurrent network with one number of input and one of memory, and
// what it reads.
type Unit struct {
	Wx, Wh, B float64
	Inputs    []float64
}

// read returns the unit's last state when each is made by step from the one before.
func (u Unit) read(step func(x, h float64) float64) float64 {
	h := 0.0
	for _, x := range u.Inputs {
		h = step(x, h)
	}
	return h
}

// LastState asks for the state of a unit after its last input: the recurrent
// equation in a loop, from h_0 = 0.
var LastState = Exercise[Unit, float64]{
	Name: "rnn-equation/last-state",
	Inputs: []Unit{
		{Wx: 1, Wh: 0.5, B: 0.1, Inputs: []float64{1, 0, 0}},
		{Wx: -0.7, Wh: 0.9, B: -0.2, Inputs: []float64{0.3, 2, -1, 0.5}},
		{Wx: 2, Wh: -1.5, B: 0.4, Inputs: []float64{-1}},
	},
	Solution: func(u Unit) float64 {
		return u.read(func(x, h float64) float64 { return math.Tanh(u.Wx*x + u.Wh*h + u.B) })
	},
	Mistakes: []Mistake[Unit, float64]{
		{
			func(u Unit) float64 {
				return u.read(func(x, h float64) float64 { return u.Wx*x + u.Wh*h + u.B })
			},
			"Without tanh the state has no bounds. What is squeezed, and when?",
		}, {
			func(u Unit) float64 {
				return math.Tanh(u.read(func(x, h float64) float64 { return u.Wx*x + u.Wh*h + u.B }))
			},
			"You squeeze once, at the end. Every step ends with a tanh, and the next step reads its result.",
		}, {
			func(u Unit) float64 {
				return u.read(func(x, h float64) float64 { return math.Tanh(u.Wx*x + u.Wh*h) })
			},
			"One of the three parts of the sum is missing: the one that is there even when x and h are 0.",
		}, {
			func(u Unit) float64 {
				return u.read(func(x, h float64) float64 { return math.Tanh(u.Wx*x+u.B) + u.Wh*h })
			},
			"The memory belongs inside: the tanh is of the whole sum.",
		}, {
			func(u Unit) float64 {
				return u.read(func(x, h float64) float64 { return math.Tanh(u.Wx*x + u.B) })
			},
			"Each of your states depends on its own input only. Is h carried from one step to the next?",
		}, {
			func(u Unit) float64 {
				return u.read(func(x, h float64) float64 { return math.Tanh(u.Wh*x + u.Wx*h + u.B) })
			},
			"W_x and W_h have changed places: W_x multiplies the input, W_h the state before.",
		}, {
			func(u Unit) float64 {
				return u.read(func(x, h float64) float64 { return h + math.Tanh(u.Wx*x+u.Wh*h+u.B) })
			},
			"You add the new state to the old one (h += …). The new state takes the place of the old one.",
		},
	},
	Show: func(u Unit) string { return words.Sprintf("%s with %s", format(u.Inputs), unitWeights(u)) },
}

func unitWeights(u Unit) string {
	return "W_x = " + format(u.Wx) + ", W_h = " + format(u.Wh) + ", b = " + format(u.B)
}

// HiddenShape asks for the shape of hidden of two layers of 20 units, over 5
// sentences of 7 words of 10 numbers.
var HiddenShape = Question[lesson.Shape]{
	Name: "rnn-equation/hidden-shape",
	Truth: func() lesson.Shape {
		rng := rand.New(rand.NewPCG(2, 30))
		rnn := lesson.NewRNN(rng, 10, 20, lesson.Layers(2), lesson.BatchFirst)
		_, hidden := rnn.Forward(lesson.Randn(rng, 5, 7, 10), nil)
		return hidden.Shape()
	},
	WrongAnswers: []WrongAnswer[lesson.Shape]{
		{lesson.Shape{5, 2, 20}, "batch_first never moves the batch axis of hidden."},
		{lesson.Shape{1, 5, 20}, "hidden has the last state of every layer, not of the top one alone."},
		{lesson.Shape{2, 7, 20}, "hidden has a state for each sentence, after its last word, not for each word."},
		{lesson.Shape{2, 5, 10}, "The last place counts the units of the state, not the numbers of the input."},
		{lesson.Shape{5, 7, 20}, "That is output: a state for every word."},
		{lesson.Shape{2, 5, 40}, "Layers stand one after another on the first axis."},
	},
	Why: "hidden: the last step, every layer one after another, the batch in the middle.",
}

// PaddingClaim asks what is wrong with a comparison of two values that have
// both read the padding.
var PaddingClaim = Question[int]{
	Name:    "rnn-equation/padding-claim",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 2 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "A plain Forward does not know where a sentence ends. What has it read when it comes to step 20?"},
		{3, "For one layer the two are the same numbers. They would agree on a million batches, too."},
		{4, "batch_first says where the batch axis stands. It changes no number."},
	},
	Why: "A comparison can only find what differs between its two sides, and both went on through the padding.",
}

// CountRNN asks how many numbers a layer with 100 inputs and 50 units learns.
var CountRNN = Question[int]{
	Name:   "rnn-equation/count",
	Hidden: true,
	Truth: func() (n int) {
		for _, p := range lesson.NewRNN(rand.New(rand.NewPCG(2, 31)), 100, 50).Parameters() {
			n += p.Value.Shape().Size()
		}
		return n
	},
	WrongAnswers: []WrongAnswer[int]{
		{7550, "PyTorch keeps two biases."},
		{7500, "Those are the two matrices. What is added to their products?"},
		{5100, "The state before goes through a matrix too."},
		{76000, "The same weights serve at every step: they are counted once, not ten times."},
	},
	Why: "50·100 for W_x, 50·50 for W_h and 50 for each of two biases.",
}

// Settles asks where a unit with W_h = 2 comes to rest after a single 1: the h
// above 0 that solves h = tanh(2h).
var Settles = Question[float64]{
	Name:      "rnn-equation/settles",
	Hidden:    true,
	Tolerance: 0.002,
	Truth: func() float64 {
		h := 1.0
		for range 100 {
			h = math.Tanh(2 * h)
		}
		return h
	},
	WrongAnswers: []WrongAnswer[float64]{
		{1, "No tanh ever gets to 1. What is tanh(2·1)?"},
		{math.Tanh(2), "That is one step from 1. Go on until the state does not change any more."},
		{math.Tanh(1), "That is the state after the first step. The next is the tanh of twice that, and so on."},
		{2, "A state is never above 1: it is a tanh."},
	},
	Why: "There h = tanh(2h): the unit remembers that there was a 1, for ever.",
}
