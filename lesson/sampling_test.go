package lesson

import (
	"math"
	"testing"
)

func TestSamplerProbabilities(t *testing.T) {
	// Logits whose softmax is 0.1, 0.4, 0.2, 0.3.
	logits := []float64{math.Log(1), math.Log(4), math.Log(2), math.Log(3)}
	negative := math.Inf(-1)
	for _, c := range []struct {
		how    Sampler
		logits []float64
		want   []float64
	}{
		{Sampler{}, logits, []float64{0, 1, 0, 0}},
		{Sampler{Temperature: 1}, logits, []float64{0.1, 0.4, 0.2, 0.3}},
		{Sampler{Temperature: 0.5}, logits, []float64{1. / 30, 16. / 30, 4. / 30, 9. / 30}},
		{Sampler{Temperature: 1, TopK: 2}, logits, []float64{0, 4. / 7, 0, 3. / 7}},
		{Sampler{Temperature: 1, TopK: 9}, logits, []float64{0.1, 0.4, 0.2, 0.3}},
		{Sampler{Temperature: 1, TopP: 0.65}, logits, []float64{0, 4. / 7, 0, 3. / 7}},
		{Sampler{Temperature: 1, TopP: 0.75}, logits, []float64{0, 4. / 9, 2. / 9, 3. / 9}},
		{Sampler{Temperature: 1, TopP: 1e-9}, logits, []float64{0, 1, 0, 0}},
		{Sampler{Temperature: 1, TopP: 1}, logits, []float64{0.1, 0.4, 0.2, 0.3}},
		// The nucleus of what top-k has left: 4/7 is below 0.6.
		{Sampler{Temperature: 1, TopK: 2, TopP: 0.5}, logits, []float64{0, 1, 0, 0}},
		{Sampler{}, []float64{2, 2, 1}, []float64{1, 0, 0}},
		{Sampler{Temperature: 1, TopK: 1}, []float64{2, 2, 1}, []float64{1, 0, 0}},
		{Sampler{Temperature: 1}, []float64{1e300, -1e300, negative}, []float64{1, 0, 0}},
		{Sampler{Temperature: 1e300}, []float64{5, 3}, []float64{0.5, 0.5}},
	} {
		near(t, "probabilities", c.how.Probabilities(c.logits), c.want, 1e-14)
	}
}

func TestSamplerChooses(t *testing.T) {
	logits := []float64{math.Log(1), math.Log(4), math.Inf(-1), math.Log(3)}
	rng, n := newRand(1), 20000
	how := Sampler{Temperature: 1}
	seen := make([]float64, 4)
	for range n {
		seen[how.Choose(rng, logits)]++
	}
	for i, p := range how.Probabilities(logits) {
		if sd := math.Sqrt(p * (1 - p) / float64(n)); math.Abs(seen[i]/float64(n)-p) > 4*sd {
			t.Errorf("token %d came in %v of %d, want a share of %v", i, seen[i], n, p)
		}
	}
}

func TestSamplerMessages(t *testing.T) {
	z := []float64{1, 2}
	for want, call := range map[string]func(){
		"lesson: Sampler.Probabilities: Temperature is -1, want 0 or more":         func() { Sampler{Temperature: -1}.Probabilities(z) },
		"lesson: Sampler.Probabilities: TopK is -1, want 0 or more":                func() { Sampler{TopK: -1}.Probabilities(z) },
		"lesson: Sampler.Probabilities: TopP is 1.5, want 0 to 1":                  func() { Sampler{TopP: 1.5}.Probabilities(z) },
		"lesson: Sampler.Choose: no logits, want at least 1":                       func() { Sampler{}.Choose(newRand(1), nil) },
		"lesson: Sampler.Choose: rng is nil, want a source of randomness":          func() { Sampler{}.Choose(nil, z) },
		"lesson: Sampler.Probabilities: logit 1 is NaN, want a number":             func() { Sampler{}.Probabilities([]float64{1, math.NaN()}) },
		"lesson: Sampler.Probabilities: all logits are -Inf, want one that is not": func() { Sampler{}.Probabilities([]float64{math.Inf(-1)}) },
	} {
		wantPanic(t, want, call)
	}
}

// FuzzSampler: probabilities are not negative and add up to 1, whatever is asked.
func FuzzSampler(f *testing.F) {
	f.Add(1.0, 2.0, -3.0, 0.7, uint8(2), 0.9)
	f.Add(0.0, math.Copysign(0, -1), 1e308, 5e-324, uint8(0), 5e-324)
	f.Fuzz(func(t *testing.T, a, b, c, temperature float64, k uint8, p float64) {
		how := Sampler{math.Abs(temperature), int(k), math.Abs(math.Mod(p, 1))}
		for _, v := range []float64{a, b, c, temperature, p} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return
			}
		}
		sum, left := 0.0, 0
		for _, v := range how.Probabilities([]float64{a, b, c}) {
			if !(v >= 0) {
				t.Fatalf("%+v gives %v", how, v)
			}
			if sum += v; v > 0 {
				left++
			}
		}
		if math.Abs(sum-1) > 1e-12 || k > 0 && left > int(k) {
			t.Errorf("%+v: sum %v, %d tokens", how, sum, left)
		}
	})
}
