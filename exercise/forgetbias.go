package exercise

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/combin"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("forget-bias", &ForgetBias, &Thousandth, &SetBias, &GRUStep, &Luck)
}

// logit is the inverse of σ.
func logit(f float64) float64 { return math.Log(f / (1 - f)) }

// ForgetBias asks for the smallest forget bias that keeps a tenth of the
// gradient over 40 steps, by the gates alone.
var ForgetBias = Question[float64]{
	Name:      "forget-bias/forget-bias",
	Hidden:    true,
	Tolerance: 0.004,
	Truth:     func() float64 { return logit(math.Pow(0.1, 1.0/40)) },
	WrongAnswers: []WrongAnswer[float64]{
		{math.Pow(0.1, 1.0/40), "That is the forget gate. The bias is the b with σ(b) = that."},
		{math.Log(40), "That is the rule ln k. It keeps about 1/e, over a third: more than is asked."},
		{3, "That keeps a seventh. A smaller bias keeps a tenth."},
		{logit(math.Pow(0.1, 1.0/40)) / 2, "That is right only for someone who sets both of PyTorch's biases to it. What is asked is the sum of the two."},
		{logit(math.Pow(0.5, 1.0/40)), "That keeps a half over 40 steps."},
		{logit(math.Pow(0.1, 1.0/10)), "That keeps a tenth over 10 steps."},
		{logit(0.1), "With that bias one step keeps a tenth. Forty steps are to keep it together."},
		{-logit(math.Pow(0.1, 1.0/40)), "The sign: a forget gate of 1 keeps, and σ(b) is near 1 for a large b."},
	},
	Why: "The gate has to be the fortieth root of a tenth, and b = ln(f / (1 − f)) is the inverse of σ.",
}

// Thousandth asks after how many steps less than a thousandth of the gradient
// is left when the forget bias is 1.
var Thousandth = Question[int]{
	Name:   "forget-bias/thousandth",
	Hidden: true,
	Truth:  func() int { return int(math.Ceil(math.Log(0.001) / math.Log(lesson.Sigmoid(1)))) },
	WrongAnswers: []WrongAnswer[int]{
		{10, "That is for a gate of one half: a bias of 0."},
		{22, "One step too few: after that many steps a little more than a thousandth is left."},
		{55, "That is for a bias of 2, what someone has who sets both of PyTorch's biases to 1."},
		{54, "That is for a bias of 2, and one step short of it."},
		{143, "That is for a bias of 3."},
		{7, "You have taken 1 − σ(1) for the gate. A forget gate of 1 keeps, so each step keeps σ(1)."},
	},
	Why: "σ(1)^k falls below a thousandth where k ln σ(1) does below ln 0.001.",
}

// Biases are PyTorch's two of an LSTM of H units, each 4·H long: for the gates
// in the order i, f, g, o.
type Biases struct {
	IH, HH []float64
	H      int
	B      float64 // what the forget bias is to be
}

// Setting wraps a learner's function, which is to make b the forget bias of an
// LSTM of h units, for [SetBias]: it returns the sums of the two biases that the
// function leaves, what the network works with; nothing where it changes
// nothing.
func Setting(set func(ih, hh []float64, h int, b float64)) func(Biases) []float64 {
	return func(in Biases) []float64 {
		ih, hh := slices.Clone(in.IH), slices.Clone(in.HH)
		set(ih, hh, in.H, in.B)
		if slices.Equal(ih, in.IH) && slices.Equal(hh, in.HH) {
			return nil
		}
		for j := range ih {
			ih[j] += hh[j]
		}
		return ih
	}
}

// SetBias asks for a function, see Setting, that sets the forget bias and leaves
// the others.
var SetBias = Exercise[Biases, []float64]{
	Name: "forget-bias/set-bias",
	Inputs: []Biases{
		{[]float64{0.1, -0.2, 0.3, 0.4}, []float64{0.2, 0.3, -0.1, 0.1}, 1, 1},
		{[]float64{0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8}, []float64{-0.2, 0.1, 0.2, 0.3, -0.4, 0.2, 0.1, -0.1}, 2, 3},
	},
	Solution: setting(func(ih, hh *float64, b float64) { *ih, *hh = b, 0 }, 1),
	Mistakes: []Mistake[Biases, []float64]{
		{
			setting(func(ih, hh *float64, b float64) { *ih, *hh = b, b }, 1),
			"You have set both biases. They add, so the gate works with 2b.",
		}, {
			setting(func(ih, _ *float64, b float64) { *ih = b }, 1),
			"The other bias is still there, and is added. What has it to be?",
		}, {
			setting(func(_, hh *float64, b float64) { *hh = b }, 1),
			"You have set bias_hh. bias_ih is still there, and is added.",
		}, {
			setting(func(ih, hh *float64, b float64) { *ih, *hh = b, 0 }, 0),
			"That is the input gate. The order is i, f, g, o: the forget gate's part begins at h.",
		}, {
			setting(func(ih, hh *float64, b float64) { *ih, *hh = b, 0 }, 2),
			"That is the candidate. The order is i, f, g, o, so the forget gate's part ends where g's begins, at 2h.",
		}, {
			setting(func(ih, hh *float64, b float64) { *ih, *hh = b, 0 }, 3),
			"That is the output gate. The order is i, f, g, o: the forget gate's part is the second.",
		}, {
			setting(func(ih, hh *float64, b float64) { *ih, *hh = b, 0 }, 0, 1, 2, 3),
			"You have set all four parts. Only the forget gate is to change.",
		}, {
			setting(func(ih, _ *float64, b float64) { *ih += b }, 1),
			"The old values are still there: b replaces them, it is not added to them.",
		},
	},
	Show: func(in Biases) string {
		return words.Sprintf("h = %d, b = %g, bias_ih %v, bias_hh %v (shown is their sum)", in.H, in.B, in.IH, in.HH)
	},
}

// setting returns what Setting makes of a function that changes the two biases
// of every unit of these parts.
func setting(change func(ih, hh *float64, b float64), parts ...int) func(Biases) []float64 {
	return Setting(func(ih, hh []float64, h int, b float64) {
		for _, part := range parts {
			for j := part * h; j < (part+1)*h; j++ {
				change(&ih[j], &hh[j], b)
			}
		}
	})
}

// GRUSums is one unit of a GRU at a step: what comes of x_t and of h_{t−1} to r,
// z and n, biases included, before σ and tanh; and h_{t−1}.
type GRUSums struct {
	Rx, Zx, Nx float64
	Rh, Zh, Nh float64
	H          float64 // h_{t−1}
}

// GRUStep asks for h_t.
var GRUStep = Exercise[GRUSums, float64]{
	Name: "forget-bias/gru-step",
	Inputs: []GRUSums{
		{Rx: 0.5, Zx: 1, Nx: -0.4, Rh: -1.2, Zh: 0.3, Nh: 0.9, H: 0.7},
		{Rx: -0.2, Zx: -0.6, Nx: 1.1, Rh: 0.8, Zh: -0.5, Nh: -0.3, H: -0.4},
	},
	Solution: gruStep(resetProduct, keepZ, lesson.Sigmoid, math.Tanh),
	Mistakes: []Mistake[GRUSums, float64]{
		{
			gruStep(resetProduct, func(z, n, h float64) float64 { return z*n + (1-z)*h }, lesson.Sigmoid, math.Tanh),
			"You have exchanged z and 1 − z: z of 1 keeps the old state.",
		}, {
			gruStep(func(r float64, s GRUSums) float64 { return r * (s.Nx + s.Nh) }, keepZ, lesson.Sigmoid, math.Tanh),
			"r multiplies what comes from h alone, not what comes from x.",
		}, {
			func(s GRUSums) float64 {
				s.Rx, s.Rh, s.Zx, s.Zh = s.Zx, s.Zh, s.Rx, s.Rh
				return gruStep(resetProduct, keepZ, lesson.Sigmoid, math.Tanh)(s)
			},
			"You have exchanged r and z: r belongs in the candidate, z keeps the old state.",
		}, {
			gruStep(func(r float64, s GRUSums) float64 { return s.Nx + s.Nh }, keepZ, lesson.Sigmoid, math.Tanh),
			"The reset gate is missing: r multiplies what comes from h.",
		}, {
			gruStep(resetProduct, keepZ, lesson.Sigmoid, lesson.Sigmoid),
			"The candidate is no gate: it goes through tanh, so that it can be below 0.",
		}, {
			gruStep(resetProduct, keepZ, identity, math.Tanh),
			"The sums of r and z go through σ first.",
		}, {
			gruStep(resetProduct, func(z, n, h float64) float64 { return n + z*h }, lesson.Sigmoid, math.Tanh),
			"The candidate comes in with 1 − z: what is kept of the old leaves that much room for the new.",
		},
	},
	Show: func(s GRUSums) string {
		return words.Sprintf("from x: r %g, z %g, n %g; from h: r %g, z %g, n %g; h = %g", s.Rx, s.Zx, s.Nx, s.Rh, s.Zh, s.Nh, s.H)
	},
}

func resetProduct(r float64, s GRUSums) float64 { return s.Nx + r*s.Nh }
func keepZ(z, n, h float64) float64             { return (1-z)*n + z*h }

// gruStep returns one step of a GRU of these parts.
func gruStep(sum func(r float64, s GRUSums) float64, mix func(z, n, h float64) float64, gate, candidate func(float64) float64) func(GRUSums) float64 {
	return func(s GRUSums) float64 {
		r, z := gate(s.Rx+s.Rh), gate(s.Zx+s.Zh)
		return mix(z, candidate(sum(r, s)), s.H)
	}
}

// Luck asks how often 7 and 3 of ten, or what is further apart, come of dealing
// the same twenty results out at random.
var Luck = Question[float64]{
	Name:      "forget-bias/luck",
	Hidden:    true,
	Tolerance: 0.06, // of some thousand deals
	Truth:     func() float64 { return 2 * dealt(7, 8, 9, 10) },
	WrongAnswers: []WrongAnswer[float64]{
		{dealt(7, 8, 9, 10), "Those are the deals in which the first ten get seven or more. With three or fewer the difference is as large."},
		{2 * dealt(7), "Those are the deals with 7 and 3 alone. 8 and 2 are further apart still, and count too."},
		{dealt(7), "Those are the deals in which the first ten get exactly seven. Which others are at least as far apart?"},
		{2 * dealt(8, 9, 10), "You count what is further apart than 7 and 3. 7 and 3 itself counts too."},
		{dealt(8, 9, 10), "You count what is further apart than 7 and 3, and in one direction. 7 and 3 counts too, and so does 3 and 7."},
		{2 * coins(20, 14), "You let each of the twenty learn or not by a coin. Dealing leaves ten that learned and ten that did not, and only changes which ten are whose."},
		{1 - 2*dealt(7, 8, 9, 10), "That is how often the two are closer than 7 and 3."},
	},
	Why: "Of ten that learned and ten that did not, deals give one side 7 or more in about one case of eleven, and the other side as often.",
}

// dealt is the probability that of ten cards, dealt from ten marked and ten others, so many
// are marked: one of the given numbers.
func dealt(marked ...int) (p float64) {
	for _, k := range marked {
		p += float64(combin.Binomial(10, k)*combin.Binomial(10, 10-k)) / float64(combin.Binomial(20, 10))
	}
	return p
}

// coins is the probability of at least so many heads of n coins.
func coins(n, least int) (p float64) {
	for k := least; k <= n; k++ {
		p += float64(combin.Binomial(n, k)) / math.Exp2(float64(n))
	}
	return p
}
