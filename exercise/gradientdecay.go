package exercise

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"unroll/internal/words"
)

func init() {
	register("gradient-decay", &HalfLife, &HealthyGradient, &Jacobian, &BiasGradient, &ClipNorm)
}

// HalfLife asks after how many steps half of a gradient is left when each step
// multiplies it by s, between 0 and 1.
var HalfLife = Exercise[float64, float64]{
	Name:     "gradient-decay/half-life",
	Inputs:   []float64{0.9, 0.5, 1 / math.Sqrt(3), 0.99},
	Solution: func(s float64) float64 { return math.Ln2 / -math.Log(s) },
	Mistakes: []Mistake[float64, float64]{
		{
			func(s float64) float64 { return math.Ln2 / math.Log(s) },
			"A number of steps is above 0, and ln s is below 0 for every s below 1.",
		}, {
			func(s float64) float64 { return -math.Log(s) / math.Ln2 },
			"That is the reciprocal: the closer s is to 1, the more steps it takes.",
		}, {
			func(s float64) float64 { return 0.5 / (1 - s) },
			"A step takes away a share of what is left, not of what there was at first. Solve s^k = ½ for k.",
		}, {
			func(s float64) float64 { return math.Ln2 / (1 - s) },
			"That is the rule of thumb for s close to 1. Without it: take the logarithm of both sides of s^k = ½.",
		}, {
			func(s float64) float64 { return math.Ceil(math.Ln2 / -math.Log(s)) },
			"You round up to a whole step. What is asked for is the k itself, decimals included.",
		}, {
			func(s float64) float64 { return math.Pow(s, 0.5) },
			"You have put ½ in the exponent. The exponent is what is asked for: s^k = ½.",
		},
	},
	Show: func(s float64) string { return fmt.Sprintf("s = %.4g", s) },
}

// HealthyGradient asks what should have been measured before saying that a
// gradient does not vanish.
var HealthyGradient = Question[int]{
	Name:    "gradient-decay/healthy-gradient",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "It is a sum over all steps too, and as blind to where its parts come from."},
		{2, "Clipping shortens a gradient that is too long. It says nothing of one that vanishes."},
		{4, "At a hundred lengths the whole would be about the same size. Of what is it made?"},
	},
	Why: "The whole is a sum, and the last few steps dominate it. That distant shares vanish does not show in it.",
}

// Moment is one step of a network: its W_h and the state h_t after the step.
type Moment struct {
	Wh *mat.Dense // H×H
	H  []float64  // h_t
}

// moment returns a network of two units at a step.
func moment(h0, h1 float64, wh ...float64) Moment {
	return Moment{mat.NewDense(2, 2, wh), []float64{h0, h1}}
}

// entries returns the matrix with the entries f(i, j).
func (m Moment) entries(f func(i, j int) float64) *mat.Dense {
	J := mat.NewDense(len(m.H), len(m.H), nil)
	for i := range m.H {
		for j := range m.H {
			J.Set(i, j, f(i, j))
		}
	}
	return J
}

// Jacobian asks for ∂h_t/∂h_{t−1} = diag(1 − h_t²) W_h.
var Jacobian = Exercise[Moment, *mat.Dense]{
	Name: "gradient-decay/jacobian",
	Inputs: []Moment{
		moment(0.6, -0.8, 0.5, 0, 1, 2),
		moment(0, 0.99, 1, -1, 0.25, 3),
	},
	Solution: func(m Moment) *mat.Dense {
		return m.entries(func(i, j int) float64 { return (1 - m.H[i]*m.H[i]) * m.Wh.At(i, j) })
	},
	Mistakes: []Mistake[Moment, *mat.Dense]{
		{
			func(m Moment) *mat.Dense { return mat.DenseCopyOf(m.Wh) },
			"That is W_h alone. You forgot the derivative of the tanh: 1 − h².",
		}, {
			func(m Moment) *mat.Dense {
				return m.entries(func(i, j int) float64 { return (1 - m.H[i]) * m.Wh.At(i, j) })
			},
			"The derivative of the tanh is 1 − h², with a square.",
		}, {
			func(m Moment) *mat.Dense {
				return m.entries(func(i, j int) float64 { return (1 - m.H[j]*m.H[j]) * m.Wh.At(i, j) })
			},
			"You have scaled the columns. Entry (i, j) says how unit i moves: the tanh is that of unit i.",
		}, {
			func(m Moment) *mat.Dense {
				return m.entries(func(i, j int) float64 { return (1 - m.H[i]*m.H[i]) * m.Wh.At(j, i) })
			},
			"You have transposed W_h. Entry (i, j) says how unit i moves when unit j was moved.",
		}, {
			func(m Moment) *mat.Dense {
				return m.entries(func(i, j int) float64 {
					h := math.Tanh(m.H[i])
					return (1 - h*h) * m.Wh.At(i, j)
				})
			},
			"H holds h_t, which is a tanh already: do not take it again.",
		},
	},
	Show: func(m Moment) string { return words.Sprintf("h = %v and W_h = %v", m.H, format(m.Wh)) },
}

// BiasGradient asks for ∂L/∂b from ∂L/∂a_t at every step, a row each: b is added
// at every step, so its gradient is the sum of the rows.
var BiasGradient = Exercise[[][]float64, []float64]{
	Name: "gradient-decay/bias-gradient",
	Inputs: [][][]float64{
		{{1, 2}, {3, 5}},
		{{0.5, -1, 2}, {0, 4, -3}},
		{{1}, {-2}, {4}},
	},
	Solution: func(da [][]float64) []float64 {
		db := make([]float64, len(da[0]))
		for _, row := range da {
			floats.Add(db, row)
		}
		return db
	},
	Mistakes: []Mistake[[][]float64, []float64]{
		{
			func(da [][]float64) (db []float64) {
				for _, row := range da {
					db = append(db, floats.Sum(row))
				}
				return db
			},
			"You have summed along the wrong axis: over the units of a step. There is one bias for each unit, used at every step.",
		}, {
			func(da [][]float64) []float64 { return da[len(da)-1] },
			"That is the share of the last step. The bias has a share in every step.",
		}, {
			func(da [][]float64) []float64 { return da[0] },
			"That is the share of the first step. The bias has a share in every step.",
		}, {
			func(da [][]float64) []float64 {
				db := make([]float64, len(da[0]))
				for _, row := range da {
					floats.AddScaled(db, 1/float64(len(da)), row)
				}
				return db
			},
			"That is the mean of the shares. The gradient is their sum.",
		},
	},
}

// Long is a gradient and the longest that it may be.
type Long struct {
	Gradient []float64
	Limit    float64
}

// scaled returns the gradient times a number.
func (l Long) scaled(by float64) []float64 {
	return floats.ScaleTo(make([]float64, len(l.Gradient)), by, l.Gradient)
}

// ClipNorm asks for a gradient scaled down to a limit where it is longer.
var ClipNorm = Exercise[Long, []float64]{
	Name: "gradient-decay/clip",
	Inputs: []Long{
		{[]float64{3, 4}, 1},
		{[]float64{0.3, -0.4}, 1},
		{[]float64{20, 0, -15}, 10},
	},
	Solution: func(l Long) []float64 {
		return l.scaled(math.Min(1, l.Limit/floats.Norm(l.Gradient, 2)))
	},
	Mistakes: []Mistake[Long, []float64]{
		{
			func(l Long) []float64 {
				clipped := make([]float64, len(l.Gradient))
				for i, g := range l.Gradient {
					clipped[i] = math.Max(-l.Limit, math.Min(l.Limit, g))
				}
				return clipped
			},
			"You have cut each number by itself, which turns the gradient. Scale all by the same number, so that the direction stays.",
		}, {
			func(l Long) []float64 { return l.scaled(l.Limit / floats.Norm(l.Gradient, 2)) },
			"You have stretched the short one too. A gradient below the limit stays as it is.",
		}, {
			func(l Long) []float64 {
				return l.scaled(math.Min(1, 1/floats.Norm(l.Gradient, 2)))
			},
			"You scale to a length of 1. The limit may be another.",
		}, {
			func(l Long) []float64 {
				return l.scaled(math.Min(1, l.Limit/floats.Dot(l.Gradient, l.Gradient)))
			},
			"The norm is the root of the sum of squares. Where is the root?",
		}, {
			func(l Long) []float64 { return l.scaled(1) },
			"That is the gradient as it came. What if its norm is above the limit?",
		},
	},
	Show: func(l Long) string { return words.Sprintf("%v, limit %g", l.Gradient, l.Limit) },
}
