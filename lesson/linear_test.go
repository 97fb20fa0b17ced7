package lesson

import (
	"math"
	"testing"
)

func TestLinearCentralDifferences(t *testing.T) {
	l := NewLinear(newRand(1), 4, 3)
	x, d := Randn(newRand(2), 2, 3, 4), Randn(newRand(3), 2, 3, 3)
	l.Forward(x)
	dx := l.Backward(d)
	f := func() float64 { return dot(l.Forward(x), d) }
	checkDifferences(t, "x.grad", f, x.data, dx.data)
	checkDifferences(t, "weight.grad", f, l.Weight.Value.data, l.Weight.Grad.data)
	checkDifferences(t, "bias.grad", f, l.Bias.Value.data, l.Bias.Grad.data)
}

// PyTorch's initial values: uniform in ±1/√in, whose variance is 1/(3·in).
func TestLinearInitialValues(t *testing.T) {
	const in, out = 64, 500
	l := NewLinear(newRand(1), in, out)
	bound := 1 / math.Sqrt(in)
	for _, p := range l.Parameters() {
		top, variance := 0.0, 0.0
		n := float64(len(p.Value.data))
		for _, v := range p.Value.data {
			top = math.Max(top, math.Abs(v))
			variance += v * v / n
		}
		// The standard error of the mean of v² is bound²·√(4/45)/√n.
		if tolerance := 4 * bound * bound * math.Sqrt(4./45/n); math.Abs(variance-bound*bound/3) > tolerance {
			t.Errorf("%s has variance %v, want %v ± %v", p.Name, variance, bound*bound/3, tolerance)
		}
		if top > bound || top < 0.95*bound {
			t.Errorf("%s reaches %v, want %v", p.Name, top, bound)
		}
	}
}

func TestLinearOutputsAndInputsAreTheCallers(t *testing.T) {
	l := NewLinear(newRand(1), 2, 2)
	x := Randn(newRand(2), 3, 2)
	first := l.Forward(x)
	kept := first.Clone()
	clear(x.data) // before Backward
	dx := l.Backward(first)
	if l.Weight.Grad.data[0] == 0 {
		t.Error("Backward follows a change of the caller's x")
	}
	keptDx := dx.Clone()
	l.Forward(Randn(newRand(3), 3, 2))
	l.Backward(first)
	if MaxAbsDiff(first, kept) != 0 || MaxAbsDiff(dx, keptDx) != 0 {
		t.Error("what the first call returned changed")
	}
}

// A zero does not hide the NaN that it is multiplied with.
func TestLinearPassesNaNOfWeightsOn(t *testing.T) {
	l := NewLinear(newRand(1), 3, 2)
	l.Weight.Value.Set(math.NaN(), 1, 2)
	if y := l.Forward(NewTensor(4, 3)); math.IsNaN(y.At(0, 0)) || !math.IsNaN(y.At(0, 1)) {
		t.Errorf("NaN in the second row of W gives %v for x = 0, want NaN in the second place", y)
	}
}

// NaN in one row makes that row NaN and no other.
func TestLinearPassesNaNOn(t *testing.T) {
	l := NewLinear(newRand(1), 3, 2)
	x := Randn(newRand(2), 3, 3)
	x.Set(math.NaN(), 1, 0)
	for i, v := range l.Forward(x).data {
		if math.IsNaN(v) != (i/2 == 1) {
			t.Errorf("element %d, %d is %v", i/2, i%2, v)
		}
	}
}

func TestLinearAllocatesOnlyWhatItReturns(t *testing.T) {
	l := NewLinear(newRand(1), 16, 4)
	x := NewTensor(8, 16)
	d := l.Forward(x)
	l.Backward(d)
	forward := allocations(20, func() { l.Forward(x) })
	backward := allocations(20, func() { l.Backward(d) })
	if forward > 4 || backward > 4 { // tensor, its shape twice, elements
		t.Errorf("%v allocations in Forward, %v in Backward, want 4 each", forward, backward)
	}
}

func TestLinearPanics(t *testing.T) {
	l := NewLinear(newRand(1), 4, 2)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"lesson: NewLinear: rng is nil, want a source of randomness", func() { NewLinear(nil, 4, 2) }},
		{"lesson: NewLinear: 0 features in and 2 out, want at least 1 of each", func() { NewLinear(newRand(1), 0, 2) }},
		{"lesson: NewLinear: 4 features in and 0 out, want at least 1 of each", func() { NewLinear(newRand(1), 4, 0) }},
		{"lesson: Linear.Backward: no Forward before it", func() { l.Backward(NewTensor(2)) }},
		{"lesson: Linear.Forward: x is 4×3, want InFeatures 4 in the last place", func() { l.Forward(NewTensor(4, 3)) }},
		{"lesson: Linear.Backward: d is 3×4, want 3×2 as Forward returned", func() { l.Forward(NewTensor(3, 4)); l.Backward(NewTensor(3, 4)) }},
	} {
		wantPanic(t, c.want, c.f)
	}
}
