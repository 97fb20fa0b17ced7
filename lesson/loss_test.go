package lesson

import (
	"math"
	"testing"
)

func TestLossCentralDifferences(t *testing.T) {
	z, targets := Randn(newRand(1), 4, 3), []int{2, 0, 1, 1}
	_, d := CrossEntropy(z, targets)
	checkDifferences(t, "cross entropy", func() float64 { l, _ := CrossEntropy(z, targets); return l }, z.data, d.data)
	p, q := Randn(newRand(2), 2, 3, 2), Randn(newRand(3), 2, 3, 2)
	_, d = MSE(p, q)
	checkDifferences(t, "MSE", func() float64 { l, _ := MSE(p, q); return l }, p.data, d.data)
}

// Equal logits are a uniform guess among k classes, which costs ln k.
func TestCrossEntropyOfGuessing(t *testing.T) {
	for _, k := range []int{1, 2, 8, 100} {
		for _, level := range []float64{0, 5, -1e6, 1e300} {
			z := NewTensor(3, k)
			for i := range z.data {
				z.data[i] = level
			}
			if loss, _ := CrossEntropy(z, []int{0, k - 1, k / 2}); math.Abs(loss-math.Log(float64(k))) > 1e-14*(1+math.Log(float64(k))) {
				t.Errorf("%d classes at %v: %v, want ln %d = %v", k, level, loss, k, math.Log(float64(k)))
			}
		}
	}
}

func TestCrossEntropyGradientSumsToZero(t *testing.T) {
	_, d := CrossEntropy(Uniform(newRand(1), -700, 700, 6, 5), []int{0, 1, 2, 3, 4, 0})
	for i := range 6 {
		sum := 0.0
		for _, v := range d.Slice(i).data {
			sum += v
		}
		if math.Abs(sum) > 1e-16 {
			t.Errorf("row %d sums to %v", i, sum)
		}
	}
}

func TestCrossEntropyOfInfinities(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		z      []float64
		target int
		want   float64
	}{
		{[]float64{0, -inf}, 0, 0},   // class 1 is impossible, and not the target
		{[]float64{0, -inf}, 1, inf}, // class 1 is impossible, and the target
		{[]float64{inf, 0}, 0, math.NaN()},
		{[]float64{math.NaN(), 0}, 1, math.NaN()},
		{[]float64{0, math.NaN()}, 0, math.NaN()},
	} {
		loss, _ := CrossEntropy(TensorOf(c.z, 1, 2), []int{c.target})
		if loss != c.want && !(math.IsNaN(loss) && math.IsNaN(c.want)) {
			t.Errorf("logits %v, target %d: %v, want %v", c.z, c.target, loss, c.want)
		}
	}
	if loss, d := MSE(TensorOf([]float64{math.NaN(), 1}, 2), NewTensor(2)); !math.IsNaN(loss) || !math.IsNaN(d.At(0)) || d.At(1) != 1 {
		t.Errorf("MSE of NaN is %v with gradient %v", loss, d)
	}
}

func TestAccuracy(t *testing.T) {
	nan := math.NaN()
	z := TensorOf([]float64{
		1, 2, 0,
		2, 2, 0, // the first of equal ones
		2, 2, 0,
		nan, 5, 0, // wrong whatever the target
		0, nan, 5,
		-3, -2, -1,
	}, 6, 3)
	for _, c := range []struct {
		targets []int
		want    float64
	}{
		{[]int{1, 0, 0, 1, 2, 2}, 4. / 6},
		{[]int{1, 1, 0, 0, 1, 2}, 3. / 6},
		{[]int{0, 2, 2, 2, 0, 0}, 0},
	} {
		if got := Accuracy(z, c.targets); got != c.want {
			t.Errorf("targets %v: %v, want %v", c.targets, got, c.want)
		}
	}
}

func TestLossPanics(t *testing.T) {
	z := NewTensor(2, 3)
	for want, f := range map[string]func(){
		"lesson: CrossEntropy: logits are 2×3×4, want 2 axes (batch, classes)": func() { CrossEntropy(NewTensor(2, 3, 4), []int{0, 0}) },
		"lesson: CrossEntropy: 1 targets for 2 rows of logits, want one each":  func() { CrossEntropy(z, []int{0}) },
		"lesson: CrossEntropy: target 3 of row 1, want 0 to 2":                 func() { CrossEntropy(z, []int{0, 3}) },
		"lesson: CrossEntropy: target -1 of row 0, want 0 to 2":                func() { CrossEntropy(z, []int{-1, 3}) },
		"lesson: Accuracy: target 3 of row 1, want 0 to 2":                     func() { Accuracy(z, []int{0, 3}) },
		"lesson: Accuracy: logits are 3, want 2 axes (batch, classes)":         func() { Accuracy(NewTensor(3), []int{0, 3}) },
		"lesson: MSE: pred is 2×3 and target 3×2, want the same shape":         func() { MSE(z, NewTensor(3, 2)) },
	} {
		wantPanic(t, want, f)
	}
}
