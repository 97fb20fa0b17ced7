package lesson

import (
	"math"
	"testing"
)

func TestSGDFirstSteps(t *testing.T) {
	p := NewParameter("w", TensorOf([]float64{1}, 1))
	sgd := NewSGD([]*Parameter{p}, 0.5, 0.5)
	p.Grad.data[0] = 2
	for i, want := range []float64{0, -1.5, -3.25} { // v = 2, 3, 3.5
		if sgd.Step(); p.Value.data[0] != want {
			t.Errorf("after step %d: %v, want %v", i+1, p.Value.data[0], want)
		}
	}
}

// Whatever the gradient's size, Adam's first step is LR long, but for Eps.
func TestAdamFirstStep(t *testing.T) {
	for _, g := range []float64{1e-3, 5, -1e6} {
		p := NewParameter("w", NewTensor(1))
		adam := NewAdam([]*Parameter{p}, 0.1)
		p.Grad.data[0] = g
		adam.Step()
		if want := -math.Copysign(0.1, g) * math.Abs(g) / (math.Abs(g) + adam.Eps); math.Abs(p.Value.data[0]-want) > 1e-15 {
			t.Errorf("gradient %v: step %v, want %v", g, p.Value.data[0], want)
		}
	}
}

func TestOptimizersLeaveGradientsAndAllocateNothing(t *testing.T) {
	p := NewParameter("w", NewTensor(3, 4))
	for i := range p.Grad.data {
		p.Grad.data[i] = float64(i)
	}
	params := []*Parameter{p}
	for name, o := range map[string]Optimizer{"SGD": NewSGD(params, 0.1, 0.9), "Adam": NewAdam(params, 0.1)} {
		if n := allocations(10, o.Step); n != 0 {
			t.Errorf("%s allocates %v times in a step", name, n)
		}
		if p.Grad.data[5] != 5 {
			t.Errorf("%s changed the gradient to %v", name, p.Grad.data[5])
		}
	}
	if n := allocations(10, func() { ClipGradNorm(params, 1); ZeroGrad(params) }); n != 0 {
		t.Errorf("clipping allocates %v times", n)
	}
}

// Clipping shortens the gradient and keeps its direction, over all parameters.
func TestClipGradNormKeepsTheDirection(t *testing.T) {
	params := []*Parameter{NewParameter("a", NewTensor(2)), NewParameter("b", NewTensor(1))}
	params[0].Grad.data[0], params[0].Grad.data[1], params[1].Grad.data[0] = 2, -3, 6
	if norm := ClipGradNorm(params, 3.5); norm != 7 {
		t.Errorf("norm %v, want 7", norm)
	}
	for i, want := range []float64{1, -1.5, 3} {
		if got := append(params[0].Grad.data[:2:2], params[1].Grad.data...)[i]; math.Abs(got-want) > 1e-6 {
			t.Errorf("element %d is %v, want %v", i, got, want)
		}
	}
}

func TestClipGradNormOfExtremes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		grads   []float64
		maxNorm float64
		norm    float64
		after   []float64
	}{
		{[]float64{3, 4}, inf, 5, []float64{3, 4}},
		{[]float64{inf, 4}, inf, inf, []float64{inf, 4}},     // only measured
		{[]float64{3e200, 4e200}, 5, 5e200, []float64{3, 4}}, // their squares overflow
		{[]float64{3e-200, 4e-200}, 5, 5e-200, []float64{3e-200, 4e-200}},
		{[]float64{0, 0}, 0, 0, []float64{0, 0}},
		{[]float64{inf, 4}, 5, inf, []float64{nan, 0}}, // as PyTorch
		{[]float64{nan, 4}, 5, nan, []float64{nan, nan}},
		{[]float64{nan, inf}, 5, nan, []float64{nan, nan}},
	} {
		p := NewParameter("w", NewTensor(2))
		copy(p.Grad.data, c.grads)
		same := func(a, b float64) bool {
			return a == b || math.Abs(a-b) <= 1e-14*math.Abs(b) || math.IsNaN(a) && math.IsNaN(b)
		}
		norm := ClipGradNorm([]*Parameter{p}, c.maxNorm)
		if !same(norm, c.norm) || !same(p.Grad.data[0], c.after[0]) || !same(p.Grad.data[1], c.after[1]) {
			t.Errorf("%v to %v: norm %v and %v, want %v and %v", c.grads, c.maxNorm, norm, p.Grad.data, c.norm, c.after)
		}
	}
}

func TestOptimPanics(t *testing.T) {
	params := []*Parameter{NewParameter("w", NewTensor(1))}
	for want, f := range map[string]func(){
		"lesson: NewSGD: no parameters, want at least 1":       func() { NewSGD(nil, 0.1, 0) },
		"lesson: NewSGD: lr is -0.1, want 0 or more":           func() { NewSGD(params, -0.1, 0) },
		"lesson: NewSGD: momentum is -1, want 0 or more":       func() { NewSGD(params, 0.1, -1) },
		"lesson: NewSGD: momentum is NaN, want 0 or more":      func() { NewSGD(params, 0.1, math.NaN()) },
		"lesson: NewAdam: no parameters, want at least 1":      func() { NewAdam(nil, 0.1) },
		"lesson: NewAdam: lr is NaN, want 0 or more":           func() { NewAdam(params, math.NaN()) },
		"lesson: ClipGradNorm: maxNorm is -1, want 0 or more":  func() { ClipGradNorm(params, -1) },
		"lesson: ClipGradNorm: maxNorm is NaN, want 0 or more": func() { ClipGradNorm(params, math.NaN()) },
	} {
		wantPanic(t, want, f)
	}
}
