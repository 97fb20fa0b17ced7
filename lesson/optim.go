package lesson

import (
	"math"

	"unroll/internal/simd"
)

// An Optimizer changes parameters by their gradients. Step changes each value;
// the gradients stay, and [ZeroGrad] clears them.
type Optimizer interface{ Step() }

// SGD is gradient descent with momentum, torch.optim.SGD:
//
//	v ← Momentum·v + g      (v = g in the first step)
//	θ ← θ − LR·v
type SGD struct {
	LR       float64 // step size, may be changed between steps
	Momentum float64
	params   []*Parameter
	v        [][]float64
}

// NewSGD returns an optimiser of params; momentum 0 is plain gradient descent.
// It panics when there are no parameters, and when a number is negative or NaN.
func NewSGD(params []*Parameter, lr, momentum float64) *SGD {
	checkOptimizer("NewSGD", params, lr)
	if !(momentum >= 0) {
		failf("NewSGD", "momentum is %v, want 0 or more", momentum)
	}
	return &SGD{LR: lr, Momentum: momentum, params: params, v: zerosLike(params)}
}

// Step changes every parameter once. It panics unless each still has the shape
// that it had when the optimiser was made.
func (o *SGD) Step() {
	checkNotNil("SGD.Step", "the receiver", o)
	checkStep("SGD.Step", o.params, o.v)
	for i, p := range o.params {
		grad := p.Grad.data
		v, value := o.v[i][:len(grad)], p.Value.data[:len(grad)]
		for j, g := range grad {
			// The conversions keep compilers from fusing, which not every CPU can.
			g += float64(o.Momentum * v[j])
			v[j] = g
			value[j] -= float64(o.LR * g)
		}
	}
}

// Adam is the optimiser of Kingma & Ba (2015), torch.optim.Adam, with the bias
// of both averages corrected:
//
//	m ← Beta1·m + (1−Beta1)·g
//	v ← Beta2·v + (1−Beta2)·g²
//	θ ← θ − LR · m/(1−Beta1^t) / ( √(v/(1−Beta2^t)) + Eps )      in step t = 1, 2, …
type Adam struct {
	LR           float64 // step size, may be changed between steps
	Beta1, Beta2 float64 // share of the old in the averages: 0.9 and 0.999
	Eps          float64 // 1e-8
	params       []*Parameter
	m, v         [][]float64
	t            int
}

// NewAdam returns an optimiser of params with PyTorch's Beta1, Beta2 and Eps.
// It panics when there are no parameters, and when lr is negative or NaN.
func NewAdam(params []*Parameter, lr float64) *Adam {
	checkOptimizer("NewAdam", params, lr)
	return &Adam{LR: lr, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, params: params, m: zerosLike(params), v: zerosLike(params)}
}

// Step changes every parameter once. It panics unless each still has the shape
// that it had when the optimiser was made.
func (o *Adam) Step() {
	checkNotNil("Adam.Step", "the receiver", o)
	checkStep("Adam.Step", o.params, o.m)
	o.t++
	rates := simd.AdamRates{
		Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps,
		Step: o.LR / (1 - power(o.Beta1, o.t)),
		Root: math.Sqrt(1 - power(o.Beta2, o.t)),
	}
	for i, p := range o.params {
		simd.Adam(p.Value.data, p.Grad.data, o.m[i], o.v[i], rates)
	}
}

func checkOptimizer(fn string, params []*Parameter, lr float64) {
	if len(params) == 0 {
		failf(fn, "no parameters, want at least 1")
	}
	if !(lr >= 0) {
		failf(fn, "lr is %v, want 0 or more", lr)
	}
	checkParameters(fn, params)
}

// checkStep panics unless each parameter has as many elements as the average
// that belongs to it.
func checkStep(fn string, params []*Parameter, averages [][]float64) {
	checkParameters(fn, params)
	for i, p := range params {
		if len(p.Value.data) != len(averages[i]) {
			failf(fn, "%s has %d elements, want %d as when the optimiser was made", p.Name, len(p.Value.data), len(averages[i]))
		}
	}
}

func zerosLike(params []*Parameter) [][]float64 {
	z := make([][]float64, len(params))
	for i, p := range params {
		z[i] = make([]float64, len(p.Value.data))
	}
	return z
}

// ClipGradNorm returns the Euclidean norm of all gradients taken together, and
// where it is above maxNorm scales them by maxNorm/(norm + 1e-6), as
// torch.nn.utils.clip_grad_norm_. It changes the length, not the direction.
// With maxNorm +Inf it only measures. As in PyTorch, a NaN among the gradients
// makes the norm and all gradients NaN; an infinite one makes the norm infinite,
// the finite gradients 0 and the infinite ones NaN. It panics when maxNorm is
// negative or NaN, and as [ZeroGrad] does.
func ClipGradNorm(params []*Parameter, maxNorm float64) (norm float64) {
	if !(maxNorm >= 0) {
		failf("ClipGradNorm", "maxNorm is %v, want 0 or more", maxNorm)
	}
	checkParameters("ClipGradNorm", params)
	for _, p := range params {
		norm += simd.Dot(p.Grad.data, p.Grad.data)
	}
	if norm = math.Sqrt(norm); norm < 1e-140 || math.IsInf(norm, 1) {
		norm = scaledNorm(params)
	}
	if math.IsInf(maxNorm, 1) {
		return norm
	}
	if scale := maxNorm / (norm + 1e-6); !(scale >= 1) {
		for _, p := range params {
			simd.Scale(scale, p.Grad.data)
		}
	}
	return norm
}

// scaledNorm returns the norm of all gradients where their squares leave the
// range of float64, as they do long before the gradients.
func scaledNorm(params []*Parameter) float64 {
	top := 0.0
	for _, p := range params {
		top = max(top, largest(p.Grad.data))
	}
	if top == 0 || math.IsInf(top, 0) || math.IsNaN(top) {
		return top
	}
	_, e := math.Frexp(top)
	sum := 0.0
	for _, p := range params {
		for _, g := range p.Grad.data {
			g = math.Ldexp(g, -e)
			sum += float64(g * g)
		}
	}
	return math.Ldexp(math.Sqrt(sum), e)
}
