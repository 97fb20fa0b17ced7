package exercise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("lstm-gates", &GateByHand, &CellStep, &Latch, &HalfLifeBias, &MissingUnitControl)
}

// GateByHand asks for a forget gate of two inputs and one unit: W_f = (0.5, 1, −2)
// over [h, x], h = 0.4, x = (1, 0.25), and PyTorch's two biases 0.1 and 0.3.
var GateByHand = Question[float64]{
	Name:      "lstm-gates/gate-by-hand",
	Hidden:    true,
	Tolerance: 0.002,
	Truth:     func() float64 { return lesson.Sigmoid(0.5*0.4 + 1*1 - 2*0.25 + 0.1 + 0.3) },
	WrongAnswers: []WrongAnswer[float64]{
		{1.1, "That is the sum. A gate is σ of it."},
		{math.Tanh(1.1), "That is the tanh of the sum, as for the candidate. A gate takes σ."},
		{lesson.Sigmoid(0.8), "The second bias, 0.3, is missing: PyTorch adds both."},
		{lesson.Sigmoid(1.0), "The first bias, 0.1, is missing: PyTorch adds both."},
		{lesson.Sigmoid(0.7), "The biases are missing."},
		{lesson.Sigmoid(0.9), "The first of the three weights is for h: it is missing."},
		{lesson.Sigmoid(0.35), "You have put h after x. In [h, x] it comes first, so the first weight is for h."},
		{1 - lesson.Sigmoid(1.1), "σ(a) is 1/(1 + e^−a): look at the sign in the exponent."},
	},
	Why: "The sum is 0.2 + 1 − 0.5 + 0.1 + 0.3, and the gate σ(1.1): three quarters are kept.",
}

// Sums is one unit of an LSTM at a step: C_{t−1}, and for each of f, i, C̃ and o
// the sum W [h_{t−1}, x_t] + b, before σ or tanh.
type Sums struct {
	F, I, G, O float64
	C          float64 // C_{t−1}
}

// Memory is what a step of an LSTM makes.
type Memory struct {
	C, H float64
}

// CellStep asks for C_t and h_t.
var CellStep = Exercise[Sums, Memory]{
	Name: "lstm-gates/cell-step",
	Inputs: []Sums{
		{F: 1, I: -1, G: 0.5, O: 2, C: 1.5},
		{F: -2, I: 0.5, G: -1, O: -0.3, C: -0.8},
	},
	Solution: cellStep(lesson.Sigmoid, lesson.Sigmoid, math.Tanh, math.Tanh),
	Mistakes: []Mistake[Sums, Memory]{
		{
			cellStep(lesson.Sigmoid, lesson.Sigmoid, lesson.Sigmoid, math.Tanh),
			"The candidate is no gate: it goes through tanh, so that it can be below 0.",
		}, {
			cellStep(lesson.Sigmoid, lesson.Sigmoid, math.Tanh, identity),
			"h shows tanh(C), not C itself.",
		}, {
			cellStep(func(a float64) float64 { return 1 - lesson.Sigmoid(a) }, lesson.Sigmoid, math.Tanh, math.Tanh),
			"A forget gate of 1 keeps: C_{t−1} is multiplied by f, not by 1 − f.",
		}, {
			cellStep(identity, identity, identity, math.Tanh),
			"Nothing is squeezed on the way in. The sums of the gates go through σ, that of the candidate through tanh.",
		}, {
			cellStep(identity, identity, math.Tanh, math.Tanh),
			"The sums of the three gates go through σ first.",
		}, {
			func(s Sums) Memory {
				s.F, s.I = s.I, s.F
				return cellStep(lesson.Sigmoid, lesson.Sigmoid, math.Tanh, math.Tanh)(s)
			},
			"You have exchanged f and i: f multiplies the old memory, i the candidate.",
		}, {
			func(s Sums) Memory {
				m := cellStep(lesson.Sigmoid, lesson.Sigmoid, math.Tanh, math.Tanh)(s)
				m.H = lesson.Sigmoid(s.O) * math.Tanh(s.C)
				return m
			},
			"h shows the new memory, C_t. You have taken the old one.",
		},
	},
	Show: func(s Sums) string {
		return words.Sprintf("sums f %g, i %g, C̃ %g, o %g and C = %g", s.F, s.I, s.G, s.O, s.C)
	},
}

func identity(a float64) float64 { return a }

// cellStep returns one step of an LSTM with these functions of the sums.
func cellStep(forget, gate, candidate, shown func(float64) float64) func(Sums) Memory {
	return func(s Sums) Memory {
		c := forget(s.F)*s.C + gate(s.I)*candidate(s.G)
		return Memory{c, gate(s.O) * shown(c)}
	}
}

// Brackets returns a machine of one LSTM unit that reads words and returns its
// cell state after each, to three decimals. Each row of the 12 weights, for i, f, g and o, has one
// for "(", one for ")" and one for "x"; the biases are those of i, f, g and o.
// Without weights there is no machine, and it returns nil.
func Brackets(weights, biases []float64) func(words string) []float64 {
	if len(weights) == 0 && len(biases) == 0 {
		return func(string) []float64 { return nil }
	}
	return func(words string) []float64 {
		if len(weights) != 12 || len(biases) != 4 {
			panic(fmt.Sprintf("there are %d weights and %d biases, want 12 and 4", len(weights), len(biases)))
		}
		lstm := lesson.NewLSTM(rand.New(rand.NewPCG(6, 30)), 3, 1)
		for _, p := range lstm.Parameters() {
			clear(p.Value.Data())
		}
		copy(lstm.Parameter("weight_ih_l0").Value.Data(), weights)
		copy(lstm.Parameter("bias_ih_l0").Value.Data(), biases)
		state := lstm.Trace(lesson.OneHot(strings.Fields(words), "(", ")", "x"), nil)[0].Cell.Data()
		for t, c := range state {
			state[t] = math.Round(1000*c) / 1000
		}
		return state
	}
}

// Latch asks for the weights of a machine, see Brackets, whose cell state is 1
// from a "(" to the next ")", and else 0.
var Latch = Exercise[string, []float64]{
	Name:      "lstm-gates/latch",
	Tolerance: 0.1,
	Inputs: []string{
		"x ( x x ) x",
		"x ) x ( x ( x ) x",
		"( ) x ( x x x x x x x x x x )",
	},
	Solution: open,
	Mistakes: []Mistake[string, []float64]{
		{latch(20, 0, 0, 0, 0, 0, -10, 10), "It is never cleared, and a second ( adds to the first. Which gate lets go of what is there?"},
		{latch(20, 0, 0, -20, 0, 0, -10, 10), "It is cleared by the ( and not by the ). Which weight of the forget gate is for the )?"},
		{latch(20, 0, 0, 0, -20, 0, -10, 10), "Almost: a second ( adds to the first. What must happen to the old memory when a new one comes in?"},
		{latch(20, 0, 0, -20, -20, 0, -10, -10), "It forgets at once: without a bias that holds it open, the forget gate is shut at x."},
		{latch(20, 0, 0, 20, 20, 0, -10, -10), "The forget gate is the wrong way round: 1 keeps. It has to be open at x and shut at brackets."},
		{latch(0, 0, 0, -20, -20, 0, 10, 10), "The input gate lets everything in. It has to be shut, and open at the ( only."},
		{
			Brackets([]float64{20, 0, 0, -20, -20, 0, 0, 0, 0, 0, 0, 0}, []float64{-10, 10, 1, 10}),
			"The gates are right. The candidate is the tanh of its sum, and tanh(1) is only 0.76: give it a larger bias.",
		},
		{
			Brackets([]float64{-20, -20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0}, []float64{10, -10, 10, 10}),
			"Your rows are in the order of the six equations: f, i, C̃, o. PyTorch's order is i, f, g, o.",
		},
		{
			Brackets([]float64{20, 0, 0, -20, -20, 0, 0, 0, 0, 0, 0, 0}, []float64{-10, 10, 0, 10}),
			"The gates are right, but nothing comes in: the candidate is tanh(0) = 0. Give the row of g a bias.",
		},
		{latch(20, 20, 0, -20, -20, 0, -10, 10), "A ) clears the old memory and brings in a new one at once. The input gate has to stay shut there."},
	},
	Show: func(words string) string { return words },
}

// open returns 1 for each word from a "(" to the next ")", and else 0.
func open(words string) (state []float64) {
	now := 0.0
	for _, word := range strings.Fields(words) {
		switch word {
		case "(":
			now = 1
		case ")":
			now = 0
		}
		state = append(state, now)
	}
	return state
}

// latch returns a machine with these weights of i and f for "(", ")" and "x",
// their biases, a candidate near 1 and an open output gate.
func latch(iOpen, iClose, iOther, fOpen, fClose, fOther, bi, bf float64) func(string) []float64 {
	return Brackets([]float64{
		iOpen, iClose, iOther,
		fOpen, fClose, fOther,
		0, 0, 0,
		0, 0, 0,
	}, []float64{bi, bf, 10, 10})
}

// HalfLifeBias asks for the bias at which a forget gate that reads nothing but its bias
// keeps half of a memory over 100 steps.
var HalfLifeBias = Question[float64]{
	Name:      "lstm-gates/half-life-bias",
	Hidden:    true,
	Tolerance: 0.015,
	Truth: func() float64 {
		gate := math.Pow(0.5, 1.0/100)
		return math.Log(gate / (1 - gate))
	},
	WrongAnswers: []WrongAnswer[float64]{
		{math.Pow(0.5, 1.0/100), "That is the gate. Which b has σ(b) so large?"},
		{math.Log(1 - math.Pow(0.5, 1.0/100)), "The sign: a gate above one half has a bias above 0."},
		{math.Log(100), "With ln 100 a hundredth is lost at each step, and after 100 steps 37% is left: less than half."},
		{math.Log(200), "So a two-hundredth would be lost at each step, and after 100 steps 61% is left: more than half."},
	},
	Why: "A gate of 0.99309 has the bias ln(0.99309 / 0.00691). A half-life of n steps wants about ln(n / ln 2).",
}

// MissingUnitControl asks which experiment could refute that one unit is the memory
// for a word.
var MissingUnitControl = Question[int]{
	Name:    "lstm-gates/missing-control",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Nothing in it is random: it gives the same number ten times."},
		{2, "The units of a network have no order. That unit 3 of another does something else says nothing of this one."},
		{4, "Gates say what a unit keeps. Whether the verdict depends on it, they do not say."},
	},
	Why: "The claim is about not, in any review. In most networks of this lesson another unit holds it where the adjective is another.",
}
