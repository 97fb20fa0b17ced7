package exercise

import (
	"fmt"
	"math"
	"slices"

	"unroll/internal/words"
	"unroll/lesson"
)

func init() {
	register("how-a-network-learns", &Softmax, &Guessing, &TanhSlope, &TrainUnit, &FairComparison)
}

// scale divides every number by their sum.
func scale(p []float64) []float64 {
	sum := 0.0
	for _, v := range p {
		sum += v
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func mapped(z []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(z))
	for k, v := range z {
		out[k] = f(v)
	}
	return out
}

// Softmax asks for the softmax of scores of any size.
var Softmax = Exercise[[]float64, []float64]{
	Name:   "how-a-network-learns/softmax",
	Inputs: [][]float64{{2, 0}, {1, 2, 3}, {-1, 0.5, 0.5, 4}, {0}, {1000, 999}, {-2000, -2001, -1998}},
	Solution: func(z []float64) []float64 {
		top := slices.Max(z)
		return scale(mapped(z, func(v float64) float64 { return math.Exp(v - top) }))
	},
	Mistakes: []Mistake[[]float64, []float64]{
		{
			func(z []float64) []float64 { return scale(mapped(z, math.Exp)) },
			"Right for small scores. For large ones e^z is infinite, and infinity divided by infinity is no number; for very negative ones all are 0. Only differences of scores count: what may you take away from all of them?",
		}, {
			func(z []float64) []float64 { return mapped(z, math.Exp) },
			"These are positive, but they do not sum to 1.",
		}, {
			func(z []float64) []float64 { return scale(slices.Clone(z)) },
			"The exponential is missing: without it a negative score would be a negative probability.",
		}, {
			func(z []float64) []float64 { return mapped(z, lesson.Sigmoid) },
			"The sigmoid looks at each score alone. The probabilities of all classes have to sum to 1.",
		}, {
			func(z []float64) []float64 {
				top := slices.Max(z)
				return mapped(z, func(v float64) float64 { return math.Exp(v - top) })
			},
			"The largest is taken away, good. Now they have to sum to 1.",
		},
	},
}

// Guessing asks for the loss of giving eight classes the same probability.
var Guessing = Question[float64]{
	Name:      "how-a-network-learns/guessing",
	Hidden:    true,
	Tolerance: 0.003,
	Truth:     func() float64 { return math.Log(8) },
	WrongAnswers: []WrongAnswer[float64]{
		{1.0 / 8, "That is the probability that the true class gets. The loss is minus its logarithm."},
		{7.0 / 8, "That is 1 − q. The loss is −ln q."},
		{3, "That is in bits, with the logarithm to base 2. In nats the logarithm is the natural one."},
		{math.Log10(8), "That is the logarithm to base 10. In nats it is the natural one, math.Log."},
		{-math.Log(8), "The sign: the logarithm of a probability is negative, and the loss is minus that."},
		{math.Ln2, "That is for two classes."},
		{8 * math.Log(8), "That is the sum over all classes. Only the true class counts."},
	},
	Why: "The true class gets 1/8 whichever it is, so the loss is −ln 1/8 = ln 8. With n classes guessing costs ln n.",
}

// TanhUnit is a unit h = tanh(W·X) with the loss (h − Y)².
type TanhUnit struct{ W, X, Y float64 }

// TanhSlope asks for the derivative of the loss by the weight.
var TanhSlope = Exercise[TanhUnit, float64]{
	Name:     "how-a-network-learns/slope",
	Inputs:   []TanhUnit{{0.5, 1, 0}, {0.5, 2, 1}, {-1, 0.7, 0.3}, {2, -1.5, 0.5}, {0, 1.2, -1}},
	Show:     func(u TanhUnit) string { return fmt.Sprintf("w = %g, x = %g, y = %g", u.W, u.X, u.Y) },
	Solution: func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return 2 * (h - u.Y) * (1 - h*h) * u.X },
	Mistakes: []Mistake[TanhUnit, float64]{
		{
			func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return 2 * (h - u.Y) * u.X },
			"The slope of the tanh is missing on the way.",
		}, {
			func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return 2 * (h - u.Y) * (1 - h*h) },
			"That is the slope for w·x. One station is left: from w to w·x.",
		}, {
			func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return (h - u.Y) * (1 - h*h) * u.X },
			"The derivative of a square is twice what is squared.",
		}, {
			func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return 2 * (u.Y - h) * (1 - h*h) * u.X },
			"The sign: what was said, less what is true.",
		}, {
			func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return 2 * (h - u.Y) * h * (1 - h) * u.X },
			"h (1 − h) is the slope of the sigmoid. That of tanh is 1 − h².",
		}, {
			func(u TanhUnit) float64 { h := math.Tanh(u.W * u.X); return 2 * (h - u.Y) * (1 - h*h) * u.W },
			"From w to w·x the factor is x. (w would be the factor from x to w·x.)",
		},
	},
}

// UnitData is what a unit p = σ(w x + b) is trained on, and how.
type UnitData struct {
	X, Y  []float64 // an input, and 0 or 1
	Rate  float64
	Steps int
}

// trained takes the steps, each by the function step.
func (d UnitData) trained(step func(d UnitData, w, b float64) (float64, float64)) [2]float64 {
	w, b := 0.0, 0.0
	for range d.Steps {
		w, b = step(d, w, b)
	}
	return [2]float64{w, b}
}

// slopes returns those of the summed loss.
func (d UnitData) slopes(w, b float64) (dw, db float64) {
	for i, x := range d.X {
		e := lesson.Sigmoid(w*x+b) - d.Y[i]
		dw += float64(e * x)
		db += e
	}
	return dw, db
}

// TrainUnit asks for the weights of a unit after some steps of gradient descent.
var TrainUnit = Exercise[UnitData, [2]float64]{
	Name: "how-a-network-learns/train",
	Inputs: []UnitData{
		{[]float64{1}, []float64{1}, 1, 1},
		{[]float64{0, 1, 2, 2, 3, 3, 4, 5}, []float64{0, 0, 0, 1, 0, 1, 1, 1}, 1, 10},
		{[]float64{-1, 1, 2}, []float64{1, 0, 0}, 0.5, 3},
		{[]float64{3, 1}, []float64{0, 1}, 0.1, 25},
	},
	Show: func(d UnitData) string {
		return words.Sprintf("x = %v, y = %v, rate %g, %d steps", d.X, d.Y, d.Rate, d.Steps)
	},
	Solution: func(d UnitData) [2]float64 {
		return d.trained(func(d UnitData, w, b float64) (float64, float64) {
			dw, db := d.slopes(w, b)
			n := float64(len(d.X))
			return w - d.Rate*dw/n, b - d.Rate*db/n
		})
	},
	Mistakes: []Mistake[UnitData, [2]float64]{
		{
			func(d UnitData) [2]float64 {
				return d.trained(func(d UnitData, w, b float64) (float64, float64) {
					dw, db := d.slopes(w, b)
					return w - d.Rate*dw, b - d.Rate*db
				})
			},
			"That goes down the sum of the losses. The mean is asked: divide by how many there are.",
		}, {
			func(d UnitData) [2]float64 {
				return d.trained(func(d UnitData, w, b float64) (float64, float64) {
					dw, db := d.slopes(w, b)
					n := float64(len(d.X))
					return w + d.Rate*dw/n, b + d.Rate*db/n
				})
			},
			"That goes uphill: the gradient points to where the loss rises.",
		}, {
			func(d UnitData) [2]float64 {
				return d.trained(func(d UnitData, w, b float64) (float64, float64) {
					n := float64(len(d.X))
					dw, _ := d.slopes(w, b)
					w -= d.Rate * dw / n
					_, db := d.slopes(w, b)
					return w, b - d.Rate*db/n
				})
			},
			"The slope for b is taken after w has moved. Compute both slopes first, then move both weights.",
		}, {
			func(d UnitData) [2]float64 {
				return d.trained(func(d UnitData, w, b float64) (float64, float64) {
					for i, x := range d.X {
						e := lesson.Sigmoid(w*x+b) - d.Y[i]
						w, b = w-float64(d.Rate*e*x), b-float64(d.Rate*e)
					}
					return w, b
				})
			},
			"The weights move after each example. (That is a method of its own, stochastic gradient descent with batches of one.) Here a step goes down the mean loss of all: add up the slopes of all examples first.",
		}, {
			func(d UnitData) [2]float64 {
				d.Steps = 1
				return d.trained(func(d UnitData, w, b float64) (float64, float64) {
					dw, db := d.slopes(w, b)
					n := float64(len(d.X))
					return w - d.Rate*dw/n, b - d.Rate*db/n
				})
			},
			"That is one step. d.Steps of them are asked.",
		}, {
			func(d UnitData) [2]float64 {
				return d.trained(func(d UnitData, w, b float64) (float64, float64) {
					dw, _ := d.slopes(w, b)
					return w - d.Rate*dw/float64(len(d.X)), b
				})
			},
			"b does not move. Its slope is the mean of p − y.",
		},
	},
}

// FairComparison asks what is missing most in a comparison of two optimizers at
// one learning rate.
var FairComparison = Question[int]{
	Name:    "how-a-network-learns/fair-comparison",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "All ten agree. If the two were equally good, that would happen once in about 500 times. Luck is not the trouble."},
		{2, "Perhaps it would. But that is a question of how soon, and so of the rate: what would plain gradient descent have reached in 500 batches at a rate that suits it?"},
		{4, "Look at the table of Better steps again: would you have chosen 0.01 for plain gradient descent?"},
	},
	Why: "A rate that suits one optimizer need not suit the other. Each is to be tried at several rates, and the best of each compared.",
}
